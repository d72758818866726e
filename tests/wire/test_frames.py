"""Frames: always one size, nothing lost, nothing out of order, and any change of the header is seen (SPEC 6.1)."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lyhty_wire.errors import MalformedError
from lyhty_wire.frames import Direction, Frame, Piece, decode_frame, encode_frame
from lyhty_wire.multiplex import MAX_OPEN_RECORDS, Incoming, Outgoing
from tests.wire import values

directions = st.sampled_from(Direction)


@st.composite
def frames(draw: st.DrawFn) -> tuple[Direction, Frame]:
    direction = draw(directions)
    pieces = []
    left = direction.frame_bytes - 68
    for _ in range(draw(st.integers(0, 4))):
        data = draw(st.binary(min_size=1, max_size=left // 4))
        total = draw(st.integers(len(data), direction.max_record_bytes))
        offset = draw(st.integers(0, total - len(data)))
        pieces.append(Piece(draw(st.integers(1, direction.streams_end - 1)), offset, total, data))
    return direction, Frame(draw(values.u32s), tuple(pieces))


@given(frames())
def test_a_frame_comes_back_the_same_and_always_has_one_size(pair: tuple[Direction, Frame]) -> None:
    direction, frame = pair
    encoded = encode_frame(direction, frame.slot, frame.pieces)
    assert len(encoded) == {Direction.UP: 2048, Direction.DOWN: 4096}[direction]
    assert decode_frame(direction, encoded) == frame
    assert frame.is_cover == (not frame.pieces)


@given(frames(), st.integers(0, 67), st.integers(1, 255))
def test_any_changed_header_byte_is_seen(pair: tuple[Direction, Frame], index: int, change: int) -> None:
    direction, frame = pair
    encoded = bytearray(encode_frame(direction, frame.slot, frame.pieces))
    encoded[index] ^= change
    with pytest.raises(MalformedError) as caught:
        decode_frame(direction, bytes(encoded))
    assert caught.value.code == "frame-malformed"


@given(frames(), st.integers(0, 4095), st.integers(1, 255))
def test_any_byte_behind_the_pieces_must_be_zero(pair: tuple[Direction, Frame], at: int, change: int) -> None:
    direction, frame = pair
    encoded = bytearray(encode_frame(direction, frame.slot, frame.pieces))
    end = 68 + sum(len(piece.data) for piece in frame.pieces)
    if end == len(encoded):
        return
    encoded[end + at % (len(encoded) - end)] ^= change
    with pytest.raises(MalformedError):
        decode_frame(direction, bytes(encoded))


@given(directions, st.binary(max_size=200))
def test_other_sizes_and_noise_are_refused(direction: Direction, noise: bytes) -> None:
    for data in (noise, noise.ljust(direction.frame_bytes, b"\0"), noise.ljust(direction.frame_bytes - 1, b"\0")):
        with pytest.raises(MalformedError):
            decode_frame(direction, data)


@pytest.mark.parametrize(
    "piece",
    [
        Piece(0, 0, 1, b"x"),
        Piece(1 << 31, 0, 1, b"x"),
        Piece(1, 0, 98_305, b"x"),
        Piece(1, 1, 1, b"x"),
        Piece(1, 0, 1, b""),
    ],
)
def test_an_encoder_does_not_write_what_a_decoder_refuses(piece: Piece) -> None:
    with pytest.raises(MalformedError):
        encode_frame(Direction.UP, 0, [piece])


def test_more_than_four_pieces_or_more_bytes_than_fit_are_not_written() -> None:
    with pytest.raises(MalformedError):
        encode_frame(Direction.UP, 0, [Piece(1, 0, 1, b"x")] * 5)
    with pytest.raises(MalformedError):
        encode_frame(Direction.UP, 0, [Piece(1, 0, 1981, bytes(1981))])


class Multiplexing(RuleBasedStateMachine):
    """Records go in at any time, frames go out at any time: whatever the order, all of them arrive whole."""

    def __init__(self) -> None:
        super().__init__()
        self.outgoing, self.incoming = Outgoing(Direction.UP), Incoming()
        self.sent: dict[int, bytes] = {}
        self.arrived: dict[int, bytes] = {}
        self.slot = 0

    @rule(length=st.sampled_from([1, 2, 494, 495, 496, 1979, 1980, 1981, 4000, 98_304]), seed=st.integers(0, 255))
    def a_record_is_added(self, length: int, seed: int) -> None:
        stream = len(self.sent) + 1
        self.sent[stream] = bytes((seed + index) % 256 for index in range(251)).ljust(length, b"\7")[:length]
        self.outgoing.add(stream, self.sent[stream])

    @rule()
    def a_frame_goes_over(self) -> None:
        self.slot += 1
        waiting = len(self.outgoing) > 0
        encoded = self.outgoing.next_frame(self.slot)
        assert len(encoded) == 2048
        frame = decode_frame(Direction.UP, encoded)
        assert frame.is_cover == (not waiting)
        for stream, record in self.incoming.accept(frame):
            assert stream not in self.arrived
            self.arrived[stream] = record

    @precondition(lambda self: len(self.outgoing) > 0)
    @rule()
    def frames_go_over_until_nothing_waits(self) -> None:
        pending = self.outgoing.pending_bytes
        # With up to four open records no byte of a frame is wasted while more of them wait.
        for _ in range(pending // 1980 + len(self.sent) + 1):
            if not len(self.outgoing):
                break
            self.a_frame_goes_over()
        assert not len(self.outgoing)

    @invariant()
    def nothing_is_changed_or_left_open_for_good(self) -> None:
        for stream, record in self.arrived.items():
            assert record == self.sent[stream]
        assert self.incoming.open_records <= MAX_OPEN_RECORDS
        assert len(self.arrived) + len(self.outgoing) == len(self.sent)

    @invariant()
    def what_is_pending_is_what_has_not_arrived(self) -> None:
        missing = sum(map(len, self.sent.values())) - sum(map(len, self.arrived.values()))
        assert self.outgoing.pending_bytes + self.incoming.pending_bytes == missing


TestMultiplexing = Multiplexing.TestCase
TestMultiplexing.settings = settings(max_examples=40, stateful_step_count=25)


def frames_until_gone(outgoing: Outgoing, stream: int) -> int:
    for count in range(1, 1000):
        frame = decode_frame(Direction.UP, outgoing.next_frame(count))
        if any(piece.stream == stream and piece.offset + len(piece.data) == piece.total for piece in frame.pieces):
            return count
    raise AssertionError("never gone")


def test_a_short_record_overtakes_a_long_one() -> None:
    outgoing = Outgoing(Direction.UP)
    outgoing.add(1, bytes(65_600))
    outgoing.next_frame(0)
    outgoing.add(2, bytes(400))
    assert frames_until_gone(outgoing, 2) == 1


def test_a_short_record_among_sixteen_waits_for_four_frames_at_most() -> None:
    outgoing = Outgoing(Direction.UP)
    for stream in range(1, 16):
        outgoing.add(stream, bytes(90_000))
    outgoing.next_frame(0)
    outgoing.add(16, bytes(100))
    assert frames_until_gone(outgoing, 16) <= 4


@pytest.mark.parametrize(("length", "slots"), [(1024 + 22, 1), (65_536 + 22, 34)])
def test_messages_leave_in_the_slots_the_spec_promises(length: int, slots: int) -> None:
    outgoing = Outgoing(Direction.UP)
    outgoing.add(1, bytes(length))
    assert frames_until_gone(outgoing, 1) == slots


def test_a_record_of_no_bytes_or_too_many_is_not_taken() -> None:
    for length in (0, 98_305):
        with pytest.raises(MalformedError):
            Outgoing(Direction.UP).add(1, bytes(length))
    Outgoing(Direction.UP).add(1, bytes(98_304))


def test_an_empty_sender_gives_a_cover_frame() -> None:
    assert decode_frame(Direction.DOWN, Outgoing(Direction.DOWN).next_frame(9)) == Frame(9, ())


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_a_lost_or_repeated_frame_never_gives_a_wrong_record(lengths: list[int], chance: object) -> None:
    outgoing = Outgoing(Direction.UP)
    records = {stream: bytes((stream,)) * length for stream, length in enumerate(lengths, 1)}
    for stream, record in records.items():
        outgoing.add(stream, record)
    encoded = []
    while len(outgoing):
        encoded.append(outgoing.next_frame(0))
    index = chance.randrange(len(encoded))  # type: ignore[attr-defined]
    for order in (encoded[:index] + encoded[index + 1 :], [*encoded[: index + 1], *encoded[index:]]):
        incoming = Incoming()
        with suppress(MalformedError):
            for frame in order:
                for stream, record in incoming.accept(decode_frame(Direction.UP, frame)):
                    assert record == records[stream]


def test_a_share_that_a_short_record_leaves_goes_to_the_long_one() -> None:
    outgoing = Outgoing(Direction.UP)
    outgoing.add(1, bytes(3_000))
    outgoing.add(2, bytes(10))
    assert sum(len(piece.data) for piece in outgoing.next_pieces()) == 1_980
    assert outgoing.pending_bytes == 1_030
