"""A team's shelf of answer templates: written, read and checked, under one key after another (SPEC 3.6)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lyhty_crypto.authors import expert_of
from lyhty_crypto.chains import Chains
from lyhty_crypto.errors import CryptoError, HistoryGapError
from lyhty_crypto.keys import KemKeyPair
from lyhty_crypto.rooms import open_room_key
from lyhty_crypto.sealing import OpenedOnShelf, open_on_shelf
from lyhty_wire.contexts import context
from lyhty_wire.directories import Directory
from lyhty_wire.errors import ForgedError, MalformedError, WireError
from lyhty_wire.ids import Epoch, Head, QueueId, RoomId, SignKey, commitment, digest, shelf_id
from lyhty_wire.room_contents import Shelf, ShelfBefore, Template
from lyhty_wire.rooms import FIRST, RoomKind, verify_room
from lyhty_wire.rosters import Roster, UntrustedRoster
from lyhty_wire.wraps import Wrap

_NO_REPORTER = SignKey(b"")


@dataclass(frozen=True, slots=True)
class StoredRoom:
    """What a server has of a shelf under one key."""

    roster: bytes
    wrap: bytes | None  # of the newest key; the older ones are found with it
    envelopes: tuple[bytes, ...]


@dataclass(slots=True)
class TeamShelf:
    """What holds of a shelf. `alarms` are codes: something was left out, moved, forged or put back."""

    room: RoomId
    key: bytes = field(repr=False)
    templates: dict[bytes, list[tuple[SignKey, Template]]] = field(default_factory=dict)
    """By id the versions, first to last, each with its author's key."""
    alarms: set[str] = field(default_factory=set)
    heads: list[Head] = field(default_factory=list)  # of the newest key's writings

    @property
    def before(self) -> ShelfBefore:
        """What the first writing under the next key says."""
        return ShelfBefore(self.room, self.key, len(self.heads), shelf_end(self.room, self.heads))


@dataclass(slots=True)
class _Read:
    """One key's writings, each with its head."""

    opened: list[OpenedOnShelf] = field(default_factory=list)
    alarms: set[str] = field(default_factory=set)


def shelf_end(room: RoomId, heads: Sequence[Head]) -> bytes:
    return digest(context("shelf-end", room) + b"".join(heads))


def read_shelf(
    queue: QueueId,
    rooms: Sequence[StoredRoom],
    directory: Directory,
    own_key: Callable[[Epoch], KemKeyPair],
) -> TeamShelf:
    """`rooms`: first to last, at least one.

    Raises:
        WireError, CryptoError: the newest key is not one of this shelf, or does not open.
    """
    newest = rooms[-1]
    roster = _verify(queue, newest, directory)
    wraps = [] if newest.wrap is None else [Wrap.decode(newest.wrap)]
    key = open_room_key(roster, wraps, queue, own_key(roster.queue_entries[0].epoch))
    read = _read_room(queue, roster, key, newest, directory)
    shelf = TeamShelf(RoomId(roster.case), key, alarms=read.alarms, heads=[each.head for each in read.opened])
    parts = [read.opened]
    before = _before(read)
    for older in reversed(rooms[:-1]):
        if before is None:
            break
        try:
            parts.insert(0, part := _read_before(queue, older, before, directory))
            before = _before(_Read(part))
        except (WireError, CryptoError) as error:
            # What is older than what does not hold is not read.
            shelf.alarms.add(error.code)
            break
    else:
        if before is not None:
            shelf.alarms.add(HistoryGapError("an older key's writings are not there").code)
    for nth, part in enumerate(parts, start=1):
        for opened in part:
            _take(shelf, opened, told=nth == len(parts))
    return shelf


def _verify(queue: QueueId, room: StoredRoom, directory: Directory) -> Roster:
    untrusted = UntrustedRoster.decode(room.roster)
    signer = expert_of(
        untrusted.signer, queues=[queue], roster_version=untrusted.directory_version, directory=directory
    )
    roster = verify_room(
        untrusted, directory.instance, shelf_id(directory.instance, queue), RoomKind.SHELF, [signer.sign]
    )
    if roster.queues != (queue,):
        raise ForgedError("signature-invalid", "the shelf of another queue")
    return roster


def _read_before(queue: QueueId, room: StoredRoom, before: ShelfBefore, directory: Directory) -> list[OpenedOnShelf]:
    """What was written before the key changed, up to where the next key's writing says that it ends.

    Whoever wrote that has settled it: what does not count, or came later, is passed over in silence.
    """
    roster = _verify(queue, room, directory)
    if roster.case != before.room or roster.commitment != commitment(before.key):
        raise HistoryGapError("another key than the one that was followed")
    opened = _read_room(queue, roster, before.key, room, directory).opened[: before.count]
    if shelf_end(RoomId(roster.case), [each.head for each in opened]) != before.end:
        raise HistoryGapError("it ended otherwise")
    return opened


def _read_room(queue: QueueId, roster: Roster, key: bytes, room: StoredRoom, directory: Directory) -> _Read:
    read, chains = _Read(), Chains(_NO_REPORTER)
    for envelope in room.envelopes:
        try:
            opened = open_on_shelf(envelope, key, instance=roster.instance, room=RoomId(roster.case))
            _check_author(queue, roster, opened, directory)
            if isinstance(opened.content, Shelf) != (not read.opened):
                raise MalformedError("envelope-malformed", "a shelf begins with where it stood before")
        except (WireError, CryptoError) as error:
            read.alarms.add(error.code)
            continue
        try:
            chains.accept(opened)
        except HistoryGapError as gap:
            read.alarms.add(gap.code)
            if not chains.adopt(opened):
                continue
        read.opened.append(opened)
    return read


def _check_author(queue: QueueId, roster: Roster, opened: OpenedOnShelf, directory: Directory) -> None:
    author, generation = opened.header.author, opened.header.generation
    expert_of(author, queues=[queue], roster_version=roster.directory_version, directory=directory)
    if generation != FIRST or (isinstance(opened.content, Shelf) and author != roster.signer):
        raise ForgedError("envelope-tampered", "begun by somebody else, or of another generation")


def _before(read: _Read) -> ShelfBefore | None:
    if not read.opened:
        read.alarms.add(HistoryGapError("nothing is written under a key").code)
        return None
    first = read.opened[0].content
    return first.before if isinstance(first, Shelf) else None


def _take(shelf: TeamShelf, opened: OpenedOnShelf, *, told: bool) -> None:
    content = opened.content
    if not isinstance(content, Template):
        return
    versions = shelf.templates.get(content.template, [])
    # SPEC 3.6: what does not follow the last version was written over something that its author had not seen.
    if content.version != len(versions) + 1:
        if told:
            shelf.alarms.add(HistoryGapError("not the next version").code)
        return
    shelf.templates[content.template] = [*versions, (opened.header.author, content)]
