"""Who is on call, and where an expert wants to be told of work (SPEC 9.6)."""

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import Nothing
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.notices import NoticeWish, Shift, on_call
from lyhty_wire import desk
from lyhty_wire.codes import Code
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import EXPERT_ID_BYTES, ExpertId


class Duty:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def on_call(self, _asked: AskedByExpert[Nothing, None]) -> desk.OnCall:
        server = self._server
        # Who has left is on call no more, whoever still has them on the list.
        shifts = [shift for shift in await server.store.on_call() if shift.expert_id in server.trust.experts]
        now = on_call(shifts, *server.calendar.wall_clock(server.clock()))
        return desk.OnCall(
            [desk.Shift(b64encode(each.expert_id), each.weekday, each.from_min, each.to_min) for each in shifts],
            sorted(b64encode(expert) for expert in now),
        )

    async def put_on_call(self, asked: AskedByExpert[Nothing, desk.Shifts]) -> desk.OnCall:
        server = self._server
        if not server.trust.expert(asked.expert).coordinator:
            raise DomainError(Code.NOT_COORDINATOR)
        shifts = tuple(_shift(each) for each in asked.body.shifts)
        begins = {(shift.expert_id, shift.weekday, shift.from_min) for shift in shifts}
        known = all(shift.expert_id in server.trust.experts for shift in shifts)
        if len(begins) != len(shifts) or not known or any(shift.to_min <= shift.from_min for shift in shifts):
            raise DomainError(Code.OPERATION_MALFORMED)
        await server.store.put_on_call(shifts)
        return await self.on_call(AskedByExpert(asked.params, None, asked.expert, asked.token))

    async def notices(self, asked: AskedByExpert[Nothing, None]) -> desk.Notices:
        wishes = await self._server.store.notice_wishes()
        wish = next((wish for wish in wishes if wish.expert_id == asked.expert), None)
        said = (
            desk.NoticeWish(None, new_case=False, wrote=False, missed=False)
            if wish is None
            else desk.NoticeWish(wish.address, wish.new_case, wish.wrote, wish.missed)
        )
        return desk.Notices(said, self._server.notices.are_sent)

    async def put_notices(self, asked: AskedByExpert[Nothing, desk.NoticeWish]) -> desk.Notices:
        wish, store = asked.body, self._server.store
        if wish.address is None:
            await store.drop_notice_wish(asked.expert)
        elif not desk.is_address(wish.address):  # `$` in a pattern would let a line's end pass
            raise DomainError(Code.OPERATION_MALFORMED)
        else:
            await store.put_notice_wish(NoticeWish(asked.expert, wish.address, wish.new_case, wish.wrote, wish.missed))
        return await self.notices(AskedByExpert(asked.params, None, asked.expert, asked.token))


def _shift(said: desk.Shift) -> Shift:
    return Shift(ExpertId(b64decode(said.expert, EXPERT_ID_BYTES)), said.weekday, said.from_min, said.to_min)
