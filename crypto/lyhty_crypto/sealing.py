"""Seals what a person wrote into an envelope, signed inside, and opens it again (SPEC 4.2)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from lyhty_crypto.keys import SigningKey, expand, open_once, seal_once
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.contents import Card, Content, Report, decode_content, encode_content
from lyhty_wire.contexts import context
from lyhty_wire.envelopes import (
    CARD,
    HEADER_BYTES,
    MESSAGE,
    Body,
    EnvelopeHeader,
    HeadSeen,
    associated_data,
    decode_header,
    head_of,
    pad,
    to_sign,
    unpad,
)
from lyhty_wire.errors import ForgedError, MalformedError
from lyhty_wire.ids import NO_GENERATION, NO_HEAD, CaseId, Generation, Head, InstanceId, ObjectId, RoomId, case_id
from lyhty_wire.proofs import verify
from lyhty_wire.room_contents import (
    AsideContent,
    RoomContent,
    ShelfContent,
    decode_aside,
    decode_shelf_content,
    encode_room_content,
)

C_co = TypeVar("C_co", bound=Content | RoomContent, covariant=True)

_OBJECT_ID_BYTES: Final = 32
_TAMPERED: Final = "envelope-tampered"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An envelope to keep and send again verbatim, and the author's new head."""

    envelope: bytes
    header: EnvelopeHeader
    head: Head


@dataclass(frozen=True)  # with slots, Python 3.11 cannot call the aliases below
class AnyOpened(Generic[C_co]):
    """What an envelope said, signed by `header.author`. Whether they may write here, `authors` and `chains` say."""

    header: EnvelopeHeader
    content: C_co
    directory_version: int
    previous_head: Head
    heads: tuple[HeadSeen, ...]
    head: Head


Opened = AnyOpened[Content]
OpenedOnShelf = AnyOpened[ShelfContent]
OpenedAside = AnyOpened[AsideContent]


def seal(
    content: Content | RoomContent,
    key: bytes,
    author: SigningKey,
    *,
    instance: InstanceId,
    case: CaseId,
    directory_version: int,
    generation: Generation = NO_GENERATION,
    counter: int = 0,
    previous_head: Head = NO_HEAD,
    heads: Sequence[HeadSeen] = (),
    randomness: Randomness = draw,
) -> Sealed:
    """Signs and seals. `key`: the card key for a Card, else the case key of `generation`."""
    # SPEC 4.2: the nonce is zero because the object id, and with it the key, is drawn fresh here and nowhere else.
    object_id = ObjectId(randomness(_OBJECT_ID_BYTES))
    card = isinstance(content, Card)
    urgent = isinstance(content, Card) and content.urgent
    header = EnvelopeHeader(CARD if card else MESSAGE, urgent, generation, counter, object_id, author.public)
    _check_place(header, content)
    encoded_content = encode_room_content(content) if isinstance(content, RoomContent) else encode_content(content)
    body = Body(previous_head, directory_version, tuple(heads), encoded_content)
    body.check(header)
    encoded = body.encode()
    public = header.encode()
    signed = to_sign(instance, case, public, encoded)
    plaintext = pad(author.sign(signed), encoded, header.kind)
    sealed = seal_once(object_key(key, object_id), plaintext, associated_data(instance, case, public))
    return Sealed(public + sealed, header, head_of(signed))


def open_envelope(envelope: bytes, key: bytes, *, instance: InstanceId, case: CaseId) -> Opened:
    """Opens and verifies, in the order of SPEC 4.2."""
    return open_object(envelope, object_key(key, decode_header(envelope).object_id), instance=instance, case=case)


def open_object(envelope: bytes, key: bytes, *, instance: InstanceId, case: CaseId) -> Opened:
    """The same with the key of this one object."""
    opened = _open(envelope, key, decode_content, instance=instance, case=case)
    _check_place(opened.header, opened.content)
    # SPEC 4.4: the case id says who may have written its card.
    if isinstance(opened.content, Card) and case_id(opened.header.author, opened.content.commitment) != case:
        raise ForgedError(_TAMPERED, "a card of somebody else")
    return opened


def open_on_shelf(envelope: bytes, key: bytes, *, instance: InstanceId, room: RoomId) -> OpenedOnShelf:
    """`key`: the room's (SPEC 3.6)."""
    return _open_in_room(envelope, key, decode_shelf_content, instance=instance, room=room)


def open_aside(envelope: bytes, key: bytes, *, instance: InstanceId, room: RoomId) -> OpenedAside:
    """In notes and consultations; `key`: the room's (SPEC 3.7)."""
    return _open_in_room(envelope, key, decode_aside, instance=instance, room=room)


def _open_in_room(
    envelope: bytes, key: bytes, decode: Callable[[bytes], C_co], *, instance: InstanceId, room: RoomId
) -> AnyOpened[C_co]:
    of_object = object_key(key, decode_header(envelope).object_id)
    opened = _open(envelope, of_object, decode, instance=instance, case=room)
    _check_place(opened.header, opened.content)
    return opened


def _open(
    envelope: bytes, key: bytes, decode: Callable[[bytes], C_co], *, instance: InstanceId, case: CaseId
) -> AnyOpened[C_co]:
    header = decode_header(envelope)
    public = envelope[:HEADER_BYTES]
    aad = associated_data(instance, case, public)
    plaintext = open_once(key, envelope[HEADER_BYTES:], aad, code=_TAMPERED)
    signature, encoded, body = unpad(plaintext, header)
    signed = to_sign(instance, case, public, encoded)
    verify(header.author, signature, signed, code=_TAMPERED)
    content = decode(body.content)
    return AnyOpened(header, content, body.directory_version, body.previous_head, body.heads, head_of(signed))


def urgent_agrees(card: Opened, server_urgent: bool) -> bool:
    """SPEC 4.4: the card's flag, its `urgent` and the server's bit agree; else the reader alarms `urgent-mismatch`."""
    return isinstance(card.content, Card) and card.content.urgent == card.header.urgent == server_urgent


def object_key(key: bytes, object_id: ObjectId) -> bytes:
    """Opens one object and, unlike the case key it is made from, nothing that is written later."""
    return expand(key, context("object-key", object_id))


def _check_place(header: EnvelopeHeader, content: Content | RoomContent) -> None:
    """SPEC 4.1, 4.4: cards hold a card, messages do not, and only the first message of a case is a report."""
    if isinstance(content, Card) != (header.kind == CARD):
        raise MalformedError("envelope-malformed", "content and kind do not fit")
    if isinstance(content, Report) and (header.generation, header.counter) != (1, 1):
        raise MalformedError("envelope-malformed", "a report that is not the first message")
