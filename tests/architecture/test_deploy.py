"""What stands in deploy/, checked as far as it can be without a container engine and without systemd as process 1."""

import configparser
import json
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from lyhty_server.config import Config
from lyhty_server.store.postgres import tls_of

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CONTAINERFILE = (DEPLOY / "container" / "Containerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
MADE_BY_THE_OPERATOR = "./secrets/"
MOST_EXPOSED = 1.5
UNITS = sorted(DEPLOY.rglob("*.service"))
TIMERS = sorted(DEPLOY.rglob("*.timer"))
QUADLET = shutil.which("quadlet", path="/usr/libexec/podman:/usr/lib/podman")
GUARD = next(line for line in CONTAINERFILE.splitlines() if "lyhty_crypto" in line and line.startswith("RUN "))


# --- systemd


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_service_is_exposed_to_little(unit: Path) -> None:
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found is not None
    assert float(found[1]) <= MOST_EXPOSED


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", [*UNITS, *TIMERS], ids=lambda path: path.name)
def test_systemd_understands_every_line_of_a_unit(unit: Path, tmp_path: Path) -> None:
    if unit in TIMERS:
        (tmp_path / f"{unit.stem}.service").write_text("[Service]\nExecStart=/bin/true\n")
    program = re.sub(r"^ExecStart=/opt/lyhty/bin/\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
    (tmp_path / unit.name).write_text(program)
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit.name], capture_output=True, text=True, check=False
    )
    assert [line for line in said.stderr.splitlines() if unit.name in line] == []


def test_a_timer_starts_a_service_that_is_there_and_operations_says_so() -> None:
    assert len(TIMERS) > 2
    assert [timer.name for timer in TIMERS if not timer.with_suffix(".service").exists()] == []
    assert [timer.name for timer in TIMERS if timer.name not in (DEPLOY / "OPERATIONS.md").read_text()] == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_what_a_unit_runs_is_a_command_with_options_that_it_has(unit: Path, tmp_path: Path) -> None:
    """It comes as far as finding nothing there."""
    (line,) = re.findall(r"^ExecStart=/opt/lyhty/bin/(.+)$", unit.read_text(), re.MULTILINE)
    name, *arguments = re.sub(r"\$\{\w+\}|%d|/var/", f"{tmp_path}/none/", line).split()
    module = {"lyhty-server": "lyhty_server", "lyhty": "lyhty_client"}[name]
    asked = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, check=False, text=True)
    assert asked.returncode == 1, asked.stderr
    assert "usage" not in asked.stderr


def test_the_service_may_open_as_many_files_as_its_channels_need() -> None:
    text = (DEPLOY / "systemd" / "lyhty-server.service").read_text()
    found = re.search(r"^LimitNOFILE=(\d+)$", text, re.MULTILINE)
    assert found is not None
    assert int(found[1]) >= 8_000 + 2_124


# --- The container


def test_whatever_is_copied_into_the_container_is_there_or_built() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+) ", CONTAINERFILE, re.MULTILINE)
    assert copied
    assert [each for each in copied if not (ROOT / each).exists()] == ["dist/lyhty_server-*.whl"]


def test_the_container_ends_as_a_user_without_rights() -> None:
    users = re.findall(r"^USER (\d+):\d+$", CONTAINERFILE.rpartition("FROM ")[2], re.MULTILINE)
    assert users
    assert users[-1] != "0"


def test_the_health_of_a_container_is_asked_at_an_address_that_is_there() -> None:
    unit = (DEPLOY / "quadlet" / "lyhty-server.container").read_text()
    written = re.findall(r"^(?:    CMD |HealthCmd=)(\[.*\])$", f"{CONTAINERFILE}\n{unit}", re.MULTILINE)
    asked = [json.loads(each) for each in written]
    asked += [SERVICES[name]["healthcheck"]["test"][1:] for name in ("server-1", "server-2")]
    assert asked == [asked[0]] * 4
    program = asked[0][2].replace("http://127.0.0.1:8400/healthz", "{}")
    with alive() as address:
        for path, status in (("/healthz", 0), ("/nowhere", 1)):
            step = [sys.executable, "-c", program.format(address + path)]
            assert subprocess.run(step, capture_output=True, check=False).returncode == status


@contextmanager
def alive() -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 503)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def test_the_lock_of_the_server_alone_is_what_it_needs_of_the_whole() -> None:
    written = runpy.run_path(str(DEPLOY / "server" / "lock.py"))["written"]()
    assert (DEPLOY / "server" / "requirements.lock").read_text() == written


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both wheels, as `make wheel` and `make server-wheel` build them."""
    if not (ROOT / "server" / "lyhty_server" / "static" / "index.html").is_file():
        pytest.fail("The web client has not been built: make web")
    folder = tmp_path_factory.mktemp("dist")
    for project in (ROOT / "deploy" / "server", ROOT):
        subprocess.run(
            [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, project],
            check=True, capture_output=True, timeout=100,
        )  # fmt: skip
    return folder


def installed(wheel: Path, folder: Path) -> Path:
    """A virtual environment with this wheel and nothing else, and its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    shutil.unpack_archive(wheel, site, "zip")  # what pip does with a pure wheel, but for the scripts
    return python


def guard(python: Path) -> int:
    """The exit status of the step of the build that looks for the secret half."""
    step = GUARD.removeprefix("RUN ").replace("/opt/lyhty/bin/python", str(python))
    return subprocess.run(["sh", "-c", step], check=False).returncode


def test_the_server_alone_passes_the_guard_of_the_build_and_starts_without_the_secret_half(
    dist: Path, tmp_path: Path
) -> None:
    python = installed(next(dist.glob("lyhty_server-*.whl")), tmp_path / "alone")
    assert guard(python) == 0
    # Its packages are this environment's; the clients are not among them, for they are there by a .pth file alone.
    libraries = {"PYTHONPATH": sysconfig.get_path("purelib")}
    begun = subprocess.run(
        [python, "-m", "lyhty_server", "serve", "--data", tmp_path], env=libraries, capture_output=True, check=False
    )
    assert b"There is no anchor.json" in begun.stderr
    missing = subprocess.run([python, "-c", "import lyhty_crypto"], env=libraries, capture_output=True, check=False)
    assert b"No module named 'lyhty_crypto'" in missing.stderr


def test_the_build_fails_with_the_whole_package(dist: Path, tmp_path: Path) -> None:
    whole = next(wheel for wheel in dist.glob("lyhty-*.whl"))
    assert guard(installed(whole, tmp_path / "whole")) == 1


# --- The compose file


def test_there_are_two_servers_a_database_a_bus_and_a_proxy() -> None:
    assert set(SERVICES) == {"server-1", "server-2", "postgres", "nats", "proxy"}


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_has_rights_or_a_root_to_write_on(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert [name for name, network in COMPOSE["networks"].items() if network != {"internal": True}] == ["outside"]
    assert [name for name, service in SERVICES.items() if "outside" in service["networks"]] == ["proxy"]


def test_the_database_cannot_be_reached_from_the_proxy() -> None:
    assert not set(SERVICES["proxy"]["networks"]) & set(SERVICES["postgres"]["networks"])


def test_whatever_the_compose_file_names_is_there_or_the_operators() -> None:
    mounted = [volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    ours = [path for path in mounted if path.startswith(".") and not path.startswith(MADE_BY_THE_OPERATOR)]
    assert ours == ["./proxy/lyhty-socket.conf"]
    assert all((DEPLOY / path).exists() for path in ours)
    assert (DEPLOY / "compose.yaml").parent.parent / SERVICES["server-1"]["build"]["dockerfile"] == (
        DEPLOY / "container" / "Containerfile"
    )


def test_the_servers_of_the_compose_file_reach_its_database_without_tls_within_one_computer_and_its_bus() -> None:
    head = (DEPLOY / "compose.yaml").read_text().partition("\nname:")[0]
    settings = dict(re.findall(r"(LYHTY_\w+)=(\S+)", head))
    config = Config.from_environ(settings, Path())
    assert config.database_url is not None
    assert config.bus is not None
    # Its image has no TLS, and elsewhere than on this computer the server asks for it.
    assert tls_of(config.database_url) == {}
    for host in (config.database_url.host, urlsplit(config.bus.servers[0]).hostname):
        assert host in SERVICES
        assert set(SERVICES[str(host)]["networks"]) & set(SERVICES["server-1"]["networks"])


def test_the_secrets_beside_the_compose_file_are_kept_out_of_git() -> None:
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


# --- Quadlet


def test_the_quadlet_unit_has_no_rights_and_listens_to_this_computer_alone() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "quadlet" / "lyhty-server.container")
    container = unit["Container"]
    assert container["ReadOnly"] == container["NoNewPrivileges"] == "true"
    assert container["DropCapability"] == "ALL"
    assert container["PublishPort"].startswith("127.0.0.1:")
    assert (DEPLOY / "quadlet" / container["Network"]).exists()


@pytest.mark.skipif(QUADLET is None, reason="podman is not installed")
def test_podman_understands_the_quadlet_units() -> None:
    assert QUADLET is not None
    said = subprocess.run(
        [QUADLET, "-dryrun", "-user"], env={"QUADLET_UNIT_DIRS": str(DEPLOY / "quadlet")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert "--cap-drop all --read-only --user 10001:10001" in said.stdout


# --- The documents


def test_every_file_of_deploy_that_operations_names_is_there() -> None:
    named = set(re.findall(r"\bdeploy/[\w./-]+\w", (DEPLOY / "OPERATIONS.md").read_text()))
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).exists() and not name.startswith("deploy/secrets")] == []


@pytest.mark.parametrize("text", sorted((DEPLOY / "texts").iterdir()), ids=lambda path: path.name)
def test_a_text_for_the_operator_is_named_and_leaves_what_is_theirs_open(text: Path) -> None:
    assert f"(texts/{text.name})" in (DEPLOY / "OPERATIONS.md").read_text()
    assert len(re.findall(r"\[[^\]]+\]", text.read_text())) > 5


def test_the_address_of_the_figures_is_the_same_in_operations_and_in_the_unit() -> None:
    found = re.search(r"SocketBindAllow=tcp:(94\d\d)-", (DEPLOY / "systemd" / "lyhty-server.service").read_text())
    assert found is not None
    assert f"LYHTY_METRICS_PORT={found[1]}" in (DEPLOY / "OPERATIONS.md").read_text()
