"""Lies of a malicious server about the audit log: every one is told, and where it shows (SPEC 9.10).

The Python client behind `LyingServer`; to coordinators in a browser: tests/browser/test_audit.py.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from lyhty_client.auditing import Saved, check, fetch, witness
from lyhty_client.cli import main
from lyhty_client.coordinator import renew
from lyhty_client.departure import certify
from lyhty_client.errors import ClientError
from lyhty_crypto.audit import BrokenLogError, OwnChain
from lyhty_wire.audit import Kind
from lyhty_wire.encoding import b64decode, b64encode
from tests.provider import Provider
from tests.scenarios.actors import expert, now, reporter
from tests.scenarios.lies_about_the_log import LOG_LIES, LogLie
from tests.scenarios.lying_server import Json, LyingServer, lying_server
from tests.scenarios.server_process import ServerProcess

AUDIT = "/api/audit"


async def _opens_a_case(url: str, provider: Provider) -> None:
    async with reporter(url, anchor=provider.instance) as pupil:
        await pupil.tells("They shared a picture of me.")
        async with expert(url, provider, provider.lawyer) as lawyer:
            await lawyer.claims(pupil.case)


async def _story(url: str, provider: Provider) -> Saved:
    await _opens_a_case(url, provider)
    await _opens_a_case(url, provider)
    async with expert(url, provider, provider.coordinator) as coordinator:
        await certify(coordinator.desk, renew)
        await witness(coordinator.desk)
    await _opens_a_case(url, provider)
    async with expert(url, provider, provider.coordinator) as coordinator:
        await witness(coordinator.desk)
        return await fetch(coordinator.desk)


@pytest.fixture(scope="module")
def told(
    fresh_folder: Path, tmp_path_factory: pytest.TempPathFactory, provider: Provider
) -> Iterator[tuple[str, Saved]]:
    """A server where that has happened, and a copy of its log."""
    folder = tmp_path_factory.mktemp("audit") / "data"
    folder.mkdir()
    for file in fresh_folder.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    with ServerProcess(folder) as process:
        url = process.start().url
        yield url, asyncio.run(_story(url, provider))


@pytest_asyncio.fixture
async def liar(told: tuple[str, Saved]) -> AsyncIterator[LyingServer]:
    async with lying_server(told[0]) as lying:
        yield lying


def test_an_honest_log_is_whole_and_says_who_did_what(told: tuple[str, Saved], provider: Provider) -> None:
    checked = check(told[1], provider.instance)
    assert checked.broken is None
    assert checked.is_directory_logged
    lawyer, coordinator = provider.lawyer.id, provider.coordinator.id
    assert [(entry.author, entry.kind) for entry in checked.entries] == [
        (lawyer, Kind.OPENING),
        (lawyer, Kind.OPENING),
        (coordinator, Kind.KEY_ACT),
        (coordinator, Kind.WITNESS),
        (lawyer, Kind.OPENING),
        (coordinator, Kind.WITNESS),
    ]


def tells(liar: LyingServer, lie: LogLie, provider: Provider) -> None:
    def changed(page: Json) -> Json:
        log = [b64decode(entry) for entry in page["entries"]]
        return {**page, "entries": [b64encode(entry) for entry in lie.change(log, provider)]}

    liar.answers_json("GET", AUDIT, changed)


@pytest.mark.parametrize("lie", LOG_LIES, ids=str)
async def test_a_coordinator_is_told(
    liar: LyingServer, provider: Provider, told: tuple[str, Saved], lie: LogLie
) -> None:
    async with expert(liar.url, provider, provider.coordinator) as coordinator:
        tells(liar, lie, provider)
        handed_out = await fetch(coordinator.desk)
    checked = check(handed_out, provider.instance, told[1] if lie.needs_memory else None)
    assert checked.broken is not None
    assert checked.broken.breach == lie.breach


@pytest.mark.parametrize("lie", [lie for lie in LOG_LIES if not lie.needs_memory], ids=str)
async def test_nobody_witnesses_a_log_that_does_not_hold(liar: LyingServer, provider: Provider, lie: LogLie) -> None:
    async with expert(liar.url, provider, provider.coordinator) as coordinator:
        tells(liar, lie, provider)
        with pytest.raises(BrokenLogError):
            await witness(coordinator.desk)
    assert ("POST", AUDIT) not in {(asked.method, asked.path) for asked in liar.asked}


async def test_a_server_that_promises_more_and_hands_out_nothing_is_not_asked_for_ever(
    liar: LyingServer, provider: Provider
) -> None:
    async with expert(liar.url, provider, provider.coordinator) as coordinator:
        liar.answers_json("GET", AUDIT, lambda _page: {"entries": [], "more": True})
        assert (await fetch(coordinator.desk)).entries == []


async def test_who_is_shown_less_of_their_own_entries_than_they_know_opens_nothing_more(
    own_server: object, provider: Provider, server: ServerProcess
) -> None:
    async with lying_server(server.url) as liar, reporter(liar.url, anchor=provider.instance) as pupil:
        await pupil.tells("They shared a picture of me.")
        async with expert(liar.url, provider, provider.other_lawyer) as lawyer:
            await lawyer.claims(pupil.case)
            liar.answers_json("GET", f"{AUDIT}/own", lambda _answer: {"entry": None})
            with pytest.raises(BrokenLogError):
                await lawyer.desk.read_chain()


async def test_a_case_whose_entry_cannot_be_stored_is_not_shown(server: ServerProcess, provider: Provider) -> None:
    async with lying_server(server.url) as liar, reporter(liar.url, anchor=provider.instance) as pupil:
        await pupil.tells("They shared a picture of me.")
        async with expert(liar.url, provider, provider.other_lawyer) as lawyer:
            # Another device of theirs has signed since, and the server says that it has not.
            known = lawyer.desk.expertise.chain
            behind = OwnChain(known.counter + 5, known.head)
            lawyer.desk.expertise = replace(lawyer.desk.expertise, chain=behind)
            with pytest.raises((ClientError, BrokenLogError)):
                await lawyer.claims(pupil.case)


# --- At a terminal


def test_a_copy_is_checked_without_a_server(
    told: tuple[str, Saved], provider: Provider, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "log.json"
    told[1].write(file)
    asked = ["audit", "verify", "--file", str(file), "--anchor", b64encode(provider.instance)]
    assert main(asked) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "6 entries, whole."
    assert f"  {provider.lawyer.display_name}  opened a case" in lines[0]
    changed = Saved(told[1].made, told[1].trust, [*told[1].entries[:1], *told[1].entries[2:]])
    changed.write(file)
    assert main(asked) == 1
    assert "BROKEN: entry 3 is a witness who saw another log." in capsys.readouterr().out
    assert main([*asked, "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["whole"], said["broken"]) == (False, {"breach": "contradicted", "seq": 3})


def test_a_server_is_held_to_a_copy(
    told: tuple[str, Saved], provider: Provider, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, saved = told
    (tmp_path / "password").write_text(provider.coordinator.password)
    account = [
        "--name", provider.coordinator.name, "--device", provider.coordinator.device,
        "--password-file", str(tmp_path / "password"), "--anchor", b64encode(provider.instance),
    ]  # fmt: skip
    file = tmp_path / "log.json"
    assert main(["audit", "save", url, str(file), *account]) == 0
    assert main(["audit", "verify", url, "--file", str(file), *account]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "6 entries, whole."
    assert Saved.read(file).entries == saved.entries


def test_reading_from_a_server_needs_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", "http://127.0.0.1:1"]) == 2
    assert "--name" in capsys.readouterr().err


def test_the_time_is_an_hour_and_nothing_finer(told: tuple[str, Saved], provider: Provider) -> None:
    assert {entry.hour for entry in check(told[1], provider.instance).entries} <= {now() // 3_600, now() // 3_600 - 1}
