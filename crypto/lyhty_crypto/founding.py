"""The founding packet: the first seeds of an instance, sealed under the founding link (SPEC 5.8)."""

from dataclasses import dataclass, field
from typing import Final

from lyhty_crypto.invitations import open_sealed, seal_under
from lyhty_crypto.keys import expand
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.contexts import context
from lyhty_wire.encoding import b64encode, canonical_json, parse_canonical_json
from lyhty_wire.fields import Fields
from lyhty_wire.ids import SEED_BYTES, Epoch, InstanceId, QueueId

_MALFORMED: Final = "operation-malformed"
_PACKET: Final = frozenset(("directory", "languages", "name", "queues"))
_QUEUE: Final = frozenset(("epoch", "queue", "seed"))
_MAX_LANGUAGES: Final = 8
_MAX_U16: Final = 0xFFFF
_MAX_U32: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class QueueSeed:
    queue: QueueId
    epoch: Epoch
    seed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FoundingPacket:
    """For the first coordinator, who certifies themselves with it."""

    name: str
    languages: tuple[str, ...]
    directory_seed: bytes = field(repr=False)
    queues: tuple[QueueSeed, ...]


def seal_packet(packet: FoundingPacket, secret: bytes, instance: InstanceId, randomness: Randomness = draw) -> bytes:
    body = canonical_json(
        {
            "directory": b64encode(packet.directory_seed),
            "languages": list(packet.languages),
            "name": packet.name,
            "queues": [
                {"epoch": each.epoch, "queue": each.queue, "seed": b64encode(each.seed)} for each in packet.queues
            ],
        }
    )
    return seal_under(_key(secret), body, context("founding-packet", instance), randomness)


def open_packet(sealed: bytes, secret: bytes, instance: InstanceId) -> FoundingPacket:
    body = open_sealed(_key(secret), sealed, context("founding-packet", instance))
    fields = Fields(parse_canonical_json(body, code=_MALFORMED), _PACKET, _MALFORMED)
    return FoundingPacket(
        name=fields.text("name"),
        languages=fields.sorted_identifiers("languages", _MAX_LANGUAGES),
        directory_seed=fields.binary("directory", SEED_BYTES),
        queues=fields.objects("queues", _queue_seed, lambda each: each.queue),
    )


def _queue_seed(value: object) -> QueueSeed:
    fields = Fields(value, _QUEUE, _MALFORMED)
    return QueueSeed(
        QueueId(fields.integer("queue", 1, _MAX_U16)),
        Epoch(fields.integer("epoch", 1, _MAX_U32)),
        fields.binary("seed", SEED_BYTES),
    )


def _key(secret: bytes) -> bytes:
    return expand(secret, context("founding-seal"))
