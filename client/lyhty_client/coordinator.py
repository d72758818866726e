"""What a coordinator signs: the next directory, with the seeds it brings (SPEC 5.3, 9.1). Values in, values out."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from lyhty_client.errors import ForgottenError
from lyhty_client.expert import Expertise
from lyhty_crypto.documents import sign_directory
from lyhty_crypto.founding import FoundingPacket
from lyhty_crypto.invitations import Invitation
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.wrapping import wrap_key
from lyhty_wire.audit import Kind
from lyhty_wire.desk import FoundingAct, KeyAct, NewInvitation, SealedSeed, WaitingInvitation, WaitingRenewal
from lyhty_wire.directories import MAX_LIFE_S, Directory, DirectoryBody, Expert, FormerExpert, Queue, QueueEpoch
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import WireError
from lyhty_wire.ids import (
    EXPERT_ID_BYTES,
    NO_EPOCH,
    NO_QUEUE,
    SEED_BYTES,
    Epoch,
    ExpertId,
    InstanceId,
    KemKey,
    QueueId,
    digest,
)
from lyhty_wire.invitations import Account, Application, Offer, introduction
from lyhty_wire.renewals import Renewal
from lyhty_wire.wraps import DIRECTORY_SEED, QUEUE_SEED, TO_EXPERT

MONTH_S: Final = 30 * 24 * 3600
NOBODY: Final[Mapping[ExpertId, KemKey]] = MappingProxyType({})


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


def renew(me: Expertise, now_s: int, renewed: Mapping[ExpertId, KemKey] = NOBODY) -> KeyAct:
    """The same people and queues for another 14 days. `renewed`: the new `kem` of who has one."""
    body = replace(me.directory.body, experts=_with_kems(me.directory.experts, renewed))
    return _act(me, following(body, now_s), ())


def to_renew(directory: Directory, waiting: Sequence[WaitingRenewal]) -> dict[ExpertId, KemKey]:
    """Whose new `kem` their `sign` vouches for (SPEC 9.1). What does not hold is passed over, and listed by nobody."""
    renewed = {}
    for each in waiting:
        listed = directory.expert(ExpertId(b64decode(each.expert, EXPERT_ID_BYTES)))
        if listed is None:
            continue
        with suppress(WireError):
            renewal = Renewal.decode(b64decode(each.renewal))
            renewal.verify(directory.instance, listed)
            renewed[listed.id] = renewal.kem
    return renewed


def _with_kems(experts: Sequence[Expert], renewed: Mapping[ExpertId, KemKey]) -> tuple[Expert, ...]:
    return tuple(replace(expert, kem=renewed.get(expert.id, expert.kem)) for expert in experts)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invitation of ours, opened; and who has answered it, checked (SPEC 5.7)."""

    invitation: Invitation
    offer: Offer
    account: Account | None

    @property
    def pictures(self) -> bytes | None:
        """What must be the same on the other screen."""
        if self.account is None:
            return None
        return introduction(self.invitation.instance, self.invitation.id, self.account.sign, self.account.kem)


def invite(me: Expertise, offer: Offer, randomness: Randomness = draw) -> tuple[Invitation, NewInvitation]:
    """The link's secret, and what the server is told of it."""
    invitation = Invitation.drawn(me.directory.instance, randomness)
    sealed, kept = invitation.seal_offer(offer, randomness), invitation.keep(_directory_key(me).seed, randomness)
    return invitation, NewInvitation(b64encode(invitation.id), b64encode(sealed), b64encode(kept))


def open_waiting(me: Expertise, waiting: WaitingInvitation) -> Waiting:
    """
    Raises:
        WireError, CryptoError: the server has changed something, or somebody applied who does not have the link.
    """
    instance = me.directory.instance
    invitation = Invitation.kept(instance, b64decode(waiting.id), b64decode(waiting.kept), _directory_key(me).seed)
    offer = invitation.open_offer(b64decode(waiting.offer))
    if waiting.application is None:
        return Waiting(invitation, offer, None)
    application = Application.decode(b64decode(waiting.application))
    invitation.check(application)
    return Waiting(invitation, offer, application.account)


def admit(me: Expertise, waiting: Waiting, now_s: int, randomness: Randomness = draw) -> KeyAct:
    """Certifies the offer's name and queues with the application's keys: after the pictures were compared.

    A queue whose current seed we lack gets a new epoch (SPEC 9.7).
    """
    account, offer, directory = waiting.account, waiting.offer, me.directory
    if account is None:
        raise ForgottenError("invitation-unknown")
    new = Expert(
        account.expert_id, offer.name, account.sign, account.kem, offer.queues, offer.coordinator, offer.languages
    )
    experts = tuple(sorted((*directory.experts, new), key=lambda expert: expert.id))
    lacking = [queue for queue in directory.queues if (queue.id, queue.current.epoch) not in me.queue_keys]
    fresh = {queue.id: KemKeyPair(randomness(SEED_BYTES)) for queue in lacking if queue.id in new.queues}
    seeds = [
        *[
            SeedFor(new, pair.seed, queue, epoch)
            for (queue, epoch), pair in me.queue_keys.items()
            if queue in new.queues
        ],
        *seeds_for(directory, experts, fresh),
    ]
    if new.coordinator:
        seeds.append(SeedFor(new, _directory_key(me).seed))
    body = replace(directory.body, experts=experts, queues=renewed_queues(directory, fresh))
    return _act(me, following(body, now_s), seeds, accept=waiting.invitation.id)


def found_with(packet: FoundingPacket, directory: Directory, application: Application, now_s: int) -> FoundingAct:
    """The first coordinator certifies themselves for every queue (SPEC 9.3)."""
    account, queues = application.account, tuple(each.queue for each in packet.queues)
    first = Expert(account.expert_id, packet.name, account.sign, account.kem, queues, True, packet.languages)
    body = following(replace(directory.body, experts=(first,)), now_s)
    seeds = [SeedFor(first, each.seed, each.queue, each.epoch) for each in packet.queues]
    seeds.append(SeedFor(first, packet.directory_seed))
    return FoundingAct(
        directory=b64encode(sign_directory(body, SigningKey(packet.directory_seed))),
        wraps=[seed.seal(body.instance) for seed in seeds],
        application=b64encode(application.encode()),
    )


def is_rotation_due(directory: Directory, now_s: int) -> bool:
    """SPEC 5.3: whoever signs the first directory of a month opens new epochs, so its time of issue tells."""
    return now_s // MONTH_S > directory.body.issued // MONTH_S


def rotate(
    me: Expertise,
    in_use: Collection[tuple[QueueId, Epoch]],
    now_s: int,
    randomness: Randomness = draw,
    renewed: Mapping[ExpertId, KemKey] = NOBODY,
) -> KeyAct:
    """A new epoch for every queue. Older ones that no case is wrapped to any more are not listed again."""
    directory = me.directory
    fresh = {queue.id: KemKeyPair(randomness(SEED_BYTES)) for queue in directory.queues}
    queues = tuple(
        replace(
            queue,
            epochs=(
                *[epoch for epoch in queue.epochs if epoch is queue.current or (queue.id, epoch.epoch) in in_use],
                QueueEpoch(_after(queue), fresh[queue.id].public),
            ),
        )
        for queue in directory.queues
    )
    experts = _with_kems(directory.experts, renewed)
    body = replace(directory.body, queues=queues, experts=experts)
    return _act(me, following(body, now_s), seeds_for(directory, experts, fresh))


def seeds_for(directory: Directory, experts: Sequence[Expert], fresh: Mapping[QueueId, KemKeyPair]) -> list[SeedFor]:
    """Of the next epochs, for everybody in their queues."""
    return [
        SeedFor(expert, fresh[queue.id].seed, queue.id, _after(queue))
        for queue in directory.queues
        if queue.id in fresh
        for expert in experts
        if queue.id in expert.queues
    ]


def depart(me: Expertise, leaver: ExpertId, now_s: int, randomness: Randomness = draw) -> KeyAct:
    """Somebody leaves: they are among the former, and their queues get an epoch whose seed they never had."""
    directory = me.directory
    leaving = next(expert for expert in directory.experts if expert.id == leaver)
    fresh = {queue: KemKeyPair(randomness(SEED_BYTES)) for queue in leaving.queues}
    queues = renewed_queues(directory, fresh)
    experts = tuple(expert for expert in directory.experts if expert.id != leaver)
    former = with_former(directory.body, [leaving], now_s)
    body = replace(following(directory.body, now_s), queues=queues, experts=experts, former=former)
    return _act(me, body, seeds_for(directory, experts, fresh))


def renewed_queues(directory: Directory, fresh: Mapping[QueueId, KemKeyPair]) -> tuple[Queue, ...]:
    return tuple(
        replace(queue, epochs=(*queue.epochs, QueueEpoch(_after(queue), fresh[queue.id].public)))
        if queue.id in fresh
        else queue
        for queue in directory.queues
    )


def _after(queue: Queue) -> Epoch:
    return Epoch(queue.current.epoch + 1)


def with_former(directory: DirectoryBody, leavers: Sequence[Expert], now_s: int) -> tuple[FormerExpert, ...]:
    """Whoever left some queues before, and all of them now, stands there once."""
    earlier = {former.id: former.queues for former in directory.former}
    left = [
        FormerExpert(
            leaver.id, leaver.name, leaver.sign,
            tuple(sorted({*leaver.queues, *earlier.get(leaver.id, ())})), now_s, directory.version + 1,
        )
        for leaver in leavers
    ]  # fmt: skip
    gone = {former.id for former in left}
    others = [former for former in directory.former if former.id not in gone]
    return tuple(sorted([*others, *left], key=lambda former: former.id))


def following(changed: DirectoryBody, now_s: int) -> DirectoryBody:
    return replace(changed, version=changed.version + 1, issued=now_s, expires=now_s + MAX_LIFE_S)


def _act(me: Expertise, body: DirectoryBody, seeds: Sequence[SeedFor], accept: bytes | None = None) -> KeyAct:
    directory = sign_directory(body, _directory_key(me))
    entry = me.entry(Kind.KEY_ACT, digest(directory), body.issued, directory_version=body.version)
    return KeyAct(
        directory=b64encode(directory),
        wraps=[seed.seal(body.instance) for seed in seeds],
        accept=None if accept is None else b64encode(accept),
        entry=b64encode(entry.encode()),
    )


def _directory_key(me: Expertise) -> SigningKey:
    if me.directory_key is None:
        raise ForgottenError("not-coordinator")
    return me.directory_key
