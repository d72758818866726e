"""Who may have written a message: the reporter, an expert of the case's queues, or one who has left (SPEC 4.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from lyhty_crypto.sealing import Opened
from lyhty_wire.contents import CaseOpened, Helped
from lyhty_wire.directories import Directory, Expert, FormerExpert
from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import QueueId, SignKey


@dataclass(frozen=True, slots=True)
class ReporterAuthor:
    """The reporter wrote it."""


Author = ReporterAuthor | Expert | FormerExpert


def author_of(
    opened: Opened, *, reporter: SignKey, queues: Sequence[QueueId], roster_version: int, directory: Directory
) -> Author:
    """Who wrote it, if they may; else ForgedError.

    `queues` and the directory version `roster_version` are those of the roster of the message's generation.
    """
    sign = opened.header.author
    if isinstance(opened.content, CaseOpened):  # SPEC 4.6: by an expert, as a member of one of the case's queues
        if sign == reporter or opened.content.queue not in queues:
            raise ForgedError("envelope-tampered", "not an opening by somebody who may open")
        queues = (opened.content.queue,)
    elif sign == reporter:
        return ReporterAuthor()
    elif isinstance(opened.content, Helped):  # SPEC 4.8: nobody says for the reporter that it helped
        raise ForgedError("envelope-tampered", "not the reporter's word")
    return expert_of(sign, queues=queues, roster_version=roster_version, directory=directory)


def expert_of(
    sign: SignKey, *, queues: Sequence[QueueId], roster_version: int, directory: Directory
) -> Expert | FormerExpert:
    """The same where no reporter writes."""
    expert = directory.expert_by_sign(sign)
    if expert is not None and set(expert.queues).intersection(queues):
        return expert
    former = directory.former_by_sign(sign)
    # SPEC 4.3: in a generation that is older than their leaving.
    if former is not None and set(former.queues).intersection(queues) and roster_version < former.version:
        return former
    raise ForgedError("envelope-tampered", "the author is not one who may write here")
