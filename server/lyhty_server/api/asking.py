"""From the table of routes to aiohttp: reads what was asked as the table says, or refuses it (SPEC 7, 9).

Whoever asks for something of the desk is known before anything else is looked at.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Generic, cast

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec import NODEFAULT, Struct

from lyhty_server.api.context import Server
from lyhty_server.api.files import File
from lyhty_server.api.newer_trust import take_newer_trust
from lyhty_server.api.routes import MAX_BODY_BYTES, Answer, Body, Params, Route
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.key_acts import check_coordinator
from lyhty_server.store.viewer_rows import ViewerRow
from lyhty_wire.codes import Code
from lyhty_wire.encoding import b64decode
from lyhty_wire.ids import ExpertId

BODY_WITHIN_S: Final = web.AppKey("body_within_s", float)
KEPT: Final = "private, no-cache"
MAX_DIGITS: Final = 10  # of a u32
_QUEUE: Final = "queue"


@dataclass(frozen=True, slots=True)
class Asked(Generic[Params, Body]):
    params: Params
    body: Body


@dataclass(frozen=True, slots=True)
class AskedByExpert(Asked[Params, Body]):
    expert: ExpertId
    token: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it comes. `saved_as`: the name of a file to keep; None: for the page that asks."""

    body: bytes
    content_type: str
    saved_as: str | None = None

    @property
    def tag(self) -> str:
        return f'"{sha256(self.body).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True)
class AskedByViewer(Asked[Params, Body]):
    viewer: ViewerRow
    token: bytes


@dataclass(frozen=True, slots=True)
class AskedBySeer(Asked[Params, Body]):
    """By who may see figures: a viewer, or a coordinator."""

    seer: str | None
    """The body that a viewer is of; None: a coordinator."""


def open_to_all(
    route: Route[Params, Body, Answer], call: Callable[[Asked[Params, Body]], Awaitable[Answer]]
) -> Handler:
    assert not route.needs_sign_in
    read = _reader(route)

    async def handler(request: web.Request) -> web.StreamResponse:
        return _response(await call(Asked(*await read(request))))

    return handler


def as_it_stands(route: Route[Params, Body, Answer], serve: Handler) -> Handler:
    """For an answer whose bytes are ready: what is asked is looked at all the same."""
    read = _reader(route)

    async def handler(request: web.Request) -> web.StreamResponse:
        await read(request)
        return await serve(request)

    return handler


def for_experts(
    route: Route[Params, Body, Answer],
    server: Server,
    call: Callable[[AskedByExpert[Params, Body]], Awaitable[Answer]],
) -> Handler:
    assert route.needs_sign_in
    read = _reader(route)

    async def handler(request: web.Request) -> web.StreamResponse:
        token = bearer(request.headers.get("Authorization", ""))
        if route.method != "GET":
            # Whoever was let go at another process does nothing more here, though its news may not have come (SPEC 9.1)
            await take_newer_trust(server)
        expert = await server.sessions.whose(token, server.clock())
        server.trust.expert(expert)
        return _response(await call(AskedByExpert(*await read(request), expert, token)))

    return handler


def for_viewers(
    route: Route[Params, Body, Answer],
    server: Server,
    call: Callable[[AskedByViewer[Params, Body]], Awaitable[Answer]],
) -> Handler:
    assert route.needs_sign_in
    read = _reader(route)

    async def handler(request: web.Request) -> web.StreamResponse:
        token = bearer(request.headers.get("Authorization", ""))
        viewer = await _viewer(server, token)
        return _response(await call(AskedByViewer(*await read(request), viewer, token)))

    return handler


def for_seers(
    route: Route[Params, Body, Answer],
    server: Server,
    call: Callable[[AskedBySeer[Params, Body]], Awaitable[Answer]],
) -> Handler:
    """For viewers and coordinators; whose figures they see, `viewing.py` says."""
    assert route.needs_sign_in
    read = _reader(route)

    async def handler(request: web.Request) -> web.StreamResponse:
        seer = await seer_of(server, bearer(request.headers.get("Authorization", "")))
        return _response(await call(AskedBySeer(*await read(request), seer)))

    return handler


def for_seers_as_it_comes(
    route: Route[Params, Body, Answer],
    server: Server,
    call: Callable[[AskedBySeer[Params, Body]], Awaitable[Kept]],
) -> Handler:
    """For an answer whose bytes are ready, and which a browser may keep: asked for by its tag, it is not sent again."""
    assert route.needs_sign_in
    assert route.is_kept
    read = _reader(route)

    async def handler(request: web.Request) -> web.StreamResponse:
        seer = await seer_of(server, bearer(request.headers.get("Authorization", "")))
        kept = await call(AskedBySeer(*await read(request), seer))
        headers = {"ETag": kept.tag, "Cache-Control": KEPT}
        if request.headers.get("If-None-Match") == kept.tag:
            return web.Response(status=304, headers=headers)
        if kept.saved_as is not None:
            headers["Content-Disposition"] = f'attachment; filename="{kept.saved_as}"'
        return web.Response(body=kept.body, content_type=kept.content_type, charset="utf-8", headers=headers)

    return handler


async def seer_of(server: Server, token: bytes) -> str | None:
    """The body that a viewer is of; None: a coordinator.

    Raises:
        DomainError: `not-signed-in`; `not-coordinator`, of any other expert.
    """
    if await server.viewer_sessions.is_signed_in(token, server.clock()):
        return (await _viewer(server, token)).organisation
    expert = await server.sessions.whose(token, server.clock())
    check_coordinator(server.trust.directory, server.trust.expert(expert).id)
    return None


async def _viewer(server: Server, token: bytes) -> ViewerRow:
    """Who is removed is refused from the next question on, whatever becomes of their sessions (SPEC 12.2)."""
    viewer = await server.store.viewer(await server.viewer_sessions.whose(token, server.clock()))
    if viewer is None:
        raise DomainError(Code.NOT_SIGNED_IN)
    return viewer


def bearer(authorization: str) -> bytes:
    """The token of the Authorization header.

    Raises:
        DomainError: `not-signed-in`, also for what is not a token at all.
    """
    scheme, _, text = authorization.partition(" ")
    if scheme != "Bearer" or len(text) != 43:
        raise DomainError(Code.NOT_SIGNED_IN)
    return b64decode(text, 32, code=Code.NOT_SIGNED_IN.text)


def _response(answer: object) -> web.Response:
    if isinstance(answer, File):
        return web.Response(body=answer, headers=answer.headers)
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json", charset="utf-8")


def _reader(route: Route[Params, Body, Answer]) -> Callable[[web.Request], Awaitable[tuple[Params, Body]]]:
    fields = [_Field(each, in_path=f"{{{each.name}}}" in route.path) for each in msgspec.structs.fields(route.params)]
    in_query = {field.name for field in fields if not field.in_path}
    decode_body = _body_decoder(route.body)

    async def read(request: web.Request) -> tuple[Params, Body]:
        query = request.query
        # A name twice, or one that means nothing, would be a second spelling of the same question.
        if len(query) != len(set(query)) or not in_query.issuperset(query):
            raise DomainError(Code.OPERATION_MALFORMED)
        params = route.params(**{field.name: field.read(request) for field in fields})
        return params, decode_body(
            b"" if route.body is type(None) else await _whole_body(request, route.max_body_bytes)
        )

    return read


async def _whole_body(request: web.Request, max_bytes: int) -> bytes:
    if max_bytes != MAX_BODY_BYTES:
        request = request.clone(client_max_size=max_bytes)
    try:
        async with asyncio.timeout(request.app[BODY_WITHIN_S]):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None


class _Field:
    """One parameter: where it stands in the address, and what it must look like."""

    __slots__ = ("_default", "_is_number", "_type", "in_path", "name")

    def __init__(self, field: msgspec.structs.FieldInfo, *, in_path: bool) -> None:
        self.name = field.name
        self.in_path = in_path
        self._type = field.type
        self._default = field.default
        self._is_number = isinstance(msgspec.inspect.type_info(field.type), msgspec.inspect.IntType)

    def read(self, request: web.Request) -> object:
        texts = request.match_info if self.in_path else request.query
        text = texts.get(self.name)
        if text is None and self._default is not NODEFAULT:
            return self._default
        try:
            return msgspec.convert(_number(text) if self._is_number else _printable(text), self._type)
        except (ValueError, msgspec.ValidationError):
            # A queue that cannot be is refused as one that is not there.
            raise DomainError(Code.QUEUE_UNKNOWN if self.name == _QUEUE else Code.OPERATION_MALFORMED) from None


def _number(text: str | None) -> int:
    digits = _printable(text)
    if not digits.isdigit() or len(digits) > MAX_DIGITS:
        raise ValueError("not a number")
    return int(digits)


def _printable(text: str | None) -> str:
    """Control characters are no part of anything, and `$` in a pattern would let a line's end pass."""
    if text is None or not text.isascii() or not text.isprintable():
        raise ValueError("not printable")
    return text


def _body_decoder(body: type[Body]) -> Callable[[bytes], Body]:
    if issubclass(body, Struct):
        decoder = msgspec.json.Decoder(body)

        def decode(raw: bytes) -> Body:
            try:
                return decoder.decode(raw)
            except UnicodeDecodeError:  # the one complaint msgspec does not make a MsgspecError of
                raise DomainError(Code.OPERATION_MALFORMED) from None

        return decode
    return cast("Callable[[bytes], Body]", _as_it_is if body is bytes else _nothing)


def _as_it_is(raw: bytes) -> Any:
    return raw


def _nothing(_raw: bytes) -> Any:
    return None
