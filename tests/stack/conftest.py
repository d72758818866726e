"""The whole stack on loopback: nginx with TLS in front, the server behind it."""

import shutil
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.certificates import Certificate, make_certificate
from tests.ports import free_port
from tests.provider import Provider, make_provider
from tests.scenarios.server_process import ServerProcess
from tests.stack.proxy import NGINX, Nginx


@dataclass(frozen=True)
class Stack:
    nginx: Nginx
    servers: list[ServerProcess]
    certificate: Certificate
    provider: Provider

    @property
    def tls(self) -> ssl.SSLContext:
        """Of a client that trusts this stack's certificate and no other."""
        return ssl.create_default_context(cafile=str(self.certificate.cert))


@pytest.fixture(scope="session")
def provider() -> Provider:
    return make_provider(int(time.time()))


@pytest.fixture(scope="module")
def stack(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if NGINX is None:
        pytest.skip("nginx is not installed; on Debian and Ubuntu: apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("stack")
    certificate = make_certificate(folder / "tls", ["localhost"])
    ports = [free_port()]
    servers = [ServerProcess(provider.write(folder / "data"), port=port) for port in ports]
    nginx = Nginx(folder, free_port(), free_port(), certificate, ports)
    try:
        for server in servers:
            server.start()
        yield Stack(nginx.start(), servers, certificate, provider)
    finally:
        nginx.stop()
        for server in servers:
            server.__exit__()
        shutil.rmtree(folder, ignore_errors=True)
