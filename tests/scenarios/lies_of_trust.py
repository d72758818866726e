"""Lies about whom to trust: bundles that a malicious server could hand out, each under the name of what is wrong.

The server has keys of its own making, old documents that were once right, documents of other providers, and, in one
lie, a directory key that was withdrawn because somebody had stolen it.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from lyhty_crypto.documents import sign_directory, sign_document, sign_root
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_wire.directories import DirectoryBody, Expert, Queue, QueueEpoch, TrustBundle
from lyhty_wire.documents import DIRECTORY, UntrustedDocument
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER, Epoch, ExpertId, QueueId, digest
from lyhty_wire.roots import RootBody
from tests.provider import DAY_S, DIRECTORY_LIFE_S, ROOT_LIFE_S, Provider, make_provider

SERVERS_KEY: Final = SigningKey(bytes(range(32)))
SERVERS_KEM: Final = KemKeyPair(bytes(range(32, 64)))
"""What the server could read with, if anybody sealed anything to it."""


@dataclass(frozen=True)
class Rotated:
    """A provider whose root has been rotated: the first directory key was withdrawn."""

    provider: Provider
    roots: tuple[bytes, ...]
    directory_key: SigningKey
    body: DirectoryBody

    @property
    def bundle(self) -> TrustBundle:
        return TrustBundle(self.roots, sign_directory(self.body, self.directory_key))


def withdraw_directory_key(provider: Provider) -> Rotated:
    issued = provider.directory_body.issued
    fresh = SigningKey(os.urandom(32))
    second = sign_root(
        RootBody(2, issued, issued + ROOT_LIFE_S, (provider.root_key.public,), 1, (fresh.public,), provider.instance),
        [provider.root_key],
    )
    body = replace(provider.directory_body, version=2, root=UntrustedDocument.decode(second).digest())
    return Rotated(provider, (provider.root, second), fresh, body)


def _swapped_queue(body: DirectoryBody) -> DirectoryBody:
    """The server's own key as the lawyers' queue key."""
    return replace(
        body, queues=tuple(_with_servers_kem(queue) if queue.id == LAWYER else queue for queue in body.queues)
    )


def _with_servers_kem(queue: Queue) -> Queue:
    return replace(queue, epochs=(QueueEpoch(queue.current.epoch, SERVERS_KEM.public),))


def _newer_epoch(body: DirectoryBody) -> DirectoryBody:
    """As after a departure, but the new epoch's key is the server's."""
    queues = tuple(
        replace(queue, epochs=(*queue.epochs, QueueEpoch(Epoch(queue.current.epoch + 1), SERVERS_KEM.public)))
        for queue in body.queues
    )
    return replace(body, version=body.version + 1, queues=queues)


def _extra_queue(body: DirectoryBody) -> DirectoryBody:
    extra = Queue(QueueId(3), "lawyer", (QueueEpoch(Epoch(1), SERVERS_KEM.public),))
    return replace(body, queues=(*body.queues, extra))


def _extra_expert(body: DirectoryBody) -> DirectoryBody:
    expert = replace(
        body.experts[0], id=ExpertId(bytes(16)), name="Third lawyer", sign=SERVERS_KEY.public, kem=SERVERS_KEM.public
    )
    return replace(body, experts=tuple(sorted((*body.experts, expert), key=lambda each: each.id)))


def _dropped_expert(body: DirectoryBody) -> DirectoryBody:
    return replace(body, experts=body.experts[1:])


def _promoted_expert(body: DirectoryBody) -> DirectoryBody:
    plain = next(expert for expert in body.experts if not expert.coordinator)
    promoted: Expert = replace(plain, queues=(QueueId(1), QueueId(2)), coordinator=True)
    return replace(body, experts=tuple(promoted if expert == plain else expert for expert in body.experts))


def _under_old_signature(change: Callable[[DirectoryBody], DirectoryBody]) -> Callable[[Provider], TrustBundle]:
    """The change, and the signature that stood under what it was made from."""

    def lie(provider: Provider) -> TrustBundle:
        true = UntrustedDocument.decode(provider.bundle.directory)
        return TrustBundle(provider.bundle.roots, replace(true, body=change(provider.directory_body).encode()).encode())

    return lie


def _under_own_signature(change: Callable[[DirectoryBody], DirectoryBody]) -> Callable[[Provider], TrustBundle]:
    def lie(provider: Provider) -> TrustBundle:
        return TrustBundle(provider.bundle.roots, sign_directory(change(provider.directory_body), SERVERS_KEY))

    return lie


def _signed_by_two(provider: Provider) -> TrustBundle:
    keys = [provider.directory_key, SERVERS_KEY]
    return TrustBundle(provider.bundle.roots, sign_document(DIRECTORY, provider.directory_body.encode(), keys))


def _of_another_instance(provider: Provider) -> TrustBundle:
    return make_provider(provider.directory_body.issued).bundle


def _true_roots_anothers_directory(provider: Provider) -> TrustBundle:
    return TrustBundle(provider.bundle.roots, _of_another_instance(provider).directory)


def _anothers_roots_true_directory(provider: Provider) -> TrustBundle:
    return TrustBundle(_of_another_instance(provider).roots, provider.bundle.directory)


def _root_that_lets_the_server_sign(provider: Provider) -> TrustBundle:
    """A second root with the server's directory key; the provider's root key has not signed it."""
    issued = provider.directory_body.issued
    second = sign_root(
        RootBody(2, issued, issued + ROOT_LIFE_S, (SERVERS_KEY.public,), 1, (SERVERS_KEY.public,), provider.instance),
        [SERVERS_KEY],
    )
    body = replace(_swapped_queue(provider.directory_body), root=UntrustedDocument.decode(second).digest())
    return TrustBundle((provider.root, second), sign_directory(body, SERVERS_KEY))


def _withdrawn_key_under_new_root(provider: Provider) -> TrustBundle:
    rotated = withdraw_directory_key(provider)
    return TrustBundle(rotated.roots, sign_directory(_swapped_queue(rotated.body), provider.directory_key))


def _new_root_old_directory(provider: Provider) -> TrustBundle:
    return TrustBundle(withdraw_directory_key(provider).roots, provider.bundle.directory)


def _expired(provider: Provider) -> TrustBundle:
    """It was right, and was replaced: whoever could read then could read now."""
    old = provider.directory_body.issued - 15 * DAY_S
    return provider.reissued(issued=old, expires=old + DIRECTORY_LIFE_S).bundle


def _of_the_day_after_tomorrow(provider: Provider) -> TrustBundle:
    later = provider.directory_body.issued + 2 * DAY_S
    return provider.reissued(issued=later, expires=later + DIRECTORY_LIFE_S).bundle


def _of_twenty_days(provider: Provider) -> TrustBundle:
    """Signed by the server: longer than anybody may sign."""
    issued = provider.directory_body.issued
    true = UntrustedDocument.decode(provider.bundle.directory)
    longer = provider.directory_body.encode().replace(
        str(provider.directory_body.expires).encode(), str(issued + 20 * DAY_S).encode()
    )
    return TrustBundle(provider.bundle.roots, replace(true, body=longer).encode())


@dataclass(frozen=True)
class TrustLie:
    name: str
    code: str
    """What a person is told, whoever it is told to."""
    bundle: Callable[[Provider], TrustBundle]

    def __str__(self) -> str:
        return self.name


FORGED: Final = "directory-forged"
TRUST_LIES: Final = (
    TrustLie("a queue key swapped for the server's", FORGED, _under_old_signature(_swapped_queue)),
    TrustLie("a queue key swapped, signed by the server", FORGED, _under_own_signature(_swapped_queue)),
    TrustLie("a new epoch with the server's key", FORGED, _under_own_signature(_newer_epoch)),
    TrustLie("a third queue slipped in", FORGED, _under_own_signature(_extra_queue)),
    TrustLie("an expert slipped in", FORGED, _under_own_signature(_extra_expert)),
    TrustLie("an expert slipped in under the old signature", FORGED, _under_old_signature(_extra_expert)),
    TrustLie("an expert dropped", FORGED, _under_old_signature(_dropped_expert)),
    TrustLie("an expert promoted", FORGED, _under_old_signature(_promoted_expert)),
    TrustLie("a directory signed by two", FORGED, _signed_by_two),
    TrustLie("everything of another instance", FORGED, _of_another_instance),
    TrustLie("the directory of another instance", FORGED, _true_roots_anothers_directory),
    TrustLie("the roots of another instance", FORGED, _anothers_roots_true_directory),
    TrustLie("a root that lets the server sign", FORGED, _root_that_lets_the_server_sign),
    TrustLie("a directory signed by a withdrawn key", FORGED, _withdrawn_key_under_new_root),
    TrustLie("an old directory under a new root", FORGED, _new_root_old_directory),
    TrustLie("a directory that has expired", "directory-expired", _expired),
    TrustLie("a directory of the day after tomorrow", "clock-off", _of_the_day_after_tomorrow),
    TrustLie("a directory made to last twenty days", FORGED, _of_twenty_days),
    TrustLie("no root at all", FORGED, lambda provider: TrustBundle((), provider.bundle.directory)),
)


def is_sealed_to_the_server(said: bytes) -> bool:
    """Whether the server's own key stands anywhere in what was said: a roster names every reader's by its hash."""
    return any(
        needle in said
        for needle in (SERVERS_KEM.public, digest(SERVERS_KEM.public), b64encode(SERVERS_KEM.public).encode())
    )
