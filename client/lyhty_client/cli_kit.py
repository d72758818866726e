"""`lyhty org kit ...`: all papers of a school, made by the server and put into a folder (SPEC 12.6)."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from lyhty_client.cli_expert import signed_in
from lyhty_client.terminal import show


async def write_kit(asked: argparse.Namespace) -> bool:
    async with signed_in(asked) as expert:
        kit = await expert.desk.kit(asked.school)
        files = [
            (f"{paper.paper}-{language}.{kind}", await expert.desk.paper(kit.school, paper.paper, language, kind))
            for paper in kit.papers
            for language in paper.languages
            for kind in paper.formats
        ]
    _write(asked.out, files)
    names = [name for name, _ in files]
    show([*names, f"{len(names)} files in {asked.out}."], {"school": kit.school, "files": names}, as_json=asked.json)
    return True


def _write(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Their names are of the three lists of `kit_desk`, whatever the server says."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in files:
        (folder / name).write_bytes(body)
