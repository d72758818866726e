"""Recovery shares: who may split a seed, ask, stop and give (SPEC 9.9). The server can open none of them."""

from collections.abc import Collection, Mapping, Sequence

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.key_acts import Member
from lyhty_wire.codes import Code
from lyhty_wire.directories import Directory, Expert
from lyhty_wire.ids import ExpertId, QueueId, digest
from lyhty_wire.recovery import RecoveryRequest, Split
from lyhty_wire.wraps import Wrap


def check_split(split: Split, shares: Sequence[bytes], queue: QueueId, by: Expert, directory: Directory) -> None:
    """Signed by whoever brings it, for the coordinators of this very directory.

    Raises:
        DomainError, WireError: named as in SPEC 7.
    """
    if split.queue != queue or split.signer != by.sign:
        raise DomainError(Code.OPERATION_MALFORMED)
    if split.directory_version != directory.version:
        raise DomainError(Code.DIRECTORY_OUTDATED)
    split.verify(directory)
    if split.experts != coordinators(directory):
        raise DomainError(Code.OPERATION_MALFORMED)
    split.check_shares([Wrap.decode(share) for share in shares])


def check_may_split(queue: QueueId, by: Expert, directory: Directory) -> None:
    """Members of the queue have the seed; a coordinator who opens an epoch for nobody has it too."""
    if directory.queue(queue) is None or not (queue in by.queues or by.coordinator):
        raise DomainError(Code.QUEUE_UNKNOWN)


def check_request(request: RecoveryRequest, queue: QueueId, by: ExpertId, directory: Directory) -> None:
    if (request.queue, request.asker) != (queue, by):
        raise DomainError(Code.OPERATION_MALFORMED)
    request.verify(directory)


def coordinators(directory: Directory) -> tuple[ExpertId, ...]:
    """By id, as in a split."""
    return tuple(expert.id for expert in directory.experts if expert.coordinator)


def is_fresh_split(stored: bytes | None, offered: bytes, *, is_asked_for: bool) -> bool:
    """While somebody asks, no split is replaced: what others have given of it would be worth nothing."""
    if stored == offered:
        return False
    if stored is not None and is_asked_for:
        raise DomainError(Code.RECOVERY_UNDER_WAY)
    return True


def is_fresh_request(stored: bytes | None, offered: bytes, *, is_open: bool) -> bool:
    """One at a time; and what has been ended cannot be asked again, because its waiting time has begun already."""
    if stored == offered:
        if is_open:
            return False
        raise DomainError(Code.RECOVERY_UNKNOWN)
    if is_open:
        raise DomainError(Code.RECOVERY_UNDER_WAY)
    return True


def check_may_renew(held: Collection[QueueId], members: Mapping[ExpertId, Member], *, is_asked_for: bool) -> None:
    """`held`: of which queues those whose `kem` is renewed have shares. These shares go with the old `kem`, so that
    somebody must be there who can split the seed again.

    Raises:
        DomainError: `recovery-under-way`.
    """
    is_lost = any(not any(member.belongs_to(queue) for member in members.values()) for queue in held)
    if is_lost or (held and is_asked_for):
        raise DomainError(Code.RECOVERY_UNDER_WAY)


def check_named(stored: bytes | None, request_hash: bytes) -> None:
    """The request that is meant is the one that is here."""
    if stored is None or digest(stored) != request_hash:
        raise DomainError(Code.RECOVERY_UNKNOWN)
