"""What a sender is shown of a message's way never goes back, and rests on true heads alone (SPEC 4.5)."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lyhty_crypto.receipts import Reach, reach_of, receipt_owed
from lyhty_crypto.sealing import Opened
from lyhty_wire.contents import Chat, Receipt
from lyhty_wire.envelopes import MESSAGE, EnvelopeHeader, HeadSeen
from lyhty_wire.ids import Generation, Head, ObjectId, SignKey, digest

REPORTER, LAWYER, PSYCHOLOGIST = (SignKey(bytes([n]) * 32) for n in (1, 2, 3))
AUTHORS = (REPORTER, LAWYER, PSYCHOLOGIST)


def head(author: SignKey, counter: int) -> Head:
    return Head(digest(author + bytes([counter])))


def written(author: SignKey, counter: int, seen: dict[SignKey, int], content: Chat | Receipt) -> Opened:
    header = EnvelopeHeader(MESSAGE, False, Generation(1), counter, ObjectId(bytes(32)), author)
    heads = tuple(HeadSeen(who, upto, head(who, upto)) for who, upto in sorted(seen.items()) if upto)
    return Opened(header, content, 7, Head(bytes(32)), heads, head(author, counter))


@st.composite
def histories(draw: st.DrawFn) -> list[Opened]:
    """Honest clients: each message names what its author had fetched so far."""
    counters = dict.fromkeys(AUTHORS, 0)
    fetched = {author: dict.fromkeys(AUTHORS, 0) for author in AUTHORS}
    history = []
    for author, fetches, content in draw(
        st.lists(st.tuples(st.sampled_from(AUTHORS), st.booleans(), st.sampled_from(
            [Chat(1, "x"), Receipt(1, True), Receipt(1, False)])), max_size=14)
    ):  # fmt: skip
        if fetches:
            fetched[author] = dict(counters)
        counters[author] += 1
        seen = {other: upto for other, upto in fetched[author].items() if other != author}
        history.append(written(author, counters[author], seen, content))
    return history


people = st.sampled_from(AUTHORS)


@given(histories(), people, st.data())
def test_more_messages_never_take_a_mark_back(history: list[Opened], author: SignKey, data: st.DataObject) -> None:
    known = history[: data.draw(st.integers(0, len(history)))]
    later = reach_of(history, author, REPORTER)
    assert all(later[counter] >= reach for counter, reach in reach_of(known, author, REPORTER).items())


@given(histories(), people, st.randoms(use_true_random=False))
def test_the_marks_do_not_depend_on_the_order_of_reading(
    history: list[Opened], author: SignKey, random: object
) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert reach_of(shuffled, author, REPORTER) == reach_of(history, author, REPORTER)


@given(histories(), people)
def test_a_later_message_is_never_marked_further_than_an_earlier_one(history: list[Opened], author: SignKey) -> None:
    marks = [reach for _, reach in sorted(reach_of(history, author, REPORTER).items())]
    assert marks == sorted(marks, reverse=True)


@given(histories(), people)
def test_heads_that_are_not_true_show_nothing(history: list[Opened], author: SignKey) -> None:
    forged = [
        replace(one, heads=tuple(structs.replace(seen, head=Head(digest(seen.head))) for seen in one.heads))
        for one in history
    ]
    assert set(reach_of(forged, author, REPORTER).values()) <= {Reach.SENT}


@given(histories())
def test_an_expert_who_reads_what_another_wrote_marks_nothing(history: list[Opened]) -> None:
    among_experts = [one for one in history if one.header.author != REPORTER]
    assert set(reach_of(among_experts, LAWYER, REPORTER).values()) <= {Reach.SENT}


@given(histories(), people, st.booleans())
def test_a_receipt_that_was_owed_settles_everything(history: list[Opened], author: SignKey, on_screen: bool) -> None:
    owed = receipt_owed(history, author, REPORTER, on_screen=on_screen)
    if owed is None:
        return
    last = {who: max((o.header.counter for o in history if o.header.author == who), default=0) for who in AUTHORS}
    seen = {who: upto for who, upto in last.items() if who != author}
    receipt = written(author, last[author] + 1, seen, Receipt(1, owed is Reach.READ))
    assert receipt_owed([*history, receipt], author, REPORTER, on_screen=on_screen) is None


@given(histories(), people)
def test_receipts_alone_are_owed_no_receipt(history: list[Opened], author: SignKey) -> None:
    receipts = [replace(one, content=Receipt(1, True)) for one in history]
    assert receipt_owed(receipts, author, REPORTER, on_screen=True) is None
