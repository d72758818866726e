"""From words to a phrase: any language, pasted or typed, and asked when in doubt (SPEC 2.2, 2.4)."""

import pytest

from lyhty_client.errors import ClientError
from lyhty_client.phrases import read_phrase, word_language
from lyhty_crypto.lexicon import LANGUAGES, LEXICON, spell

PHRASE = bytes((0, 17, 34, 51, 68, 85, 102, 255))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_phrase_comes_from_the_words_of_every_language(language: str) -> None:
    words = spell(PHRASE, language)  # type: ignore[arg-type]
    assert read_phrase(", ".join(words), "fi") == PHRASE


def test_pictures_are_as_good_as_words() -> None:
    assert read_phrase("".join(LEXICON.pictures[byte] for byte in PHRASE), "en") == PHRASE


def test_seven_words_are_too_few() -> None:
    with pytest.raises(ClientError) as refusal:
        read_phrase(" ".join(spell(PHRASE[:7], "fi")), "fi")
    assert refusal.value.code == "phrase-incomplete"


def test_a_mistyped_word_is_asked_about() -> None:
    words = ["koirxa", *spell(PHRASE[1:], "fi")]
    asked = []

    def choose(typed: str, candidates: object) -> int:
        asked.append((typed, candidates))
        return 0

    assert read_phrase(" ".join(words), "fi", choose) == PHRASE
    assert asked == [("koirxa", [(0, "koira")])]


def test_a_mistyped_word_is_never_guessed_when_nobody_can_be_asked() -> None:
    with pytest.raises(ClientError) as refusal:
        read_phrase(" ".join(["koirxa", *spell(PHRASE[1:], "fi")]), "fi")
    assert refusal.value.code == "phrase-uncertain"


def test_a_word_of_no_list_is_told() -> None:
    with pytest.raises(ClientError) as refusal:
        read_phrase(" ".join(["xyzzyxyzzy", *spell(PHRASE[1:], "fi")]), "fi")
    assert refusal.value.code == "phrase-word-unknown"


@pytest.mark.parametrize(("language", "words"), [("fi-simple", "fi"), ("sv", "sv"), ("uk", "en")])
def test_every_language_of_the_screens_has_a_word_list(language: str, words: str) -> None:
    assert word_language(language) == words
