"""Makes a sealed room beside a case, with a key of its own, and opens its key again (SPEC 3.5)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lyhty_crypto.cases import current_queues, sign_roster
from lyhty_crypto.errors import TamperedError
from lyhty_crypto.keys import KEY_BYTES, KemKeyPair, SigningKey
from lyhty_crypto.passphrase import ReporterKeys
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.wrapping import self_unwrap, self_wrap, unwrap_key, wrap_key
from lyhty_wire.directories import Directory, Queue
from lyhty_wire.ids import (
    NO_EPOCH,
    NO_HASH,
    NO_QUEUE,
    CaseId,
    Commitment,
    QueueId,
    RoomId,
    commitment,
    digest,
    room_id,
)
from lyhty_wire.rooms import FIRST, RoomKind
from lyhty_wire.rosters import Roster, RosterEntry
from lyhty_wire.wraps import ROOM_KEY, TO_QUEUE, TO_REPORTER, Wrap


@dataclass(frozen=True, slots=True)
class PreparedRoom:
    """What the server is given of a new room, and the key it is not given. Kept and sent again verbatim."""

    room: RoomId
    roster: Roster
    wraps: tuple[Wrap, ...]
    self_wrap: bytes | None
    """The reporter's own copy: of a slip."""
    key: bytes = field(repr=False)


def make_room(
    signer: SigningKey,
    directory: Directory,
    case: CaseId,
    kind: RoomKind,
    queues: Sequence[QueueId],
    *,
    reporter: ReporterKeys | None = None,
    randomness: Randomness = draw,
) -> PreparedRoom:
    """`reporter`: of a slip; then the signer is theirs.

    Raises:
        RefusedError: `queue-unknown`.
    """
    key = randomness(KEY_BYTES)
    key_commitment = commitment(key)
    room = room_id(case, kind, key_commitment)
    readers = current_queues(directory, queues)
    wraps = tuple(_wrap(key, queue, directory, room) for queue in readers)
    entries = [
        RosterEntry(TO_QUEUE, queue.id, queue.current.epoch, digest(queue.current.kem), wrap.digest())
        for queue, wrap in zip(readers, wraps, strict=True)
    ]
    own = None
    if reporter is not None:
        own = self_wrap(key, reporter.wrap, instance=directory.instance, case=room, generation=FIRST)
        entries.append(RosterEntry(TO_REPORTER, NO_QUEUE, NO_EPOCH, digest(reporter.kem.public), digest(own)))
    roster = sign_roster(
        signer, directory.instance, room, FIRST, key_commitment, Commitment(NO_HASH), directory.version, entries
    ).verify_signed(directory.instance, room)
    return PreparedRoom(room, roster, wraps, own, key)


def open_room_key(roster: Roster, wraps: Sequence[Wrap], queue: QueueId, epoch_key: KemKeyPair) -> bytes:
    """From the wrap to this queue that the roster names.

    Raises:
        TamperedError: there is none, or it does not open, or it holds another key.
    """
    named = {entry.wrap_digest for entry in roster.queue_entries if entry.queue == queue}
    wrap = next((wrap for wrap in wraps if wrap.kind == ROOM_KEY and wrap.digest() in named), None)
    if wrap is None or wrap.commitment != roster.commitment:
        raise TamperedError("wrap-tampered", "no wrap of this room that its roster names")
    return unwrap_key(wrap, epoch_key, instance=roster.instance, subject=roster.case)


def open_own_room_key(roster: Roster, sealed: bytes, wrap: bytes) -> bytes:
    """The reporter's, from the self-wrap; `wrap` is the reporter's wrap key."""
    return self_unwrap(
        sealed, wrap, instance=roster.instance, case=roster.case, generation=FIRST, expected=roster.commitment
    )


def _wrap(key: bytes, queue: Queue, directory: Directory, room: RoomId) -> Wrap:
    return wrap_key(
        key,
        queue.current.kem,
        instance=directory.instance,
        subject=room,
        kind=ROOM_KEY,
        recipient=TO_QUEUE,
        queue=queue.id,
        epoch=queue.current.epoch,
    )
