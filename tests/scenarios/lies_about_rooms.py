"""Lies about what is written beside a case: notes, consultations and slips, each under its name (SPEC 3.5).

Two cases, each with the lawyer's notes, a question to the psychologists and a slip for the lawyers. `stolen` and
`turned` as in `stored_case`: a room's key, an expert's signing key.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from msgspec import structs

from lyhty_crypto.keys import SigningKey
from lyhty_crypto.rooms import open_room_key
from lyhty_crypto.sealing import OpenedAside, open_aside, seal
from lyhty_crypto.wrapping import wrap_key
from lyhty_wire.contents import Chat
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, NO_HEAD, PSYCHOLOGIST, CaseId, RoomId, SignKey
from lyhty_wire.records import Slip
from lyhty_wire.rooms import FIRST
from lyhty_wire.rosters import Roster, RosterEntry, UntrustedRoster
from lyhty_wire.wraps import ROOM_KEY, TO_QUEUE, TO_REPORTER, Wrap
from tests.provider import Account, Provider
from tests.scenarios.lies_about_cases import FORGED_WORDS, Listed, with_reader
from tests.scenarios.lies_about_turns import signed_by
from tests.scenarios.lies_of_trust import SERVERS_KEY
from tests.scenarios.lying_server import Json, flipped
from tests.scenarios.stored_case import AT

NOTES: Final = ("I talked to the headmaster.", "I call again on Monday.", "They called back.")
QUESTION: Final = "What would you say?"
NUMBER: Final = "040 123 4567"


@dataclass(frozen=True)
class Beside:
    """What the server has beside a case, and beside another one of the same experts."""

    provider: Provider
    phrase: bytes
    case: CaseId
    reporter: SignKey
    rooms: Json
    """By kind, as they are listed for the lawyer (SPEC 9, Room)."""
    others: Json
    others_case: CaseId
    envelopes: dict[str, list[bytes]]
    """By the room's id."""

    def of(self, kind: str) -> list[bytes]:
        return self.envelopes[self.rooms[kind]["room"]]

    def roster(self, kind: str) -> UntrustedRoster:
        return UntrustedRoster.decode(b64decode(self.rooms[kind]["roster"]))

    def key(self, kind: str) -> bytes:
        """Stolen."""
        roster = self.roster(kind)
        verified = Roster(*structs.astuple(roster))
        entry = next(each for each in roster.queue_entries if each.queue == LAWYER)
        wraps = [Wrap.decode(b64decode(wrap)) for wrap in self.rooms[kind]["wraps"]]
        return open_room_key(verified, wraps, LAWYER, self.provider.seeds[entry.queue, entry.epoch])

    def read(self, kind: str, envelope: bytes) -> OpenedAside:
        room = RoomId(self.roster(kind).case)
        return open_aside(envelope, self.key(kind), instance=self.provider.instance, room=room)

    def forge(self, kind: str, author: SigningKey, after: OpenedAside | None) -> bytes:
        return seal(
            Chat(AT, FORGED_WORDS), self.key(kind), author,
            instance=self.provider.instance, case=self.roster(kind).case, directory_version=1, generation=FIRST,
            counter=1 if after is None else after.header.counter + 1,
            previous_head=NO_HEAD if after is None else after.head,
        ).envelope  # fmt: skip


# --- Which rooms there are


@dataclass(frozen=True)
class RoomLie:
    """Told to the lawyer who holds the case, of what there is beside it: nothing of it is read."""

    name: str
    listed: Callable[[Beside], Sequence[Json]]

    def __str__(self) -> str:
        return self.name


def _changed(room: str, **changes: Any) -> Callable[[Beside], Sequence[Json]]:
    return lambda beside: [beside.rooms[room] | changes]


Sign = Callable[[Beside, UntrustedRoster], UntrustedRoster]


def _roster(kind: str, change: Sign) -> Callable[[Beside], Sequence[Json]]:
    return lambda beside: [beside.rooms[kind] | {"roster": b64encode(change(beside, beside.roster(kind)).encode())}]


def _notes_with(wrap: Callable[[Beside], str]) -> Callable[[Beside], Sequence[Json]]:
    return lambda beside: [beside.rooms["notes"] | {"wraps": [wrap(beside)]}]


def _another_wrap(beside: Beside) -> str:
    queue = next(each for each in beside.provider.directory_body.queues if each.id == LAWYER)
    wrap = wrap_key(
        beside.key("notes"), queue.current.kem, instance=beside.provider.instance, subject=beside.roster("notes").case,
        kind=ROOM_KEY, recipient=TO_QUEUE, queue=LAWYER, epoch=queue.current.epoch,
    )  # fmt: skip
    return b64encode(wrap.encode())


def _others(kind: str) -> Callable[[Beside], Sequence[Json]]:
    return lambda beside: [beside.others[kind]]


def _others_as_of_this(kind: str) -> Callable[[Beside], Sequence[Json]]:
    return lambda beside: [beside.others[kind] | {"case": b64encode(beside.case)}]


def _for_psychologists(roster: UntrustedRoster) -> tuple[RosterEntry, ...]:
    return tuple(
        structs.replace(entry, queue=PSYCHOLOGIST) if entry.recipient == TO_QUEUE else entry for entry in roster.entries
    )


def _without_reporter(roster: UntrustedRoster) -> tuple[RosterEntry, ...]:
    return tuple(entry for entry in roster.entries if entry.recipient != TO_REPORTER)


ROOM_LIES: Final = (
    RoomLie("the notes of another case", _others("notes")),
    RoomLie("the notes of another case, said to be of this", _others_as_of_this("notes")),
    RoomLie("the slip of another case", _others("slip")),
    RoomLie("the slip of another case, said to be of this", _others_as_of_this("slip")),
    RoomLie("the notes called a consultation", _changed("notes", kind="consultation")),
    RoomLie("the notes called a slip", _changed("notes", kind="slip")),
    RoomLie("a slip called notes", _changed("slip", kind="notes")),
    RoomLie("a consultation called notes", _changed("consultation", kind="notes")),
    RoomLie("a reader slipped into the notes", _roster("notes", lambda _, r: with_reader(r))),
    RoomLie("a reader slipped into the notes, signed by the server",
            _roster("notes", lambda _, r: signed_by(SERVERS_KEY, with_reader(r)))),
    RoomLie("a reader slipped into the slip", _roster("slip", lambda _, r: with_reader(r))),
    RoomLie("a reader slipped into the slip, by the lawyer turned",
            _roster("slip", lambda b, r: signed_by(b.provider.lawyer.keys.sign, with_reader(r)))),
    RoomLie("notes by nobody", _roster("notes", lambda _, r: signed_by(SERVERS_KEY, r))),
    RoomLie("notes in the reporter's name", _roster("notes", lambda b, r: structs.replace(r, signer=b.reporter))),
    RoomLie("a slip by nobody", _roster("slip", lambda _, r: signed_by(SERVERS_KEY, r))),
    RoomLie("a slip by the lawyer turned", _roster("slip", lambda b, r: signed_by(b.provider.lawyer.keys.sign, r))),
    RoomLie("a slip without its reporter",
            _roster("slip", lambda _, r: structs.replace(r, entries=_without_reporter(r)))),
    RoomLie("a slip for another role", _roster("slip", lambda _, r: structs.replace(r, entries=_for_psychologists(r)))),
    RoomLie("notes without their key", _changed("notes", wraps=[])),
    RoomLie("notes with the key of another room", _notes_with(lambda b: b.rooms["slip"]["wraps"][0])),
    RoomLie("notes with the key of another case's", _notes_with(lambda b: b.others["notes"]["wraps"][0])),
    RoomLie("notes with another wrap of their key, with the stolen one", _notes_with(_another_wrap)),
    RoomLie("notes with a changed key",
            _notes_with(lambda b: b64encode(flipped(b64decode(b.rooms["notes"]["wraps"][0]), 700)))),
)  # fmt: skip


# --- What is written there

Change = Callable[[Listed, Beside], Listed]


@dataclass(frozen=True)
class WrittenLie:
    """Told of what is written in a room of this kind."""

    name: str
    kind: str
    codes: frozenset[str]
    change: Change
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


def _in_place(at: int, make: Callable[[Listed, Beside], bytes]) -> Change:
    return lambda all_, beside: [
        (seq, make(all_, beside) if nth == at else each) for nth, (seq, each) in enumerate(all_)
    ]


def _added(make: Callable[[Listed, Beside], bytes]) -> Change:
    return lambda all_, beside: [*all_, (all_[-1][0] + 1, make(all_, beside))]


def _next_by(kind: str, who: Callable[[Beside], SigningKey]) -> Callable[[Listed, Beside], bytes]:
    def make(all_: Listed, beside: Beside) -> bytes:
        author = who(beside)
        own = [each for _, each in all_ if beside.read(kind, each).header.author == author.public]
        return beside.forge(kind, author, beside.read(kind, own[-1]) if own else None)

    return make


def _account(name: str) -> Callable[[Beside], SigningKey]:
    def sign(beside: Beside) -> SigningKey:
        account: Account = getattr(beside.provider, name)
        return account.keys.sign

    return sign


def _swapped(all_: Listed, _: Beside) -> Listed:
    first, second, *rest = [each for _, each in all_]
    return list(enumerate((second, first, *rest), 1))


_GAP: Final = frozenset({"history-gap"})
_TAMPERED: Final = frozenset({"envelope-tampered"})
_FIRST_TWO: Final = NOTES[:2]

WRITTEN_LIES: Final = (
    WrittenLie("a note left out", "notes", _GAP, lambda all_, _: [all_[0], *all_[2:]], (NOTES[1],)),
    WrittenLie("the first note left out", "notes", _GAP, lambda all_, _: all_[1:], (NOTES[0],)),
    WrittenLie("a note told twice", "notes", _GAP, lambda all_, _: [*all_, (len(all_) + 1, all_[0][1])]),
    WrittenLie("notes in another order", "notes", _GAP, _swapped, (NOTES[0],)),
    WrittenLie("a changed note", "notes", _TAMPERED,
               _in_place(1, lambda all_, _: flipped(all_[1][1], 300)), (NOTES[1],)),
    WrittenLie("a note of another case", "notes", _TAMPERED,
               _in_place(1, lambda _, b: b.envelopes[b.others["notes"]["room"]][0]), (NOTES[1],)),
    WrittenLie("words of another room", "notes", _TAMPERED,
               _in_place(1, lambda _, b: b.of("consultation")[0]), (NOTES[1],)),
    WrittenLie("a note by nobody, with the stolen key", "notes", _TAMPERED,
               _added(_next_by("notes", lambda _: SERVERS_KEY))),
    WrittenLie("a note by another profession, with it", "notes", _TAMPERED,
               _added(_next_by("notes", _account("psychologist")))),
    WrittenLie("other words in a slip, by the lawyer turned", "slip", _TAMPERED,
               _added(_next_by("slip", _account("lawyer")))),
    WrittenLie("words in a slip by nobody, with the stolen key", "slip", _TAMPERED,
               _in_place(0, _next_by("slip", lambda _: SERVERS_KEY)), (NUMBER,)),
    WrittenLie("the slip of another case in this one", "slip", _TAMPERED,
               _in_place(0, lambda _, b: b.envelopes[b.others["slip"]["room"]][0]), (NUMBER,)),
    WrittenLie("an empty room", "notes", _GAP, lambda _all, _: [], NOTES),
    WrittenLie("an empty slip", "slip", _GAP, lambda _all, _: [], (NUMBER,)),
)  # fmt: skip


# --- What its reporter is told of a slip


@dataclass(frozen=True)
class OwnSlipLie:
    name: str
    change: Callable[[Slip, Beside], Slip]

    def __str__(self) -> str:
        return self.name


def _slip_roster(change: Sign) -> Callable[[Slip, Beside], Slip]:
    return lambda slip, beside: structs.replace(
        slip, roster=change(beside, UntrustedRoster.decode(slip.roster)).encode()
    )


OWN_SLIP_LIES: Final = (
    OwnSlipLie("a slip for another role than it was given to",
               _slip_roster(lambda _, r: structs.replace(r, entries=_for_psychologists(r)))),
    OwnSlipLie("a slip with a reader more", _slip_roster(lambda _, r: with_reader(r))),
    OwnSlipLie("a slip with a reader more, by the lawyer turned",
               _slip_roster(lambda b, r: signed_by(b.provider.lawyer.keys.sign, with_reader(r)))),
    OwnSlipLie("a slip that somebody else gave",
               lambda slip, b: structs.replace(slip, roster=b64decode(b.others["slip"]["roster"]))),
    OwnSlipLie("a slip with another key", lambda slip, _: structs.replace(slip, self_wrap=flipped(slip.self_wrap, 3))),
    OwnSlipLie("the words of another's slip",
               lambda slip, b: structs.replace(slip, envelope=b.envelopes[b.others["slip"]["room"]][0])),
    OwnSlipLie("other words by the lawyer turned, with the slip's key",
               lambda slip, b: structs.replace(slip, envelope=b.forge("slip", b.provider.lawyer.keys.sign, None))),
    OwnSlipLie("other words by nobody, with the stolen key",
               lambda slip, b: structs.replace(slip, envelope=b.forge("slip", SERVERS_KEY, None))),
)  # fmt: skip
