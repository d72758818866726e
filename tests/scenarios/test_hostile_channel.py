"""What a channel refuses, by its stable code; and that the server goes on serving everybody else."""

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.passphrase import ReporterKeys
from lyhty_wire.directories import Queue, QueueEpoch
from lyhty_wire.frames import UP_BYTES, Direction, Piece, encode_frame
from lyhty_wire.ids import LAWYER, Epoch, QueueId, SignKey
from lyhty_wire.proofs import to_prove_erase
from lyhty_wire.records import Erase, Fetch, Open, Operation, Put, Resume, TurnKey
from tests.provider import Provider
from tests.raw_channel import RawChannel, RefusedByServerError, cover_frame, raw_channel
from tests.scenarios.server_process import ServerProcess
from tests.writing import Written, write_report


@pytest.fixture
async def channel(server: ServerProcess) -> AsyncIterator[RawChannel]:
    async with raw_channel(server.url) as channel:
        yield channel
    async with raw_channel(server.url) as another:  # the next visitor notices nothing
        await another.beat()


@pytest.fixture
def written(provider: Provider) -> Written:
    return write_report(provider.directory)


@pytest.fixture
async def case(channel: RawChannel, written: Written) -> Written:
    """A case that is open on the channel."""
    await channel.open(written.case, written.keys.auth)
    return written


async def refused(channel: RawChannel, operation: Operation, body: bytes) -> str:
    with pytest.raises(RefusedByServerError) as refusal:
        await channel.perform(operation, body)
    return str(refusal.value)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]


# --- Frames


def frame_of(channel: RawChannel, *pieces: Piece) -> bytes:
    return encode_frame(Direction.UP, channel.frames[-1].slot + 1, pieces)


WRONG_FRAMES: dict[str, Callable[[bytes], bytes | str]] = {
    "empty": lambda _frame: b"",
    "a byte short": lambda frame: frame[:-1],
    "a byte long": lambda frame: frame + b"\0",
    "as long as a down frame": lambda frame: frame + bytes(UP_BYTES),
    "text": lambda frame: "x" * len(frame),
    "of another version": lambda frame: flipped(frame, 0),
    "in the other direction": lambda frame: encode_frame(Direction.DOWN, 2)[: len(frame)],
    "with a flipped header bit": lambda frame: flipped(frame, 20),
    "with a flipped check": lambda frame: flipped(frame, 66),
    "with fill that is not zero": lambda frame: flipped(frame, len(frame) - 1),
    "of nothing but noise": lambda frame: os.urandom(len(frame)),
}


@pytest.mark.parametrize("change", WRONG_FRAMES.values(), ids=WRONG_FRAMES.keys())
async def test_a_malformed_frame_is_refused_and_the_channel_closed(
    channel: RawChannel, change: Callable[[bytes], bytes | str]
) -> None:
    frame = await channel.read()
    await channel.send_frame(change(cover_frame(frame.slot)))
    assert (await channel.fault()).text == "frame-malformed"


async def test_a_frame_of_a_hundred_kilobytes_ends_the_channel(channel: RawChannel) -> None:
    await channel.send_frame(bytes(100_000))
    assert await channel.read_to_the_end() < 29  # whoever does not answer gets thirty, of which one was read
    assert channel.socket.close_code == 1009


@pytest.mark.parametrize("ahead", [1, 1_000])
async def test_an_answer_to_a_frame_that_was_not_sent_is_refused(channel: RawChannel, ahead: int) -> None:
    frame = await channel.read()
    await channel.send_frame(cover_frame(frame.slot + ahead))
    assert (await channel.fault()).text == "frame-malformed"


async def test_a_second_answer_to_the_same_frame_is_refused(channel: RawChannel) -> None:
    frame = await channel.beat()
    await channel.send_frame(cover_frame(frame.slot))
    assert (await channel.fault()).text == "frame-malformed"


async def test_an_answer_without_a_slot_is_refused(channel: RawChannel) -> None:
    await channel.read()
    await channel.send_frame(cover_frame(0))
    assert (await channel.fault()).text == "frame-malformed"


async def test_who_leaves_thirty_frames_unanswered_is_closed_without_a_word(channel: RawChannel) -> None:
    assert await channel.read_to_the_end() == 30
    assert (channel.socket.close_code, channel.socket.close_reason) == (1000, "")


WRONG_PIECES: dict[str, tuple[Piece, ...]] = {
    "that starts in the middle": (Piece(1, 10, 100, b"x"),),
    "that comes twice": (Piece(1, 0, 100, b"x"), Piece(1, 0, 100, b"x")),
    "that leaves a gap": (Piece(1, 0, 100, b"x"), Piece(1, 2, 100, b"x")),
    "that changes its record's length": (Piece(1, 0, 100, b"x"), Piece(1, 1, 101, b"x")),
}


@pytest.mark.parametrize("pieces", WRONG_PIECES.values(), ids=WRONG_PIECES.keys())
async def test_a_piece_out_of_order_is_refused(channel: RawChannel, pieces: tuple[Piece, ...]) -> None:
    frame = await channel.read()
    await channel.send_frame(encode_frame(Direction.UP, frame.slot, pieces))
    assert (await channel.fault()).text == "frame-malformed"


async def test_more_than_sixteen_open_records_are_refused(channel: RawChannel) -> None:
    for first in range(1, 20, 4):
        frame = await channel.read()
        pieces = [Piece(stream, 0, 100, b"x") for stream in range(first, first + 4)]
        await channel.send_frame(encode_frame(Direction.UP, frame.slot, pieces))
    assert (await channel.fault()).text == "frame-malformed"


RECORDS = {
    "too short": b"\x01\x01",
    "of another version": b"\x02\x07" + os.urandom(16),
    "without an operation id": b"\x01\x07" + bytes(16),
    "with an operation nobody knows": b"\x01\x7f" + os.urandom(16),
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS.keys())
async def test_a_record_that_is_no_operation_is_refused(channel: RawChannel, record: bytes) -> None:
    frame = await channel.read()
    await channel.send_frame(encode_frame(Direction.UP, frame.slot, [Piece(1, 0, len(record), record)]))
    assert (await channel.fault()).text == "operation-malformed"


# --- Operations that do not parse, and those that come too early


@pytest.mark.parametrize("operation", Operation)
async def test_an_operation_of_noise_is_refused(channel: RawChannel, operation: Operation, case: Written) -> None:
    assert await refused(channel, operation, os.urandom(50)) == "operation-malformed"


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        (Operation.PUT, Put(bytes(1024)).encode()),
        (Operation.FETCH, Fetch(0, 0, 1000).encode()),
        (Operation.ERASE, Erase(bytes(64)).encode()),
        (Operation.TURN, TurnKey(1, b"", bytes(1213), bytes(48), (), b"").encode()),
    ],
)
async def test_nothing_of_a_case_is_done_before_it_is_resumed(
    channel: RawChannel, operation: Operation, body: bytes
) -> None:
    assert await refused(channel, operation, body) == "not-resumed"


# --- Opening


Change = Callable[[Open], Open]

CHANGED_OPENINGS: dict[str, tuple[Change, str]] = {
    "a flipped proof": (lambda it: structs.replace(it, proof=flipped(it.proof, 0)), "signature-invalid"),
    "another key": (lambda it: structs.replace(it, auth_pk=SigningKey(os.urandom(32)).public), "signature-invalid"),
    "a key that is none": (lambda it: structs.replace(it, auth_pk=SignKey(bytes(32))), "signature-invalid"),
    "another card": (lambda it: structs.replace(it, card=flipped(it.card, 500)), "signature-invalid"),
    "another report": (lambda it: structs.replace(it, report=flipped(it.report, 500)), "signature-invalid"),
    "a wrap too few": (lambda it: structs.replace(it, case_wraps=()), "signature-invalid"),
}


@pytest.mark.parametrize(("change", "code"), CHANGED_OPENINGS.values(), ids=CHANGED_OPENINGS.keys())
async def test_an_opening_changed_after_it_was_proved_is_refused(
    channel: RawChannel, written: Written, change: Change, code: str
) -> None:
    opening = change(channel.proved(written.case, written.keys.auth))
    assert await refused(channel, Operation.OPEN, opening.encode()) == code


async def test_an_opening_proved_for_another_channel_is_refused(channel: RawChannel, written: Written) -> None:
    other = channel.proved(written.case, written.keys.auth)
    opening = written.case.prove(written.keys.auth, os.urandom(32), other.work)
    assert await refused(channel, Operation.OPEN, opening.encode()) == "signature-invalid"


def reproved(written: Written, channel: RawChannel, **changes: Any) -> bytes:
    """A reporter who proves whatever they send."""
    from lyhty_wire.proofs import to_prove_open

    opening = structs.replace(channel.proved(written.case, written.keys.auth), **changes)
    proof = written.keys.auth.sign(to_prove_open(written.instance, channel.hello.nonce, opening.after_proof()))
    return structs.replace(opening, proof=proof).encode()


@pytest.mark.parametrize(("field", "at"), [("instance", 1), ("commitment", 69), ("signer", -96)])
async def test_a_roster_of_another_instance_key_or_signer_is_refused(
    channel: RawChannel, written: Written, field: str, at: int
) -> None:
    roster = written.case.roster.encode()
    body = reproved(written, channel, roster=flipped(roster, at % len(roster)))
    assert await refused(channel, Operation.OPEN, body) == "signature-invalid", field


async def test_a_wrap_that_the_roster_does_not_name_is_refused(
    channel: RawChannel, written: Written, provider: Provider
) -> None:
    other = write_report(provider.directory).case.case_wraps[0].encode()
    body = reproved(written, channel, case_wraps=(other,))
    assert await refused(channel, Operation.OPEN, body) in {"signature-invalid", "envelope-malformed"}


async def test_a_report_larger_than_the_largest_envelope_is_too_large(channel: RawChannel, written: Written) -> None:
    body = reproved(written, channel, report=written.case.report.envelope[:75] + bytes(65_500))
    assert await refused(channel, Operation.OPEN, body) == "too-large"


async def test_a_report_of_no_legal_size_is_malformed(channel: RawChannel, written: Written) -> None:
    body = reproved(written, channel, report=written.case.report.envelope + b"\0")
    assert await refused(channel, Operation.OPEN, body) == "envelope-malformed"


async def test_a_report_in_place_of_a_card_is_malformed(channel: RawChannel, written: Written) -> None:
    body = reproved(written, channel, card=written.chat("I am no card.", 1).envelope)
    assert await refused(channel, Operation.OPEN, body) == "envelope-malformed"


async def test_a_queue_the_directory_does_not_know_is_refused(channel: RawChannel, provider: Provider) -> None:
    extra = Queue(QueueId(3), "lawyer", (QueueEpoch(Epoch(1), KemKeyPair(os.urandom(32)).public),))
    imagined = provider.reissued(queues=(*provider.directory_body.queues, extra))
    written = write_report(imagined.directory, queues=[QueueId(3)])
    body = channel.proved(written.case, written.keys.auth).encode()
    assert await refused(channel, Operation.OPEN, body) == "queue-unknown"


async def test_a_key_the_queue_does_not_use_is_stale(channel: RawChannel, provider: Provider) -> None:
    first, *others = provider.directory_body.queues
    other_epoch = replace(first, epochs=(QueueEpoch(Epoch(2), first.current.kem),))
    imagined = provider.reissued(queues=(other_epoch, *others))
    written = write_report(imagined.directory, queues=[LAWYER])
    body = channel.proved(written.case, written.keys.auth).encode()
    assert await refused(channel, Operation.OPEN, body) == "epoch-stale"


async def test_an_opening_sent_twice_is_stored_once_and_answered_twice(channel: RawChannel, case: Written) -> None:
    assert await channel.open(case.case, case.keys.auth) == 1
    assert (await channel.resume(case.keys, case.instance)).last_seq == 1


async def test_other_bytes_for_an_open_case_are_a_conflict(channel: RawChannel, case: Written) -> None:
    other = case.case.card.envelope
    body = reproved(case, channel, card=flipped(other, 900))
    assert await refused(channel, Operation.OPEN, body) == "object-conflict"


async def test_a_second_case_in_the_same_mailbox_is_a_conflict(
    channel: RawChannel, case: Written, provider: Provider
) -> None:
    second = write_report(provider.directory)
    keys: ReporterKeys = replace(second.keys, auth=case.keys.auth)
    body = channel.proved(second.case, keys.auth).encode()
    assert await refused(channel, Operation.OPEN, body) == "object-conflict"


# --- Coming back


async def test_a_wrong_phrase_finds_no_mailbox(channel: RawChannel, written: Written) -> None:
    with pytest.raises(RefusedByServerError, match="mailbox-unknown"):
        await channel.resume(written.keys, written.instance)


async def test_a_proof_of_another_channel_opens_no_mailbox(channel: RawChannel, case: Written) -> None:
    proof = case.keys.auth.sign(b"lyhty/v1/resume|" + case.instance + os.urandom(32))
    body = Resume(case.keys.auth.public, proof).encode()
    assert await refused(channel, Operation.RESUME, body) == "signature-invalid"


# --- Writing


async def test_a_message_sent_twice_is_stored_once(channel: RawChannel, case: Written) -> None:
    chat = case.chat("Are you there?").envelope
    assert (await channel.put(chat), await channel.put(chat)) == (2, 2)


async def test_the_same_object_id_with_other_bytes_is_a_conflict(channel: RawChannel, case: Written) -> None:
    chat = case.chat("Are you there?").envelope
    await channel.put(chat)
    assert await refused(channel, Operation.PUT, Put(flipped(chat, 1000)).encode()) == "object-conflict"


async def test_a_second_message_with_the_same_number_is_a_conflict(channel: RawChannel, case: Written) -> None:
    await channel.put(case.chat("Are you there?").envelope)
    body = Put(case.chat("Is anybody there?").envelope).encode()
    assert await refused(channel, Operation.PUT, body) == "counter-conflict"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda envelope: envelope[:-1], "envelope-malformed"),
        (lambda envelope: envelope + bytes(1), "envelope-malformed"),
        (lambda envelope: flipped(envelope, 0), "envelope-malformed"),
        (lambda envelope: envelope + bytes(70_000), "too-large"),
        (lambda _envelope: b"", "envelope-malformed"),
    ],
    ids=["a byte short", "a byte long", "of another version", "70 kB", "empty"],
)
async def test_a_message_that_is_no_envelope_is_refused(
    channel: RawChannel, case: Written, change: Callable[[bytes], bytes], code: str
) -> None:
    body = Put(change(case.chat("Are you there?").envelope)).encode()
    assert await refused(channel, Operation.PUT, body) == code


async def test_a_message_by_somebody_else_is_refused(channel: RawChannel, case: Written) -> None:
    stranger = case.chat("I am the reporter.", author=SigningKey(os.urandom(32))).envelope
    assert await refused(channel, Operation.PUT, Put(stranger).encode()) == "envelope-malformed"


# --- Erasing


async def test_erasing_needs_the_reporters_signature(channel: RawChannel, case: Written) -> None:
    assert await refused(channel, Operation.ERASE, Erase(bytes(64)).encode()) == "signature-invalid"


async def test_an_erased_case_refuses_all_late_retries(channel: RawChannel, case: Written) -> None:
    proof = case.keys.sign.sign(to_prove_erase(case.instance, case.id))
    await channel.perform(Operation.ERASE, Erase(proof).encode())
    assert await channel.perform(Operation.ERASE, Erase(proof).encode()) == b""
    chat = Put(case.chat("Too late.").envelope).encode()
    assert await refused(channel, Operation.PUT, chat) == "case-erased"
    assert await refused(channel, Operation.FETCH, Fetch(0, 0, 1000).encode()) == "case-erased"
    opening = channel.proved(case.case, case.keys.auth).encode()
    assert await refused(channel, Operation.OPEN, opening) == "case-erased"
    with pytest.raises(RefusedByServerError, match="mailbox-unknown"):
        await channel.resume(case.keys, case.instance)
