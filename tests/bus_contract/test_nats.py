"""What is special to a bus that is a server of its own: it may be away, it may be asked for a password, it may lie."""

import asyncio
import io
import os
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest

from lyhty_server.bus.address import BusAddress, BusAddressError
from lyhty_server.bus.nats import NatsBus
from lyhty_server.bus.seal import Opener, Seal
from lyhty_server.config import Config, ConfigError
from lyhty_server.journal import Journal, quiet_libraries
from tests.bench.traffic.certificate import make_certificate
from tests.bus_contract.conftest import SECRET, End
from tests.patience import PATIENCE_S
from tests.servers.nats import nats_server

SUBJECT = "test.nats"


@asynccontextmanager
async def on(url: str, *, secret: bytes = SECRET) -> AsyncIterator[End]:
    end = End(NatsBus(BusAddress.parse(url), SUBJECT, secret, os.urandom))
    await end.bus.start(end._hear, end._changed)
    try:
        yield end
    finally:
        await end.bus.close()


async def test_it_comes_back_by_itself_after_the_server_was_away() -> None:
    with nats_server() as server:
        async with on(server.url) as first, on(server.url) as second:
            await first.until(lambda: first.is_up)
            await second.until(lambda: second.is_up)
            server.stop()
            await first.until(lambda: not first.is_up)
            await second.until(lambda: not second.is_up)
            first.bus.say(b"into the void")
            server.start()
            await first.until(lambda: first.is_up)
            await second.until(lambda: second.is_up)
            first.bus.say(b"again")
            await second.hears(b"again")
            assert first.changes == second.changes == [True, False, True]


async def test_a_server_that_is_away_at_the_start_is_waited_for() -> None:
    with nats_server() as server:
        server.stop()
        async with on(server.url) as end:
            assert not end.is_up
            server.start()
            await end.until(lambda: end.is_up)


async def test_what_could_not_be_said_for_a_second_is_dropped_and_the_rest_is_said(nats: str) -> None:
    async with on(nats) as first, on(nats) as second:
        await first.until(lambda: first.is_up)
        await second.until(lambda: second.is_up)
        first.bus.say(b"old")
        # A loop that stood still: a second has passed before it came to send.
        time.sleep(1.1)  # noqa: ASYNC251 - it is what is tested
        first.bus.say(b"new")
        await second.hears(b"new")


async def test_who_has_another_key_is_not_heard_and_hears_nothing(nats: str) -> None:
    async with on(nats) as first, on(nats) as second, on(nats, secret=b"x" * 32) as stranger:
        for end in (first, second, stranger):
            await end.until(lambda end=end: end.is_up)  # type: ignore[misc]
        stranger.bus.say(b"false")
        first.bus.say(b"true")
        await second.hears(b"true")
        assert stranger.heard == []


async def test_the_server_sees_no_word_of_it(nats: str) -> None:
    watcher = await nats_client(nats)
    seen: asyncio.Queue[bytes] = asyncio.Queue()

    async def see(message: object) -> None:
        seen.put_nowait(message.data)  # type: ignore[attr-defined]

    await watcher.subscribe(SUBJECT, cb=see)
    await watcher.flush()
    async with on(nats) as end:
        await end.until(lambda: end.is_up)
        end.bus.say(b"a planted word")
        carried = await asyncio.wait_for(seen.get(), PATIENCE_S)
        assert b"planted" not in carried
    await watcher.close()


async def nats_client(url: str) -> nats.aio.client.Client:
    return await nats.connect(url, allow_reconnect=False)


def test_the_same_news_are_opened_once() -> None:
    seal, opener = Seal(SECRET, b"a" * 16), Opener(SECRET, b"b" * 16)
    first, second = seal.seal(b"1"), seal.seal(b"2")
    assert [opener.open(each) for each in (first, first, second, first)] == [b"1", None, b"2", None]


def test_what_did_not_come_is_noticed_with_what_comes_after_it_and_once() -> None:
    seal, opener = Seal(SECRET, b"a" * 16), Opener(SECRET, b"b" * 16)
    seal.seal(b"before anybody listened")
    opener.open(seal.seal(b"1"))
    for lost in (0, 1, 5):
        before = opener.gaps
        for _ in range(lost):
            seal.seal(b"lost")
        after = seal.seal(b"2")
        assert [opener.open(after), opener.open(after)] == [b"2", None]
        assert opener.gaps - before == (lost > 0)


def test_every_byte_that_is_changed_is_noticed() -> None:
    sealed = Seal(SECRET, b"a" * 16).seal(b"look there")
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        assert Opener(SECRET, b"b" * 16).open(bytes(changed)) is None
    assert Opener(SECRET, b"b" * 16).open(sealed[:20]) is None


async def test_a_password_is_needed_where_it_is_asked_for_and_is_never_written_down() -> None:
    journaled = io.StringIO()
    quiet_libraries(Journal(journaled))
    with nats_server("--user", "lyhty", "--pass", "planted-secret") as server:
        right = server.url.replace("//", "//lyhty:planted-secret@")
        wrong = server.url.replace("//", "//lyhty:planted-mistake@")
        async with on(wrong) as refused, on(right) as end:
            await end.until(lambda: end.is_up)
            assert not refused.is_up
            assert "planted" not in repr(BusAddress.parse(right))
    assert journaled.getvalue() == ""


async def test_over_tls_the_password_is_said_only_to_a_server_with_a_certificate_that_holds(tmp_path: Path) -> None:
    made = make_certificate(tmp_path)
    config = tmp_path / "nats.conf"
    config.write_text(
        f'authorization {{ user: "lyhty", password: "planted-secret" }}\n'
        f'tls {{ cert_file: "{made.cert}", key_file: "{made.key}", handshake_first: true }}\n'
    )
    with nats_server("-c", str(config)) as server:
        address = BusAddress.parse(server.url.replace("nats://", "tls://lyhty:planted-secret@"))
        trusting = ssl.create_default_context(cafile=str(made.cert))
        doubting = End(NatsBus(address, SUBJECT, SECRET, os.urandom))
        end = End(NatsBus(address, SUBJECT, SECRET, os.urandom, trusting))
        await doubting.bus.start(doubting._hear, doubting._changed)
        await end.start()
        assert not doubting.is_up
        await end.bus.close()
        await doubting.bus.close()


async def test_tls_is_never_left_out_because_the_server_has_none(nats: str) -> None:
    async with on(nats.replace("nats://", "tls://")) as refused, on(nats) as end:
        await end.until(lambda: end.is_up)
        assert not refused.is_up


@pytest.mark.parametrize(
    "text",
    [
        "", "bus", "http://bus:4222", "nats://", "nats://bus:0", "nats://bus:99999", "nats://bus/path", "nats://a b",
        "nats://a,tls://b", "nats://a,", "nats://u:planted-secret@a@b",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(BusAddressError) as refused:
        BusAddress.parse(text)
    assert "planted" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "is_tls"),
    [
        ("nats://127.0.0.1:4222", False), ("tls://user:pass@bus.example", True), ("nats://token@[::1]:4222", False),
        ("tls://a.example:1, tls://b.example:2", True),
    ],
)  # fmt: skip
def test_addresses(text: str, is_tls: bool) -> None:
    assert BusAddress.parse(text).is_tls == is_tls


def test_the_setting_is_read_and_a_wrong_one_is_refused_without_its_password(tmp_path: Path) -> None:
    assert Config.from_environ({}, tmp_path).bus is None
    config = Config.from_environ({"LYHTY_BUS_URL": "nats://lyhty:planted-secret@bus"}, tmp_path)
    assert config.bus is not None
    assert "planted" not in repr(config)
    with pytest.raises(ConfigError, match="LYHTY_BUS_URL must be") as refused:
        Config.from_environ({"LYHTY_BUS_URL": "redis://lyhty:planted-secret@bus"}, tmp_path)
    assert "planted" not in str(refused.value)
