"""Whatever is asked on a channel: an answer, or a code of SPEC 7 that channels give. Never a bug."""

import asyncio
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lyhty_wire.codes import Code
from lyhty_wire.proofs import to_prove_resume
from lyhty_wire.records import Erase, Fetch, Give, HandOver, Open, Operation, Put, Resume, TakeBack, TurnKey
from tests.provider import Provider, make_provider
from tests.raw_channel import ChannelClosedError, RawChannel, RefusedByServerError, raw_channel
from tests.scenarios.server_process import ServerProcess
from tests.wire import values
from tests.writing import Written, hand_over_of, slip_of, write_report

OPERATION_OF = {
    Open: Operation.OPEN, Resume: Operation.RESUME, Put: Operation.PUT, Fetch: Operation.FETCH, Erase: Operation.ERASE,
    TurnKey: Operation.TURN, HandOver: Operation.HAND_OVER, Give: Operation.GIVE, TakeBack: Operation.TAKE_BACK,
}  # fmt: skip
ONLY_ON_HTTP = {
    Code.CASE_ALREADY_CLAIMED, Code.CASE_NOT_HELD, Code.NOT_SIGNED_IN, Code.SIGN_IN_FAILED, Code.ROUTE_UNKNOWN,
    Code.METHOD_NOT_ALLOWED, Code.INTERNAL,
}  # fmt: skip
PATIENCE_S = 30
NOISE = os.urandom(2048)

Asked = tuple[Operation, bytes]


@pytest.fixture(scope="module")
def provider() -> Provider:
    return make_provider(1_795_000_000)


@pytest.fixture(scope="module")
def server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Without slots, so that a thousand questions take seconds."""
    with ServerProcess(provider.write(tmp_path_factory.mktemp("fuzzed") / "data"), slot_ms=0) as server:
        yield server.start()


def likely(channel: RawChannel, written: Written) -> st.SearchStrategy[Asked]:
    """What a client of this case would ask."""
    instance = written.instance
    proof = written.keys.auth.sign(to_prove_resume(instance, channel.hello.nonce))
    wraps = tuple(wrap.encode() for wrap in written.case.case_wraps)
    asked: list[Asked] = [
        (Operation.RESUME, Resume(written.keys.auth.public, proof).encode()),
        (Operation.PUT, Put(written.chat("More of it.", 2).envelope).encode()),
        (Operation.PUT, Put(written.chat("And more.", 3).envelope).encode()),
        (Operation.PUT_LATE, Put(written.chat("And later.", 4).envelope).encode()),
        (Operation.FETCH, Fetch(0, 0, 65_536).encode()),
        (Operation.TURN, TurnKey(1, written.case.roster.encode(), wraps[0], bytes(48), wraps, bytes(1024)).encode()),
        (Operation.HAND_OVER, hand_over_of(written.handover()).encode()),
        (Operation.ERASE, Erase(bytes(64)).encode()),
        (Operation.TRUST, b""),
        (Operation.SLIPS, b""),
        (Operation.GIVE, slip_of(written)[0].encode()),
    ]
    return st.sampled_from(asked)


shaped = values.bodies.filter(lambda body: type(body) in OPERATION_OF).map(
    lambda body: (OPERATION_OF[type(body)], body.encode())
)
noise = st.tuples(st.sampled_from(Operation), st.binary(max_size=200))


@st.composite
def changed(draw: st.DrawFn, likely_ones: st.SearchStrategy[Asked]) -> Asked:
    operation, body = draw(likely_ones)
    return operation, draw(values.mutated(body))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_anything_asked_is_answered_or_refused_by_a_code_of_channels(
    data: st.DataObject, server: ServerProcess, provider: Provider
) -> None:
    before = server.stderr.count("internal-error")
    asyncio.run(_ask(data, server, write_report(provider.directory)))
    assert server.returncode is None
    assert server.stderr.count("internal-error") == before, server.stderr


async def _ask(data: st.DataObject, server: ServerProcess, written: Written) -> None:
    async with raw_channel(server.url) as channel, asyncio.timeout(PATIENCE_S):
        if data.draw(st.booleans()):
            await channel.open(written.case, written.keys.auth)
        ones = likely(channel, written)
        for operation, body in data.draw(st.lists(ones | changed(ones) | shaped | noise, min_size=1, max_size=12)):
            assert await _code(channel, operation, body) not in ONLY_ON_HTTP


async def _code(channel: RawChannel, operation: Operation, body: bytes) -> Code | None:
    try:
        await channel.perform(operation, body)
    except RefusedByServerError as refusal:
        return refusal.code
    return None


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(frames=st.lists(st.binary(max_size=300) | st.just(NOISE), min_size=1, max_size=4), text=st.booleans())
def test_any_bytes_on_a_socket_end_that_channel_and_nothing_else(
    frames: list[bytes], text: bool, server: ServerProcess
) -> None:
    before = server.stderr.count("internal-error")
    asyncio.run(_shout(frames, text, server))
    assert server.returncode is None
    assert server.stderr.count("internal-error") == before, server.stderr


async def _shout(frames: list[bytes], text: bool, server: ServerProcess) -> None:
    async with raw_channel(server.url) as channel, asyncio.timeout(PATIENCE_S):
        for frame in frames:
            try:
                await channel.send_frame(frame.hex() if text else frame)
            except ChannelClosedError:
                break
        try:
            assert (await channel.fault()) is Code.FRAME_MALFORMED
        except ChannelClosedError:
            # Who shouts on at a closed socket may lose what was said to them.
            assert len(frames) > 1
