"""Who wants to be told of reports, who is still to be, and reports that are printed, in the store without a disk."""

from lyhty_server.domain.figures import has_report
from lyhty_server.store.memory_figures import MemoryFigures
from lyhty_server.store.memory_viewers import MemoryViewers
from lyhty_server.store.report_rows import MOST_PREPARED, MOST_PREPARED_BYTES, OwedReport, ReportWish
from lyhty_wire.figures.periods import Period
from lyhty_wire.ids import ViewerId


class MemoryReports(MemoryViewers, MemoryFigures):
    def __init__(self) -> None:
        super().__init__()
        self._report_wishes: dict[ViewerId, ReportWish] = {}
        self._owed_reports: set[OwedReport] = set()
        self._prepared: dict[bytes, bytes] = {}

    async def put_report_wish(self, wish: ReportWish) -> None:
        self._check_running()
        if wish.viewer_id in self._viewers:
            self._report_wishes[wish.viewer_id] = wish

    async def drop_report_wish(self, viewer_id: ViewerId) -> None:
        self._check_running()
        self._report_wishes.pop(viewer_id, None)
        self._owed_reports = {each for each in self._owed_reports if each.viewer_id != viewer_id}

    async def report_wish(self, viewer_id: ViewerId) -> ReportWish | None:
        self._check_running()
        return self._report_wishes.get(viewer_id)

    async def owed_reports(self) -> tuple[OwedReport, ...]:
        self._check_running()
        return tuple(sorted(self._owed_reports))

    async def report_told(self, owed: OwedReport) -> None:
        self._check_running()
        self._owed_reports.discard(owed)

    async def prepared_report(self, digest: bytes) -> bytes | None:
        self._check_running()
        return self._prepared.get(digest)

    async def put_prepared_report(self, digest: bytes, pdf: bytes) -> None:
        self._check_running()
        self._prepared.setdefault(digest, pdf)
        while len(self._prepared) > MOST_PREPARED or sum(map(len, self._prepared.values())) > MOST_PREPARED_BYTES:
            del self._prepared[next(iter(self._prepared))]

    async def put_release(self, period: str, release: bytes) -> bool:
        fresh = await super().put_release(period, release)
        if fresh and has_report(Period.parse(period)):
            self._owed_reports.update(OwedReport(viewer, period) for viewer in self._report_wishes)
        return fresh

    async def remove_viewer(self, viewer_id: ViewerId) -> None:
        await self.drop_report_wish(viewer_id)
        await super().remove_viewer(viewer_id)
