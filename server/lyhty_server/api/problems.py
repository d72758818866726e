"""Every refusal as a stable code (SPEC 7). A bug is `internal`; nothing else is ever turned into one."""

import asyncio
from typing import Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.watching import OWN_FAULTS
from lyhty_server.journal import Journal
from lyhty_wire.codes import Code
from lyhty_wire.errors import WireError

RETRY_AFTER_S: Final = 1  # the write queue empties within one commit; a second is plenty

_BY_STATUS: Final = {404: Code.ROUTE_UNKNOWN, 405: Code.METHOD_NOT_ALLOWED, 413: Code.TOO_LARGE}


def code_of(error: Exception, journal: Journal) -> Code:
    """The one table from errors to codes; bugs are journaled here and nowhere else."""
    code = _code_of(error, journal)
    if code.text in OWN_FAULTS:
        journal.count(code.text)
    return code


def _code_of(error: Exception, journal: Journal) -> Code:
    match error:
        case DomainError():
            return error.code
        case WireError():
            return Code.from_text(error.code)
        case msgspec.MsgspecError():
            return Code.OPERATION_MALFORMED
        case ConnectionError():  # gone in the middle of what they said: nobody hears the answer
            return Code.OPERATION_MALFORMED
        case web.HTTPException():
            return _BY_STATUS.get(error.status, Code.OPERATION_MALFORMED)
        case _:
            journal.write_error(error)
            return Code.INTERNAL


def problem(code: Code) -> web.Response:
    headers = {"Retry-After": str(RETRY_AFTER_S)} if code.status == 503 else None
    return web.json_response({"code": code.text}, status=code.status, headers=headers)


def answer_problems(journal: Journal) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the table decides, and journals what it does not know
            answer = problem(code_of(error, journal))
            if isinstance(error, web.HTTPMethodNotAllowed):
                answer.headers["Allow"] = error.headers["Allow"]
            return answer

    return middleware
