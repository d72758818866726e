"""Envelopes, wraps, signed documents: what was sealed opens, and with one changed byte it does not (SPEC 3, 4.2, 5)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyhty_crypto.chains import Chains
from lyhty_crypto.documents import sign_directory
from lyhty_crypto.errors import CryptoError, HistoryGapError, TamperedError
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.randomness import draw
from lyhty_crypto.sealing import Opened, Sealed, open_envelope, seal
from lyhty_crypto.wrapping import self_unwrap, self_wrap, unwrap_key, wrap_key
from lyhty_wire.contents import Chat, Content
from lyhty_wire.directories import UntrustedDirectory
from lyhty_wire.envelopes import SIZES, HeadSeen
from lyhty_wire.errors import MalformedError, WireError
from lyhty_wire.ids import NO_HEAD, CaseId, Commitment, Generation, Head, commitment
from lyhty_wire.rosters import UntrustedRoster
from lyhty_wire.wraps import CASE_KEY, TO_REPORTER, Wrap
from tests.crypto.people import DIRECTORY_KEY, EXPERT, INSTANCE, NOW, REPORTER, ROOT, directory, opened_case, report
from tests.wire import values

KEY, CASE = b"k" * 32, CaseId(b"c" * 32)


def sealed(
    content: Content, counter: int = 2, previous: Head = NO_HEAD, heads: tuple[HeadSeen, ...] = (),
    author: SigningKey = EXPERT,
) -> Sealed:  # fmt: skip
    return seal(
        content, KEY, author, instance=INSTANCE, case=CASE, directory_version=1, generation=Generation(1),
        counter=counter, previous_head=previous, heads=heads,
    )  # fmt: skip


def opened(envelope: bytes) -> Opened:
    return open_envelope(envelope, KEY, instance=INSTANCE, case=CASE)


@given(values.chats | values.answers)
def test_what_is_sealed_opens_and_has_one_of_four_sizes(content: Content) -> None:
    one = sealed(content)
    assert len(one.envelope) in SIZES
    again = opened(one.envelope)
    assert (again.content, again.header, again.head) == (content, one.header, one.head)


def failure(run: object) -> str | None:
    assert callable(run)
    try:
        run()
    except (CryptoError, WireError) as error:
        return error.failure
    return None


def flips(data: bytes, step: int = 1) -> list[tuple[int, bytes]]:
    return [
        (index, data[:index] + bytes((data[index] ^ 0x80,)) + data[index + 1 :]) for index in range(0, len(data), step)
    ]


@pytest.mark.parametrize(("length", "step"), [(10, 1), (1_000, 7), (5_000, 41), (9_000, 97)])
def test_every_changed_byte_of_an_envelope_is_seen(length: int, step: int) -> None:
    envelope = sealed(Chat(NOW, "ä" * length)).envelope
    assert failure(lambda: opened(envelope)) is None
    for index, changed in flips(envelope, step):
        due = "malformed" if index < 3 else "tampered"
        assert failure(lambda data=changed: opened(data)) == due, index


def test_every_changed_byte_of_a_wrap_is_seen() -> None:
    wrap = wrap_key(
        KEY, REPORTER.kem.public, instance=INSTANCE, subject=CASE, kind=CASE_KEY, recipient=TO_REPORTER,
        generation=Generation(1),
    ).encode()  # fmt: skip

    def run(data: bytes) -> bytes:
        return unwrap_key(Wrap.decode(data), REPORTER.kem, instance=INSTANCE, subject=CASE)

    assert run(wrap) == KEY
    for index, changed in flips(wrap):
        due = "malformed" if index < 9 else "tampered"  # 3..8: a reporter's wrap has no queue and no epoch
        assert failure(lambda data=changed: run(data)) == due, index


def test_every_changed_byte_of_a_roster_is_seen() -> None:
    encoded = opened_case().roster.encode()

    def run(data: bytes) -> object:
        return UntrustedRoster.decode(data).verify_opening(INSTANCE, opened_case().case)

    assert failure(lambda: run(encoded)) is None
    assert {failure(lambda data=changed: run(data)) for _, changed in flips(encoded)} == {"malformed", "forged"}


def test_every_changed_byte_of_a_directory_is_seen() -> None:
    encoded = sign_directory(directory().body, DIRECTORY_KEY)

    def run(data: bytes) -> object:
        return UntrustedDirectory(data).verify(INSTANCE, [ROOT], NOW)

    assert failure(lambda: run(encoded)) is None
    count_at = len(encoded) - 97
    for index, changed in flips(encoded):
        due = "malformed" if index < 11 or index == count_at else "forged"
        assert failure(lambda data=changed: run(data)) == due, index


def test_two_envelopes_of_the_same_words_share_no_object_id_and_no_ciphertext() -> None:
    one, two = sealed(Chat(NOW, "x")), sealed(Chat(NOW, "x"))
    assert one.header.object_id != two.header.object_id
    assert one.envelope[75:] != two.envelope[75:]


def read(envelopes: list[bytes]) -> None:
    chains = Chains(REPORTER.sign.public)
    for envelope in envelopes:
        chains.accept(opened(envelope))


@given(st.lists(st.sampled_from([10, 900, 3_900, 9_000]), min_size=1, max_size=6), st.booleans())
@settings(max_examples=25, deadline=None)
def test_a_conversation_in_order_is_accepted_and_any_message_left_out_is_noticed(lengths: list[int], two: bool) -> None:
    """Two authors take turns; each says which heads it has seen."""
    writers = [REPORTER.sign, EXPERT if two else REPORTER.sign]
    chains, envelopes = Chains(REPORTER.sign.public), []
    for index, length in enumerate([0, *lengths]):
        author = writers[index % 2]
        last = chains.last(author.public)
        content = Chat(NOW, "a" * length) if index else report()
        one = sealed(content, last.counter + 1, last.head, chains.heads_seen(author.public), author)
        chains.accept(opened(one.envelope))
        envelopes.append(one.envelope)
    read(envelopes)
    for missing in range(1, len(envelopes) - 1):
        with pytest.raises(HistoryGapError):
            read([envelope for index, envelope in enumerate(envelopes) if index != missing])


def test_a_refused_message_leaves_the_history_as_it_was() -> None:
    chains = Chains(REPORTER.sign.public)
    first = opened(sealed(report(), 1, author=REPORTER.sign).envelope)
    chains.accept(first)
    before = chains.heads_seen(b"")
    with pytest.raises(HistoryGapError):
        chains.accept(first)
    assert chains.heads_seen(b"") == before


def test_a_missing_message_that_somebody_else_has_read_is_told_once_and_again_when_another_comes_in_its_place() -> None:
    chains = Chains(REPORTER.sign.public)
    first = sealed(report(), 1, author=REPORTER.sign)
    missing, instead = (sealed(Chat(NOW, text), 2, first.head, author=REPORTER.sign) for text in ("one", "other"))
    chains.accept(opened(first.envelope))
    seen, head = (HeadSeen(REPORTER.sign.public, 2, missing.head),), NO_HEAD
    answers = []
    for counter in (1, 2, 3):
        answers.append(sealed(Chat(NOW, "hm"), counter, head, seen, EXPERT))
        head = answers[-1].head
    with pytest.raises(HistoryGapError):
        chains.accept(opened(answers[0].envelope))
    assert chains.adopt(opened(answers[0].envelope))
    chains.accept(opened(answers[1].envelope))
    chains.accept(opened(instead.envelope))
    with pytest.raises(HistoryGapError):
        chains.accept(opened(answers[2].envelope))


@given(st.binary(min_size=32, max_size=32), values.from_one)
def test_a_self_wrap_opens_for_its_generation_only(key: bytes, generation: int) -> None:
    place = {"instance": INSTANCE, "case": CASE}
    own = self_wrap(key, REPORTER.wrap, **place, generation=Generation(generation))
    expected = commitment(key)
    assert len(own) == 48
    assert self_unwrap(own, REPORTER.wrap, **place, generation=Generation(generation), expected=expected) == key
    for other_generation, other in ((generation ^ 1, expected), (generation, Commitment(bytes(32)))):
        with pytest.raises(TamperedError):
            self_unwrap(own, REPORTER.wrap, **place, generation=Generation(other_generation), expected=other)


def test_a_message_that_no_envelope_holds_is_refused_when_it_is_sealed() -> None:
    heads = tuple(HeadSeen(bytes((index,)) * 32, 1, NO_HEAD) for index in range(9))
    with pytest.raises(MalformedError):
        sealed(Chat(NOW, "x"), heads=heads)
    with pytest.raises(MalformedError):
        sealed(report(), counter=2)
    with pytest.raises(MalformedError):
        sealed(Chat(NOW, "x"), counter=1, previous=Head(b"p" * 32))


# --- secrets


@pytest.mark.parametrize("name", ["repr", "str", "format"])
def test_no_secret_shows_when_its_owner_is_printed(name: str) -> None:
    shown = {"repr": repr, "str": str, "format": lambda value: f"{value}"}[name]
    seed = draw(32)
    secrets = [seed, REPORTER.wrap, REPORTER.auth.seed, REPORTER.sign.seed, REPORTER.kem.seed, opened_case().case_key]
    for value in (SigningKey(seed), KemKeyPair(seed), REPORTER, opened_case()):
        text = shown(value)
        for secret in secrets:
            assert secret.hex() not in text
            assert repr(secret)[2:-1] not in text


def test_randomness_has_the_length_that_was_asked_for_and_never_repeats() -> None:
    drawn = [draw(32) for _ in range(100)]
    assert {len(one) for one in drawn} == {32}
    assert len(set(drawn)) == 100


def test_a_fork_is_noticed_even_after_its_author_has_written_on() -> None:
    """The server shows an expert another second message, and the reporter the expert's answer only after a third."""
    chains = Chains(REPORTER.sign.public)
    first = sealed(report(), 1, author=REPORTER.sign)
    second, fork = (sealed(Chat(NOW, text), 2, first.head, author=REPORTER.sign) for text in ("one", "other"))
    third = sealed(Chat(NOW, "on"), 3, second.head, author=REPORTER.sign)
    for message in (first, second, third):
        chains.accept(opened(message.envelope))
    answer = sealed(Chat(NOW, "hm"), 1, heads=(HeadSeen(REPORTER.sign.public, 2, fork.head),), author=EXPERT)
    with pytest.raises(HistoryGapError):
        chains.accept(opened(answer.envelope))
