"""Papers come from a process of their own: tagged for who cannot see them, without a network, and replaceable."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from pypdf import PdfReader

from lyhty_server.domain.errors import DomainError
from lyhty_server.paper.html import Element, document, element, written
from lyhty_server.paper.press import COMMAND, Press

SQUARE = element("svg", xmlns="http://www.w3.org/2000/svg", viewBox="0 0 1 1", width="9", height="9")
STYLE = "@page { size: A4 } body { font-family: 'Noto Sans' }"


@pytest_asyncio.fixture
async def press() -> AsyncIterator[Press]:
    press = Press()
    yield press
    await press.close()


def page(*body: Element | str, style: str = STYLE) -> str:
    return document(*body, title="Koe", language="fi", style=style)


def environ(pid: int | None) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def refusal(work: object) -> str:
    assert asyncio.iscoroutine(work) or isinstance(work, asyncio.Task)
    with pytest.raises(DomainError) as refused:
        await work
    return refused.value.code.text


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - another process does it, and tells nobody
        await asyncio.sleep(0)


async def test_a_page_becomes_a_tagged_pdf_with_title_and_language(press: Press) -> None:
    pdf = PdfReader(BytesIO(await press.pdf(page(element("h1", "Hei"), element("p", "Älä pelkää.")))))
    catalog = pdf.root_object
    assert catalog["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF's own true
    assert catalog["/Lang"] == "fi"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert "/StructTreeRoot" in catalog
    assert re.search(rb"pdfuaid:part[^0-9]+1\b", catalog["/Metadata"].get_object().get_data())
    assert "Älä pelkää." in pdf.pages[0].extract_text()


async def test_the_same_page_is_the_same_bytes_from_another_worker_too(press: Press) -> None:
    first = await press.pdf(page(element("p", "Sama")))
    other = Press()
    assert first == await press.pdf(page(element("p", "Sama"))) == await other.pdf(page(element("p", "Sama")))
    await other.close()


async def test_a_page_of_a_pdf_becomes_a_picture(press: Press) -> None:
    png = await press.png(await press.pdf(page(element("p", "Kuva"))), dpi=72)
    assert Image.open(BytesIO(png)).size == (596, 842)


@pytest.mark.parametrize("asks", ["img", "link", "style"])
@pytest.mark.parametrize("scheme", ["http", "file"])
async def test_a_page_that_would_fetch_something_is_not_made_and_nobody_hears_of_it(
    press: Press, tmp_path: Path, scheme: str, asks: str
) -> None:
    heard: list[object] = []
    listener = await asyncio.start_server(lambda *_: heard.append(1), "127.0.0.1", 0)
    files = {"img": "x.svg", "link": "x.css", "style": "x.svg"}
    (tmp_path / "x.svg").write_text(written(SQUARE))
    (tmp_path / "x.css").write_text("p { color: red }")
    port = listener.sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}/{files[asks]}" if scheme == "http" else (tmp_path / files[asks]).as_uri()
    asked = {
        "img": page(element("img", src=url, alt="x")),
        "link": page(element("link", rel="stylesheet", href=url)),
        "style": page(element("p", "x"), style=f"p {{ background: url({url}) }}"),
    }[asks]
    assert await refusal(press.pdf(asked)) == "paper-failed"
    listener.close()
    assert not heard


@pytest.mark.parametrize(
    "act", ["import socket; socket.create_connection(('127.0.0.1', 9))", "import os; os.system('')"]
)
def test_the_worker_opens_no_connection_and_starts_no_program_whatever_is_in_it(act: str) -> None:
    guarded = f"import sys\nfrom lyhty_server.paper import worker\nsys.addaudithook(worker._refuse)\n{act}"
    refused = subprocess.run([sys.executable, "-c", guarded], capture_output=True, text=True, check=False)
    assert "PermissionError" in refused.stderr


async def test_a_picture_without_words_is_not_printed(press: Press) -> None:
    assert await refusal(press.pdf(page(element("img", src="data:image/svg+xml," + written(SQUARE))))) == "paper-failed"
    assert await press.pdf(page(element("p", "Ja seuraava onnistuu.")))


async def test_a_worker_that_is_killed_in_the_middle_is_an_error_and_comes_back(press: Press) -> None:
    await press.pdf(page(element("p", "Alku")))
    pid = press.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    waiting = asyncio.create_task(press.pdf(page(element("p", "Kesken"))))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    assert await refusal(waiting) == "paper-failed"
    assert await press.pdf(page(element("p", "Taas")))
    assert press.pid not in (None, pid)


async def test_a_worker_that_takes_too_long_is_killed() -> None:
    stuck = Press((sys.executable, "-c", "import time; time.sleep(600)"), timeout_s=0.1)
    assert await refusal(stuck.pdf("")) == "paper-failed"
    assert stuck.pid is None


async def test_an_idle_worker_ends_and_the_next_need_starts_another() -> None:
    brief = Press(idle_s=0.05)
    await brief.pdf(page(element("p", "Yksi")))
    pid = brief.pid
    assert pid is not None
    await until(lambda: not Path(f"/proc/{pid}").exists())
    assert await brief.pdf(page(element("p", "Kaksi")))
    assert brief.pid != pid
    await brief.close()


async def test_a_worker_that_was_warmed_up_is_the_one_that_prints(press: Press) -> None:
    press.warm_up()
    await until(lambda: press.pid is not None)
    pid = press.pid
    press.warm_up()
    await press.pdf(page("Hei"))
    assert press.pid == pid


async def test_no_more_wait_than_there_is_room_for() -> None:
    stuck = Press((sys.executable, "-c", "import time; time.sleep(600)"), most_waiting=1)
    first = asyncio.create_task(stuck.pdf(""))
    await until(lambda: stuck.pid is not None)
    second = asyncio.create_task(stuck.pdf(""))
    await asyncio.sleep(0)
    assert await refusal(stuck.pdf("")) == "busy"
    await stuck.close()
    assert {await refusal(first), await refusal(second)} == {"paper-failed"}


async def test_a_computer_without_pango_says_so(tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    lacking = Press(("/usr/bin/env", f"PYTHONPATH={tmp_path}", *COMMAND))
    assert await refusal(lacking.pdf("")) == "paper-unavailable"
    await lacking.close()


async def test_the_worker_knows_no_secret_of_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LYHTY_SMTP_PASSWORD", "planted")
    press = Press()
    await press.pdf(page(element("p", "x")))
    assert b"planted" not in environ(press.pid)
    await press.close()


def test_the_server_does_not_load_what_papers_are_made_with() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, lyhty_server.app; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert not {"weasyprint", "pypdfium2", "PIL", "fontTools", "segno", "lyhty_server.kits.papers"} & set(loaded)


def test_text_never_becomes_markup() -> None:
    assert written(element("p", "<script>&", class_='"><b>')) == (
        '<p class="&quot;&gt;&lt;b&gt;">&lt;script&gt;&amp;</p>'
    )


def test_marks_that_turn_the_direction_of_their_neighbours_do_not_get_in() -> None:
    assert written(element("p", "a\u202eb\u2067c\x00d\ud800e\n")) == "<p>abcde\n</p>"


def test_only_names_can_be_names() -> None:
    with pytest.raises(ValueError, match="no name"):
        written(element("p onclick=x", "a"))
    with pytest.raises(ValueError, match="no name"):
        written(Element("p", (("a><b", "x"),), ()))
