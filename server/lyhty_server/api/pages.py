"""The built client: read once at start, kept in memory, served as it is or as Brotli.

Nothing is looked up by path at run time, so nothing outside the build can be reached.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from lyhty_server.config import BACK, ConfigError

STATIC: Final = Path(__file__).parents[1] / "static"
ANCHOR: Final = "/anchor.json"
PAGES: Final = {
    "/": "index.html",
    "/console": "console.html",
    "/figures": "statistics.html",
    BACK: "statistics.html",
    "/bye": "bye.html",
}
# The machine's own table of types differs from one machine to the next.
CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml; charset=utf-8",
    ".wasm": "application/wasm",
}
IMMUTABLE: Final = "public, max-age=31536000, immutable"  # names under assets/ carry a hash of the content
# Some browsers ask for it again in the middle of a visit, at moments that depend on what the person does.
ICON: Final = "/favicon.svg"
KEPT_FOR_A_VISIT: Final = "private, max-age=86400"
EMPTIES_CACHE: Final = "/clean"


@dataclass(frozen=True, slots=True)
class Page:
    plain: bytes
    packed: bytes | None
    headers: dict[str, str]
    coding: str = "br"

    async def serve(self, request: web.Request) -> web.Response:
        headers = dict(self.headers)
        if self.packed is not None and self.coding in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = self.coding
            answer = web.Response(body=self.packed, headers=headers)
        else:
            answer = web.Response(body=self.plain, headers=headers)
        # SPEC 6.6: a browser lets go of an idle connection when it next uses the network, and so tells when that is.
        answer.force_close()
        return answer


class TrustPage:
    """GET /api/trust (SPEC 9): the same for everybody. A quarter of it is base64, which packs well, once a version."""

    def __init__(self, newest: Callable[[], bytes]) -> None:
        self._newest = newest
        self._page = self._make(newest())

    async def serve(self, request: web.Request) -> web.Response:
        bundle = self._newest()
        if bundle is not self._page.plain:
            self._page = self._make(bundle)
        return await self._page.serve(request)

    def _make(self, bundle: bytes) -> Page:
        headers = {"Content-Type": "application/octet-stream", "Vary": "Accept-Encoding"}
        return Page(bundle, gzip.compress(bundle, mtime=0), headers, "gzip")


def read_pages(static: Path, anchor: bytes) -> dict[str, Page]:
    """Every address of the client and what stands there.

    Raises:
        ConfigError: the client has not been built, or has a file of a kind that nobody thought of.
    """
    if not all((static / name).is_file() for name in PAGES.values()):
        raise ConfigError("The web client has not been built. Run `make web` first.")
    pages = {}
    for file in sorted(static.rglob("*")):
        if file.is_file() and file.suffix != ".br":
            if file.suffix not in CONTENT_TYPES:
                raise ConfigError(f"The web client has a file of an unknown kind: {file.name}")
            address = f"/{file.relative_to(static).as_posix()}"
            pages[address] = _page(file, _kept(address))
    for address, name in PAGES.items():
        pages[address] = pages[f"/{name}"]
    # Every page asks for this when it stands: nobody leaves files behind, and no visit looks like a second one.
    pages[EMPTIES_CACHE] = Page(b"", None, {"Content-Type": "text/plain", "Clear-Site-Data": '"cache", "storage"'})
    pages[ANCHOR] = Page(anchor, None, {"Content-Type": "application/json"})
    return pages


def _kept(address: str) -> dict[str, str]:
    if address == ICON:
        return {"Cache-Control": KEPT_FOR_A_VISIT}
    return {"Cache-Control": IMMUTABLE} if address.startswith("/assets/") else {}


def _page(file: Path, kept: dict[str, str]) -> Page:
    headers = {"Content-Type": CONTENT_TYPES[file.suffix], "Vary": "Accept-Encoding", **kept}
    compressed = file.with_name(file.name + ".br")
    return Page(file.read_bytes(), compressed.read_bytes() if compressed.is_file() else None, headers)


def add_pages(app: web.Application, pages: dict[str, Page]) -> None:
    for address, page in pages.items():
        app.router.add_get(address, page.serve)
