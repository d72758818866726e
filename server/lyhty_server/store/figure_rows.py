"""What the server keeps of contributions it cannot open, of the key they are sealed to, and of what was published of
them (SPEC 12.3, 12.4).
"""

from typing import Protocol

from msgspec import Struct

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.ids import ExpertId


class ContributionRow(Struct, frozen=True):
    """No author, no time, no order."""

    token: bytes
    key: bytes
    """H(kem) of the statistics key."""
    sealed: bytes


class ContributionPage(Struct, frozen=True):
    contributions: tuple[ContributionRow, ...]
    more: bool


class StatisticsKeyRow(Struct, frozen=True):
    """`roots`: how many roots there were when it was stated. `link`: its seed, sealed to a later key."""

    roots: int
    statement: bytes
    link: bytes | None = None


class FigureStore(Protocol):
    async def put_contributions(self, rows: tuple[ContributionRow, ...]) -> None:
        """Of one token the first is kept, whatever comes later."""

    async def contributions(self, after: bytes, limit: int) -> ContributionPage:
        """By token, those above `after`."""

    async def remove_contributions(self, tokens: tuple[bytes, ...]) -> None:
        """On disk too. What is not there is removed already."""

    async def mix_contributions(self) -> None:
        """Lays them anew by token, so that nothing on disk tells in which order they came."""

    async def statistics_keys(self) -> tuple[StatisticsKeyRow, ...]:
        """Oldest first; under one chain of roots there is one."""

    async def put_statistics_key(self, row: StatisticsKeyRow) -> None:
        """The same again is no change. object-conflict: another is stated under as many roots."""

    async def put_statistics_link(self, roots: int, link: bytes) -> None:
        """Of the key stated under so many roots; the first is kept, and the wraps that it was made from go."""

    async def earlier_wraps(self, expert_id: ExpertId) -> tuple[bytes, ...]:
        """Seeds of directory keys that a new root has withdrawn, as they were sealed for this coordinator. They are
        kept from the new root on while the statistics key stated under the one before has no link, and go with the
        account, with the office, and with another `kem`."""

    async def put_release(self, period: str, release: bytes) -> bool:
        """Whether it is fresh. object-conflict: another is stored for the period."""

    async def releases(self) -> tuple[str, ...]:
        """The periods, sorted."""

    async def signed_release(self, period: str) -> bytes | None: ...


def is_fresh(stored: bytes | None, offered: bytes) -> bool:
    """
    Raises:
        DomainError: `object-conflict`, where other bytes are stored.
    """
    if stored is not None and stored != offered:
        raise DomainError(Code.OBJECT_CONFLICT)
    return stored is None
