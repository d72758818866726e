"""A copy that a reporter keeps: opened without a server, and believed by the rules of the case itself (SPEC 11)."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lyhty_client.cli import DONE, NOT_DONE, main
from lyhty_client.conversation import Alarm, Message
from lyhty_client.errors import UntrustedError
from lyhty_client.expert import Expertise, HeldCase
from lyhty_client.exported import read_export
from lyhty_crypto.cases import PreparedCase
from lyhty_crypto.exports import Export, Kept, Secret, draw_salt, of_password, seal_export, stretch
from lyhty_crypto.lexicon import spell
from lyhty_crypto.sealing import object_key
from lyhty_wire.contents import Ask, CaseOpened, Chat
from lyhty_wire.encoding import b64encode
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import WireError
from lyhty_wire.ids import LAWYER, InstanceId, QueueId
from tests.client.conftest import NOW, Instance
from tests.client.test_openings import held, of_both

__all__ = ["held", "of_both"]  # fixtures

PASSWORD = "kolme sinistä talvitakkia"
PHRASE = bytes(range(8))


def kept(seq: int, envelope: bytes, case_key: bytes) -> Kept:
    return Kept(seq, object_key(case_key, decode_header(envelope).object_id), envelope)


@pytest.fixture
def export(instance: Instance, of_both: PreparedCase, held: HeldCase, lawyer: Expertise) -> Export:
    """The report, an opening and a message."""
    opening = held.seal(CaseOpened(NOW, LAWYER))
    held.accept(2, opening)
    chat = held.seal(Chat(NOW, "Luin viestisi."))
    envelopes = (of_both.report.envelope, opening, chat)
    return Export(
        of_both.roster.instance,
        of_both.case,
        NOW,
        instance.bundle.encode(),
        (of_both.roster.encode(),),
        tuple(kept(seq, each, of_both.case_key) for seq, each in enumerate(envelopes, 1)),
    )


def test_it_says_what_the_case_says(export: Export) -> None:
    conversation = read_export(export, export.instance)
    texts = [getattr(message.content, "text", None) for message in conversation.messages]
    assert texts == ["Apua.", "Luin viestisi."]
    assert len(conversation.openings) == 1
    assert conversation.alarms == []


def test_a_question_and_its_answer_are_in_it(export: Export, of_both: PreparedCase, held: HeldCase) -> None:
    held.accept(3, export.kept[2].envelope)
    asked = held.seal(Ask(NOW, QueueId(3), "Somebody else may help."))
    held.accept(4, asked)
    with_ask = replace(export, kept=(*export.kept, kept(4, asked, of_both.case_key)))
    conversation = read_export(with_ask, export.instance)
    assert conversation.alarms == []
    [question] = conversation.questions()
    assert (question.seq, question.ask.text, question.answer) == (4, "Somebody else may help.", None)


def test_a_question_for_who_has_the_case_is_not_shown(export: Export, of_both: PreparedCase, held: HeldCase) -> None:
    held.accept(3, export.kept[2].envelope)
    asked = held.seal(Ask(NOW, LAWYER, "x"))
    with_ask = replace(export, kept=(*export.kept, kept(4, asked, of_both.case_key)))
    assert read_export(with_ask, export.instance).alarms == [Alarm(4, "envelope-tampered")]


def test_a_message_that_was_left_out_is_noticed(export: Export) -> None:
    short = replace(export, kept=(export.kept[0], export.kept[2]))
    assert read_export(short).alarms == [Alarm(3, "history-gap")]


def test_a_message_that_was_changed_is_not_shown(export: Export) -> None:
    changed = export.kept[2].envelope[:-1] + bytes([export.kept[2].envelope[-1] ^ 1])
    conversation = read_export(replace(export, kept=(*export.kept[:2], replace(export.kept[2], envelope=changed))))
    assert conversation.alarms == [Alarm(3, "envelope-tampered")]
    assert [type(each) for each in conversation.messages] == [Message]


def test_a_roster_of_another_case_is_refused(export: Export) -> None:
    other = bytes([export.case[0] ^ 1]) + export.case[1:]
    with pytest.raises(WireError):
        read_export(replace(export, case=type(export.case)(other)))


def test_an_export_without_a_roster_is_refused(export: Export) -> None:
    with pytest.raises(WireError) as refusal:
        read_export(replace(export, rosters=()))
    assert refusal.value.code == "export-unreadable"


def test_another_instance_than_the_posters_is_refused(export: Export) -> None:
    with pytest.raises(UntrustedError) as refusal:
        read_export(export, InstanceId(bytes(32)))
    assert refusal.value.code == "anchor-mismatch"


def test_a_directory_of_another_time_does_not_vouch(export: Export) -> None:
    with pytest.raises(WireError) as refusal:
        read_export(replace(export, made=NOW + 30 * 86_400))
    assert refusal.value.code == "directory-expired"


# --- The command


@pytest.fixture
def file(export: Export, tmp_path: Path) -> Path:
    salt = draw_salt()
    sealed = seal_export(export, Secret.PASSWORD, salt, stretch(Secret.PASSWORD, of_password(PASSWORD), salt))
    (tmp_path / "kopio.lyhty").write_bytes(sealed)
    return tmp_path / "kopio.lyhty"


def with_password(file: Path, password: str, *more: str) -> list[str]:
    typed = file.with_suffix(".password")
    typed.write_text(password + "\n")
    return ["open-export", str(file), "--password-file", str(typed), *more]


def test_the_command_shows_messages_openings_and_hashes(
    file: Path, export: Export, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(with_password(file, PASSWORD, "--json", "--anchor", b64encode(export.instance))) == DONE
    shown = json.loads(capsys.readouterr().out)
    assert [each["text"] for each in shown["messages"]] == ["Apua.", "Luin viestisi."]
    assert [each["role"] for each in shown["openings"]] == ["a lawyer"]
    assert [each["seq"] for each in shown["hashes"]] == [1, 2, 3]
    assert shown["alarms"] == []


def test_the_command_opens_a_file_with_the_eight_words(
    export: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    salt = draw_salt()
    (tmp_path / "own.lyhty").write_bytes(seal_export(export, Secret.PHRASE, salt, stretch(Secret.PHRASE, PHRASE, salt)))
    words = " ".join(spell(PHRASE, "fi"))
    assert main(["open-export", str(tmp_path / "own.lyhty"), "--words", words]) == DONE
    assert "Luin viestisi." in capsys.readouterr().out


def test_the_command_says_in_a_sentence_that_the_password_is_wrong(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(with_password(file, "kolme punaista talvitakkia")) == NOT_DONE
    told = capsys.readouterr()
    assert told.out == ""
    assert "The file does not open" in told.err


def test_the_command_says_that_a_file_is_no_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8" * 100)
    assert main(["open-export", str(tmp_path / "photo.jpg"), "--words", "x"]) == NOT_DONE
    assert "export-unreadable" in capsys.readouterr().err


def test_the_command_fails_when_something_is_missing(
    export: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = replace(export, kept=(export.kept[0], export.kept[2]))
    salt = draw_salt()
    stretched = stretch(Secret.PASSWORD, of_password(PASSWORD), salt)
    (tmp_path / "short.lyhty").write_bytes(seal_export(short, Secret.PASSWORD, salt, stretched))
    assert main(with_password(tmp_path / "short.lyhty", PASSWORD)) == NOT_DONE
    assert "history-gap" in capsys.readouterr().err
