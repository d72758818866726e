"""What is let in: into which queues, from whom, and with how old a key (SPEC 4.1, 6.4).

The shape of bytes is checked before, in `lyhty_wire`.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.envelopes import CARD, MESSAGE, EnvelopeHeader
from lyhty_wire.ids import Epoch, Generation, QueueId, SignKey

# SPEC 3.3: a roster has at most 16 readers, and one of an opening's is the reporter.
MAX_PLACES: Final = 15

# Entries of a desk's list in one answer: a queue entry is about 2.5 kB, an envelope at most 64 kB.
MAX_PAGE_ENTRIES: Final = 100

_FIRST_GENERATION: Final = Generation(1)
_FIRST_COUNTER: Final = 1


def check_queues(queues: Sequence[QueueId], known: Collection[QueueId]) -> None:
    """A case is opened into 1 to 15 different queues of the directory."""
    if not 1 <= len(queues) <= MAX_PLACES or len(set(queues)) != len(queues):
        raise DomainError(Code.OPERATION_MALFORMED)
    if not set(queues) <= set(known):
        raise DomainError(Code.QUEUE_UNKNOWN)


def check_card(card: EnvelopeHeader, reporter: SignKey) -> None:
    if card.kind != CARD or card.author != reporter:
        raise DomainError(Code.ENVELOPE_MALFORMED)


def check_report(report: EnvelopeHeader, reporter: SignKey) -> None:
    """SPEC 4.4: the first message is generation 1, counter 1, by the reporter."""
    check_message(report, reporter)
    if report.generation != _FIRST_GENERATION or report.counter != _FIRST_COUNTER:
        raise DomainError(Code.ENVELOPE_MALFORMED)


def check_message(message: EnvelopeHeader, writer: SignKey) -> None:
    """SPEC 6.4, 9: what is added to a case is a message, by the one who sends it."""
    if message.kind != MESSAGE or message.author != writer:
        raise DomainError(Code.ENVELOPE_MALFORMED)


def check_epochs(wrapped: Iterable[tuple[QueueId, Epoch]], current: Collection[tuple[QueueId, Epoch]]) -> None:
    """SPEC 6.4: a case that somebody opens with a key that has passed takes no more messages before a turn."""
    if not all(place in current for place in wrapped):
        raise DomainError(Code.EPOCH_STALE)
