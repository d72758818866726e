"""Notes, consultations and slips as an expert holds them: who may read, what was written (SPEC 3.5)."""

from collections.abc import Sequence
from typing import Final

from lyhty_client.conversation import HISTORY_GAP, Alarm, Message
from lyhty_client.desk import Desk
from lyhty_client.errors import ClientError, RefusedError
from lyhty_client.expert import Expertise
from lyhty_crypto.authors import Author, ReporterAuthor, expert_of
from lyhty_crypto.chains import Chains
from lyhty_crypto.errors import CryptoError, HistoryGapError
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.rooms import PreparedRoom, make_room, open_room_key
from lyhty_crypto.sealing import OpenedAside, Sealed, open_aside, seal
from lyhty_wire.codes import Code
from lyhty_wire.contents import Chat
from lyhty_wire.desk import SealedRoom
from lyhty_wire.encoding import b64decode
from lyhty_wire.errors import ForgedError, WireError
from lyhty_wire.ids import CaseId, Head, QueueId, RoomId, SignKey
from lyhty_wire.room_contents import NoticeAsked
from lyhty_wire.rooms import FIRST, RoomKind, verify_room
from lyhty_wire.rosters import Roster, UntrustedRoster
from lyhty_wire.wraps import Wrap

KINDS: Final = {"notes": RoomKind.NOTES, "consultation": RoomKind.CONSULTATION, "slip": RoomKind.SLIP}
_NAMES: Final = {kind: name for name, kind in KINDS.items()}


class Room:
    """One room, read in the server's order. What does not hold is an alarm, and the reading goes on."""

    def __init__(self, roster: Roster, key: bytes, kind: RoomKind, expertise: Expertise, reporter: SignKey) -> None:
        self.kind = kind
        self.roster = roster
        self.messages: list[Message] = []
        self.alarms: list[Alarm] = []
        self.heads: set[Head] = set()
        self.last_seq = 0
        self._key = key
        self._expertise = expertise
        self._reporter = reporter
        self._chains = Chains(_NO_REPORTER)  # a report is written in no room

    @classmethod
    def open(cls, listed: SealedRoom, expertise: Expertise, reporter: SignKey) -> "Room":
        """`reporter`: the sign key of the case.

        Raises:
            WireError, CryptoError: the roster is not one of this case, or no wrap of it opens.
        """
        kind = KINDS[listed.kind]
        directory = expertise.directory
        untrusted = UntrustedRoster.decode(b64decode(listed.roster))
        experts = [expert.sign for expert in directory.experts] + [former.sign for former in directory.former]
        # SPEC 3.5: who may have opened it.
        allowed = [reporter] if kind is RoomKind.SLIP else experts
        roster = verify_room(untrusted, directory.instance, listed.case_id, kind, allowed)
        wraps = [Wrap.decode(b64decode(wrap)) for wrap in listed.wraps]
        for entry in roster.queue_entries:
            pair = expertise.queue_keys.get((entry.queue, entry.epoch))
            if pair is not None:
                key = open_room_key(roster, wraps, entry.queue, pair)
                return cls(roster, key, kind, expertise, reporter)
        raise ForgedError("wrap-tampered", "a room for none of this expert's queues")

    @classmethod
    def made(cls, room: PreparedRoom, kind: RoomKind, expertise: Expertise, reporter: SignKey) -> "Room":
        return cls(room.roster, room.key, kind, expertise, reporter)

    @property
    def id(self) -> RoomId:
        return RoomId(self.roster.case)

    @property
    def may_be_written_in(self) -> bool:
        """SPEC 3.5: for today's keys of its queues, and opened by somebody who still belongs to them."""
        directory = self._expertise.directory
        current = {(queue.id, queue.current.epoch) for queue in directory.queues}
        is_current = {(entry.queue, entry.epoch) for entry in self.roster.queue_entries} <= current
        return is_current and self.roster.signer in directory.signers_of(self.roster.queues, directory.version)

    def accept(self, seq: int, envelope: bytes) -> None:
        self.last_seq = max(self.last_seq, seq)
        try:
            opened = open_aside(envelope, self._key, instance=self.roster.instance, room=self.id)
            author = self._author(opened)
            if self._follows(seq, opened):
                self.heads.add(opened.head)
                if isinstance(opened.content, Chat):
                    self.messages.append(Message(seq, author, opened.content))
        except (WireError, CryptoError) as error:
            self.alarms.append(Alarm(seq, error.code))

    def whole(self) -> None:
        """All that the server has was read. SPEC 3.5: a room begins with what was written when it was opened."""
        if not self.heads and not self.alarms:
            self.alarms.append(Alarm(0, HISTORY_GAP))

    def _author(self, opened: OpenedAside) -> Author:
        header = opened.header
        if self.kind is RoomKind.SLIP:
            if header.author != self._reporter or not isinstance(opened.content, Chat):
                raise ForgedError("envelope-tampered", "a slip is its reporter's word alone")
            return ReporterAuthor()
        version = self.roster.directory_version
        return expert_of(
            header.author, queues=self.roster.queues, roster_version=version, directory=self._expertise.directory
        )

    def seal(self, content: Chat | NoticeAsked, randomness: Randomness = draw) -> Sealed:
        own = self._expertise.keys.sign
        last = self._chains.last(own.public)
        return seal(
            content, self._key, own,
            instance=self.roster.instance, case=self.roster.case, directory_version=self._expertise.directory.version,
            generation=FIRST, counter=last.counter + 1, previous_head=last.head,
            heads=self._chains.heads_seen(own.public), randomness=randomness,
        )  # fmt: skip

    def _follows(self, seq: int, opened: OpenedAside) -> bool:
        try:
            self._chains.accept(opened)
        except HistoryGapError as gap:
            self.alarms.append(Alarm(seq, gap.code))
            return self._chains.adopt(opened)
        return True


_NO_REPORTER: Final = SignKey(b"")


async def read_rooms(desk: Desk, case: CaseId, expertise: Expertise, reporter: SignKey) -> list[Room]:
    """All rooms beside a case that this expert may read, first to last, read to their ends."""
    listed = await desk.rooms(case)
    if any(each.case_id != case for each in listed):  # SPEC 3.5: a room's id contains its case
        raise ForgedError("wrap-tampered", "a room of another case")
    rooms = [Room.open(each, expertise, reporter) for each in listed]
    for room in rooms:
        await catch_up(desk, room)
    return rooms


async def catch_up(desk: Desk, room: Room) -> None:
    while True:
        before = room.last_seq
        page = await desk.room_envelopes(room.id, before)
        for each in page.envelopes:
            if each.seq > before:
                room.accept(each.seq, b64decode(each.envelope))
        if not page.more or room.last_seq == before:
            room.whole()
            return


async def write(desk: Desk, room: Room, text: str, at: int) -> None:
    """Sealed anew, once, if a colleague or another window of one's own was faster."""
    sealed = room.seal(Chat(at, text))
    try:
        await desk.put_in_room(room.id, sealed.envelope)
    except ClientError as error:
        if error.code != Code.COUNTER_CONFLICT.text:
            raise
        await catch_up(desk, room)
        sealed = room.seal(Chat(at, text))
        await desk.put_in_room(room.id, sealed.envelope)
    await catch_up(desk, room)
    if sealed.head not in room.heads:  # SPEC 4.3
        raise RefusedError(HISTORY_GAP, "the server says that it stored this, and hands out something else")


async def open_room(
    desk: Desk,
    case: CaseId,
    kind: RoomKind,
    queues: Sequence[QueueId],
    text: str,
    at: int,
    expertise: Expertise,
    reporter: SignKey,
    randomness: Randomness = draw,
) -> Room:
    """A room with its first words: it is never empty, and it is stored in one step."""
    own = expertise.keys.sign
    prepared = make_room(own, expertise.directory, case, kind, queues, randomness=randomness)
    room = Room.made(prepared, kind, expertise, reporter)
    wraps = [wrap.encode() for wrap in prepared.wraps]
    sealed = room.seal(Chat(at, text), randomness)
    await desk.open_room(case, _NAMES[kind], prepared.roster.encode(), wraps, sealed.envelope)
    room.accept(1, sealed.envelope)
    return room
