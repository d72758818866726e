"""Strategies for the values of the wire: everything an encoder may be given."""

from hypothesis import strategies as st

from lyhty_wire import contents
from lyhty_wire.contents import (
    ANSWER_PARTS,
    LIKELIHOODS,
    PROFESSIONS,
    Answer,
    AnswerPart,
    Card,
    CaseOpened,
    Chat,
    Helped,
    Provision,
    Receipt,
    Report,
)
from lyhty_wire.envelopes import CARD, MESSAGE, EnvelopeHeader
from lyhty_wire.records import (
    CaseState,
    Empty,
    Erase,
    Fetch,
    Fetched,
    Give,
    Hello,
    Open,
    PlaceState,
    Presence,
    Put,
    Resume,
    Resumed,
    ResumedGeneration,
    Sequenced,
    Slip,
    Slips,
    State,
    Stored,
    TakeBack,
    TurnKey,
)
from lyhty_wire.rosters import RosterEntry, UntrustedRoster
from lyhty_wire.work import MAX_EFFORT, Terms, Work
from lyhty_wire.wraps import BODY_BYTES, Wrap


def exactly(length: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=length, max_size=length)


u8s = st.integers(0, 0xFF)
u16s = st.integers(0, 0xFFFF)
u32s = st.integers(0, 0xFFFF_FFFF)
u64s = st.integers(0, 0xFFFF_FFFF_FFFF_FFFF)
from_one = st.integers(1, 0xFFFF_FFFF)
queues = st.integers(1, 0xFFFF)
hashes = exactly(32)
signatures = exactly(64)
some_bytes = st.binary(max_size=300)

# --- JSON and contents

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[chr(c) for c in range(32) if chr(c) not in "\t\n"]),
    min_size=1,
    max_size=200,
)
first_words = texts.filter(lambda text: len(text.encode()) <= contents.MAX_FIRST_WORDS_BYTES)
times = st.integers(0, 2**53 - 1)
identifiers = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=32)
optional = st.none() | identifiers
services = st.lists(identifiers, max_size=8).map(tuple)
cards = st.builds(
    Card, at=times, commitment=hashes, first_words=first_words, language=identifiers, services=services,
    urgent=st.booleans(), topic=optional, role=optional, age=optional,
)  # fmt: skip
reports = st.builds(
    Report, at=times, kem=exactly(1216), language=identifiers, services=services, text=texts, topic=optional,
    help=optional, device=optional, role=optional, age=optional, school=optional,
)  # fmt: skip
chats = st.builds(Chat, at=times, text=texts)
part_names = st.sets(st.sampled_from(ANSWER_PARTS), min_size=1).map(
    lambda names: [name for name in ANSWER_PARTS if name in names]
)
lines = texts.filter(lambda text: "\t" not in text and "\n" not in text)
top_layers = st.lists(lines, max_size=contents.MAX_LINES).map(tuple)
provisions = st.builds(
    Provision, law=identifiers, version=identifiers, name=lines, section=lines, explained=texts,
    likely=st.sampled_from(LIKELIHOODS), wording=optional, words=st.none() | texts,
)  # fmt: skip
answers = st.builds(
    Answer,
    at=times,
    parts=part_names.flatmap(
        lambda names: st.tuples(*[st.builds(AnswerPart, part=st.just(name), text=texts) for name in names])
    ),
    profession=st.sampled_from(PROFESSIONS),
    plain=top_layers,
    ticks=top_layers,
    assessment=st.lists(provisions, max_size=contents.MAX_PROVISIONS, unique_by=lambda row: row.law).map(tuple),
)
receipts = st.builds(Receipt, at=times, read=st.booleans())
openings = st.builds(CaseOpened, at=times, queue=st.integers(1, 65_535))
taps = st.builds(Helped, at=times, asked=st.sampled_from(contents.ASKED), answer=st.sampled_from(contents.HELPED))
any_content = cards | reports | chats | answers | receipts | openings | taps

# --- wraps, rosters, envelopes


@st.composite
def wraps(draw: st.DrawFn) -> Wrap:
    kind, recipient = draw(st.sampled_from([(1, 1), (1, 2), (2, 1), (3, 3), (5, 1)]))
    of_queue = recipient != 2
    return Wrap(
        kind,
        recipient,
        draw(queues) if of_queue else 0,
        draw(from_one) if of_queue else 0,
        draw(from_one) if kind == 1 else 0,
        draw(hashes),
        draw(exactly(BODY_BYTES)),
    )


queue_entries = st.builds(
    RosterEntry, recipient=st.just(1), queue=queues, epoch=from_one, kem_digest=hashes, wrap_digest=hashes
)
own_entries = st.builds(
    RosterEntry, recipient=st.just(2), queue=st.just(0), epoch=st.just(0), kem_digest=hashes, wrap_digest=hashes
)


@st.composite
def rosters(draw: st.DrawFn) -> UntrustedRoster:
    entries = draw(st.lists(queue_entries, max_size=15, unique_by=lambda entry: entry.place))
    entries += draw(st.lists(own_entries, min_size=0 if entries else 1, max_size=1))
    generation = draw(from_one)
    return UntrustedRoster(
        draw(hashes), draw(hashes), generation, draw(hashes), bytes(32) if generation == 1 else draw(hashes),
        draw(u32s), tuple(sorted(entries, key=lambda entry: entry.place)), draw(hashes), draw(signatures),
    )  # fmt: skip


headers = st.builds(
    EnvelopeHeader, kind=st.just(CARD), urgent=st.booleans(), generation=st.just(0), counter=st.just(0),
    object_id=hashes, author=hashes,
) | st.builds(
    EnvelopeHeader, kind=st.just(MESSAGE), urgent=st.just(False), generation=from_one, counter=from_one,
    object_id=hashes, author=hashes,
)  # fmt: skip

# --- records

terms = st.builds(Terms, exactly(16), st.integers(1, MAX_EFFORT))
work = st.builds(Work, exactly(16), exactly(64))
states = st.sampled_from([State.WAITING, State.HELD, State.CLOSED])
places = st.lists(st.builds(PlaceState, queue=u16s, state=st.sampled_from(State)), max_size=3).map(tuple)
slips = st.builds(Slip, roster=some_bytes, self_wrap=exactly(48), envelope=some_bytes)
raw_wraps = st.lists(exactly(1213), max_size=2).map(tuple)
generations = st.lists(
    st.builds(ResumedGeneration, roster=some_bytes, own_wrap=some_bytes, link=exactly(48)), max_size=2
).map(tuple)
sequenced = st.builds(Sequenced, seq=u32s, envelope=some_bytes)
newest_first = st.lists(sequenced, max_size=4, unique_by=lambda one: one.seq).map(
    lambda items: tuple(sorted(items, key=lambda one: -one.seq))
)
bodies = st.one_of(
    st.builds(
        Open, work=work, auth_pk=hashes, proof=signatures, case_salt=hashes, roster=some_bytes, self_wrap=exactly(48),
        case_wraps=raw_wraps, card_wraps=raw_wraps, card=exactly(1024), report=some_bytes,
    ),
    st.builds(Resume, auth_pk=hashes, proof=signatures),
    st.builds(Put, envelope=some_bytes),
    st.builds(Fetch, before=u32s, after=u32s, max_bytes=u32s),
    st.builds(Erase, proof=signatures),
    st.builds(
        TurnKey, last_seq=u32s, roster=some_bytes, own_wrap=exactly(1213), link=exactly(48), wraps=raw_wraps,
        envelope=some_bytes,
    ),
    st.builds(Give, roster=some_bytes, self_wrap=exactly(48), wrap=exactly(1213), envelope=some_bytes),
    st.builds(TakeBack, room=hashes, proof=signatures),
    st.builds(Slips, slips=st.lists(slips, max_size=3).map(tuple)),
    st.builds(Empty),
    st.builds(Stored, seq=u32s),
    st.builds(
        Resumed, case=hashes, case_salt=hashes, state=states, urgent=st.booleans(), opened_hour=u32s, last_seq=u32s,
        places=places, generations=generations,
    ),
    sequenced,
    st.builds(Fetched, more=st.booleans(), envelopes=newest_first),
    st.builds(Hello, nonce=hashes, server_time=u64s, slot_ms=u32s, directory_version=u32s, terms=terms),
    terms,
    st.builds(CaseState, state=states, places=places),
    st.builds(Presence, here=st.sets(u16s, max_size=8).map(sorted).map(tuple)),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, encoded: bytes) -> bytes:
    """Other bytes than `encoded`: some changed, cut off, put in or put behind."""
    at = draw(st.integers(0, len(encoded)))
    kind = draw(st.sampled_from(["flip", "cut", "insert", "append", "drop"]))
    if kind == "flip" and encoded:
        at = min(at, len(encoded) - 1)
        return encoded[:at] + bytes((encoded[at] ^ draw(st.integers(1, 255)),)) + encoded[at + 1 :]
    if kind == "cut" and encoded:
        return encoded[: min(at, len(encoded) - 1)]
    if kind == "drop" and encoded:
        at = min(at, len(encoded) - 1)
        return encoded[:at] + encoded[at + 1 :]
    more = draw(st.binary(min_size=1, max_size=4))
    return encoded[:at] + more + encoded[at:] if kind == "insert" else encoded + more
