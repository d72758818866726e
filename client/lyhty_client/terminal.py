"""How a command speaks with the person at the terminal: plain lines, or one JSON object with `--json`."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from lyhty_client.conversation import HOUR_S, Alarm, Conversation, Message, NewKey, Opening
from lyhty_client.expert import QueuedCase
from lyhty_client.sentences import sentence
from lyhty_crypto.authors import ReporterAuthor
from lyhty_wire.contents import ALL, FROM_HERE, NO, Answer, Ask, Card, Chat, Consent, Report, to_json
from lyhty_wire.desk import Place
from lyhty_wire.encoding import b64encode
from lyhty_wire.hours import Hours
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, QueueId, SignKey

CONSENTS: Final = {
    ALL: "They may read everything.",
    FROM_HERE: "They may read what is written from here on, and nothing before.",
    NO: "No. Nobody else reads this.",
}


def show(lines: Sequence[str], value: Mapping[str, object], *, as_json: bool) -> None:
    text = json.dumps(value, ensure_ascii=False) if as_json else "\n".join(lines)
    sys.stdout.write(text + "\n")


def choose(typed: str, candidates: Sequence[tuple[int, str]]) -> int | None:
    """Asks which picture a mistyped word means."""
    for index, word in candidates:
        if input(f"{typed}: did you mean {word}? [y/n] ").strip().lower() in ("y", "yes", "j", "ja", "k", "kyllä"):
            return index
    return None


def conversation_lines(conversation: Conversation, own: SignKey) -> list[str]:
    """`own`: who looks. Their own messages say how far they have come."""
    reach = conversation.reach(own)
    lines: list[str] = []
    read: list[Message | NewKey] = [*conversation.messages, *conversation.new_keys]
    for message in sorted(read, key=lambda each: each.seq):
        if isinstance(message, NewKey):
            lines += [f"{message.seq}. From here on this conversation has a new key.", ""]
            continue
        state = f", {reach[message.seq].name.lower()}" if message.seq in reach else ""
        lines += [f"{message.seq}. {_author(message)}, {_time(message)}{state}", *_texts(message), ""]
    lines += [
        "They may read all: --answer all. What is written from here on: --answer from-here. Nothing: --answer no."
        for question in conversation.questions()
        if own == conversation.reporter and question.answer is None
    ][:1]
    lines += [f"Opened by {_opener(opening)}, {_hour(opening.hour)}" for opening in conversation.openings]
    return lines + [alarm_line(alarm) for alarm in conversation.alarms]


def alarm_line(alarm: Alarm) -> str:
    return f"{alarm.seq}. ALARM: {sentence(alarm.code)} [{alarm.code}]"


def conversation_json(conversation: Conversation, own: SignKey) -> dict[str, object]:
    reach = conversation.reach(own)
    states = {seq: each.name.lower() for seq, each in reach.items()}
    return {
        "case": b64encode(conversation.case),
        "messages": [
            {**_message_json(message), "state": states.get(message.seq, "received")}
            for message in conversation.messages
        ],
        "openings": [{"hour": each.hour, "role": _opener(each)} for each in conversation.openings],
        "new_keys": [{"seq": new_key.seq, "at": new_key.at} for new_key in conversation.new_keys],
        "alarms": [{"seq": alarm.seq, "code": alarm.code} for alarm in conversation.alarms],
    }


def case_lines(row: QueuedCase, hours: Hours | None = None) -> list[str]:
    place = row.place
    marks = [
        place.state,
        *(["URGENT"] if place.urgent else []),
        f"opened {_hour(place.opened_hour)}",
        *_promise(place, hours),
    ]
    lines = [f"{place.case}  {', '.join(marks)}"]
    if row.card is not None:
        tags = [row.card.topic, *row.card.services, row.card.role, row.card.age, row.card.language]
        lines.append(f"    {', '.join(tag for tag in tags if tag)}: {row.card.first_words}")
    if row.alarm is not None:
        lines.append(f"    ALARM: {sentence(row.alarm)} [{row.alarm}]")
    return lines


def case_json(row: QueuedCase) -> dict[str, object]:
    place = row.place
    return {
        "case": place.case,
        "queue": place.queue,
        "state": place.state,
        "urgent": place.urgent,
        "opened_hour": place.opened_hour,
        "last_seq": place.last_seq,
        "alarm": row.alarm,
        "card": None if row.card is None else _card_json(row.card),
    }


def promise(until_s: int, hours: Hours) -> str:
    """By the clock of the service."""
    return f"{datetime.fromtimestamp(until_s, ZoneInfo(hours.zone)):%Y-%m-%d %H:%M} ({hours.zone})"


def _promise(place: Place, hours: Hours | None) -> list[str]:
    until_s = None if hours is None else hours.promised(place.opened_hour, urgent=place.urgent)
    if hours is None or until_s is None or place.answered:
        return []
    return [f"{'MISSED' if place.missed else 'answer by'} {promise(until_s, hours)}"]


def _author(message: Message) -> str:
    return "reporter" if isinstance(message.author, ReporterAuthor) else message.author.name


def _texts(message: Message) -> list[str]:
    match message.content:
        case Answer():
            return _answer_texts(message.content)
        case Report(text=text) | Chat(text=text):
            return [text]
        case Ask(queue=queue, text=text):
            return [f"Asks whether {_profession(queue)} may help too: {text}"]
        case Consent(what=what):
            return [CONSENTS[what]]
        case Card():
            raise AssertionError("a conversation holds no cards")


def _answer_texts(answer: Answer) -> list[str]:
    """Both layers: the lines and the things to do, then the parts and the law in words, never only a section."""
    return [
        *answer.plain,
        *(f"[ ] {tick}" for tick in answer.ticks),
        *(f"[{part.part}] {part.text}" for part in answer.parts),
        *(f"[law, {row.likely}] {row.name} ({row.section}): {row.explained}" for row in answer.assessment),
        *(row.words for row in answer.assessment if row.words is not None),
    ]


def _message_json(message: Message) -> dict[str, object]:
    content = message.content
    value: dict[str, object] = {
        "seq": message.seq,
        "author": _author(message),
        "at": content.at,
        "type": type(content).__name__.lower(),
    }
    if isinstance(content, Answer):
        value["profession"] = content.profession
        value |= {name: to_json(content)[name] for name in ("assessment", "parts", "plain", "ticks")}
    else:
        value["text"] = "\n".join(_texts(message))
    if isinstance(content, Ask):
        value["queue"] = content.queue
    elif isinstance(content, Consent):
        value |= {"what": content.what, "asked": b64encode(content.asked)}
    return value


def _card_json(card: Card) -> dict[str, object]:
    return {
        "topic": card.topic,
        "services": list(card.services),
        "role": card.role,
        "age": card.age,
        "language": card.language,
        "first_words": card.first_words,
    }


def _time(message: Message) -> str:
    return datetime.fromtimestamp(message.content.at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _opener(opening: Opening) -> str:
    return _profession(opening.content.queue)


def _profession(queue: QueueId) -> str:
    return {LAWYER: "a lawyer", PSYCHOLOGIST: "a psychologist"}.get(queue, "an expert")


def _hour(hour: int) -> str:
    return datetime.fromtimestamp(hour * HOUR_S, UTC).strftime("%Y-%m-%d %H h UTC")
