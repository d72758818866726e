"""Who may have written a message: the reporter, an expert of the case's queues, or one who has left (SPEC 4.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from lyhty_crypto.sealing import Opened
from lyhty_wire.directories import Directory, Expert, FormerExpert
from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import CaseId, QueueId, SignKey


@dataclass(frozen=True, slots=True)
class ReporterAuthor:
    """The reporter wrote it."""


Author = ReporterAuthor | Expert | FormerExpert


def author_of(
    opened: Opened, *, reporter: SignKey, case: CaseId, queues: Sequence[QueueId], directory: Directory
) -> Author:
    """Who wrote it, if they may; else ForgedError. `queues`: those of the roster of the message's generation."""
    sign = opened.header.author
    if sign == reporter:
        return ReporterAuthor()
    expert = directory.expert_by_sign(sign)
    if expert is not None and set(expert.queues).intersection(queues):
        return expert
    former = directory.former_by_sign(sign)
    end = directory.former_head(sign, case)
    if former is not None and end is not None and end.counter >= opened.header.counter:
        if end.counter == opened.header.counter and end.head != opened.head:
            raise ForgedError("envelope-tampered", "not the message a former expert's history ends with")
        return former
    raise ForgedError("envelope-tampered", "the author is not one who may write here")
