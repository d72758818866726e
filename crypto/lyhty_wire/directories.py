"""The directory: queues, epochs and experts that a client trusts once it is verified (SPEC 5.3, 5.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lyhty_wire.contents import PROFESSIONS
from lyhty_wire.documents import DIRECTORY, FORGED, UntrustedDocument
from lyhty_wire.encoding import b64encode, canonical_json, parse_canonical_json
from lyhty_wire.errors import ForgedError, MalformedError, StaleError
from lyhty_wire.fields import Fields
from lyhty_wire.ids import (
    EXPERT_ID_BYTES,
    HASH_BYTES,
    KEM_KEY_BYTES,
    SIGN_KEY_BYTES,
    Epoch,
    ExpertId,
    InstanceId,
    KemKey,
    QueueId,
    SignKey,
)
from lyhty_wire.reader import Reader, bytes32
from lyhty_wire.roots import Root, verify_roots

MAX_LIFE_S: Final = 14 * 24 * 3600
MAX_LANGUAGES: Final = 8
CLOCK_TOLERANCE_S: Final = 24 * 3600  # a device's clock may be hours off

_MAX_U16: Final = 0xFFFF
_MAX_U32: Final = 0xFFFF_FFFF
_DIRECTORY: Final = frozenset(("experts", "expires", "former", "instance", "issued", "queues", "root", "version"))
_QUEUE: Final = frozenset(("epochs", "id", "profession"))
_EPOCH: Final = frozenset(("epoch", "kem"))
_EXPERT: Final = frozenset(("coordinator", "id", "kem", "languages", "name", "queues", "sign"))
_FORMER: Final = frozenset(("id", "left", "name", "queues", "sign", "version"))


@dataclass(frozen=True, slots=True)
class QueueEpoch:
    """One generation of a queue's key."""

    epoch: Epoch
    kem: KemKey


@dataclass(frozen=True, slots=True)
class Queue:
    """A profession's queue; its last epoch is the current one."""

    id: QueueId
    profession: str
    epochs: tuple[QueueEpoch, ...]

    @property
    def current(self) -> QueueEpoch:
        return self.epochs[-1]

    def epoch(self, number: Epoch) -> QueueEpoch | None:
        return next((epoch for epoch in self.epochs if epoch.epoch == number), None)


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody who answers now."""

    id: ExpertId
    name: str
    sign: SignKey
    kem: KemKey
    queues: tuple[QueueId, ...]
    coordinator: bool
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormerExpert:
    """Somebody who has left, or left some of their queues, and the first directory that says so."""

    id: ExpertId
    name: str
    sign: SignKey
    queues: tuple[QueueId, ...]
    left: int
    version: int


@dataclass(frozen=True, slots=True)
class DirectoryBody:
    """What a directory says."""

    version: int
    issued: int
    expires: int
    instance: InstanceId
    root: bytes
    queues: tuple[Queue, ...]
    experts: tuple[Expert, ...]
    former: tuple[FormerExpert, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.expires - self.issued <= MAX_LIFE_S:
            raise MalformedError(FORGED, "a directory lives at most 14 days")
        if any(former.version > self.version for former in self.former):
            raise MalformedError(FORGED, "somebody left with a directory that is still to come")

    def encode(self) -> bytes:
        return canonical_json(
            {
                "experts": [_expert_json(expert) for expert in self.experts],
                "expires": self.expires,
                "former": [_former_json(former) for former in self.former],
                "instance": b64encode(self.instance),
                "issued": self.issued,
                "queues": [_queue_json(queue) for queue in self.queues],
                "root": b64encode(self.root),
                "version": self.version,
            }
        )

    @classmethod
    def decode(cls, body: bytes) -> "DirectoryBody":
        fields = Fields(parse_canonical_json(body, code=FORGED), _DIRECTORY, FORGED)
        return cls(
            version=fields.integer("version", 1, _MAX_U32),
            issued=fields.integer("issued"),
            expires=fields.integer("expires"),
            instance=InstanceId(fields.binary("instance", HASH_BYTES)),
            root=fields.binary("root", HASH_BYTES),
            queues=fields.objects("queues", _queue, lambda queue: queue.id),
            experts=fields.objects("experts", _expert, lambda expert: expert.id),
            former=fields.objects("former", _former, lambda former: former.id),
        )


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory whose chain of trust holds at the time it was verified."""

    body: DirectoryBody
    root: Root

    @property
    def instance(self) -> InstanceId:
        return self.body.instance

    @property
    def version(self) -> int:
        return self.body.version

    @property
    def queues(self) -> tuple[Queue, ...]:
        return self.body.queues

    @property
    def experts(self) -> tuple[Expert, ...]:
        return self.body.experts

    @property
    def former(self) -> tuple[FormerExpert, ...]:
        return self.body.former

    def queue(self, queue: QueueId) -> Queue | None:
        return next((one for one in self.queues if one.id == queue), None)

    def expert(self, expert: ExpertId) -> Expert | None:
        return next((one for one in self.experts if one.id == expert), None)

    def expert_by_sign(self, sign: SignKey) -> Expert | None:
        return next((one for one in self.experts if one.sign == sign), None)

    def former_by_sign(self, sign: SignKey) -> FormerExpert | None:
        return next((one for one in self.former if one.sign == sign), None)

    def signers_of(self, queues: Sequence[QueueId], version: int) -> frozenset[SignKey]:
        """Who may have signed for the queues under the directory of this version: also some who have left since."""
        wanted = set(queues)
        left = [former for former in self.former if version < former.version]
        people: list[Expert | FormerExpert] = [*self.experts, *left]
        return frozenset(person.sign for person in people if wanted.intersection(person.queues))


@dataclass(frozen=True, slots=True)
class UntrustedDirectory:
    """A directory as it arrived."""

    encoded: bytes

    def verify(
        self, anchor: InstanceId, roots: Sequence[bytes], now: int, at_least_version: int = 0, at_least_root: int = 0
    ) -> Directory:
        """Against the chain of root documents that starts at the anchor, at `now` (seconds since 1970)."""
        root = verify_roots(anchor, roots)
        if root.body.version < at_least_root:  # SPEC 5.3: a key withdrawn since could sign again
            raise StaleError("directory-expired", "an older root than one seen before")
        return self.verify_under(root, now, at_least_version)

    def verify_under(self, root: Root, now: int, at_least_version: int = 0) -> Directory:
        document = UntrustedDocument.decode(self.encoded)
        if document.kind != DIRECTORY:
            raise MalformedError(FORGED, "not a directory")
        if len(document.signatures) != 1 or document.signers[0] not in root.body.directory_keys:
            raise ForgedError(FORGED, "not signed by exactly one directory key")
        document.verify_signatures()
        body = DirectoryBody.decode(document.body)
        if body.instance != root.instance or body.root != root.digest:
            raise ForgedError(FORGED, "a directory of another instance or root")
        if now > min(body.expires, root.body.expires):
            raise StaleError("directory-expired", "the directory or its root has expired")
        if now < body.issued - CLOCK_TOLERANCE_S:
            raise StaleError("clock-off", "issued more than a day in the future")
        if body.version < at_least_version:
            raise StaleError("directory-expired", "older than a directory seen before")
        return Directory(body, root)


@dataclass(frozen=True, slots=True)
class TrustBundle:
    """The root documents in order and the directory, as bytes (SPEC 5.5)."""

    roots: tuple[bytes, ...]
    directory: bytes

    def verify(self, anchor: InstanceId, now: int, at_least_version: int = 0, at_least_root: int = 0) -> Directory:
        directory = UntrustedDirectory(self.directory)
        return directory.verify(anchor, self.roots, now, at_least_version, at_least_root)

    def encode(self) -> bytes:
        return b"".join((bytes((len(self.roots),)), *[bytes32(root) for root in self.roots], bytes32(self.directory)))

    @classmethod
    def decode(cls, data: bytes) -> "TrustBundle":
        reader = Reader(data, FORGED)
        bundle = cls(tuple([reader.bytes32() for _ in range(reader.u8())]), reader.bytes32())
        reader.end()
        return bundle


def _queue(value: object) -> Queue:
    fields = Fields(value, _QUEUE, FORGED)
    queue = Queue(
        id=QueueId(fields.integer("id", 1, _MAX_U16)),
        profession=fields.identifier("profession"),
        epochs=fields.objects("epochs", _epoch, lambda epoch: epoch.epoch),
    )
    if queue.profession not in PROFESSIONS or not queue.epochs:
        raise MalformedError(FORGED, "a queue of no profession or without an epoch")
    return queue


def _epoch(value: object) -> QueueEpoch:
    fields = Fields(value, _EPOCH, FORGED)
    return QueueEpoch(Epoch(fields.integer("epoch", 1, _MAX_U32)), KemKey(fields.binary("kem", KEM_KEY_BYTES)))


def _expert(value: object) -> Expert:
    fields = Fields(value, _EXPERT, FORGED)
    return Expert(
        id=ExpertId(fields.binary("id", EXPERT_ID_BYTES)),
        name=fields.text("name"),
        sign=SignKey(fields.binary("sign", SIGN_KEY_BYTES)),
        kem=KemKey(fields.binary("kem", KEM_KEY_BYTES)),
        queues=_queue_ids(fields),
        coordinator=fields.flag("coordinator"),
        languages=fields.sorted_identifiers("languages", MAX_LANGUAGES),
    )


def _former(value: object) -> FormerExpert:
    fields = Fields(value, _FORMER, FORGED)
    return FormerExpert(
        id=ExpertId(fields.binary("id", EXPERT_ID_BYTES)),
        name=fields.text("name"),
        sign=SignKey(fields.binary("sign", SIGN_KEY_BYTES)),
        queues=_queue_ids(fields),
        left=fields.integer("left"),
        version=fields.integer("version", 1, _MAX_U32),
    )


def _queue_ids(fields: Fields) -> tuple[QueueId, ...]:
    return tuple(QueueId(queue) for queue in fields.sorted_integers("queues", 1, _MAX_U16))


def _queue_json(queue: Queue) -> dict[str, object]:
    epochs = [{"epoch": epoch.epoch, "kem": b64encode(epoch.kem)} for epoch in queue.epochs]
    return {"epochs": epochs, "id": queue.id, "profession": queue.profession}


def _expert_json(expert: Expert) -> dict[str, object]:
    return {
        "coordinator": expert.coordinator,
        "id": b64encode(expert.id),
        "kem": b64encode(expert.kem),
        "languages": expert.languages,
        "name": expert.name,
        "queues": expert.queues,
        "sign": b64encode(expert.sign),
    }


def _former_json(former: FormerExpert) -> dict[str, object]:
    return {
        "id": b64encode(former.id),
        "left": former.left,
        "name": former.name,
        "queues": former.queues,
        "sign": b64encode(former.sign),
        "version": former.version,
    }
