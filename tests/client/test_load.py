"""What the load driver sends is what a reporter would send."""

from websockets.frames import Frame
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from lyhty_client.load import DEFAULT_TEXT, Measured, prepare_opening
from lyhty_wire.directories import Directory
from lyhty_wire.envelopes import decode_header
from lyhty_wire.frames import Direction, decode_frame
from lyhty_wire.ids import LAWYER
from lyhty_wire.multiplex import Incoming
from lyhty_wire.proofs import to_prove_open, verify
from lyhty_wire.records import Open, Operation, UpRecord
from lyhty_wire.rosters import UntrustedRoster
from lyhty_wire.work import Terms
from lyhty_wire.wraps import Wrap
from tests.client.conftest import NOW, Instance

TERMS = Terms(b"challenge at ten", 100)


def sent(directory: Directory, nonce: bytes) -> tuple[int, UpRecord]:
    opening = prepare_opening(directory, TERMS, [LAWYER], 7, now=NOW)
    reading, incoming = ServerProtocol(state=OPEN), Incoming()
    reading.receive_data(opening.travel(directory.instance, nonce))
    records = [
        record
        for message in reading.events_received()
        if isinstance(message, Frame)
        for record in incoming.accept(decode_frame(Direction.UP, bytes(message.data)))
    ]
    assert len(records) == 1
    return records[0][0], UpRecord.decode(records[0][1])


def test_a_prepared_report_is_a_whole_opening_with_a_proof_for_the_channel(instance: Instance) -> None:
    nonce = b"n" * 32
    stream, record = sent(instance.directory, nonce)
    opened = Open.decode(record.body)
    assert (stream, record.operation) == (7, Operation.OPEN)
    verify(opened.auth_pk, opened.proof, to_prove_open(instance.provider.instance, nonce, opened.after_proof()))
    roster = UntrustedRoster.decode(opened.roster).verify_opening(instance.provider.instance)
    roster.check_case_wraps([Wrap.decode(wrap) for wrap in opened.case_wraps])
    opened.work.check(instance.provider.instance, roster.case, TERMS.effort)
    roster.check_card_wraps([Wrap.decode(wrap) for wrap in opened.card_wraps])
    assert decode_header(opened.report).author == roster.signer


def test_a_default_report_has_fifteen_hundred_characters() -> None:
    assert 1_500 <= len(DEFAULT_TEXT) < 1_600


def test_the_result_tells_how_many_were_accepted_and_how_long_they_took() -> None:
    measured = Measured(seconds=2.0)
    for index in range(100):
        measured.written[str(index)] = 1.0
        measured.acknowledged[str(index)] = 1.0 + index / 1000
    result = measured.result()
    assert result["accepted_per_s"] == 50.0
    assert result["written_to_acknowledged_ms"] == {"p50": 50.0, "p99": 99.0, "max": 99.0}
    assert result["written_to_feed_ms"] is None
