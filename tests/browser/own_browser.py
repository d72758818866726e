"""A browser as a person has it: a profile on the disk, everything switched on that writes to it, ends of all kinds.

Whatever the browser and the system's libraries write goes below one folder: profile, home, temporary files.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from playwright.async_api import BrowserContext, Error, Locator, Page, Playwright

from tests.browser.browser_binary import find_chromium
from tests.browser.engines import FIREFOX_PREFERENCES, Engine, firefox_launcher
from tests.patience import PATIENCE_S

SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - looked into, not written to

KEEPING_PREFERENCES: Final[dict[str, Any]] = FIREFOX_PREFERENCES | {
    # Playwright and Firefox's own remote control switch these off; people have them on.
    "browser.sessionstore.resume_from_crash": True,
    "browser.pagethumbnails.capturing_disabled": False,
    "extensions.formautofill.addresses.enabled": True,
    "signon.rememberSignons": True,
    "signon.autofillForms": True,
    "places.history.enabled": True,
    "browser.formfill.enable": True,
    # Every second instead of every fifteen: what would be written is written before the end comes.
    "browser.sessionstore.interval": 1_000,
}


class OwnBrowser:
    def __init__(self, playwright: Playwright, engine: Engine, folder: Path) -> None:
        self._playwright = playwright
        self.engine: Final = engine
        self.folder: Final = folder
        self.profile: Final = folder / "profile"
        for needed in ("home", "temporary", "starting"):
            (folder / needed).mkdir(parents=True)
        self._shared_before = _shared_memory()
        self.context: BrowserContext | None = None

    async def starts(self) -> BrowserContext:
        """Also again, on the same profile."""
        environment: dict[str, Any] = dict(os.environ) | {
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "temporary"),
        }
        if self.engine == "firefox":
            self.context = await self._playwright.firefox.launch_persistent_context(
                self.profile,
                channel="moz-firefox",
                executable_path=firefox_launcher(self.folder / "starting"),
                firefox_user_prefs=KEEPING_PREFERENCES,
                env=environment,
                no_viewport=True,
            )
        else:
            # None of Playwright's own switches: they turn off half of what a browser keeps.
            self.context = await self._playwright.chromium.launch_persistent_context(
                self.profile,
                executable_path=find_chromium(),
                ignore_default_args=True,
                args=[
                    "--headless", "--no-sandbox", "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync", "--password-store=basic",
                    "--remote-debugging-pipe", f"--user-data-dir={self.profile}",
                ],
                env=environment,
                no_viewport=True,
            )  # fmt: skip
        return self.context

    async def page(self) -> Page:
        assert self.context is not None
        return await self.context.new_page()

    async def closes(self) -> None:
        """As a person closes it."""
        assert self.context is not None
        await self.context.close()
        await until(lambda: not self._processes(), "the browser has ended")

    async def is_killed(self) -> None:
        """All its processes at once."""
        processes = self._processes()
        assert processes
        for group in {os.getpgid(pid) for pid in processes}:
            assert group != os.getpgid(0)
            os.killpg(group, signal.SIGKILL)
        await until(lambda: not self._processes(), "the browser is dead")
        assert self.context is not None
        with contextlib.suppress(Error):  # it is gone already, which is what was wanted
            await self.context.close()

    def _processes(self) -> list[int]:
        """Those that were started with this profile."""
        return [
            int(process.name)
            for process in Path("/proc").iterdir()
            if process.name.isdecimal() and str(self.profile).encode() in _command(process)
        ]

    def copy_shared_memory(self) -> Path:
        """What has come to lie there since the browser was made, and is not another program's."""
        copies = self.folder / "shared"
        copies.mkdir(exist_ok=True)
        for file in _shared_memory() - self._shared_before:
            try:
                (copies / file.name).write_bytes(file.read_bytes())
            except OSError:  # gone already
                continue
        return copies


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def _shared_memory() -> set[Path]:
    """Its names are flat: what lies there in a folder is somebody's files."""
    return {file for file in SHARED_MEMORY.iterdir() if file.is_file()} if SHARED_MEMORY.is_dir() else set()


async def until(condition: Callable[[], object], what: str, every_s: float = 0.1) -> None:
    """Looks again and again, for there is nobody to tell when a file has been written."""
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError(f"in {PATIENCE_S} s it did not happen that {what}")
        await asyncio.sleep(every_s)


async def types(field: Locator, text: str) -> None:
    """The last letters by real key presses: Firefox keeps for session restore only what a hand has touched."""
    await field.fill(text[:-2])
    await field.press_sequentially(text[-2:])
