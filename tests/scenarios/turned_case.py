"""A case that got its next key, as the server holds it: what lies about keys are told about.

Report, the lawyer's first words, the reporter's thanks; then the lawyer gave the case its next key; then one message of
each. Beside it stands another case that was turned too.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec
from msgspec import Struct

from lyhty_crypto.keys import SigningKey
from lyhty_crypto.sealing import Opened, open_envelope, seal
from lyhty_crypto.wrapping import unwrap_key
from lyhty_wire.contents import Content, Turn
from lyhty_wire.encoding import b64decode
from lyhty_wire.envelopes import HeadSeen
from lyhty_wire.ids import LAWYER, NO_HEAD, CaseId, Generation
from lyhty_wire.rosters import UntrustedRoster
from lyhty_wire.wraps import Wrap
from tests.provider import Provider
from tests.scenarios.actors import expert, reporter
from tests.scenarios.lies_about_cases import Listed
from tests.scenarios.lying_server import Json

BEFORE: Final = ("They shared a picture of me.", "I have read it.", "Thank you.")
AFTER: Final = ("It is still there.", "We will take it down.")
WORDS: Final = (*BEFORE, *AFTER)


@dataclass(frozen=True)
class TurnScene:
    provider: Provider
    phrase: bytes
    before: Json
    """What the server answered to the holder when there was one key (SPEC 9, Opened); `opened`: now."""
    opened: Json
    others_opened: Json
    others_envelopes: Sequence[bytes]
    """Of the other case: its report first, its turn message last."""

    @property
    def case(self) -> CaseId:
        return CaseId(b64decode(self.opened["place"]["case"]))

    @property
    def rosters(self) -> tuple[UntrustedRoster, UntrustedRoster]:
        first, second = [UntrustedRoster.decode(b64decode(roster)) for roster in self.opened["rosters"]]
        return first, second

    @cached_property
    def key(self) -> bytes:
        """The newest."""
        return self._unwrap(self.opened)

    @cached_property
    def first_key(self) -> bytes:
        return self._unwrap(self.before)

    def _unwrap(self, opened: Json) -> bytes:
        wrap = Wrap.decode(b64decode(opened["wraps"][0]))
        pair = self.provider.seeds[wrap.queue, wrap.epoch]
        return unwrap_key(wrap, pair, instance=self.provider.instance, subject=self.case)

    def read(self, envelope: bytes, generation: int) -> Opened:
        key = self.key if generation == 2 else self.first_key
        return open_envelope(envelope, key, instance=self.provider.instance, case=self.case)

    def at(self, all_: Listed, word: str) -> int:
        """Where in the list these words are; `""`: the turn message."""
        for at, (_, envelope) in enumerate(all_):
            content = self.read(envelope, envelope[6]).content
            if isinstance(content, Turn) if word == "" else getattr(content, "text", None) == word:
                return at
        raise ValueError(word)

    def forge(
        self, author: SigningKey, after: Opened | None, content: Content, generation: int = 2,
        heads: Sequence[HeadSeen] = (), *, counter: int | None = None,
    ) -> bytes:  # fmt: skip
        """With the stolen keys. `after`: the author's last message."""
        number = (0 if after is None else after.header.counter) + 1
        return seal(
            content, self.key if generation == 2 else self.first_key, author,
            instance=self.provider.instance, case=self.case, directory_version=1, generation=Generation(generation),
            counter=counter or number, previous_head=NO_HEAD if after is None else after.head, heads=tuple(heads),
        ).envelope  # fmt: skip

    def last_of(self, all_: Listed, author: SigningKey) -> Opened:
        opened = [self.read(envelope, envelope[6]) for _, envelope in all_]
        return next(each for each in reversed(opened) if each.header.author == author.public)


def as_json(answer: Struct) -> Json:
    told: Json = json.loads(msgspec.json.encode(answer))
    return told


async def turned_case(url: str, provider: Provider) -> TurnScene:
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
        return TurnScene(
            provider, pupil.phrase, *map(as_json, (before, *now)), [b64decode(each.envelope) for each in page.envelopes]
        )
