"""Lies about a case that got its next key: each under the name of what is wrong (SPEC 3.4, 4.3).

The server has everything it stores and stored of `turned_case`. Where a lie says `turned`, it has an expert's signing
key too; where it says `stolen`, the case's newest key.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from msgspec import structs

from lyhty_crypto.keys import SigningKey
from lyhty_crypto.wrapping import seal_link, wrap_key
from lyhty_wire.contents import Chat, Turn
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, Generation, Head, commitment, digest
from lyhty_wire.records import Resumed, ResumedGeneration
from lyhty_wire.rosters import RosterEntry, UntrustedRoster
from lyhty_wire.wraps import CASE_KEY, NO_LINK, TO_QUEUE, TO_REPORTER, Wrap
from tests.scenarios.lies_about_cases import FORGED_WORDS, with_reader
from tests.scenarios.lies_of_trust import SERVERS_KEM, SERVERS_KEY
from tests.scenarios.lying_server import Json, flipped
from tests.scenarios.stored_case import (
    AT,
    Change,
    Listed,
    Make,
    StoredCase,
    added,
    in_place_of,
    moved,
    moved_to,
    told_again,
    without,
)
from tests.scenarios.turned_case import AFTER, BEFORE

# --- Who can read from now on


def signed_by(signer: SigningKey, roster: UntrustedRoster, **changes: Any) -> UntrustedRoster:
    unsigned = structs.replace(roster, signer=signer.public, **changes)
    return structs.replace(unsigned, signature=signer.sign(unsigned.to_sign()))


def _without_reporter(roster: UntrustedRoster) -> tuple[RosterEntry, ...]:
    return tuple(entry for entry in roster.entries if entry.recipient == TO_QUEUE)


def _with_another_reporter(roster: UntrustedRoster) -> tuple[RosterEntry, ...]:
    return tuple(
        structs.replace(entry, kem_digest=digest(SERVERS_KEM.public)) if entry.recipient == TO_REPORTER else entry
        for entry in roster.entries
    )


Told = Sequence[UntrustedRoster]


@dataclass(frozen=True)
class TurnLie:
    """Told of the rosters, to whoever opens the case, turns it or comes back to it."""

    name: str
    rosters: Callable[[StoredCase], Told]
    is_only_for_newcomers: bool = False
    """Who has read the case before the turn misses nothing."""

    def __str__(self) -> str:
        return self.name

    def opened(self, scene: StoredCase) -> Json:
        """As `Opened` (SPEC 9); where a roster is told twice or left out, links and wraps go with it."""
        rosters = self.rosters(scene)
        links = [self._link(roster, scene) for roster in rosters]
        wraps = [each["wraps"][0] for each in (scene.before, scene.opened)]
        told = {each.generation for each in rosters}
        newest = [wrap for generation, wrap in enumerate(wraps, 1) if generation in told][-1:]
        return scene.opened | {
            "rosters": [b64encode(roster.encode()) for roster in rosters],
            "links": links,
            "wraps": newest,
        }

    @staticmethod
    def _link(roster: UntrustedRoster, scene: StoredCase) -> str | None:
        link: str | None = scene.opened["links"][1]
        return None if roster.generation == 1 else link

    def resumed(self, truth: Resumed, scene: StoredCase) -> Resumed:
        """With the copies of the keys that belong to the true ones."""
        own = {1: truth.generations[0], 2: truth.generations[1]}
        told = tuple(
            structs.replace(own.get(roster.generation, own[2]), roster=roster.encode())
            for roster in self.rosters(scene)
        )
        return structs.replace(truth, generations=told)


def _second(change: Callable[[StoredCase, UntrustedRoster], UntrustedRoster]) -> Callable[[StoredCase], Told]:
    return lambda scene: (scene.rosters[0], change(scene, scene.rosters[1]))


def _others_turn(scene: StoredCase) -> Told:
    return scene.rosters[0], UntrustedRoster.decode(b64decode(scene.others_opened["rosters"][1]))


def _third(scene: StoredCase) -> Told:
    """One more turn, which nobody made."""
    first, second = scene.rosters
    third = signed_by(
        SERVERS_KEY, second, generation=Generation(3), previous=second.commitment, commitment=commitment(bytes(32))
    )
    return first, second, third


TURN_LIES: Final = (
    TurnLie("a reader slipped into the roster of the turn", _second(lambda _, r: with_reader(r))),
    TurnLie("a reader slipped in, signed by the server", _second(lambda _, r: signed_by(SERVERS_KEY, with_reader(r)))),
    TurnLie("a reader slipped in, signed by the holder turned",
            _second(lambda s, r: signed_by(s.provider.lawyer.keys.sign, with_reader(r)))),
    TurnLie("a turn by nobody", _second(lambda _, r: signed_by(SERVERS_KEY, r))),
    TurnLie("a turn by an expert of another profession",
            _second(lambda s, r: signed_by(s.provider.psychologist.keys.sign, r))),
    TurnLie("a turn in the reporter's name", _second(lambda s, r: structs.replace(r, signer=s.rosters[0].signer))),
    TurnLie("a turn without its reporter, by the holder turned",
            _second(lambda s, r: signed_by(s.provider.lawyer.keys.sign, r, entries=_without_reporter(r)))),
    TurnLie("a turn with another key for its reporter, by the holder turned",
            _second(lambda s, r: signed_by(s.provider.lawyer.keys.sign, r, entries=_with_another_reporter(r)))),
    TurnLie("a turn dated before the case, by the holder turned",
            _second(lambda s, r: signed_by(s.provider.lawyer.keys.sign, r, directory_version=0))),
    TurnLie("a turn that follows another key, by the holder turned",
            _second(lambda s, r: signed_by(s.provider.lawyer.keys.sign, r, previous=commitment(bytes(32))))),
    TurnLie("a turn to another key", _second(lambda _, r: structs.replace(r, commitment=commitment(bytes(32))))),
    TurnLie("a turn to another key, by the holder turned",
            _second(lambda s, r: signed_by(s.provider.lawyer.keys.sign, r, commitment=commitment(bytes(32))))),
    TurnLie("the turn of another case", _others_turn),
    TurnLie("the turn told without what was before", lambda scene: scene.rosters[1:], is_only_for_newcomers=True),
    TurnLie("the turn told before what was before", lambda scene: scene.rosters[::-1], is_only_for_newcomers=True),
    TurnLie("a further turn that nobody made", _third),
)  # fmt: skip


# --- The keys that come with it


@dataclass(frozen=True)
class KeyLie:
    """Told to an expert of the keys to the true rosters: nothing opens."""

    name: str
    change: Callable[[StoredCase], Json]

    def __str__(self) -> str:
        return self.name


def _wrap(key: bytes, scene: StoredCase) -> str:
    queue = next(each for each in scene.provider.directory_body.queues if each.id == LAWYER)
    wrap = wrap_key(
        key, queue.current.kem, instance=scene.provider.instance, subject=scene.case, kind=CASE_KEY,
        recipient=TO_QUEUE, queue=LAWYER, epoch=queue.current.epoch, generation=Generation(2),
    )  # fmt: skip
    return b64encode(wrap.encode())


KEY_LIES: Final = (
    KeyLie("a turn without its key", lambda s: s.opened | {"wraps": []}),
    KeyLie("a turn with the key before it alone", lambda s: s.opened | {"wraps": s.before["wraps"]}),
    KeyLie("a turn with the key of another case", lambda s: s.opened | {"wraps": s.others_opened["wraps"]}),
    KeyLie("a turn with a key of the server's", lambda s: s.opened | {"wraps": [_wrap(bytes(32), s)]}),
    KeyLie("a turn with another wrap of its key, with the stolen one",
           lambda s: s.opened | {"wraps": [_wrap(s.keys[2], s)]}),
    KeyLie("a turn with fewer links than keys", lambda s: s.opened | {"links": s.opened["links"][:1]}),
)  # fmt: skip


@dataclass(frozen=True)
class OwnKeyLie:
    """Told to a reporter who comes back, of the own copy of the newest key."""

    name: str
    change: Callable[[ResumedGeneration, StoredCase], ResumedGeneration]

    def __str__(self) -> str:
        return self.name

    def resumed(self, truth: Resumed, scene: StoredCase) -> Resumed:
        first, second = truth.generations
        return structs.replace(truth, generations=(first, self.change(second, scene)))


def _copy_of_another_key(second: ResumedGeneration, scene: StoredCase) -> ResumedGeneration:
    """The holder, turned, sealed another key for the reporter than for the queue, and says so in the roster."""
    own = Wrap.decode(second.own_wrap)
    wrong = structs.replace(own, commitment=commitment(bytes(32))).encode()
    roster = UntrustedRoster.decode(second.roster)
    entries = tuple(
        structs.replace(entry, wrap_digest=digest(wrong)) if entry.recipient == TO_REPORTER else entry
        for entry in roster.entries
    )
    signed = signed_by(scene.provider.lawyer.keys.sign, roster, entries=entries)
    return structs.replace(second, roster=signed.encode(), own_wrap=wrong)


OWN_KEY_LIES: Final = (
    OwnKeyLie("a changed copy of the newest key",
              lambda second, _: structs.replace(second, own_wrap=flipped(second.own_wrap, 900))),
    OwnKeyLie("no copy of the newest key", lambda second, _: structs.replace(second, own_wrap=b"")),
    OwnKeyLie("a copy of another key, by the holder turned", _copy_of_another_key),
)  # fmt: skip


# --- The way to what was before


@dataclass(frozen=True)
class LinkLie:
    """Told to an expert: what is newer is read, what is older is not, and it is told."""

    name: str
    link: Callable[[StoredCase], str | None]

    def __str__(self) -> str:
        return self.name


def _link_to(key: bytes, scene: StoredCase) -> str:
    """With the stolen newest key."""
    instance, case = scene.provider.instance, scene.case
    return b64encode(seal_link(key, scene.keys[2], instance=instance, case=case, generation=Generation(2)))


LINK_LIES: Final = (
    LinkLie("no link", lambda _: None),
    LinkLie("a link of zeros", lambda _: b64encode(NO_LINK)),
    LinkLie("a changed link", lambda s: b64encode(flipped(b64decode(s.opened["links"][1]), 5))),
    LinkLie("the link of another case", lambda s: s.others_opened["links"][1]),
    LinkLie("a link that leads to another key, with the stolen one", lambda s: _link_to(bytes(32), s)),
    LinkLie("a link that leads to itself, with the stolen key", lambda s: _link_to(s.keys[2], s)),
)


# --- What was written


def _turn_by(account: str) -> Make:
    def make(_all: Listed, scene: StoredCase) -> bytes:
        author: SigningKey = getattr(scene.provider, account).keys.sign
        return scene.forge(author, None, Turn(AT, "schedule"))

    return make


def _turn_by_nobody(_all: Listed, scene: StoredCase) -> bytes:
    return scene.forge(SERVERS_KEY, None, Turn(AT, "schedule"))


def _second_turn(all_: Listed, scene: StoredCase) -> bytes:
    """By its maker, who has already said once where the older key ended."""
    author = scene.provider.lawyer.keys.sign
    return scene.forge(author, scene.last_of(all_, author), Turn(AT, "schedule"))


def _under_the_older_key(all_: Listed, scene: StoredCase) -> bytes:
    author = scene.provider.lawyer.keys.sign
    return scene.forge(author, scene.last_of(all_, author), Chat(AT, FORGED_WORDS), generation=1)


def _newcomer_under_the_older_key(_all: Listed, scene: StoredCase) -> bytes:
    """A colleague who had written nothing by the turn."""
    return scene.forge(scene.provider.other_lawyer.keys.sign, None, Chat(AT, FORGED_WORDS), generation=1)


def _another_end(all_: Listed, scene: StoredCase) -> bytes:
    """In the place of the lawyer's last message under the older key."""
    author = scene.provider.lawyer.keys.sign
    older = [each for each in all_ if scene.read(each[1]).header.generation == 1]
    last = scene.last_of(older, author)
    before = replace(
        last, head=Head(last.previous_head), header=structs.replace(last.header, counter=last.header.counter - 1)
    )
    return scene.forge(author, before, Chat(AT, FORGED_WORDS), generation=1)


@dataclass(frozen=True)
class TurnedHistoryLie:
    name: str
    codes: frozenset[str]
    """Of the alarms: these are among them."""
    change: Change
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


_GAP: Final = frozenset({"history-gap"})
_TAMPERED: Final = frozenset({"envelope-tampered"})

TURNED_HISTORY_LIES: Final = (
    TurnedHistoryLie("the turn message withheld", _GAP, without("turn")),
    TurnedHistoryLie("the turn message told twice", _GAP, told_again("turn")),
    TurnedHistoryLie("the turn message told before the last words of the key before", _GAP, moved("turn", BEFORE[2])),
    TurnedHistoryLie("the turn message told after the first words of the key after", _GAP, moved(AFTER[0], "turn")),
    TurnedHistoryLie("the turn message of another case", _TAMPERED,
                     in_place_of("turn", lambda _, s: s.others_envelopes[-1])),
    TurnedHistoryLie("a turn message by nobody, with the stolen key", _TAMPERED, in_place_of("turn", _turn_by_nobody)),
    TurnedHistoryLie("a turn message by a colleague turned in the place of the true one", _TAMPERED,
                     in_place_of("turn", _turn_by("other_lawyer"))),
    TurnedHistoryLie("a turn message by another than who turned the case, with the stolen key", _TAMPERED,
                     added(_turn_by("other_lawyer"))),
    TurnedHistoryLie("a turn message by an expert of another profession, with it", _TAMPERED,
                     added(_turn_by("psychologist"))),
    TurnedHistoryLie("a second turn message, by its maker turned", _TAMPERED, added(_second_turn)),
    TurnedHistoryLie("words under the older key after the turn, by its maker turned", _TAMPERED,
                     added(_under_the_older_key)),
    TurnedHistoryLie("words under the older key by a colleague turned who had written none", _TAMPERED,
                     added(_newcomer_under_the_older_key)),
    TurnedHistoryLie("other last words under the older key, by the holder turned", _TAMPERED,
                     in_place_of(BEFORE[1], _another_end), (BEFORE[1],)),
    TurnedHistoryLie("words moved to the older key", _TAMPERED, moved_to(1, AFTER[0]), (AFTER[0],)),
    TurnedHistoryLie("words moved to the newer key", _TAMPERED, moved_to(2, BEFORE[2]), (BEFORE[2],)),
    TurnedHistoryLie("words moved to a key that is none", _TAMPERED, moved_to(9, AFTER[0]), (AFTER[0],)),
    TurnedHistoryLie("the last words under the older key withheld", _GAP, without(BEFORE[2]), (BEFORE[2],)),
    TurnedHistoryLie("the first words under the newer key withheld", _GAP, without(AFTER[0]), (AFTER[0],)),
    TurnedHistoryLie("everything before the turn withheld", _GAP,
                     lambda all_, s: all_[s.at(all_, "turn") :], BEFORE),
)  # fmt: skip
