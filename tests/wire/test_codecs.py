"""What is written can be read, and what can be read was written so: there is one encoding of everything (SPEC 1.4)."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyhty_wire import contents
from lyhty_wire.codes import Code
from lyhty_wire.directories import TrustBundle
from lyhty_wire.encoding import b64decode, b64encode, canonical_json, parse_canonical_json
from lyhty_wire.envelopes import SIZES, Body, EnvelopeHeader, HeadSeen, decode_header, pad, unpad
from lyhty_wire.errors import MalformedError
from lyhty_wire.records import NO_OPERATION, DownRecord, Event, Operation, UpRecord
from lyhty_wire.rosters import UntrustedRoster
from lyhty_wire.wraps import Wrap
from tests.wire import values


def only_canonical(decode: Callable[[bytes], Any], encode: Callable[[Any], bytes], data: bytes) -> None:
    """Bytes are refused as malformed, or they are exactly what the encoder writes for what they say."""
    try:
        value = decode(data)
    except MalformedError:
        return
    assert encode(value) == data


@given(values.json_values)
def test_json_comes_back_the_same(value: object) -> None:
    assert parse_canonical_json(canonical_json(value)) == value


@given(values.json_values.map(canonical_json).flatmap(values.mutated))
def test_changed_json_is_refused_or_canonical(data: bytes) -> None:
    only_canonical(parse_canonical_json, canonical_json, data)


@pytest.mark.parametrize("value", [1.0, 2**53, -(2**53), {1: 2}, b"bytes", {"a": {3}}, "\ud800"])
def test_json_is_not_written_for_values_without_one_spelling(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_json(value)


@given(st.binary(max_size=40))
def test_base64url_comes_back_the_same(data: bytes) -> None:
    assert b64decode(b64encode(data)) == data


@given(st.text("ABCabc019-_+/= \nÄ", max_size=12))
def test_base64url_has_one_spelling(text: str) -> None:
    only_canonical(lambda data: b64decode(data.decode()), lambda value: b64encode(value).encode(), text.encode())


def test_base64url_of_another_length_is_refused() -> None:
    with pytest.raises(MalformedError):
        b64decode(b64encode(bytes(31)), 32)


@given(values.wraps())
def test_a_wrap_comes_back_the_same(wrap: Wrap) -> None:
    assert Wrap.decode(wrap.encode()) == wrap


@given(values.wraps().map(Wrap.encode).flatmap(values.mutated))
def test_a_changed_wrap_is_refused_or_canonical(data: bytes) -> None:
    only_canonical(Wrap.decode, Wrap.encode, data)


@given(values.rosters())
def test_a_roster_comes_back_the_same(roster: UntrustedRoster) -> None:
    assert UntrustedRoster.decode(roster.encode()) == roster
    assert len(roster.encode()) == 234 + 71 * len(roster.entries)


@given(values.rosters().map(UntrustedRoster.encode).flatmap(values.mutated))
def test_a_changed_roster_is_refused_or_canonical(data: bytes) -> None:
    only_canonical(UntrustedRoster.decode, UntrustedRoster.encode, data)


@given(values.headers, st.sampled_from(SIZES))
def test_an_envelope_s_header_comes_back_the_same(header: EnvelopeHeader, size: int) -> None:
    size = 1024 if header.kind == 1 else size
    assert decode_header(header.encode().ljust(size, b"\0")) == header


@given(values.headers.map(lambda header: header.encode().ljust(1024, b"x")), st.integers(0, 74), st.integers(1, 255))
def test_a_changed_header_is_refused_or_canonical(envelope: bytes, index: int, change: int) -> None:
    changed = envelope[:index] + bytes((envelope[index] ^ change,)) + envelope[index + 1 :]
    only_canonical(decode_header, lambda header: header.encode() + changed[75:], changed)


@given(st.integers(0, 70_000).filter(lambda size: size not in SIZES))
def test_an_envelope_of_any_other_size_is_refused(size: int) -> None:
    with pytest.raises(MalformedError) as caught:
        decode_header(b"\x01\x02\x00\x00\x00\x00\x01\x00\x00\x00\x01".ljust(size, b"\1")[:size])
    assert caught.value.code == ("too-large" if size > 65_536 else "envelope-malformed")


heads = st.lists(
    st.builds(HeadSeen, author=values.hashes, counter=values.from_one, head=values.hashes),
    max_size=8,
    unique_by=lambda seen: seen.author,
).map(lambda items: tuple(sorted(items, key=lambda seen: seen.author)))
message_bodies = st.builds(
    Body, previous_head=st.just(bytes(32)), directory_version=values.u32s, heads=heads, content=st.binary(max_size=900)
)
FIRST = EnvelopeHeader(2, False, 1, 1, bytes(32), b"\xff" * 33)


@given(message_bodies)
def test_a_padded_body_comes_back_the_same_and_has_the_smallest_size(body: Body) -> None:
    plaintext = pad(b"s" * 64, body.encode(), 2)
    signature, encoded, unpadded = unpad(plaintext, FIRST)
    assert (signature, encoded, unpadded) == (b"s" * 64, body.encode(), body)
    size = len(plaintext) + 91
    assert size in SIZES
    assert size == min(s for s in SIZES if s - 196 - 68 * len(body.heads) >= len(body.content))


@given(message_bodies, st.integers(0, 4000), st.integers(1, 255))
def test_a_changed_plaintext_is_refused_or_canonical(body: Body, at: int, change: int) -> None:
    plaintext = bytearray(pad(b"s" * 64, body.encode(), 2))
    plaintext[at % len(plaintext)] ^= change
    only_canonical(lambda data: unpad(data, FIRST), lambda parts: pad(parts[0], parts[1], 2), bytes(plaintext))


@given(values.any_content)
def test_a_content_comes_back_the_same(content: contents.Content) -> None:
    assert contents.decode_content(contents.encode_content(content)) == content


@given(values.any_content.map(contents.encode_content).flatmap(values.mutated))
def test_a_changed_content_is_refused_or_canonical(data: bytes) -> None:
    only_canonical(contents.decode_content, contents.encode_content, data)


@given(st.sampled_from(Operation), values.exactly(16).filter(any), values.some_bytes)
def test_an_up_record_comes_back_the_same(operation: Operation, operation_id: bytes, body: bytes) -> None:
    record = UpRecord(operation, operation_id, body)
    assert UpRecord.decode(record.encode()) == record


@given(
    st.builds(DownRecord.result, st.sampled_from(Operation), values.exactly(16).filter(any), values.some_bytes)
    | st.builds(DownRecord.error, values.exactly(16), st.sampled_from(Code))
    | st.builds(DownRecord.event, st.sampled_from(Event), values.some_bytes)
)
def test_a_down_record_comes_back_the_same(record: DownRecord) -> None:
    assert DownRecord.decode(record.encode()) == record
    assert record.is_fault == (record.kind == 1 and record.operation_id == NO_OPERATION)


@given(st.binary(max_size=60))
def test_any_bytes_as_a_record_are_refused_or_canonical(data: bytes) -> None:
    only_canonical(UpRecord.decode, UpRecord.encode, data)
    only_canonical(DownRecord.decode, DownRecord.encode, data)


@given(values.bodies)
def test_the_body_of_every_operation_result_and_event_comes_back_the_same(body: Any) -> None:
    assert type(body).decode(body.encode()) == body


@given(values.bodies.flatmap(lambda body: st.tuples(st.just(type(body)), values.mutated(body.encode()))))
def test_a_changed_body_is_refused_or_canonical(pair: tuple[Any, bytes]) -> None:
    kind, data = pair
    only_canonical(kind.decode, lambda body: body.encode(), data)


@given(st.lists(values.some_bytes, max_size=4).map(tuple), values.some_bytes)
def test_a_trust_bundle_comes_back_the_same(roots: tuple[bytes, ...], directory: bytes) -> None:
    bundle = TrustBundle(roots, directory)
    assert TrustBundle.decode(bundle.encode()) == bundle
