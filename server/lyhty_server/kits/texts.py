"""The words of the papers, a file for each language. A paper that a file has no words for is not made in it."""

from functools import cache
from importlib.resources import files
from typing import Final

import msgspec
from msgspec import Struct

from lyhty_wire.kit_desk import PaperLanguage

LANGUAGES: Final[tuple[PaperLanguage, ...]] = ("fi-simple", "fi", "sv", "en")
"""As the pages name them. To the world, plain Finnish is Finnish too."""


class Poster(Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    lead: str
    facts: tuple[str, ...]
    scan: str
    typed: str
    danger: str
    helpline: str
    know: str
    limits: tuple[str, ...]
    """What the service does not protect, in words for children."""
    mark: str


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    text: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    source: str | None = None


class Sheet(Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    lead: str
    sections: tuple[Section, ...]
    end: str


class Message(Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    text: tuple[str, ...]


class Texts(Struct, frozen=True, forbid_unknown_fields=True):
    poster: Poster
    code: str
    letter: Sheet
    message: Message
    lesson: Sheet | None = None
    staff: Sheet | None = None


@cache
def texts(language: str) -> Texts:
    return msgspec.json.decode(files(__package__).joinpath("texts", f"{language}.json").read_bytes(), type=Texts)


def tag(language: str) -> str:
    """BCP 47, for who reads aloud."""
    return language.partition("-")[0]
