"""What the command line understands, how it refuses, and what it does not load."""

import subprocess
import sys
from pathlib import Path

import pytest

from lyhty_client import cli
from lyhty_client.ceremony import write_demo
from lyhty_client.folder import DataFolder
from lyhty_client.sentences import SENTENCES
from lyhty_wire.codes import CLIENT_CODES, Code
from tests.client.conftest import Instance


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert set(SENTENCES) == {code.text for code in Code} | set(CLIENT_CODES) | {
        "data-folder",
        "expert-unknown",
        "figures-drawn-already",
        "last-of-queue",
        "root-not-made",
        "nothing-asked",
        "pupils-unknown",
    }


def test_a_sentence_is_one_sentence() -> None:
    assert [text for text in SENTENCES.values() if not text.endswith(".") or ". " in text or "\n" in text] == []


def test_init_founds_a_demo_once_and_then_leaves_it_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], instance: Instance
) -> None:
    folder = DataFolder(tmp_path / "data")
    assert cli.main(["init", "--demo", str(folder.path)]) == 0
    before = folder.provision.read_bytes()
    assert cli.main(["init", "--demo", "--keep", str(folder.path)]) == 0
    assert cli.main(["init", "--demo", str(folder.path)]) == 1
    assert folder.provision.read_bytes() == before
    assert "stays as it is" in capsys.readouterr().out


def test_renewing_what_needs_no_renewal_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["init", "--demo", str(tmp_path)])
    assert cli.main(["demo", "renew", str(tmp_path)]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("settings", "site"),
    [
        ({}, "http://127.0.0.1:8400/"),
        ({"LYHTY_PORT": "9000"}, "http://127.0.0.1:9000/"),
        ({"LYHTY_HOST": "::1"}, "http://[::1]:8400/"),
        ({"LYHTY_HOST": "lyhty.example", "LYHTY_TLS_CERT": "cert.pem"}, "https://lyhty.example:8400/"),
    ],
)
def test_the_addresses_follow_the_servers_settings(
    settings: dict[str, str],
    site: str,
    tmp_path: Path,
    instance: Instance,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("LYHTY_HOST", "LYHTY_PORT", "LYHTY_TLS_CERT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    write_demo(DataFolder(tmp_path), instance.provider)
    assert cli.main(["demo", "addresses", str(tmp_path)]) == 0
    assert site in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["demo"],
        ["report"],
        ["report", "http://127.0.0.1", "--help-wanted", "police"],
        ["expert", "inbox", "http://127.0.0.1"],
        ["expert", "claim", "http://127.0.0.1", "--name", "lakimies"],
        ["expert", "inbox", "http://127.0.0.1", "--name", "lakimies", "--password", "salasana"],
    ],
)
def test_what_cannot_be_understood_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    assert left.value.code == 2


def test_a_refusal_is_one_sentence_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["resume", "http://127.0.0.1:1", "--words", "koira kissa"]) == 1
    assert capsys.readouterr().err == "A phrase has eight words. [phrase-incomplete: 2 of 8]\n"


def test_an_address_without_tls_is_refused_before_anything_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", "http://lyhty.example", "--text", "hei"]) == 1
    assert "insecure-context" in capsys.readouterr().err


def test_a_code_may_begin_with_a_hyphen(capsys: pytest.CaptureFixture[str]) -> None:
    codes = ["--anchor", "-" + "A" * 42, "--device", "-" + "B" * 42]
    assert (
        cli.main(["expert", "inbox", "http://127.0.0.1:1", "--name", "a", *codes, "--password-file", "/no/such"]) == 1
    )
    assert "/no/such" in capsys.readouterr().err


def test_a_password_file_that_is_not_there_is_told_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    errand = ["expert", "inbox", "http://127.0.0.1:1", "--name", "a", "--device", "x", "--password-file", "/no/such"]
    assert cli.main(errand) == 1
    assert "/no/such" in capsys.readouterr().err


def test_the_demos_chores_load_neither_network_nor_secret_code(tmp_path: Path, instance: Instance) -> None:
    write_demo(DataFolder(tmp_path), instance.provider)
    program = (
        "import sys; from lyhty_client.cli import main; "
        f"main(['demo', 'addresses', {str(tmp_path)!r}]); "
        "print(*[name for name in ('aiohttp', 'websockets', 'argon2', 'lyhty_crypto.keys') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == ""
