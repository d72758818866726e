"""A coordinator's work for the figures: the statistics key, what was contributed, and what is published of it
(SPEC 12.3, 12.4). Calls and rules together.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lyhty_client.departure import MAX_TRIES
from lyhty_client.errors import ClientError, ForgottenError, RefusedError
from lyhty_client.expert import ExpertDesk
from lyhty_client.statistics.registers import earlier_of_year, register_of
from lyhty_client.statistics.release import Contribution, Reply, draw, figures_of
from lyhty_crypto.contributions import (
    keys_by_id,
    noise_key,
    open_contribution,
    seal_statistics_link,
    state_key,
    statistics_seed,
)
from lyhty_crypto.documents import sign_document
from lyhty_crypto.errors import CryptoError
from lyhty_crypto.keys import KemKeyPair
from lyhty_crypto.wrapping import unwrap_key
from lyhty_wire.codes import Code
from lyhty_wire.contributions import CaseCounted, Counted, StatisticsKey, StatisticsLink
from lyhty_wire.directories import Directory
from lyhty_wire.documents import RELEASE
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import WireError
from lyhty_wire.figures.periods import Month, Period, year_of
from lyhty_wire.figures.register import UNKNOWN
from lyhty_wire.figures.releases import Release
from lyhty_wire.figures.signed import verify_release
from lyhty_wire.figures_desk import MOST_REMOVED, StateStatisticsKey, StatisticsKeys
from lyhty_wire.ids import digest
from lyhty_wire.organisations import Tree
from lyhty_wire.wraps import Wrap


@dataclass(frozen=True, slots=True)
class Contributed:
    """All that can be read, by its token."""

    counted: Mapping[bytes, Counted]
    unreadable: int
    """Made by nobody who may, or sealed to a key that nobody has any more: they count nowhere."""

    @property
    def cases(self) -> list[Contribution]:
        return [
            Contribution(each.school or UNKNOWN, each.month, each.topic, each.service, each.role, each.promise)
            for each in self.counted.values()
            if isinstance(each, CaseCounted)
        ]

    @property
    def replies(self) -> list[Reply]:
        return [
            Reply(each.school or UNKNOWN, each.month, each.asked, each.answer)
            for each in self.counted.values()
            if not isinstance(each, CaseCounted)
        ]

    def of_months(self, months: tuple[Month, ...]) -> int:
        return sum(each.month in months for each in self.counted.values())


@dataclass(frozen=True, slots=True)
class Published:
    periods: tuple[Period, ...]
    removed: int
    contributed: Contributed


def make_release(
    period: Period,
    tree: Tree,
    releases: Mapping[Period, Release],
    contributed: Contributed,
    key: bytes,
    directory: Directory,
) -> Release:
    """The same from the same, to the last figure. `releases`: of the same school year; `key`: of the noise."""
    earlier = earlier_of_year(period, releases)
    register = register_of(tree, period, earlier[-1].register if earlier else None)
    before = {cell: figure for release in earlier for cell, figure in release.figures.items()}
    drawn = draw(period, register, contributed.cases, contributed.replies, key)
    figures = figures_of(period, register, drawn, before)
    return Release(directory.instance, directory.version, period, register, figures)


class Office:
    """Of a coordinator who has signed in. Make it with `open_office`."""

    def __init__(self, expert: ExpertDesk, own: KemKeyPair, keys: Mapping[bytes, KemKeyPair], lost: int) -> None:
        self._expert = expert
        self._own = own
        self._keys = keys
        self.lost_keys = lost
        """Statistics keys of earlier roots that nobody can open any more."""

    @property
    def directory(self) -> Directory:
        return self._expert.expertise.directory

    async def tree(self) -> Tree:
        told = await self._expert.desk.organisations()
        return Tree(told.organisations, told.agreements)

    async def released_periods(self) -> frozenset[Period]:
        return frozenset(Period.parse(name) for name in await self._expert.desk.releases())

    async def releases(self, periods: Collection[Period]) -> dict[Period, Release]:
        """
        Raises:
            WireError: one is by nobody who may publish.
        """
        return {
            period: verify_release(await self._expert.desk.release_of(period.name), self.directory)
            for period in periods
        }

    async def contributed(self) -> Contributed:
        counted: dict[bytes, Counted] = {}
        unreadable = 0
        after: str | None = None
        while True:
            page = await self._expert.desk.contributions(after)
            for each in page.contributions:
                token, pair = b64decode(each.token), self._keys.get(b64decode(each.key))
                try:
                    if pair is None:
                        raise ForgottenError(Code.EPOCH_STALE.text)
                    sealed = b64decode(each.sealed)
                    counted[token] = open_contribution(sealed, token, pair, self.directory.instance, self.directory)
                except (ClientError, WireError, CryptoError):
                    unreadable += 1
            if not page.more or not page.contributions:
                return Contributed(counted, unreadable)
            after = page.contributions[-1].token

    async def publish(
        self, period: Period, tree: Tree, releases: Mapping[Period, Release], contributed: Contributed
    ) -> Release:
        """What is published of the period from now on: ours, or that of who was faster.

        Raises:
            ClientError: it is not due, or what it adds up to is not published.
        """
        key = noise_key(self._own.seed)
        for _ in range(MAX_TRIES):
            release = make_release(period, tree, releases, contributed, key, self.directory)
            encoded = sign_document(RELEASE, release.encode(), [self._expert.expertise.keys.sign])
            try:
                await self._expert.desk.publish(period.name, encoded)
            except RefusedError as refusal:
                if refusal.code == Code.OBJECT_CONFLICT.text:
                    return (await self.releases([period]))[period]
                if refusal.code != Code.DIRECTORY_OUTDATED.text:
                    raise
                await self._expert.refresh()
                continue
            return release
        raise RefusedError(Code.BUSY.text)

    async def publish_all(self, periods: Sequence[Period], released: Collection[Period]) -> Published:
        """In this order, and then what no release needs any more is removed: also what an earlier run was cut short
        before. `released`: what was published until now.

        Raises:
            ClientError, WireError: those before it are published.
        """
        tree, contributed = await self.tree(), await self.contributed()
        years = {year_of(period.first) for period in periods}
        releases = await self.releases([each for each in released if year_of(each.first) in years])
        for period in periods:
            releases[period] = await self.publish(period, tree, releases, contributed)
        return Published(tuple(periods), await self._remove_spent({*released, *periods}, contributed), contributed)

    async def _remove_spent(self, released: Collection[Period], contributed: Contributed) -> int:
        """SPEC 12.4: what no release needs any more, for the school year's is out."""
        spent = [token for token, each in contributed.counted.items() if year_of(each.month) in released]
        for start in range(0, len(spent), MOST_REMOVED):
            await self._expert.desk.remove_contributions(spent[start : start + MOST_REMOVED])
        return len(spent)


async def open_office(expert: ExpertDesk) -> Office:
    """States the key, if nobody has under this root, and links the keys before to it (SPEC 12.3).

    Raises:
        ForgottenError: not a coordinator.
        ClientError: the server has another key.
    """
    await expert.refresh()
    directory_key, instance = expert.expertise.directory_key, expert.expertise.directory.instance
    if directory_key is None:
        raise ForgottenError(Code.NOT_COORDINATOR.text)
    key, own = state_key(directory_key, instance), KemKeyPair(statistics_seed(directory_key.seed))
    told = await expert.desk.statistics_keys()
    links = _links_due(told, key, expert)
    if links or key not in _stated(told):
        body = StateStatisticsKey(b64encode(key.encode()), [b64encode(link.encode()) for link in links])
        await expert.desk.state_statistics_key(body)
        told = await expert.desk.statistics_keys()
    known = [StatisticsLink.decode(b64decode(each.link)) for each in told.keys if each.link is not None]
    keys, _ = keys_by_id(own, known, instance)
    return Office(expert, own, keys, sum(one.id not in keys for one in _stated(told)))


def _stated(told: StatisticsKeys) -> list[StatisticsKey]:
    return [StatisticsKey.decode(b64decode(each.statement)) for each in told.keys]


def _links_due(told: StatisticsKeys, key: StatisticsKey, expert: ExpertDesk) -> list[StatisticsLink]:
    """From the directory seeds before that are still sealed for us."""
    instance, keys = expert.expertise.directory.instance, expert.expertise.keys
    pairs: dict[bytes, KemKeyPair] = {}
    for encoded in told.earlier:
        try:
            wrap = Wrap.decode(b64decode(encoded))
            seed = unwrap_key(wrap, keys.kem, instance=instance, subject=keys.sign.public)
        except (WireError, CryptoError):  # somebody else's, or changed: a link made of it would lead nowhere
            continue
        pair = KemKeyPair(statistics_seed(seed))
        pairs[digest(pair.public)] = pair
    unlinked = [
        one.id for one, each in zip(_stated(told), told.keys, strict=True) if each.link is None and one.id != key.id
    ]
    return [seal_statistics_link(pairs[each], key) for each in unlinked if each in pairs]
