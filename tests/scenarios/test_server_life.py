"""Starting, stopping and starting again: what is kept, what is forgotten, and what is said about it."""

import asyncio
import re
import resource
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from lyhty_client.demo import read_secrets
from lyhty_client.desk import Desk
from lyhty_client.errors import ClientError, ConnectionLostError
from lyhty_client.expert import Credentials, ExpertDesk
from lyhty_client.folder import DataFolder
from lyhty_client.trust import Site, fetch_directory, find_anchor
from lyhty_server.domain.crowd import BACKLOG, OWN_FILES, most_channels, most_connections
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST
from tests.provider import Provider
from tests.raw_channel import raw_channel
from tests.scenarios.actors import expert, now, reporter
from tests.scenarios.server_process import ServerDidNotStartError, ServerProcess

MakeServer = Callable[..., ServerProcess]
LYHTY: Final = (sys.executable, "-m", "lyhty_client")
PROMPT_S = 5  # a second when nothing else runs


async def test_a_restart_keeps_everything(own_server: MakeServer, provider: Provider) -> None:
    server = own_server()
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("They shared a picture of me.", of=[LAWYER, PSYCHOLOGIST])
        await lawyer.writes(await lawyer.claims(pupil.case), "I am here.")
    server.stop()
    server.restart()
    async with (
        reporter(server.url, phrase=pupil.phrase) as again,
        expert(server.url, provider, provider.psychologist) as psychologist,
    ):
        await again.comes_back()
        assert again.texts == ["They shared a picture of me.", "I am here."]
        assert again.states == ["held"]
        assert await psychologist.finds(pupil.case) is not None


async def test_what_was_acknowledged_survives_a_kill(own_server: MakeServer) -> None:
    server = own_server()
    async with reporter(server.url) as pupil:
        await pupil.tells("They shared a picture of me.")
        server.kill()
    server.restart()
    async with reporter(server.url, phrase=pupil.phrase) as again:
        await again.comes_back()
        assert again.texts == ["They shared a picture of me."]


async def test_a_channel_finds_the_server_again_after_a_restart(own_server: MakeServer) -> None:
    server = own_server()
    async with reporter(server.url) as pupil:
        await pupil.tells("They shared a picture of me.")
        await asyncio.to_thread(server.kill)
        waiting = asyncio.create_task(pupil.writes("Are you still there?"))
        await asyncio.to_thread(server.restart)
        await waiting
        assert pupil.texts == ["They shared a picture of me.", "Are you still there?"]


async def test_an_erased_case_stays_erased_after_a_restart(own_server: MakeServer) -> None:
    server = own_server()
    async with reporter(server.url) as pupil:
        await pupil.tells("I have thought better of it.")
        await pupil.erases_everything()
    server.kill()
    server.restart()
    async with reporter(server.url, phrase=pupil.phrase) as again:
        with pytest.raises(ClientError, match="mailbox-unknown"):
            await again.comes_back()


@pytest.mark.parametrize("ends", [ServerProcess.stop, ServerProcess.kill])
async def test_no_expert_is_signed_out_by_a_restart(
    own_server: MakeServer, provider: Provider, ends: Callable[[ServerProcess], int]
) -> None:
    server = own_server()
    async with expert(server.url, provider, provider.lawyer) as lawyer:
        await asyncio.to_thread(ends, server)
        await asyncio.to_thread(server.restart)
        await lawyer.desk.inbox(LAWYER)


async def test_a_page_and_a_desk_that_stay_open_go_on_over_a_restart(
    own_server: MakeServer, provider: Provider
) -> None:
    server = own_server()
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("They shared a picture of me.")
        held = await lawyer.claims(pupil.case)
        for each in range(3):
            lawyer.ready.clear()
            writing = asyncio.create_task(pupil.writes(f"and again, {each}"))
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.restart)
            listens = asyncio.create_task(lawyer.listen())  # as a console does by itself
            await writing
            await lawyer.ready.wait()
            await lawyer.reads(held, f"and again, {each}")
            await lawyer.writes(held, f"I read it, {each}.")
            await pupil.reads(f"I read it, {each}.")
            listens.cancel()
        said = [f"{words}, {each}" for each in range(3) for words in ("and again", "I read it")]
        told = [text.rstrip(".") for text in pupil.texts[1:]]
        assert sorted(told) == sorted(said)
    assert "internal-error" not in server.stderr


async def test_who_signed_out_before_a_restart_stays_signed_out(own_server: MakeServer, provider: Provider) -> None:
    server = own_server()
    async with expert(server.url, provider, provider.lawyer) as lawyer:
        desk = lawyer.desk.desk
        token = desk._token
        await desk.sign_out()
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.restart)
        desk._token = token
        with pytest.raises(ClientError, match="not-signed-in"):
            await lawyer.desk.inbox(LAWYER)


async def test_sigterm_closes_open_channels_politely_and_exits_promptly(
    own_server: MakeServer, provider: Provider
) -> None:
    server = own_server()
    async with raw_channel(server.url) as first, raw_channel(server.url) as second:
        async with expert(server.url, provider, provider.lawyer):
            started = time.monotonic()
            status = await asyncio.to_thread(server.stop)
            assert status == 0
            assert time.monotonic() - started < PROMPT_S
        for channel in (first, second):
            await channel.read_to_the_end()
            assert (channel.socket.close_code, channel.socket.close_reason) == (1000, "")


async def test_a_stop_with_a_silent_half_open_connection_is_prompt_as_well(own_server: MakeServer) -> None:
    server = own_server()
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"POST /api/sign-in/start HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
    await writer.drain()
    started = time.monotonic()
    await asyncio.to_thread(server.stop)
    assert time.monotonic() - started < 2 * PROMPT_S
    writer.close()


def test_a_second_server_on_the_same_folder_is_refused_in_a_sentence(own_server: MakeServer) -> None:
    first = own_server()
    second = ServerProcess(first.data)
    before = len(first.stderr)
    with pytest.raises(ServerDidNotStartError):
        second.start()
    assert first.stderr[before:] == (
        "lyhty-server: Another Lyhty server is using the database lyhty.db. Stop it first: two cannot share one.\n"
    )
    assert first.returncode is None


def test_a_port_that_is_taken_is_told_in_a_sentence(own_server: MakeServer, fresh_folder: Path, tmp_path: Path) -> None:
    first = own_server()
    second = ServerProcess(Path(shutil.copytree(fresh_folder, tmp_path / "other")), port=first.port)
    with pytest.raises(ServerDidNotStartError) as error:
        second.start()
    lines = [line for line in str(error.value).splitlines() if not line.startswith("{")]
    assert len(lines) == 1
    assert lines[0].startswith("lyhty-server: cannot listen")


def test_a_folder_without_a_ceremony_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(ServerDidNotStartError) as error:
        ServerProcess(tmp_path / "data").start()
    (line,) = str(error.value).splitlines()
    assert line.startswith("lyhty-server: There is no anchor.json in ")
    assert line.endswith("Run `lyhty init` first.")


def test_a_folder_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    server.data = tmp_path / "nowhere"
    with pytest.raises(ServerDidNotStartError) as error:
        server.start()
    (line,) = str(error.value).splitlines()
    assert line.startswith("lyhty-server: ")


def test_a_setting_nobody_knows_is_told_in_a_sentence(fresh_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(fresh_folder, tmp_path / "data"))
    with pytest.raises(ServerDidNotStartError, match=r"lyhty-server: Unknown setting LYHTY_SLOTMS\."):
        ServerProcess(folder, settings={"LYHTY_SLOTMS": "5"}).start()


def started_with_files(folder: Path, files: int) -> ServerProcess:
    """Neither it nor anything it does may have more files open."""
    limited = (
        "import resource; "
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({files // 2}, {files})); "
        "from lyhty_server.__main__ import main; "
        "main()"
    )
    return ServerProcess(folder, program=("-c", limited)).start()


def test_where_few_files_may_be_open_there_are_fewer_channels_and_the_journal_says_so(
    fresh_folder: Path, tmp_path: Path
) -> None:
    with started_with_files(Path(shutil.copytree(fresh_folder, tmp_path / "data")), 4_096) as server:
        assert f'{{"channels": {most_channels(4_096)}, "event": "channels-limited-by-files"' in server.stderr
        assert resource.prlimit(server.pid, resource.RLIMIT_NOFILE) == (4_096, 4_096)


async def test_more_connections_than_there_are_files_leave_some_to_the_server_itself(
    fresh_folder: Path, tmp_path: Path
) -> None:
    files = most_connections(1) + BACKLOG + OWN_FILES
    with started_with_files(Path(shutil.copytree(fresh_folder, tmp_path / "data")), files) as server:
        silent = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(files)]
        async with asyncio.timeout(PROMPT_S):
            assert await silent[-1][0].read() == b""
        assert server.open_files() <= most_connections(1) + OWN_FILES
        for _, writer in silent:
            writer.transport.abort()


def test_where_too_few_files_may_be_open_for_one_visitor_that_is_told_in_a_sentence(
    fresh_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(ServerDidNotStartError) as error:
        started_with_files(Path(shutil.copytree(fresh_folder, tmp_path / "data")), 1_024)
    (line,) = str(error.value).splitlines()
    assert line == "lyhty-server: Only 1024 files may be open here, which is too few for one visitor. Allow more."


def test_the_server_keeps_its_database_to_itself(own_server: MakeServer) -> None:
    server = own_server()
    modes = {file.name: file.stat().st_mode & 0o077 for file in server.data.glob("lyhty.db*")}
    assert set(modes.values()) == {0}


async def test_without_a_setting_a_slot_lasts_a_second(own_server: MakeServer) -> None:
    server = own_server(slot_ms=None)
    async with raw_channel(server.url) as channel:
        started = time.monotonic()
        for _ in range(3):
            await channel.beat()
        assert channel.hello.slot_ms == 1000
        # Never early. How late is the machine's business.
        assert time.monotonic() - started > 1.9


async def test_a_reporter_is_let_go_when_the_server_stops(own_server: MakeServer) -> None:
    server = own_server()
    async with raw_channel(server.url) as channel:
        await asyncio.to_thread(server.stop)
        await channel.read_to_the_end()
        with pytest.raises(ConnectionLostError):
            async with reporter(server.url):
                pass


async def test_the_demos_ceremony_makes_a_folder_in_which_people_can_talk(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    made = await asyncio.create_subprocess_exec(*LYHTY, "init", "--demo", folder, stdout=asyncio.subprocess.DEVNULL)
    assert await made.wait() == 0
    secrets = read_secrets(DataFolder(folder))
    with ServerProcess(folder) as server:
        server.start()
        site = Site.parse(server.url)
        directory = await fetch_directory(site, await find_anchor(site), now())
        account = secrets.expert("lakimies")
        async with reporter(server.url) as pupil:
            await pupil.tells("They shared a picture of me.")
            credentials = Credentials(account.name, account.password, account.device_secret)
            async with Desk(site) as desk:
                lawyer = await ExpertDesk.sign_in(desk, credentials, directory)
                await lawyer.chat(await lawyer.claim(pupil.case, LAWYER), "I am here.")
            await pupil.reads("I am here.")


async def test_a_running_demo_is_filled_with_figures_once_and_somebody_is_invited_to_them(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    made = await asyncio.create_subprocess_exec(*LYHTY, "init", "--demo", folder, stdout=asyncio.subprocess.DEVNULL)
    assert await made.wait() == 0
    with ServerProcess(folder) as server:
        server.start()
        fill = [*LYHTY, "demo", "figures", str(folder), server.url]
        filled = await asyncio.create_subprocess_exec(*fill, stdout=asyncio.subprocess.PIPE)
        told, _ = await filled.communicate()
        assert re.search(r"^[1-9]\d* months, terms and years are published\.$", told.decode(), re.MULTILINE)
        assert re.search(rf"^{re.escape(server.url)}/figures#v=[\w-]{{43}}$", told.decode(), re.MULTILINE)
        again = await asyncio.create_subprocess_exec(*fill, stderr=asyncio.subprocess.PIPE)
        assert b"has its figures already" in (await again.communicate())[1]
        assert again.returncode == 1
