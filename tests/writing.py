"""What reporters and experts write, sealed for real but without the slow half of a phrase: root keys are random."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from lyhty_crypto.cases import PreparedCase, open_case
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.passphrase import ReporterKeys, reporter_keys
from lyhty_crypto.rooms import PreparedRoom, make_room
from lyhty_crypto.sealing import Sealed, seal
from lyhty_wire.contents import Chat, Report
from lyhty_wire.directories import Directory
from lyhty_wire.ids import LAWYER, NO_HASH, NO_HEAD, CaseId, Generation, Head, InstanceId, QueueId, shelf_id
from lyhty_wire.records import Give
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
