"""What the server lets in."""

import pytest

from lyhty_server.domain import admission
from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.envelopes import CARD, MESSAGE, EnvelopeHeader
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Epoch, Generation, ObjectId, QueueId, SignKey

REPORTER, SOMEBODY = SignKey(b"r" * 32), SignKey(b"s" * 32)
KNOWN = {LAWYER, PSYCHOLOGIST}


def header(kind: int, generation: int, counter: int, author: SignKey = REPORTER) -> EnvelopeHeader:
    return EnvelopeHeader(kind, False, Generation(generation), counter, ObjectId(b"o" * 32), author)


def test_a_case_may_be_opened_in_both_queues() -> None:
    admission.check_queues([LAWYER, PSYCHOLOGIST], KNOWN)


@pytest.mark.parametrize(
    ("queues", "code"),
    [
        ([], Code.OPERATION_MALFORMED),
        ([LAWYER, LAWYER], Code.OPERATION_MALFORMED),
        ([QueueId(number) for number in range(1, 17)], Code.OPERATION_MALFORMED),
        ([LAWYER, QueueId(3)], Code.QUEUE_UNKNOWN),
    ],
    ids=["none", "one twice", "sixteen", "an unknown one"],
)
def test_a_case_is_not_opened_in_other_queues(queues: list[QueueId], code: Code) -> None:
    with pytest.raises(DomainError) as caught:
        admission.check_queues(queues, KNOWN)
    assert caught.value.code is code


def test_the_first_message_is_a_report() -> None:
    admission.check_report(header(MESSAGE, 1, 1), REPORTER)


@pytest.mark.parametrize(
    "wrong",
    [header(MESSAGE, 2, 1), header(MESSAGE, 1, 2), header(MESSAGE, 1, 1, SOMEBODY), header(CARD, 0, 0)],
    ids=["later generation", "later counter", "another author", "a card"],
)
def test_nothing_else_is_a_report(wrong: EnvelopeHeader) -> None:
    with pytest.raises(DomainError) as caught:
        admission.check_report(wrong, REPORTER)
    assert caught.value.code is Code.ENVELOPE_MALFORMED


@pytest.mark.parametrize("wrong", [header(MESSAGE, 1, 1), header(CARD, 0, 0, SOMEBODY)])
def test_a_card_is_a_card_by_the_reporter(wrong: EnvelopeHeader) -> None:
    admission.check_card(header(CARD, 0, 0), REPORTER)
    with pytest.raises(DomainError):
        admission.check_card(wrong, REPORTER)


@pytest.mark.parametrize("wrong", [header(CARD, 0, 0), header(MESSAGE, 1, 5, SOMEBODY)])
def test_people_add_messages_and_only_their_own(wrong: EnvelopeHeader) -> None:
    admission.check_message(header(MESSAGE, 1, 5), REPORTER)
    with pytest.raises(DomainError):
        admission.check_message(wrong, REPORTER)


def test_a_case_that_one_key_which_has_passed_opens_is_stale() -> None:
    current = {(LAWYER, Epoch(2)), (PSYCHOLOGIST, Epoch(1))}
    admission.check_epochs([(LAWYER, Epoch(2)), (PSYCHOLOGIST, Epoch(1))], current)
    with pytest.raises(DomainError) as caught:
        admission.check_epochs([(LAWYER, Epoch(1)), (PSYCHOLOGIST, Epoch(1))], current)
    assert caught.value.code is Code.EPOCH_STALE
