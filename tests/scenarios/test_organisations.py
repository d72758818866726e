"""A coordinator at a terminal brings schools in, and writes what is invoiced by (SPEC 12.1)."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lyhty_client.cli import main
from lyhty_wire.encoding import b64encode
from tests.provider import Account, Provider
from tests.scenarios.actors import reporter
from tests.scenarios.server_process import ServerProcess

EXAMPLE = Path(__file__).parents[2] / "deploy" / "schools-example.csv"

Org = Callable[..., int]


@pytest.fixture
def server(own_server: Callable[..., ServerProcess]) -> ServerProcess:
    return own_server()


def who(provider: Provider, account: Account, folder: Path) -> list[str]:
    (folder / "password").write_text(account.password)
    return [
        "--name", account.name, "--device", account.device, "--password-file", str(folder / "password"),
        "--anchor", b64encode(provider.instance),
    ]  # fmt: skip


@pytest.fixture
def org(server: ServerProcess, provider: Provider, tmp_path: Path) -> Org:
    flags = who(provider, provider.coordinator, tmp_path)

    def run(errand: str, *more: str) -> int:
        return main(["org", errand, server.url, *more, *flags])

    return run


def test_the_example_is_brought_in_after_a_dry_run_and_listed_as_a_tree(
    org: Org, capsys: pytest.CaptureFixture[str]
) -> None:
    assert org("import", str(EXAMPLE), "--dry-run") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "A dry run: nothing was changed."
    assert org("list") == 0
    assert capsys.readouterr().out == "There are none yet.\n"
    assert org("import", str(EXAMPLE)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Stored."
    assert org("list") == 0
    assert capsys.readouterr().out.splitlines() == [
        "06  Esimerkkialue",
        "  837  Esimerkkilä",
        "      06 pays 40 % of 837 from 2027-08-01 until 2029-07-31",
        "      837 pays 60 % of 837 from 2027-08-01 until 2029-07-31",
        "    03095  Rantakoulu  (420 pupils, grades 1-9)",
        "    03096  Mäkikoulu  (64 pupils, grades 1-6)",
        "        06 pays 100 % of 03096 from 2028-01-01 until 2028-07-31",
    ]
    assert org("import", str(EXAMPLE)) == 0
    assert capsys.readouterr().out == "The file is right; all of it is there already.\n"


def test_what_is_wrong_is_told_row_by_row_in_three_languages_and_nothing_is_brought_in(
    org: Org, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "schools.csv"
    file.write_text(EXAMPLE.read_text(encoding="utf-8").replace("420", "many"), encoding="utf-8")
    for language, told in (
        ("fi", 'Rivi 4, oppilaita "many": Oppilaita pitää olla 1–20 000.'),
        ("sv", 'Rad 4, elever "many": Antalet elever ska vara 1–20 000.'),
        ("en", 'Row 4, pupils "many": The pupils have to be a number, 1 to 20,000.'),
    ):
        assert org("import", str(file), "--language", language) == 1
        assert capsys.readouterr().out.splitlines() == [told, "Nothing was changed."]
    file.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="cp1252")
    assert org("import", str(file)) == 1
    assert "UTF-8" in capsys.readouterr().out
    assert org("list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"organisations": [], "agreements": []}


def test_a_file_that_is_not_there_or_too_large_is_not_sent(
    org: Org, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert org("import", str(tmp_path / "none.csv")) == 1
    (tmp_path / "large.csv").write_bytes(b"x" * 1_048_577)
    assert org("import", str(tmp_path / "large.csv")) == 1
    assert "too-large" in capsys.readouterr().err


def test_who_is_no_coordinator_is_told_so(
    server: ServerProcess, provider: Provider, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = who(provider, provider.lawyer, tmp_path)
    assert main(["org", "list", server.url, *flags]) == 1
    assert main(["org", "import", server.url, str(EXAMPLE), *flags]) == 1
    assert capsys.readouterr().err.count("Only a coordinator can do this.") == 2


def test_an_invoice_is_the_same_to_the_last_byte_however_many_cases_there_were(
    org: Org, server: ServerProcess, tmp_path: Path
) -> None:
    assert org("import", str(EXAMPLE)) == 0
    before, after = tmp_path / "before.csv", tmp_path / "after.csv"
    assert org("invoice-basis", "2028-01", "--out", str(before)) == 0

    async def tell() -> None:
        for nth in range(3):
            async with reporter(server.url) as pupil:
                await pupil.tells(f"Story {nth} of Rantakoulu")

    asyncio.run(tell())
    assert org("invoice-basis", "2028-01", "--out", str(after)) == 0
    assert before.read_bytes() == after.read_bytes()
    assert before.read_text(encoding="utf-8-sig").splitlines()[1:] == [
        "2028-01;06;Esimerkkialue;03095;Rantakoulu;2028-01-01;2028-01-31;31;420;40;5208,00",
        "2028-01;06;Esimerkkialue;03096;Mäkikoulu;2028-01-01;2028-01-31;31;64;100;1984,00",
        "2028-01;837;Esimerkkilä;03095;Rantakoulu;2028-01-01;2028-01-31;31;420;60;7812,00",
    ]


def test_a_period_that_is_none_is_refused_before_anybody_signs_in(org: Org, capsys: pytest.CaptureFixture[str]) -> None:
    assert org("invoice-basis", "2028-13") == 1
    assert "operation-malformed" in capsys.readouterr().err
