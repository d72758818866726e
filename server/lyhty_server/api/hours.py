"""The opening hours as everybody gets them (SPEC 9.5): made anew each midnight, the same bytes for all until then."""

from datetime import date

from aiohttp import web

from lyhty_server.api.pages import Page
from lyhty_server.clock import Clock
from lyhty_server.domain.calendar import Calendar
from lyhty_server.domain.promises import Promises, public_hours


class HoursPage:
    def __init__(self, calendar: Calendar, promises: Promises, keep_days: int, clock: Clock) -> None:
        self._calendar = calendar
        self._promises = promises
        self._keep_days = keep_days
        self._clock = clock
        self._day: date | None = None
        self._page: Page | None = None

    async def serve(self, request: web.Request) -> web.Response:
        return await self._today().serve(request)

    def _today(self) -> Page:
        now_s = self._clock()
        day = self._calendar.day(now_s)
        if self._page is None or day != self._day:
            self._day = day
            hours = public_hours(self._calendar, self._promises, self._keep_days, now_s)
            self._page = Page(hours.encode(), None, {"Content-Type": "application/json"})
        return self._page
