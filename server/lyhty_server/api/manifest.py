"""The manifest of what this build serves (SPEC 10): `python -m lyhty_server.api.manifest VERSION` prints it.

It is made from the very pages and headers that the server answers with.
"""

import sys

from lyhty_server.api.pages import ANCHOR, STATIC, Page, read_pages
from lyhty_server.api.security import HEADERS, KEPT_BY_NOBODY
from lyhty_wire.manifests import Manifest, ServedBytes, ServedFile


def manifest(version: str, pages: dict[str, Page]) -> Manifest:
    files = {address: _file(page) for address, page in pages.items() if address != ANCHOR}
    return Manifest(version, {name: value for name, value in HEADERS.items() if name != "Server"}, files)


def _file(page: Page) -> ServedFile:
    packed = None if page.packed is None else ServedBytes.of(page.packed)
    return ServedFile(ServedBytes.of(page.plain), packed, KEPT_BY_NOBODY | page.headers)


if __name__ == "__main__":
    sys.stdout.buffer.write(manifest(sys.argv[1], read_pages(STATIC, b"")).encode())
