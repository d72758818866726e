"""The next root of a service that runs, with a new directory key and all that follows (SPEC 5.2, 5.10, 9.11).

For the computer that has the root key. Values in, values out: nothing here opens a case, nor needs a coordinator.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lyhty_client.coordinator import (
    SeedFor,
    following,
    is_rotation_due,
    renewed_queues,
    seeds_for,
    with_former,
)
from lyhty_client.errors import ClientError, RootError
from lyhty_client.founding import ROOT_LIFE_S
from lyhty_crypto.documents import sign_directory, sign_document, sign_root
from lyhty_crypto.founding import FoundingPacket, QueueSeed, seal_packet
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.directories import Directory, DirectoryBody, Expert, TrustBundle
from lyhty_wire.documents import ROOT_CHANGE, UntrustedDocument
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import SEED_BYTES, ExpertId, InstanceId, QueueId, digest
from lyhty_wire.invitations import MAX_NAME_CODE_POINTS, SECRET_BYTES
from lyhty_wire.root_changes import RootChange
from lyhty_wire.roots import RootBody


@dataclass(frozen=True, slots=True)
class Wishes:
    """What changes besides the keys. Names are as the directory has them."""

    remove: Sequence[str] = ()
    coordinators: Sequence[str] = ()
    join: Sequence[tuple[QueueId, str]] = ()
    found: str | None = None
    """Nobody has keys any more: all leave, and this one comes by a founding link (SPEC 5.8)."""
    languages: tuple[str, ...] = ("fi",)
    """Of who founds."""


@dataclass(frozen=True, slots=True)
class NewRoot:
    change: bytes
    """For the server; no secret is in it."""
    directory: DirectoryBody
    renewed: tuple[QueueId, ...]
    """Queues with new keys."""
    link_secret: bytes | None = field(repr=False, default=None)


def present_of(bundle: TrustBundle, instance: InstanceId) -> Directory:
    """As it held when it was signed: a directory that has run out, or its root, is what this is for.

    Raises:
        WireError: the chain does not hold.
    """
    issued = DirectoryBody.decode(UntrustedDocument.decode(bundle.directory).body).issued
    return bundle.verify(instance, issued)


def renew_root(
    bundle: TrustBundle,
    present: Directory,
    keys: Sequence[SigningKey],
    wishes: Wishes,
    now_s: int,
    *,
    replacement: SigningKey | None = None,
    randomness: Randomness = draw,
) -> NewRoot:
    """`present` is the bundle's. `replacement` takes the place of the first of `keys`.

    Raises:
        ClientError: too few root keys, or another's; a name that nobody or more than one has; nobody would be left to
            coordinate, or to read a queue.
    """
    _check_keys(present, keys)
    directory_key = SigningKey(randomness(SEED_BYTES))
    signers = keys if replacement is None else [replacement, *keys[1:]]
    root = sign_root(
        _next_root(present, keys, signers, directory_key, now_s),
        [*keys, *([] if replacement is None else [replacement])],
    )
    experts, leavers = _people(present, wishes)
    renewed = _renewed(present, experts, leavers, wishes, is_due=is_rotation_due(present, now_s))
    fresh = {queue: KemKeyPair(randomness(SEED_BYTES)) for queue in renewed}
    body = replace(
        following(present.body, now_s),
        root=digest(root),
        queues=renewed_queues(present, fresh),
        experts=experts,
        former=with_former(present.body, leavers, now_s),
    )
    seeds = [
        *seeds_for(present, experts, fresh),
        *[SeedFor(expert, directory_key.seed) for expert in experts if expert.coordinator],
    ]
    sealed = [seed.seal(present.instance) for seed in seeds]
    packet, secret = None, None
    if wishes.found is not None:
        secret = randomness(SECRET_BYTES)
        current = {queue.id: queue.current.epoch for queue in body.queues}
        first = FoundingPacket(
            wishes.found,
            tuple(sorted(set(wishes.languages))),
            directory_key.seed,
            tuple(QueueSeed(queue, current[queue], pair.seed) for queue, pair in sorted(fresh.items())),
        )
        packet = seal_packet(first, secret, present.instance, randomness)
    change = RootChange(
        base=digest(bundle.directory),
        roots=(*bundle.roots, root),
        directory=sign_directory(body, directory_key),
        wraps=tuple((ExpertId(b64decode(each.expert)), b64decode(each.wrap)) for each in sealed),
        founding=packet,
    )
    return NewRoot(sign_document(ROOT_CHANGE, change.encode(), signers), body, renewed, secret)


def _check_keys(present: Directory, keys: Sequence[SigningKey]) -> None:
    root = present.root.body
    publics = {key.public for key in keys}
    if not publics <= set(root.keys):
        raise RootError("This root key does not belong to the service's present root. Is a word or a sign mistyped?")
    if len(publics) < root.threshold:
        raise RootError(f"The present root asks for {root.threshold} of its keys; name each with --root-key.")


def _next_root(
    present: Directory,
    keys: Sequence[SigningKey],
    signers: Sequence[SigningKey],
    directory_key: SigningKey,
    now_s: int,
) -> RootBody:
    before = present.root.body
    kept = {*before.keys} - {key.public for key in keys}
    return RootBody(
        version=before.version + 1,
        issued=now_s,
        expires=now_s + ROOT_LIFE_S,
        keys=tuple(sorted(kept | {key.public for key in signers})),
        threshold=before.threshold,
        directory_keys=(directory_key.public,),
        previous=present.root.digest,
    )


def _people(present: Directory, wishes: Wishes) -> tuple[tuple[Expert, ...], list[Expert]]:
    """Who is in the next directory, and who leaves."""
    if wishes.found is not None:
        if wishes.remove or wishes.coordinators or wishes.join:
            raise RootError("With --found everybody leaves: --remove, --coordinator and --join do not go with it.")
        if not 1 <= len(wishes.found) <= MAX_NAME_CODE_POINTS:
            raise RootError("A coordinator's name has 1 to 200 letters.")
        return (), list(present.experts)
    leavers = [_named(present, name) for name in dict.fromkeys(wishes.remove)]
    staying = {expert.id: expert for expert in present.experts if expert not in leavers}
    for name in wishes.coordinators:
        one = _staying(present, staying, name)
        staying[one.id] = replace(one, coordinator=True)
    for queue, name in wishes.join:
        one = _staying(present, staying, name)
        staying[one.id] = replace(one, queues=tuple(sorted({*one.queues, queue})))
    if not any(expert.coordinator for expert in staying.values()):
        raise RootError(
            "Nobody would be left to coordinate. Name somebody who still has their keys with --coordinator, or, if"
            " nobody has, the person who begins anew with --found."
        )
    return tuple(staying.values()), leavers


def _renewed(
    present: Directory, experts: Sequence[Expert], leavers: Sequence[Expert], wishes: Wishes, *, is_due: bool
) -> tuple[QueueId, ...]:
    """Whoever leaves knew the keys of their own queues, and may have known those of a queue that nobody was in."""
    renewed = []
    for queue in present.queues:
        members = [expert for expert in experts if queue.id in expert.queues]
        was_left = bool(leavers) and not members
        joined = any(queue.id == joining for joining, _ in wishes.join)
        if wishes.found is None and was_left:
            raise RootError(
                f"Nobody would be left in the queue {queue.profession}, and nobody could read what comes. Name who"
                f' takes it with --join {queue.profession}="Name in the directory".'
            )
        was_known = any(queue.id in leaver.queues for leaver in leavers)
        if wishes.found is not None or joined or was_known or (is_due and members):
            renewed.append(queue.id)
    return tuple(renewed)


def _staying(present: Directory, staying: dict[ExpertId, Expert], name: str) -> Expert:
    found = staying.get(_named(present, name).id)
    if found is None:
        raise RootError(f"{name} is to leave, and cannot get anything.")
    return found


def _named(present: Directory, name: str) -> Expert:
    """By name, or by id where two have one name."""
    found = [expert for expert in present.experts if name in (expert.name, b64encode(expert.id))]
    if len(found) != 1:
        ids = ", ".join(b64encode(expert.id) for expert in found)
        raise ClientError("expert-unknown", f"{name}: give the id instead: {ids}" if found else name)
    return found[0]
