"""Sealed rooms beside a case: which kinds there are, and when a room's roster is believed (SPEC 3.5)."""

from collections.abc import Collection, Sequence
from enum import IntEnum

from lyhty_wire.errors import ForgedError, MalformedError
from lyhty_wire.ids import NO_GENERATION, CaseId, Generation, InstanceId, RoomId, SignKey, room_id
from lyhty_wire.rosters import Roster, UntrustedRoster
from lyhty_wire.wraps import ROOM_KEY, Wrap

FIRST = Generation(1)


class RoomKind(IntEnum):
    """The numbers of SPEC 3.5."""

    NOTES = 1
    """What the holders of a case write: of one profession for itself, or of several for one another."""
    CONSULTATION = 2
    """Where a colleague advises."""
    SLIP = 3
    """What the reporter gives to one queue alone, and may take back: a name, a telephone number."""
    SHELF = 4
    """The answer templates that a queue's experts wrote: beside no case (SPEC 3.6)."""


def check_room(roster: UntrustedRoster, instance: InstanceId, case: CaseId, kind: RoomKind) -> RoomId:
    """What holds of a room's roster whoever has signed it.

    Raises:
        ForgedError, MalformedError: of another room, or for readers this kind does not have.
    """
    room = room_id(case, kind, roster.commitment)
    # SPEC 3.5: the room's id stands where a case has its own; it contains the case, the kind and the key.
    if roster.generation != FIRST or roster.case != room or roster.instance != instance:
        raise ForgedError("signature-invalid", "not the roster of this room")
    is_slip = kind is RoomKind.SLIP
    if (roster.reporter_entry is not None) is not is_slip:
        raise MalformedError("envelope-malformed", "a slip is for its reporter too, other rooms are not")
    if not roster.queues or (kind in (RoomKind.SLIP, RoomKind.SHELF) and len(roster.queues) != 1):
        raise MalformedError("envelope-malformed", "slips and shelves are for one queue")
    return room


def verify_room(
    roster: UntrustedRoster,
    instance: InstanceId,
    case: CaseId,
    kind: RoomKind,
    allowed_signers: Collection[SignKey],
) -> Roster:
    """The roster of this room, signed by one of these: for a slip the reporter, else experts of the case's queues."""
    room = check_room(roster, instance, case, kind)
    if roster.signer not in allowed_signers:
        raise ForgedError("signature-invalid", "signed by somebody who may not")
    return roster.verify_signed(instance, room)


def check_room_wraps(roster: Roster | UntrustedRoster, wraps: Sequence[Wrap]) -> None:
    """The wraps are exactly those the roster names for its queues, in its order; else MalformedError."""
    wanted = [(ROOM_KEY, *entry.place, roster.commitment, entry.wrap_digest) for entry in roster.queue_entries]
    given = [(wrap.kind, wrap.recipient, wrap.queue, wrap.epoch, wrap.commitment, wrap.digest()) for wrap in wraps]
    if wanted != given or any(wrap.generation != NO_GENERATION for wrap in wraps):
        raise MalformedError("envelope-malformed", "the wraps are not those of the roster")
