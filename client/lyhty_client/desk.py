"""The experts' HTTP API as calls, and the live feed (SPEC 9). No keys and no rules."""

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import quote, urlencode

import aiohttp
import msgspec

from lyhty_client.errors import ClientError, ConnectionLostError, ForgottenError, RefusedError
from lyhty_client.trust import Site, client_session
from lyhty_crypto.turning import PreparedTurn
from lyhty_wire import figures_desk
from lyhty_wire.audit import Entry
from lyhty_wire.codes import Code
from lyhty_wire.desk import (
    Appended,
    Apply,
    AuditPage,
    Certified,
    Challenge,
    ChangeUnlock,
    ClosedPage,
    ConsultationPage,
    Done,
    Ended,
    EnvelopePage,
    EpochsInUse,
    ForTurn,
    Founding,
    FoundingAct,
    Invitations,
    KeyAct,
    NewInvitation,
    NewUnlockTerms,
    OpenedPlace,
    OpenInvitation,
    OwnEntry,
    OwnWraps,
    Place,
    Problem,
    QueueCounts,
    QueuePage,
    Renewals,
    SealedRoom,
    SealedRooms,
    Session,
    Sessions,
    SignedIn,
    Snooze,
    Snoozing,
    Turn,
    UnturnedPage,
    WaitingInvitation,
    Witness,
    Witnessed,
)
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import CaseId, ExpertId, QueueId, RoomId
from lyhty_wire.kit_desk import Kit, PaperFormat, PaperLanguage, PaperName
from lyhty_wire.organisation_desk import Imported, Organisations
from lyhty_wire.viewing import NewViewerInvitation

PAGE: Final = 50
MAX_EVENT_BYTES: Final = 16_384

T = TypeVar("T")
Body = Mapping[str, object] | msgspec.Struct | bytes | None


class FeedEvent(msgspec.Struct, frozen=True):
    """One of the feed's (`lyhty_wire.desk.FeedMessage`), or something newer to be passed over."""

    type: str
    place: Place | None = None
    case: str | None = None
    seq: int | None = None
    queue: int | None = None
    code: str | None = None
    here: bool | None = None
    version: int | None = None
    room: str | None = None
    kind: str | None = None
    invitation: str | None = None


class Desk:
    """`async with Desk(site) as desk:`; the token lives in this object and nowhere else."""

    def __init__(self, site: Site, tls: ssl.SSLContext | None = None) -> None:
        self._site = site
        self._http = client_session(tls)
        self._token: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def start_sign_in(self, name: str) -> Challenge:
        return await self._ask("POST", "/api/sign-in/start", Challenge, {"name": name})

    async def finish_sign_in(self, challenge: str, name: str, proof: bytes, work: bytes | None) -> SignedIn:
        finish = {"challenge": challenge, "name": name, "proof": b64encode(proof)}
        if work is not None:
            finish["work"] = b64encode(work)
        signed_in = await self._ask("POST", "/api/sign-in/finish", SignedIn, finish)
        self._token = signed_in.token
        return signed_in

    async def sign_out(self) -> None:
        try:
            await self._ask("POST", "/api/sign-out", Done)
        except RefusedError as refused:
            if refused.code != "not-signed-in":  # it has run out by itself
                raise
        self._token = None

    async def begin_unlock(self) -> NewUnlockTerms:
        return await self._ask("POST", "/api/unlock/start", NewUnlockTerms)

    async def change_unlock(self, change: ChangeUnlock) -> Ended:
        """The same may be sent again."""
        return await self._ask("POST", "/api/unlock", Ended, change)

    async def renewals(self) -> Renewals:
        return await self._ask("GET", "/api/renewals", Renewals)

    async def own_wraps(self) -> OwnWraps:
        return await self._ask("GET", "/api/own-wraps", OwnWraps)

    async def certify(self, act: KeyAct) -> Certified:
        return await self._ask("POST", "/api/directory", Certified, act)

    async def founding(self) -> bytes:
        """The founding packet, while nobody is in the directory."""
        return b64decode((await self._ask("GET", "/api/founding", Founding)).packet)

    async def found(self, act: FoundingAct) -> Certified:
        return await self._ask("POST", "/api/founding", Certified, act)

    async def invite(self, invitation: NewInvitation) -> None:
        await self._ask("POST", "/api/invitations", Done, invitation)

    async def invitations(self) -> list[WaitingInvitation]:
        return (await self._ask("GET", "/api/invitations", Invitations)).invitations

    async def withdraw(self, invitation: bytes) -> None:
        await self._ask("POST", f"/api/invitations/{b64encode(invitation)}/withdraw", Done)

    async def invitation(self, invitation: bytes) -> OpenInvitation:
        """For whoever has the link; nobody needs to sign in."""
        return await self._ask("GET", f"/api/invitations/{b64encode(invitation)}", OpenInvitation)

    async def apply(self, invitation: bytes, application: bytes) -> None:
        body = Apply(b64encode(application))
        await self._ask("POST", f"/api/invitations/{b64encode(invitation)}/application", Done, body)

    async def sessions(self) -> list[Session]:
        """Where this expert is signed in."""
        return (await self._ask("GET", "/api/sessions", Sessions)).sessions

    async def end_session(self, session: str) -> None:
        await self._ask("POST", f"/api/sessions/{session}/end", Done)

    async def end_other_sessions(self) -> int:
        """How many there were."""
        return (await self._ask("POST", "/api/sessions/end-others", Ended)).ended

    async def end_sessions_of(self, expert: ExpertId) -> int:
        """For coordinators. How many there were."""
        return (await self._ask("POST", f"/api/experts/{b64encode(expert)}/sessions/end", Ended)).ended

    async def queue(self, queue: QueueId, after: str | None = None, limit: int = PAGE) -> QueuePage:
        cursor = "" if after is None else f"after={after}&"
        return await self._ask("GET", f"/api/queues/{queue}?{cursor}limit={limit}", QueuePage)

    async def claim(self, case: CaseId, queue: QueueId) -> OpenedPlace:
        return await self._ask("POST", f"{_place(case, queue)}/claim", OpenedPlace)

    async def counts(self, queue: QueueId) -> QueueCounts:
        return await self._ask("GET", f"/api/queues/{queue}/counts", QueueCounts)

    async def closed(self, queue: QueueId, before: int | None = None, limit: int = PAGE) -> ClosedPage:
        """Newest closed first; `before` is the `closed_nth` where the last page ended."""
        cursor = "" if before is None else f"before={before}&"
        return await self._ask("GET", f"/api/queues/{queue}/closed?{cursor}limit={limit}", ClosedPage)

    async def reopen(self, case: CaseId, queue: QueueId) -> OpenedPlace:
        return await self._ask("POST", f"{_place(case, queue)}/reopen", OpenedPlace)

    async def snooze(self, case: CaseId, queue: QueueId, snooze: Snooze | None) -> Place:
        """None takes it up again."""
        return await self._ask("POST", f"{_place(case, queue)}/snooze", Place, Snoozing(snooze))

    async def opened(self, case: CaseId, queue: QueueId) -> OpenedPlace:
        return await self._ask("GET", _place(case, queue), OpenedPlace)

    async def release(self, case: CaseId, queue: QueueId) -> Place:
        return await self._ask("POST", f"{_place(case, queue)}/release", Place)

    async def close(self, case: CaseId, queue: QueueId) -> Place:
        return await self._ask("POST", f"{_place(case, queue)}/close", Place)

    async def envelopes(self, case: CaseId, after: int, limit: int = PAGE) -> EnvelopePage:
        return await self._ask("GET", f"{_envelopes(case)}?after={after}&limit={limit}", EnvelopePage)

    async def put(
        self, case: CaseId, envelope: bytes, answers: QueueId | None = None, entry: Entry | None = None
    ) -> int:
        """`answers`: the queue whose promised answer this is (SPEC 9.5). `entry`: of an opening (9.10)."""
        said = {
            **({} if answers is None else {"answers": str(answers)}),
            **({} if entry is None else {"entry": b64encode(entry.encode())}),
        }
        query = f"?{urlencode(said)}" if said else ""
        return (await self._ask("PUT", _envelopes(case) + query, Appended, envelope)).seq

    async def audit(self, after: int) -> AuditPage:
        """The audit log from there on; for coordinators."""
        return await self._ask("GET", f"/api/audit?after={after}", AuditPage)

    async def own_entry(self) -> bytes | None:
        entry = (await self._ask("GET", "/api/audit/own", OwnEntry)).entry
        return None if entry is None else b64decode(entry)

    async def witness(self, entry: Entry) -> int:
        """Its place in the log."""
        return (await self._ask("POST", "/api/audit", Witnessed, Witness(b64encode(entry.encode())))).seq

    async def statistics_keys(self) -> figures_desk.StatisticsKeys:
        return await self._ask("GET", "/api/statistics-key", figures_desk.StatisticsKeys)

    async def state_statistics_key(self, stated: figures_desk.StateStatisticsKey) -> None:
        await self._ask("PUT", "/api/statistics-key", Done, stated)

    async def contribute(self, contributed: figures_desk.Contributed) -> None:
        await self._ask("PUT", "/api/contributions", Done, contributed)

    async def contributions(self, after: str | None) -> figures_desk.ContributionPage:
        """For coordinators."""
        query = "" if after is None else f"?after={after}"
        return await self._ask("GET", f"/api/contributions{query}", figures_desk.ContributionPage)

    async def remove_contributions(self, tokens: Sequence[bytes]) -> None:
        body = figures_desk.RemoveContributions([b64encode(token) for token in tokens])
        await self._ask("POST", "/api/contributions/remove", Done, body)

    async def releases(self) -> list[str]:
        """The periods."""
        return (await self._ask("GET", "/api/releases", figures_desk.ReleasedPeriods)).periods

    async def release_of(self, period: str) -> bytes:
        return b64decode((await self._ask("GET", f"/api/releases/{period}", figures_desk.SignedRelease)).release)

    async def publish(self, period: str, release: bytes) -> None:
        await self._ask("PUT", f"/api/releases/{period}", Done, release)

    async def open_room(self, case: CaseId, kind: str, roster: bytes, wraps: Sequence[bytes], envelope: bytes) -> int:
        body = {
            "kind": kind,
            "roster": b64encode(roster),
            "wraps": [b64encode(wrap) for wrap in wraps],
            "envelope": b64encode(envelope),
        }
        return (await self._ask("POST", f"/api/cases/{b64encode(case)}/rooms", Appended, body)).seq

    async def rooms(self, case: CaseId) -> list[SealedRoom]:
        return (await self._ask("GET", f"/api/cases/{b64encode(case)}/rooms", SealedRooms)).rooms

    async def consultations(self, queue: QueueId, after: str | None = None, limit: int = PAGE) -> ConsultationPage:
        cursor = "" if after is None else f"after={after}&"
        return await self._ask("GET", f"/api/queues/{queue}/consultations?{cursor}limit={limit}", ConsultationPage)

    async def room_envelopes(self, room: RoomId, after: int, limit: int = PAGE) -> EnvelopePage:
        return await self._ask("GET", f"{_room(room)}/envelopes?after={after}&limit={limit}", EnvelopePage)

    async def put_in_room(self, room: RoomId, envelope: bytes) -> int:
        return (await self._ask("PUT", f"{_room(room)}/envelopes", Appended, envelope)).seq

    async def end_room(self, room: RoomId) -> None:
        await self._ask("POST", f"{_room(room)}/end", Done)

    async def epochs_in_use(self) -> EpochsInUse:
        return await self._ask("GET", "/api/epochs", EpochsInUse)

    async def unturned(self, queue: QueueId, after: str | None = None, limit: int = PAGE) -> UnturnedPage:
        cursor = "" if after is None else f"after={after}&"
        return await self._ask("GET", f"/api/queues/{queue}/unturned?{cursor}limit={limit}", UnturnedPage)

    async def for_turn(self, case: CaseId, queue: QueueId) -> ForTurn:
        return await self._ask("GET", _turn(case, queue), ForTurn)

    async def envelopes_for_turn(self, case: CaseId, queue: QueueId, after: int, limit: int = PAGE) -> EnvelopePage:
        query = f"after={after}&limit={limit}"
        return await self._ask("GET", f"{_turn(case, queue)}/envelopes?{query}", EnvelopePage)

    async def turn(self, case: CaseId, queue: QueueId, last_seq: int, turn: PreparedTurn) -> int:
        body = Turn(
            last_seq=last_seq,
            roster=b64encode(turn.roster.encode()),
            own_wrap=b64encode(turn.own_wrap.encode()),
            link=b64encode(turn.link),
            wraps=[b64encode(wrap.encode()) for wrap in turn.case_wraps],
            card_wraps=[b64encode(wrap.encode()) for wrap in turn.card_wraps],
            envelope=b64encode(turn.message.envelope),
        )
        return (await self._ask("POST", _turn(case, queue), Appended, body)).seq

    async def trust(self) -> bytes:
        """The trust bundle, for whoever verifies it."""
        return await self._bytes("GET", "/api/trust", None)

    async def feed(self) -> AsyncIterator[FeedEvent]:
        """What happens from now on. The first event is `ready`: from then on nothing is missed while this is read."""
        if self._token is None:
            raise ForgottenError("not-signed-in")
        try:
            async with self._http.ws_connect(
                self._site.socket_url + "/feed", compress=0, max_msg_size=MAX_EVENT_BYTES
            ) as socket:
                await socket.send_json({"token": self._token})
                async for message in socket:
                    event = _decode(message.data, FeedEvent)
                    if event.type == "refused":
                        raise RefusedError(_known(event.code or ""))
                    yield event
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ConnectionLostError(str(error)) from None
        raise ConnectionLostError("the feed has ended")

    async def organisations(self) -> Organisations:
        """For coordinators, as the next."""
        found = await self._ask("GET", "/api/organisations", Organisations)
        if not found.is_whole():
            raise ClientError("route-unknown", "the organisations are not a tree")
        return found

    async def import_organisations(self, file: bytes, *, dry_run: bool) -> Imported:
        """All of it or, with a problem, nothing."""
        return await self._ask("POST", f"/api/organisations/import?dry_run={str(dry_run).lower()}", Imported, file)

    async def invite_viewer(self, invitation: NewViewerInvitation) -> None:
        """For coordinators."""
        await self._ask("POST", "/api/viewers/invitations", Done, invitation)

    async def kit(self, school: str) -> Kit:
        return await self._ask("GET", f"/api/kits/{quote(school, safe='')}", Kit)

    async def paper(self, school: str, paper: PaperName, language: PaperLanguage, kind: PaperFormat) -> bytes:
        """Made on the spot, which takes the server a second."""
        query = urlencode({"language": language, "format": kind})
        return await self._bytes("GET", f"/api/kits/{quote(school, safe='')}/{paper}?{query}", None)

    async def _ask(self, method: str, path: str, answer: type[T], body: Body = None) -> T:
        return _decode(await self._bytes(method, path, body), answer)

    async def _bytes(self, method: str, path: str, body: Body) -> bytes:
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token}"}
        data = body if isinstance(body, bytes) else None
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/octet-stream"
        elif body is not None:
            headers["Content-Type"] = "application/json"
            data = msgspec.json.encode(body)
        try:
            async with self._http.request(
                method, self._site.url + path, data=data, headers=headers, allow_redirects=False
            ) as response:
                raw = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ConnectionLostError(str(error)) from None
        if response.status != 200:
            raise _refusal(response.status, raw)
        return raw


def _refusal(status: int, raw: bytes) -> ClientError:
    try:
        code = msgspec.json.decode(raw, type=Problem).code
    except msgspec.MsgspecError:
        # A proxy in between answers in its own words, and only when it cannot reach the server.
        return ConnectionLostError(f"status {status}")
    return RefusedError(_known(code))


def _known(code: str) -> str:
    try:
        return Code.from_text(code).text
    except KeyError:
        return Code.INTERNAL.text


def _decode(raw: bytes | str, answer: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=answer)
    except msgspec.MsgspecError as error:
        raise ClientError("route-unknown", f"the answer is not one of this version: {error}") from None


def _place(case: CaseId, queue: QueueId) -> str:
    return f"/api/cases/{b64encode(case)}/places/{queue}"


def _room(room: RoomId) -> str:
    return f"/api/rooms/{b64encode(room)}"


def _turn(case: CaseId, queue: QueueId) -> str:
    return f"/api/cases/{b64encode(case)}/turn/{queue}"


def _envelopes(case: CaseId) -> str:
    return f"/api/cases/{b64encode(case)}/envelopes"
