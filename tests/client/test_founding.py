"""A real ceremony: what it asks, what it writes where, and what the server can and cannot read of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lyhty_client import cli
from lyhty_client.founding import ROOT_LIFE_S, found
from lyhty_client.sheet import LANGUAGES, recovery_sheet
from lyhty_crypto.founding import open_packet
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.lexicon import LEXICON, Language
from lyhty_wire.directories import TrustBundle
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import WireError
from tests.client.conftest import NOW

ANSWERS = ("Ensimmäinen", "https://lyhty.example")


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """The server's folder, and the stick's."""
    return tmp_path / "data", tmp_path / "stick" / "root.json"


def init(data: Path, root: Path, *more: str) -> int:
    flags = ["--root-key", str(root), "--coordinator", ANSWERS[0], "--url", ANSWERS[1]]
    return cli.main(["init", str(data), *flags, *more])


def test_a_scripted_ceremony_leaves_the_servers_files_and_the_root_key_apart(places: tuple[Path, Path]) -> None:
    data, root = places
    assert init(data, root) == 0
    assert sorted(file.name for file in data.iterdir()) == ["anchor.json", "pepper", "provision.json"]
    assert sorted(file.name for file in root.parent.iterdir()) == ["root.html", "root.json"]


def test_no_file_of_the_server_holds_the_root_key_or_the_link(
    places: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    data, root = places
    init(data, root)
    seed = json.loads(root.read_bytes())["root_seed"]
    link = re.search(r"#f=([A-Za-z0-9_-]{43})", capsys.readouterr().out)
    assert link is not None
    for file in data.iterdir():
        for secret in (seed, link[1]):
            assert secret.encode() not in file.read_bytes()
            assert b64decode(secret, 32) not in file.read_bytes()


def test_only_their_owner_may_read_the_root_key_and_its_sheet(places: tuple[Path, Path]) -> None:
    data, root = places
    init(data, root)
    assert [file.stat().st_mode & 0o777 for file in sorted(root.parent.iterdir())] == [0o600, 0o600]


@pytest.mark.parametrize("where", ["root.json", "deep/er/root.json"])
def test_a_root_key_in_the_servers_folder_is_refused_and_nothing_is_written(
    places: tuple[Path, Path], where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data, _ = places
    assert init(data, data / where) == 1
    assert "not on the server" in capsys.readouterr().err
    assert not data.exists()


def test_a_detour_into_the_servers_folder_is_seen_through(places: tuple[Path, Path], tmp_path: Path) -> None:
    data, _ = places
    data.mkdir()
    (tmp_path / "shortcut").symlink_to(data)
    assert init(data, tmp_path / "shortcut" / "root.json") == 1
    assert init(data, tmp_path / "elsewhere" / ".." / "data" / "root.json") == 1
    assert list(data.iterdir()) == []


def test_a_sheet_in_the_servers_folder_is_refused_too(places: tuple[Path, Path]) -> None:
    data, root = places
    assert init(data, root, "--sheet", str(data / "sheet.html")) == 1
    assert not root.exists()


def test_nothing_is_written_over_a_root_key_that_is_there(places: tuple[Path, Path]) -> None:
    data, root = places
    root.parent.mkdir()
    root.write_text("another service's")
    assert init(data, root) == 1
    assert (root.read_text(), data.exists()) == ("another service's", False)


def test_an_instance_that_is_there_stays_as_it_is(places: tuple[Path, Path], tmp_path: Path) -> None:
    data, root = places
    init(data, root)
    before = (data / "provision.json").read_bytes()
    assert init(data, tmp_path / "other" / "root.json") == 1
    assert (data / "provision.json").read_bytes() == before


def test_what_is_not_given_is_asked_for(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, root = places
    answers: Iterator[str] = iter((str(root), *ANSWERS))
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))
    assert cli.main(["init", str(data)]) == 0
    told = capsys.readouterr().out
    assert "lock the paper away" in told
    assert "https://lyhty.example/console#f=" in told
    assert root.exists()


def test_without_an_answer_nothing_is_made(places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    data, _ = places
    monkeypatch.setattr("builtins.input", lambda _question: "  ")
    assert cli.main(["init", str(data)]) == 1
    assert not data.exists()


def test_an_address_that_no_browser_would_trust_is_refused_before_anything_is_written(
    places: tuple[Path, Path],
) -> None:
    data, root = places
    assert init(data, root, "--url", "http://lyhty.example") == 1
    assert not root.exists()
    assert not data.exists()


def test_the_first_directory_lists_both_queues_and_nobody_and_holds_under_the_root() -> None:
    founded = found(NOW, "Ensimmäinen", ("fi",))
    directory = TrustBundle((founded.root,), founded.directory).verify(founded.instance, NOW)
    assert [queue.profession for queue in directory.queues] == ["lawyer", "psychologist"]
    assert (directory.experts, directory.former) == ((), ())
    assert directory.root.body.expires == NOW + ROOT_LIFE_S


def test_the_packet_opens_with_the_link_and_holds_the_keys_of_directory_and_queues() -> None:
    founded = found(NOW, "Ensimmäinen", ("sv", "fi", "fi"))
    directory = TrustBundle((founded.root,), founded.directory).verify(founded.instance, NOW)
    packet = open_packet(founded.packet, founded.link_secret, founded.instance)
    assert (packet.name, packet.languages) == ("Ensimmäinen", ("fi", "sv"))
    assert (SigningKey(packet.directory_seed).public,) == directory.root.body.directory_keys
    assert [KemKeyPair(each.seed).public for each in packet.queues] == [queue.current.kem for queue in directory.queues]


def test_the_packet_opens_with_no_other_link() -> None:
    founded, other = found(NOW, "A", ("fi",)), found(NOW, "B", ("fi",))
    with pytest.raises(Exception, match="does not open") as refused:
        open_packet(founded.packet, other.link_secret, founded.instance)
    assert not isinstance(refused.value, WireError)


def test_no_secret_shows_when_it_is_printed() -> None:
    founded = found(NOW, "Ensimmäinen", ("fi",))
    for secret in (founded.root_seed, founded.link_secret):
        assert repr(secret) not in repr(founded)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheet_holds_the_key_as_characters_and_as_words_in_order_and_as_a_code(language: Language) -> None:
    seed, instance = bytes(range(32)), found(NOW, "A", ("fi",)).instance
    sheet = recovery_sheet(seed, instance, language)
    assert b64encode(seed) in sheet
    assert re.findall(r"<td>([^<]+)</td>", sheet) == [LEXICON.words[language][byte] for byte in seed]
    assert "<svg" in sheet
