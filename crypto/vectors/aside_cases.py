"""Vectors of what experts write beside a case besides words: duties, and a second pair of eyes."""

from world import NOW, Json, case, drawn, failing

from lyhty_wire.contents import Chat, Receipt
from lyhty_wire.encoding import canonical_json, parse_canonical_json
from lyhty_wire.ids import Head
from lyhty_wire.room_contents import (
    AsideContent,
    DutyAnswered,
    NoticeAsked,
    NoticeSeen,
    decode_aside,
    encode_aside,
)


def asides() -> list[Json]:
    """SPEC 3.7: `decode` what stands in notes and consultations (here as text)."""
    notice = Head(drawn("notice"))
    good: dict[str, AsideContent] = {
        "chat": Chat(NOW, "Hei"),
        "receipt": Receipt(NOW, True),
        "a duty answered": DutyAnswered(NOW, "child-welfare", "concern", "yes"),
        "a duty answered no": DutyAnswered(0, "police", "told", "no"),
        "made at once": DutyAnswered(NOW, "police", "notified", "at-once"),
        "an answer taken back": DutyAnswered(NOW, "police", "notified", None),
        "a second pair of eyes asked for": NoticeAsked(NOW, "child-welfare", "Koti ei ole turvassa.\nArvioisitko?"),
        "agreed": NoticeSeen(NOW, notice, True, None),
        "not agreed": NoticeSeen(NOW, notice, False, "Kysyisin ensin neuvoa ilman nimeä."),
    }
    cases = []
    for name, content in good.items():
        encoded = encode_aside(content)
        cases.append(case(name, "decode", {"text": encoded.decode()}, {"value": parse_canonical_json(encoded)}))
    duty = {"answer": "yes", "at": 1, "duty": "police", "step": "told", "type": "duty"}
    asked = {"at": 1, "duty": "police", "reason": "x", "type": "notice"}
    seen = parse_canonical_json(encode_aside(good["not agreed"]))
    assert isinstance(seen, dict)
    bad: dict[str, object] = {
        "no object": [],
        "a report": {"at": 1, "type": "report"},
        "opened": {"at": 1, "queue": 1, "type": "opened"},
        "a shelf": {"at": 1, "before": None, "type": "shelf"},
        "an empty chat": {"at": 1, "text": "", "type": "chat"},
        "an answer that is none": {**duty, "answer": "maybe"},
        "an answer as flag": {**duty, "answer": True},
        "no answer": {name: value for name, value in duty.items() if name != "answer"},
        "a duty in capitals": {**duty, "duty": "Police"},
        "a step of nothing": {**duty, "step": None},
        "a duty with a field more": {**duty, "more": 1},
        "a request without a reason": {**asked, "reason": ""},
        "a request whose reason is null": {**asked, "reason": None},
        "a request for no duty": {**asked, "duty": None},
        "an answer to nothing": {**seen, "notice": None},
        "an answer to 31 bytes": {**seen, "notice": "A" * 42},
        "agreed as number": {**seen, "agree": 1},
        "not agreed without a reason": {**seen, "reason": None},
        "agreed with a reason": {**seen, "agree": True},
    }
    for name, value in bad.items():
        text = canonical_json(value).decode()
        cases.append(failing(
            name, "decode", {"text": text}, lambda text=text: decode_aside(text.encode()), "malformed"
        ))  # fmt: skip
    return cases
