"""What is said of a school's papers (SPEC 12.6)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

OrganisationId = Annotated[str, Meta(pattern="^[a-z0-9-]{1,32}$")]
PaperName = Literal["poster-a4", "poster-a3", "letter", "lesson", "staff", "message"]
PaperLanguage = Literal["fi-simple", "fi", "sv", "en"]
PaperFormat = Literal["pdf", "png", "txt"]


class Paper(Struct, frozen=True):
    """The first format is the usual one."""

    paper: PaperName
    languages: list[PaperLanguage]
    formats: list[PaperFormat]


class Kit(Struct, frozen=True):
    school: str
    name: str
    papers: list[Paper]
