"""The identifiers of the protocol, and how those that are hashes are made (SPEC 2.1)."""

from hashlib import sha256
from typing import Final, NewType

from lyhty_wire.contexts import context

InstanceId = NewType("InstanceId", bytes)
CaseId = NewType("CaseId", bytes)
RoomId = NewType("RoomId", CaseId)  # of a room beside a case, and used wherever a case's is: SPEC 3.5
MailboxId = NewType("MailboxId", bytes)
ObjectId = NewType("ObjectId", bytes)
OperationId = NewType("OperationId", bytes)
ExpertId = NewType("ExpertId", bytes)
ViewerId = NewType("ViewerId", bytes)  # 16 bytes: SPEC 12.2
SignKey = NewType("SignKey", bytes)  # an Ed25519 public key, 32 bytes
KemKey = NewType("KemKey", bytes)  # an X-Wing public key, 1,216 bytes
Commitment = NewType("Commitment", bytes)
Head = NewType("Head", bytes)  # the hash of one author's message, SPEC 4.2
QueueId = NewType("QueueId", int)
Epoch = NewType("Epoch", int)
Generation = NewType("Generation", int)

HASH_BYTES: Final = 32
OPERATION_ID_BYTES: Final = 16
EXPERT_ID_BYTES: Final = 16
SIGN_KEY_BYTES: Final = 32
KEM_KEY_BYTES: Final = 1216
SIGNATURE_BYTES: Final = 64
SEED_BYTES: Final = 32

LAWYER: Final = QueueId(1)
PSYCHOLOGIST: Final = QueueId(2)

NO_HASH: Final = bytes(HASH_BYTES)
NO_HEAD: Final = Head(NO_HASH)
NO_QUEUE: Final = QueueId(0)
NO_EPOCH: Final = Epoch(0)
NO_GENERATION: Final = Generation(0)


def digest(data: bytes) -> bytes:
    """H of the SPEC."""
    return sha256(data).digest()


def instance_id(first_root_document: bytes) -> InstanceId:
    return InstanceId(digest(first_root_document))


def mailbox_id(auth_pk: SignKey) -> MailboxId:
    return MailboxId(digest(context("mailbox", auth_pk)))


def commitment(key: bytes) -> Commitment:
    return Commitment(digest(context("commitment", key)))


def case_id(sign_pk: SignKey, first_commitment: Commitment) -> CaseId:
    return CaseId(digest(context("case", sign_pk, first_commitment)))


def room_id(case: CaseId, kind: int, key_commitment: Commitment) -> RoomId:
    return RoomId(CaseId(digest(context("room", case, bytes((kind,)), key_commitment))))


def shelf_id(instance: InstanceId, queue: QueueId) -> CaseId:
    """Stands where the rooms beside a case have the case's (SPEC 3.6)."""
    return CaseId(digest(context("shelf", instance, queue.to_bytes(2, "big"))))


def tombstone(case: CaseId) -> bytes:
    return digest(context("tombstone", case))
