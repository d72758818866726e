"""Tells viewers by e-mail that the report of a term or a school year can be downloaded (SPEC 12.2).

Who is owed a letter stands in the store from the moment the release does, until the letter has gone: nobody is
forgotten, and a crash between the two sends one letter twice at most.
"""

import asyncio
import contextlib
from collections import Counter

from lyhty_server.clock import Clock
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.notices import FIRST_RETRY_S, QUIET_S
from lyhty_server.figures.report import letter_of
from lyhty_server.mail import Fate, Letter
from lyhty_server.notices import Send, Write
from lyhty_server.store.report_rows import OwedReport, ReportStore
from lyhty_wire.figures.periods import Period


class ReportNotices:
    def __init__(self, store: ReportStore, clock: Clock, send: Send | None, site: str | None, journal: Write) -> None:
        """`send` None: there is no mail server, and what is owed waits for one."""
        self._store = store
        self._clock = clock
        self._send = send
        self._site = site
        self._journal = journal
        self._gone: set[OwedReport] = set()
        self._wake = asyncio.Event()

    def released(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled. Begins with what was owed when the server stopped."""
        rest_s = FIRST_RETRY_S
        while True:
            self._wake.clear()
            is_done = await self.round()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), None if is_done else rest_s)
            rest_s = FIRST_RETRY_S if is_done else min(QUIET_S, 2 * rest_s)

    async def round(self) -> bool:
        """Whether nobody is owed anything any more."""
        fates: Counter[Fate] = Counter()
        try:
            for owed in await self._store.owed_reports():
                fate = Fate.SENT if owed in self._gone else await self._tell(owed, fates)
                if fate is not Fate.LATER:
                    self._gone.add(owed)  # while the disk is full, it is not sent again and again
                    await self._store.report_told(owed)
                    self._gone.discard(owed)
        except DomainError:
            return False
        finally:
            for event, fate in (
                ("notices-sent", Fate.SENT), ("notices-refused", Fate.REFUSED), ("notices-put-off", Fate.LATER),
            ):  # fmt: skip
                if fates[fate]:
                    self._journal(event, count=fates[fate])
        return not fates[Fate.LATER]

    async def _tell(self, owed: OwedReport, fates: Counter[Fate]) -> Fate:
        assert self._send is not None
        # Looked up at the last moment: it may have been taken back.
        wish = await self._store.report_wish(owed.viewer_id)
        if wish is None:
            return Fate.REFUSED
        text = letter_of(Period.parse(owed.period), wish.language, self._site)
        (fate,) = await self._send([Letter(wish.address, text)], self._clock())
        fates[fate] += 1
        return fate
