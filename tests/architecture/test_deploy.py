"""What stands in deploy/, checked as far as it can be without a container engine and without systemd as process 1."""

import configparser
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CONTAINERFILE = (DEPLOY / "container" / "Containerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
MADE_BY_THE_OPERATOR = "./secrets/"
MOST_EXPOSED = 1.5
GUARD = next(line for line in CONTAINERFILE.splitlines() if "lyhty_crypto" in line and line.startswith("RUN "))


# --- systemd


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_service_is_exposed_to_little() -> None:
    unit = DEPLOY / "systemd" / "lyhty-server.service"
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
@pytest.mark.parametrize("unit", sorted(DEPLOY.rglob("*.service")), ids=lambda path: path.name)
def test_systemd_understands_every_line_of_a_unit(unit: Path, tmp_path: Path) -> None:
    program = re.sub(r"^ExecStart=/opt/lyhty/bin/\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
    (tmp_path / unit.name).write_text(program)
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit.name], capture_output=True, text=True, check=False
    )
    assert [line for line in said.stderr.splitlines() if unit.name in line] == []


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
