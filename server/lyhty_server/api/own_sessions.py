"""Where one is signed in, and ending it: one's own sessions, or as a coordinator those of anybody (SPEC 9.4)."""

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import InExpert, InSession, Nothing
from lyhty_server.api.sessions import Sessions, Who, digest_of
from lyhty_server.domain.errors import DomainError
from lyhty_wire import desk
from lyhty_wire.codes import Code
from lyhty_wire.desk import Done, Ended
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import EXPERT_ID_BYTES, ExpertId


class OwnSessions:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def listed(self, asked: AskedByExpert[Nothing, None]) -> desk.Sessions:
        return await list_own(self._server.sessions, asked.token, self._server.clock())

    async def end(self, asked: AskedByExpert[InSession, None]) -> Done:
        await self._server.sessions.end(asked.expert, b64decode(asked.params.session))
        self._server.hub.look(asked.expert)
        return Done()

    async def end_others(self, asked: AskedByExpert[Nothing, None]) -> Ended:
        ended = await self._server.sessions.end_others(asked.token, asked.expert)
        self._server.hub.look(asked.expert)
        return Ended(ended)

    async def end_of(self, asked: AskedByExpert[InExpert, None]) -> Ended:
        if not self._server.trust.expert(asked.expert).coordinator:
            raise DomainError(Code.NOT_COORDINATOR)
        return Ended(await end_sessions(self._server, ExpertId(b64decode(asked.params.expert, EXPERT_ID_BYTES))))


async def list_own(sessions: Sessions[Who], token: bytes, now_s: int) -> desk.Sessions:
    rows, this = await sessions.of(await sessions.whose(token, now_s), now_s), digest_of(token)
    return desk.Sessions(
        [desk.Session(b64encode(row.session_id), row.begun_hour, row.token_digest == this) for row in rows]
    )


async def end_sessions(server: Server, expert: ExpertId) -> int:
    """All of an expert's, and their feeds with them. How many there were."""
    ended = await server.sessions.end_all(expert)
    server.hub.look(expert)
    return ended
