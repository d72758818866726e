"""Figures over HTTP: who sees which, what a foreign one is answered, and what a browser may keep."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from lyhty_server.figures.files import CONTENT_TYPES
from lyhty_wire.organisation_desk import Organisations
from tests.provider import Provider
from tests.published import signed
from tests.server.api_server import ApiServer, api_server
from tests.server.figures.published import two_years
from tests.server.viewers import signed_in_viewer

PAGE = "/api/figures/837?period=2026-2027"


@pytest.fixture
async def figures(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiServer]:
    """Two years of figures are published, as they are stored; the newest are two weeks old."""
    async with api_server(provider, tmp_path, monkeypatch) as api:
        published = two_years()
        bodies = sorted(published.tree.organisations.values(), key=lambda each: each.id)
        await api.store.change_organisations(
            await api.store.organisations(), Organisations(bodies, list(published.tree.agreements))
        )
        for release in published.releases:
            await api.store.put_release(release.period.name, signed(release, provider.coordinator.keys.sign))
        yield api


async def test_a_coordinator_sees_everybody_and_the_whole_service(figures: ApiServer) -> None:
    token = await figures.sign_in(figures.provider.coordinator)
    for whose in ("837", "83708", "06", "all"):
        answer = await figures.get(f"/api/figures/{whose}?period=2026-2027&language=en", token)
        assert answer.status == 200
        assert answer.json["sections"][0]["table"]["rows"]


async def test_without_a_period_the_newest_term_is_shown(figures: ApiServer) -> None:
    token = await figures.sign_in(figures.provider.coordinator)
    assert (await figures.get("/api/figures/837", token)).json["period"]["name"] == "2027-spring"


async def test_a_viewer_sees_what_is_below_and_what_is_paid_for_and_nothing_else_is_known(figures: ApiServer) -> None:
    coordinator = await figures.sign_in(figures.provider.coordinator)
    token = await signed_in_viewer(figures, coordinator, "837")
    for whose in ("837", "83701", "98001"):
        assert (await figures.get(f"/api/figures/{whose}", token)).status == 200, whose
    unknown = await figures.get("/api/figures/nobody", token)
    assert unknown.code == (404, "organisation-unknown")
    for whose in ("06", "07", "980", "98002", "all", "unknown", "83701-83702"):
        for address in (f"/api/figures/{whose}", f"/api/figures/{whose}/files/figures.csv?period=2026-2027"):
            foreign = await figures.get(address, token)
            assert (foreign.status, foreign.body) == (unknown.status, unknown.body), address


async def test_a_page_says_which_of_its_neighbors_one_may_open(figures: ApiServer) -> None:
    coordinator = await figures.sign_in(figures.provider.coordinator)
    page = (await figures.get(PAGE, await signed_in_viewer(figures, coordinator, "837"))).json
    assert {each["id"]: each["seen"] for each in page["above"]} == {"06": False}
    assert all(each["seen"] for each in page["below"])
    assert {each["seen"] for each in (await figures.get(PAGE, coordinator)).json["above"]} == {True}


async def test_a_page_is_not_sent_again_while_it_is_the_same(figures: ApiServer) -> None:
    token = await figures.sign_in(figures.provider.coordinator)
    first = await figures.get(PAGE, token)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = await figures.ask("GET", PAGE, token=token, headers=tag)
    assert (again.status, again.body) == (304, b"")
    assert "no-cache" in again.headers["Cache-Control"]
    other = await figures.ask("GET", f"{PAGE}&language=sv", token=token, headers=tag)
    assert other.status == 200
    before = await figures.store.organisations()
    renamed = [type(each)(**{**_fields(each), "name": "Uusi nimi"}) for each in before.organisations]
    await figures.store.change_organisations(before, Organisations(renamed, before.agreements))
    assert (await figures.ask("GET", PAGE, token=token, headers=tag)).status == 200
    # Who is not let in is not told that nothing has changed either.
    assert (await figures.ask("GET", PAGE, headers=tag)).code == (401, "not-signed-in")


async def test_a_file_comes_as_it_is_called(figures: ApiServer) -> None:
    token = await figures.sign_in(figures.provider.coordinator)
    for name in ("figures.csv", "figures.xlsx", "figures.json", "topics.px", "cases.svg"):
        answer = await figures.get(f"/api/figures/837/files/{name}?period=2026-2027&language=sv", token)
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith(CONTENT_TYPES[name.rpartition(".")[2]])
        assert f"lyhty-837-2026-2027-sv-{name}" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for name in ("figures.exe", "below.svg"):
        assert (await figures.get(f"/api/figures/837/files/{name}", token)).code == (404, "route-unknown")


async def test_page_report_and_methods_are_printed_tagged_and_with_a_title(figures: ApiServer) -> None:
    token = await figures.sign_in(figures.provider.coordinator)
    for name, title in (("figures.pdf", "Koskikaupunki"), ("report.pdf", "report"), ("methods.pdf", "How the figures")):
        answer = await figures.get(f"/api/figures/837/files/{name}?period=2026-2027&language=en", token)
        assert answer.status == 200, answer.body
        read = PdfReader(io.BytesIO(answer.body))
        assert read.metadata is not None
        assert title in (read.metadata.title or "")
        assert read.root_object["/MarkInfo"]["/Marked"]
        assert read.root_object["/Lang"] == "en"


async def test_a_month_has_no_page_and_what_is_no_period_neither(figures: ApiServer) -> None:
    token = await figures.sign_in(figures.provider.coordinator)
    for period in ("2026-11", "2026-2028", "x"):
        assert (await figures.get(f"/api/figures/837?period={period}", token)).code == (400, "operation-malformed")


def _fields(of: object) -> dict[str, object]:
    return {name: getattr(of, name) for name in of.__struct_fields__}  # type: ignore[attr-defined]
