"""What a coordinator signs: the next directory, with the seeds it brings (SPEC 5.3, 9.1). Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lyhty_client.errors import ForgottenError
from lyhty_client.expert import Expertise
from lyhty_crypto.documents import sign_directory
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.wrapping import wrap_key
from lyhty_wire.desk import KeyAct, SealedSeed
from lyhty_wire.directories import MAX_LIFE_S, Directory, DirectoryBody, Expert, FormerExpert, Queue, QueueEpoch
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import NO_EPOCH, NO_QUEUE, SEED_BYTES, Epoch, ExpertId, InstanceId, QueueId
from lyhty_wire.wraps import DIRECTORY_SEED, QUEUE_SEED, TO_EXPERT


@dataclass(frozen=True, slots=True)
class SeedFor:
    """A seed on its way to an expert: of a queue's epoch, or without queue of the directory key."""

    expert: Expert
    seed: bytes
    queue: QueueId = NO_QUEUE
    epoch: Epoch = NO_EPOCH

    def seal(self, instance: InstanceId) -> SealedSeed:
        wrap = wrap_key(
            self.seed, self.expert.kem, instance=instance, subject=self.expert.sign,
            kind=QUEUE_SEED if self.queue else DIRECTORY_SEED, recipient=TO_EXPERT, queue=self.queue, epoch=self.epoch,
        )  # fmt: skip
        return SealedSeed(b64encode(self.expert.id), b64encode(wrap.encode()))


def renew(me: Expertise, now_s: int) -> KeyAct:
    """The same people and queues for another 14 days."""
    return _act(me, _next(me.directory, now_s), ())


def depart(me: Expertise, leaver: ExpertId, now_s: int, randomness: Randomness = draw) -> KeyAct:
    """Somebody leaves: they are among the former, and their queues get an epoch whose seed they never had."""
    directory = me.directory
    leaving = next(expert for expert in directory.experts if expert.id == leaver)
    fresh = {queue: KemKeyPair(randomness(SEED_BYTES)) for queue in leaving.queues}
    queues = tuple(
        replace(queue, epochs=(*queue.epochs, QueueEpoch(_after(queue), fresh[queue.id].public)))
        if queue.id in fresh
        else queue
        for queue in directory.queues
    )
    experts = tuple(expert for expert in directory.experts if expert.id != leaver)
    body = _next(
        directory, now_s, queues=queues, experts=experts, former=_with_former(directory, leaving, now_s)
    )  # fmt: skip
    seeds = [
        SeedFor(expert, fresh[queue.id].seed, queue.id, _after(queue))
        for queue in directory.queues
        if queue.id in fresh
        for expert in experts
        if queue.id in expert.queues
    ]
    return _act(me, body, seeds)


def _after(queue: Queue) -> Epoch:
    return Epoch(queue.current.epoch + 1)


def _with_former(directory: Directory, leaving: Expert, now_s: int) -> tuple[FormerExpert, ...]:
    earlier = [former for former in directory.former if former.id == leaving.id]
    queues = {*leaving.queues, *(queue for former in earlier for queue in former.queues)}
    others = [former for former in directory.former if former.id != leaving.id]
    left = FormerExpert(
        leaving.id, leaving.name, leaving.sign, tuple(sorted(queues)), now_s, directory.version + 1
    )  # fmt: skip
    return tuple(sorted([*others, left], key=lambda former: former.id))


def _next(directory: Directory, now_s: int, **changes: object) -> DirectoryBody:
    body = replace(directory.body, version=directory.version + 1, issued=now_s, expires=now_s + MAX_LIFE_S)
    return replace(body, **changes)  # type: ignore[arg-type]


def _act(me: Expertise, body: DirectoryBody, seeds: Sequence[SeedFor], accept: bytes | None = None) -> KeyAct:
    return KeyAct(
        directory=b64encode(sign_directory(body, _directory_key(me))),
        wraps=[seed.seal(body.instance) for seed in seeds],
        accept=None if accept is None else b64encode(accept),
    )


def _directory_key(me: Expertise) -> SigningKey:
    if me.directory_key is None:
        raise ForgottenError("not-coordinator")
    return me.directory_key
