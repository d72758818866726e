"""Lies about a case: what a malicious server could hand out instead of the truth, each under the name of what is wrong.

The server has everything it stores, of this case and of others, and keys of its own making. Some lies give it more,
because the protocol promises to hold then too: a case key (`stolen`), or an expert's signing key with it (`turned`).
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from msgspec import structs

from lyhty_crypto.keys import SigningKey
from lyhty_crypto.sealing import open_envelope, seal
from lyhty_crypto.wrapping import unwrap_key, wrap_key
from lyhty_wire.contents import Chat, Content, Receipt
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.envelopes import HeadSeen
from lyhty_wire.ids import LAWYER, NO_HEAD, CaseId, Commitment, Epoch, Generation, Head, QueueId, commitment, digest
from lyhty_wire.records import Resumed, ResumedGeneration
from lyhty_wire.rosters import RosterEntry, UntrustedRoster
from lyhty_wire.wraps import CARD_KEY, CASE_KEY, TO_QUEUE, TO_REPORTER, Wrap
from tests.provider import Provider
from tests.scenarios.lies_of_trust import SERVERS_KEM, SERVERS_KEY
from tests.scenarios.lying_server import Json, flipped

Listed: TypeAlias = list[tuple[int, bytes]]
"""Envelopes with their seq, oldest first."""

FORGED_WORDS: Final = "Send me your name, and nobody will know."
WORDS: Final = ("They shared a picture of me.", "I have read it.", "Thank you.", "Goodbye.")
"""Reporter, lawyer, reporter, lawyer: what every lie below is told about. The lawyer's client wrote one entry more."""


@dataclass(frozen=True)
class Scene:
    """A case as the server holds it, another one beside it, and what was stolen."""

    provider: Provider
    opened: Json
    """What the server answers to the holder (SPEC 9, Opened)."""
    others_opened: Json
    others_envelope: bytes

    @property
    def case(self) -> CaseId:
        return CaseId(b64decode(self.opened["place"]["case"]))

    @property
    def roster(self) -> UntrustedRoster:
        return UntrustedRoster.decode(b64decode(self.opened["rosters"][0]))

    @property
    def stolen_case_key(self) -> bytes:
        wrap = Wrap.decode(b64decode(self.opened["wraps"][0]))
        pair = self.provider.seeds[wrap.queue, wrap.epoch]
        return unwrap_key(wrap, pair, instance=self.provider.instance, subject=self.case)

    def head(self, envelope: bytes) -> Head:
        opened = open_envelope(envelope, self.stolen_case_key, instance=self.provider.instance, case=self.case)
        return opened.head

    def at(self, all_: Listed, word: str) -> int:
        """Where in the list these words are."""
        return next(at for at, (_, envelope) in enumerate(all_) if getattr(self._content(envelope), "text", "") == word)

    def _content(self, envelope: bytes) -> Content:
        key, instance = self.stolen_case_key, self.provider.instance
        return open_envelope(envelope, key, instance=instance, case=self.case).content

    def forge(
        self,
        author: SigningKey,
        counter: int,
        previous: Head,
        *,
        content: Content | None = None,
        heads: Sequence[HeadSeen] = (),
    ) -> bytes:
        return seal(
            content or Chat(1_795_000_000, FORGED_WORDS),
            self.stolen_case_key,
            author,
            instance=self.provider.instance,
            case=self.case,
            directory_version=1,
            generation=Generation(1),
            counter=counter,
            previous_head=previous,
            heads=tuple(heads),
        ).envelope


# --- The history


def _replayed(all_: Listed, scene: Scene) -> Listed:
    return [*all_, (len(all_) + 1, all_[scene.at(all_, WORDS[1])][1])]


def _reordered(all_: Listed, scene: Scene) -> Listed:
    envelopes = [envelope for _, envelope in all_]
    one, other = scene.at(all_, WORDS[1]), scene.at(all_, WORDS[3])
    envelopes[one], envelopes[other] = envelopes[other], envelopes[one]
    return list(enumerate(envelopes, 1))


def _without(word: str) -> "Change":
    return lambda all_, scene: [each for at, each in enumerate(all_) if at != scene.at(all_, word)]


def _second(change: Callable[[bytes, Scene], bytes]) -> "Change":
    """The lawyer's first message, changed."""

    def lie(all_: Listed, scene: Scene) -> Listed:
        second = scene.at(all_, WORDS[1])
        return [(seq, change(each, scene) if at == second else each) for at, (seq, each) in enumerate(all_)]

    return lie


def _added(make: Callable[[Listed, Scene], bytes]) -> "Change":
    return lambda all_, scene: [*all_, (len(all_) + 1, make(all_, scene))]


def _by_nobody(all_: Listed, scene: Scene) -> bytes:
    return scene.forge(SERVERS_KEY, 1, NO_HEAD)


def _by_another_profession(all_: Listed, scene: Scene) -> bytes:
    return scene.forge(scene.provider.psychologist.keys.sign, 1, NO_HEAD)


def _in_the_reporters_name(all_: Listed, scene: Scene) -> bytes:
    """The reporter's key in the header; the signature can only be another's."""
    envelope = scene.forge(SERVERS_KEY, 3, scene.head(all_[-1][1]))
    return envelope[:43] + scene.roster.signer + envelope[75:]


def _same_number_again(all_: Listed, scene: Scene) -> bytes:
    return scene.forge(scene.provider.lawyer.keys.sign, 1, NO_HEAD)


def _skipped_number(all_: Listed, scene: Scene) -> bytes:
    return scene.forge(scene.provider.lawyer.keys.sign, 9, scene.head(all_[-1][1]))


def _another_past(all_: Listed, scene: Scene) -> bytes:
    """The lawyer's fourth, which says that the second came before it."""
    second = all_[scene.at(all_, WORDS[1])][1]
    return scene.forge(scene.provider.lawyer.keys.sign, 4, scene.head(second))


def _receipt_of_nothing(all_: Listed, scene: Scene) -> bytes:
    seen = HeadSeen(scene.roster.signer, 9, Head(os.urandom(32)))
    receipt = Receipt(1_795_000_000, read=True)
    return scene.forge(scene.provider.lawyer.keys.sign, 4, scene.head(all_[-1][1]), content=receipt, heads=[seen])


def _receipt_of_another_history(all_: Listed, scene: Scene) -> bytes:
    seen = HeadSeen(scene.roster.signer, 2, Head(os.urandom(32)))
    receipt = Receipt(1_795_000_000, read=True)
    return scene.forge(scene.provider.lawyer.keys.sign, 4, scene.head(all_[-1][1]), content=receipt, heads=[seen])


def _fork(all_: Listed, scene: Scene) -> Listed:
    """This reader gets another second message of the lawyer than all others; the lawyer's third names the true one."""
    second = scene.at(all_, WORDS[1])
    forged = scene.forge(scene.provider.lawyer.keys.sign, 2, scene.head(all_[second - 1][1]))
    return [(seq, forged if at == second else envelope) for at, (seq, envelope) in enumerate(all_)]


Change: TypeAlias = Callable[[Listed, Scene], Listed]


@dataclass(frozen=True)
class HistoryLie:
    name: str
    codes: frozenset[str]
    """Of the alarm: one of these."""
    change: Change
    missing: tuple[str, ...] = ()
    """What is not shown, because it is not there or cannot be believed."""
    is_moved: bool = False
    """What is shown stands where the server put it: the alarm says so."""

    def __str__(self) -> str:
        return self.name


GAP: Final = frozenset({"history-gap"})
TAMPERED: Final = frozenset({"envelope-tampered", "envelope-malformed"})
_SECOND: Final = (WORDS[1],)

HISTORY_LIES: Final = (
    HistoryLie("a message told twice", GAP, _replayed),
    HistoryLie("messages in another order", GAP, _reordered, is_moved=True),
    HistoryLie("a message withheld in the middle", GAP, _without(WORDS[1]), _SECOND),
    HistoryLie("the reporter's words withheld", GAP, _without(WORDS[2]), (WORDS[2],)),
    HistoryLie("the report withheld", GAP, _without(WORDS[0]), (WORDS[0],)),
    HistoryLie("everything but the newest withheld", GAP, lambda all_, _scene: all_[-1:], WORDS[:3]),
    HistoryLie("everything withheld", GAP, lambda _all, _scene: [], WORDS),
    HistoryLie("a message of another case", TAMPERED, _second(lambda _, scene: scene.others_envelope), _SECOND),
    HistoryLie("a message moved to another generation", TAMPERED, _second(lambda e, _: e[:6] + b"\2" + e[7:]), _SECOND),
    HistoryLie("a message with another number", TAMPERED, _second(lambda e, _: e[:10] + b"\7" + e[11:]), _SECOND),
    HistoryLie("a message with another name", TAMPERED, _second(lambda e, _: flipped(e, 11)), _SECOND),
    HistoryLie(
        "a message with another author", TAMPERED,
        _second(lambda e, scene: e[:43] + scene.provider.other_lawyer.keys.sign.public + e[75:]), _SECOND,
    ),
    HistoryLie("a message with a changed word", TAMPERED, _second(lambda e, _: flipped(e, 200)), _SECOND),
    HistoryLie("a message with longer padding", TAMPERED, _second(lambda e, _: e.ljust(4096, b"\0")), _SECOND),
    HistoryLie("a message cut short", TAMPERED, _second(lambda e, _: e[:1000]), _SECOND),
    HistoryLie("a message by nobody, with the stolen case key", TAMPERED, _added(_by_nobody)),
    HistoryLie("a message by an expert of another profession, with it", TAMPERED, _added(_by_another_profession)),
    HistoryLie("a message in the reporter's name, with it", TAMPERED, _added(_in_the_reporters_name)),
    HistoryLie(
        "a second message under one number, by an expert turned", GAP, _added(_same_number_again), (FORGED_WORDS,)
    ),
    HistoryLie("a message that skips numbers, by an expert turned", GAP, _added(_skipped_number)),
    HistoryLie("a message with another past, by an expert turned", GAP, _added(_another_past)),
    HistoryLie("a receipt of what was never written, by an expert turned", GAP, _added(_receipt_of_nothing)),
    HistoryLie("a receipt of another history, by an expert turned", GAP, _added(_receipt_of_another_history)),
    HistoryLie("two histories for two readers, by an expert turned", GAP, _fork, _SECOND),
)  # fmt: skip

EXPERT_TURNED: Final = frozenset(lie.name for lie in HISTORY_LIES if "turned" in lie.name)
"""Words that an expert's own key has signed may be shown, with the alarm: the expert could have written them anyway."""


# --- Who can read


def with_reader(roster: UntrustedRoster) -> UntrustedRoster:
    """The server's own key as a reader: a queue that the reporter never chose."""
    entry = RosterEntry(TO_QUEUE, QueueId(9), Epoch(1), digest(SERVERS_KEM.public), digest(b"a wrap"))
    return structs.replace(roster, entries=tuple(sorted((*roster.entries, entry), key=lambda each: each.place)))


def _signed(roster: UntrustedRoster) -> UntrustedRoster:
    unsigned = structs.replace(roster, signer=SERVERS_KEY.public)
    return structs.replace(unsigned, signature=SERVERS_KEY.sign(unsigned.to_sign()))


def _second_generation(scene: Scene) -> tuple[UntrustedRoster, bytes, Wrap, Wrap]:
    """As if somebody had turned the case: a key of the server's own, wrapped to everybody who should have it."""
    key, first = bytes(range(100, 132)), scene.roster
    instance, case = scene.provider.instance, scene.case
    queue = next(each for each in scene.provider.directory_body.queues if each.id == LAWYER)
    to_queue = wrap_key(
        key, queue.current.kem, instance=instance, subject=case, kind=CASE_KEY, recipient=TO_QUEUE,
        queue=LAWYER, epoch=queue.current.epoch, generation=Generation(2),
    )  # fmt: skip
    to_reporter = wrap_key(
        key, SERVERS_KEM.public, instance=instance, subject=case, kind=CASE_KEY, recipient=TO_REPORTER,
        generation=Generation(2),
    )  # fmt: skip
    kem = next(entry.kem_digest for entry in first.entries if entry.recipient == TO_REPORTER)
    entries = (
        RosterEntry(TO_QUEUE, LAWYER, queue.current.epoch, digest(queue.current.kem), to_queue.digest()),
        RosterEntry(TO_REPORTER, QueueId(0), Epoch(0), kem, to_reporter.digest()),
    )
    roster = UntrustedRoster(
        instance, case, Generation(2), commitment(key), first.commitment, 1, entries, SERVERS_KEY.public, bytes(64)
    )
    return _signed(roster), key, to_queue, to_reporter


def _server_key_for_queue(scene: Scene) -> Wrap:
    queue = next(each for each in scene.provider.directory_body.queues if each.id == LAWYER)
    return wrap_key(
        bytes(32), queue.current.kem, instance=scene.provider.instance, subject=scene.case, kind=CASE_KEY,
        recipient=TO_QUEUE, queue=LAWYER, epoch=queue.current.epoch, generation=Generation(1),
    )  # fmt: skip


def _server_key_promised(scene: Scene) -> Json:
    """The server's own case key, with a roster that promises it, in the name of a reporter of the server's making."""
    wrap = _server_key_for_queue(scene)
    entries = tuple(
        structs.replace(entry, wrap_digest=wrap.digest()) if entry.queue == LAWYER else entry
        for entry in scene.roster.entries
    )
    roster = _signed(structs.replace(scene.roster, commitment=commitment(bytes(32)), entries=entries))
    return scene.opened | {
        "rosters": [b64encode(roster.encode())],
        "wraps": [b64encode(wrap.encode())],
        "sign_pk": b64encode(SERVERS_KEY.public),
    }


def _rosters(*rosters: UntrustedRoster) -> Json:
    return {"rosters": [b64encode(roster.encode()) for roster in rosters]}


def _turned_opened(scene: Scene) -> Json:
    roster, _, wrap, _ = _second_generation(scene)
    wraps = [*scene.opened["wraps"], b64encode(wrap.encode())]
    return scene.opened | _rosters(scene.roster, roster) | {"wraps": wraps}


def _other_reader_only(roster: UntrustedRoster) -> UntrustedRoster:
    return structs.replace(roster, entries=tuple(entry for entry in roster.entries if entry.recipient == TO_QUEUE))


def _wrong_queue(roster: UntrustedRoster) -> UntrustedRoster:
    return structs.replace(
        roster,
        entries=tuple(
            structs.replace(entry, kem_digest=digest(SERVERS_KEM.public)) if entry.queue == LAWYER else entry
            for entry in roster.entries
        ),
    )


def _called_second(roster: UntrustedRoster) -> UntrustedRoster:
    return structs.replace(roster, generation=Generation(2), previous=Commitment(digest(b"a key before")))


@dataclass(frozen=True)
class OpenedLie:
    """Told to who claims or opens a case."""

    name: str
    change: Callable[[Scene], Json]

    def __str__(self) -> str:
        return self.name


OPENED_LIES: Final = (
    OpenedLie("a reader slipped into the roster", lambda s: s.opened | _rosters(with_reader(s.roster))),
    OpenedLie("a reader slipped in, signed by the server",
              lambda s: s.opened | _rosters(_signed(with_reader(s.roster)))),
    OpenedLie("the reporter dropped from the roster", lambda s: s.opened | _rosters(_other_reader_only(s.roster))),
    OpenedLie("the server's key in the queue's place", lambda s: s.opened | _rosters(_wrong_queue(s.roster))),
    OpenedLie("the roster of another case", lambda s: s.opened | {"rosters": s.others_opened["rosters"]}),
    OpenedLie("roster, key and reporter of another case",
              lambda s: s.opened | {name: s.others_opened[name] for name in ("rosters", "wraps", "sign_pk")}),
    OpenedLie("no roster", lambda s: s.opened | {"rosters": []}),
    OpenedLie("no key", lambda s: s.opened | {"wraps": []}),
    OpenedLie("the key of another case", lambda s: s.opened | {"wraps": s.others_opened["wraps"]}),
    OpenedLie("a case key of the server's",
              lambda s: s.opened | {"wraps": [b64encode(_server_key_for_queue(s).encode())]}),
    OpenedLie("a case key of the server's, and a roster that promises it", _server_key_promised),
    OpenedLie("another reporter", lambda s: s.opened | {"sign_pk": b64encode(SERVERS_KEY.public)}),
    OpenedLie("a turn that nobody made", _turned_opened),
    OpenedLie("the only generation called the second", lambda s: s.opened | _rosters(_called_second(s.roster))),
    OpenedLie("another case altogether", lambda s: s.others_opened),
)  # fmt: skip


@dataclass(frozen=True)
class ResumedLie:
    """Told to a reporter who comes back."""

    name: str
    change: Callable[[Resumed, Scene], Resumed]

    def __str__(self) -> str:
        return self.name


def _with_roster(change: Callable[[UntrustedRoster], UntrustedRoster]) -> Callable[[Resumed, Scene], Resumed]:
    def lie(resumed: Resumed, _scene: Scene) -> Resumed:
        first = resumed.generations[0]
        roster = change(UntrustedRoster.decode(first.roster)).encode()
        return structs.replace(resumed, generations=(ResumedGeneration(roster, first.own_wrap),))

    return lie


def _turned_resumed(resumed: Resumed, scene: Scene) -> Resumed:
    roster, _, _, wrap = _second_generation(scene)
    second = ResumedGeneration(roster.encode(), wrap.encode())
    return structs.replace(resumed, generations=(*resumed.generations, second))


def _own_wrap(change: Callable[[bytes], bytes]) -> Callable[[Resumed, Scene], Resumed]:
    def lie(resumed: Resumed, _scene: Scene) -> Resumed:
        first = resumed.generations[0]
        return structs.replace(resumed, generations=(ResumedGeneration(first.roster, change(first.own_wrap)),))

    return lie


def _others_case(resumed: Resumed, scene: Scene) -> Resumed:
    roster = b64decode(scene.others_opened["rosters"][0])
    case = CaseId(b64decode(scene.others_opened["place"]["case"]))
    second = ResumedGeneration(roster, resumed.generations[0].own_wrap)
    return structs.replace(resumed, case=case, generations=(second,))


RESUMED_LIES: Final = (
    ResumedLie("another salt", lambda r, _: structs.replace(r, case_salt=flipped(r.case_salt, 0))),
    ResumedLie("the case of another reporter", _others_case),
    ResumedLie("the name of another case",
               lambda r, s: structs.replace(r, case=CaseId(b64decode(s.others_opened["place"]["case"])))),
    ResumedLie("a reader slipped into the roster", _with_roster(with_reader)),
    ResumedLie("a reader slipped in, signed by the server", _with_roster(lambda r: _signed(with_reader(r)))),
    ResumedLie("the reporter dropped from the roster", _with_roster(_other_reader_only)),
    ResumedLie("the server's key in the queue's place", _with_roster(_wrong_queue)),
    ResumedLie("another copy of the case key", _own_wrap(lambda wrap: flipped(wrap, 3))),
    ResumedLie("no roster", lambda r, _: structs.replace(r, generations=())),
    ResumedLie("a turn that nobody made", _turned_resumed),
)  # fmt: skip


# --- The list


@dataclass(frozen=True)
class PlaceLie:
    """Told about a line of the queue's list."""

    name: str
    codes: frozenset[str]
    """Of the alarm beside it: one of these."""
    change: Callable[[Json, Json, Scene], Json]
    """Of the place, with another case's place at hand."""
    shows_card: bool = False

    def __str__(self) -> str:
        return self.name


def _flip_field(name: str, at: int) -> Callable[[Json, Json, Scene], Json]:
    return lambda place, _other, _scene: place | {name: b64encode(flipped(b64decode(place[name]), at))}


def _servers_card_key(place: Json, _other: Json, scene: Scene) -> Json:
    queue = next(each for each in scene.provider.directory_body.queues if each.id == LAWYER)
    wrap = wrap_key(
        bytes(32), queue.current.kem, instance=scene.provider.instance, subject=b64decode(place["case"]),
        kind=CARD_KEY, recipient=TO_QUEUE, queue=LAWYER, epoch=queue.current.epoch,
    )  # fmt: skip
    return place | {"card_wrap": b64encode(wrap.encode())}


_EITHER: Final = frozenset({"envelope-tampered", "wrap-tampered", "envelope-malformed"})

PLACE_LIES: Final = (
    PlaceLie("an urgent case made to wait", frozenset({"urgent-mismatch"}),
             lambda place, _other, _scene: place | {"urgent": not place["urgent"]}, shows_card=True),
    PlaceLie("a changed card", _EITHER, _flip_field("card", 500)),
    PlaceLie("a card whose urgent flag was changed", _EITHER, _flip_field("card", 2)),
    PlaceLie("a changed key of a card", _EITHER, _flip_field("card_wrap", 600)),
    PlaceLie("the card of another case", _EITHER, lambda place, other, _scene: place | {"card": other["card"]}),
    PlaceLie("the key of another card", _EITHER,
             lambda place, other, _scene: place | {"card_wrap": other["card_wrap"]}),
    PlaceLie("card and key of another case", _EITHER,
             lambda place, other, _scene: place | {name: other[name] for name in ("card", "card_wrap")}),
    PlaceLie("the case key's wrap for the card's", _EITHER,
             lambda place, _other, scene: place | {"card_wrap": scene.opened["wraps"][0]}),
    PlaceLie("a card key of the server's", _EITHER, _servers_card_key),
)  # fmt: skip
