"""What people write, and what their clients write without words: typed values and canonical JSON (SPEC 4.4)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from lyhty_wire.encoding import b64encode, canonical_json, parse_canonical_json
from lyhty_wire.errors import MalformedError
from lyhty_wire.fields import MAX_LINE_CODE_POINTS, Fields, check_text
from lyhty_wire.ids import HASH_BYTES, KEM_KEY_BYTES, Commitment, Head, KemKey, QueueId

MAX_FIRST_WORDS_BYTES: Final = 280
MAX_SERVICES: Final = 8
ANSWER_PARTS: Final = ("did-right", "legal", "now", "protect", "first-aid", "tell", "look-again")
PROFESSIONS: Final = ("lawyer", "psychologist")
LIKELIHOODS: Final = ("may-fulfil", "unlikely", "cannot-tell")
MAX_PROVISIONS: Final = 8
MAX_LINES: Final = 5  # of the top layer of an answer: what a child reads at one glance
TURN_REASONS: Final = ("departure", "schedule")
ALL: Final = "all"
FROM_HERE: Final = "from-here"
NO: Final = "no"
CONSENTS: Final = (ALL, FROM_HERE, NO)
ASKED: Final = ("impact", "later")
HELPED: Final = ("helped", "somewhat", "no")

_MALFORMED: Final = "envelope-malformed"
_CARD: Final = frozenset(
    ("age", "at", "commitment", "first_words", "language", "role", "services", "topic", "type", "urgent")
)
_REPORT: Final = frozenset(
    ("age", "at", "device", "help", "kem", "language", "role", "school", "services", "text", "topic", "type")
)
_CHAT: Final = frozenset(("at", "text", "type"))
_ANSWER: Final = frozenset(("assessment", "at", "parts", "plain", "profession", "ticks", "type"))
_PROVISION: Final = frozenset(("explained", "law", "likely", "name", "section", "version", "wording", "words"))
_PART: Final = frozenset(("part", "text"))
_RECEIPT: Final = frozenset(("at", "read", "type"))
_OPENED: Final = frozenset(("at", "queue", "type"))
_MAX_QUEUE: Final = 2**16 - 1
_TURN: Final = frozenset(("at", "reason", "type"))
_ASK: Final = frozenset(("at", "queue", "text", "type"))
_CONSENT: Final = frozenset(("asked", "at", "kem", "type", "what"))
_HELPED: Final = frozenset(("answer", "asked", "at", "type"))


@dataclass(frozen=True, slots=True)
class Card:
    """What experts see in the queue."""

    at: int  # seconds since 1970, the author's clock
    commitment: Commitment  # of the first case key
    first_words: str
    language: str
    services: tuple[str, ...]
    urgent: bool
    topic: str | None = None
    role: str | None = None
    age: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The first message of a case."""

    at: int
    kem: KemKey  # where experts send new case keys
    language: str
    services: tuple[str, ...]
    text: str
    topic: str | None = None
    help: str | None = None
    device: str | None = None
    role: str | None = None
    age: str | None = None
    school: str | None = None  # from the poster's address; for figures alone (SPEC 5.4)


@dataclass(frozen=True, slots=True)
class Chat:
    """A message of anybody."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """One titled part of an answer."""

    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Provision:
    """One row of a legal assessment. What its reader sees comes along, so that they need no law data."""

    law: str  # the row's id in the law data
    version: str  # of the law data
    name: str
    section: str  # "Rikoslaki 39/1889, 24 luku 9 §"
    explained: str  # in plain words, in the reader's language
    likely: str
    wording: str | None  # since when the section reads so: 2014-01-01
    words: str | None  # the writer's own


@dataclass(frozen=True, slots=True)
class Answer:
    """An expert's structured answer: lines and ticks on top, the parts and the legal assessment below."""

    at: int
    parts: tuple[AnswerPart, ...]
    profession: str
    plain: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()
    assessment: tuple[Provision, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Says nothing but through the heads it carries: what has arrived, and whether it has been on a screen."""

    at: int
    read: bool


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """An expert's client is about to show the case to its expert (SPEC 4.6)."""

    at: int
    queue: QueueId  # as a member of which queue


@dataclass(frozen=True, slots=True)
class Turn:
    """The first message of a later generation: says that there is a new key, and by its heads what was before."""

    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Ask:
    """An expert asks the reporter whether another queue may help (SPEC 4.7)."""

    at: int
    queue: QueueId  # who would join
    text: str  # why: the reporter reads it


@dataclass(frozen=True, slots=True)
class Consent:
    """The reporter's answer. A yes is the first message of the generation that the queue can read (SPEC 4.7)."""

    at: int
    asked: Head  # of the question
    what: str  # all, from-here or no
    kem: KemKey | None = None  # from here on: the reporter's key, for readers who have no report

    @property
    def is_yes(self) -> bool:
        return self.what != NO


@dataclass(frozen=True, slots=True)
class Helped:
    """What the reporter says of the answer, by one tap (SPEC 4.8)."""

    at: int
    asked: str  # impact: with the answer, later: two weeks after it
    answer: str


Written = Card | Report | Chat | Answer | Ask | Consent
"""What a person wrote."""
Wordless = Receipt | CaseOpened | Helped
"""What has no words: no screen shows it as a line of the conversation."""
Content = Written | Wordless | Turn


def begins_generation(content: Content) -> bool:
    """Whether it is a turn message (SPEC 4.3): a new key's, or a yes."""
    return isinstance(content, Turn) or (isinstance(content, Consent) and content.is_yes)


def encode_content(content: Content) -> bytes:
    """Canonical JSON. What a reader would refuse raises MalformedError, with a code that tells the writer why."""
    check_texts(content)
    try:
        encoded = canonical_json(to_json(content))
    except ValueError:
        raise MalformedError(_MALFORMED, "a value JSON cannot write") from None
    decode_content(encoded)
    return encoded


def decode_content(encoded: bytes) -> Content:
    value = parse_canonical_json(encoded, code=_MALFORMED)
    kind = value.get("type") if isinstance(value, dict) else None
    match kind:
        case "card":
            return _card(value)
        case "report":
            return _report(value)
        case "chat":
            chat = Fields(value, _CHAT, _MALFORMED)
            return Chat(chat.integer("at"), chat.text("text"))
        case "answer":
            return _answer(value)
        case "receipt":
            receipt = Fields(value, _RECEIPT, _MALFORMED)
            return Receipt(receipt.integer("at"), receipt.flag("read"))
        case "opened":
            opened = Fields(value, _OPENED, _MALFORMED)
            return CaseOpened(opened.integer("at"), QueueId(opened.integer("queue", 1, _MAX_QUEUE)))
        case "turn":
            return _turn(value)
        case "ask":
            ask = Fields(value, _ASK, _MALFORMED)
            return Ask(ask.integer("at"), QueueId(ask.integer("queue", 1, _MAX_QUEUE)), ask.text("text"))
        case "consent":
            return _consent(value)
        case "helped":
            return _helped(value)
        case _:
            raise MalformedError(_MALFORMED, "no such content")


def check_texts(content: Content) -> None:
    """Every text a person wrote is one that can be sent: codes `message-...` and `answer-empty`."""
    match content:
        case Card():
            check_text(content.first_words)
            if len(content.first_words.encode("utf-8")) > MAX_FIRST_WORDS_BYTES:
                raise MalformedError("message-too-long", "first words: more than 280 bytes")
        case Answer():
            if not content.parts:
                raise MalformedError("answer-empty", "an answer has at least one part")
            for part in content.parts:
                check_text(part.text)
            _check_top(content.plain)
            _check_top(content.ticks)
            for provision in content.assessment:
                if provision.words is not None:
                    check_text(provision.words)
        case Report() | Chat() | Ask():
            check_text(content.text)
        case Receipt() | CaseOpened() | Turn() | Consent() | Helped():
            pass


def _check_top(lines: tuple[str, ...]) -> None:
    if len(lines) > MAX_LINES:
        raise MalformedError("lines-too-many", "more than five lines")
    for line in lines:
        check_text(line)
        if len(line) > MAX_LINE_CODE_POINTS:
            raise MalformedError("line-too-long", "more than 280 code points")


def _card(value: object) -> Card:
    fields = Fields(value, _CARD, _MALFORMED)
    card = Card(
        at=fields.integer("at"),
        commitment=Commitment(fields.binary("commitment", HASH_BYTES)),
        first_words=fields.text("first_words"),
        language=fields.identifier("language"),
        services=fields.identifiers("services", MAX_SERVICES),
        urgent=fields.flag("urgent"),
        topic=fields.optional_identifier("topic"),
        role=fields.optional_identifier("role"),
        age=fields.optional_identifier("age"),
    )
    if len(card.first_words.encode("utf-8")) > MAX_FIRST_WORDS_BYTES:
        raise MalformedError(_MALFORMED, "first words: more than 280 bytes")
    return card


def _report(value: object) -> Report:
    fields = Fields(value, _REPORT, _MALFORMED)
    return Report(
        at=fields.integer("at"),
        kem=KemKey(fields.binary("kem", KEM_KEY_BYTES)),
        language=fields.identifier("language"),
        services=fields.identifiers("services", MAX_SERVICES),
        text=fields.text("text"),
        topic=fields.optional_identifier("topic"),
        help=fields.optional_identifier("help"),
        device=fields.optional_identifier("device"),
        role=fields.optional_identifier("role"),
        age=fields.optional_identifier("age"),
        school=fields.optional_identifier("school"),
    )


def _answer(value: object) -> Answer:
    fields = Fields(value, _ANSWER, _MALFORMED)
    answer = Answer(
        at=fields.integer("at"),
        parts=tuple(_part(part) for part in fields.items("parts")),
        profession=fields.identifier("profession"),
        plain=fields.lines("plain", MAX_LINES),
        ticks=fields.lines("ticks", MAX_LINES),
        assessment=tuple(_provision(row) for row in fields.items("assessment")),
    )
    names = [part.part for part in answer.parts]
    if not names or names != [name for name in ANSWER_PARTS if name in names]:
        raise MalformedError(_MALFORMED, "the parts are unknown, repeated, out of order or none")
    if answer.profession not in PROFESSIONS:
        raise MalformedError(_MALFORMED, "no such profession")
    laws = [row.law for row in answer.assessment]
    if len(laws) > MAX_PROVISIONS or len(set(laws)) < len(laws):
        raise MalformedError(_MALFORMED, "too many rows, or one provision twice")
    return answer


def _provision(value: object) -> Provision:
    fields = Fields(value, _PROVISION, _MALFORMED)
    provision = Provision(
        law=fields.identifier("law"),
        version=fields.identifier("version"),
        name=fields.line("name"),
        section=fields.line("section"),
        explained=fields.text("explained"),
        likely=fields.identifier("likely"),
        wording=fields.optional_identifier("wording"),
        words=fields.optional_text("words"),
    )
    if provision.likely not in LIKELIHOODS:
        raise MalformedError(_MALFORMED, "no such likelihood")
    return provision


def _part(value: object) -> AnswerPart:
    fields = Fields(value, _PART, _MALFORMED)
    return AnswerPart(fields.identifier("part"), fields.text("text"))


def _turn(value: object) -> Turn:
    fields = Fields(value, _TURN, _MALFORMED)
    turn = Turn(fields.integer("at"), fields.identifier("reason"))
    if turn.reason not in TURN_REASONS:
        raise MalformedError(_MALFORMED, "no such reason for a new key")
    return turn


def _consent(value: object) -> Consent:
    fields = Fields(value, _CONSENT, _MALFORMED)
    what = fields.identifier("what")
    if what not in CONSENTS:
        raise MalformedError(_MALFORMED, "no such answer")
    has_key = isinstance(value, dict) and value["kem"] is not None
    if has_key != (what == FROM_HERE):
        raise MalformedError(_MALFORMED, "the reporter's key comes with what is read from here on, and nothing else")
    return Consent(
        at=fields.integer("at"),
        asked=Head(fields.binary("asked", HASH_BYTES)),
        what=what,
        kem=KemKey(fields.binary("kem", KEM_KEY_BYTES)) if has_key else None,
    )


def _helped(value: object) -> Helped:
    fields = Fields(value, _HELPED, _MALFORMED)
    helped = Helped(fields.integer("at"), fields.identifier("asked"), fields.identifier("answer"))
    if helped.asked not in ASKED or helped.answer not in HELPED:
        raise MalformedError(_MALFORMED, "no such question or answer")
    return helped


def to_json(content: Content) -> Mapping[str, object]:
    match content:
        case Card():
            return {
                "age": content.age,
                "at": content.at,
                "commitment": b64encode(content.commitment),
                "first_words": content.first_words,
                "language": content.language,
                "role": content.role,
                "services": content.services,
                "topic": content.topic,
                "type": "card",
                "urgent": content.urgent,
            }
        case Report():
            return {
                "age": content.age,
                "at": content.at,
                "device": content.device,
                "help": content.help,
                "kem": b64encode(content.kem),
                "language": content.language,
                "role": content.role,
                "school": content.school,
                "services": content.services,
                "text": content.text,
                "topic": content.topic,
                "type": "report",
            }
        case Chat():
            return {"at": content.at, "text": content.text, "type": "chat"}
        case Answer():
            parts = [{"part": part.part, "text": part.text} for part in content.parts]
            return {
                "assessment": [asdict(row) for row in content.assessment],
                "at": content.at,
                "parts": parts,
                "plain": content.plain,
                "profession": content.profession,
                "ticks": content.ticks,
                "type": "answer",
            }
        case Receipt():
            return {"at": content.at, "read": content.read, "type": "receipt"}
        case CaseOpened():
            return {"at": content.at, "queue": content.queue, "type": "opened"}
        case Turn():
            return {"at": content.at, "reason": content.reason, "type": "turn"}
        case Ask():
            return {"at": content.at, "queue": content.queue, "text": content.text, "type": "ask"}
        case Consent():
            return {
                "asked": b64encode(content.asked),
                "at": content.at,
                "kem": None if content.kem is None else b64encode(content.kem),
                "type": "consent",
                "what": content.what,
            }
        case Helped():
            return {"answer": content.answer, "asked": content.asked, "at": content.at, "type": "helped"}
