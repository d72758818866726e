"""What experts write where no reporter reads: typed values and canonical JSON (SPEC 3.6, 3.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lyhty_wire.contents import ANSWER_PARTS, MAX_LINES, AnswerPart, Chat, Receipt, decode_content, encode_content
from lyhty_wire.encoding import b64encode, canonical_json, parse_canonical_json
from lyhty_wire.errors import MalformedError
from lyhty_wire.fields import Fields
from lyhty_wire.ids import HASH_BYTES, CaseId, Head, RoomId

TEMPLATE_ID_BYTES: Final = 16
_MAX_U32: Final = 2**32 - 1

_MALFORMED: Final = "envelope-malformed"
_SHELF: Final = frozenset(("at", "before", "type"))
_BEFORE: Final = frozenset(("count", "end", "key", "room"))
_TEMPLATE: Final = frozenset(
    (
        "at", "language", "parts", "plain", "removed", "template", "ticks", "title", "topic", "type", "version",
    )
)  # fmt: skip
_DUTY: Final = frozenset(("answer", "at", "duty", "step", "type"))
_NOTICE: Final = frozenset(("at", "duty", "reason", "type"))
_SEEN: Final = frozenset(("agree", "at", "notice", "reason", "type"))
DUTY_ANSWERS: Final = ("yes", "no", "at-once")
_PART: Final = frozenset(("part", "text"))


@dataclass(frozen=True, slots=True)
class ShelfBefore:
    """Where the shelf stood before its key was changed: opens what was written there, and says where it ends."""

    room: RoomId
    key: bytes
    count: int  # of the writings that count
    end: bytes  # a hash of their heads, in their order


@dataclass(frozen=True, slots=True)
class Shelf:
    """The first writing under every key of a shelf."""

    at: int
    before: ShelfBefore | None


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a team's answer template; the next one follows it, and nothing is overwritten."""

    at: int
    template: bytes  # 16 random bytes, the same in all versions
    version: int  # from 1
    removed: bool
    language: str
    title: str
    parts: tuple[AnswerPart, ...]
    topic: str | None = None
    plain: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DutyAnswered:
    """What a holder says of one step of a duty; None takes it back."""

    at: int
    duty: str
    step: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class NoticeAsked:
    """A holder asks for a second pair of eyes before a notice to an authority, in words of their own."""

    at: int
    duty: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    """Another expert's answer to exactly that request."""

    at: int
    notice: Head
    agree: bool
    reason: str | None  # why not


ShelfContent = Shelf | Template
"""What stands on a shelf."""
AsideContent = Chat | Receipt | DutyAnswered | NoticeAsked | NoticeSeen
"""What stands in notes and consultations; in slips, only a chat."""
RoomContent = ShelfContent | DutyAnswered | NoticeAsked | NoticeSeen
"""What stands in rooms and nowhere else."""


def encode_room_content(content: RoomContent) -> bytes:
    """Canonical JSON; MalformedError for what a reader would refuse."""
    encoded = canonical_json(_to_json(content))
    decode_room_content(encoded)
    return encoded


def decode_shelf_content(encoded: bytes) -> ShelfContent:
    content = decode_room_content(encoded)
    if not isinstance(content, ShelfContent):
        raise MalformedError(_MALFORMED, "nothing that stands on a shelf")
    return content


def decode_aside(encoded: bytes) -> AsideContent:
    value = parse_canonical_json(encoded, code=_MALFORMED)
    of_conversations = isinstance(value, dict) and value.get("type") in ("chat", "receipt")
    content = decode_content(encoded) if of_conversations else decode_room_content(encoded)
    if not isinstance(content, AsideContent):
        raise MalformedError(_MALFORMED, "nothing that stands beside a case")
    return content


def encode_aside(content: AsideContent) -> bytes:
    return encode_content(content) if isinstance(content, Chat | Receipt) else encode_room_content(content)


def decode_room_content(encoded: bytes) -> RoomContent:
    value = parse_canonical_json(encoded, code=_MALFORMED)
    match value.get("type") if isinstance(value, dict) else None:
        case "shelf":
            fields = Fields(value, _SHELF, _MALFORMED)
            before = value["before"] if isinstance(value, dict) else None
            return Shelf(fields.integer("at"), None if before is None else _before(before))
        case "template":
            return _template(value)
        case "duty":
            return _duty(value)
        case "notice":
            notice = Fields(value, _NOTICE, _MALFORMED)
            return NoticeAsked(notice.integer("at"), notice.identifier("duty"), notice.text("reason"))
        case "seen":
            return _seen(value)
        case _:
            raise MalformedError(_MALFORMED, "no such content of a room")


def _before(value: object) -> ShelfBefore:
    fields = Fields(value, _BEFORE, _MALFORMED)
    return ShelfBefore(
        room=RoomId(CaseId(fields.binary("room", HASH_BYTES))),
        key=fields.binary("key", HASH_BYTES),
        count=fields.integer("count", 1, _MAX_U32),
        end=fields.binary("end", HASH_BYTES),
    )


def _template(value: object) -> Template:
    fields = Fields(value, _TEMPLATE, _MALFORMED)
    template = Template(
        at=fields.integer("at"),
        template=fields.binary("template", TEMPLATE_ID_BYTES),
        version=fields.integer("version", 1, _MAX_U32),
        removed=fields.flag("removed"),
        language=fields.identifier("language"),
        title=fields.line("title"),
        parts=tuple(_part(part) for part in fields.items("parts")),
        topic=fields.optional_identifier("topic"),
        plain=fields.lines("plain", MAX_LINES),
        ticks=fields.lines("ticks", MAX_LINES),
    )
    names = [part.part for part in template.parts]
    if not names or names != [name for name in ANSWER_PARTS if name in names]:
        raise MalformedError(_MALFORMED, "the parts are unknown, repeated, out of order or none")
    return template


def _duty(value: object) -> DutyAnswered:
    fields = Fields(value, _DUTY, _MALFORMED)
    answer = fields.optional_identifier("answer")
    if answer is not None and answer not in DUTY_ANSWERS:
        raise MalformedError(_MALFORMED, "no such answer")
    return DutyAnswered(fields.integer("at"), fields.identifier("duty"), fields.identifier("step"), answer)


def _seen(value: object) -> NoticeSeen:
    fields = Fields(value, _SEEN, _MALFORMED)
    seen = NoticeSeen(
        fields.integer("at"), Head(fields.binary("notice", HASH_BYTES)), fields.flag("agree"),
        fields.optional_text("reason"),
    )  # fmt: skip
    if seen.agree != (seen.reason is None):
        raise MalformedError(_MALFORMED, "who does not agree says why, and nobody else does")
    return seen


def _part(value: object) -> AnswerPart:
    fields = Fields(value, _PART, _MALFORMED)
    return AnswerPart(fields.identifier("part"), fields.text("text"))


def _to_json(content: RoomContent) -> Mapping[str, object]:
    match content:
        case Shelf(at, before):
            return {"at": at, "before": None if before is None else _before_json(before), "type": "shelf"}
        case Template():
            return {
                "at": content.at,
                "language": content.language,
                "parts": [{"part": part.part, "text": part.text} for part in content.parts],
                "plain": content.plain,
                "removed": content.removed,
                "template": b64encode(content.template),
                "ticks": content.ticks,
                "title": content.title,
                "topic": content.topic,
                "type": "template",
                "version": content.version,
            }
        case DutyAnswered(at, duty, step, answer):
            return {"answer": answer, "at": at, "duty": duty, "step": step, "type": "duty"}
        case NoticeAsked(at, duty, reason):
            return {"at": at, "duty": duty, "reason": reason, "type": "notice"}
        case NoticeSeen(at, notice, agree, reason):
            return {"agree": agree, "at": at, "notice": b64encode(notice), "reason": reason, "type": "seen"}


def _before_json(before: ShelfBefore) -> Mapping[str, object]:
    return {
        "count": before.count,
        "end": b64encode(before.end),
        "key": b64encode(before.key),
        "room": b64encode(before.room),
    }
