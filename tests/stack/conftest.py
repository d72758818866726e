"""The whole stack on loopback: nginx with TLS in front, the server behind it."""

import shutil
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from lyhty_server.config import KNOWN
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


@pytest.fixture(scope="session")
def stack(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if NGINX is None:
        pytest.skip("nginx is not installed; on Debian and Ubuntu: apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("stack")
    certificate = make_certificate(folder / "tls", ["localhost"])
    fresh = provider.write(folder / "fresh")
    with ExitStack() as running:
        settings = _shared(running)
        ports = [free_port() for _ in range(2 if settings else 1)]
        servers = [
            running.enter_context(
                ServerProcess(Path(shutil.copytree(fresh, folder / f"data-{port}")), port=port, settings=settings)
            )
            for port in ports
        ]
        nginx = Nginx(folder, free_port(), free_port(), certificate, ports)
        running.callback(nginx.stop)
        for server in servers:
            server.start()
        yield Stack(nginx.start(), servers, certificate, provider)


def _shared(running: ExitStack) -> dict[str, str]:
    """What two servers share: a real PostgreSQL and a real NATS. Empty: this release knows one server on SQLite."""
    if not KNOWN.keys() >= {"LYHTY_DATABASE_URL", "LYHTY_BUS_URL"}:
        return {}
    from tests.servers.nats import nats_server
    from tests.servers.postgres import running_postgres

    database = running.enter_context(running_postgres()).url("postgres")
    bus = running.enter_context(nats_server())
    return {"LYHTY_DATABASE_URL": database.render_as_string(hide_password=False), "LYHTY_BUS_URL": bus.url}
