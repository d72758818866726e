"""A case as a malicious server holds it, with what may have been stolen; and what can be done to its history.

Whatever is `stolen` are its keys, whoever is `turned` an expert whose signing key the server has.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

import msgspec

from lyhty_crypto.keys import SigningKey
from lyhty_crypto.sealing import Opened, open_envelope, seal
from lyhty_crypto.wrapping import unwrap_key
from lyhty_wire.contents import CaseOpened, Consent, Content, Turn
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.envelopes import HeadSeen, decode_header
from lyhty_wire.ids import NO_HEAD, CaseId, Generation
from lyhty_wire.records import Fetched, Operation, Sequenced
from lyhty_wire.rosters import UntrustedRoster
from lyhty_wire.wraps import Wrap
from tests.provider import Provider
from tests.scenarios.lies_about_cases import Listed
from tests.scenarios.lying_server import Json, LyingServer, flipped

Make: TypeAlias = Callable[[Listed, "StoredCase"], bytes]
Change: TypeAlias = Callable[[Listed, "StoredCase"], Listed]

AT: Final = 1_795_000_000
ENVELOPES: Final = r"/api/cases/[^/]+/envelopes"


@dataclass(frozen=True)
class StoredCase:
    provider: Provider
    phrase: bytes
    before: Json
    """What the server answered to the lawyer who holds it when it had one key (SPEC 9, Opened); `opened`: now."""
    opened: Json
    others_opened: Json
    others_envelopes: Sequence[bytes]
    """Of another case, first to last."""
    to_psychologist: Json | None = None
    """As `opened`, if they were let in."""

    @property
    def case(self) -> CaseId:
        return CaseId(b64decode(self.opened["place"]["case"]))

    @property
    def rosters(self) -> list[UntrustedRoster]:
        return [UntrustedRoster.decode(b64decode(roster)) for roster in self.opened["rosters"]]

    @cached_property
    def keys(self) -> dict[int, bytes]:
        """By generation."""
        wraps = [Wrap.decode(b64decode(wrap)) for wrap in (*self.before["wraps"], *self.opened["wraps"])]
        seeds, instance = self.provider.seeds, self.provider.instance
        return {
            wrap.generation: unwrap_key(wrap, seeds[wrap.queue, wrap.epoch], instance=instance, subject=self.case)
            for wrap in wraps
        }

    def read(self, envelope: bytes) -> Opened:
        key = self.keys[decode_header(envelope).generation]
        return open_envelope(envelope, key, instance=self.provider.instance, case=self.case)

    def at(self, all_: Listed, words: str) -> int:
        """Where in the list these words are, or what has none: `turn`, `opened`, or the answer to a question."""
        return next(at for at, (_, envelope) in enumerate(all_) if _words(self.read(envelope).content) == words)

    def last_of(self, all_: Listed, author: SigningKey) -> Opened | None:
        opened = [self.read(envelope) for _, envelope in all_]
        return next((each for each in reversed(opened) if each.header.author == author.public), None)

    def forge(
        self,
        author: SigningKey,
        after: Opened | None,
        content: Content,
        generation: int = 0,
        heads: Sequence[HeadSeen] = (),
    ) -> bytes:
        """With the stolen keys. `after`: the author's last message. 0: under the newest key."""
        number = generation or max(self.keys)
        return seal(
            content, self.keys[number], author,
            instance=self.provider.instance, case=self.case, directory_version=1, generation=Generation(number),
            counter=1 if after is None else after.header.counter + 1,
            previous_head=NO_HEAD if after is None else after.head, heads=tuple(heads),
        ).envelope  # fmt: skip


def _words(content: Content) -> str:
    match content:
        case Turn():
            return "turn"
        case CaseOpened():
            return "opened"
        case Consent():
            return content.what
        case _:
            return str(getattr(content, "text", ""))


def as_json(answer: msgspec.Struct) -> Json:
    told: Json = json.loads(msgspec.json.encode(answer))
    return told


# --- What can be done to a history


def told_again(words: str) -> Change:
    return lambda all_, stored: [*all_, (all_[-1][0] + 1, all_[stored.at(all_, words)][1])]


def without(words: str) -> Change:
    return lambda all_, stored: [each for at, each in enumerate(all_) if at != stored.at(all_, words)]


def moved(words: str, to: str) -> Change:
    """To where the others are; those come later."""

    def lie(all_: Listed, stored: StoredCase) -> Listed:
        place, envelopes = stored.at(all_, to), [envelope for _, envelope in all_]
        envelopes.insert(place, envelopes.pop(stored.at(all_, words)))
        return list(enumerate(envelopes, 1))

    return lie


def in_place_of(words: str, make: Make) -> Change:
    def lie(all_: Listed, stored: StoredCase) -> Listed:
        place = stored.at(all_, words)
        return [(seq, make(all_, stored) if at == place else each) for at, (seq, each) in enumerate(all_)]

    return lie


def added(make: Make) -> Change:
    return lambda all_, stored: [*all_, (all_[-1][0] + 1, make(all_, stored))]


def changed(words: str, byte: int = 200) -> Change:
    return in_place_of(words, lambda all_, stored: flipped(all_[stored.at(all_, words)][1], byte))


def moved_to(generation: int, words: str) -> Change:
    def make(all_: Listed, stored: StoredCase) -> bytes:
        envelope = all_[stored.at(all_, words)][1]
        return envelope[:3] + generation.to_bytes(4, "big") + envelope[7:]

    return in_place_of(words, make)


# --- To whom it is told


def lies_to_reporters(liar: LyingServer, change: Change, stored: StoredCase) -> None:
    def told(body: bytes) -> bytes:
        page = Fetched.decode(body)
        false = change([(each.seq, each.envelope) for each in reversed(page.envelopes)], stored)
        return Fetched(page.more, tuple(Sequenced(seq, envelope) for seq, envelope in reversed(false))).encode()

    liar.results(Operation.FETCH, told)


def lies_to_experts(liar: LyingServer, change: Change, stored: StoredCase, at_least: int) -> None:
    """`at_least`: a page with fewer envelopes is the end of the history, asked for once more."""

    def told(page: Json) -> Json:
        true = [(each["seq"], b64decode(each["envelope"])) for each in page["envelopes"]]
        if len(true) < at_least:
            return page
        false = change(sorted(true), stored)
        if true != sorted(true):  # newest first
            false.reverse()
        return page | {"envelopes": [{"seq": seq, "envelope": b64encode(envelope)} for seq, envelope in false]}

    liar.answers_json("GET", ENVELOPES, told)
