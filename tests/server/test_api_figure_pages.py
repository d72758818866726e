"""Figures over HTTP: who sees which, what a foreign one is answered, and what a browser may keep."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from lyhty_server.api import figure_pages
from lyhty_server.figures.files import CONTENT_TYPES
from lyhty_server.store.sql import SqlStore
from lyhty_wire.figures.periods import HELSINKI
from lyhty_wire.organisation_desk import Organisations
from tests.patience import PATIENCE_S
from tests.provider import Provider
from tests.published import release_of, signed
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


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The periods whose figures the server has read, in that order."""
    names: list[str] = []
    stored = SqlStore.signed_release

    async def noted(store: SqlStore, period: str) -> bytes | None:
        names.append(period)
        return await stored(store, period)

    monkeypatch.setattr(SqlStore, "signed_release", noted)
    return names


async def test_what_is_published_is_read_when_the_server_starts_and_when_it_comes(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: list[str]
) -> None:
    november, december = (
        signed(release_of(name, provider.directory), provider.coordinator.keys.sign) for name in ("2026-11", "2026-12")
    )
    async with api_server(provider, tmp_path, monkeypatch) as api:
        await api.store.put_release("2026-11", november)
    assert read == []
    async with api_server(provider, tmp_path, monkeypatch) as api:
        await until(lambda: read == ["2026-11"])
        api.clock.now_s = int(datetime(2027, 2, 1, tzinfo=HELSINKI).timestamp())
        token = await api.sign_in(provider.coordinator)
        answer = await api.ask("PUT", "/api/releases/2026-12", token=token, data=december)
        assert answer.status == 200
        await until(lambda: read[-1] == "2026-12" and read.count("2026-12") == 2)  # and once before it was stored
        await api.get("/api/figures/all", token)
        assert read.count("2026-11") == 2  # to see that december follows it


async def test_who_would_wait_too_long_for_what_is_being_read_is_told_so(
    figures: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, stored = asyncio.Event(), asyncio.Event(), figures.store.signed_release

    async def slow(period: str) -> bytes | None:
        begun.set()
        await go_on.wait()
        return await stored(period)

    monkeypatch.setattr(figures.store, "signed_release", slow)
    monkeypatch.setattr(figure_pages, "WAITING_S", 0.01)
    token = await figures.sign_in(figures.provider.coordinator)
    first = asyncio.create_task(figures.get(PAGE, token))
    await begun.wait()
    async with asyncio.timeout(PATIENCE_S):
        assert (await figures.get(PAGE, token)).code == (503, "busy")
    go_on.set()
    assert (await first).status == 200


async def test_a_page_does_not_wait_for_what_is_being_printed(figures: ApiServer) -> None:
    token = await figures.sign_in(figures.provider.coordinator)
    printing = asyncio.create_task(figures.get("/api/figures/837/files/report.pdf?period=2026-2027", token))
    for language in ("fi", "sv", "en"):
        assert (await figures.get(f"{PAGE}&language={language}", token)).status == 200
    assert not printing.done()
    assert (await printing).status == 200


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - nobody is told when it has happened
            await asyncio.sleep(0)


def _fields(of: object) -> dict[str, object]:
    return {name: getattr(of, name) for name in of.__struct_fields__}  # type: ignore[attr-defined]


async def _until_ready(figures: ApiServer, address: str, token: str) -> list[int]:
    """How many seconds it said to be left, each time."""
    left = [(await figures.get(address, token)).json["left_s"]]
    while left[-1]:
        left.append((await figures.get(address, token)).json["left_s"])
    return left


async def test_a_report_says_how_long_it_takes_until_it_is_there_and_then_comes_at_once(figures: ApiServer) -> None:
    coordinator = await figures.sign_in(figures.provider.coordinator)
    token = await signed_in_viewer(figures, coordinator, "837")
    address = "/api/figures/837/report?period=2026-2027&language=sv"
    assert (await _until_ready(figures, address, token))[0] > 0
    assert await _until_ready(figures, address, token) == [0]
    file = await figures.get("/api/figures/837/files/report.pdf?period=2026-2027&language=sv", token)
    assert file.body.startswith(b"%PDF")


async def test_a_report_is_printed_for_nobody_who_may_not_see_it(figures: ApiServer) -> None:
    coordinator = await figures.sign_in(figures.provider.coordinator)
    token = await signed_in_viewer(figures, coordinator, "837")
    unknown = await figures.get("/api/figures/nobody/report", token)
    assert unknown.code == (404, "organisation-unknown")
    for whose in ("06", "980", "all"):
        foreign = await figures.get(f"/api/figures/{whose}/report", token)
        assert (foreign.status, foreign.body) == (unknown.status, unknown.body)
    assert (await figures.get("/api/figures/all/report", coordinator)).code == (404, "organisation-unknown")


async def test_when_a_release_comes_the_reports_of_viewers_who_pay_are_printed_and_no_others(
    figures: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinator = await figures.sign_in(figures.provider.coordinator)
    await signed_in_viewer(figures, coordinator, "837")
    printed: asyncio.Queue[bytes] = asyncio.Queue()
    stored = SqlStore.put_prepared_report

    async def noted(store: SqlStore, digest: bytes, pdf: bytes) -> None:
        await stored(store, digest, pdf)
        printed.put_nowait(pdf)

    monkeypatch.setattr(SqlStore, "put_prepared_report", noted)
    monkeypatch.setattr(figure_pages, "LANGUAGES", ("fi",))
    figures.clock.now_s = int(datetime(2027, 10, 1, tzinfo=HELSINKI).timestamp())
    coordinator = await figures.sign_in(figures.provider.coordinator)
    august = signed(release_of("2027-08", figures.provider.directory), figures.provider.coordinator.keys.sign)
    assert (await figures.ask("PUT", "/api/releases/2027-08", token=coordinator, data=august)).status == 200
    async with asyncio.timeout(PATIENCE_S):
        titles = [_title(await printed.get()) for _ in range(2)]
    assert ["Koskikaupunki" in each for each in titles] == [True, True]
    assert ["2027" in titles[0], "2026–2027" in titles[1]] == [True, True]
    assert printed.empty()


def _title(pdf: bytes) -> str:
    metadata = PdfReader(io.BytesIO(pdf)).metadata
    return "" if metadata is None else metadata.title or ""
