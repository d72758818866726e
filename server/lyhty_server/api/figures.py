"""Contributions, the key they are sealed to, and releases over HTTP (SPEC 12.3, 12.4). The server counts nothing."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Final

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.news import ReleaseNews
from lyhty_server.api.routes import InContributions, InRelease, Nothing
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.figures import check_due, check_follows, of_same_year
from lyhty_server.domain.key_acts import check_coordinator
from lyhty_server.store.figure_rows import ContributionRow, StatisticsKeyRow
from lyhty_wire import figures_desk
from lyhty_wire.codes import Code
from lyhty_wire.contributions import StatisticsKey, StatisticsLink
from lyhty_wire.desk import Done
from lyhty_wire.directories import Directory, TrustBundle
from lyhty_wire.documents import UntrustedDocument
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.figures.periods import Period
from lyhty_wire.figures.releases import Release
from lyhty_wire.figures.signed import verify_release
from lyhty_wire.ids import ExpertId

MOST_A_DAY: Final = 1_000
"""Contributions of one expert: ten times what anybody answers, and a bound for who fills the disk."""
_DAY_S: Final = 86_400


class Figures:
    def __init__(self, server: Server, prepare: Callable[[], Coroutine[object, object, None]]) -> None:
        """`prepare`: the pages of what is published."""
        self._server, self._prepare = server, prepare
        self._brought: dict[tuple[ExpertId, int], int] = {}

    async def contribute(self, asked: AskedByExpert[Nothing, figures_desk.Contributed]) -> Done:
        in_use = await self._key_in_use()
        key = b64decode(asked.body.key)
        # SPEC 12.3: what is sealed to a withdrawn key, somebody who has left could read.
        if in_use is None or key != StatisticsKey.decode(in_use.statement).id:
            raise DomainError(Code.DIRECTORY_OUTDATED)
        rows = tuple(
            ContributionRow(b64decode(each.token), key, b64decode(each.sealed)) for each in asked.body.contributions
        )
        self._count(asked.expert, len(rows))
        await self._server.store.put_contributions(rows)
        return Done()

    async def contributions(self, asked: AskedByExpert[InContributions, None]) -> figures_desk.ContributionPage:
        self._check_coordinator(asked.expert)
        after = asked.params.after
        page = await self._server.store.contributions(
            b64decode(after) if isinstance(after, str) else b"", asked.params.limit
        )
        kept = [
            figures_desk.KeptContribution(b64encode(row.token), b64encode(row.key), b64encode(row.sealed))
            for row in page.contributions
        ]
        return figures_desk.ContributionPage(kept, page.more)

    async def remove(self, asked: AskedByExpert[Nothing, figures_desk.RemoveContributions]) -> Done:
        self._check_coordinator(asked.expert)
        await self._server.store.remove_contributions(tuple(b64decode(token) for token in asked.body.tokens))
        return Done()

    async def keys(self, asked: AskedByExpert[Nothing, None]) -> figures_desk.StatisticsKeys:
        store = self._server.store
        rows = await store.statistics_keys()
        stated = [
            figures_desk.StatisticsKeyStated(
                b64encode(row.statement), None if row.link is None else b64encode(row.link)
            )
            for row in rows
        ]
        earlier = [b64encode(wrap) for wrap in await store.earlier_wraps(asked.expert)]
        return figures_desk.StatisticsKeys(stated, earlier)

    async def state_key(self, asked: AskedByExpert[Nothing, figures_desk.StateStatisticsKey]) -> Done:
        self._check_coordinator(asked.expert)
        directory, store = self._server.trust.directory, self._server.store
        encoded = b64decode(asked.body.statement)
        key = StatisticsKey.decode(encoded)
        key.verify(directory.root)
        links = [StatisticsLink.decode(b64decode(link)) for link in asked.body.links]
        roots = {StatisticsKey.decode(row.statement).id: row.roots for row in await store.statistics_keys()}
        # SPEC 12.3: from a key that was stated before to the one in use.
        if any(link.after != key.id or link.before not in roots.keys() - {key.id} for link in links):
            raise DomainError(Code.OPERATION_MALFORMED)
        await store.put_statistics_key(StatisticsKeyRow(self._roots, encoded))
        for link in links:
            await store.put_statistics_link(roots[link.before], link.encode())
        return Done()

    async def publish(self, asked: AskedByExpert[InRelease, bytes]) -> Done:
        self._check_coordinator(asked.expert)
        store, period = self._server.store, Period.parse(asked.params.period)
        if await store.signed_release(period.name) == asked.body:  # a retry
            return Done()
        check_due(period, self._server.clock())
        others = [await store.signed_release(other.name) for other in of_same_year(period)]
        # A year of a thousand schools takes a second to read: others are answered meanwhile.
        await asyncio.to_thread(_check, asked.body, period, self._server.trust.directory, others)
        await store.put_release(period.name, asked.body)
        self._server.report_notices.released()
        self._server.hub.say(ReleaseNews())
        self._server.spawn(self._prepare())
        return Done()

    async def releases(self, asked: AskedByExpert[Nothing, None]) -> figures_desk.ReleasedPeriods:
        self._check_coordinator(asked.expert)
        return figures_desk.ReleasedPeriods(list(await self._server.store.releases()))

    async def release(self, asked: AskedByExpert[InRelease, None]) -> figures_desk.SignedRelease:
        self._check_coordinator(asked.expert)
        found = await self._server.store.signed_release(Period.parse(asked.params.period).name)
        if found is None:
            raise DomainError(Code.ROUTE_UNKNOWN)
        return figures_desk.SignedRelease(b64encode(found))

    @property
    def _roots(self) -> int:
        return len(TrustBundle.decode(self._server.trust.bundle).roots)

    async def _key_in_use(self) -> StatisticsKeyRow | None:
        rows = await self._server.store.statistics_keys()
        return rows[-1] if rows and rows[-1].roots == self._roots else None

    def _check_coordinator(self, expert: ExpertId) -> None:
        check_coordinator(self._server.trust.directory, expert)

    def _count(self, expert: ExpertId, count: int) -> None:
        """In memory alone: who contributed how much is nobody's business after the day."""
        day = self._server.clock() // _DAY_S
        self._brought = {at: each for at, each in self._brought.items() if at[1] == day}
        brought = self._brought.get((expert, day), 0) + count
        if brought > MOST_A_DAY:
            raise DomainError(Code.CAPACITY_REACHED)
        self._brought[expert, day] = brought


def _check(encoded: bytes, period: Period, directory: Directory, others: Sequence[bytes | None]) -> None:
    """`others`: what is stored of the same school year, as it was verified when it came."""
    release = verify_release(encoded, directory)
    if release.period != period:
        raise DomainError(Code.OPERATION_MALFORMED)
    if release.directory_version != directory.version:
        raise DomainError(Code.DIRECTORY_OUTDATED)
    check_follows(release, [Release.decode(UntrustedDocument.decode(each).body) for each in others if each is not None])
