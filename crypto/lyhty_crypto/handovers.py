"""Questions whether another profession may help, and the reporter's answers: what is forged (SPEC 4.7)."""

from lyhty_crypto.sealing import Opened
from lyhty_wire.contents import Ask, Consent, begins_generation
from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import Head, QueueId, SignKey, digest
from lyhty_wire.rosters import Roster


def _forged(reason: str) -> ForgedError:
    return ForgedError("envelope-tampered", reason)


def check_handover(opened: Opened, roster: Roster, previous: Roster | None, reporter: SignKey) -> None:
    """By whom, and under which roster. `previous`: of the generation before."""
    content, is_reporters = opened.content, opened.header.author == reporter
    if isinstance(content, Ask) and (is_reporters or content.queue in roster.queues):
        raise _forged("asks for a queue that has the case, or not by an expert")
    if isinstance(content, Consent):
        own = roster.reporter_entry
        if not is_reporters:
            raise _forged("an answer that is not the reporter's")
        if content.kem is not None and (own is None or own.kem_digest != digest(content.kem)):
            raise _forged("another kem key than in the roster")
    is_yes = isinstance(content, Consent)
    if begins_generation(content) and is_yes != (roster.added_to(previous) is not None):
        raise _forged("a queue let in without a yes, or a yes that lets none in")


class Questions:
    """Those that have been read, oldest first."""

    __slots__ = ("_asked",)

    def __init__(self) -> None:
        self._asked: dict[Head, QueueId] = {}

    def accept(self, opened: Opened, added: QueueId | None, *, is_whole: bool) -> None:
        """`added`: the queue that the message's generation let in; `is_whole`: everything before it has been read."""
        content = opened.content
        if isinstance(content, Ask):
            self._asked[opened.head] = content.queue
        elif isinstance(content, Consent):
            queue = self._asked.get(content.asked)
            if (is_whole and queue is None) or (content.is_yes and queue is not None and queue != added):
                raise _forged("an answer to no question")
