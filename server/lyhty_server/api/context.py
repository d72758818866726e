"""What the handlers share: one object, made by the composition root."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from lyhty_server.api.challenges import Challenges
from lyhty_server.api.gate import Gate
from lyhty_server.api.guesses import Guesses
from lyhty_server.api.hub import Hub
from lyhty_server.api.lookout import Lookout
from lyhty_server.api.presence import Presence
from lyhty_server.api.room import Room
from lyhty_server.api.sessions import Sessions
from lyhty_server.api.slots import SlotClock
from lyhty_server.api.webauthn import Verifier
from lyhty_server.clock import Clock
from lyhty_server.domain.calendar import Calendar
from lyhty_server.domain.leases import lease_until
from lyhty_server.domain.wrong_clocks import within_life
from lyhty_server.journal import Journal
from lyhty_server.municipal import Municipal
from lyhty_server.notices import Notices
from lyhty_server.paper.press import Press
from lyhty_server.pepper import Pepper
from lyhty_server.report_notices import ReportNotices
from lyhty_server.store.room_rows import WholeStore
from lyhty_server.trust import Trust, TrustKeeper
from lyhty_wire.ids import ExpertId, InstanceId, ViewerId


@dataclass(frozen=True, slots=True)
class Server:
    instance: InstanceId
    store: WholeStore
    keeper: TrustKeeper
    founding: str | None
    """The founding packet, in base64url."""
    pepper: Pepper
    gate: Gate
    room: Room
    hub: Hub
    presence: Presence
    lookout: Lookout
    sessions: Sessions[ExpertId]
    viewer_sessions: Sessions[ViewerId]
    municipal: Municipal | None
    """None: viewers come in by password alone."""
    challenges: Challenges
    verifier: Verifier
    needs_second_factor: bool
    guesses: Guesses
    slots: SlotClock
    capacity: int
    """Places an expert may hold at one time, without those that are snoozed."""
    clock: Clock
    calendar: Calendar
    lease_working_s: int
    draw: Callable[[int], bytes]
    journal: Journal
    notices: Notices
    report_notices: ReportNotices
    press: Press
    site: str | None
    """The address people open, as `https://name`; None: nobody has said."""
    spawn: Callable[[Coroutine[object, object, object]], None]
    """Runs to its end in the background; what it raises is journaled."""

    @property
    def trust(self) -> Trust:
        """Always the newest: do not keep it over an `await`."""
        return self.keeper.newest

    def recorded_s(self) -> int:
        """Now, as it is stored of an event: a clock that has jumped leaves no trace in a case (SPEC 9)."""
        directory = self.trust.directory.body
        return within_life(self.clock(), directory.issued, directory.expires)

    def lease_until_s(self, from_s: int | None = None) -> int:
        """Of a claim made now, or of work done now (SPEC 9); or from another moment on."""
        return lease_until(self.calendar, self.clock() if from_s is None else from_s, self.lease_working_s)
