"""Viewers who want to be told by e-mail that a report can be downloaded, and who is still to be told (SPEC 12.2)."""

from typing import NamedTuple, Protocol

from msgspec import Struct

from lyhty_wire.ids import ViewerId


class ReportWish(Struct, frozen=True):
    viewer_id: ViewerId
    address: str
    language: str


class OwedReport(NamedTuple):
    viewer_id: ViewerId
    period: str


class ReportStore(Protocol):
    """`put_release` of a term or a year owes a letter to every viewer who has a wish then, in the same transaction."""

    async def put_report_wish(self, wish: ReportWish) -> None:
        """Instead of the one before. Of who is no viewer (any more) nothing is kept."""

    async def drop_report_wish(self, viewer_id: ViewerId) -> None:
        """On disk too, and what was owed with it. Again: no change."""

    async def report_wish(self, viewer_id: ViewerId) -> ReportWish | None: ...

    async def owed_reports(self) -> tuple[OwedReport, ...]:
        """By viewer and period."""

    async def report_told(self, owed: OwedReport) -> None:
        """The letter has gone, or never will. Again: no change."""
