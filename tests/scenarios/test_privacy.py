"""What the server cannot know stays unknown to it: nothing that anybody writes, no address, no browser.

Random words are written through the real client; then everything the server has is searched for them: its files, its
tables, what it printed, and its memory while it runs.

Addresses and browsers are searched for in files, tables and logs only. They pass through the server's memory with
every connection, and freed memory is not overwritten: whoever can read it there can also read the network.
"""

import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from lyhty_wire.ids import LAWYER, PSYCHOLOGIST
from tests.provider import Provider
from tests.scenarios.actors import expert, reporter
from tests.scenarios.observer import observed
from tests.scenarios.searcher import Searcher, forms_of
from tests.scenarios.server_process import ServerProcess

ADDRESS: Final = "127.0.0.77"
USER_AGENT: Final = "Kuusipuuselain/7.31"
PLACES: Final = ("report", "topic", "service", "language", "chat of a reporter", "answer", "chat of an expert")

needs_proc = pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="memory is searched through /proc")


def fresh_word() -> str:
    """Of letters only, so that no JSON escapes it."""
    return "".join(secrets.choice("abcdefghijklmnoprstuvy") for _ in range(16))


@dataclass(frozen=True)
class AfterATalk:
    """A server that has carried a whole talk and still runs."""

    server: ServerProcess
    searcher: Searcher
    addresses: Searcher
    temporary: Path


@pytest.fixture
async def talk(own_server: Callable[..., ServerProcess], provider: Provider, tmp_path: Path) -> AfterATalk:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    server = own_server(settings={"TMPDIR": str(temporary)})
    words = {place: fresh_word() for place in PLACES}
    async with (
        observed(server.url, source=ADDRESS, extra_headers=f"User-Agent: {USER_AGENT}\r\n") as line,
        reporter(line.url) as pupil,
        expert(line.url, provider, provider.lawyer) as lawyer,
    ):
        await pupil.tells(
            f"They wrote {words['report']} about me.",
            of=[LAWYER, PSYCHOLOGIST],
            language=words["language"],
            service=words["service"],
            topic=words["topic"],
        )
        held = await lawyer.claims(pupil.case)
        await lawyer.answers(held, did_right=f"It was right to say {words['answer']}.")
        await pupil.reads(words["answer"])
        await pupil.writes(f"Thank you, {words['chat of a reporter']}.")
        await lawyer.writes(held, f"We look again, {words['chat of an expert']}.")
        await pupil.reads(words["chat of an expert"])
        async with reporter(line.url, phrase=pupil.phrase) as again:
            await again.comes_back()
    await ask_with_a_name(server.url)
    never = [*words.values(), provider.lawyer.password]
    return AfterATalk(server, Searcher(never), Searcher([ADDRESS, USER_AGENT]), temporary)


async def ask_with_a_name(url: str) -> None:
    """Every kind of request from an address and a browser of one's own, refused ones too."""
    connector = aiohttp.TCPConnector(local_addr=(ADDRESS, 0))
    async with aiohttp.ClientSession(connector=connector, headers={"User-Agent": USER_AGENT}) as session:
        for method, path in [
            ("GET", "/"),
            ("GET", "/nothing"),
            ("POST", "/api/sign-in/start"),
            ("GET", "/api/queues/1"),
        ]:
            async with session.request(method, url + path, data=b"{" if method == "POST" else None) as answer:
                await answer.read()
        async with session.ws_connect(url + "/channel") as channel:
            await channel.receive()
            await channel.send_str(USER_AGENT)
            await channel.receive()
        async with session.ws_connect(url + "/feed") as feed:
            await feed.send_str("{")
            await feed.receive()


async def test_no_word_of_a_talk_is_in_any_file_of_the_server(talk: AfterATalk) -> None:
    assert talk.searcher.in_files(talk.server.data, talk.server.said, talk.temporary) == []


async def test_no_word_of_a_talk_is_in_any_table(talk: AfterATalk) -> None:
    assert talk.searcher.in_tables(talk.server.data / "lyhty.db") == []


@needs_proc
async def test_no_word_of_a_talk_is_in_the_servers_memory(talk: AfterATalk) -> None:
    assert talk.searcher.in_memory(talk.server.pid) == []


async def test_no_address_and_no_browser_is_in_any_file_table_or_log(talk: AfterATalk) -> None:
    found = talk.addresses.in_files(talk.server.data, talk.server.said, talk.temporary)
    assert found + talk.addresses.in_tables(talk.server.data / "lyhty.db") == []


# --- The searcher finds what is there


@pytest.mark.parametrize("form", forms_of("kuusipää1").keys())
def test_a_word_in_this_form_is_found_in_a_file(tmp_path: Path, form: str) -> None:
    (tmp_path / "file").write_bytes(os.urandom(100_000) + forms_of("kuusipää1")[form] + os.urandom(100_000))
    assert form in {found.form for found in Searcher(["kuusipää1"]).in_files(tmp_path)}


def test_a_word_on_the_border_of_two_chunks_is_found() -> None:
    found = Searcher(["kuusipuu1"]).in_chunks([b"kuusi", b"puu1"], "here")
    assert [each.form for each in found] == ["UTF-8"]


@pytest.mark.parametrize("offset", range(5))
def test_a_word_inside_base64_is_found_wherever_it_stands(offset: int) -> None:
    encoded = base64.b64encode(os.urandom(offset) + b"kuusipuu1" + os.urandom(7))
    assert Searcher(["kuusipuu1"]).in_bytes(encoded, "here")


def test_a_word_nobody_wrote_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(os.urandom(1_000_000))
    assert Searcher([fresh_word()]).in_files(tmp_path) == []


@needs_proc
def test_a_word_in_a_processs_memory_is_found() -> None:
    word = fresh_word()
    holder = subprocess.Popen(
        [sys.executable, "-c", "kept = input().encode(); print(len(kept), flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write(word.encode() + b"\n")
        holder.stdin.flush()
        holder.stdout.readline()
        assert Searcher([word]).in_memory(holder.pid)
        holder.stdin.write(b"\n")


@needs_proc
async def test_a_word_the_server_was_told_in_clear_is_found_in_its_memory(
    own_server: Callable[..., ServerProcess],
) -> None:
    """An expert's account name is no secret and is looked up as it is: the search reaches the server's memory."""
    server, word = own_server(), fresh_word()
    async with aiohttp.ClientSession() as session:
        for _ in range(50):
            async with session.post(server.url + "/api/sign-in/start", json={"name": word}) as answer:
                assert answer.status == 200
        assert Searcher([word]).in_memory(server.pid)


async def test_a_word_in_a_table_is_found(own_server: Callable[..., ServerProcess], provider: Provider) -> None:
    server = own_server()
    found = Searcher([provider.psychologist.name]).in_tables(server.data / "lyhty.db")
    assert "table experts" in {each.where for each in found}
