"""A disk is lost, and the service comes back from its backup: people go on, and what was erased stays gone."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from lyhty_client.errors import ClientError
from tests.provider import Provider
from tests.scenarios.actors import expert, reporter
from tests.scenarios.server_process import FAST_SLOT_MS, ServerProcess

MakeServer = Callable[..., ServerProcess]
LYHTY_SERVER: Final = (sys.executable, "-m", "lyhty_server")
DRILL: Final = Path(__file__).parents[2] / "deploy" / "restore-drill"


def runs(*command: object, **settings: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LYHTY_")}
    return subprocess.run(
        list(map(str, command)), env=inherited | settings, capture_output=True, text=True, check=False, timeout=120
    )


def backup(*arguments: object) -> str:
    done = runs(*LYHTY_SERVER, "backup", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_after_a_loss_people_go_on_and_what_was_erased_stays_gone(
    own_server: MakeServer, provider: Provider, tmp_path: Path
) -> None:
    server, key, backups = own_server(), tmp_path / "stick" / "key", tmp_path / "backups"
    backup("key", key, "--data", server.data)
    async with (
        reporter(server.url) as stays,
        reporter(server.url) as leaves,
        expert(server.url, provider, provider.lawyer) as lawyer,
    ):
        await stays.tells("They shared a picture of me.")
        await leaves.tells("I have thought better of it.")
        await lawyer.writes(await lawyer.claims(stays.case), "I am here.")
        await lawyer.claims(leaves.case)
        backup("create", "--data", server.data, "--to", backups)
        erased_case = leaves.case
        await leaves.erases_everything()
        backup("erased", "--data", server.data, "--to", backups)
    server.kill()
    [made] = backups.glob("*.backup")

    done = runs("sh", DRILL, made, key, LYHTY_SERVER=" ".join(LYHTY_SERVER))
    assert (done.returncode, "it answers" in done.stdout) == (0, True), done.stderr

    assert "erased since: 1 cases" in backup("restore", made, "--key", key, "--data", tmp_path / "again")
    with ServerProcess(tmp_path / "again", slot_ms=FAST_SLOT_MS).start() as again:
        async with (
            reporter(again.url, phrase=stays.phrase) as back,
            reporter(again.url, phrase=leaves.phrase) as gone,
            expert(again.url, provider, provider.lawyer) as lawyer,
        ):
            await back.comes_back()
            assert back.texts == ["They shared a picture of me.", "I am here."]
            await back.writes("Are you still there?")
            with pytest.raises(ClientError, match="mailbox-unknown"):
                await gone.comes_back()
            with pytest.raises(ClientError, match="case-erased"):
                await lawyer.claims(erased_case)


@pytest.mark.parametrize("wrong", ["no backup", "no arguments"])
def test_a_drill_that_fails_says_so(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "no backup").write_bytes(b"something else")
    arguments = (tmp_path / "no backup", tmp_path / "key") if wrong == "no backup" else ()
    done = runs("sh", DRILL, *arguments, LYHTY_SERVER=" ".join(LYHTY_SERVER), TMPDIR=str(tmp_path))
    assert (done.returncode != 0, done.stderr != "") == (True, True)
    assert "it answers" not in done.stdout
    assert list(tmp_path.glob("lyhty-drill*")) == []
