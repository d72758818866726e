"""The picture lexicon: what makes it safe to type, and the answers that Python and TypeScript share."""

import hashlib
import json
import random
import re
import unicodedata
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest

from lyhty_crypto import lexicon
from lyhty_crypto.lexicon import LANGUAGES, LEXICON, Ask, Corrected, Exact, Language, Lexicon, Match, Unknown

CRYPTO = Path(lexicon.__file__).parents[2]
VECTORS = json.loads((CRYPTO / "vectors" / "lexicon.json").read_text("utf-8"))

# The order of the pictures IS the phrase of everyone who has one. It never changes.
FROZEN_ORDER = "eb849eb4c51a50e1101943648789d90fb71de9aaed6f636decaa2efeb78cb3ef"

# What Emoji 12.0 draws as a picture without a style mark (Emoji_Presentation), flags left out.
# School computers with Windows 10 draw nothing newer.
EMOJI_12 = """
231A-231B 23E9-23EC 23F0 23F3 25FD-25FE 2614-2615 2648-2653 267F 2693 26A1 26AA-26AB 26BD-26BE 26C4-26C5 26CE 26D4
26EA 26F2-26F3 26F5 26FA 26FD 2705 270A-270B 2728 274C 274E 2753-2755 2757 2795-2797 27B0 27BF 2B1B-2B1C 2B50 2B55
1F004 1F0CF 1F18E 1F191-1F19A 1F201 1F21A 1F22F 1F232-1F236 1F238-1F23A 1F250-1F251 1F300-1F320 1F32D-1F335
1F337-1F37C 1F37E-1F393 1F3A0-1F3CA 1F3CF-1F3D3 1F3E0-1F3F0 1F3F4 1F3F8-1F43E 1F440 1F442-1F4FC 1F4FF-1F53D
1F54B-1F54E 1F550-1F567 1F57A 1F595-1F596 1F5A4 1F5FB-1F64F 1F680-1F6C5 1F6CC 1F6D0-1F6D2 1F6D5 1F6EB-1F6EC
1F6F4-1F6FA 1F7E0-1F7EB 1F90D-1F93A 1F93C-1F945 1F947-1F971 1F973-1F976 1F97A-1F9A2 1F9A5-1F9AA 1F9AE-1F9CA
1F9CD-1F9FF 1FA70-1FA73 1FA78-1FA7A 1FA80-1FA82 1FA90-1FA95
"""


def everyday_answer(meant: Match) -> dict[str, Any]:
    """A match in the words of the vectors, which name pictures and not their numbers."""
    match meant:
        case Exact(index):
            return {"kind": "exact", "picture": LEXICON.pictures[index]}
        case Corrected(index, word):
            return {"kind": "corrected", "picture": LEXICON.pictures[index], "word": word}
        case Ask(candidates):
            return {"kind": "ask", "candidates": [[LEXICON.pictures[index], word] for index, word in candidates]}
        case Unknown():
            return {"kind": "unknown"}


def one_error_away(word: str) -> set[str]:
    """Every text that one wrong, missing, extra or swapped letter makes of a word."""
    letters = "abcdefghijklmnopqrstuvwxyzåäö"
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    dropped = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    changed = {a + letter + b[1:] for a, b in cuts if b for letter in letters}
    added = {a + letter + b for a, b in cuts for letter in letters}
    return dropped | swapped | changed | added


def drawn_by_emoji_12(picture: str) -> bool:
    for run in EMOJI_12.split():
        first, _, last = run.partition("-")
        if int(first, 16) <= ord(picture) <= int(last or first, 16):
            return True
    return False


def test_there_is_one_picture_for_each_byte() -> None:
    assert len(LEXICON.pictures) == len(set(LEXICON.pictures)) == 256


@pytest.mark.parametrize("picture", LEXICON.pictures)
def test_a_picture_is_one_code_point_that_emoji_12_draws_without_a_style_mark(picture: str) -> None:
    assert len(picture) == 1
    assert drawn_by_emoji_12(picture), unicodedata.name(picture)


def test_the_order_of_the_pictures_is_frozen() -> None:
    shipped = json.loads((Path(lexicon.__file__).parent / "pictures.json").read_text("utf-8"))
    digest = hashlib.sha256("".join(LEXICON.pictures).encode()).hexdigest()
    assert digest == shipped["sha256"] == FROZEN_ORDER


def test_the_groups_follow_each_other_and_hold_every_picture() -> None:
    ends = [0, *(group.end for group in LEXICON.groups)]
    assert [group.start for group in LEXICON.groups] == ends[:-1]
    assert ends == sorted(set(ends))
    assert ends[-1] == 256
    assert len({group.id for group in LEXICON.groups}) == len(LEXICON.groups)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_list_has_a_version_and_one_word_for_each_picture(language: Language) -> None:
    shipped = json.loads((Path(lexicon.__file__).parent / f"words.{language}.json").read_text("utf-8"))
    assert shipped["language"] == language
    assert shipped["version"] == 1
    assert len(shipped["words"]) == 256


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_is_one_short_word_in_lower_case(language: Language) -> None:
    spelled = {"fi": "[a-zäö]{2,15}", "sv": "[a-zåäö]{2,15}", "en": "[a-z]{2,15}"}[language]
    assert [word for word in LEXICON.words[language] if not re.fullmatch(spelled, word)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_picture_is_named_twice_in_one_language(language: Language) -> None:
    assert len({lexicon.fold(word) for word in LEXICON.words[language]}) == 256


def test_words_of_different_pictures_are_two_errors_apart_in_all_languages() -> None:
    near = [
        (one.word, other.word)
        for one, other in combinations(LEXICON.entries, 2)
        if one.index != other.index
        and abs(len(one.folded) - len(other.folded)) < 2
        and lexicon.edit_distance(one.folded, other.folded) < 2
    ]
    assert near == []


def test_no_single_error_makes_a_word_into_the_word_of_another_picture() -> None:
    stolen = [
        (entry.word, typed)
        for entry in LEXICON.entries
        for typed in one_error_away(entry.word)
        if any(named.index != entry.index for named in LEXICON.entries_of_folded.get(lexicon.fold(typed), []))
    ]
    assert stolen == []


def test_a_single_error_never_leads_silently_to_another_picture() -> None:
    chance = random.Random(256)
    for entry in chance.sample(LEXICON.entries, 200):
        typed = chance.choice(sorted(one_error_away(entry.word)))
        match lexicon.match_word(typed, entry.language):
            case Exact(index) | Corrected(index, _):
                assert index == entry.index, (entry.word, typed)
            case Ask(candidates):
                assert entry.index in dict(candidates), (entry.word, typed)
            case Unknown():
                assert len(lexicon.fold(typed)) < 2, (entry.word, typed)


@pytest.mark.parametrize(("language", "preferred"), list(product(LANGUAGES, LANGUAGES)))
def test_every_word_is_understood_whatever_the_language_of_the_page(language: Language, preferred: Language) -> None:
    understood = [lexicon.match_word(word, preferred) for word in LEXICON.words[language]]
    assert understood == [Exact(index) for index in range(256)]


def test_a_word_that_names_two_pictures_in_two_languages_is_asked_about() -> None:
    clash = Lexicon(["🎁", "🤢"], {"en": ["gift", "sick"], "sv": ["present", "gift"]})
    assert lexicon.match_word("gift", "sv", clash) == Ask(((1, "gift"), (0, "gift")))
    assert lexicon.match_word("gift", "en", clash) == Ask(((0, "gift"), (1, "gift")))


def test_at_most_four_pictures_are_offered() -> None:
    rhymes = Lexicon(["1", "2", "3", "4", "5"], {"en": ["bat", "cat", "hat", "mat", "rat"]})
    assert lexicon.match_word("xat", "en", rhymes) == Ask(((0, "bat"), (1, "cat"), (2, "hat"), (3, "mat")))


@pytest.mark.parametrize(("a", "b", "errors"), [("", "", 0), ("abc", "", 3), ("ab", "ba", 1), ("ca", "abc", 3)])
def test_errors_are_counted_as_optimal_string_alignment_does(a: str, b: str, errors: int) -> None:
    assert lexicon.edit_distance(a, b) == lexicon.edit_distance(b, a) == errors


@pytest.mark.parametrize("index", [0, 75, 255])
def test_a_picture_is_found_by_itself(index: int) -> None:
    assert lexicon.picture_index(LEXICON.pictures[index]) == index


@pytest.mark.parametrize("not_listed", ["", "👻", "🐶🐱", "koira"])
def test_what_is_not_a_listed_picture_has_no_index(not_listed: str) -> None:
    assert lexicon.picture_index(not_listed) is None


@pytest.mark.parametrize("case", VECTORS["match_word"], ids=lambda case: case["name"])
def test_a_typed_word_is_understood_as_the_vectors_say(case: dict[str, Any]) -> None:
    assert everyday_answer(lexicon.match_word(case["typed"], case["language"])) == case["expect"]


@pytest.mark.parametrize("case", VECTORS["split_phrase"], ids=lambda case: case["name"])
def test_a_pasted_phrase_is_split_as_the_vectors_say(case: dict[str, Any]) -> None:
    assert lexicon.split_phrase(case["text"]) == case["parts"]


@pytest.mark.parametrize(("case", "language"), list(product(VECTORS["spell"], LANGUAGES)))
def test_a_phrase_is_spelled_as_the_vectors_say(case: dict[str, Any], language: Language) -> None:
    assert lexicon.spell(bytes.fromhex(case["phrase"]), language) == case["words"][language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_spelled_phrase_is_read_back_as_the_same_bytes(language: Language) -> None:
    phrase = bytes([7, 0, 255, 128, 7, 64, 31, 200])
    typed = lexicon.split_phrase(", ".join(lexicon.spell(phrase, language)))
    assert [lexicon.match_word(word, language) for word in typed] == [Exact(index) for index in phrase]


@pytest.mark.parametrize("index", [-1, 256])
def test_what_is_not_a_byte_is_not_spelled(index: int) -> None:
    with pytest.raises(ValueError, match="one byte"):
        lexicon.spell([index], "fi")
