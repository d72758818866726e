"""What libraries say reaches the journal without their words, and what is nobody's mistake does not."""

import io
import json
import logging
import threading
from collections.abc import Iterator

import pytest

from lyhty_server.journal import Journal, quiet_libraries


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    root, last, hook = logging.getLogger(), logging.lastResort, threading.excepthook
    before, level = root.handlers[:], root.level
    out = io.StringIO()
    quiet_libraries(Journal(out))
    yield out
    root.handlers[:], logging.lastResort, threading.excepthook = before, last, hook
    root.setLevel(level)


def fail(error: Exception) -> None:
    try:
        raise error
    except type(error):
        logging.getLogger("a.library").exception("Error handling request from 10.0.0.1")


def test_a_bug_in_a_library_is_told_by_type_and_place_alone(out: io.StringIO) -> None:
    fail(ValueError("somebody's words"))
    line = json.loads(out.getvalue())
    assert (line["event"], line["error_type"]) == ("internal-error", "ValueError")
    assert "somebody" not in out.getvalue()
    assert "10.0.0.1" not in out.getvalue()


def test_somebody_who_goes_away_in_the_middle_of_an_answer_is_no_bug(out: io.StringIO) -> None:
    fail(ConnectionResetError("Cannot write to closing transport"))
    assert out.getvalue() == ""
