"""What an expert's client opens, seals and refuses (SPEC 2.3, 4)."""

from dataclasses import replace

import msgspec
import pytest
from msgspec import structs

from lyhty_client.conversation import Alarm, Message, NewKey
from lyhty_client.errors import ForgottenError
from lyhty_client.expert import Credentials, Expertise, HeldCase, read_card, take_keys
from lyhty_client.session import NO_KEM
from lyhty_crypto.cases import PreparedCase, open_case
from lyhty_crypto.errors import CryptoError
from lyhty_crypto.experts import Unlocked
from lyhty_crypto.passphrase import reporter_keys
from lyhty_crypto.sealing import open_envelope, seal
from lyhty_crypto.turning import PreparedTurn
from lyhty_crypto.wrapping import wrap_key
from lyhty_wire.contents import Answer, AnswerPart, Card, Chat, Report, Turn
from lyhty_wire.desk import OpenedPlace, Place
from lyhty_wire.encoding import b64encode
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import WireError
from lyhty_wire.ids import LAWYER, NO_HEAD, PSYCHOLOGIST, Epoch, Generation, KemKey
from lyhty_wire.unlocks import LEAST_MEMORY_KIB, LEAST_PASSES
from lyhty_wire.wraps import CASE_KEY, TO_QUEUE
from tests.client.conftest import NOW, Instance


@pytest.fixture(scope="module")
def prepared(instance: Instance) -> PreparedCase:
    report = Report(NOW, NO_KEM, "fi", (), "Joku uhkailee minua.", topic="threats")
    return open_case(reporter_keys(b"r" * 32, b"s" * 32), instance.directory, [LAWYER], report, urgent=True)


def place_of(prepared: PreparedCase) -> Place:
    return Place(
        case=b64encode(prepared.case),
        queue=LAWYER,
        urgent=True,
        state="held",
        holder=None,
        lease_until=None,
        opened_hour=NOW // 3600,
        seq=1,
        last_seq=1,
        card=b64encode(prepared.card.envelope),
        card_wrap=b64encode(prepared.card_wraps[0].encode()),
        answered=False,
        missed=False,
        lapses=0,
        snooze=None,
        closer=None,
        closed_hour=None,
        closed_nth=None,
        closed_seq=None,
    )


def opened_place(prepared: PreparedCase) -> OpenedPlace:
    return OpenedPlace(
        place=place_of(prepared),
        rosters=[b64encode(prepared.roster.encode())],
        wraps=[b64encode(wrap.encode()) for wrap in prepared.case_wraps],
        sign_pk=b64encode(prepared.roster.signer),
        links=[None],
    )


def held(prepared: PreparedCase, lawyer: Expertise) -> HeldCase:
    case = HeldCase(opened_place(prepared), lawyer)
    case.accept(1, prepared.report.envelope)
    return case


def test_the_card_is_read_in_the_queue(prepared: PreparedCase, lawyer: Expertise) -> None:
    row = read_card(place_of(prepared), lawyer)
    assert isinstance(row.card, Card)
    assert (row.card.first_words, row.alarm) == ("Joku uhkailee minua.", None)


def test_a_server_that_hides_urgency_raises_an_alarm(prepared: PreparedCase, lawyer: Expertise) -> None:
    row = read_card(msgspec.structs.replace(place_of(prepared), urgent=False), lawyer)
    assert row.alarm == "urgent-mismatch"


def test_a_card_under_the_name_of_another_case_is_not_read(prepared: PreparedCase, lawyer: Expertise) -> None:
    row = read_card(msgspec.structs.replace(place_of(prepared), case=b64encode(b"c" * 32)), lawyer)
    assert (row.card, row.alarm) == (None, "wrap-tampered")


def test_a_card_for_another_queue_is_not_read(prepared: PreparedCase, instance: Instance) -> None:
    row = read_card(place_of(prepared), instance.expertise("psykologi"))
    assert (row.card, row.alarm) == (None, "wrap-tampered")


def test_a_held_case_is_read_from_the_report_on(prepared: PreparedCase, lawyer: Expertise) -> None:
    report = held(prepared, lawyer).conversation.messages[0].content
    assert isinstance(report, Report)
    assert report.text == "Joku uhkailee minua."


def test_an_answer_can_be_read_by_whoever_has_the_case_key(prepared: PreparedCase, lawyer: Expertise) -> None:
    answer = Answer(NOW, (AnswerPart("legal", "Se on rikos."),), "lawyer")
    envelope = held(prepared, lawyer).seal(answer)
    opened = open_envelope(envelope, prepared.case_key, instance=prepared.roster.instance, case=prepared.case)
    assert opened.content == answer
    assert opened.heads[0].head == prepared.report.head


def test_a_roster_of_another_case_is_refused(prepared: PreparedCase, lawyer: Expertise) -> None:
    opened = opened_place(prepared)
    other = msgspec.structs.replace(opened, place=msgspec.structs.replace(opened.place, case=b64encode(b"c" * 32)))
    with pytest.raises(WireError):
        HeldCase(other, lawyer)


def test_a_roster_that_the_reporter_did_not_sign_is_refused(prepared: PreparedCase, lawyer: Expertise) -> None:
    roster = structs.replace(prepared.roster, signature=bytes(64))
    unsigned = msgspec.structs.replace(opened_place(prepared), rosters=[b64encode(roster.encode())])
    with pytest.raises(WireError) as refusal:
        HeldCase(unsigned, lawyer)
    assert refusal.value.code == "signature-invalid"


def test_a_wrap_the_roster_does_not_name_is_refused(
    prepared: PreparedCase, lawyer: Expertise, instance: Instance
) -> None:
    report = Report(NOW, NO_KEM, "fi", (), "Toinen.")
    other = open_case(reporter_keys(b"r" * 32, b"s" * 32), instance.directory, [LAWYER], report, urgent=True)
    swapped = msgspec.structs.replace(
        opened_place(prepared), wraps=[b64encode(wrap.encode()) for wrap in other.case_wraps]
    )
    with pytest.raises(CryptoError) as refusal:
        HeldCase(swapped, lawyer)
    assert refusal.value.code == "wrap-tampered"


def test_a_wrap_of_the_right_key_that_the_reporter_did_not_make_is_refused(
    prepared: PreparedCase, lawyer: Expertise
) -> None:
    named = prepared.case_wraps[0]
    forged = wrap_key(
        prepared.case_key,
        lawyer.queue_keys[named.queue, named.epoch].public,
        instance=prepared.roster.instance,
        subject=prepared.case,
        kind=CASE_KEY,
        recipient=TO_QUEUE,
        queue=named.queue,
        epoch=named.epoch,
        generation=named.generation,
    )
    with pytest.raises(CryptoError):
        HeldCase(msgspec.structs.replace(opened_place(prepared), wraps=[b64encode(forged.encode())]), lawyer)


def test_a_case_whose_report_names_another_kem_key_than_the_roster_is_refused(
    prepared: PreparedCase, lawyer: Expertise
) -> None:
    place = {"instance": prepared.roster.instance, "case": prepared.case}
    report = open_envelope(prepared.report.envelope, prepared.case_key, **place).content
    assert isinstance(report, Report)
    forged = seal(
        replace(report, kem=KemKey(bytes(len(report.kem)))),
        prepared.case_key,
        reporter_keys(b"r" * 32, b"s" * 32).sign,
        **place,
        directory_version=1,
        generation=Generation(1),
        counter=1,
        previous_head=NO_HEAD,
        heads=(),
    )
    with pytest.raises(WireError) as refusal:
        HeldCase(opened_place(prepared), lawyer).accept(1, forged.envelope)
    assert refusal.value.code == "envelope-tampered"


def test_a_case_served_under_the_key_of_another_reporter_is_refused(prepared: PreparedCase, lawyer: Expertise) -> None:
    other = msgspec.structs.replace(opened_place(prepared), sign_pk=b64encode(lawyer.keys.sign.public))
    with pytest.raises(WireError) as refusal:
        HeldCase(other, lawyer)
    assert refusal.value.code == "signature-invalid"


def turned(prepared: PreparedCase, lawyer: Expertise) -> tuple[OpenedPlace, PreparedTurn]:
    """The case with a second key, served with the wrap of that one only; and the turn message."""
    before = held(prepared, lawyer).conversation
    turn = before.prepare_turn(lawyer.keys.sign, before.reporter_kem, Turn(NOW, "schedule"))
    opened = msgspec.structs.replace(
        opened_place(prepared),
        rosters=[b64encode(prepared.roster.encode()), b64encode(turn.roster.encode())],
        wraps=[b64encode(turn.case_wraps[0].encode())],
        links=[None, b64encode(turn.link)],
    )
    return opened, turn


def test_a_link_leads_from_the_newest_key_to_the_report(prepared: PreparedCase, lawyer: Expertise) -> None:
    opened, turn = turned(prepared, lawyer)
    case = HeldCase(opened, lawyer)
    read = [*case.accept(1, prepared.report.envelope), *case.accept(2, turn.message.envelope)]
    assert [type(one) for one in read] == [Message, NewKey]
    envelope = case.seal(Chat(NOW, "Hei!"))
    assert decode_header(envelope).generation == 2
    assert [type(one) for one in case.accept(3, envelope)] == [Message]


@pytest.mark.parametrize("link", [None, b64encode(bytes(48)), b64encode(b"x" * 48)], ids=["none", "zeros", "another"])
def test_without_a_way_to_an_older_key_the_case_can_still_be_written_into(
    prepared: PreparedCase, lawyer: Expertise, link: str | None
) -> None:
    opened, turn = turned(prepared, lawyer)
    case = HeldCase(msgspec.structs.replace(opened, links=[None, link]), lawyer)
    [alarm] = case.accept(1, prepared.report.envelope)
    assert isinstance(alarm, Alarm)
    case.accept(2, turn.message.envelope)
    envelope = case.seal(Chat(NOW, "Hei!"))
    assert [type(one) for one in case.accept(3, envelope)] == [Message]


def test_without_a_wrap_of_the_newest_key_the_case_is_refused(prepared: PreparedCase, lawyer: Expertise) -> None:
    opened = msgspec.structs.replace(turned(prepared, lawyer)[0], wraps=opened_place(prepared).wraps)
    with pytest.raises(CryptoError) as refusal:
        HeldCase(opened, lawyer)
    assert refusal.value.code == "wrap-tampered"


def test_a_message_that_comes_twice_does_not_set_its_author_back(prepared: PreparedCase, lawyer: Expertise) -> None:
    case = held(prepared, lawyer)
    first = case.seal(Chat(NOW, "yksi"))
    case.accept(2, first)
    case.accept(3, case.seal(Chat(NOW, "kaksi")))
    assert case.accept(4, first) == [Alarm(4, "history-gap")]
    assert [type(one) for one in case.accept(5, case.seal(Chat(NOW, "kolme")))] == [Message]


def test_a_report_that_comes_twice_is_an_alarm(prepared: PreparedCase, lawyer: Expertise) -> None:
    assert held(prepared, lawyer).accept(2, prepared.report.envelope) == [Alarm(2, "history-gap")]


def test_a_second_message_goes_on_where_the_first_ended(prepared: PreparedCase, lawyer: Expertise) -> None:
    case = held(prepared, lawyer)
    case.accept(2, case.seal(Chat(NOW, "yksi")))
    case.accept(3, case.seal(Chat(NOW, "kaksi")))
    assert [message.seq for message in case.conversation.messages] == [1, 2, 3]


def test_an_expert_whom_the_directory_names_with_other_keys_is_refused(instance: Instance) -> None:
    account, other, *_ = instance.provider.accounts
    unlocked = unlocked_of(instance, account.name)
    names = {listed.id: listed for listed in instance.directory.experts}
    swapped = replace(names[account.id], sign=names[other.id].sign)
    body = replace(instance.directory.body, experts=(swapped,))
    with pytest.raises(WireError) as refusal:
        take_keys(account.id, account.keys, account.queue_wraps, unlocked, replace(instance.directory, body=body))
    assert refusal.value.code == "directory-forged"


def test_the_seed_of_an_epoch_that_the_directory_does_not_list_is_passed_over(instance: Instance) -> None:
    account = instance.provider.accounts[0]
    assert instance.expertise(account.name).queue_keys
    body = instance.directory.body
    queues = tuple(replace(queue, epochs=(replace(queue.epochs[0], epoch=Epoch(2)),)) for queue in body.queues)
    newer = replace(instance.directory, body=replace(body, queues=queues))
    expertise = take_keys(account.id, account.keys, account.queue_wraps, unlocked_of(instance, account.name), newer)
    assert expertise.queue_keys == {}


def test_the_seed_of_another_key_than_the_directory_lists_is_refused(instance: Instance) -> None:
    account = instance.provider.accounts[0]
    body = instance.directory.body
    queues = tuple(replace(queue, epochs=(replace(queue.epochs[0], kem=KemKey(bytes(1216))),)) for queue in body.queues)
    other = replace(instance.directory, body=replace(body, queues=queues))
    with pytest.raises(WireError) as refusal:
        take_keys(account.id, account.keys, account.queue_wraps, unlocked_of(instance, account.name), other)
    assert refusal.value.code == "directory-forged"


def test_the_key_blob_of_one_expert_does_not_open_for_another(instance: Instance) -> None:
    account, other, *_ = instance.provider.accounts
    with pytest.raises(CryptoError):
        take_keys(other.id, account.keys, account.queue_wraps, unlocked_of(instance, account.name), instance.directory)


def unlocked_of(instance: Instance, name: str) -> Unlocked:
    secret = instance.provider.secrets.expert(name)
    account = next(each for each in instance.provider.accounts if each.name == name)
    credentials = Credentials(secret.name, secret.password, secret.device_secret)
    return credentials.unlock(account.salt, LEAST_MEMORY_KIB, LEAST_PASSES, 1, instance.provider.instance)


@pytest.mark.parametrize(("m_kib", "t", "p"), [(65_535, 3, 1), (65_536, 2, 1), (65_536, 3, 2)])
def test_a_server_that_asks_for_a_cheaper_derivation_is_refused(m_kib: int, t: int, p: int, instance: Instance) -> None:
    credentials = Credentials("lakimies", "salasana", b"d" * 32)
    with pytest.raises(CryptoError):
        credentials.unlock(b"s" * 16, m_kib, t, p, instance.provider.instance)


def test_without_the_device_code_nobody_signs_in() -> None:
    with pytest.raises(ForgottenError) as refusal:
        Credentials.typed("lakimies", "salasana", None)
    assert refusal.value.code == "device-secret-missing"


def test_the_account_name_is_typed_as_people_type() -> None:
    assert Credentials.typed(" Lakimies ", "salasana", b64encode(b"d" * 32)).name == "lakimies"


def test_secrets_do_not_show_when_they_are_printed(lawyer: Expertise) -> None:
    credentials = Credentials("lakimies", "salasana", b"d" * 32)
    assert "salasana" not in repr(credentials)
    assert "queue_keys" not in repr(lawyer)
    assert PSYCHOLOGIST not in lawyer.queues
