"""`lyhty org ...`: a coordinator brings schools in, lists them, and writes what is invoiced by (SPEC 12.1)."""

import argparse
import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from lyhty_client.cli_expert import signed_in
from lyhty_client.errors import ClientError
from lyhty_client.import_faults import FAULTS, LANGUAGES
from lyhty_client.invoicing import as_csv, basis
from lyhty_client.terminal import show
from lyhty_wire.figures.periods import Period
from lyhty_wire.organisation_desk import (
    COLUMN_WORDS,
    MAX_IMPORT_BYTES,
    Imported,
    ImportProblem,
    OrganisationChange,
    Organisations,
)
from lyhty_wire.organisations import Agreement, Organisation, Tree

_ROW: Final = {"fi": "Rivi", "sv": "Rad", "en": "Row"}
_FILE: Final = {"fi": "Tiedosto", "sv": "Filen", "en": "File"}
_WORDS_OF: Final = {"en": 0, "fi": 1, "sv": 2}


async def bring_in(asked: argparse.Namespace) -> bool:
    """Whether the file was right."""
    content = _read(asked.file)
    async with signed_in(asked) as expert:
        told = await expert.desk.import_organisations(content, dry_run=asked.dry_run)
    lines = _problem_lines(told, asked.language) if told.problems else _change_lines(told, is_dry=asked.dry_run)
    show(lines, msgspec.to_builtins(told), as_json=asked.json)
    return not told.problems


async def listed(asked: argparse.Namespace) -> bool:
    async with signed_in(asked) as expert:
        found = await expert.desk.organisations()
    lines = _tree_lines(Tree(found.organisations, found.agreements))
    show(lines or ["There are none yet."], msgspec.to_builtins(found), as_json=asked.json)
    return True


async def invoice_basis(asked: argparse.Namespace) -> bool:
    period = Period.parse(asked.period)
    async with signed_in(asked) as expert:
        found: Organisations = await expert.desk.organisations()
    tree = Tree(found.organisations, found.agreements)
    text = as_csv(tree, period, basis(tree, period))
    if asked.out is None:
        sys.stdout.write(text)
    else:
        asked.out.write_text(text, encoding="utf-8-sig", newline="")  # the mark tells spreadsheets that it is UTF-8
    return True


def _read(file: Path) -> bytes:
    if file.stat().st_size > MAX_IMPORT_BYTES:
        raise ClientError("too-large", f"{file} has more than {MAX_IMPORT_BYTES} bytes")
    return file.read_bytes()


def _problem_lines(told: Imported, language: str) -> list[str]:
    lines = [_problem_line(each, language) for each in told.problems]
    if told.more_problems:
        lines.append(f"... {told.more_problems} more.")
    return [*lines, "Nothing was changed."]


def _problem_line(problem: ImportProblem, language: str) -> str:
    """`Row 5, pupils "many": The pupils have to be a number, 1 to 20,000.`"""
    where = f"{_ROW[language]} {problem.row}" if problem.row else _FILE[language]
    if problem.column is not None:
        where += f", {COLUMN_WORDS[problem.column][_WORDS_OF[language]]}"
    value = f' "{problem.value}"' if problem.value else ""
    return f"{where}{value}: {FAULTS[problem.code][LANGUAGES.index(language)]}"


def _change_lines(told: Imported, *, is_dry: bool) -> list[str]:
    lines = [
        *(f"+ {_named(each)}" for each in told.added),
        *(f"~ {_named(each)} ({', '.join(column.value for column in each.columns)})" for each in told.changed),
        *(f"- {_named(each)} (leaves)" for each in told.left),
        *(f"+ {_agreed(each)}" for each in told.agreements),
        *(f"- {_agreed(each)}" for each in told.withdrawn),
    ]
    if not lines:
        return ["The file is right; all of it is there already."]
    return [*lines, "A dry run: nothing was changed." if is_dry else "Stored."]


def _named(change: OrganisationChange) -> str:
    return _line(f"{change.id} {change.name}")


def _line(text: str) -> str:
    """Nothing that a terminal obeys, whatever the server says."""
    return "".join(each if each.isprintable() else "?" for each in text)


def _agreed(agreement: Agreement) -> str:
    until = "" if agreement.ends is None else f" until {agreement.ends - timedelta(days=1)}"
    return f"{agreement.funder} pays {agreement.percent} % of {agreement.organisation} from {agreement.begins}{until}"


def _tree_lines(tree: Tree, parent: str | None = None, depth: int = 0) -> list[str]:
    lines = []
    for each in tree.children(parent):
        lines.append(f"{'  ' * depth}{_line(each.id)}  {_line(each.name)}{_facts(each)}")
        lines += [
            f"{'  ' * (depth + 2)}{_agreed(agreed)}" for agreed in tree.agreements if agreed.organisation == each.id
        ]
        lines += _tree_lines(tree, each.id, depth + 1)
    return lines


def _facts(each: Organisation) -> str:
    facts = [
        *([] if each.pupils is None else [f"{each.pupils} pupils"]),
        *([] if each.grades is None else [f"grades {each.grades[0]}-{each.grades[1]}"]),
        *([] if each.left is None else [f"until {each.left - timedelta(days=1)}"]),
    ]
    return f"  ({', '.join(facts)})" if facts else ""
