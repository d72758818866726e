"""A school's papers over HTTP: made for who may see the school, and for nobody else; refused in plain codes."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from lyhty_wire.encoding import b64encode
from tests.provider import Provider
from tests.server.api_server import Answer, ApiServer, api_server
from tests.server.viewers import COUNTY, MUNICIPALITY, OTHER_MUNICIPALITY, OTHER_SCHOOL, SCHOOL, plant, signed_in_viewer

SITE = "https://lyhty.example.fi"


@pytest.fixture
async def here(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiServer]:
    async with api_server(provider, tmp_path, monkeypatch, site=SITE) as api:
        await plant(api)
        yield api


@pytest.fixture
async def token(here: ApiServer) -> str:
    return await here.sign_in(here.provider.coordinator)


async def paper(api: ApiServer, token: str, name: str, query: str = "", school: str = SCHOOL) -> Answer:
    return await api.get(f"/api/kits/{school}/{name}{query}", token)


async def test_the_list_names_the_school_and_every_paper_with_its_languages(here: ApiServer, token: str) -> None:
    kit = (await here.get(f"/api/kits/{SCHOOL}", token)).json
    assert (kit["school"], kit["name"]) == (SCHOOL, "Keskuskoulu")
    assert [each["paper"] for each in kit["papers"]] == [
        "poster-a4", "poster-a3", "letter", "lesson", "staff", "message"
    ]  # fmt: skip
    assert kit["papers"][0] == {
        "paper": "poster-a4", "languages": ["fi-simple", "fi", "sv", "en"], "formats": ["pdf", "png"]
    }  # fmt: skip


async def test_a_paper_comes_as_a_file_with_a_name_and_nobody_keeps_it(here: ApiServer, token: str) -> None:
    answer = await paper(here, token, "letter", "?language=sv")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="lyhty-{SCHOOL}-letter-sv.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Keskuskoulu" in PdfReader(BytesIO(answer.body)).pages[0].extract_text()


async def test_a_poster_as_a_picture_leads_a_camera_to_this_service_with_this_school(
    here: ApiServer, token: str
) -> None:
    answer = await paper(here, token, "poster-a4", "?language=en&format=png")
    assert answer.headers["Content-Type"] == "image/png"
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(answer.body)))
    assert code.text == f"{SITE}/#a={b64encode(here.provider.instance)}&s={SCHOOL}"


async def test_the_message_is_text(here: ApiServer, token: str) -> None:
    answer = await paper(here, token, "message", "?language=fi-simple")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Keskuskoulu" in answer.body.decode()


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("lesson", "?language=fi-simple"), ("message", "?format=pdf"), ("letter", "?format=txt"),
        ("letter", "?language=de"), ("letter", "?language=fi&language=sv"), ("letter", "?dpi=9999"), ("diploma", ""),
    ],
)  # fmt: skip
async def test_what_there_is_not_is_refused(here: ApiServer, token: str, name: str, query: str) -> None:
    assert (await paper(here, token, name, query)).code == (400, "operation-malformed")


@pytest.mark.parametrize("school", ["99999", MUNICIPALITY, COUNTY])
async def test_what_is_no_school_has_no_papers(here: ApiServer, token: str, school: str) -> None:
    assert (await paper(here, token, "letter", school=school)).code == (404, "organisation-unknown")
    assert (await here.get(f"/api/kits/{school}", token)).code == (404, "organisation-unknown")


async def test_a_viewer_gets_the_papers_of_their_schools_and_a_foreign_one_is_as_unknown_as_none(
    here: ApiServer, token: str
) -> None:
    of_one, of_other = await signed_in_viewer(here, token), await signed_in_viewer(here, token, OTHER_MUNICIPALITY)
    assert (await paper(here, of_one, "message")).status == 200
    assert (await paper(here, of_other, "message", school=OTHER_SCHOOL)).status == 200
    refused = await paper(here, of_one, "message", school=OTHER_SCHOOL)
    none = await paper(here, of_one, "message", school="99999")
    assert (refused.status, refused.body) == (none.status, none.body)
    assert refused.code == (404, "organisation-unknown")


async def test_without_an_address_of_its_pages_the_server_invents_none(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with api_server(provider, tmp_path, monkeypatch, site=None) as api:
        await plant(api)
        token = await api.sign_in(provider.coordinator)
        assert (await paper(api, token, "message")).code == (501, "site-unset")


async def test_a_computer_without_pango_starts_all_the_same_and_says_what_is_wrong(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    monkeypatch.setattr("lyhty_server.paper.press.HANDED_ON", ("PATH", "PYTHONPATH"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with api_server(provider, tmp_path, monkeypatch, site=SITE) as api:
        await plant(api)
        token = await api.sign_in(provider.coordinator)
        assert (await paper(api, token, "letter")).code == (501, "paper-unavailable")
        assert (await paper(api, token, "message")).status == 200
