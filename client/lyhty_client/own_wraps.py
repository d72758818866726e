"""How a reporter opens the own copy of a case key that the server hands back (SPEC 3.2, 3.3)."""

from typing import Final

from lyhty_client.conversation import Unwrap
from lyhty_crypto.passphrase import ReporterKeys
from lyhty_crypto.wrapping import self_unwrap, unwrap_key
from lyhty_wire.ids import Generation
from lyhty_wire.records import ResumedGeneration
from lyhty_wire.rosters import Roster
from lyhty_wire.wraps import Wrap

_FIRST: Final = Generation(1)


def unwrap_own(generation: ResumedGeneration, keys: ReporterKeys) -> Unwrap:
    """The reporter's own copy: a self-wrap in generation 1, a wrap to the reporter's KEM key in later ones. None if the
    server hands out none: then a link leads to the key."""

    def unwrap(roster: Roster) -> bytes | None:
        if not generation.own_wrap:
            return None
        roster.check_self_wrap(generation.own_wrap)
        if roster.generation == _FIRST:
            return self_unwrap(
                generation.own_wrap, keys.wrap,
                instance=roster.instance, case=roster.case, generation=_FIRST, expected=roster.commitment,
            )  # fmt: skip
        return unwrap_key(Wrap.decode(generation.own_wrap), keys.kem, instance=roster.instance, subject=roster.case)

    return unwrap
