"""Cases and envelopes to store. What is random in life comes from a label here, so that a failure can be repeated."""

from hashlib import shake_256

from msgspec.structs import replace

from lyhty_server.store.interface import LetIn, NewCase, NewEnvelope, NewPlace, NewTurn, NewWrap
from lyhty_server.store.people_rows import ExpertRow
from lyhty_wire.ids import LAWYER, CaseId, Epoch, ExpertId, Generation, ObjectId, QueueId, SignKey

HOUR = 3_600
NOW_S = 1_800_000_000
UNTIL_S = NOW_S + 8 * HOUR
"""When the lease of who claims or writes at NOW_S ends; which hours count is the calendar's."""
FIRST = Generation(1)
CURRENT = frozenset({(LAWYER, Epoch(1)), (QueueId(2), Epoch(1))})


def fill(label: str, size: int) -> bytes:
    return shake_256(label.encode()).digest(size)


def an_expert(name: str) -> ExpertId:
    return ExpertId(fill(f"expert {name}", 16))


def new_case(label: str, *, queues: tuple[QueueId, ...] = (LAWYER,), urgent: bool = False, epoch: int = 1) -> NewCase:
    reporter = SignKey(fill(f"{label} sign", 32))
    return NewCase(
        case_id=CaseId(fill(f"{label} case", 32)),
        sign_pk=reporter,
        mailbox_row_key=fill(f"{label} mailbox", 32),
        mailbox_sealed=fill(f"{label} sealed", 60),
        urgent=urgent,
        opened_hour=NOW_S // HOUR,
        roster=fill(f"{label} roster", 376),
        self_wrap=fill(f"{label} self-wrap", 48),
        places=tuple(
            NewPlace(
                queue, fill(f"{label} wrap {queue}", 1_213), fill(f"{label} card wrap {queue}", 1_213), Epoch(epoch)
            )
            for queue in queues
        ),
        card=fill(f"{label} card", 1_024),
        report=envelope(f"{label} report", reporter, 1),
        digest=fill(f"{label} digest", 16),
    )


def envelope(label: str, author: SignKey, counter: int, size: int = 1_024) -> NewEnvelope:
    return NewEnvelope(ObjectId(fill(f"{label} object", 32)), author, FIRST, counter, fill(f"{label} body", size))


def message(new: NewCase, counter: int, size: int = 1_024) -> NewEnvelope:
    """The reporter's message with this counter; the report had 1."""
    return envelope(f"{new.case_id.hex()} {counter}", new.sign_pk, counter, size)


def answer(expert: ExpertId, counter: int) -> NewEnvelope:
    return envelope(f"{expert.hex()} {counter}", SignKey(fill(f"sign of {expert.hex()}", 32)), counter)


def other_bytes(same: NewEnvelope) -> NewEnvelope:
    return replace(same, body=fill("other bytes", len(same.body)))


def new_wrap(queue: QueueId, epoch: int, label: str = "wrap") -> NewWrap:
    return NewWrap(queue, Epoch(epoch), fill(f"{label} {queue} {epoch}", 1_213))


def new_turn(
    case_id: CaseId,
    generation: int,
    known_seq: int,
    *,
    epoch: int = 2,
    queues: tuple[QueueId, ...] = (LAWYER,),
    author: str = "x",
    card: bool = True,
    link: bool = True,
) -> NewTurn:
    label = f"{case_id.hex()} {generation} {author}"
    sign = SignKey(fill(f"sign of {an_expert(author).hex()}", 32))
    turn_message = replace(envelope(label, sign, generation), generation=Generation(generation))
    return NewTurn(
        generation=Generation(generation),
        known_seq=known_seq,
        roster=fill(f"{label} roster", 376),
        link=fill(f"{label} link", 48) if link else bytes(48),
        own_wrap=fill(f"{label} own wrap", 1_213),
        wraps=tuple(new_wrap(queue, epoch, label) for queue in queues),
        card_wraps=tuple(new_wrap(queue, epoch, f"{label} card") for queue in queues) if card else (),
        envelope=turn_message,
    )


def letting_in(
    new: NewCase, generation: int, known_seq: int, queue: QueueId, *, link: bool = True, epoch: int = 1
) -> NewTurn:
    """The reporter lets one more queue in."""
    queues = (*(place.queue for place in new.places), queue)
    turn = new_turn(new.case_id, generation, known_seq, epoch=epoch, queues=queues, author="reporter", link=link)
    return replace(turn, let_in=LetIn(queue, NOW_S // HOUR + 3, fill(f"{queue} new card", 1_024)))


def expert_row(name: str) -> ExpertRow:
    return ExpertRow(
        expert_id=an_expert(name),
        name=name,
        salt=fill(f"{name} salt", 16),
        m_kib=65_536,
        t=3,
        p=1,
        login_pk=SignKey(fill(f"{name} login", 32)),
        keys=fill(f"{name} keys", 93),
        queue_wraps=(fill(f"{name} queue 1", 1_213), fill(f"{name} queue 2", 1_213)),
    )
