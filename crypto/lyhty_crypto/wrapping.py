"""Seals a key for one reader and opens it again; the commitment proves it is the key that was meant (SPEC 3.1-3.4)."""

from lyhty_crypto.errors import TamperedError
from lyhty_crypto.keys import KemKeyPair, expand, open_once, seal_once, seal_to
from lyhty_wire.contexts import context
from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import (
    NO_EPOCH,
    NO_GENERATION,
    NO_QUEUE,
    CaseId,
    Commitment,
    Epoch,
    Generation,
    InstanceId,
    KemKey,
    QueueId,
    commitment,
)
from lyhty_wire.reader import u32
from lyhty_wire.wraps import LINK_BYTES, SELF_WRAP_BYTES, Wrap, WrapHeader, wrap_info


def wrap_key(
    key: bytes,
    to: KemKey,
    *,
    instance: InstanceId,
    subject: bytes,
    kind: int,
    recipient: int,
    queue: QueueId = NO_QUEUE,
    epoch: Epoch = NO_EPOCH,
    generation: Generation = NO_GENERATION,
) -> Wrap:
    """`subject`: the case id, or for a seed the expert's sign key."""
    header = WrapHeader(kind, recipient, queue, epoch, generation, commitment(key))
    body = seal_to(to, key, wrap_info(instance, subject, header.encode()))
    return Wrap(kind, recipient, queue, epoch, generation, header.commitment, body)


def unwrap_key(wrap: Wrap, kem: KemKeyPair, *, instance: InstanceId, subject: bytes) -> bytes:
    key = kem.open(wrap.body, wrap_info(instance, subject, wrap.header()))
    if commitment(key) != wrap.commitment:  # SPEC 3.1
        raise TamperedError("wrap-tampered", "another key than the wrap says")
    return key


def self_wrap(key: bytes, wrap: bytes, *, instance: InstanceId, case: CaseId, generation: Generation) -> bytes:
    """The reporter's own copy; `wrap` is the reporter's wrap key."""
    return seal_once(_self_wrap_key(wrap, instance, case, generation, commitment(key)), key, b"")


def self_unwrap(
    sealed: bytes,
    wrap: bytes,
    *,
    instance: InstanceId,
    case: CaseId,
    generation: Generation,
    expected: Commitment,
) -> bytes:
    """`expected`: the commitment of the verified roster."""
    if len(sealed) != SELF_WRAP_BYTES:
        raise MalformedError("envelope-malformed", "length of a self-wrap")
    sealing_key = _self_wrap_key(wrap, instance, case, generation, expected)
    key = open_once(sealing_key, sealed, b"", code="wrap-tampered")
    if commitment(key) != expected:
        raise TamperedError("wrap-tampered", "another key than the roster says")
    return key


def _self_wrap_key(
    wrap: bytes, instance: InstanceId, case: CaseId, generation: Generation, key_commitment: Commitment
) -> bytes:
    return expand(wrap, context("self-wrap", instance, case, u32(generation), key_commitment))


def seal_link(
    previous_key: bytes, new_key: bytes, *, instance: InstanceId, case: CaseId, generation: Generation
) -> bytes:
    """The key before, for whoever has the key of `generation`."""
    return seal_once(_link_key(new_key, instance, case, generation, commitment(previous_key)), previous_key, b"")


def open_link(
    link: bytes, key: bytes, *, instance: InstanceId, case: CaseId, generation: Generation, expected: Commitment
) -> bytes:
    """The key before that of `generation`. `expected`: its commitment in the verified roster."""
    if len(link) != LINK_BYTES:
        raise MalformedError("envelope-malformed", "length of a link")
    previous_key = open_once(_link_key(key, instance, case, generation, expected), link, b"", code="wrap-tampered")
    if commitment(previous_key) != expected:  # SPEC 3.4
        raise TamperedError("wrap-tampered", "another key than the roster before says")
    return previous_key


def _link_key(key: bytes, instance: InstanceId, case: CaseId, generation: Generation, previous: Commitment) -> bytes:
    return expand(key, context("previous-key", instance, case, u32(generation), previous))
