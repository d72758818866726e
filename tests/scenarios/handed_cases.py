"""Three cases whose reporters were asked whether a psychologist may help too: all of it, only from here on, and no.

Of each: report, the lawyer's first words, the reporter's, the question, the answer; then the lawyer's last words. Where
the answer was a yes, the reporter wrote between, and a psychologist has the case too.
"""

from dataclasses import dataclass
from typing import Final

from lyhty_wire.encoding import b64decode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST
from tests.provider import Provider
from tests.scenarios.actors import Expert, expert, reporter
from tests.scenarios.lying_server import Json
from tests.scenarios.stored_case import StoredCase, as_json

BEFORE: Final = ("They shared a picture of me.", "I have read it.", "I cannot sleep.")
WHY: Final = "A psychologist can help with that."
HELLO: Final = "Hello, both of you."
LAST: Final = "I am still here."
ANSWERS: Final = ("all", "from-here", "no")


def words_of(answer: str) -> tuple[str, ...]:
    """Everything that is shown of the case with this answer."""
    return (*BEFORE, WHY, answer, *(() if answer == "no" else (HELLO,)), LAST)


async def handed_cases(url: str, provider: Provider) -> dict[str, StoredCase]:
    async with (
        expert(url, provider, provider.lawyer, listening=False) as lawyer,
        expert(url, provider, provider.psychologist, listening=False) as psychologist,
    ):
        *told, other = [await _handed(url, lawyer, psychologist, answer) for answer in (*ANSWERS, "all")]
    return {
        answer: StoredCase(provider, each.phrase, each.before, each.opened, other.opened, other.envelopes, each.joined)
        for answer, each in zip(ANSWERS, told, strict=True)
    }


@dataclass(frozen=True)
class _Handed:
    phrase: bytes
    before: Json
    opened: Json
    joined: Json | None
    """As it is opened to the psychologist."""
    envelopes: list[bytes]


async def _handed(url: str, lawyer: Expert, psychologist: Expert, answer: str) -> _Handed:
    async with reporter(url) as pupil:
        await pupil.tells(BEFORE[0])
        held = await lawyer.claims(pupil.case)
        await lawyer.writes(held, BEFORE[1])
        await pupil.reads(BEFORE[1])
        await pupil.writes(BEFORE[2])
        await lawyer.reads(held, BEFORE[2])
        await lawyer.desk.ask_handover(held, PSYCHOLOGIST, WHY)
        desk, joined = lawyer.desk.desk, None
        before = as_json(await desk.opened(pupil.case, LAWYER))
        await pupil.answers(await pupil.is_asked(), answer)
        if answer != "no":
            await psychologist.claims(pupil.case)
            await pupil.writes(HELLO)
            joined = as_json(await psychologist.desk.desk.opened(pupil.case, PSYCHOLOGIST))
        await lawyer.desk.catch_up(held)
        await lawyer.writes(held, LAST)
        opened = as_json(await desk.opened(pupil.case, LAWYER))
        page = await desk.envelopes(pupil.case, 0)
        return _Handed(pupil.phrase, before, opened, joined, [b64decode(each.envelope) for each in page.envelopes])
