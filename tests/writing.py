"""What reporters and experts write, sealed for real but without the slow half of a phrase: root keys are random."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from lyhty_crypto.cases import PreparedCase, open_case
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.passphrase import ReporterKeys, reporter_keys
from lyhty_crypto.rooms import PreparedRoom, make_room
from lyhty_crypto.sealing import Sealed, seal
from lyhty_crypto.turning import Known, PreparedTurn, prepare_handover, prepare_turn
from lyhty_wire.contents import Card, Chat, Consent, Report, Turn
from lyhty_wire.directories import Directory
from lyhty_wire.encoding import b64encode
from lyhty_wire.envelopes import HeadSeen
from lyhty_wire.ids import (
    LAWYER,
    NO_HASH,
    NO_HEAD,
    PSYCHOLOGIST,
    CaseId,
    Generation,
    Head,
    InstanceId,
    QueueId,
    shelf_id,
)
from lyhty_wire.records import Give, HandOver, TurnKey
from lyhty_wire.room_contents import RoomContent, Shelf, ShelfBefore
from lyhty_wire.rooms import FIRST, RoomKind

AT_S = 1_795_000_000  # inside the seal; no server sees it


@dataclass(frozen=True)
class Written:
    """A reporter's keys and the case they made, not sent yet."""

    keys: ReporterKeys
    case: PreparedCase
    directory: Directory

    @property
    def id(self) -> CaseId:
        return self.case.case

    @property
    def instance(self) -> InstanceId:
        return self.directory.instance

    def chat(self, text: str, counter: int = 2, *, author: SigningKey | None = None) -> Sealed:
        """By the reporter, or by an expert who has the case key."""
        return seal(
            Chat(AT_S, text),
            self.case.case_key,
            author or self.keys.sign,
            instance=self.instance,
            case=self.id,
            directory_version=self.directory.version,
            generation=Generation(1),
            counter=counter,
            # Only readers look at the chain; one who writes a second message needs some head that is not zeros.
            previous_head=Head(NO_HASH) if counter == 1 else self.case.report.head,
        )

    def handover(
        self,
        what: str = "all",
        queue: QueueId = PSYCHOLOGIST,
        *,
        author: SigningKey | None = None,
        urgent: bool = False,
    ) -> PreparedTurn:
        """The reporter's yes over the report alone. No server can see whether anybody asked."""
        report, own = self.case.report, self.keys.sign.public
        known = Known(
            roster=self.case.roster,
            reporter=self.keys.kem.public,
            counter=2 if author is None else 1,
            previous_head=report.head if author is None else NO_HEAD,
            heads=() if author is None else (HeadSeen(own, 1, report.head),),
            case_key=self.case.case_key,
        )
        consent = Consent(AT_S, Head(NO_HASH), what, self.keys.kem.public if what == "from-here" else None)
        card = Card(AT_S, self.case.roster.commitment, "Why", "fi", (), urgent)
        return prepare_handover(author or self.keys.sign, known, self.directory, consent, queue, card)

    def turn(self, author: SigningKey | None = None) -> PreparedTurn:
        """The case's next key over the report alone: by the reporter, or by an expert who has read it."""
        report, own = self.case.report, self.keys.sign.public
        is_own = author is None or author.public == own
        known = Known(
            roster=self.case.roster,
            reporter=self.keys.kem.public,
            counter=2 if is_own else 1,
            previous_head=report.head if is_own else NO_HEAD,
            heads=() if is_own else (HeadSeen(own, 1, report.head),),
            case_key=self.case.case_key,
        )
        return prepare_turn(author or self.keys.sign, known, self.directory, Turn(AT_S, "schedule"))


def write_report(
    directory: Directory,
    text: str = "They shared a picture of me.",
    *,
    queues: Sequence[QueueId] = (LAWYER,),
    urgent: bool = False,
) -> Written:
    keys = reporter_keys(os.urandom(32), os.urandom(32))
    report = Report(at=AT_S, kem=keys.kem.public, language="fi", services=("tiktok",), text=text)
    return Written(keys, open_case(keys, directory, queues, report, urgent=urgent), directory)


def turn_as_json(turn: PreparedTurn, last_seq: int = 1) -> dict[str, object]:
    """As a desk says it."""
    return {
        "last_seq": last_seq,
        "roster": b64encode(turn.roster.encode()),
        "own_wrap": b64encode(turn.own_wrap.encode()),
        "link": b64encode(turn.link),
        "wraps": [b64encode(wrap.encode()) for wrap in turn.case_wraps],
        "card_wraps": [b64encode(wrap.encode()) for wrap in turn.card_wraps],
        "envelope": b64encode(turn.message.envelope),
    }


def hand_over_of(turn: PreparedTurn, last_seq: int = 1) -> HandOver:
    """As it goes to the server."""
    assert turn.card is not None
    wraps = tuple(wrap.encode() for wrap in turn.case_wraps)
    key = TurnKey(last_seq, turn.roster.encode(), turn.own_wrap.encode(), turn.link, wraps, turn.message.envelope)
    return HandOver(key, tuple(wrap.encode() for wrap in turn.card_wraps), turn.card.envelope)


def slip_of(written: Written, text: str = "My number is 040.", queue: QueueId = LAWYER) -> tuple[Give, PreparedRoom]:
    """What the reporter gives to one queue alone."""
    keys = written.keys
    room = make_room(keys.sign, written.directory, written.id, RoomKind.SLIP, [queue], reporter=keys)
    assert room.self_wrap is not None
    sealed = seal(
        Chat(AT_S, text), room.key, keys.sign,
        instance=written.instance, case=room.room, directory_version=written.directory.version,
        generation=FIRST, counter=1,
    )  # fmt: skip
    return Give(room.roster.encode(), room.self_wrap, room.wraps[0].encode(), sealed.envelope), room


def shelf_begun(
    directory: Directory, queue: QueueId, author: SigningKey, before: ShelfBefore | None = None
) -> tuple[PreparedRoom, bytes]:
    """A shelf's next key, and what is written first under it."""
    instance = directory.instance
    room = make_room(author, directory, shelf_id(instance, queue), RoomKind.SHELF, [queue])
    return room, on_shelf(room, Shelf(AT_S, before), author, directory)


def on_shelf(
    room: PreparedRoom, content: RoomContent, author: SigningKey, directory: Directory, counter: int = 1,
    previous_head: Head = NO_HEAD,
) -> bytes:  # fmt: skip
    sealed = seal(
        content, room.key, author, instance=directory.instance, case=room.room, directory_version=directory.version,
        generation=FIRST, counter=counter, previous_head=previous_head,
    )  # fmt: skip
    return sealed.envelope
