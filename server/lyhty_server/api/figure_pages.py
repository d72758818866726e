"""Pages of figures and their files over HTTP (SPEC 12.5), for who may see an organisation.

Releases never change once they are stored, so that each is read once, before anybody asks; a page is made once for as
long as releases, organisations and the day stay the same.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import UnsetType

from lyhty_server.api.asking import AskedBySeer, Kept
from lyhty_server.api.context import Server
from lyhty_server.api.routes import InFigureFile, InFigures, InMethods
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.viewers import seen
from lyhty_server.figures import files
from lyhty_server.figures.archive import Archive
from lyhty_server.figures.body import body_of
from lyhty_server.figures.methods import methods_in
from lyhty_server.figures.pages import ReportReady
from lyhty_server.figures.report import paid_in
from lyhty_server.figures.words import LANGUAGES
from lyhty_server.prepared_reports import Order, PreparedReports, report_digest
from lyhty_wire.codes import Code
from lyhty_wire.documents import UntrustedDocument
from lyhty_wire.figures.periods import Month, Period, Span, term_of
from lyhty_wire.figures.register import ALL, Register
from lyhty_wire.figures.releases import Release
from lyhty_wire.organisations import Tree

KEPT: Final = 256
"""Pages and files; some 20 kB each."""
WAITING_S: Final = 10.0
"""For one's turn. Reading five years of a thousand schools takes a second of the processor."""
REPORT: Final = "report.pdf"


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything that pages are made of, as it was at one moment."""

    archive: Archive
    tree: Tree
    today: date
    kept: dict[tuple[str, ...], bytes] = field(default_factory=dict)
    """What was made of it."""


class FigurePages:
    def __init__(self, server: Server, reports: PreparedReports) -> None:
        self._server = server
        self._reports = reports
        self._archive = Archive(())
        self._known: tuple[object, _Known] | None = None
        self._reading, self._making, self._printing = asyncio.Lock(), asyncio.Lock(), asyncio.Lock()

    async def prepare(self) -> None:
        """Reads what is published, and adds up the whole service's figures, which take longest."""
        known = await self._now()
        for period in known.archive.periods:
            await asyncio.to_thread(body_of, known.archive, known.tree, ALL, period, known.today)

    async def released(self) -> None:
        """What came is read; then the newest reports are printed of whom viewers see them and who pay for several."""
        await self.prepare()
        viewers = await self._server.store.viewers()
        for wanted in newest_reports(await self._now(), {each.organisation for each in viewers}):
            with contextlib.suppress(DomainError):
                await self._reports.pdf(await self._report(await self._now(), wanted))

    async def page(self, asked: AskedBySeer[InFigures, None]) -> Kept:
        known = await self._now()
        params = asked.params
        all_seen = seen_by(known, asked.seer)
        organisation = _check_seen(all_seen, params.organisation)
        wanted = files.Wanted(organisation, _period(known, params.period), params.language)

        def make() -> bytes:
            made = files.page(known.archive, known.tree, wanted, known.today, all_seen.__contains__)
            return msgspec.json.encode(made)

        # What of others is seen stands on the page.
        whose = sha256("\n".join(sorted(all_seen)).encode()).hexdigest()
        self._server.press.warm_up()
        body = await self._once(known, ("page", whose, *wanted.key), make)
        if wanted.period in known.archive.releases and pays_for_several(known, wanted):
            self._server.spawn(self._begin_report(known, wanted))
        return Kept(body, "application/json")

    async def file(self, asked: AskedBySeer[InFigureFile, None]) -> Kept:
        known = await self._now()
        params = asked.params
        organisation = _check_seen(seen_by(known, asked.seer), params.organisation)
        wanted = files.Wanted(organisation, _period(known, params.period), params.language)
        file = files.named(known.archive, known.tree, wanted, known.today, params.name)
        if file is None:
            raise DomainError(Code.ROUTE_UNKNOWN)
        if params.name == REPORT:
            pdf = await self._reports.pdf(await self._report(known, wanted))
            return Kept(pdf, file.content_type, file.saved_as)
        body = await self._once(known, (params.name, *wanted.key), file.make)
        if file.is_paper:
            body = await self._printed(known, (params.name, "printed", *wanted.key), body)
        return Kept(body, file.content_type, file.saved_as)

    async def report(self, asked: AskedBySeer[InFigures, None]) -> ReportReady:
        known = await self._now()
        params = asked.params
        organisation = _check_seen(seen_by(known, asked.seer), params.organisation)
        wanted = files.Wanted(organisation, _period(known, params.period), params.language)
        if organisation == ALL:
            raise DomainError(Code.ORGANISATION_UNKNOWN)
        return ReportReady(await self._reports.left_s(await self._report(known, wanted)))

    async def methods(self, asked: AskedBySeer[InMethods, None]) -> Kept:
        return Kept(msgspec.json.encode(methods_in(asked.params.language)), "application/json")

    # --- Reports

    async def _begin_report(self, known: _Known, wanted: files.Wanted) -> None:
        """Whoever opens the page may want it."""
        with contextlib.suppress(DomainError):
            await self._reports.pdf(await self._report(known, wanted))

    async def _report(self, known: _Known, wanted: files.Wanted) -> Order:
        file = files.named(known.archive, known.tree, wanted, known.today, REPORT)
        assert file is not None
        make = file.make

        async def html() -> bytes:
            return await asyncio.to_thread(make)

        digest = await self._once(known, (REPORT, *wanted.key), lambda: report_digest(make()))
        return Order(digest, html, len(paid_in(known.tree, wanted.organisation, wanted.period)))

    # --- What is kept

    async def _now(self) -> _Known:
        server = self._server
        names, organisations = await server.store.releases(), await server.store.organisations()
        today = server.calendar.day(server.clock())
        state = (names, organisations, today)
        if self._known is None or self._known[0] != state:
            async with _turn(self._reading):
                if self._known is None or self._known[0] != state:
                    await self._read(names)
                    tree = Tree(organisations.organisations, organisations.agreements)
                    self._known = state, _Known(self._archive, tree, today)
        return self._known[1]

    async def _read(self, names: Iterable[str]) -> None:
        releases = {period.name: release for period, release in self._archive.releases.items()}
        missing = [name for name in names if name not in releases]
        for name in missing:
            stored = await self._server.store.signed_release(name)
            assert stored is not None, name
            releases[name] = await asyncio.to_thread(_read, stored, [each.register for each in releases.values()])
        if missing:
            self._archive = await asyncio.to_thread(Archive, releases.values())

    async def _once(self, known: _Known, key: tuple[str, ...], make: Callable[[], bytes]) -> bytes:
        return await _keep(known.kept, key, self._making, lambda: asyncio.to_thread(make))

    async def _printed(self, known: _Known, key: tuple[str, ...], html: bytes) -> bytes:
        return await _keep(known.kept, key, self._printing, lambda: self._server.press.pdf(html.decode()))


def pays_for_several(known: _Known, wanted: files.Wanted) -> bool:
    return wanted.organisation != ALL and len(paid_in(known.tree, wanted.organisation, wanted.period)) > 1


def newest_reports(known: _Known, bodies: Iterable[str]) -> list[files.Wanted]:
    """Of the newest term and the newest year that are published, in every language."""
    published = [each for each in known.archive.periods if each in known.archive.releases]
    newest = [next((each for each in published if each.span is span), None) for span in (Span.TERM, Span.YEAR)]
    every = (
        files.Wanted(body, period, language)
        for period in newest
        if period is not None
        for body in sorted(set(bodies) & known.tree.organisations.keys())
        for language in LANGUAGES
    )
    return [wanted for wanted in every if pays_for_several(known, wanted)]


async def _keep(
    kept: dict[tuple[str, ...], bytes],
    key: tuple[str, ...],
    turns: asyncio.Lock,
    make: Callable[[], Awaitable[bytes]],
) -> bytes:
    if key not in kept:
        async with _turn(turns):
            if key not in kept:
                kept[key] = await make()
                if len(kept) > KEPT:
                    del kept[next(iter(kept))]
    return kept[key]


def _read(stored: bytes, known: Iterable[Register]) -> Release:
    """As it was verified when it came. A thousand schools weigh more than a month's figures of them: one object for
    registers that are alike."""
    release = Release.decode(UntrustedDocument.decode(stored).body)
    return replace(release, register=next((each for each in known if each == release.register), release.register))


@asynccontextmanager
async def _turn(lock: asyncio.Lock) -> AsyncIterator[None]:
    """Raises DomainError: `busy`: too long for somebody who waits before a page."""
    try:
        async with asyncio.timeout(WAITING_S):
            await lock.acquire()
    except TimeoutError:
        raise DomainError(Code.BUSY) from None
    try:
        yield
    finally:
        lock.release()


def seen_by(known: _Known, seer: str | None) -> frozenset[str]:
    """Of whom they may see figures; only coordinators see the whole service's (SPEC 12.2, 12.5)."""
    own = seen(known.tree, seer, known.today)
    return own | {ALL} if seer is None else own


def _check_seen(all_seen: frozenset[str], organisation: str) -> str:
    """What is foreign is as unknown as what there is not. Raises DomainError."""
    if organisation not in all_seen:
        raise DomainError(Code.ORGANISATION_UNKNOWN)
    return organisation


def _period(known: _Known, asked: str | UnsetType) -> Period:
    """The newest, where none is asked for. Raises WireError, DomainError; of a month: its term shows it."""
    if isinstance(asked, str):
        period = Period.parse(asked)
        if period.span is Span.MONTH:
            raise DomainError(Code.OPERATION_MALFORMED)
        return period
    newest = next(iter(known.archive.periods), None)
    return newest or term_of(Month(known.today.year, known.today.month))
