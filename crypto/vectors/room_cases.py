"""Vectors of the sealed rooms beside a case."""

from world import (
    CASE,
    EXPERT_SIGN,
    INSTANCE,
    LAWYER_KEM,
    PSYCHOLOGIST_KEM,
    REPORTER,
    STRANGER,
    VERIFIED,
    Draws,
    Json,
    case,
    drawn,
    failing,
    tampering,
)

from lyhty_crypto.cases import sign_roster
from lyhty_crypto.keys import KemKeyPair
from lyhty_crypto.rooms import PreparedRoom, make_room, open_own_room_key, open_room_key
from lyhty_wire.ids import (
    LAWYER,
    NO_HASH,
    PSYCHOLOGIST,
    CaseId,
    Commitment,
    Generation,
    InstanceId,
    QueueId,
    SignKey,
    commitment,
    room_id,
)
from lyhty_wire.rooms import FIRST, RoomKind, verify_room
from lyhty_wire.rosters import Roster, UntrustedRoster
from lyhty_wire.wraps import Wrap

Signers = list[SignKey]


def _verify(data: bytes, kind: int, allowed: Signers, instance: InstanceId = INSTANCE, within: CaseId = CASE) -> Roster:
    return verify_room(UntrustedRoster.decode(data), instance, within, RoomKind(kind), allowed)


def _open(data: bytes, kind: int, allowed: Signers, wraps: list[bytes], queue: QueueId, seed: bytes) -> bytes:
    roster = _verify(data, kind, allowed)
    return open_room_key(roster, [Wrap.decode(wrap) for wrap in wraps], queue, KemKeyPair(seed))


def _fields(roster: Roster) -> Json:
    entries = [
        {"recipient": e.recipient, "queue": e.queue, "epoch": e.epoch, "kem": e.kem_digest, "wrap": e.wrap_digest}
        for e in roster.entries
    ]
    return {"room": roster.case, "commitment": roster.commitment, "signer": roster.signer, "entries": entries}


def rooms() -> list[Json]:
    """SPEC 3.5: `verify-room`, `open-room` with a queue's seed, `open-own` with the reporter's wrap key, `room-id`."""
    notes = make_room(EXPERT_SIGN, VERIFIED, CASE, RoomKind.NOTES, [LAWYER], randomness=Draws("notes"))
    both = make_room(
        EXPERT_SIGN, VERIFIED, CASE, RoomKind.CONSULTATION, [PSYCHOLOGIST, LAWYER], randomness=Draws("consultation")
    )
    slip = make_room(
        REPORTER.sign, VERIFIED, CASE, RoomKind.SLIP, [PSYCHOLOGIST], reporter=REPORTER, randomness=Draws("slip")
    )
    cases: list[Json] = []
    for name, kind, room, signer, readers in (
        ("notes", RoomKind.NOTES, notes, EXPERT_SIGN, [(LAWYER, LAWYER_KEM)]),
        (
            "a consultation of two professions", RoomKind.CONSULTATION, both, EXPERT_SIGN,
            [(LAWYER, LAWYER_KEM), (PSYCHOLOGIST, PSYCHOLOGIST_KEM)],
        ),
        ("a slip", RoomKind.SLIP, slip, REPORTER.sign, [(PSYCHOLOGIST, PSYCHOLOGIST_KEM)]),
    ):  # fmt: skip
        base = _inputs(room, kind, [signer.public])
        cases.append(case(name, "verify-room", base, _fields(room.roster)))
        for queue, kem in readers:
            inputs = {**base, "wraps": [wrap.encode() for wrap in room.wraps], "queue": queue, "seed": kem.seed}
            cases.append(case(f"{name}, opened by queue {queue}", "open-room", inputs, {"key": room.key}))
    assert slip.self_wrap is not None
    own: Json = {
        **_inputs(slip, RoomKind.SLIP, [REPORTER.sign.public]),
        "sealed": slip.self_wrap,
        "wrap_key": REPORTER.wrap,
    }
    cases.append(case("the reporter's copy", "open-own", own, {"key": slip.key}))
    cases.append(
        tampering(
            "the reporter's copy, tampered", "open-own", own, "sealed",
            lambda changed: open_own_room_key(slip.roster, changed, REPORTER.wrap),
        )
    )  # fmt: skip
    cases += [
        case(
            f"kind {int(kind)}", "room-id", {"case": CASE, "kind": int(kind), "commitment": notes.roster.commitment},
            {"room": room_id(CASE, kind, notes.roster.commitment)},
        )
        for kind in RoomKind
    ]  # fmt: skip

    allowed = [EXPERT_SIGN.public]
    base = _inputs(notes, RoomKind.NOTES, allowed)
    good = notes.roster.encode()
    cases.append(
        tampering("tampered", "verify-room", base, "roster", lambda changed: _verify(changed, RoomKind.NOTES, allowed))
    )

    def refused(
        name: str, data: bytes, kind: RoomKind, failure: str, signers: Signers = allowed, **changes: bytes
    ) -> None:
        inputs: Json = {**base, "roster": data, "kind": int(kind), "allowed": signers, **changes}
        instance, case_id = InstanceId(changes.get("instance", INSTANCE)), CaseId(changes.get("case", CASE))
        cases.append(failing(
            name, "verify-room", inputs, lambda: _verify(data, kind, signers, instance, case_id), failure
        ))  # fmt: skip

    refused("of another case", good, RoomKind.NOTES, "forged", case=drawn("another case"))
    refused("of another instance", good, RoomKind.NOTES, "forged", instance=drawn("another instance"))
    refused("of another kind", good, RoomKind.CONSULTATION, "forged")
    refused("signed by a stranger", good, RoomKind.NOTES, "forged", [STRANGER.public])
    refused("a slip that an expert signed", *_signed(RoomKind.SLIP, slip, "x"), "forged", [REPORTER.sign.public])
    refused("a shelf for two queues", *_signed(RoomKind.SHELF, both, "two"), "malformed")
    refused("notes that the reporter reads too", *_signed(RoomKind.NOTES, slip, "reporter"), "malformed")
    refused("a slip without its reporter", *_signed(RoomKind.SLIP, notes, "none"), "malformed")
    refused("a second generation", *_signed(RoomKind.NOTES, notes, "second", Generation(2)), "forged")

    opening: Json = {
        **base, "wraps": [wrap.encode() for wrap in notes.wraps], "queue": LAWYER, "seed": LAWYER_KEM.seed
    }  # fmt: skip

    def unopened(name: str, wraps: list[bytes], queue: QueueId = LAWYER, seed: bytes = LAWYER_KEM.seed) -> None:
        inputs = {**opening, "wraps": wraps, "queue": queue, "seed": seed}
        cases.append(failing(
            name, "open-room", inputs, lambda: _open(good, RoomKind.NOTES, allowed, wraps, queue, seed), "tampered"
        ))  # fmt: skip

    wrap = notes.wraps[0].encode()
    unopened("no wrap", [])
    unopened("a wrap of another room", [both.wraps[0].encode()])
    unopened("a wrap to another queue", [wrap], PSYCHOLOGIST)
    unopened("another queue's seed", [wrap], LAWYER, PSYCHOLOGIST_KEM.seed)
    return cases


def _inputs(room: PreparedRoom, kind: RoomKind, allowed: Signers) -> Json:
    return {"roster": room.roster.encode(), "instance": INSTANCE, "case": CASE, "kind": int(kind), "allowed": allowed}


def _signed(kind: RoomKind, like: PreparedRoom, label: str, generation: Generation = FIRST) -> tuple[bytes, RoomKind]:
    """A roster with the entries of `like`, which the expert signed for a room of this kind."""
    key_commitment = commitment(drawn(f"key of {label}"))
    previous = Commitment(NO_HASH if generation == FIRST else drawn("previous"))
    roster = sign_roster(
        EXPERT_SIGN, INSTANCE, room_id(CASE, kind, key_commitment), generation, key_commitment, previous, 7,
        like.roster.entries,
    )  # fmt: skip
    return roster.encode(), kind
