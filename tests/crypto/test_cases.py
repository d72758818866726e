"""A report becomes a case that its queues can read, that its reporter can come back to, and nobody else can open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lyhty_crypto.cases import first_words, open_case
from lyhty_crypto.chains import Chains
from lyhty_crypto.errors import CryptoError, RefusedError, TamperedError
from lyhty_crypto.keys import KemKeyPair
from lyhty_crypto.sealing import open_envelope, urgent_agrees
from lyhty_crypto.wrapping import self_unwrap, unwrap_key
from lyhty_wire.contents import Card, Report
from lyhty_wire.errors import MalformedError, WireError
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Generation, QueueId, case_id
from lyhty_wire.proofs import to_prove_open, verify
from lyhty_wire.records import Open
from lyhty_wire.rosters import UntrustedRoster
from lyhty_wire.work import Work
from lyhty_wire.wraps import Wrap
from tests.crypto.people import (
    INSTANCE,
    LAWYERS,
    PSYCHOLOGISTS,
    REPORTER,
    directory,
    opened_case,
    report,
)

NONCE = b"n" * 32
NO_WORK = Work(bytes(16), bytes(64))


def as_the_server_sees_it() -> Open:
    return Open.decode(opened_case().prove(REPORTER.auth, NONCE, NO_WORK).encode())


def test_the_server_can_check_all_of_an_opening_without_a_secret() -> None:
    opening = as_the_server_sees_it()
    verify(opening.auth_pk, opening.proof, to_prove_open(INSTANCE, NONCE, opening.after_proof()))
    roster = UntrustedRoster.decode(opening.roster).verify_opening(INSTANCE)
    roster.check_case_wraps([Wrap.decode(wrap) for wrap in opening.case_wraps])
    roster.check_card_wraps([Wrap.decode(wrap) for wrap in opening.card_wraps])
    roster.check_self_wrap(opening.self_wrap)
    assert roster.queues == (LAWYER, PSYCHOLOGIST)


@pytest.mark.parametrize(("index", "queue"), [(0, LAWYERS), (1, PSYCHOLOGISTS)])
def test_each_queue_reads_card_and_report(index: int, queue: KemKeyPair) -> None:
    opening, case = as_the_server_sees_it(), opened_case().case
    card_key = unwrap_key(Wrap.decode(opening.card_wraps[index]), queue, instance=INSTANCE, subject=case)
    case_key = unwrap_key(Wrap.decode(opening.case_wraps[index]), queue, instance=INSTANCE, subject=case)
    card = open_envelope(opening.card, card_key, instance=INSTANCE, case=case)
    told = open_envelope(opening.report, case_key, instance=INSTANCE, case=case)
    assert isinstance(card.content, Card)
    assert card.content.first_words == "Hei, tarvitsen apua."
    assert urgent_agrees(card, True)
    assert not urgent_agrees(card, False)
    assert told.content == report()
    Chains(REPORTER.sign.public).accept(told)


def test_the_card_key_does_not_open_the_report() -> None:
    opening, case = as_the_server_sees_it(), opened_case().case
    card_key = unwrap_key(Wrap.decode(opening.card_wraps[0]), LAWYERS, instance=INSTANCE, subject=case)
    with pytest.raises(TamperedError):
        open_envelope(opening.report, card_key, instance=INSTANCE, case=case)


def test_the_reporter_comes_back_with_the_self_wrap() -> None:
    case = opened_case()
    key = self_unwrap(
        case.self_wrap, REPORTER.wrap, instance=INSTANCE, case=case.case, generation=Generation(1),
        expected=case.roster.commitment,
    )  # fmt: skip
    assert key == case.case_key


def test_the_case_id_is_the_reporter_s_key_and_the_first_commitment() -> None:
    case = opened_case()
    assert case.case == case_id(REPORTER.sign.public, case.roster.commitment)


def test_two_cases_of_one_phrase_share_no_key_id_or_envelope() -> None:
    one = opened_case()
    two = open_case(REPORTER, directory(), [LAWYER, PSYCHOLOGIST], report(), urgent=True)
    assert one.case != two.case
    assert one.case_key != two.case_key
    assert one.report.header.object_id != two.report.header.object_id
    assert one.card.envelope[75:] != two.card.envelope[75:]


def test_a_queue_that_is_not_in_the_directory_is_refused() -> None:
    for queues in ([QueueId(3)], [LAWYER, QueueId(3)], []):
        with pytest.raises(RefusedError) as caught:
            open_case(REPORTER, directory(), queues, report(), urgent=False)
        assert caught.value.code == "queue-unknown"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "message-empty"), ("a" * 10_001, "message-too-long"), ("\0", "message-forbidden-character"),
     ("\ud800", "message-forbidden-character")],
)  # fmt: skip
def test_a_text_that_cannot_be_sent_is_refused_before_anything_is_sealed(text: str, code: str) -> None:
    drawn: list[int] = []

    def randomness(length: int) -> bytes:
        drawn.append(length)
        return bytes(length)

    with pytest.raises(MalformedError) as caught:
        open_case(REPORTER, directory(), [LAWYER], report(text), urgent=False, randomness=randomness)
    assert caught.value.code == code
    assert drawn == []


def test_a_proof_is_bound_to_the_channel_and_to_every_byte_behind_it() -> None:
    opening = as_the_server_sees_it()
    for other in (to_prove_open(INSTANCE, b"m" * 32, opening.after_proof()),
                  to_prove_open(INSTANCE, NONCE, replace(opening, case_salt=bytes(32)).after_proof())):  # fmt: skip
        with pytest.raises(WireError):
            verify(opening.auth_pk, opening.proof, other)


@given(st.sampled_from(["case_wraps", "card_wraps"]), st.integers(0, 3))
def test_wraps_that_the_roster_does_not_name_are_refused(which: str, change: int) -> None:
    case = opened_case()
    wraps = list(getattr(case, which))
    other = list(case.card_wraps if which == "case_wraps" else case.case_wraps)
    wrong = [wraps[::-1], wraps[:1], [*wraps, wraps[0]], other][change]
    check = case.roster.check_case_wraps if which == "case_wraps" else case.roster.check_card_wraps
    check(wraps)
    with pytest.raises(MalformedError):
        check(wrong)


def test_a_wrap_with_one_byte_changed_is_not_the_roster_s() -> None:
    case = opened_case()
    first = case.case_wraps[0]
    changed = replace(first, body=first.body[:-1] + bytes((first.body[-1] ^ 1,)))
    with pytest.raises(MalformedError):
        case.roster.check_case_wraps([changed, case.case_wraps[1]])


def test_card_wraps_of_two_different_keys_are_refused() -> None:
    case = opened_case()
    other = open_case(REPORTER, directory(), [LAWYER, PSYCHOLOGIST], report(), urgent=True)
    with pytest.raises(MalformedError):
        case.roster.check_card_wraps([case.card_wraps[0], other.card_wraps[1]])


def test_another_self_wrap_is_refused() -> None:
    with pytest.raises(MalformedError):
        opened_case().roster.check_self_wrap(bytes(48))


# --- newer epochs


# --- first words


@given(st.text(max_size=600))
def test_first_words_of_any_text_fit_the_card(text: str) -> None:
    words = first_words(text.encode("utf-8", "ignore").decode())
    assert words
    assert len(words.encode()) <= 280
    assert "\n" not in words


@pytest.mark.parametrize("text", ["ä" * 10_000, '"' * 10_000, "\\\n" * 5_000, "\U0001f3ee" * 10_000])
def test_even_the_worst_text_gives_a_card_of_one_kibibyte(text: str) -> None:
    full = Report(
        at=2**53 - 1, kem=REPORTER.kem.public, language="a" * 32, services=("instagram",) * 8, text=text,
        topic="t" * 32, role="r" * 32, age="a" * 32,
    )  # fmt: skip
    case = open_case(REPORTER, directory(), [LAWYER], full, urgent=True)
    assert len(case.card.envelope) == 1024


def test_a_short_text_is_its_own_first_words() -> None:
    assert first_words("  Hei,\n\n apua! ") == "Hei, apua!"


def test_every_error_is_one_of_two_families() -> None:
    assert not issubclass(CryptoError, WireError)
    assert TamperedError("x").failure == "tampered"
    assert RefusedError("x").failure == "refused"
