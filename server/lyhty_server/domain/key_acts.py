"""What the next directory may change, and which seeds every account holds afterwards (SPEC 9.1).

The server can read none of it and forge none of it. It refuses what would lock somebody out by mistake: an expert
without a key, a case whose key nobody has, messages whose author nobody vouches for any more.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.directories import Directory, Expert, Queue
from lyhty_wire.ids import NO_EPOCH, NO_QUEUE, Epoch, ExpertId, KemKey, QueueId, SignKey
from lyhty_wire.wraps import DIRECTORY_SEED, QUEUE_SEED, TO_EXPERT, Wrap

QueueEpoch = tuple[QueueId, Epoch]
Slot = tuple[int, QueueId, Epoch]
"""What a wrap to an expert holds: its kind, and for a queue's seed the queue and the epoch."""

_DIRECTORY_SLOT: Slot = (DIRECTORY_SEED, NO_QUEUE, NO_EPOCH)


@dataclass(frozen=True, slots=True)
class Member:
    """The seeds that an expert of a directory may hold, and those among them that must not be missing."""

    may_hold: frozenset[Slot]
    must_hold: frozenset[Slot]

    @property
    def is_coordinator(self) -> bool:
        return _DIRECTORY_SLOT in self.must_hold

    def belongs_to(self, queue: QueueId) -> bool:
        return any(slot[:2] == (QUEUE_SEED, queue) for slot in self.must_hold)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Whose keys an accepted application names."""

    expert_id: ExpertId
    sign: SignKey
    kem: KemKey


def check_coordinator(directory: Directory, expert_id: ExpertId) -> None:
    expert = directory.expert(expert_id)
    if expert is None or not expert.coordinator:
        raise DomainError(Code.NOT_COORDINATOR)


def check_succession(
    present: Directory,
    offered: Directory,
    newcomer: Newcomer | None,
    renewed: Mapping[ExpertId, KemKey] = MappingProxyType({}),
    *,
    is_refounding: bool = False,
) -> None:
    """Both are verified, under the same root or two that follow each other.

    `renewed`: the `kem` that experts have said is to be theirs. `is_refounding`: nobody is left in it.
    """
    if offered.version != present.version + 1:
        raise DomainError(Code.DIRECTORY_OUTDATED)
    _require([(queue.id, queue.profession) for queue in offered.queues] == _names(present.queues))
    for before, after in zip(present.queues, offered.queues, strict=True):
        _check_epochs(before, after)
    _require(not offered.experts if is_refounding else any(expert.coordinator for expert in offered.experts))
    _check_experts(present, offered, newcomer, renewed)
    _check_former(present, offered)


def members_of(directory: Directory) -> dict[ExpertId, Member]:
    return {expert.id: _member(expert, directory) for expert in directory.experts}


def renewed_in(present: Directory, offered: Directory) -> frozenset[ExpertId]:
    """Whose `kem` is another."""
    before = {expert.id: expert.kem for expert in present.experts}
    return frozenset(each.id for each in offered.experts if before.get(each.id, each.kem) != each.kem)


def unlisted_epochs(present: Directory, offered: Directory) -> frozenset[QueueEpoch]:
    """Those whose seeds are deleted: nobody opens anything with them afterwards."""
    return _listed(present) - _listed(offered)


def slot_of(wrap: bytes) -> Slot:
    """
    Raises:
        DomainError: not a seed for an expert.
        WireError: not a wrap at all.
    """
    decoded = Wrap.decode(wrap)
    if decoded.recipient != TO_EXPERT:
        raise DomainError(Code.OPERATION_MALFORMED)
    return decoded.kind, decoded.queue, decoded.epoch


def check_wraps(wraps: Sequence[tuple[ExpertId, bytes]], members: Mapping[ExpertId, Member]) -> None:
    """Every wrap is for a member who may hold it, and no two are for the same slot."""
    given = [(expert_id, slot_of(wrap)) for expert_id, wrap in wraps]
    _require(len(set(given)) == len(given))
    _require(all(expert_id in members and slot in members[expert_id].may_hold for expert_id, slot in given))


def check_new_directory_key(wraps: Sequence[tuple[ExpertId, bytes]], members: Mapping[ExpertId, Member]) -> None:
    """SPEC 9.11: what coordinators hold is of the key that is withdrawn, so each of them gets the new one."""
    given = {expert_id for expert_id, wrap in wraps if slot_of(wrap) == _DIRECTORY_SLOT}
    _require(given == {expert_id for expert_id, member in members.items() if member.is_coordinator})


def wraps_after(stored: Collection[bytes], fresh: Collection[bytes], member: Member) -> tuple[bytes, ...]:
    """What the account holds then: a fresh wrap replaces the one of its slot, what one may not hold any more goes.

    Raises:
        DomainError: one that must not be missing would be.
    """
    by_slot = {slot_of(wrap): wrap for wrap in (*stored, *fresh)}
    kept = {slot: wrap for slot, wrap in sorted(by_slot.items()) if slot in member.may_hold}
    _require(member.must_hold <= kept.keys())
    return tuple(kept.values())


def directory_wrap_of(wraps: Collection[bytes]) -> bytes | None:
    """The directory key's seed among what an account holds."""
    return next((wrap for wrap in wraps if slot_of(wrap) == _DIRECTORY_SLOT), None)


def _check_epochs(before: Queue, after: Queue) -> None:
    """A number always means one key; what is new counts on."""
    for epoch in after.epochs:
        known = before.epoch(epoch.epoch)
        _require(known == epoch if known is not None else epoch.epoch > before.current.epoch)
    _require(after.current.epoch >= before.current.epoch)


def _check_experts(
    present: Directory, offered: Directory, newcomer: Newcomer | None, renewed: Mapping[ExpertId, KemKey]
) -> None:
    known_queues = {queue.id for queue in offered.queues}
    _require(all(known_queues.issuperset(expert.queues) for expert in offered.experts))
    for expert in offered.experts:
        before = present.expert(expert.id)
        if before is not None:
            _require(before.sign == expert.sign and expert.kem in (before.kem, renewed.get(expert.id)))
    added = [_keys(expert) for expert in offered.experts if present.expert(expert.id) is None]
    _require(added == ([] if newcomer is None else [newcomer]))
    signs = [expert.sign for expert in offered.experts]
    _require(len(set(signs)) == len(signs))
    for one in added:
        _require(all(former.id != one.expert_id and former.sign != one.sign for former in offered.former))


def _check_former(present: Directory, offered: Directory) -> None:
    """SPEC 5.3: who leaves, or leaves a queue, is among the former from this version on; nobody is forgotten."""
    before = {former.id: former for former in present.former}
    after = {former.id: former for former in offered.former}
    lost = {expert.id: _lost_queues(expert, offered) for expert in present.experts}
    leavers = {expert.id: expert for expert in present.experts if lost[expert.id]}
    gone = {expert.id: expert for expert in present.experts if offered.expert(expert.id) is None}
    leavers |= gone
    _require(after.keys() == before.keys() | leavers.keys())
    for expert_id, former in after.items():
        leaver, earlier = leavers.get(expert_id), before.get(expert_id)
        if leaver is None:
            _require(former == earlier)
            continue
        earlier_queues = () if earlier is None else earlier.queues
        _require(former.version == offered.version and former.sign == leaver.sign)
        _require(set(former.queues) == {*lost[expert_id], *earlier_queues})


def _lost_queues(expert: Expert, offered: Directory) -> frozenset[QueueId]:
    now = offered.expert(expert.id)
    return frozenset(expert.queues).difference(() if now is None else now.queues)


def _member(expert: Expert, directory: Directory) -> Member:
    own = [queue for queue in directory.queues if queue.id in expert.queues]
    may = {(QUEUE_SEED, queue.id, epoch.epoch) for queue in own for epoch in queue.epochs}
    must = {(QUEUE_SEED, queue.id, queue.current.epoch) for queue in own}
    of_coordinator = {_DIRECTORY_SLOT} if expert.coordinator else set()
    return Member(frozenset(may | of_coordinator), frozenset(must | of_coordinator))


def _keys(expert: Expert) -> Newcomer:
    return Newcomer(expert.id, expert.sign, expert.kem)


def _names(queues: Sequence[Queue]) -> list[tuple[QueueId, str]]:
    return [(queue.id, queue.profession) for queue in queues]


def _listed(directory: Directory) -> frozenset[QueueEpoch]:
    return frozenset((queue.id, epoch.epoch) for queue in directory.queues for epoch in queue.epochs)


def _require(holds: bool) -> None:
    if not holds:
        raise DomainError(Code.OPERATION_MALFORMED)
