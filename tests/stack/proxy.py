"""The real nginx with the real file of deploy/proxy, on ports of this computer."""

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.certificates import Certificate

PROXY: Final = Path(__file__).resolve().parents[2] / "deploy" / "proxy"
NGINX: Final = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
START_S: Final = 20


class Nginx:
    """Changes the lines that the file marks, and where it keeps its own files; nothing else."""

    def __init__(
        self, folder: Path, port: int, plain_port: int, certificate: Certificate, servers: Sequence[int]
    ) -> None:
        self.folder = folder
        self.site = f"https://localhost:{port}"
        self.plain = f"http://localhost:{plain_port}"
        self.config = folder / "nginx.conf"
        self._write(port, plain_port, certificate, servers)

    def start(self) -> "Nginx":
        """Returns when it listens: only then does it go to the background."""
        subprocess.run([*self._program, "-t", "-q"], check=True, timeout=START_S)
        subprocess.run(self._program, check=True, timeout=START_S)
        return self

    def stop(self) -> None:
        pid = self.folder / "nginx.pid"
        if pid.exists():
            os.kill(int(pid.read_text()), signal.SIGTERM)

    @property
    def _program(self) -> list[str]:
        assert NGINX is not None
        return [NGINX, "-p", str(self.folder), "-c", str(self.config), "-e", "stderr"]

    def _write(self, port: int, plain_port: int, certificate: Certificate, servers: Sequence[int]) -> None:
        socket_config = self.folder / "lyhty-socket.conf"
        shutil.copyfile(PROXY / "lyhty-socket.conf", socket_config)
        one = "        server 127.0.0.1:8400 max_fails=0;  # HERE\n"
        changed = {
            "user www-data;\n": "",
            "pid /run/nginx.pid;\n": f"pid {self.folder}/nginx.pid;\n",
            one: "".join(one.replace("8400", str(server)).replace("  # HERE", "") for server in servers),
            "listen 80;": f"listen 127.0.0.1:{plain_port};",
            "        listen [::]:80;\n": "",
            "https://lyhty.example.fi/;  # HERE": f"{self.site}/;",
            "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
            "        listen [::]:443 ssl;\n": "",
            "server_name lyhty.example.fi;  # HERE": "server_name localhost;",
            "/etc/lyhty/tls/fullchain.pem;  # HERE, and the next": f"{certificate.cert};",
            "/etc/lyhty/tls/privkey.pem": str(certificate.key),
            "/etc/nginx/lyhty-socket.conf": str(socket_config),
        }
        text = (PROXY / "nginx.conf").read_text()
        for before, after in changed.items():
            assert before in text, before
            text = text.replace(before, after)
        assert "HERE" not in text.partition("\n\n")[2]
        self.config.write_text(text)
