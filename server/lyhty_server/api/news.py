"""What server processes tell each other: ids and numbers, never bytes of a case. Whoever cares looks into the store."""

from typing import Final

import msgspec

from lyhty_wire.ids import CaseId, ExpertId, QueueId

ProcessId = bytes
"""16 random bytes, drawn at each start."""


class PlaceNews(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """A place changed: desks of the queue, and the case's reporter, are told what the store says of it."""

    case: CaseId
    queue: QueueId


class WroteNews(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """A case has an envelope with this number."""

    case: CaseId
    seq: int


class HoldersNews(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """The same, for the desks of these experts."""

    case: CaseId
    seq: int
    experts: tuple[ExpertId, ...]


class ErasedNews(msgspec.Struct, frozen=True, array_like=True, tag=4):
    case: CaseId


class ExpertNews(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """An event of the feed (SPEC 9), whole, for all desks of one expert."""

    expert: ExpertId
    text: str


class QueuesNews(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """The same for all desks of these queues."""

    queues: tuple[QueueId, ...]
    text: str


class EverybodyNews(msgspec.Struct, frozen=True, array_like=True, tag=7):
    text: str


class SessionsNews(msgspec.Struct, frozen=True, array_like=True, tag=8):
    """Sessions of this expert have ended."""

    expert: ExpertId


class TrustNews(msgspec.Struct, frozen=True, array_like=True, tag=9):
    version: int


class ReleaseNews(msgspec.Struct, frozen=True, array_like=True, tag=10):
    """Figures were published."""


class DeskNews(msgspec.Struct, frozen=True, array_like=True, tag=11):
    """None: gone. False: closed a moment ago, and still shown."""

    process: ProcessId
    expert: ExpertId
    is_open: bool | None


class PageNews(msgspec.Struct, frozen=True, array_like=True, tag=12):
    """The reporter of a case is here, and these experts hold it. None: gone."""

    process: ProcessId
    case: CaseId
    holders: tuple[ExpertId, ...] | None


class FactsNews(msgspec.Struct, frozen=True, array_like=True, tag=13):
    """All who are at one process, instead of what was known of it. `is_new`: it wants to know of the others."""

    process: ProcessId
    desks: tuple[tuple[ExpertId, bool], ...]
    pages: tuple[tuple[CaseId, tuple[ExpertId, ...]], ...]
    is_new: bool


class AliveNews(msgspec.Struct, frozen=True, array_like=True, tag=14):
    process: ProcessId


News = (
    PlaceNews
    | WroteNews
    | HoldersNews
    | ErasedNews
    | ExpertNews
    | QueuesNews
    | EverybodyNews
    | SessionsNews
    | TrustNews
    | ReleaseNews
    | DeskNews
    | PageNews
    | FactsNews
    | AliveNews
)

encode: Final = msgspec.msgpack.Encoder().encode
decode: Final = msgspec.msgpack.Decoder(News).decode
