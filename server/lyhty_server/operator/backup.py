"""`backup key|create|erased|verify|restore`: an encrypted copy of everything, checked, and put back."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import pyrage

from lyhty_server.clock import system_clock
from lyhty_server.config import ConfigError
from lyhty_server.operator import backup_file, backup_places
from lyhty_server.operator.backup_file import BackupError
from lyhty_server.operator.erased_list import NAME as ERASED
from lyhty_server.operator.erased_list import ErasedList
from lyhty_server.operator.restoring import compare, restore

PUBLIC_KEY: Final = "backup-key"
"""In the data folder: the public half. Whoever has it can make backups and read none."""
ENDING: Final = ".backup"
LIST_HOURS: Final = 24
_DAY_S: Final = 86_400
_NAME: Final = "lyhty-%Y%m%dT%H%M%SZ"

_WHERE_TO_KEEP = """
This file opens every backup. Print it or copy it onto two memory sticks, lock them away in two places, and delete it
here: a computer that serves must not have it. Without it no backup can be read again.
"""


def main(arguments: Sequence[str], program: str) -> int:
    asked = _parser(program).parse_args(arguments)
    try:
        asked.run(asked)
    except (BackupError, ConfigError) as error:
        sys.stderr.write(f"{program}: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{program}: {error.strerror or error}: {error.filename or ''}\n")
        return 1
    return 0


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description="Encrypted copies of everything.", allow_abbrev=False)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    key = commands.add_parser("key", help="make the key that backups are sealed to")
    key.add_argument("file", type=Path, help="where its secret half is written: not on this computer for long")
    create = commands.add_parser("create", help="make a backup while the server runs")
    erased = commands.add_parser("erased", help="write down which cases were erased: every few minutes")
    for command in (key, create, erased):
        command.add_argument("--data", type=Path, required=True, help="the folder `lyhty init` made")
    for command in (create, erased):
        command.add_argument("--to", type=Path, required=True, help="the folder of the backups")
    create.add_argument("--keep-days", type=_days, help="remove backups there that are older")

    verify = commands.add_parser("verify", help="whether a backup is whole; with the key, whether it can be put back")
    restore = commands.add_parser("restore", help="put a backup back into an empty place")
    for command in (verify, restore):
        command.add_argument("file", type=Path, help="the backup")
    verify.add_argument("--key", type=Path, help="file with the secret key")
    restore.add_argument("--key", type=Path, required=True, help="file with the secret key")
    restore.add_argument("--data", type=Path, required=True, help="a folder that does not exist yet")
    restore.add_argument(
        "--erased", type=Path, help=f"the list of erased cases; `{ERASED}` beside the backup unless set"
    )
    restore.add_argument(
        "--old-list", action="store_true", help=f"take a list that is older than {LIST_HOURS} hours, or do without"
    )

    for command, run in ((key, _key), (create, _create), (erased, _erased), (verify, _verify), (restore, _restore)):
        command.set_defaults(run=run)
    return parser


def _key(asked: argparse.Namespace) -> None:
    secret: Path = asked.file
    if secret.resolve().is_relative_to(asked.data.resolve()):
        raise BackupError("The secret key must not lie in the data folder: who has that would read every backup.")
    public = asked.data / PUBLIC_KEY
    for path in (secret, public):
        if path.exists():
            raise BackupError(f"{path} is there already. Nothing was changed.")
    identity = pyrage.x25519.Identity.generate()
    with backup_file.whole_file(secret) as file:
        file.write(f"# Opens backups of Lyhty. Public half: {identity.to_public()}\n{identity}\n".encode())
    with backup_file.whole_file(public) as file:
        file.write(f"{identity.to_public()}\n".encode())
    sys.stdout.write(f"Wrote {secret}.{_WHERE_TO_KEEP}")


def _create(asked: argparse.Namespace) -> None:
    recipient = _recipient(asked.data / PUBLIC_KEY)
    now_s = system_clock()
    path = asked.to / (time.strftime(_NAME, time.gmtime(now_s)) + ENDING)
    if path.exists():
        raise BackupError(f"{path} is there already.")
    with (
        backup_places.reading(asked.data, os.environ) as connection,
        closing(backup_places.parts(connection, asked.data, now_s)) as parts,
    ):
        backup_file.write(path, parts, recipient)
    _write_list(asked, now_s)
    sys.stdout.write(f"Wrote {path}, {path.stat().st_size:,} bytes.\n")
    if asked.keep_days is not None:
        _remove_older(asked.to, now_s - asked.keep_days * _DAY_S)


def _erased(asked: argparse.Namespace) -> None:
    _write_list(asked, system_clock())


def _verify(asked: argparse.Namespace) -> None:
    backup_file.check(asked.file)
    if asked.key is None:
        sys.stdout.write("The file is whole. What is in it only the key can tell: add --key.\n")
        return
    start, rows, tables = compare(asked.file, _identity(asked.key))
    sys.stdout.write(
        f"Whole, and the same when put back: {rows:,} rows in {tables} tables, of {_when(start.made_s)}, schema "
        f"{start.schema}.\n"
    )


def _restore(asked: argparse.Namespace) -> None:
    backup_file.check(asked.file)
    listed = asked.erased or asked.file.parent / ERASED

    def find_erased(pepper: bytes, made_s: int) -> ErasedList:
        return _list(listed, pepper, made_s, accept_old=asked.old_list)

    restored = restore(asked.file, _identity(asked.key), asked.data, os.environ, find_erased)
    sys.stdout.write(
        f"Put back into {asked.data}. Left out, because they were erased since: {restored.left_out} cases.\n"
        f"Cases that were erased after {_when(restored.known_s)} may be back: tell who answers for data protection.\n"
    )


def _list(path: Path, pepper: bytes, made_s: int, *, accept_old: bool) -> ErasedList:
    """
    Raises:
        BackupError: it cannot be used, and nobody has said that this is accepted.
    """
    if accept_old and not path.exists():
        return ErasedList(pepper, made_s, frozenset())
    found = ErasedList.read(path, pepper)
    hours = (system_clock() - found.made_s) // 3_600
    if not accept_old and (found.made_s < made_s or hours >= LIST_HOURS):
        raise BackupError(
            f"The list of erased cases is of {_when(found.made_s)}: what was erased after that would come back. Find a "
            "newer one, or say --old-list and accept it."
        )
    return found


def _write_list(asked: argparse.Namespace, now_s: int) -> None:
    pepper = (asked.data / "pepper").read_bytes()
    with backup_places.reading(asked.data, os.environ) as connection:
        ErasedList.of(pepper, now_s, backup_places.tombstones(connection)).write(asked.to / ERASED)


def _remove_older(folder: Path, than_s: int) -> None:
    oldest = time.strftime(_NAME, time.gmtime(than_s)) + ENDING
    for path in sorted(folder.glob(f"lyhty-*{ENDING}")):
        if path.name < oldest:
            path.unlink()
            sys.stdout.write(f"Removed {path.name}.\n")


def _recipient(path: Path) -> pyrage.x25519.Recipient:
    if not path.is_file():
        raise BackupError(f"There is no {path.name} in {path.parent}. Make one with `backup key`.")
    try:
        return pyrage.x25519.Recipient.from_str(path.read_text().strip())
    except pyrage.RecipientError:
        raise BackupError(f"{path} is no public key of backups.") from None


def _identity(path: Path) -> pyrage.x25519.Identity:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    try:
        (line,) = lines
        return pyrage.x25519.Identity.from_str(line)
    except (ValueError, pyrage.IdentityError):
        raise BackupError(f"{path} is no secret key of backups.") from None


def _days(value: str) -> int:
    days = int(value)
    if not 1 <= days <= 365:
        raise argparse.ArgumentTypeError("1 to 365")
    return days


def _when(at_s: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(at_s))
