"""A case that got its next key, as the server holds it: what lies about keys are told about.

Report, the lawyer's first words, the reporter's thanks; then the lawyer gave the case its next key; then one message of
each. Beside it stands another case that was turned too.
"""

from typing import Final

from lyhty_wire.encoding import b64decode
from lyhty_wire.ids import LAWYER
from tests.provider import Provider
from tests.scenarios.actors import expert, reporter
from tests.scenarios.stored_case import StoredCase, as_json

BEFORE: Final = ("They shared a picture of me.", "I have read it.", "Thank you.")
AFTER: Final = ("It is still there.", "We will take it down.")
WORDS: Final = (*BEFORE, *AFTER)


async def turned_case(url: str, provider: Provider) -> StoredCase:
    async with (
        reporter(url) as pupil,
        reporter(url) as somebody,
        expert(url, provider, provider.lawyer, listening=False) as lawyer,
    ):
        await somebody.tells("Something else happened to me.")
        other = await lawyer.claims(somebody.case)
        await lawyer.desk.turn(somebody.case, LAWYER, "schedule")
        await lawyer.desk.catch_up(other)
        await pupil.tells(BEFORE[0])
        held = await lawyer.claims(pupil.case)
        await lawyer.writes(held, BEFORE[1])
        await pupil.reads(BEFORE[1])
        await pupil.writes(BEFORE[2])
        before = await lawyer.desk.desk.opened(pupil.case, LAWYER)
        await lawyer.desk.turn(pupil.case, LAWYER, "schedule")
        await pupil.writes(AFTER[0])
        await lawyer.reads(held, AFTER[0])
        await lawyer.writes(held, AFTER[1])
        now = [await lawyer.desk.desk.opened(case, LAWYER) for case in (pupil.case, somebody.case)]
        page = await lawyer.desk.desk.envelopes(somebody.case, 0)
        return StoredCase(
            provider, pupil.phrase, *map(as_json, (before, *now)), [b64decode(each.envelope) for each in page.envelopes]
        )
