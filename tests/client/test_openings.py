"""Who has opened a case: recorded before it is shown, once an hour, and believed from true experts alone (SPEC 4.6)."""

from collections.abc import Callable

import pytest
from msgspec import structs

from lyhty_client.conversation import Alarm, Opening
from lyhty_client.expert import Expertise, HeldCase
from lyhty_client.terminal import conversation_json, conversation_lines
from lyhty_crypto.cases import PreparedCase, open_case
from lyhty_crypto.passphrase import reporter_keys
from lyhty_crypto.sealing import seal
from lyhty_wire.contents import CaseOpened, Chat, Report
from lyhty_wire.desk import OpenedPlace
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Generation, KemKey, QueueId
from tests.client import test_expert
from tests.client.conftest import NOW, Instance

HOUR_S = 3600


@pytest.fixture(scope="module")
def of_both(instance: Instance) -> PreparedCase:
    keys = reporter_keys(b"r" * 32, b"s" * 32)
    report = Report(NOW, KemKey(b""), "fi", (), "Apua.")
    return open_case(keys, instance.directory, [LAWYER, PSYCHOLOGIST], report, urgent=False)


def opened_place(prepared: PreparedCase) -> OpenedPlace:
    """With the wrap to the lawyers' queue alone, as the server hands it out."""
    whole = test_expert.opened_place(prepared)
    return structs.replace(whole, wraps=whole.wraps[:1])


@pytest.fixture
def held(of_both: PreparedCase, lawyer: Expertise) -> HeldCase:
    case = HeldCase(opened_place(of_both), lawyer)
    case.accept(1, of_both.report.envelope)
    return case


def test_an_opening_is_kept_apart_from_what_people_wrote(held: HeldCase) -> None:
    (opening,) = held.accept(2, held.seal(CaseOpened(NOW, LAWYER)))
    assert isinstance(opening, Opening)
    assert held.conversation.openings == [opening]
    assert len(held.conversation.messages) == 1


def test_it_holds_for_its_author_queue_and_hour_only(held: HeldCase, lawyer: Expertise, instance: Instance) -> None:
    held.accept(2, held.seal(CaseOpened(NOW, LAWYER)))
    own, other = lawyer.keys.sign.public, instance.expertise("psykologi").keys.sign.public
    has_opened = held.conversation.has_opened
    begin = NOW - NOW % HOUR_S
    assert has_opened(own, LAWYER, begin)
    assert has_opened(own, LAWYER, begin + HOUR_S - 1)
    assert not has_opened(own, LAWYER, begin + HOUR_S)
    assert not has_opened(own, LAWYER, begin - 1)
    assert not has_opened(own, PSYCHOLOGIST, NOW)
    assert not has_opened(other, LAWYER, NOW)


def test_an_expert_cannot_open_as_a_member_of_another_queue(held: HeldCase) -> None:
    assert held.accept(2, held.seal(CaseOpened(NOW, PSYCHOLOGIST))) == [Alarm(2, "envelope-tampered")]
    assert held.conversation.openings == []


def test_the_reporter_cannot_put_an_opening_into_the_ledger(held: HeldCase, of_both: PreparedCase) -> None:
    forged = seal(
        CaseOpened(NOW, LAWYER),
        of_both.case_key,
        reporter_keys(b"r" * 32, b"s" * 32).sign,
        instance=of_both.roster.instance,
        case=of_both.case,
        directory_version=1,
        generation=Generation(1),
        counter=2,
        previous_head=of_both.report.head,
        heads=(),
    )
    assert held.accept(2, forged.envelope) == [Alarm(2, "envelope-tampered")]


def test_an_opening_of_a_queue_that_has_no_key_is_not_believed(held: HeldCase) -> None:
    assert held.accept(2, held.seal(CaseOpened(NOW, QueueId(3)))) == [Alarm(2, "envelope-tampered")]


def test_an_opening_that_is_left_out_shows_with_the_next_message(held: HeldCase, reread: HeldCase) -> None:
    held.accept(2, held.seal(CaseOpened(NOW, LAWYER)))
    chat = held.seal(Chat(NOW, "Hei!"))
    assert Alarm(3, "history-gap") in reread.accept(3, chat)


def test_an_opening_put_behind_a_later_message_shows(held: HeldCase, reread: HeldCase) -> None:
    opening = held.seal(CaseOpened(NOW, LAWYER))
    held.accept(2, opening)
    chat = held.seal(Chat(NOW, "Hei!"))
    reread.accept(2, chat)
    assert reread.accept(3, opening) == [Alarm(3, "history-gap")]
    assert reread.conversation.openings == []


def test_an_opening_of_another_case_does_not_open_in_this_one(
    held: HeldCase, instance: Instance, lawyer: Expertise
) -> None:
    keys, report = reporter_keys(b"q" * 32, b"s" * 32), Report(NOW, KemKey(b""), "fi", (), "Toinen.")
    other = open_case(keys, instance.directory, [LAWYER], report, urgent=False)
    elsewhere = HeldCase(opened_place(other), lawyer)
    elsewhere.accept(1, other.report.envelope)
    assert held.accept(2, elsewhere.seal(CaseOpened(NOW, LAWYER))) == [Alarm(2, "envelope-tampered")]


def flip_bit_of(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("at", range(75, 1024, 73))
def test_a_changed_opening_does_not_open(held: HeldCase, at: int) -> None:
    assert held.accept(2, flip_bit_of(at)(held.seal(CaseOpened(NOW, LAWYER)))) == [Alarm(2, "envelope-tampered")]


def test_the_terminal_tells_who_opened_it_by_role_and_hour(held: HeldCase, lawyer: Expertise) -> None:
    held.accept(2, held.seal(CaseOpened(1_800_000_000, LAWYER)))
    own = lawyer.keys.sign.public
    assert "Opened by a lawyer, 2027-01-15 08 h UTC" in conversation_lines(held.conversation, own)
    assert conversation_json(held.conversation, own)["openings"] == [{"hour": 500_000, "role": "a lawyer"}]


@pytest.fixture
def reread(of_both: PreparedCase, lawyer: Expertise) -> HeldCase:
    """The same case in another window, that has read its report."""
    case = HeldCase(opened_place(of_both), lawyer)
    case.accept(1, of_both.report.envelope)
    return case
