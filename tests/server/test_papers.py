"""The papers of a school: whole, honest, to be read by a camera, by eyes and aloud; and nothing gets in by a name."""

import itertools
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import pytest_asyncio
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from lyhty_server.kits.papers import PAPERS, POSTERS, Kit, message, page
from lyhty_server.kits.texts import LANGUAGES, texts
from lyhty_server.paper.press import Press
from lyhty_wire.encoding import b64encode
from lyhty_wire.organisations import Kind, Organisation

INSTANCE = bytes(range(200, 232))
SITE = "https://lyhty.example.fi"
DUTIES = Path(__file__).parents[2] / "client/web/src/console/answering/duties.json"
HOSTILE = "<script>alert(1)</script>{school.__class__}\u202eoluok\x00 &amp; ]]> </title></style>"
LONG = "Pitkännimisen kunnan yhtenäiskoulu ja " * 5
OFFERED = {each.paper: each for each in PAPERS}
PRINTED = [(each.paper, language) for each in PAPERS if "pdf" in each.formats for language in each.languages]


def kit(name: str = "Rantalan koulu") -> Kit:
    return Kit(Organisation("03095", Kind.SCHOOL, name, "837"), SITE, INSTANCE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pdfs() -> dict[tuple[str, str], bytes]:
    press = Press()
    made = {each: await press.pdf(page(kit(), *each)) for each in PRINTED}
    await press.close()
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def odd_pdfs() -> dict[str, bytes]:
    press = Press()
    made = {
        f"{paper} {name}": await press.pdf(page(kit(name), paper, "fi"))
        for paper in ("poster-a4", "letter") for name in (HOSTILE, LONG)
    }  # fmt: skip
    await press.close()
    return made


def structure(node: Any) -> Iterator[Any]:
    """Every structure element, in reading order."""
    node = node.get_object()
    if isinstance(node, list):
        for each in node:
            yield from structure(each)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from structure(node["/K"])


def text_of(pdf: bytes) -> str:
    """As it is copied or read aloud, in one line."""
    return " ".join(" ".join(each.extract_text() for each in PdfReader(BytesIO(pdf)).pages).split())


def as_one_line(text: str) -> str:
    return " ".join(text.split())


def lines(told: object) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for each in told.values():
            yield from lines(each)
    elif isinstance(told, list):
        for each in told:
            yield from lines(each)


@pytest.mark.parametrize("each", PRINTED, ids=" ".join)
def test_every_paper_is_tagged_as_pdf_ua_asks(pdfs: dict[tuple[str, str], bytes], each: tuple[str, str]) -> None:
    pdf = PdfReader(BytesIO(pdfs[each]))
    catalog = pdf.root_object
    assert catalog["/MarkInfo"]["/Marked"].value
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"].value
    assert catalog["/Lang"] == each[1].partition("-")[0]
    assert re.search(rb"pdfuaid:part[^0-9]+1\b", catalog["/Metadata"].get_object().get_data())
    assert pdf.metadata is not None
    assert str(pdf.metadata.title).startswith("Lyhty: ")
    elements = list(structure(catalog["/StructTreeRoot"]))
    figures = [element for element in elements if element["/S"] == "/Figure"]
    assert len(figures) == 1
    assert all(SITE in figure["/Alt"] for figure in figures)
    headings = [int(element["/S"][2:]) for element in elements if re.fullmatch(r"/H\d", element["/S"])]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(headings))
    assert all(element["/S"] != "/LI" or element["/P"]["/S"] == "/L" for element in elements)


@pytest.mark.parametrize("each", PRINTED, ids=" ".join)
def test_every_font_is_in_the_file(pdfs: dict[tuple[str, str], bytes], each: tuple[str, str]) -> None:
    (only,) = PdfReader(BytesIO(pdfs[each])).pages
    fonts = [font.get_object() for font in only["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        descriptor = font["/DescendantFonts"][0]["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & descriptor.keys()
        assert "Noto" in font["/BaseFont"] or "DejaVu" in font["/BaseFont"]


@pytest.mark.parametrize("each", PRINTED, ids=" ".join)
def test_all_its_words_stand_on_its_one_page_in_their_order(
    pdfs: dict[tuple[str, str], bytes], each: tuple[str, str]
) -> None:
    paper, language = each
    pdf = pypdfium2.PdfDocument(pdfs[each])
    assert len(pdf) == 1
    width, height = pdf[0].get_size()
    text = pdf[0].get_textpage()
    boxes = [text.get_charbox(nth) for nth in range(text.count_chars())]
    assert all(min(left, bottom, width - right, height - top) >= 0 for left, bottom, right, top in boxes)
    told = json.loads(
        (Path(__file__).parents[2] / f"server/lyhty_server/kits/texts/{language}.json").read_text("utf-8")
    )
    at, read = 0, as_one_line(text_of(pdfs[each]))
    for line in lines({**told["poster"], "mark": ""} if paper in POSTERS else told[paper]):
        for part in re.split(r"\{\w+\}", as_one_line(line)):
            found = read.find(part.strip(), at)
            assert found >= 0, (part, read[at : at + 200])
            at = found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("paper", POSTERS)
async def test_a_camera_reads_the_address_with_the_school_from_a_poster(
    pdfs: dict[tuple[str, str], bytes], paper: str, language: str
) -> None:
    press = Press()
    picture = Image.open(BytesIO(await press.png(pdfs[paper, language], dpi=72)))
    await press.close()
    # Somewhat askew, in gray and unsharp, as from across a corridor.
    seen = picture.convert("L").rotate(4, fillcolor=255, expand=True).resize((picture.width // 2, picture.height // 2))
    (code,) = zxingcpp.read_barcodes(seen)
    assert code.text == f"{SITE}/#a={b64encode(INSTANCE)}&s=03095"


async def test_the_lesson_plan_leads_to_the_practice_and_names_no_school(pdfs: dict[tuple[str, str], bytes]) -> None:
    press = Press()
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(await press.png(pdfs["lesson", "fi"]))))
    await press.close()
    assert code.text == f"{SITE}/#practice"


@pytest.mark.parametrize("each", PRINTED, ids=" ".join)
def test_people_can_compare_the_mark_letter_by_letter(
    pdfs: dict[tuple[str, str], bytes], each: tuple[str, str]
) -> None:
    assert b64encode(INSTANCE) in text_of(pdfs[each]).replace(" ", "")


@pytest.mark.parametrize("paper", ["poster-a4", "letter"])
def test_a_name_is_printed_as_text_whatever_it_is(odd_pdfs: dict[str, bytes], paper: str) -> None:
    read = text_of(odd_pdfs[f"{paper} {HOSTILE}"])
    assert "<script>alert(1)</script>{school.__class__}oluok &amp; ]]> </title></style>" in read
    assert len(list(structure(PdfReader(BytesIO(odd_pdfs[f"{paper} {HOSTILE}"])).root_object["/StructTreeRoot"]))) > 20


@pytest.mark.parametrize("paper", ["poster-a4", "letter"])
def test_a_very_long_name_still_leaves_one_page_with_all_the_rest(odd_pdfs: dict[str, bytes], paper: str) -> None:
    pdf = odd_pdfs[f"{paper} {LONG}"]
    assert len(PdfReader(BytesIO(pdf)).pages) == 1
    assert LONG.strip() in text_of(pdf)
    assert b64encode(INSTANCE) in text_of(pdf).replace(" ", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_message_is_plain_text_with_the_schools_link(language: str) -> None:
    text = message(kit(HOSTILE), language)
    assert f"{SITE}/#a={b64encode(INSTANCE)}&s=03095" in text
    assert "<script>alert(1)</script>{school.__class__}oluok" in text
    assert text.isprintable() or set(text) - set("\n") <= {each for each in text if each.isprintable()}
    assert 400 < len(text) < 1_200


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_paper_it_is_offered_in(language: str) -> None:
    told = texts(language)
    assert {"letter", "message"} <= {each.paper for each in PAPERS if language in each.languages}
    for name in ("lesson", "staff"):
        assert (getattr(told, name) is not None) == (language in OFFERED[name].languages)
    assert len(told.poster.limits) == len(texts("fi").poster.limits)
    assert len(told.letter.sections) == len(texts("fi").letter.sections)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("paper", ["lesson", "staff"])
def test_no_section_is_missing_in_a_translation(language: str, paper: str) -> None:
    finnish, other = getattr(texts("fi"), paper).sections, getattr(texts(language), paper).sections
    assert [(len(each.text), len(each.points), each.source is None) for each in finnish] == [
        (len(each.text), len(each.points), each.source is None) for each in other
    ]
    assert [re.findall(r"\d+", each.source or "") for each in finnish] == [
        re.findall(r"\d+", each.source or "") for each in other
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_children_are_told_what_is_not_protected_and_whom_to_call(language: str) -> None:
    poster = texts(language).poster
    said = {
        "fi-simple": ("muistaa", "nähdä näytön", "koulusi", "kertoa"),
        "fi": ("historiaan", "nähdä näyttösi", "koulusta", "ilmoitettava"),
        "sv": ("historik", "se din skärm", "vilken skola", "anmäla"),
        "en": ("history", "see your screen", "which school", "report"),
    }[language]
    assert all(word in limit for word, limit in zip(said, poster.limits, strict=True))
    assert "112" in poster.danger
    assert ("0800 96 116" if language == "sv" else "116 111") in poster.helpline


def test_the_page_for_staff_names_every_law_that_binds_them_and_says_that_no_lawyer_has_read_it() -> None:
    of_staff = {
        duty["source"]: duty["needs_check"]
        for duty in json.loads(DUTIES.read_text("utf-8"))["duties"] if duty["id"] != "employer"
    }  # fmt: skip
    staff = texts("fi").staff
    assert staff is not None
    sources = "; ".join(section.source or "" for section in staff.sections)
    assert all(source in sources for source in of_staff)
    assert any(of_staff.values()) == ("ei ole vielä tarkistanut" in staff.end)
