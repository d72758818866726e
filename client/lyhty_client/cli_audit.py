"""`lyhty audit ...`: whether the log of openings and key acts is whole, from a server or from a copy (SPEC 9.10)."""

import argparse
from datetime import UTC, datetime
from typing import Final

from lyhty_client.auditing import Checked, Saved, check, fetch
from lyhty_client.cli_expert import signed_in
from lyhty_client.errors import ClientError
from lyhty_client.terminal import show
from lyhty_client.trust import parse_anchor
from lyhty_crypto.audit import BrokenLogError
from lyhty_wire.audit import HOUR_S, Entry, Kind
from lyhty_wire.directories import Directory
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import InstanceId

ACTS: Final = {
    Kind.OPENING: "opened a case",
    Kind.HANDOVER: "handed a case over",
    Kind.EXPORT: "saved a case",
    Kind.KEY_ACT: "signed a directory",
    Kind.WITNESS: "checked the log",
}
BREACHES: Final = {
    "unreadable": "is no entry of this service",
    "stranger": "is by nobody who could have signed it then",
    "forged": "has a signature that does not hold",
    "gap": "does not follow its author's entry before: one is missing, moved or repeated",
    "disorder": "goes by an older directory than the entry before",
    "contradicted": "is a witness who saw another log",
    "shorter": "is missing, and was there before",
    "changed": "is not the one that was there before",
}


async def verify(asked: argparse.Namespace) -> bool:
    """Whether it is whole."""
    kept = None if asked.file is None else Saved.read(asked.file)
    if asked.url is None:
        if kept is None or asked.anchor is None:
            raise ClientError("directory-missing", "name a URL, or a file and its --anchor")
        anchor = parse_anchor(asked.anchor)
        return _tell(check(kept, anchor), kept, anchor, asked)
    anchor, saved = await _fetched(asked)
    return _tell(check(saved, anchor, kept), saved, anchor, asked)


async def save(asked: argparse.Namespace) -> bool:
    """Kept even when it is broken: then it is evidence."""
    anchor, saved = await _fetched(asked)
    saved.write(asked.file)
    return _tell(check(saved, anchor), saved, anchor, asked)


async def _fetched(asked: argparse.Namespace) -> tuple[InstanceId, Saved]:
    async with signed_in(asked) as expert:
        return expert.expertise.directory.instance, await fetch(expert)


def _tell(checked: Checked, saved: Saved, anchor: InstanceId, asked: argparse.Namespace) -> bool:
    directory = saved.directory(anchor)
    rows = [_row(seq, entry, directory) for seq, entry in enumerate(checked.entries, start=1)]
    lines = [f"{row['hour']}  {row['who']}  {row['what']}" for row in rows]
    if directory.version > 1 and not checked.is_directory_logged:
        lines.append(
            f"No entry made the directory in use (version {directory.version}): it came from the server's own disk."
        )
    lines.append(_verdict(checked.broken, len(rows)))
    told = {
        "entries": rows,
        "length": checked.point.length,
        "head": b64encode(checked.point.head),
        "whole": checked.broken is None,
        "broken": None if checked.broken is None else {"breach": checked.broken.breach, "seq": checked.broken.seq},
        "directory_logged": checked.is_directory_logged,
    }
    show(lines, told, as_json=asked.json)
    return checked.broken is None


def _verdict(broken: BrokenLogError | None, count: int) -> str:
    if broken is None:
        return f"{count} entries, whole."
    return f"BROKEN: entry {broken.seq} {BREACHES[broken.breach]}. Nothing from there on can be believed."


def _row(seq: int, entry: Entry, directory: Directory) -> dict[str, object]:
    people = {
        **{former.id: former.name for former in directory.former},
        **{expert.id: expert.name for expert in directory.experts},
    }
    return {
        "seq": seq,
        "hour": datetime.fromtimestamp(entry.hour * HOUR_S, UTC).strftime("%Y-%m-%d %H:00 UTC"),
        "who": people[entry.author],
        "what": ACTS[entry.kind],
    }
