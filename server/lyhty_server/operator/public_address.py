"""What the public address shows of the proxy in front: asked as a browser would ask, over sockets of our own."""

import socket
import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from typing import Final
from urllib.parse import urlsplit

WITHIN_S: Final = 10.0
MOST_BYTES: Final = 1_048_576
HEAD_ENDS: Final = b"\r\n\r\n"
ASKS_FOR_A_SOCKET: Final = (
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\nConnection: Upgrade\r\n"
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    """0: it was closed without one."""
    headers: Mapping[str, str]
    """Names in lower case."""
    began: bytes
    """What came after the head."""


@dataclass(frozen=True, slots=True)
class PublicAddress:
    site: str
    """As `https://name`."""

    @property
    def host(self) -> str:
        return urlsplit(self.site).hostname or ""

    def certificate_until_s(self) -> int | None:
        """None without TLS. Raises OSError when it does not hold."""
        if not self.site.startswith("https"):
            return None
        with self._connected() as line:
            assert isinstance(line, ssl.SSLSocket)
            return int(ssl.cert_time_to_seconds(str((line.getpeercert() or {})["notAfter"])))

    def get(self, path: str) -> Answer:
        """Raises OSError."""
        return self._ask(path, "", b"", whole=True)

    def upgrade(self, path: str, key: bytes, body: bytes = b"") -> Answer:
        """Ask for a WebSocket, as a page of ours, and wait for its first byte. Raises OSError."""
        headers = ASKS_FOR_A_SOCKET.format(key=b64encode(key).decode())
        if body:
            headers += f"Content-Length: {len(body)}\r\n"
        return self._ask(path, headers, body, whole=False)

    def _ask(self, path: str, headers: str, body: bytes, *, whole: bool) -> Answer:
        netloc = urlsplit(self.site).netloc
        head = f"GET {path} HTTP/1.1\r\nHost: {netloc}\r\nOrigin: {self.site}\r\n{headers}\r\n"
        with self._connected() as line:
            line.sendall(head.encode() + body)
            return _read(line, whole=whole)

    def _connected(self) -> socket.socket:
        address = urlsplit(self.site)
        is_tls = address.scheme == "https"
        line = socket.create_connection((self.host, address.port or (443 if is_tls else 80)), WITHIN_S)
        try:
            return ssl.create_default_context().wrap_socket(line, server_hostname=self.host) if is_tls else line
        except OSError:
            line.close()
            raise


def _read(line: socket.socket, *, whole: bool) -> Answer:
    got = b""
    while HEAD_ENDS not in got and len(got) < MOST_BYTES and (part := line.recv(65_536)):
        got += part
    head, _, began = got.partition(HEAD_ENDS)
    first, _, lines = head.partition(b"\r\n")
    status = int(first.split(b" ")[1]) if first.count(b" ") and first.split(b" ")[1].isdigit() else 0
    headers = {name.lower(): str(value) for name, value in BytesHeaderParser().parsebytes(lines).items()}
    length = int(headers.get("content-length", "0")) if whole else 1 if status == 101 else 0
    try:
        while len(began) < min(length, MOST_BYTES) and (part := line.recv(65_536)):
            began += part
    except TimeoutError:
        pass  # whoever asked sees that nothing came
    return Answer(status, headers, began)
