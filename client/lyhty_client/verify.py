"""`lyhty verify`: asks a server for every file of a release, as programs and as browsers ask, and tells what differs.

It proves what this computer was given, now. A server can answer somebody else differently.
"""

import argparse
import asyncio
import ssl
from collections.abc import Callable
from typing import Final

import aiohttp

from lyhty_client.comparing import Answer, Difference, Manner, differences, gathered, not_there
from lyhty_client.errors import ConnectionLostError, UntrustedError
from lyhty_client.terminal import show
from lyhty_client.trust import ANSWER_WITHIN_S, Site, find_anchor, parse_anchor
from lyhty_crypto.randomness import draw
from lyhty_wire.encoding import b64encode
from lyhty_wire.errors import MalformedError
from lyhty_wire.manifests import Manifest

MORE_BYTES: Final = 65_536  # read of a file beyond what is due, to tell what a longer page asks for
AT_ONCE: Final = 4  # questions under way: a check is no flood

_PHONE: Final = (
    ("User-Agent", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "fi-FI,fi;q=0.9,en;q=0.8"),
    ("Sec-Fetch-Dest", "document"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Site", "none"),
)
_COMPUTER: Final = (
    ("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("Accept", "*/*"),
    ("Accept-Language", "sv-FI,sv;q=0.8,en;q=0.5"),
)
MANNERS: Final = tuple(
    Manner(f"{who} {how}", coding, headers)
    for who, headers in (("as a program", ()), ("as a phone", _PHONE), ("as a computer", _COMPUTER))
    for how, coding in (("unpacked", None), ("for Brotli", "br"))
)


async def run(asked: argparse.Namespace) -> bool:
    """Prints what was found; whether the server hands out exactly the release.

    Raises:
        MalformedError: the manifest cannot be read. ClientError: the server cannot be reached. OSError: no such file.
    """
    manifest = Manifest.decode(asked.manifest.read_bytes())
    if "/" not in manifest.files:
        raise MalformedError("operation-malformed", "it lists no first page")
    site = Site.parse(asked.url)
    tls = ssl.create_default_context(cafile=asked.ca) if asked.ca else None
    given = parse_anchor(asked.anchor) if asked.anchor else site.anchor
    found = await compare(site, manifest, tls, draw)
    try:
        anchor = b64encode(await find_anchor(site, given, tls))
    except UntrustedError as error:
        anchor = None
        found.append(Difference("/anchor.json", "anchor", f"/anchor.json does not hold: {error}."))
    value = {
        "same": not found,
        "version": manifest.version,
        "files": len(manifest.files),
        "anchor": anchor,
        "differences": [
            {"address": each.address, "kind": each.kind, "sentence": each.sentence, "only": each.only} for each in found
        ],
    }
    show(_lines(manifest, anchor, found, is_posters=given is not None), value, as_json=asked.json)
    return not found


async def compare(
    site: Site, manifest: Manifest, tls: ssl.SSLContext | None, randomness: Callable[[int], bytes]
) -> list[Difference]:
    """Every file of the manifest in every manner, and an address that nobody has."""
    nowhere = f"/assets/{randomness(16).hex()}.js"
    turns = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=tls if tls is not None else True, limit=AT_ONCE),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S),
    ) as session:

        async def one(address: str, manner: Manner) -> list[tuple[Manner, Difference]]:
            file = manifest.files.get(address)
            due = [] if file is None else [each.size_bytes for each in (file.plain, file.br) if each is not None]
            async with turns:
                answer = await _ask(session, site.url + address, manner, max(due, default=0) + MORE_BYTES)
            if file is None:
                return [(manner, each) for each in not_there(answer)]
            over_tls = site.scheme == "https"
            return [(manner, each) for each in differences(manifest, address, manner, answer, over_tls=over_tls)]

        try:
            asked = [one(address, manner) for address in (*manifest.files, nowhere) for manner in MANNERS]
            found = [each for some in await asyncio.gather(*asked) for each in some]
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ConnectionLostError(f"{site.url}: {error}") from None
    return gathered(found, len(MANNERS))


async def _ask(session: aiohttp.ClientSession, url: str, manner: Manner, most_bytes: int) -> Answer:
    headers = [*manner.headers, ("Accept-Encoding", manner.coding or "identity")]
    async with session.get(url, headers=headers, allow_redirects=False) as response:
        body = b""
        while len(body) < most_bytes and (some := await response.content.read(most_bytes - len(body))):
            body += some
        return Answer(response.status, tuple(response.headers.items()), body)


def _lines(manifest: Manifest, anchor: str | None, found: list[Difference], *, is_posters: bool) -> list[str]:
    lines = [each.told for each in found]
    if found:
        lines.append(f"This server does not hand out release {manifest.version} as it was published.")
    else:
        lines.append(
            f"This server hands out release {manifest.version}: "
            f"all {len(manifest.files)} addresses, byte by byte, with the headers they should have."
        )
    if anchor is not None:
        known = "It is the one you named." if is_posters else "Compare it with the 43 characters on the poster."
        lines.append(f"Its anchor, which no manifest can know, is {anchor}. {known}")
    lines.append("This is what it gave to this computer just now; it proves nothing about what it gives to others.")
    return lines
