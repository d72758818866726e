"""What deploy/proxy/nginx.conf promises, asked of a real nginx that runs it."""

import contextlib
import http.client
import re
import socket
import ssl
from urllib.parse import urlsplit

import pytest

from lyhty_server.api.routes import ROUTES
from lyhty_server.operator.doctor import through_proxy
from lyhty_server.operator.public_address import PublicAddress
from lyhty_wire.frames import DOWN_BYTES
from tests.stack.conftest import Stack
from tests.stack.proxy import PROXY

UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "A" * 22 + "==", "Sec-WebSocket-Extensions": "permessage-deflate",
}  # fmt: skip


def ask(stack: Stack, method: str, path: str, *, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
    """The answer, read to its end; its first line and headers alone if it is a switch of protocols."""
    port = urlsplit(stack.nginx.site).port
    line = http.client.HTTPSConnection("localhost", port, timeout=20, context=stack.tls)
    line.request(method, path, body or None, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = line.getresponse()
    if answer.status != 101:
        answer.read()
    line.close()
    return answer


def upgrade(stack: Stack, path: str, body: bytes = b"") -> http.client.HTTPResponse:
    return ask(stack, "GET", path, body=body, **{name.replace("-", "_"): value for name, value in UPGRADE.items()})


def test_the_doctor_finds_nothing_wrong_with_it(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(stack.certificate.cert))
    assert list(through_proxy(PublicAddress(stack.nginx.site), stack.provider.directory_body.issued)) == []


@pytest.mark.parametrize("path", ["/channel", "/feed"])
def test_a_socket_that_is_asked_for_with_a_body_ends_at_the_proxy(stack: Stack, path: str) -> None:
    answer = upgrade(stack, path, b"GET /api/trust HTTP/1.1\r\n\r\n")
    assert (answer.status, answer.headers["Server"]) == (400, "nginx")


@pytest.mark.parametrize("path", ["/channel", "/feed"])
def test_a_socket_is_opened_without_compression(stack: Stack, path: str) -> None:
    answer = upgrade(stack, path)
    assert (answer.status, answer.headers["Sec-WebSocket-Extensions"]) == (101, None)


def test_an_answer_ends_its_connection_and_asks_for_tls_and_names_no_program(stack: Stack) -> None:
    answer = ask(stack, "GET", "/")
    assert (answer.status, answer.headers["Connection"], answer.headers["Server"]) == (200, "close", "Lyhty")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["Content-Encoding"] is None


def test_tls_of_before_1_3_is_refused(stack: Stack) -> None:
    old = stack.tls
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    port = urlsplit(stack.nginx.site).port
    with socket.create_connection(("localhost", port)) as line, pytest.raises(ssl.SSLError):
        old.wrap_socket(line, server_hostname="localhost")


def test_who_comes_without_tls_is_sent_to_the_first_page_with_it(stack: Stack) -> None:
    line = http.client.HTTPConnection("localhost", urlsplit(stack.nginx.plain).port, timeout=20)
    line.request("GET", "/report?a=b")
    answer = line.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, f"{stack.nginx.site}/")
    line.close()


def test_a_frame_leaves_in_one_tls_record(stack: Stack) -> None:
    lengths = records_after_the_upgrade(stack, 6)
    head_bytes, tag_bytes, kind_bytes = 4, 16, 1
    assert lengths == [DOWN_BYTES + head_bytes + tag_bytes + kind_bytes] * 6


def records_after_the_upgrade(stack: Stack, count: int) -> list[int]:
    """The lengths of TLS records from the first frame on, as whoever watches the line sees them."""
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = stack.tls.wrap_bio(into, out, server_hostname="localhost")
    lengths: list[int] = []
    with socket.create_connection(("localhost", urlsplit(stack.nginx.site).port), 20) as line:
        stream = line.makefile("rb")

        def next_record() -> int:
            head = stream.read(5)
            length = int.from_bytes(head[3:])
            into.write(head + stream.read(length))
            return length

        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                line.sendall(out.read())
                next_record()
        head = "".join(f"{name}: {value}\r\n" for name, value in UPGRADE.items())
        tls.write(f"GET /channel HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
        line.sendall(out.read())
        upgraded = b""
        while b"\r\n\r\n" not in upgraded:
            next_record()
            with contextlib.suppress(ssl.SSLWantReadError):  # a record of the handshake's end
                upgraded += tls.read(65_536)
        while len(lengths) < count:
            lengths.append(next_record())
    return lengths


def test_neither_an_address_nor_a_browser_is_written_down_whatever_happens(stack: Stack) -> None:
    planted = "Planted/1.0 (a browser of its own)"
    for path in ("/", "/nowhere", "/channel"):
        ask(stack, "GET", path, User_Agent=planted, Referer=f"https://{planted[:7]}.invalid/")
    upgrade(stack, "/channel", b"body")
    for server in stack.servers:
        server.kill()
    try:
        assert ask(stack, "GET", "/", User_Agent=planted).status == 502
    finally:
        for server in stack.servers:
            server.restart()
    assert ask(stack, "GET", "/").status == 200
    own = {stack.nginx.config, stack.certificate.cert, stack.certificate.key}
    written = [file for file in stack.nginx.folder.rglob("*") if file.is_file() and file not in own]
    assert len(written) > 3  # the journal and the database are among them
    for file in written:
        content = file.read_bytes()
        assert planted[:7].encode() not in content, file
        if file.name != "stdout":  # where the server says at which address it listens
            assert b"127.0.0.1" not in content, file


def test_every_body_that_a_route_takes_is_let_through() -> None:
    found = re.search(r"client_max_body_size (\d+)m;", (PROXY / "nginx.conf").read_text())
    assert found is not None
    assert int(found[1]) * 1_048_576 >= max(route.max_body_bytes for route in ROUTES)


def test_the_two_sockets_have_a_location_each_that_asks_for_no_body() -> None:
    text = (PROXY / "nginx.conf").read_text()
    for path in ("/channel", "/feed"):
        assert f"location = {path} {{\n            if ($brings_body) {{\n                return 400;" in text
