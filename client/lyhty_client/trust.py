"""Which server is meant and why it is believed: the site's address, the anchor, the trust bundle (SPEC 5.4, 5.5)."""

import ipaddress
import ssl
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import aiohttp
import msgspec

from lyhty_client.errors import ClientError, ConnectionLostError, UntrustedError
from lyhty_wire.directories import Directory, TrustBundle
from lyhty_wire.encoding import b64decode
from lyhty_wire.errors import WireError
from lyhty_wire.hours import Hours
from lyhty_wire.ids import HASH_BYTES, InstanceId

ANSWER_WITHIN_S: Final = 20
_PORTS: Final = {"http": 80, "https": 443}


class _Anchor(msgspec.Struct):
    instance: str


@dataclass(frozen=True, slots=True)
class Site:
    """A server. `anchor` and `device` come from the address, if it has them."""

    scheme: str
    host: str  # as in an address: IPv6 in brackets
    port: int
    anchor: InstanceId | None = None
    device: str | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"{'wss' if self.scheme == 'https' else 'ws'}://{self.host}:{self.port}"

    @classmethod
    def parse(cls, address: str) -> "Site":
        """From what stands on a poster or a recovery sheet: `https://host/#a=...`, `https://host/console#device=...`.

        Raises:
            ClientError: `insecure-context`, or no address at all.
        """
        try:
            parts = urlsplit(address)
            port, host = parts.port, parts.hostname
        except ValueError:
            parts, port, host = urlsplit(""), None, None
        if parts.scheme not in _PORTS or not host:
            raise ClientError("route-unknown", f"{address} is not an address such as https://example.fi")
        if parts.scheme == "http" and not _is_this_computer(host):
            raise UntrustedError("insecure-context")
        fragment = {name: values[0] for name, values in parse_qs(parts.fragment).items()}
        anchor = parse_anchor(fragment["a"]) if "a" in fragment else None
        return cls(
            parts.scheme,
            f"[{host}]" if ":" in host else host,
            port or _PORTS[parts.scheme],
            anchor,
            fragment.get("device"),
        )


def parse_anchor(text: str) -> InstanceId:
    try:
        return InstanceId(b64decode(text, HASH_BYTES))
    except WireError:
        raise UntrustedError("anchor-mismatch", "an anchor has 43 characters") from None


def choose_anchor(given: InstanceId | None, served: InstanceId | None) -> InstanceId:
    """SPEC 5.4: what the person brought wins; if both exist and differ, nothing goes on."""
    if given is not None and served is not None and given != served:
        raise UntrustedError("anchor-mismatch")
    anchor = given or served
    if anchor is None:
        raise UntrustedError("directory-missing", "no anchor")
    return anchor


async def find_anchor(site: Site, given: InstanceId | None = None, tls: ssl.SSLContext | None = None) -> InstanceId:
    """The anchor of the poster, checked against the one the site serves."""
    text = await _get(site, "/anchor.json", tls)
    try:
        served = msgspec.json.decode(text, type=_Anchor).instance
    except msgspec.MsgspecError:
        raise UntrustedError("anchor-mismatch", "anchor.json cannot be read") from None
    return choose_anchor(given or site.anchor, parse_anchor(served))


async def fetch_directory(
    site: Site, anchor: InstanceId, now: int, at_least_version: int = 0, tls: ssl.SSLContext | None = None
) -> Directory:
    """For the desk; a reporter asks for it over the channel. Raises WireError when it does not hold."""
    return (await fetch_bundle(site, tls)).verify(anchor, now, at_least_version)


async def fetch_bundle(site: Site, tls: ssl.SSLContext | None = None) -> TrustBundle:
    """As it comes: nothing of it is verified."""
    return TrustBundle.decode(await _get(site, "/api/trust", tls))


async def fetch_hours(site: Site, tls: ssl.SSLContext | None = None) -> Hours | None:
    """None when they cannot be had or read: a clock is a comfort, and nothing waits for it (SPEC 9.5)."""
    try:
        hours = Hours.decode(await _get(site, "/api/hours", tls))
        ZoneInfo(hours.zone)
    except (ClientError, WireError, ZoneInfoNotFoundError, ValueError):
        return None
    return hours


def client_session(tls: ssl.SSLContext | None = None) -> aiohttp.ClientSession:
    """Says nothing about the program or the computer that it does not have to."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=tls if tls is not None else True),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("User-Agent", "Accept"),
        timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S),
    )


async def _get(site: Site, path: str, tls: ssl.SSLContext | None) -> bytes:
    try:
        async with client_session(tls) as session, session.get(site.url + path, allow_redirects=False) as response:
            if response.status != 200:
                raise UntrustedError("directory-missing", f"{path}: status {response.status}")
            return await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ConnectionLostError(f"{site.url}: {error}") from None


def _is_this_computer(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
