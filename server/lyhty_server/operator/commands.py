"""The closed table of the operator's commands. A command's module is loaded when it is asked for, and not before."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Final, Protocol, cast

NOT_UNDERSTOOD: Final = 2

COMMANDS: Final[Mapping[str, str]] = {
    "serve": "serve Lyhty from one data folder",
    "db": "the database: which schema it has, and bringing it to this release's",
    "backup": "make an encrypted copy of everything, check one, or put one back",
    "doctor": "find what is wrong with this installation, and say how to mend it",
}


class Command(Protocol):
    def main(self, arguments: Sequence[str], program: str) -> int:
        """`program` is how it was called, as `lyhty-server db`, for its help. Returns the exit status."""


def present() -> dict[str, str]:
    """The commands of this installation: name and what it does."""
    return {name: told for name, told in COMMANDS.items() if find_spec(_module(name)) is not None}


def main(arguments: Sequence[str], program: str) -> int:
    match list(arguments):
        case ["-h" | "--help", *_]:
            sys.stdout.write(_help(program))
            return 0
        case [name, *rest] if name in present():
            return _command(name).main(rest, f"{program} {name}")
        case [option, *_] if option.startswith("-"):
            return _command("serve").main(arguments, program)
        case _:
            sys.stderr.write(_help(program))
            return NOT_UNDERSTOOD


def _command(name: str) -> Command:
    return cast("Command", import_module(_module(name)))


def _module(name: str) -> str:
    return f"lyhty_server.operator.{name}"


def _help(program: str) -> str:
    lines = "".join(f"  {name:<8}{told}\n" for name, told in present().items())
    return f"usage: {program} COMMAND ...\n\n{lines}\n`{program} COMMAND --help` says more. --data DIR alone serves.\n"
