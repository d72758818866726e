"""`lyhty verify`: a server that hands out anything but the release is found, whatever was changed and for whom."""

import argparse
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from lyhty_client.cli import main
from lyhty_client.comparing import Difference
from lyhty_client.trust import Site
from lyhty_client.verify import compare, run
from lyhty_server.api.manifest import manifest
from lyhty_server.api.pages import Page, add_pages, read_pages
from lyhty_server.api.security import add_headers
from lyhty_wire.encoding import b64encode
from lyhty_wire.errors import MalformedError
from lyhty_wire.manifests import Manifest

PAGE = b'<!doctype html><title>Lyhty</title><script type="module" src="/assets/site-1.js"></script>'
BUILD = {
    "index.html": PAGE,
    "index.html.br": b"packed page",
    "console.html": b'<!doctype html><script src="/assets/site-1.js"></script>',
    "statistics.html": b'<!doctype html><script src="/assets/site-1.js"></script>',
    "bye.html": b"<!doctype html><p>bye",
    "assets/site-1.js": b"start()",
    "assets/site-1.js.br": b"packed start",
}
SCRIPT = "/assets/site-1.js"
ANCHOR = bytes(range(32))

Change = Callable[[web.Request, web.Response], web.Response | None]


@pytest.fixture
def pages(tmp_path: Path) -> dict[str, Page]:
    for name, content in BUILD.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return read_pages(tmp_path, json.dumps({"instance": b64encode(ANCHOR)}).encode())


@pytest.fixture
def released(pages: dict[str, Page]) -> Manifest:
    return Manifest.decode(manifest("1.2.3", pages).encode())


@asynccontextmanager
async def serving(pages: dict[str, Page], change: Change | None = None) -> AsyncIterator[str]:
    """The server's own pages and headers; `change` has the last word on every answer."""

    @web.middleware
    async def changing(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            answer = await handler(request)
        except web.HTTPNotFound:
            answer = web.Response(status=404)
        assert isinstance(answer, web.Response)
        await add_headers(request, answer)
        return (change(request, answer) if change else None) or answer

    app = web.Application(middlewares=[changing])
    add_pages(app, pages)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def found(pages: dict[str, Page], released: Manifest, change: Change | None = None) -> list[Difference]:
    async with serving(pages, change) as url:
        return await compare(Site.parse(url), released, None, lambda length: bytes(length))


async def test_a_server_that_hands_out_the_release_has_no_differences(
    pages: dict[str, Page], released: Manifest
) -> None:
    assert await found(pages, released) == []


def a_byte(request: web.Request, answer: web.Response) -> None:
    if request.path == SCRIPT:
        answer.body = b"stop();" if "Content-Encoding" not in answer.headers else b"packed stop!"


def a_byte_only_in_what_is_packed(request: web.Request, answer: web.Response) -> None:
    if request.path == SCRIPT and "Content-Encoding" in answer.headers:
        answer.body = b"packed stop!"


def a_byte_only_in_what_is_not_packed(request: web.Request, answer: web.Response) -> None:
    if request.path == SCRIPT and "Content-Encoding" not in answer.headers:
        answer.body = b"stop();"


def a_byte_only_for_phones(request: web.Request, answer: web.Response) -> None:
    if request.path == "/" and "Mobile" in request.headers.get("User-Agent", ""):
        answer.body = PAGE + b" "


def more_behind_the_end(request: web.Request, answer: web.Response) -> None:
    if request.path == SCRIPT:
        assert isinstance(answer.body, bytes)
        answer.body = answer.body + b";evil()" * 1000


def a_script_more(request: web.Request, answer: web.Response) -> None:
    if request.path == "/":
        answer.body = PAGE + b'<script src="/evil.js"></script>'


def a_script_of_another_site(request: web.Request, answer: web.Response) -> None:
    if request.path == "/":
        answer.body = PAGE + b'<script src="https://elsewhere.example/evil.js"></script>'


def a_script_inside_the_page(request: web.Request, answer: web.Response) -> None:
    if request.path == "/console":
        answer.body = b"<script>evil()</script>"


def a_policy_that_allows_more(_request: web.Request, answer: web.Response) -> None:
    answer.headers["Content-Security-Policy"] = "default-src *"


def no_policy(_request: web.Request, answer: web.Response) -> None:
    del answer.headers["Content-Security-Policy"]


def a_policy_twice(_request: web.Request, answer: web.Response) -> None:
    answer.headers.add("Content-Security-Policy", "default-src *")


def another_type(request: web.Request, answer: web.Response) -> None:
    if request.path == SCRIPT:
        answer.headers["Content-Type"] = "text/plain"


def a_cookie(_request: web.Request, answer: web.Response) -> None:
    answer.headers["Set-Cookie"] = "who=you"


def a_link_in_a_header(_request: web.Request, answer: web.Response) -> None:
    answer.headers["Link"] = "</evil.js>; rel=modulepreload"


def a_missing_file(request: web.Request, _answer: web.Response) -> web.Response | None:
    return web.Response(status=404) if request.path == "/bye" else None


def a_redirect(request: web.Request, _answer: web.Response) -> web.Response | None:
    return web.Response(status=302, headers={"Location": "https://elsewhere.example/"}) if request.path == "/" else None


def another_coding(request: web.Request, answer: web.Response) -> None:
    if request.path == SCRIPT:
        answer.headers["Content-Encoding"] = "gzip"


def an_answer_to_everything(_request: web.Request, answer: web.Response) -> None:
    if answer.status == 404:
        answer.set_status(200)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (a_byte, "content"),
        (a_byte_only_in_what_is_packed, "content"),
        (a_byte_only_in_what_is_not_packed, "content"),
        (a_byte_only_for_phones, "content"),
        (more_behind_the_end, "content"),
        (a_script_more, "reference"),
        (a_script_of_another_site, "reference"),
        (a_script_inside_the_page, "reference"),
        (a_policy_that_allows_more, "header"),
        (no_policy, "header"),
        (a_policy_twice, "header"),
        (another_type, "header"),
        (a_cookie, "extra-header"),
        (a_link_in_a_header, "extra-header"),
        (a_missing_file, "missing"),
        (a_redirect, "redirect"),
        (another_coding, "coding"),
        (an_answer_to_everything, "unknown-address"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__.replace("_", " "),
)
async def test_a_server_that_changes_something_is_found_out(
    pages: dict[str, Page], released: Manifest, change: Change, kind: str
) -> None:
    assert kind in {each.kind for each in await found(pages, released, change)}


async def test_who_is_answered_differently_is_named(pages: dict[str, Page], released: Manifest) -> None:
    (difference,) = await found(pages, released, a_byte_only_for_phones)
    assert difference.only == "as a phone unpacked, as a phone for Brotli"


async def test_what_everybody_gets_is_told_once(pages: dict[str, Page], released: Manifest) -> None:
    (difference,) = await found(pages, released, a_byte)
    assert difference.only is None


@pytest.mark.parametrize("change", [None, a_byte])
async def test_the_answer_is_yes_or_no_and_one_json_object_for_programs(
    pages: dict[str, Page],
    released: Manifest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Change | None,
) -> None:
    (tmp_path / "manifest.json").write_bytes(released.encode())
    async with serving(pages, change) as url:
        asked = argparse.Namespace(url=url, anchor=None, ca=None, json=True, manifest=tmp_path / "manifest.json")
        same = await run(asked)
    told = json.loads(capsys.readouterr().out)
    assert same is told["same"] is (change is None)
    assert (told["version"], told["anchor"]) == ("1.2.3", b64encode(ANCHOR))


async def test_another_anchor_than_the_poster_s_is_a_difference(
    pages: dict[str, Page], released: Manifest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "manifest.json").write_bytes(released.encode())
    async with serving(pages) as url:
        asked = argparse.Namespace(
            url=f"{url}/#a={b64encode(bytes(32))}",
            anchor=None,
            ca=None,
            json=False,
            manifest=tmp_path / "manifest.json",
        )
        assert await run(asked) is False
    assert "/anchor.json" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{}", '{"files":{},"headers":{},"version":"1"}', '{"files": {}}'])
def test_what_is_no_manifest_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    assert main(["verify", "http://127.0.0.1:9", "--manifest", str(tmp_path / "manifest.json")]) == 2
    assert "manifest" in capsys.readouterr().err


def test_a_server_that_is_not_there_is_not_called_different(
    released: Manifest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "manifest.json").write_bytes(released.encode())
    assert main(["verify", "http://127.0.0.1:9", "--manifest", str(tmp_path / "manifest.json")]) == 2
    assert "connection-lost" in capsys.readouterr().err


def test_a_manifest_in_another_spelling_is_refused(released: Manifest) -> None:
    with pytest.raises(MalformedError):
        Manifest.decode(released.encode() + b"\n")
