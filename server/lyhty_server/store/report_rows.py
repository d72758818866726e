"""Viewers who want to be told by e-mail that a report can be downloaded, and who is still to be told (SPEC 12.2).

And reports that are printed already (SPEC 12.5).
"""

from typing import Final, NamedTuple, Protocol

from msgspec import Struct

from lyhty_wire.ids import ViewerId

MOST_PREPARED: Final = 300
"""Two periods in three languages for fifty bodies that pay."""
MOST_PREPARED_BYTES: Final = 67_108_864
"""A hundred sides weigh 0.8 MB."""


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

    async def prepared_report(self, digest: bytes) -> bytes | None:
        """The PDF that was printed from what has this digest."""

    async def put_prepared_report(self, digest: bytes, pdf: bytes) -> None:
        """The first of a digest stays. The oldest go, until no more are left than may be, by number and by weight."""
