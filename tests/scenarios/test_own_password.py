"""An expert changes the password at a terminal, over lines that break too (SPEC 9.4)."""

import asyncio
import getpass
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from lyhty_client.cli import main
from lyhty_client.desk import Desk
from lyhty_client.errors import ConnectionLostError, RefusedError
from lyhty_client.expert import Credentials, ExpertDesk
from lyhty_client.own_password import change_password
from lyhty_client.trust import Site, fetch_directory
from lyhty_wire.desk import ChangeUnlock, Ended
from lyhty_wire.encoding import b64encode
from tests.provider import Account, Provider
from tests.scenarios.actors import now
from tests.scenarios.server_process import ServerProcess

NEW = "quite another password"


def credentials(account: Account, password: str | None = None, *, device: bytes | None = None) -> Credentials:
    return Credentials(account.name, password or account.password, device or account.device_secret)


async def signs_in(desk: Desk, server: ServerProcess, provider: Provider, with_: Credentials) -> ExpertDesk:
    directory = await fetch_directory(Site.parse(server.url), provider.instance, now())
    return await ExpertDesk.sign_in(desk, with_, directory)


async def is_let_in(server: ServerProcess, provider: Provider, with_: Credentials) -> bool:
    async with Desk(Site.parse(server.url)) as desk:
        try:
            person = await signs_in(desk, server, provider, with_)
        except RefusedError as refused:
            if refused.code != "sign-in-failed":
                raise
            return False
        assert person.expertise.keys.sign.public == provider.lawyer.keys.sign.public
        return True


class BreakingLine(Desk):
    """Loses what is asked, or what is answered, as it is told beforehand; then it holds."""

    lines: list[Literal["asked", "answered"]]

    async def change_unlock(self, change: ChangeUnlock) -> Ended:
        breaks = self.lines.pop(0) if self.lines else None
        if breaks == "asked":
            raise ConnectionLostError
        answer = await super().change_unlock(change)
        if breaks == "answered":
            raise ConnectionLostError
        return answer


async def changes(
    server: ServerProcess, provider: Provider, *lines: Literal["asked", "answered"], present: str | None = None
) -> None:
    account = provider.lawyer
    async with BreakingLine(Site.parse(server.url)) as desk:
        desk.lines = list(lines)
        person = await signs_in(desk, server, provider, credentials(account))
        typed, following = credentials(account, present), credentials(account, NEW)
        await change_password(desk, person.expertise, typed, following, again_s=0)


async def holds(server: ServerProcess, provider: Provider) -> tuple[bool, bool]:
    """Whether the old password gets in, and whether the new one does."""
    account = provider.lawyer
    old, new = credentials(account), credentials(account, NEW)
    return await is_let_in(server, provider, old), await is_let_in(server, provider, new)


async def test_a_changed_password_gets_in_after_a_restart_too_and_the_old_one_does_not(
    own_server: Callable[..., ServerProcess], provider: Provider
) -> None:
    server = own_server()
    await changes(server, provider)
    assert await holds(server, provider) == (False, True)
    server.stop()
    server.restart()
    assert await holds(server, provider) == (False, True)


async def test_another_device_code_shuts_out_the_old_sheet(
    own_server: Callable[..., ServerProcess], provider: Provider
) -> None:
    server, account, secret = own_server(), provider.lawyer, bytes(range(32))
    async with Desk(Site.parse(server.url)) as desk:
        person = await signs_in(desk, server, provider, credentials(account))
        following = replace(credentials(account), device_secret=secret)
        await change_password(desk, person.expertise, credentials(account), following)
    assert not await is_let_in(server, provider, credentials(account))
    assert await is_let_in(server, provider, credentials(account, device=secret))


async def test_a_wrong_present_password_changes_nothing(
    own_server: Callable[..., ServerProcess], provider: Provider
) -> None:
    server = own_server()
    with pytest.raises(RefusedError, match="sign-in-failed"):
        await changes(server, provider, present="not the password")
    assert await holds(server, provider) == (True, False)


@pytest.mark.parametrize("lines", [("answered",), ("asked",), ("answered", "asked", "answered")], ids=str)
async def test_after_a_line_that_broke_the_new_password_holds_and_the_client_says_so(
    own_server: Callable[..., ServerProcess], provider: Provider, lines: tuple[Literal["asked", "answered"], ...]
) -> None:
    server = own_server()
    await changes(server, provider, *lines)
    assert await holds(server, provider) == (False, True)


async def test_over_a_line_that_stays_broken_nobody_is_told_that_either_holds(
    own_server: Callable[..., ServerProcess], provider: Provider
) -> None:
    server = own_server()
    with pytest.raises(ConnectionLostError, match="nobody knows"):
        await changes(server, provider, "answered", *["asked"] * 5)
    assert await holds(server, provider) == (False, True)


async def test_at_a_terminal_the_new_password_is_asked_for_twice_and_never_on_the_command_line(
    own_server: Callable[..., ServerProcess],
    provider: Provider,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, account = own_server(), provider.lawyer
    typed = iter(["too short", NEW, "and not the same", NEW, NEW])
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: next(typed))
    present = tmp_path / "password"
    present.write_text(account.password)
    who = ["--name", account.name, "--device", account.device, "--password-file", str(present)]
    asked = ["expert", "password", f"{server.url}/#a={b64encode(provider.instance)}", *who]
    assert await asyncio.to_thread(main, asked) == 0
    assert "The new password holds" in capsys.readouterr().out
    assert list(typed) == []
    assert await holds(server, provider) == (False, True)
