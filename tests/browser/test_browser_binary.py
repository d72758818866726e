"""The browser the tests drive: which one is taken, and that none is never taken for a pass."""

from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.browser import browser_binary
from tests.browser.browser_binary import (
    CHROMIUM_FLAGS,
    NoBrowserError,
    find_chromium,
    find_firefox,
    find_shell,
    unpacked_chromium,
)


def _program(folder: Path, name: str) -> Path:
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def test_the_browser_named_in_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "chromium")
    named = _program(tmp_path, "another")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LYHTY_CHROMIUM", str(named))
    assert find_chromium() == named


def test_a_named_browser_that_is_not_there_is_an_error_and_no_other_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LYHTY_CHROMIUM", str(tmp_path / "nothing"))
    with pytest.raises(NoBrowserError):
        find_chromium()


def test_the_browser_of_the_system_comes_before_the_one_of_the_web_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = _program(tmp_path, "chromium")
    monkeypatch.delenv("LYHTY_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_chromium() == installed


def test_pages_alone_are_tried_in_the_engine_alone_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _program(tmp_path, "chromium")
    monkeypatch.delenv("LYHTY_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_shell() == whole
    shell = _program(tmp_path, "chromium-headless-shell")
    assert (find_shell(), find_chromium()) == (shell, whole)
    monkeypatch.setenv("LYHTY_CHROMIUM", str(whole))
    assert find_shell() == whole


def test_no_browser_at_all_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LYHTY_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser_binary, "NPM_PACKAGE", tmp_path)
    with pytest.raises(NoBrowserError):
        find_chromium()


def test_no_firefox_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LYHTY_FIREFOX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoBrowserError):
        find_firefox()


def test_the_firefox_named_in_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "firefox-esr")
    named = _program(tmp_path, "another")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LYHTY_FIREFOX", str(named))
    assert find_firefox() == named


async def test_the_browser_of_the_web_packages_runs_a_page() -> None:
    program = unpacked_chromium(browser_binary.ROOT / ".make")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS))
        page = await browser.new_page()
        await page.set_content("<button onclick=\"this.textContent = 'pressed'\">press</button>")
        await page.click("button")
        assert await page.inner_text("button") == "pressed"
        await browser.close()
