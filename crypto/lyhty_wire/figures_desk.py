"""What the desk and the server say to each other about contributions and releases (SPEC 12.3, 12.4)."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from lyhty_wire.contributions import LINK_BYTES, SEALED_BYTES, STATEMENT_BYTES
from lyhty_wire.desk import Bytes16, Bytes32, WrapBytes, base64url

MOST_IN_BATCH: Final = 100
MOST_REMOVED: Final = 1_000

SealedContribution = Annotated[str, base64url(SEALED_BYTES)]
PeriodName = Annotated[str, Meta(pattern="^2[0-9]{3}-(0[1-9]|1[0-2]|autumn|spring|2[0-9]{3})$")]


class Contribution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: Bytes16
    sealed: SealedContribution


class Contributed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shuffled by their sender. `key`: H(kem) of the statistics key that they are sealed to."""

    key: Bytes32
    contributions: Annotated[list[Contribution], Meta(min_length=1, max_length=MOST_IN_BATCH)]


class KeptContribution(msgspec.Struct, frozen=True):
    token: Bytes16
    key: Bytes32
    sealed: SealedContribution


class ContributionPage(msgspec.Struct, frozen=True):
    """By token, which says nothing. `after` of the next page is the last token of this one."""

    contributions: list[KeptContribution]
    more: bool


class RemoveContributions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tokens: Annotated[list[Bytes16], Meta(min_length=1, max_length=MOST_REMOVED)]


class StatisticsKeyStated(msgspec.Struct, frozen=True):
    """`link`: its seed, sealed to a later key; null for the last, and while nobody has made it."""

    statement: Annotated[str, base64url(STATEMENT_BYTES)]
    link: Annotated[str, base64url(LINK_BYTES)] | None


class StatisticsKeys(msgspec.Struct, frozen=True):
    """Oldest first. `earlier`: seeds of directory keys before, sealed for the coordinator who asks; while links are
    due."""

    keys: list[StatisticsKeyStated]
    earlier: list[WrapBytes]


class StateStatisticsKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    statement: Annotated[str, base64url(STATEMENT_BYTES)]
    links: Annotated[list[Annotated[str, base64url(LINK_BYTES)]], Meta(max_length=100)]


class ReleasedPeriods(msgspec.Struct, frozen=True):
    """By name."""

    periods: list[PeriodName]


class SignedRelease(msgspec.Struct, frozen=True):
    """The document (SPEC 5.1), as it was stored."""

    release: str
