"""A reporter's session against a peer that says exactly what each test needs (SPEC 4.3, 5.3, 6)."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lyhty_client.conversation import Alarm, Conversation, Message, NewKey
from lyhty_client.errors import ForgottenError, UntrustedError
from lyhty_client.expert import Expertise
from lyhty_client.happenings import CaseChanged, ClockOff, Done, Failed, Stopped, Trusted
from lyhty_client.session import NO_KEM, ReporterSession
from lyhty_crypto.documents import sign_directory
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.passphrase import reporter_keys
from lyhty_crypto.turning import PreparedTurn
from lyhty_crypto.wrapping import unwrap_key
from lyhty_wire.codes import Code
from lyhty_wire.contents import Chat, Report, Turn
from lyhty_wire.directories import QueueEpoch, TrustBundle
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import MalformedError, WireError
from lyhty_wire.frames import UP_BYTES
from lyhty_wire.ids import LAWYER, Epoch
from lyhty_wire.proofs import to_prove_erase, to_prove_open, to_prove_resume, verify
from lyhty_wire.records import (
    CaseState,
    DownRecord,
    Erase,
    Event,
    Fetch,
    Fetched,
    Open,
    Operation,
    PlaceState,
    Put,
    Resume,
    Resumed,
    ResumedGeneration,
    Sequenced,
    State,
    Stored,
    TurnKey,
)
from lyhty_wire.rosters import UntrustedRoster
from lyhty_wire.work import Terms
from lyhty_wire.wraps import Wrap
from tests.client.conftest import NOW, Instance
from tests.client.peer import Heard, Peer, only

ROOT = b"r" * 32
REPORT = Report(NOW, NO_KEM, "fi", ("tiktok",), "Joku jakoi kuvani.", topic="picture-shared")


@dataclass
class Visit:
    """An open case and everything the server would hold of it."""

    instance: Instance
    peer: Peer
    opened: Open
    stored: list[bytes]

    @property
    def session(self) -> ReporterSession:
        return self.peer.session

    def conversation(self) -> Conversation:
        assert self.session.conversation is not None
        return self.session.conversation

    def reading(self, lawyer: Expertise) -> Conversation:
        """The case as the lawyer has read it."""
        roster = UntrustedRoster.decode(self.opened.roster)
        conversation = Conversation(roster.case, roster.signer, self.instance.directory)
        wrap = Wrap.decode(self.opened.case_wraps[0])
        pair = lawyer.queue_keys[wrap.queue, wrap.epoch]
        key = unwrap_key(wrap, pair, instance=roster.instance, subject=roster.case)
        conversation.add_generation(self.opened.roster, lambda _roster: key)
        for seq, envelope in enumerate(self.stored, 1):
            conversation.accept(seq, envelope)
        return conversation

    def written_by(self, lawyer: Expertise) -> Callable[[str], bytes]:
        """Seals the lawyer's messages, who has read what is stored."""
        conversation = self.reading(lawyer)

        def write(text: str) -> bytes:
            envelope = conversation.seal(Chat(NOW, text), lawyer.keys.sign).envelope
            conversation.accept(conversation.last_seq + 1, envelope)
            self.stored.append(envelope)
            return envelope

        return write

    def resumed(self, *, last_seq: int) -> bytes:
        roster = UntrustedRoster.decode(self.opened.roster)
        return Resumed(
            roster.case,
            self.opened.case_salt,
            State.HELD,
            False,
            NOW // 3600,
            last_seq,
            (PlaceState(LAWYER, State.HELD),),
            (ResumedGeneration(self.opened.roster, self.opened.self_wrap),),
        ).encode()


@pytest.fixture
def peer(instance: Instance) -> Peer:
    return Peer(ReporterSession(instance.provider.instance), NOW)


def greet(peer: Peer, instance: Instance) -> list[Heard]:
    return peer.answer(only(peer.connect(), Operation.TRUST), instance.bundle.encode())


def open_visit(peer: Peer, instance: Instance) -> Visit:
    greet(peer, instance)
    peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    heard = only(peer.tick(), Operation.OPEN)
    opened = Open.decode(heard.record.body)
    peer.answer(heard, Stored(1).encode())
    return Visit(instance, peer, opened, [opened.report])


@pytest.fixture
def visit(peer: Peer, instance: Instance) -> Visit:
    return open_visit(peer, instance)


def texts(peer: Peer) -> list[str]:
    return [m.content.text for m in peer.happened if isinstance(m, Message) and isinstance(m.content, Chat)]


def alarms(peer: Peer) -> list[str]:
    return [alarm.code for alarm in peer.happened if isinstance(alarm, Alarm)]


# --- trust


def test_a_new_channel_asks_for_the_trust_bundle_and_nothing_else(peer: Peer) -> None:
    assert [heard.operation for heard in peer.connect()] == [Operation.TRUST]


def test_coming_back_waits_until_the_directory_is_verified(peer: Peer, instance: Instance) -> None:
    peer.session.resume(ROOT)
    trust = only(peer.connect(), Operation.TRUST)
    only(peer.answer(trust, instance.bundle.encode()), Operation.RESUME)


def test_without_a_directory_no_report_is_sealed(peer: Peer) -> None:
    peer.connect()
    with pytest.raises(ForgottenError) as refusal:
        peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    assert refusal.value.code == "directory-missing"


def test_a_directory_of_a_strange_key_stops_everything(peer: Peer, instance: Instance) -> None:
    forged = sign_directory(instance.directory.body, SigningKey(b"x" * 32))
    ticket = peer.session.resume(ROOT)
    heard = peer.answer(only(peer.connect(), Operation.TRUST), TrustBundle(instance.bundle.roots, forged).encode())
    assert heard == []
    assert peer.happened == [Stopped("directory-forged"), Failed(ticket, "directory-forged")]


def test_after_a_stop_nothing_can_be_asked_for(peer: Peer, instance: Instance) -> None:
    peer.answer(only(peer.connect(), Operation.TRUST), TrustBundle((), instance.bundle.directory).encode())
    with pytest.raises(UntrustedError):
        peer.session.resume(ROOT)


def test_a_directory_that_has_ended_is_not_believed(peer: Peer, instance: Instance) -> None:
    peer.now = instance.directory.body.expires + 1
    peer.answer(only(peer.connect(), Operation.TRUST), instance.bundle.encode())
    assert peer.happened == [Stopped("directory-expired")]


def test_a_directory_that_ends_while_the_page_is_open_stops_the_writing(visit: Visit) -> None:
    with pytest.raises(UntrustedError) as refusal:
        visit.session.write("hei", visit.instance.directory.body.expires + 1)
    assert refusal.value.code == "directory-expired"


def test_a_server_that_goes_back_to_a_lower_directory_is_left(peer: Peer, instance: Instance) -> None:
    greet(peer, instance)
    peer.connect(version=0)
    assert peer.happened[-1] == Stopped("directory-expired")


def test_the_same_directory_is_not_asked_for_again_after_a_reconnect(peer: Peer, instance: Instance) -> None:
    greet(peer, instance)
    assert peer.connect() == []


def test_a_clock_that_is_an_hour_wrong_is_told(peer: Peer) -> None:
    peer.connect(server_time=NOW + 3600)
    assert peer.happened == [ClockOff(3600)]


# --- the channel


def test_every_frame_up_has_the_same_size_whatever_it_carries(visit: Visit) -> None:
    assert {len(frame) for frame in visit.peer.up_frames} == {UP_BYTES}


def test_a_second_hello_is_refused(peer: Peer, instance: Instance) -> None:
    greet(peer, instance)
    with pytest.raises(MalformedError):
        peer.say(Event.HELLO, bytes(48))


def test_an_answer_on_the_stream_of_another_operation_is_refused(peer: Peer, instance: Instance) -> None:
    trust = only(peer.connect(), Operation.TRUST)
    with pytest.raises(MalformedError):
        peer.answer(replace(trust, stream=trust.stream + 1), instance.bundle.encode())


def test_a_fault_ends_the_channel(peer: Peer, instance: Instance) -> None:
    greet(peer, instance)
    with pytest.raises(WireError) as fault:
        peer.send(1 << 31, DownRecord.fault(Code.FRAME_MALFORMED))
    assert fault.value.code == "frame-malformed"


# --- opening a case


def test_an_opened_case_proves_who_may_return_to_it(peer: Peer, instance: Instance) -> None:
    visit = open_visit(peer, instance)
    signed = to_prove_open(instance.provider.instance, peer.nonce, visit.opened.after_proof())
    verify(visit.opened.auth_pk, visit.opened.proof, signed)


def test_a_report_is_done_only_when_the_server_has_answered(peer: Peer, instance: Instance) -> None:
    greet(peer, instance)
    ticket = peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    opened = only(peer.tick(), Operation.OPEN)
    assert Done(ticket) not in peer.happened
    peer.answer(opened, Stored(1).encode())
    assert peer.happened[-1] == Done(ticket)


def test_the_own_report_is_the_first_message_of_the_conversation(visit: Visit) -> None:
    assert [type(message.content) for message in visit.conversation().messages] == [Report]
    assert visit.session.places == (PlaceState(LAWYER, State.WAITING),)


def test_an_unanswered_report_is_sent_again_with_the_same_bytes_and_a_fresh_proof(
    peer: Peer, instance: Instance
) -> None:
    greet(peer, instance)
    peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    first = only(peer.tick(), Operation.OPEN)
    second = only(peer.connect(b"m" * 32), Operation.OPEN)
    before, after = Open.decode(first.record.body), Open.decode(second.record.body)
    assert second.record.operation_id == first.record.operation_id
    assert after.after_proof() == before.after_proof()
    verify(after.auth_pk, after.proof, to_prove_open(instance.provider.instance, b"m" * 32, after.after_proof()))


def test_a_report_that_was_sent_twice_looks_for_answers_it_may_have_missed(peer: Peer, instance: Instance) -> None:
    greet(peer, instance)
    peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    peer.tick()
    again = only(peer.connect(), Operation.OPEN)
    only(peer.answer(again, Stored(1).encode()), Operation.FETCH)


def test_an_unanswered_report_waits_for_a_newer_directory_to_be_verified(peer: Peer, instance: Instance) -> None:
    greet(peer, instance)
    peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    peer.tick()
    only(peer.connect(version=2), Operation.TRUST)


# --- the work of opening


def dearer(peer: Peer, factor: int) -> list[Heard]:
    return peer.say(Event.WORK, Terms(peer.terms.challenge, factor).encode())


def asked_to_open(peer: Peer, instance: Instance) -> Heard:
    greet(peer, instance)
    peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    return only(peer.tick(), Operation.OPEN)


def effort_of(heard: Heard, instance: Instance, terms: Terms) -> Open:
    """The opening, whose work was checked."""
    opened = Open.decode(heard.record.body)
    assert opened.work.challenge == terms.challenge
    opened.work.check(instance.provider.instance, UntrustedRoster.decode(opened.roster).case, terms.effort)
    return opened


def test_a_report_leaves_with_the_work_that_the_server_asked_for(peer: Peer, instance: Instance) -> None:
    peer.terms = Terms(b"challenge at ten", 200)
    effort_of(asked_to_open(peer, instance), instance, peer.terms)


def test_nothing_leaves_before_the_work_is_found(peer: Peer, instance: Instance) -> None:
    peer.works = False
    greet(peer, instance)
    peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    assert peer.tick() == []


def test_a_report_refused_for_too_little_work_leaves_again_with_more_and_the_same_bytes(
    peer: Peer, instance: Instance
) -> None:
    first = asked_to_open(peer, instance)
    dearer(peer, 300)
    again = only(peer.refuse(first, Code.WORK_INSUFFICIENT), Operation.OPEN)
    opened = effort_of(again, instance, Terms(peer.terms.challenge, 300))
    assert opened.after_proof() == Open.decode(first.record.body).after_proof()
    assert not any(isinstance(each, Failed) for each in peer.happened)


def test_a_report_once_refused_does_four_times_the_work_that_is_asked_for(peer: Peer, instance: Instance) -> None:
    first = asked_to_open(peer, instance)
    dearer(peer, 300)
    again = only(peer.refuse(first, Code.WORK_INSUFFICIENT), Operation.OPEN)
    effort_of(again, instance, Terms(peer.terms.challenge, 1200))


def test_a_report_refused_although_it_did_what_was_asked_waits_for_other_terms(peer: Peer, instance: Instance) -> None:
    first = asked_to_open(peer, instance)
    assert peer.refuse(first, Code.WORK_INSUFFICIENT) == []
    only(dearer(peer, 300), Operation.OPEN)


def test_terms_that_rise_during_the_search_are_met_by_what_leaves(peer: Peer, instance: Instance) -> None:
    peer.works = False
    greet(peer, instance)
    peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    search = peer.session.searching
    assert search is not None
    work = search.run(2**40)
    dearer(peer, 300)
    peer.session.searched(search, work)
    peer.works = True
    effort_of(only(peer.tick(), Operation.OPEN), instance, Terms(peer.terms.challenge, 300))


def test_a_report_that_is_forgotten_is_searched_for_no_more(peer: Peer, instance: Instance) -> None:
    peer.works = False
    greet(peer, instance)
    peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    search = peer.session.searching
    assert search is not None
    peer.session.forget()
    peer.session.searched(search, search.run(2**40))
    assert peer.session.searching is None
    assert peer.tick() == []


def test_a_report_the_busy_server_refused_goes_out_with_the_same_bytes_when_asked_again(
    peer: Peer, instance: Instance
) -> None:
    greet(peer, instance)
    peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    first = only(peer.tick(), Operation.OPEN)
    peer.refuse(first, Code.BUSY)
    peer.session.open_case(ROOT, replace(REPORT, at=NOW + 9), [LAWYER], urgent=False, now=NOW + 9)
    second = only(peer.tick(), Operation.OPEN)
    assert Open.decode(second.record.body).after_proof() == Open.decode(first.record.body).after_proof()


def test_another_report_is_never_the_one_that_was_refused(peer: Peer, instance: Instance) -> None:
    greet(peer, instance)
    peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    first = only(peer.tick(), Operation.OPEN)
    peer.refuse(first, Code.BUSY)
    peer.session.open_case(ROOT, replace(REPORT, text="Toinen asia."), [LAWYER], urgent=False, now=NOW)
    second = only(peer.tick(), Operation.OPEN)
    assert Open.decode(second.record.body).report != Open.decode(first.record.body).report


def test_a_refused_report_is_told_by_its_code(peer: Peer, instance: Instance) -> None:
    greet(peer, instance)
    ticket = peer.session.open_case(ROOT, REPORT, [LAWYER], urgent=False, now=NOW)
    peer.refuse(only(peer.tick(), Operation.OPEN), Code.EPOCH_STALE)
    assert peer.happened[-1] == Failed(ticket, "epoch-stale")


# --- coming back


def test_who_returns_proves_it_with_the_phrase_alone(peer: Peer, instance: Instance) -> None:
    greet(peer, instance)
    peer.session.resume(ROOT)
    resume = Resume.decode(only(peer.tick(), Operation.RESUME).record.body)
    verify(resume.auth_pk, resume.proof, to_prove_resume(instance.provider.instance, peer.nonce))


def test_who_returns_reads_everything_page_by_page_in_the_order_it_was_written(
    visit: Visit, lawyer: Expertise, instance: Instance
) -> None:
    write = visit.written_by(lawyer)
    for text in ("yksi", "kaksi", "kolme"):
        write(text)
    peer = Peer(ReporterSession(instance.provider.instance), NOW)
    greet(peer, instance)
    ticket = peer.session.resume(ROOT)
    fetch = only(peer.answer(only(peer.tick(), Operation.RESUME), visit.resumed(last_seq=4)), Operation.FETCH)
    assert Fetch.decode(fetch.record.body).before == 0
    newest = tuple(Sequenced(seq, visit.stored[seq - 1]) for seq in (4, 3))
    older = only(peer.answer(fetch, Fetched(True, newest).encode()), Operation.FETCH)
    assert Fetch.decode(older.record.body).before == 3
    assert Done(ticket) not in peer.happened
    peer.answer(older, Fetched(False, tuple(Sequenced(seq, visit.stored[seq - 1]) for seq in (2, 1))).encode())
    assert texts(peer) == ["yksi", "kaksi", "kolme"]
    assert (alarms(peer), peer.happened[-1]) == ([], Done(ticket))


def test_a_case_that_is_not_made_of_this_phrase_is_not_believed(visit: Visit, instance: Instance) -> None:
    peer = Peer(ReporterSession(instance.provider.instance), NOW)
    greet(peer, instance)
    ticket = peer.session.resume(b"q" * 32)
    peer.answer(only(peer.tick(), Operation.RESUME), visit.resumed(last_seq=1))
    assert peer.happened[-1] == Failed(ticket, "signature-invalid")


def test_wrong_words_are_told_and_others_can_be_tried(peer: Peer, instance: Instance) -> None:
    greet(peer, instance)
    ticket = peer.session.resume(ROOT)
    peer.refuse(only(peer.tick(), Operation.RESUME), Code.MAILBOX_UNKNOWN)
    assert peer.happened[-1] == Failed(ticket, "mailbox-unknown")
    peer.session.resume(b"s" * 32)
    only(peer.tick(), Operation.RESUME)


def test_after_a_reconnect_the_session_comes_back_by_itself_and_fetches_what_it_missed(
    visit: Visit, lawyer: Expertise
) -> None:
    envelope = visit.written_by(lawyer)("sillä välin")
    resume = only(visit.peer.connect(), Operation.RESUME)
    fetch = only(visit.peer.answer(resume, visit.resumed(last_seq=2)), Operation.FETCH)
    assert Fetch.decode(fetch.record.body).after == 1
    visit.peer.answer(fetch, Fetched(False, (Sequenced(2, envelope),)).encode())
    assert texts(visit.peer) == ["sillä välin"]


def test_a_server_that_brings_back_another_case_of_the_same_phrase_is_left(visit: Visit, instance: Instance) -> None:
    other = open_visit(Peer(ReporterSession(instance.provider.instance), NOW), instance)
    visit.peer.answer(only(visit.peer.connect(), Operation.RESUME), other.resumed(last_seq=1))
    assert visit.peer.happened[-1] == Stopped("signature-invalid")


def test_a_case_without_a_roster_is_not_believed(visit: Visit, instance: Instance) -> None:
    peer = Peer(ReporterSession(instance.provider.instance), NOW)
    greet(peer, instance)
    ticket = peer.session.resume(ROOT)
    empty = structs.replace(Resumed.decode(visit.resumed(last_seq=1)), generations=())
    peer.answer(only(peer.tick(), Operation.RESUME), empty.encode())
    assert peer.happened[-1] == Failed(ticket, "signature-invalid")


def test_what_was_read_before_and_is_sent_again_is_passed_over(visit: Visit, lawyer: Expertise) -> None:
    envelope = visit.written_by(lawyer)("Hei!")
    resume = only(visit.peer.connect(), Operation.RESUME)
    fetch = only(visit.peer.answer(resume, visit.resumed(last_seq=2)), Operation.FETCH)
    both = (Sequenced(2, envelope), Sequenced(1, visit.stored[0]))
    visit.peer.answer(fetch, Fetched(False, both).encode())
    assert (texts(visit.peer), alarms(visit.peer)) == (["Hei!"], [])


def test_a_case_that_was_erased_elsewhere_stops_the_session(visit: Visit) -> None:
    visit.peer.refuse(only(visit.peer.connect(), Operation.RESUME), Code.MAILBOX_UNKNOWN)
    assert visit.peer.happened[-1] == Stopped("mailbox-unknown")


# --- reading


def test_an_answer_is_shown_when_it_comes(visit: Visit, lawyer: Expertise) -> None:
    visit.peer.say(Event.ENVELOPE, Sequenced(2, visit.written_by(lawyer)("Hei!")).encode())
    assert texts(visit.peer) == ["Hei!"]


def test_a_state_that_changes_is_told(visit: Visit) -> None:
    held = (PlaceState(LAWYER, State.HELD),)
    visit.peer.say(Event.STATE, CaseState(State.HELD, held).encode())
    assert visit.peer.happened[-1] == CaseChanged(State.HELD, held)


def test_a_message_the_server_leaves_out_shows_as_a_gap(visit: Visit, lawyer: Expertise) -> None:
    write = visit.written_by(lawyer)
    write("tämä puuttuu")
    visit.peer.say(Event.ENVELOPE, Sequenced(2, write("toinen")).encode())
    assert alarms(visit.peer) == ["history-gap"]


def test_after_one_gap_everything_later_is_read_and_told_about_once(visit: Visit, lawyer: Expertise) -> None:
    write = visit.written_by(lawyer)
    write("tämä puuttuu")
    for seq, text in enumerate(("toinen", "kolmas"), 2):
        visit.peer.say(Event.ENVELOPE, Sequenced(seq, write(text)).encode())
    assert (texts(visit.peer), alarms(visit.peer)) == (["toinen", "kolmas"], ["history-gap"])


def test_a_message_that_somebody_changed_shows_as_tampered(visit: Visit, lawyer: Expertise) -> None:
    envelope = visit.written_by(lawyer)("Hei!")
    visit.peer.say(Event.ENVELOPE, Sequenced(2, envelope[:-1] + bytes((envelope[-1] ^ 1,))).encode())
    assert alarms(visit.peer) == ["envelope-tampered"]


def test_a_message_of_an_expert_of_another_queue_is_not_believed(visit: Visit, instance: Instance) -> None:
    psychologist = instance.expertise("psykologi")
    envelope = visit.conversation().seal(Chat(NOW, "Hei!"), psychologist.keys.sign).envelope
    visit.peer.say(Event.ENVELOPE, Sequenced(2, envelope).encode())
    assert alarms(visit.peer) == ["envelope-tampered"]


@settings(max_examples=12, deadline=None)
@given(order=st.permutations(range(2, 7)))
def test_whatever_the_order_envelopes_arrive_in_they_are_read_in_the_order_of_the_case(
    order: list[int], instance: Instance, lawyer: Expertise
) -> None:
    peer = Peer(ReporterSession(instance.provider.instance), NOW)
    visit = open_visit(peer, instance)
    write = visit.written_by(lawyer)
    for seq in range(2, 7):
        write(str(seq))
    heard: list[Heard] = []
    for seq in order:
        heard += peer.say(Event.ENVELOPE, Sequenced(seq, visit.stored[seq - 1]).encode())
    while heard:
        fetch = Fetch.decode(heard[0].record.body)
        page = tuple(Sequenced(seq, visit.stored[seq - 1]) for seq in range(6, fetch.after, -1))
        heard = [*heard[1:], *peer.answer(heard[0], Fetched(False, page).encode())]
    assert texts(peer) == ["2", "3", "4", "5", "6"]
    assert alarms(peer) == []


# --- writing


def test_a_message_is_done_only_when_the_server_has_stored_it(visit: Visit) -> None:
    ticket = visit.session.write("hei", NOW)
    put = only(visit.peer.tick(), Operation.PUT)
    assert Done(ticket) not in visit.peer.happened
    visit.peer.answer(put, Stored(2).encode())
    assert visit.peer.happened[-1] == Done(ticket)


def closed(visit: Visit) -> None:
    standing = (PlaceState(LAWYER, State.CLOSED),)
    visit.peer.say(Event.STATE, CaseState(State.CLOSED, standing).encode())


def test_whether_it_helped_can_be_said_in_a_closed_case_which_is_told_of_nothing_else(visit: Visit) -> None:
    closed(visit)
    helped, words = visit.session.say_helped("later", "somewhat", NOW), visit.session.write("hei", NOW)
    put = only(visit.peer.tick(), Operation.PUT_LATE)
    refused = only(visit.peer.answer(put, Stored(2).encode()), Operation.PUT)
    assert Done(helped) in visit.peer.happened
    visit.peer.refuse(refused, Code.CASE_CLOSED)
    assert visit.peer.happened[-1] == Failed(words, "case-closed")
    assert (visit.session.acknowledge(NOW), visit.session.state) == (None, State.CLOSED)


def test_a_closed_case_whose_key_has_passed_is_turned_before_it_is_said(visit: Visit) -> None:
    newer = newer_directory(visit.instance, KemKeyPair(b"k" * 32))
    closed(visit)
    ticket = visit.session.say_helped("impact", "helped", NOW)
    trust = only(visit.peer.refuse(only(visit.peer.tick(), Operation.PUT_LATE), Code.EPOCH_STALE), Operation.TRUST)
    turn = only(visit.peer.answer(trust, newer.encode()), Operation.TURN)
    put = only(visit.peer.answer(turn, Stored(2).encode()), Operation.PUT_LATE)
    assert decode_header(Put.decode(put.record.body).envelope).generation == 2
    visit.peer.answer(put, Stored(3).encode())
    assert visit.peer.happened[-1] == Done(ticket)


def test_in_an_open_case_it_looks_like_any_message(visit: Visit) -> None:
    visit.session.say_helped("impact", "no", NOW)
    only(visit.peer.tick(), Operation.PUT)


def test_an_unanswered_message_is_sent_again_verbatim_after_coming_back(visit: Visit) -> None:
    visit.session.write("hei", NOW)
    first = only(visit.peer.tick(), Operation.PUT)
    resume = only(visit.peer.connect(), Operation.RESUME)
    second = only(visit.peer.answer(resume, visit.resumed(last_seq=1)), Operation.PUT)
    assert second.record == first.record


def test_a_second_message_waits_for_the_answer_to_the_first(visit: Visit) -> None:
    visit.session.write("yksi", NOW)
    visit.session.write("kaksi", NOW)
    first = only(visit.peer.tick(), Operation.PUT)
    second = only(visit.peer.answer(first, Stored(2).encode()), Operation.PUT)
    counters = [decode_header(Put.decode(put.record.body).envelope).counter for put in (first, second)]
    assert counters == [2, 3]


def test_an_empty_message_is_refused_before_it_is_sealed(visit: Visit) -> None:
    with pytest.raises(MalformedError) as refusal:
        visit.session.write("", NOW)
    assert refusal.value.code == "message-empty"
    assert visit.peer.tick() == []


def test_a_message_that_another_device_was_faster_with_becomes_the_one_after_it(visit: Visit) -> None:
    other = Conversation(visit.conversation().case, visit.conversation().reporter, visit.instance.directory)
    _, key = visit.conversation().newest
    other.add_generation(visit.opened.roster, lambda _roster: key)
    other.accept(1, visit.stored[0])
    keys = reporter_keys(ROOT, visit.opened.case_salt)
    faster = other.seal(Chat(NOW, "toiselta laitteelta"), keys.sign).envelope

    ticket = visit.session.write("hei", NOW)
    put = only(visit.peer.tick(), Operation.PUT)
    fetch = only(visit.peer.refuse(put, Code.COUNTER_CONFLICT), Operation.FETCH)
    again = only(visit.peer.answer(fetch, Fetched(False, (Sequenced(2, faster),)).encode()), Operation.PUT)
    visit.peer.answer(again, Stored(3).encode())
    assert texts(visit.peer) == ["toiselta laitteelta", "hei"]
    assert (alarms(visit.peer), visit.peer.happened[-1]) == ([], Done(ticket))


def test_a_refused_message_does_not_stop_the_next_one(visit: Visit) -> None:
    ticket = visit.session.write("yksi", NOW)
    visit.session.write("kaksi", NOW)
    second = only(visit.peer.refuse(only(visit.peer.tick(), Operation.PUT), Code.BUSY), Operation.PUT)
    assert Failed(ticket, "busy") in visit.peer.happened
    assert decode_header(Put.decode(second.record.body).envelope).counter == 2


def test_when_a_queue_key_has_passed_the_session_gives_the_case_its_next_key_before_it_writes(visit: Visit) -> None:
    new_key = KemKeyPair(b"k" * 32)
    newer = newer_directory(visit.instance, new_key)
    ticket = visit.session.write("hei", NOW)
    put = only(visit.peer.tick(), Operation.PUT)
    trust = only(visit.peer.refuse(put, Code.EPOCH_STALE), Operation.TRUST)
    turn = only(visit.peer.answer(trust, newer.encode()), Operation.TURN)
    asked = TurnKey.decode(turn.record.body)
    wrap = Wrap.decode(asked.wraps[0])
    assert (asked.last_seq, wrap.queue, wrap.epoch) == (1, LAWYER, 2)
    again = only(visit.peer.answer(turn, Stored(2).encode()), Operation.PUT)
    roster, key = visit.conversation().newest
    assert unwrap_key(wrap, new_key, instance=roster.instance, subject=roster.case) == key
    header = decode_header(Put.decode(again.record.body).envelope)
    assert (header.generation, header.counter) == (2, 3)
    visit.peer.answer(again, Stored(3).encode())
    assert (visit.peer.happened[-1], alarms(visit.peer)) == (Done(ticket), [])
    assert [new.seq for new in visit.conversation().new_keys] == [2]


def test_a_server_that_calls_every_key_stale_is_given_up(visit: Visit) -> None:
    ticket = visit.session.write("hei", NOW)
    heard = only(visit.peer.tick(), Operation.PUT)
    for seq in range(2, 6):
        trust = only(visit.peer.refuse(heard, Code.EPOCH_STALE), Operation.TRUST)
        turn = only(visit.peer.answer(trust, visit.instance.bundle.encode()), Operation.TURN)
        heard = only(visit.peer.answer(turn, Stored(seq).encode()), Operation.PUT)
    assert visit.peer.refuse(heard, Code.EPOCH_STALE) == []
    assert visit.peer.happened[-1] == Failed(ticket, "epoch-stale")


def test_a_turn_that_came_too_late_is_made_anew_over_what_came_before_it(visit: Visit, lawyer: Expertise) -> None:
    newer = newer_directory(visit.instance, KemKeyPair(b"k" * 32))
    answer = visit.written_by(lawyer)("Täällä ollaan.")
    visit.session.write("hei", NOW)
    put = only(visit.peer.tick(), Operation.PUT)
    trust = only(visit.peer.refuse(put, Code.EPOCH_STALE), Operation.TRUST)
    turn = only(visit.peer.answer(trust, newer.encode()), Operation.TURN)
    fetch = only(visit.peer.refuse(turn, Code.CASE_CHANGED), Operation.FETCH)
    put = only(visit.peer.answer(fetch, Fetched(False, (Sequenced(2, answer),)).encode()), Operation.PUT)
    trust = only(visit.peer.refuse(put, Code.EPOCH_STALE), Operation.TRUST)
    turn = only(visit.peer.answer(trust, newer.encode()), Operation.TURN)
    assert TurnKey.decode(turn.record.body).last_seq == 2


def turned(visit: Visit, lawyer: Expertise) -> tuple[Conversation, PreparedTurn]:
    """The lawyer has given the case its next key: what the lawyer reads then, and what the server has."""
    reading = visit.reading(lawyer)
    turn = reading.prepare_turn(lawyer.keys.sign, reading.reporter_kem, Turn(NOW, "departure"))
    reading.add_generation(turn.roster.encode(), lambda _roster: turn.case_key, turn.link)
    reading.accept(reading.last_seq + 1, turn.message.envelope)
    visit.stored.append(turn.message.envelope)
    return reading, turn


def resumed_after(visit: Visit, turn: PreparedTurn, *, own_of_first: bool = True) -> bytes:
    first = ResumedGeneration(visit.opened.roster, visit.opened.self_wrap if own_of_first else b"")
    second = ResumedGeneration(turn.roster.encode(), turn.own_wrap.encode(), turn.link)
    before = Resumed.decode(visit.resumed(last_seq=len(visit.stored)))
    return msgspec.structs.replace(before, generations=(first, second)).encode()


def stored_after(visit: Visit, seq: int) -> bytes:
    envelopes = [Sequenced(nth, envelope) for nth, envelope in enumerate(visit.stored, 1) if nth > seq]
    return Fetched(False, tuple(reversed(envelopes))).encode()


def test_a_message_in_flight_while_the_case_gets_another_key_is_sealed_anew_and_sent_once(
    visit: Visit, lawyer: Expertise
) -> None:
    ticket = visit.session.write("hei", NOW)
    put = only(visit.peer.tick(), Operation.PUT)
    reading, turn = turned(visit, lawyer)
    trust = only(visit.peer.refuse(put, Code.GENERATION_STALE), Operation.TRUST)
    resume = only(visit.peer.answer(trust, visit.instance.bundle.encode()), Operation.RESUME)
    fetch = only(visit.peer.answer(resume, resumed_after(visit, turn)), Operation.FETCH)
    again = only(visit.peer.answer(fetch, stored_after(visit, 1)), Operation.PUT)
    envelope = Put.decode(again.record.body).envelope
    assert visit.peer.answer(again, Stored(3).encode()) == []
    assert visit.peer.happened[-1] == Done(ticket)
    assert [each.content for each in reading.accept(3, envelope) if isinstance(each, Message)] == [Chat(NOW, "hei")]
    assert (reading.alarms, alarms(visit.peer)) == ([], [])


def test_an_envelope_under_a_key_that_is_news_is_read_when_the_key_has_come(visit: Visit, lawyer: Expertise) -> None:
    _, turn = turned(visit, lawyer)
    told = visit.peer.say(Event.ENVELOPE, Sequenced(2, turn.message.envelope).encode())
    resume = only(visit.peer.answer(only(told, Operation.TRUST), visit.instance.bundle.encode()), Operation.RESUME)
    fetch = only(visit.peer.answer(resume, resumed_after(visit, turn)), Operation.FETCH)
    assert visit.peer.answer(fetch, stored_after(visit, 1)) == []
    assert [each.seq for each in visit.peer.happened if isinstance(each, NewKey)] == [2]
    assert alarms(visit.peer) == []


def test_a_key_that_never_comes_is_asked_for_once_and_then_an_alarm(visit: Visit, lawyer: Expertise) -> None:
    _, turn = turned(visit, lawyer)
    told = visit.peer.say(Event.ENVELOPE, Sequenced(2, turn.message.envelope).encode())
    resume = only(visit.peer.answer(only(told, Operation.TRUST), visit.instance.bundle.encode()), Operation.RESUME)
    fetch = only(visit.peer.answer(resume, visit.resumed(last_seq=2)), Operation.FETCH)
    assert visit.peer.answer(fetch, stored_after(visit, 1)) == []
    assert alarms(visit.peer) == ["envelope-tampered"]


def test_another_roster_for_a_key_that_is_known_stops_the_session(visit: Visit, lawyer: Expertise) -> None:
    (_, turn), (_, other) = turned(visit, lawyer), turned(visit, lawyer)
    visit.stored.pop()
    for resumed in (resumed_after(visit, turn), resumed_after(visit, other)):
        visit.peer.answer(only(visit.peer.connect(), Operation.RESUME), resumed)
    assert visit.session.stopped == "signature-invalid"


def test_without_an_own_copy_an_older_key_is_reached_through_the_link(
    visit: Visit, lawyer: Expertise, instance: Instance
) -> None:
    _, turn = turned(visit, lawyer)
    later = Peer(ReporterSession(instance.provider.instance), NOW)
    greet(later, instance)
    later.session.resume(ROOT)
    resume = only(later.tick(), Operation.RESUME)
    fetch = only(later.answer(resume, resumed_after(visit, turn, own_of_first=False)), Operation.FETCH)
    later.answer(fetch, stored_after(visit, 0))
    assert later.session.conversation is not None
    assert [type(each.content) for each in later.session.conversation.messages] == [Report]
    assert alarms(later) == []


def newer_directory(instance: Instance, key: KemKeyPair) -> TrustBundle:
    body = instance.directory.body
    queues = tuple(
        replace(queue, epochs=(*queue.epochs, QueueEpoch(Epoch(2), key.public))) if queue.id == LAWYER else queue
        for queue in body.queues
    )
    signer = SigningKey(instance.provider.secrets.directory_seed)
    return TrustBundle(instance.bundle.roots, sign_directory(replace(body, version=2, queues=queues), signer))


# --- erasing and forgetting


def test_erasing_is_signed_by_the_reporter_and_the_session_forgets(visit: Visit) -> None:
    case, reporter = visit.conversation().case, visit.conversation().reporter
    ticket = visit.session.erase()
    erase = only(visit.peer.tick(), Operation.ERASE)
    verify(reporter, Erase.decode(erase.record.body).proof, to_prove_erase(visit.instance.provider.instance, case))
    visit.peer.answer(erase)
    assert (visit.peer.happened[-1], visit.session.conversation) == (Done(ticket), None)


@pytest.mark.parametrize("code", [Code.MAILBOX_UNKNOWN, Code.CASE_ERASED])
def test_an_erasure_whose_answer_was_lost_is_done_when_the_case_cannot_be_found_again(visit: Visit, code: Code) -> None:
    ticket = visit.session.erase()
    only(visit.peer.tick(), Operation.ERASE)
    assert visit.peer.refuse(only(visit.peer.connect(), Operation.RESUME), code) == []
    assert (visit.peer.happened[-1], visit.session.conversation) == (Done(ticket), None)
    assert visit.session.stopped is None


def test_erasing_what_another_device_has_erased_is_done(visit: Visit) -> None:
    ticket = visit.session.erase()
    visit.peer.refuse(only(visit.peer.tick(), Operation.ERASE), Code.CASE_ERASED)
    assert (visit.peer.happened[-1], visit.session.conversation) == (Done(ticket), None)


def test_a_message_that_waited_when_its_case_was_erased_is_told_as_not_sent(visit: Visit) -> None:
    message, erasure = visit.session.write("hei", NOW), visit.session.erase()
    only(visit.peer.connect(), Operation.RESUME)
    visit.peer.refuse(only(visit.peer.connect(), Operation.RESUME), Code.MAILBOX_UNKNOWN)
    assert visit.peer.happened[-2:] == [Failed(message, "case-erased"), Done(erasure)]


def test_a_refused_erasure_is_told_once(visit: Visit) -> None:
    ticket = visit.session.erase()
    visit.peer.refuse(only(visit.peer.tick(), Operation.ERASE), Code.BUSY)
    visit.peer.refuse(only(visit.peer.connect(), Operation.RESUME), Code.MAILBOX_UNKNOWN)
    assert visit.peer.happened[-2:] == [Failed(ticket, "busy"), Stopped("mailbox-unknown")]


def test_what_was_asked_for_a_forgotten_case_is_not_sent_again_and_its_answer_not_heard(visit: Visit) -> None:
    visit.session.write("hei", NOW)
    put = only(visit.peer.tick(), Operation.PUT)
    visit.session.forget()
    visit.peer.answer(put, Stored(2).encode())
    assert visit.session.conversation is None
    assert visit.peer.connect() == []


def test_a_trusted_directory_is_told_once(peer: Peer, instance: Instance) -> None:
    greet(peer, instance)
    assert peer.happened == [Trusted(instance.directory)]
