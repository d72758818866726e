"""From typed, tapped or pasted words to the eight bytes of a phrase. What is uncertain is asked, never guessed."""

from collections.abc import Callable, Sequence

from lyhty_client.errors import ClientError
from lyhty_crypto.lexicon import (
    LANGUAGES,
    PICTURES_IN_PHRASE,
    Ask,
    Corrected,
    Exact,
    Language,
    match_word,
    split_phrase,
)

Candidate = tuple[int, str]
Choose = Callable[[str, Sequence[Candidate]], int | None]
"""Which picture is meant by a word that may be mistyped: its index, or None for none of them."""


def nobody_to_ask(typed: str, candidates: Sequence[Candidate]) -> int | None:
    meant = " or ".join(word for _, word in candidates)
    raise ClientError("phrase-uncertain", f"{typed}: {meant}?")


def read_phrase(text: str, language: Language, choose: Choose = nobody_to_ask) -> bytes:
    """
    Raises:
        ClientError: not eight words, or one that is in no list.
    """
    words = split_phrase(text)
    if len(words) != PICTURES_IN_PHRASE:
        raise ClientError("phrase-incomplete", f"{len(words)} of {PICTURES_IN_PHRASE}")
    return bytes(_picture(word, language, choose) for word in words)


def word_language(language: str) -> Language:
    """The word list for a language of the screens: `fi-simple` uses the Finnish one."""
    return next((known for known in LANGUAGES if language.split("-")[0] == known), "en")


def _picture(word: str, language: Language, choose: Choose) -> int:
    match match_word(word, language):
        case Exact(index):
            return index
        case Corrected(index, meant):
            chosen = choose(word, [(index, meant)])
        case Ask(candidates):
            chosen = choose(word, candidates)
        case _:
            chosen = None
    if chosen is None:
        raise ClientError("phrase-word-unknown", word)
    return chosen
