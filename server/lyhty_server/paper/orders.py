"""What the server and the worker say to each other: length, then one message, over the worker's stdin and stdout."""

from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

LENGTH_BYTES: Final = 4
MOST_BYTES: Final = 67_108_864


class Pdf(Struct, frozen=True, tag=True):
    html: str


class Png(Struct, frozen=True, tag=True):
    pdf: bytes
    page: int
    dpi: int


class Made(Struct, frozen=True, tag=True):
    body: bytes


class Failed(Struct, frozen=True, tag=True):
    """`lacks`: a library or a font that this computer does not have."""

    lacks: bool = False


Order: TypeAlias = Pdf | Png
Outcome: TypeAlias = Made | Failed

_encoder: Final = msgspec.msgpack.Encoder()
_orders: Final[msgspec.msgpack.Decoder[Order]] = msgspec.msgpack.Decoder(Order)
_outcomes: Final[msgspec.msgpack.Decoder[Outcome]] = msgspec.msgpack.Decoder(Outcome)


def framed(message: Order | Outcome) -> bytes:
    body = _encoder.encode(message)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def read_order(body: bytes) -> Order:
    return _orders.decode(body)


def read_outcome(body: bytes) -> Outcome:
    return _outcomes.decode(body)
