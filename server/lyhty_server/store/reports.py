"""Who wants to be told of reports, who is still to be, and reports that are printed already, as SQL."""

from msgspec.structs import asdict
from sqlalchemy import Connection, delete, func, insert, literal, select

from lyhty_server.domain.figures import has_report
from lyhty_server.store.report_rows import MOST_PREPARED, MOST_PREPARED_BYTES, OwedReport, ReportWish
from lyhty_server.store.tables import owed_reports, prepared_reports, report_wishes, viewers
from lyhty_wire.figures.periods import Period
from lyhty_wire.ids import ViewerId


def put_wish(connection: Connection, wish: ReportWish) -> None:
    connection.execute(delete(report_wishes).where(report_wishes.c.viewer_id == wish.viewer_id))
    if connection.execute(select(viewers.c.viewer_id).where(viewers.c.viewer_id == wish.viewer_id)).first():
        connection.execute(insert(report_wishes), asdict(wish))


def drop_wish(connection: Connection, viewer_id: ViewerId) -> None:
    for table in (report_wishes, owed_reports):
        connection.execute(delete(table).where(table.c.viewer_id == viewer_id))


def wish(connection: Connection, viewer_id: ViewerId) -> ReportWish | None:
    row = connection.execute(select(report_wishes).where(report_wishes.c.viewer_id == viewer_id)).one_or_none()
    return None if row is None else ReportWish(*row)


def owe(connection: Connection, period: str) -> None:
    if has_report(Period.parse(period)):
        everybody = select(report_wishes.c.viewer_id, literal(period))
        connection.execute(insert(owed_reports).from_select(["viewer_id", "period"], everybody))


def owed(connection: Connection) -> tuple[OwedReport, ...]:
    rows = connection.execute(select(owed_reports).order_by(owed_reports.c.viewer_id, owed_reports.c.period))
    return tuple(OwedReport(*row) for row in rows)


def told(connection: Connection, gone: OwedReport) -> None:
    connection.execute(
        delete(owed_reports).where(owed_reports.c.viewer_id == gone.viewer_id, owed_reports.c.period == gone.period)
    )


def prepared(connection: Connection, digest: bytes) -> bytes | None:
    found: bytes | None = connection.execute(
        select(prepared_reports.c.pdf).where(prepared_reports.c.digest == digest)
    ).scalar_one_or_none()
    return found


def put_prepared(connection: Connection, asked: tuple[bytes, bytes]) -> None:
    digest, pdf = asked
    own = prepared_reports.c
    if connection.execute(select(own.report_seq).where(own.digest == digest)).first() is not None:
        return
    connection.execute(insert(prepared_reports), {"digest": digest, "size_bytes": len(pdf), "pdf": pdf})
    newest_first = own.report_seq.desc()
    ranked = select(
        own.report_seq,
        func.row_number().over(order_by=newest_first).label("number"),
        func.sum(own.size_bytes).over(order_by=newest_first).label("weight"),
    ).subquery()
    too_many = (ranked.c.number > MOST_PREPARED) | (ranked.c.weight > MOST_PREPARED_BYTES)
    connection.execute(delete(prepared_reports).where(own.report_seq.in_(select(ranked.c.report_seq).where(too_many))))
