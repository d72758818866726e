"""Contributions, statistics keys and releases of the store without a disk."""

from msgspec.structs import replace

from lyhty_server.domain.key_acts import directory_wrap_of
from lyhty_server.store.figure_rows import ContributionPage, ContributionRow, StatisticsKeyRow, is_fresh
from lyhty_server.store.people_rows import ExpertRow, KeyAct
from lyhty_wire.ids import ExpertId


class MemoryFigures:
    def __init__(self) -> None:
        super().__init__()
        self._contributions: dict[bytes, ContributionRow] = {}
        self._statistics_keys: dict[int, StatisticsKeyRow] = {}
        self._earlier_wraps: dict[tuple[int, ExpertId], bytes] = {}
        self._releases: dict[str, bytes] = {}

    async def put_contributions(self, rows: tuple[ContributionRow, ...]) -> None:
        self._contributions = {row.token: row for row in reversed(rows)} | self._contributions

    async def contributions(self, after: bytes, limit: int) -> ContributionPage:
        found = [row for token, row in sorted(self._contributions.items()) if token > after]
        return ContributionPage(tuple(found[:limit]), more=len(found) > limit)

    async def remove_contributions(self, tokens: tuple[bytes, ...]) -> None:
        for token in tokens:
            self._contributions.pop(token, None)

    async def mix_contributions(self) -> None:
        """Nothing here outlives the process."""

    async def statistics_keys(self) -> tuple[StatisticsKeyRow, ...]:
        return tuple(row for _, row in sorted(self._statistics_keys.items()))

    async def put_statistics_key(self, row: StatisticsKeyRow) -> None:
        stored = self._statistics_keys.get(row.roots)
        if is_fresh(None if stored is None else stored.statement, row.statement):
            self._statistics_keys[row.roots] = row

    async def put_statistics_link(self, roots: int, link: bytes) -> None:
        stored = self._statistics_keys.get(roots)
        if stored is None or stored.link is not None:
            return
        self._statistics_keys[roots] = replace(stored, link=link)
        self._earlier_wraps = {at: wrap for at, wrap in self._earlier_wraps.items() if at[0] != roots}

    async def earlier_wraps(self, expert_id: ExpertId) -> tuple[bytes, ...]:
        return tuple(wrap for (_, whose), wrap in sorted(self._earlier_wraps.items()) if whose == expert_id)

    async def put_release(self, period: str, release: bytes) -> bool:
        fresh = is_fresh(self._releases.get(period), release)
        self._releases[period] = release
        return fresh

    async def releases(self) -> tuple[str, ...]:
        return tuple(sorted(self._releases))

    async def signed_release(self, period: str) -> bytes | None:
        return self._releases.get(period)

    def _keep_earlier(self, act: KeyAct, before: dict[ExpertId, ExpertRow]) -> None:
        """`before`: the accounts as they were before the act."""
        roots = len(act.trust.roots) - 1
        if act.is_new_root and roots in self._statistics_keys:
            for expert_id, account in before.items():
                wrap = directory_wrap_of(account.queue_wraps)
                if wrap is not None:
                    self._earlier_wraps[roots, expert_id] = wrap
        keep = {expert for expert, member in act.members.items() if member.is_coordinator} - act.renewed.keys()
        self._earlier_wraps = {at: wrap for at, wrap in self._earlier_wraps.items() if at[1] in keep}
