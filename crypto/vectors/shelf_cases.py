"""Vectors of the shelves: what may stand on one, and what is believed of one that a server hands out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from world import (
    DAY,
    DIRECTORY_BODY,
    DIRECTORY_KEY,
    EXPERT_SIGN,
    FIRST_ROOT,
    FORMER_SIGN,
    INSTANCE,
    LAST_ROOT,
    LAWYER_KEM,
    NOW,
    OLD_LAWYER_KEM,
    REPORTER,
    SECOND_ROOT,
    STRANGER,
    Draws,
    Json,
    case,
    drawn,
    failing,
    tampering,
)

from lyhty_crypto.chains import Chains
from lyhty_crypto.documents import sign_directory
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.rooms import PreparedRoom, make_room
from lyhty_crypto.sealing import open_on_shelf, seal
from lyhty_crypto.shelves import StoredRoom, TeamShelf, read_shelf
from lyhty_wire.contents import ANSWER_PARTS, AnswerPart, Chat
from lyhty_wire.directories import Directory, Expert, FormerExpert, UntrustedDirectory
from lyhty_wire.encoding import canonical_json, parse_canonical_json
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, Epoch, ExpertId, Generation, QueueId, RoomId, SignKey, shelf_id
from lyhty_wire.room_contents import (
    Shelf,
    ShelfBefore,
    ShelfContent,
    Template,
    decode_shelf_content,
    encode_room_content,
)
from lyhty_wire.rooms import FIRST, RoomKind

COLLEAGUE, LEFT = SigningKey(drawn("colleague sign")), SigningKey(drawn("left lawyer sign"))
_KEM = DIRECTORY_BODY.experts[0].kem
_OTHERS = (
    Expert(ExpertId(drawn("colleague", 16)), "Kollega", COLLEAGUE.public, _KEM, (LAWYER,), False, ()),
    Expert(ExpertId(drawn("left lawyer", 16)), "Lähtijä", LEFT.public, _KEM, (LAWYER,), False, ()),
)
_FORMER = FormerExpert(_OTHERS[1].id, "Lähtijä", LEFT.public, (LAWYER,), NOW - DAY, version=8)
_BEFORE = replace(
    DIRECTORY_BODY,
    queues=tuple(replace(queue, epochs=queue.epochs[:1]) for queue in DIRECTORY_BODY.queues),
    experts=tuple(sorted((*DIRECTORY_BODY.experts, *_OTHERS), key=lambda expert: expert.id)),
)
_AFTER = replace(
    _BEFORE,
    version=8,
    queues=DIRECTORY_BODY.queues,
    experts=tuple(expert for expert in _BEFORE.experts if expert.sign != LEFT.public),
    former=tuple(sorted((*_BEFORE.former, _FORMER), key=lambda former: former.id)),
)
SIGNED = sign_directory(_AFTER, DIRECTORY_KEY)
EARLIER = UntrustedDirectory(sign_directory(_BEFORE, DIRECTORY_KEY)).verify_under(LAST_ROOT, NOW)
LATER = UntrustedDirectory(SIGNED).verify_under(LAST_ROOT, NOW)
SEEDS = {Epoch(1): OLD_LAWYER_KEM, Epoch(2): LAWYER_KEM}


def template(label: str, version: int = 1, title: str = "Uhkaus", *, removed: bool = False) -> Template:
    parts = (AnswerPart("now", "Ota kuvakaappaus palvelusta {service}."), AnswerPart("tell", "Kerro aikuiselle."))
    return Template(NOW, drawn(label, 16), version, removed, "fi-simple", title, parts, "threats")


@dataclass
class Writer:
    """A shelf under one key, as its writers leave it."""

    made: PreparedRoom
    directory: Directory
    label: str

    def __post_init__(self) -> None:
        self.chains, self.envelopes, self.draws = Chains(SignKey(b"")), list[bytes](), Draws(self.label)

    def write(
        self, content: ShelfContent | Chat, by: SigningKey = EXPERT_SIGN, generation: Generation = FIRST
    ) -> bytes:
        last = self.chains.last(by.public)
        sealed = seal(
            content, self.made.key, by, instance=INSTANCE, case=self.made.room,
            directory_version=self.directory.version, generation=generation, counter=last.counter + 1,
            previous_head=last.head, heads=self.chains.heads_seen(by.public), randomness=self.draws,
        )  # fmt: skip
        self.envelopes.append(sealed.envelope)
        if not isinstance(content, Chat) and generation == FIRST:
            self.chains.accept(open_on_shelf(sealed.envelope, self.made.key, instance=INSTANCE, room=self.made.room))
        return sealed.envelope

    def stored(self, envelopes: Sequence[bytes] | None = None, *, newest: bool = True) -> StoredRoom:
        roster, wrap = self.made.roster.encode(), self.made.wraps[0].encode() if newest else None
        return StoredRoom(roster, wrap, tuple(self.envelopes if envelopes is None else envelopes))

    @property
    def before(self) -> ShelfBefore:
        return read(self.directory, self.stored()).before


def begun(
    label: str, directory: Directory, before: ShelfBefore | None = None, by: SigningKey = EXPERT_SIGN,
    queue: QueueId = LAWYER,
) -> Writer:  # fmt: skip
    within = shelf_id(INSTANCE, queue)
    made = make_room(by, directory, within, RoomKind.SHELF, [queue], randomness=Draws(f"{label} key"))
    writer = Writer(made, directory, label)
    writer.write(Shelf(NOW, before), by)
    return writer


def read(directory: Directory, *rooms: StoredRoom, queue: QueueId = LAWYER) -> TeamShelf:
    return read_shelf(queue, rooms, directory, lambda epoch: SEEDS[epoch])


def told(shelf: TeamShelf) -> Json:
    templates = [
        {
            "template": template_id,
            "versions": [
                {"author": author, "title": content.title, "removed": content.removed} for author, content in found
            ],
        }
        for template_id, found in sorted(shelf.templates.items())
    ]
    before = shelf.before
    end = {"room": before.room, "count": before.count, "end": before.end}
    return {"templates": templates, "alarms": sorted(shelf.alarms), "before": end}


def shelves() -> list[Json]:
    """SPEC 3.6: `shelf-id`; `decode` and `encode` of what stands on a shelf; `open-in-room`; `read-shelf`: the newest
    room with its wrap, the older ones without; what holds of it, and what its reader is warned of."""
    cases = [
        case(f"queue {queue}", "shelf-id", {"instance": INSTANCE, "queue": queue}, {"shelf": shelf_id(INSTANCE, queue)})
        for queue in (LAWYER, PSYCHOLOGIST, QueueId(65_535))
    ]
    cases += _contents()

    old = begun("old shelf", EARLIER)
    old.write(template("threat"), LEFT)
    old.write(template("bully", title="Kiusaaminen"), COLLEAGUE)
    old.write(template("threat", 2, "Uhkaus 2"), COLLEAGUE)
    new = begun("new shelf", LATER, old.before, COLLEAGUE)
    new.write(template("bully", 2, "Kiusaaminen", removed=True), COLLEAGUE)
    new.write(template("scam", title="Huijaus"), EXPERT_SIGN)
    kept = old.stored(newest=False)

    def reads(name: str, *rooms: StoredRoom, holds: bool = False) -> None:
        shelf = read(LATER, *rooms)
        if holds == bool(shelf.alarms):
            raise AssertionError(f"{name}: {shelf.alarms}")
        cases.append(case(name, "read-shelf", _inputs(*rooms), told(shelf)))

    alone = old.stored()
    reads("one key", alone, holds=True)
    reads("two keys, and templates of three people, one of whom has left", kept, new.stored(), holds=True)
    fresh = begun("fresh shelf", LATER)
    fresh.write(template("fresh"))
    reads("begun anew: what was before it is passed over", kept, fresh.stored(), holds=True)

    names = new.envelopes
    reads("the older key's writings withheld", new.stored())
    reads(
        "a writing of the older key left out",
        old.stored(old.envelopes[:2] + old.envelopes[3:], newest=False),
        new.stored(),
    )
    reads("the end of the older key's left out", old.stored(old.envelopes[:3], newest=False), new.stored())
    reads(
        "the older key's in another order",
        old.stored([old.envelopes[at] for at in (0, 2, 1, 3)], newest=False),
        new.stored(),
    )
    late = old.write(template("late"), LEFT)
    later = old.stored([*kept.envelopes, late], newest=False)
    reads("written under the older key after its end: passed over", later, new.stored(), holds=True)
    messy = begun("messy shelf", EARLIER)
    messy.write(template("first"))
    messy.write(template("first", 1, "Toinen"), COLLEAGUE)
    settled = begun("settled shelf", LATER, messy.before)
    reads("what somebody has settled is told no more", messy.stored(newest=False), settled.stored(), holds=True)
    reads("a writing of the newest key left out", kept, new.stored([names[0], names[2]]))
    reads("a writing twice", kept, new.stored([*names, names[2]]))
    flipped = bytearray(names[1])
    flipped[-1] ^= 1
    reads("a writing changed", kept, new.stored([names[0], bytes(flipped), names[2]]))
    reads("nothing under the newest key", kept, new.stored([]))
    reads("another key's writing among them", kept, new.stored([*names, old.envelopes[1]]))

    def adds(name: str, content: ShelfContent | Chat, by: SigningKey, generation: Generation = FIRST) -> None:
        shelf = begun(f"shelf: {name}", LATER, old_before, COLLEAGUE)
        shelf.write(template("first"), COLLEAGUE)
        shelf.write(content, by, generation)
        reads(name, kept, shelf.stored())

    old_before = new_before(new)
    adds("written by a stranger", template("x"), STRANGER)
    adds("written by the reporter", template("x"), REPORTER.sign)
    adds("written by a former expert of another queue", template("x"), FORMER_SIGN)
    adds("written by somebody who had left", template("x"), LEFT)
    adds("of another generation", template("x"), EXPERT_SIGN, Generation(2))
    adds("words that are no template", Chat(NOW, "Hei"), EXPERT_SIGN)
    adds("a version that somebody else has written already", template("first", 1, "Toinen"), EXPERT_SIGN)
    adds("a version before which there is another", template("first", 3), EXPERT_SIGN)
    adds("a second beginning", Shelf(NOW, None), COLLEAGUE)
    wrong = replace(old_before, key=drawn("wrong key"))
    reads("a beginning that names another key", kept, begun("wrong key", LATER, wrong).stored())
    elsewhere = replace(old_before, room=RoomId(CaseId(drawn("elsewhere"))))
    reads("a beginning that names another shelf", kept, begun("elsewhere", LATER, elsewhere).stored())
    short = replace(old_before, count=old_before.count - 1)
    reads("a beginning that names another end", kept, begun("short", LATER, short).stored())

    def unread(name: str, room: StoredRoom, failure: str) -> None:
        cases.append(failing(name, "read-shelf", _inputs(kept, room), lambda: read(LATER, kept, room), failure))

    unread("no wrap", new.stored(newest=False), "tampered")
    unread("the wrap of another key", replace(new.stored(), wrap=alone.wrap), "tampered")
    unread("begun by a stranger", begun("stranger's", LATER, by=STRANGER).stored(), "forged")
    unread("begun by somebody who had left", begun("left", LATER, by=LEFT).stored(), "forged")
    unread(
        "the shelf of another queue", begun("other queue", LATER, by=FORMER_SIGN, queue=PSYCHOLOGIST).stored(), "forged"
    )

    newest = new.stored()
    base = _inputs(kept, newest)
    for field, data, step in (("roster", newest.roster, 1), ("wrap", new.made.wraps[0].encode(), 11)):
        cases.append(tampering(
            f"its {field} tampered", "read-shelf", {**base, field: data}, field,
            lambda changed, field=field: read(LATER, kept, replace(newest, **{field: changed})),
            step,
        ))  # fmt: skip
    opening: Json = {
        "envelope": names[1], "key": new.made.key, "instance": INSTANCE, "room": new.made.room
    }  # fmt: skip
    cases.append(tampering(
        "a writing tampered", "open-in-room", opening, "envelope",
        lambda changed: open_on_shelf(changed, new.made.key, instance=INSTANCE, room=new.made.room),
    ))  # fmt: skip
    return cases


def new_before(new: Writer) -> ShelfBefore:
    first = open_on_shelf(new.envelopes[0], new.made.key, instance=INSTANCE, room=new.made.room).content
    assert isinstance(first, Shelf)
    assert first.before is not None
    return first.before


def _inputs(*rooms: StoredRoom) -> Json:
    return {
        "anchor": INSTANCE, "roots": [FIRST_ROOT, SECOND_ROOT], "directory": SIGNED, "now": NOW, "queue": LAWYER,
        "seeds": [{"epoch": epoch, "seed": pair.seed} for epoch, pair in SEEDS.items()],
        "rooms": [{"roster": room.roster, "wrap": room.wrap, "envelopes": list(room.envelopes)} for room in rooms],
    }  # fmt: skip


def _contents() -> list[Json]:
    whole = replace(
        template("whole", 2**32 - 1), topic=None, removed=True, plain=("\U0001f3ee" * 280,) * 5, ticks=("Tee näin",),
        parts=tuple(AnswerPart(part, f"Teksti: {part}") for part in ANSWER_PARTS),
    )  # fmt: skip
    before = ShelfBefore(RoomId(CaseId(drawn("room"))), drawn("room key"), 12, drawn("end"))
    good: dict[str, ShelfContent] = {
        "template": template("id"), "template with everything": whole, "shelf": Shelf(NOW, before),
        "the first shelf": Shelf(0, None),
    }  # fmt: skip
    cases = []
    for name, content in good.items():
        encoded = encode_room_content(content)
        cases.append(case(name, "decode", {"text": encoded.decode()}, {"value": parse_canonical_json(encoded)}))
    one = parse_canonical_json(encode_room_content(template("id")))
    shelf = parse_canonical_json(encode_room_content(Shelf(NOW, before)))
    assert isinstance(one, dict)
    assert isinstance(shelf, dict)
    stood = shelf["before"]
    assert isinstance(stood, dict)
    bad: dict[str, object] = {
        "no object": [],
        "a chat": {"at": 1, "text": "x", "type": "chat"},
        "no type": {name: value for name, value in one.items() if name != "type"},
        "a field more": {**one, "more": 1},
        "a field missing": {name: value for name, value in one.items() if name != "plain"},
        "version 0": {**one, "version": 0},
        "version 2^32": {**one, "version": 2**32},
        "an id of 15 bytes": {**one, "template": "AAAAAAAAAAAAAAAAAAAA"},
        "removed as number": {**one, "removed": 1},
        "no title": {**one, "title": ""},
        "a title of two lines": {**one, "title": "a\nb"},
        "a title of 281": {**one, "title": "a" * 281},
        "no language": {**one, "language": None},
        "a topic in capitals": {**one, "topic": "Threats"},
        "no parts": {**one, "parts": []},
        "a part twice": {**one, "parts": [{"part": "now", "text": "x"}] * 2},
        "parts out of order": {**one, "parts": [{"part": "tell", "text": "x"}, {"part": "now", "text": "x"}]},
        "an empty part": {**one, "parts": [{"part": "now", "text": ""}]},
        "six lines": {**one, "plain": ["x"] * 6},
        "a tick of two lines": {**one, "ticks": ["a\nb"]},
        "before is missing": {"at": 1, "type": "shelf"},
        "before is a number": {**shelf, "before": 1},
        "a count of 0": {**shelf, "before": {**stood, "count": 0}},
        "a key of 31 bytes": {**shelf, "before": {**stood, "key": "A" * 42}},
        "no end": {**shelf, "before": {name: value for name, value in stood.items() if name != "end"}},
    }
    for name, value in bad.items():
        text = canonical_json(value).decode()
        cases.append(failing(
            name, "decode", {"text": text}, lambda text=text: decode_shelf_content(text.encode()), "malformed"
        ))  # fmt: skip
    return cases
