"""Prints the part of requirements.lock that a server needs, line for line; `make lock` keeps it beside this file.

Run it where everything of requirements.lock is installed: what needs what is asked of the installed packages.
"""

import re
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
HEAD = "# What the server alone needs, from requirements.lock. Written by `make lock`.\n"


def wanted(direct: list[str]) -> set[str]:
    """The names of all packages that these need, themselves among them."""
    found: set[str] = set()
    waiting = [Requirement(line) for line in direct]
    done: set[tuple[str, str]] = set()
    while waiting:
        one = waiting.pop()
        found.add(canonicalize_name(one.name))
        for extra in ("", *one.extras):
            if (one.name, extra) in done:
                continue
            done.add((one.name, extra))
            needs = [Requirement(line) for line in requires(one.name) or []]
            waiting += [need for need in needs if need.marker is None or need.marker.evaluate({"extra": extra})]
    return found


def locked() -> dict[str, str]:
    """Each package's lines in requirements.lock, by its name."""
    text = (ROOT / "requirements.lock").read_text()
    entries = re.findall(r"^\S+==.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return {canonicalize_name(entry.partition("==")[0]): _without_reasons(entry) for entry in entries}


def _without_reasons(entry: str) -> str:
    return "".join(f"{line}\n" for line in entry.splitlines() if not line.lstrip().startswith("#"))


def written() -> str:
    direct = tomllib.loads((ROOT / "deploy" / "server" / "pyproject.toml").read_text())["project"]["dependencies"]
    entries = locked()
    return HEAD + "".join(entries[name] for name in sorted(wanted(direct)))


if __name__ == "__main__":
    sys.stdout.write(written())
