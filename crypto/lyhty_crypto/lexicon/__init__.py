"""The 256 pictures of a phrase and their words: which picture a person means by what they type, tap or paste. SPEC 2.4.

A word that could mean two pictures is asked about, never guessed: a wrong picture would shut the person out of their
case. The word lists are so far apart, across languages too, that one typing error never makes a word into another
picture's.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Literal, NamedTuple

Language = Literal["fi", "sv", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("fi", "sv", "en")
PICTURES_IN_PHRASE: Final = 8
MOST_CANDIDATES: Final = 4
# Two errors are forgiven only in words so long that no other word is near.
LETTERS_FOR_TWO_ERRORS: Final = 6

# Spelled out because `lower`, `strip` and `\w` differ between Python and JavaScript and their Unicode versions.
_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖÉ", "abcdefghijklmnopqrstuvwxyzåäöé")
_DOTLESS: Final = str.maketrans("åäöé", "aaoe")
_BLANK: Final = r"\t-\r \x85\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
# Marks without a shape that keyboards and chat programs put in: direction, joining, text or emoji style.
_UNSEEN: Final = re.compile(r"[\xad\u061c\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0e\ufe0f]")
_ENDS: Final = re.compile(rf"^[{_BLANK}]+|[{_BLANK}]+\Z")
_INNER_GAPS: Final = re.compile(rf"[{_BLANK}-]")
_MARKS: Final = (
    r"\x00-@\[-`{-\x7f\xab\xb7\xbb\u060c\u061b"
    r"\u2010-\u2015\u2018-\u201f\u2022\u2026\u20e3\u2190-\u2193\u2212\u3001\u3002\uff0c\uff1a"
)
_SEPARATORS: Final = re.compile(rf"[{_BLANK}{_MARKS}]+")
_RUN: Final = re.compile(r"(.)\1+", re.DOTALL)
_JOINER: Final = "\u200d"


@dataclass(frozen=True, slots=True)
class Exact:
    index: int


@dataclass(frozen=True, slots=True)
class Corrected:
    index: int
    word: str


@dataclass(frozen=True, slots=True)
class Ask:
    candidates: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    pass


Match = Exact | Corrected | Ask | Unknown


class Group(NamedTuple):
    """Pictures `start` to `end` (exclusive) are shown together."""

    id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Entry:
    folded: str
    word: str
    language: Language
    index: int


class Lexicon:
    """Pictures and word lists with the tables to find them by."""

    def __init__(
        self, pictures: Sequence[str], words: Mapping[Language, Sequence[str]], groups: Sequence[Group] = ()
    ) -> None:
        self.pictures = tuple(pictures)
        self.groups = tuple(groups)
        self.words = {language: tuple(listed) for language, listed in words.items()}
        self.index_of_picture = {picture: index for index, picture in enumerate(self.pictures)}
        self.entries = tuple(
            _Entry(fold(word), word, language, index)
            for language, listed in self.words.items()
            for index, word in enumerate(listed)
        )
        self.entries_of_folded: dict[str, list[_Entry]] = {}
        for entry in self.entries:
            self.entries_of_folded.setdefault(entry.folded, []).append(entry)


def picture_index(emoji: str) -> int | None:
    """The byte that a picture stands for."""
    return LEXICON.index_of_picture.get(_plain(emoji))


def match_word(typed: str, preferred_language: Language, lexicon: Lexicon | None = None) -> Match:
    """Which picture is meant by one typed word or one picture; words of every language are understood.

    The preferred language only decides in which order and by which words candidates are shown.
    """
    lexicon = lexicon or LEXICON
    plain = _plain(typed)
    if (index := lexicon.index_of_picture.get(plain)) is not None:
        return Exact(index)
    if named := _one_per_picture(lexicon.entries_of_folded.get(fold(plain), []), preferred_language):
        return Exact(named[0][0]) if len(named) == 1 else Ask(named[:MOST_CANDIDATES])
    # One letter is not a word with an error, and a picture inside a word may contradict it.
    if len(fold(plain)) < 2 or not lexicon.index_of_picture.keys().isdisjoint(plain):
        return Unknown()
    near = _one_per_picture(_nearest(plain, lexicon.entries), preferred_language)
    if not near:
        return Unknown()
    return Corrected(*near[0]) if len(near) == 1 else Ask(near[:MOST_CANDIDATES])


def split_phrase(text: str) -> list[str]:
    """The words and pictures in a pasted phrase, whatever stands between them; pictures need nothing between them."""
    parts = [part for chunk in _SEPARATORS.split(_seen(text)) for part in _picture_by_picture(chunk)]
    # A printed phrase has each word beside its picture; copied whole, it is still one phrase.
    if len(parts) == 2 * PICTURES_IN_PHRASE and all(map(_same_picture, parts[::2], parts[1::2])):
        return parts[::2]
    return parts


def spell(indices: Iterable[int], language: Language) -> list[str]:
    """The words of a phrase in one language."""
    words = LEXICON.words[language]
    chosen = list(indices)
    if any(not 0 <= index < len(words) for index in chosen):
        raise ValueError("a picture index is one byte")
    return [words[index] for index in chosen]


def fold(word: str) -> str:
    """What is left of a lower-case word when dots, doubled letters, spaces and hyphens do not count."""
    return _RUN.sub(_single_if_doubled, _INNER_GAPS.sub("", word).translate(_DOTLESS))


def _single_if_doubled(run: re.Match[str]) -> str:
    # A longer run hides a lost letter: "kkku" is nearer to "kakku" than to "kuu".
    return run[1] if len(run[0]) == 2 else run[0]


def edit_distance(a: str, b: str) -> int:
    """Letters changed, dropped, added or swapped with their neighbour (optimal string alignment)."""
    before_last: list[int] = []
    last = list(range(len(b) + 1))
    for i, letter_a in enumerate(a, 1):
        row = [i]
        for j, letter_b in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter_a != letter_b))
            if i > 1 and j > 1 and letter_a == b[j - 2] and a[i - 2] == letter_b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return last[-1]


def _seen(text: str) -> str:
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def _plain(typed: str) -> str:
    return _ENDS.sub("", _seen(typed)).translate(_LOWER)


def _nearest(plain: str, entries: Iterable[_Entry]) -> list[_Entry]:
    """The entries with the fewest errors, as written or folded, within what their length forgives."""
    folded = fold(plain)
    nearest: list[_Entry] = []
    fewest = 2
    for entry in entries:
        forgiven = min(fewest, 2 if len(entry.folded) >= LETTERS_FOR_TWO_ERRORS else 1)
        errors = forgiven + 1
        for a, b in ((folded, entry.folded), (plain, entry.word)):
            if abs(len(a) - len(b)) <= forgiven:
                errors = min(errors, edit_distance(a, b))
        if errors > forgiven:
            continue
        if errors < fewest:
            fewest, nearest = errors, []
        nearest.append(entry)
    return nearest


def _one_per_picture(entries: Iterable[_Entry], preferred_language: Language) -> tuple[tuple[int, str], ...]:
    """Each picture once, by its word in the preferred language if that is among the entries; that language first."""
    word_of: dict[int, str] = {}
    for entry in sorted(entries, key=lambda entry: (entry.language != preferred_language, entry.index)):
        word_of.setdefault(entry.index, entry.word)
    return tuple(word_of.items())


def _picture_by_picture(chunk: str) -> list[str]:
    """Cuts pictures out of a run. A picture that a joiner has made part of another emoji is not one of ours."""
    parts: list[str] = []
    start = 0
    for at, letter in enumerate(chunk):
        if letter in LEXICON.index_of_picture and _JOINER not in chunk[max(at - 1, 0) : at + 2]:
            parts += [chunk[start:at], letter]
            start = at + 1
    return [part for part in [*parts, chunk[start:]] if part]


def _same_picture(one: str, other: str) -> bool:
    meant = match_word(one, LANGUAGES[0])
    return isinstance(meant, Exact) and meant == match_word(other, LANGUAGES[0])


def _shipped_lexicon() -> Lexicon:
    folder = files(__name__)
    pictures = json.loads(folder.joinpath("pictures.json").read_text("utf-8"))
    words: dict[Language, Sequence[str]] = {
        language: json.loads(folder.joinpath(f"words.{language}.json").read_text("utf-8"))["words"]
        for language in LANGUAGES
    }
    return Lexicon(pictures["pictures"], words, [Group(**group) for group in pictures["groups"]])


LEXICON: Final = _shipped_lexicon()
