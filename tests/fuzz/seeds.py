"""Where fuzzing starts: every byte string of the vectors, given to each decoder that accepts it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lyhty_wire.contributions import encode_counted
from lyhty_wire.envelopes import Body, HeadSeen, pad
from lyhty_wire.ids import ExpertId, InstanceId, QueueId
from lyhty_wire.invitations import Offer
from lyhty_wire.manifests import Manifest, ServedBytes, ServedFile
from lyhty_wire.records import DownRecord, UpRecord
from lyhty_wire.root_changes import RootChange
from lyhty_wire.wraps import WRAP_BYTES
from tests.fuzz.decoders import DECODERS, decode
from tests.published import counted, made_release

# No vector shows these: what is sealed is seen sealed, and manifests, root changes and releases are of one language.
MADE: Final = {
    pad(b"s" * 64, Body(bytes(32), 1, (HeadSeen(b"\1" * 32, 1, b"\2" * 32),), b'{"at":1}').encode(), 2),
    Offer("A name", (QueueId(1), QueueId(2)), ("fi", "sv"), coordinator=True).encode(),
    RootChange(bytes(32), (b"root",), b"directory", ((ExpertId(bytes(16)), bytes(WRAP_BYTES)),), b"packet").encode(),
    encode_counted(counted()),
    made_release("2026-11", InstanceId(bytes(32))).encode(),
    Manifest("1", {"X": "y"}, {"/": ServedFile(ServedBytes.of(b"x"), ServedBytes.of(b"z"), {})}).encode(),
}
VECTORS: Final = Path(__file__).parents[2] / "crypto" / "vectors"


def seeds() -> dict[str, list[bytes]]:
    """By decoder, shortest first. Empty lists are decoders that no vector feeds."""
    strings = set(_strings())
    bodies = {body for data in strings for body in _bodies(data)}
    known = sorted(strings | bodies | MADE, key=lambda data: (len(data), data))
    return {name: [data for data in known if decode(name, data) is not None] for name in DECODERS}


def _bodies(data: bytes) -> Iterator[bytes]:
    """What a record carries."""
    for name in ("records.UpRecord", "records.DownRecord"):
        record = decode(name, data)
        if isinstance(record, UpRecord | DownRecord):
            yield record.body


def _strings() -> Iterator[bytes]:
    for file in sorted(VECTORS.glob("*.json")):
        yield from _within(json.loads(file.read_text()))


def _within(value: object) -> Iterator[bytes]:
    match value:
        case dict():
            for each in value.values():
                yield from _within(each)
        case list():
            for each in value:
                yield from _within(each)
        case str():
            yield value.encode("utf-8", "surrogatepass")
            try:
                yield bytes.fromhex(value)
            except ValueError:
                return
