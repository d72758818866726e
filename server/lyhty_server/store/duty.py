"""Who is on call, and where experts want to be told of work, as SQL."""

from sqlalchemy import Connection, delete, insert, select

from lyhty_server.domain.notices import NoticeWish, Shift
from lyhty_server.store.tables import notices, on_call
from lyhty_wire.ids import ExpertId


def put_on_call(connection: Connection, shifts: tuple[Shift, ...]) -> None:
    connection.execute(delete(on_call))
    if shifts:
        connection.execute(
            insert(on_call),
            [
                {
                    "expert_id": shift.expert_id,
                    "weekday": shift.weekday,
                    "from_min": shift.from_min,
                    "to_min": shift.to_min,
                }
                for shift in shifts
            ],
        )


def on_call_list(connection: Connection) -> tuple[Shift, ...]:
    order = (on_call.c.weekday, on_call.c.from_min, on_call.c.expert_id)
    return tuple(Shift(*row) for row in connection.execute(select(on_call).order_by(*order)))


def put_notice_wish(connection: Connection, wish: NoticeWish) -> None:
    drop_notice_wish(connection, wish.expert_id)
    connection.execute(
        insert(notices),
        {
            "expert_id": wish.expert_id,
            "address": wish.address,
            "new_case": int(wish.new_case),
            "wrote": int(wish.wrote),
            "missed": int(wish.missed),
        },
    )


def drop_notice_wish(connection: Connection, expert_id: ExpertId) -> None:
    connection.execute(delete(notices).where(notices.c.expert_id == expert_id))


def notice_wishes(connection: Connection) -> tuple[NoticeWish, ...]:
    rows = connection.execute(select(notices).order_by(notices.c.expert_id))
    return tuple(NoticeWish(row.expert_id, row.address, *map(bool, row[2:])) for row in rows)
