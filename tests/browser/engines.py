"""The two engines the browser tests drive: Chromium, and the Firefox of the system.

Playwright speaks WebDriver BiDi with any Firefox, so the same steps serve both. It asks every Firefox for one thing
that an older one does not know; `firefox_relay.py` answers that for it.
"""

import os
import shlex
import sys
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.async_api import Browser, Playwright

from tests.browser.browser_binary import CHROMIUM_FLAGS, NoBrowserError, find_firefox, find_shell

Engine = Literal["chromium", "firefox"]
ENGINES: Final[tuple[Engine, ...]] = ("chromium", "firefox")

ELSEWHERE: Final = "lyhty.test"
"""A name that leads here too, and that browsers do not take for this very machine."""

FIREFOX_PREFERENCES: Final[dict[str, Any]] = {
    "network.dns.localDomains": ELSEWHERE,
    # Whatever is not on this machine is asked of a proxy that is not there.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": f"127.0.0.1, localhost, {ELSEWHERE}",
}


async def launch(playwright: Playwright, engine: Engine, scratch: Path, *, text_percent: int = 100) -> Browser:
    """A browser without a profile of its own; what it needs to start is put below `scratch`.

    The size of text is the one that a person sets in the browser: zooming would make the page narrower as well.
    """
    text_px = 16 * text_percent // 100
    if engine == "firefox":
        return await playwright.firefox.launch(
            channel="moz-firefox",
            executable_path=firefox_launcher(scratch),
            firefox_user_prefs=FIREFOX_PREFERENCES | {"font.size.variable.x-western": text_px},
        )
    return await playwright.chromium.launch(
        executable_path=find_shell(),
        args=[
            *CHROMIUM_FLAGS,
            f"--blink-settings=defaultFontSize={text_px}",
            f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
        ],
    )


def firefox_launcher(scratch: Path) -> Path:
    """A program that starts Firefox behind the relay.

    Without Firefox the test is skipped, unless we are root, as in continuous integration: there it could be installed.
    """
    try:
        firefox = find_firefox()
    except NoBrowserError as missing:
        if os.geteuid() == 0:
            raise
        pytest.skip(f"NOT TESTED IN FIREFOX: {missing}")
    launcher = scratch / "firefox"
    relay = Path(__file__).with_name("firefox_relay.py")
    launcher.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(relay), str(firefox)])} "$@"\n')
    launcher.chmod(0o755)
    return launcher
