"""The operator's commands: one table, loaded one at a time, under both names of the program."""

import subprocess
import sys
from importlib import import_module

import pytest

from lyhty_client import cli
from lyhty_server.__main__ import main
from lyhty_server.operator.commands import COMMANDS, present


@pytest.mark.parametrize("name", present())
def test_every_command_tells_how_it_is_asked(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: lyhty-server {name} ")


def test_the_help_lists_the_commands_that_are_installed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = {line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("  ")}
    assert listed == set(present())
    assert "serve" in listed


def test_both_programs_know_the_same_commands() -> None:
    assert set(cli.OPERATORS) == set(COMMANDS)


@pytest.mark.parametrize("arguments", [[], ["sreve"], ["commands"]])
def test_a_command_nobody_knows_is_answered_with_those_there_are(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "  serve" in capsys.readouterr().err


def test_the_big_program_hands_over_to_the_server(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["serve", "--help"])
    assert capsys.readouterr().out.startswith("usage: lyhty serve ")


def test_the_big_program_lists_them_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert f"on the server: {COMMANDS['serve']}" in capsys.readouterr().out


def without_the_server(*arguments: str) -> subprocess.CompletedProcess[str]:
    hidden = "import sys; sys.modules['lyhty_server'] = None; from lyhty_client.cli import main"
    program = f"{hidden}; sys.exit(main({arguments!r}))"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_without_the_server_package_the_big_program_says_so() -> None:
    left = without_the_server("serve", "--data", "x")
    assert left.returncode == 1
    assert left.stderr == "`lyhty serve` needs the server, which is not installed here: install lyhty-server.\n"


def test_without_the_server_package_its_commands_are_not_listed() -> None:
    left = without_the_server("--help")
    assert left.returncode == 0
    assert "on the server:" not in left.stdout


def test_asking_for_one_command_loads_no_other() -> None:
    assert callable(import_module("lyhty_server.operator.serve").main)
    program = (
        "import sys; from lyhty_server.operator.commands import present; present(); print('sqlalchemy' in sys.modules)"
    )
    left = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert left.stdout == "False\n"
