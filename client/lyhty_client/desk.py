"""The experts' HTTP API as calls, and the live feed (SPEC 9). No keys and no rules."""

import ssl
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Final, Literal, Self, TypeVar

import aiohttp
import msgspec

from lyhty_client.errors import ClientError, ConnectionLostError, ForgottenError, RefusedError
from lyhty_client.trust import Site, client_session
from lyhty_wire.codes import Code
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import EXPERT_ID_BYTES, HASH_BYTES, CaseId, ExpertId, QueueId

PAGE: Final = 50
MAX_EVENT_BYTES: Final = 16_384

T = TypeVar("T")


class Place(msgspec.Struct, frozen=True):
    """One case in one queue, as the server sees it."""

    case: str
    queue: int
    urgent: bool
    state: Literal["waiting", "held", "closed"]
    holder: str | None
    lease_until: int | None
    opened_hour: int
    seq: int
    last_seq: int
    card: str
    card_wrap: str

    @property
    def case_id(self) -> CaseId:
        return CaseId(b64decode(self.case, HASH_BYTES))

    @property
    def queue_id(self) -> QueueId:
        return QueueId(self.queue)

    @property
    def holder_id(self) -> ExpertId | None:
        return None if self.holder is None else ExpertId(b64decode(self.holder, EXPERT_ID_BYTES))


class QueuePage(msgspec.Struct, frozen=True):
    cases: list[Place]
    next: str | None


class OpenedPlace(msgspec.Struct, frozen=True):
    """What the holder of a place gets: rosters and wraps of all generations, the wraps for this queue."""

    place: Place
    rosters: list[str]
    wraps: list[str]
    sign_pk: str


class StoredEnvelope(msgspec.Struct, frozen=True):
    seq: int
    envelope: str


class EnvelopePage(msgspec.Struct, frozen=True):
    envelopes: list[StoredEnvelope]
    more: bool


class Challenge(msgspec.Struct, frozen=True):
    challenge: str
    salt: str
    m_kib: int
    t: int
    p: int


class SignedIn(msgspec.Struct, frozen=True):
    token: str
    expert: str
    keys: str
    queue_wraps: list[str]


class FeedEvent(msgspec.Struct, frozen=True):
    """`ready`, `refused`, `place`, `envelope`, `erased`, or something newer to be passed over."""

    type: str
    place: Place | None = None
    case: str | None = None
    seq: int | None = None
    code: str | None = None


class _Seq(msgspec.Struct, frozen=True):
    seq: int


class _Problem(msgspec.Struct, frozen=True):
    code: str


class _Empty(msgspec.Struct, frozen=True):
    pass


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

    async def finish_sign_in(self, challenge: str, name: str, proof: bytes) -> SignedIn:
        finish = {"challenge": challenge, "name": name, "proof": b64encode(proof)}
        signed_in = await self._ask("POST", "/api/sign-in/finish", SignedIn, finish)
        self._token = signed_in.token
        return signed_in

    async def sign_out(self) -> None:
        await self._ask("POST", "/api/sign-out", _Empty, {})
        self._token = None

    async def queue(self, queue: QueueId, after: str | None = None, limit: int = PAGE) -> QueuePage:
        cursor = "" if after is None else f"after={after}&"
        return await self._ask("GET", f"/api/queues/{queue}?{cursor}limit={limit}", QueuePage)

    async def claim(self, case: CaseId, queue: QueueId) -> OpenedPlace:
        return await self._ask("POST", f"{_place(case, queue)}/claim", OpenedPlace, {})

    async def opened(self, case: CaseId, queue: QueueId) -> OpenedPlace:
        return await self._ask("GET", _place(case, queue), OpenedPlace)

    async def release(self, case: CaseId, queue: QueueId) -> Place:
        return await self._ask("POST", f"{_place(case, queue)}/release", Place, {})

    async def close(self, case: CaseId, queue: QueueId) -> Place:
        return await self._ask("POST", f"{_place(case, queue)}/close", Place, {})

    async def envelopes(self, case: CaseId, after: int, limit: int = PAGE) -> EnvelopePage:
        return await self._ask("GET", f"{_envelopes(case)}?after={after}&limit={limit}", EnvelopePage)

    async def put(self, case: CaseId, envelope: bytes) -> int:
        return (await self._ask("PUT", _envelopes(case), _Seq, envelope)).seq

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
        except aiohttp.ClientError as error:
            raise ConnectionLostError(str(error)) from None
        raise ConnectionLostError("the feed has ended")

    async def _ask(self, method: str, path: str, answer: type[T], body: dict[str, str] | bytes | None = None) -> T:
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token}"}
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/octet-stream"
        elif body is not None:
            headers["Content-Type"] = "application/json"
            body = msgspec.json.encode(body)
        try:
            async with self._http.request(
                method, self._site.url + path, data=body, headers=headers, allow_redirects=False
            ) as response:
                raw = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ConnectionLostError(str(error)) from None
        if response.status != 200:
            raise _refusal(response.status, raw)
        return _decode(raw, answer)


def _refusal(status: int, raw: bytes) -> ClientError:
    try:
        code = msgspec.json.decode(raw, type=_Problem).code
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


def _envelopes(case: CaseId) -> str:
    return f"/api/cases/{b64encode(case)}/envelopes"
