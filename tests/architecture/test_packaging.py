"""Packaging: what is built, and that the locks say what is in it but never where from."""

import ast
import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER_PACKAGES = ("crypto/lyhty_wire", "server/lyhty_server")
ALL_PACKAGES = (*SERVER_PACKAGES, "crypto/lyhty_crypto", "client/lyhty_client")


def _project(folder: str) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
    return project


def _distribution_names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0].lower() for requirement in requirements}


def _imported_distributions(packages: tuple[str, ...]) -> set[str]:
    """The distributions whose modules these packages import, ours and the standard library left out."""
    modules: set[str] = set()
    for package in packages:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    modules |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module is not None:
                    modules.add(node.module.partition(".")[0])
    foreign = {m for m in modules if m not in sys.stdlib_module_names and not m.startswith("lyhty_")}
    owners = packages_distributions()
    return {owners[module][0].lower().replace("_", "-") for module in foreign}


def test_the_server_alone_has_the_version_of_the_whole() -> None:
    assert _project("deploy/server")["version"] == _project(".")["version"]


def test_the_server_alone_asks_for_the_same_versions_as_the_whole() -> None:
    assert set(_project("deploy/server")["dependencies"]) <= set(_project(".")["dependencies"])


@pytest.mark.parametrize(("folder", "packages"), [(".", ALL_PACKAGES), ("deploy/server", SERVER_PACKAGES)])
def test_every_package_that_is_imported_is_declared(folder: str, packages: tuple[str, ...]) -> None:
    assert _imported_distributions(packages) <= _distribution_names(_project(folder)["dependencies"])


def test_the_python_lock_names_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"://|^\s*-(?!-hash)|@ ", lock, re.MULTILINE)


def test_every_python_package_in_the_lock_is_pinned_by_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text().replace("\\\n", "")
    requirements = [line for line in lock.splitlines() if line and not line.lstrip().startswith("#")]
    assert requirements
    assert all("==" in line and "--hash=sha256:" in line for line in requirements)


def test_the_web_lock_names_no_address() -> None:
    assert "://" not in (ROOT / "client" / "web" / "package-lock.json").read_text()


def test_every_web_package_in_the_lock_is_pinned_by_hash() -> None:
    packages = json.loads((ROOT / "client" / "web" / "package-lock.json").read_text())["packages"]
    assert all("integrity" in entry for name, entry in packages.items() if name)


def test_every_web_package_is_asked_for_by_one_exact_version() -> None:
    wanted = json.loads((ROOT / "client" / "web" / "package.json").read_text())
    versions = wanted["dependencies"] | wanted["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())
