"""Another password, or another device code, for one's own account (SPEC 2.3, 9.4)."""

import asyncio
from typing import Final

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import Nothing
from lyhty_server.api.tries import begin_try, succeed
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.key_acts import check_wraps, members_of, wraps_after
from lyhty_server.store.people_rows import ExpertRow, RenewalRow
from lyhty_wire.codes import Code
from lyhty_wire.desk import ChangeUnlock, Ended, NewKeys, NewUnlockTerms
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import ExpertId, digest
from lyhty_wire.renewals import Renewal
from lyhty_wire.unlocks import NewUnlock

_CHANGE: Final = b"new unlock"


class Unlocks:
    def __init__(self, server: Server) -> None:
        self._server = server
        # Whoever sends the same again learns what became of it, not that its challenge has been used.
        self._one_at_a_time = asyncio.Lock()

    async def begin(self, asked: AskedByExpert[Nothing, None]) -> NewUnlockTerms:
        server, row = self._server, await self._own(asked.expert)
        now_s = server.clock()
        challenge = server.challenges.give(_CHANGE + asked.expert, now_s, server.draw(12))
        effort = await server.guesses.effort(server.pepper.name_key(row.name), now_s)
        is_renewing = any(each.expert_id == asked.expert for each in await server.store.renewals())
        return NewUnlockTerms(
            row.name, b64encode(challenge), b64encode(row.salt), row.m_kib, row.t, row.p, effort, row.keys_hour,
            is_renewing,
        )  # fmt: skip

    async def change(self, asked: AskedByExpert[Nothing, ChangeUnlock]) -> Ended:
        new = NewUnlock.decode(b64decode(asked.body.new))
        if new.unlock.expert_id != asked.expert:
            raise DomainError(Code.OPERATION_MALFORMED)
        async with self._one_at_a_time:
            row = await self._own(asked.expert)
            if row.unlock != new.unlock:
                await self._change(row, new, asked.body)
        ended = await self._server.sessions.end_others(asked.token, asked.expert)
        self._server.hub.look(asked.expert)
        return Ended(ended)

    async def _change(self, row: ExpertRow, new: NewUnlock, body: ChangeUnlock) -> None:
        server, challenge = self._server, b64decode(body.challenge)
        renewal = None if body.new_keys is None else self._renewal(row.expert_id, body.new_keys)
        work = None if body.work is None else b64decode(body.work)
        await begin_try(server, row.name, _CHANGE + row.expert_id, challenge, work)
        new.verify(server.instance, challenge, row.login_pk)
        await succeed(server, row.name)
        await server.store.change_unlock(row.login_pk, new.unlock, renewal)

    def _renewal(self, expert: ExpertId, keys: NewKeys) -> RenewalRow:
        """Whatever would lock its owner out, or stop a coordinator's next act, is refused now (SPEC 9.1)."""
        directory = self._server.trust.directory
        encoded, blob, wraps = b64decode(keys.renewal), b64decode(keys.keys), tuple(map(b64decode, keys.wraps))
        renewal, listed = Renewal.decode(encoded), directory.expert(expert)
        if listed is None:
            raise DomainError(Code.NOT_SIGNED_IN)
        renewal.verify(self._server.instance, listed)
        is_new = all(each.kem != renewal.kem for each in directory.experts)
        members = members_of(directory)
        if not is_new or renewal.blob != digest(blob):
            raise DomainError(Code.OPERATION_MALFORMED)
        check_wraps([(expert, wrap) for wrap in wraps], members)
        return RenewalRow(expert, encoded, blob, wraps_after((), wraps, members[expert]))

    async def _own(self, expert: ExpertId) -> ExpertRow:
        row = await self._server.store.expert_by_id(expert)
        if row is None:
            raise DomainError(Code.NOT_SIGNED_IN)
        return row
