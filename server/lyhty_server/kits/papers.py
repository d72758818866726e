"""The papers of a school: which there are, and each as a page, or as text for a messaging system."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from lyhty_server.kits import style
from lyhty_server.kits.drawing import code
from lyhty_server.kits.texts import LANGUAGES, Section, Sheet, Texts, tag, texts
from lyhty_server.paper.html import Element, document, element, printable
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import InstanceId
from lyhty_wire.kit_desk import Paper
from lyhty_wire.organisations import Organisation

POSTERS: Final = {"poster-a4": "A4", "poster-a3": "A3"}
MARK_LETTERS: Final = 4


PAPERS: Final = (
    Paper("poster-a4", list(LANGUAGES), ["pdf", "png"]),
    Paper("poster-a3", list(LANGUAGES), ["pdf", "png"]),
    Paper("letter", list(LANGUAGES), ["pdf", "png"]),
    Paper("lesson", ["fi", "sv", "en"], ["pdf", "png"]),
    Paper("staff", ["fi", "sv", "en"], ["pdf", "png"]),
    Paper("message", list(LANGUAGES), ["txt"]),
)


@dataclass(frozen=True, slots=True)
class Kit:
    """Of one school. `site`: where the pages are, as `https://name`."""

    school: Organisation
    site: str
    instance: InstanceId

    @property
    def link(self) -> str:
        """What the code says (SPEC 5.4): whose pages are right, and which school, for the browser only."""
        return f"{self.site}/#a={b64encode(self.instance)}&s={self.school.id}"

    @property
    def practice(self) -> str:
        return f"{self.site}/#practice"

    @property
    def mark(self) -> str:
        """The instance id as people compare it, letter by letter."""
        letters = b64encode(self.instance)
        return " ".join(letters[at : at + MARK_LETTERS] for at in range(0, len(letters), MARK_LETTERS))


def page(kit: Kit, paper: str, language: str) -> str:
    """The page of any paper but the message."""
    words = texts(language)
    if paper in POSTERS:
        title, body, css = words.poster.title, _poster(kit, words), style.poster(POSTERS[paper])
    else:
        sheet = _sheet_of(words, paper)
        title, body, css = sheet.title, _sheet(kit, words, sheet, paper), style.sheet()
    return document(body, title=f"Lyhty: {title}", language=tag(language), style=css)


def message(kit: Kit, language: str) -> str:
    words = texts(language).message
    return "\n\n".join((words.title, *_filled(kit, words.text))) + "\n"


def _poster(kit: Kit, words: Texts) -> Element:
    says = words.poster
    return element(
        "main",
        element(
            "div",
            element("p", "Lyhty", class_="brand"),
            element("h1", says.title),
            element("p", says.lead, class_="lead"),
            class_="hero",
        ),
        element(
            "div",
            element("div", code(kit.link, _alt(words, kit.link)), class_="scan"),
            element(
                "div",
                _list(says.facts),
                element("p", says.scan),
                element("p", says.typed),
                element("p", _host(kit), class_="address"),
                class_="facts",
            ),
            class_="way",
        ),
        element("p", element("strong", says.danger), element("span", says.helpline), class_="help"),
        element("div", element("h2", says.know), _list(says.limits), class_="know"),
        element(
            "div",
            element("p", printable(kit.school.name), class_="school"),
            _mark(kit, words),
            class_="foot",
        ),
        class_="poster",
    )


def _sheet(kit: Kit, words: Texts, says: Sheet, paper: str) -> Element:
    address = kit.practice if paper == "lesson" else kit.link
    (lead,) = _filled(kit, (says.lead,))
    (end,) = _filled(kit, (says.end,))
    return element(
        "main",
        element(
            "div",
            element(
                "div",
                element("p", "Lyhty", class_="brand"),
                element("h1", says.title),
                element("p", lead, class_="lead"),
                class_="words",
            ),
            element(
                "div",
                code(address, _alt(words, address)),
                element("p", address.partition("//")[2] if paper == "lesson" else _host(kit)),
                class_="side",
            ),
            class_="top",
        ),
        [_section(kit, section) for section in says.sections],
        element("p", end, element("br"), element("span", kit.school.name, class_="school"), class_="end")
        if paper == "letter"
        else element("p", end, class_="note"),
        _mark(kit, words),
        class_=paper,
    )


def _section(kit: Kit, section: Section) -> Element:
    return element(
        "section",
        element("h2", section.title),
        [element("p", text) for text in _filled(kit, section.text)],
        _list(tuple(_filled(kit, section.points))) if section.points else None,
        None if section.source is None else element("p", section.source, class_="source"),
    )


def _list(lines: tuple[str, ...]) -> Element:
    return element("ul", (element("li", line) for line in lines))


def _mark(kit: Kit, words: Texts) -> Element:
    return element("p", f"{words.poster.mark}: ", element("span", kit.mark, class_="mark"), class_="marked")


def _alt(words: Texts, address: str) -> str:
    return words.code.replace("{address}", address)


def _filled(kit: Kit, lines: Iterable[str]) -> Iterator[str]:
    """Only once: what a school is called is never read for placeholders."""
    values = {"school": kit.school.name, "address": _host(kit), "link": kit.link, "practice": kit.practice}
    for line in lines:
        yield line.format_map({name: printable(value) for name, value in values.items()})


def _host(kit: Kit) -> str:
    return urlsplit(kit.site).netloc


def _sheet_of(words: Texts, paper: str) -> Sheet:
    sheet = {"letter": words.letter, "lesson": words.lesson, "staff": words.staff}[paper]
    assert sheet is not None
    return sheet
