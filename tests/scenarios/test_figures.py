"""From a case to a published figure: who contributes, what the server sees of it, and that it goes out once."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random

import pytest

from lyhty_client.contributing import ENOUGH, Gathering, counted_case, key_in_use
from lyhty_client.conversation import Message
from lyhty_client.desk import Desk
from lyhty_client.errors import ForgottenError
from lyhty_client.expert import ExpertDesk
from lyhty_client.statistics.office import Office, open_office
from lyhty_client.statistics.release import count
from lyhty_client.trust import Site
from lyhty_wire.contents import Report
from lyhty_wire.contributions import CaseCounted
from lyhty_wire.figures.periods import Period, month_periods, terms_of
from lyhty_wire.figures.releases import Release
from lyhty_wire.figures.tables import Table
from lyhty_wire.ids import LAWYER
from lyhty_wire.organisation_desk import Imported
from tests.provider import Provider
from tests.scenarios.actors import expert, reporter
from tests.scenarios.publishing import at_office, contribute, last_year, made_up, organisations, signed_in, stats
from tests.scenarios.searcher import Searcher
from tests.scenarios.server_process import ServerProcess
from tests.scenarios.test_new_root import Stick, restarted
from tests.scenarios.test_privacy import fresh_word, needs_proc

Servers = Callable[..., ServerProcess]
YEAR = last_year()
AUTUMN, SPRING = terms_of(YEAR)


@pytest.fixture
def password_file(tmp_path: Path, provider: Provider) -> str:
    file = tmp_path / "password"
    file.write_text(provider.coordinator.password)
    return str(file)


@pytest.fixture
def stick(provider: Provider, tmp_path: Path) -> Stick:
    return Stick(provider, tmp_path)


@asynccontextmanager
async def office_of(url: str, provider: Provider) -> AsyncIterator[tuple[ExpertDesk, Office]]:
    async with Desk(Site.parse(url)) as desk:
        yield await at_office(desk, provider, url)


@asynccontextmanager
async def lawyer_of(url: str, provider: Provider) -> AsyncIterator[ExpertDesk]:
    async with Desk(Site.parse(url)) as desk:
        yield await signed_in(desk, provider, provider.lawyer, url)


async def a_year_of_cases(url: str, provider: Provider, cases: int = 60) -> None:
    """With the organisations, and the key to seal contributions to."""
    async with office_of(url, provider) as (coordinator, _):
        await bring_in(coordinator)
    async with lawyer_of(url, provider) as lawyer:
        await contribute(lawyer.desk, made_up(YEAR, cases, Random(7)), provider, Random(8))


async def bring_in(coordinator: ExpertDesk) -> None:
    path, file = "/api/organisations/import", organisations(YEAR.first.year)
    imported = await coordinator.desk._ask("POST", path, Imported, file)
    assert imported.problems == []


async def published(url: str, provider: Provider) -> dict[Period, Release]:
    async with office_of(url, provider) as (_, office):
        return await office.releases(await office.released_periods())


# --- From a case to a contribution


async def test_a_case_is_counted_from_its_report_once_enough_have_gathered(
    own_server: Servers, provider: Provider, tmp_path: Path
) -> None:
    server = own_server()
    async with office_of(server.url, provider) as (_, office):
        async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
            gathering = Gathering(tmp_path / "gathered", lawyer.desk)
            await pupil.tells("They shared a picture.", of=[LAWYER], topic="picture-shared", service="snapchat")
            held = await lawyer.claims(pupil.case)
            (report,) = [
                each.content
                for each in held.conversation.messages
                if isinstance(each, Message) and isinstance(each.content, Report)
            ]
            first_key = held.conversation.first_key
            assert first_key is not None
            real = counted_case(report, held.place)
            assert (real.school, real.topic, real.service) == (None, "picture-shared", "snapchat")
            for nth in range(ENOUGH):
                assert not await gathering.send_if_enough()
                gathering.add(first_key if nth == 0 else bytes([nth]) * 32, real)
            assert await gathering.send_if_enough()
            gathering.add(first_key, real)
            assert gathering.waiting == 0, "what was sent is not gathered again"
            # Another device, or a colleague, contributes the same case.
            other = Gathering(tmp_path / "other", lawyer.desk)
            other.add(first_key, real)
            assert await other.send()
        contributed = await office.contributed()
        assert list(contributed.counted.values()) == [real] * ENOUGH
        assert contributed.unreadable == 0


async def test_what_has_gathered_waits_on_the_device_sealed_until_there_is_a_key(
    own_server: Servers, provider: Provider, tmp_path: Path
) -> None:
    server, school = own_server(), fresh_word()
    file = tmp_path / "gathered"
    async with lawyer_of(server.url, provider) as lawyer:
        gathering = Gathering(file, lawyer)
        gathering.add(bytes(32), CaseCounted(school, AUTUMN.first, "other", "none", "pupil", "kept"))
        assert not await gathering.send()
        assert Searcher([school]).in_files(tmp_path) == []
        async with office_of(server.url, provider):
            pass
        again = Gathering(file, lawyer)
        assert again.waiting == 1
        assert await again.send()
        assert Gathering(file, lawyer).waiting == 0


async def test_only_coordinators_have_an_office(own_server: Servers, provider: Provider) -> None:
    async with lawyer_of(own_server().url, provider) as lawyer:
        with pytest.raises(ForgottenError, match="not-coordinator"):
            await open_office(lawyer)


# --- Publishing


async def test_all_that_is_due_goes_out_in_order_and_a_second_time_nothing_is(
    own_server: Servers, provider: Provider, password_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server = own_server()
    await a_year_of_cases(server.url, provider)
    assert await stats(server.url, provider, password_file, "release", "--due", "--publish") == 0
    said = capsys.readouterr().out.splitlines()
    names = [line.partition(" ")[0] for line in said if line.endswith("is published.")]
    assert {*month_periods(YEAR), AUTUMN, SPRING, YEAR} <= {Period.parse(name) for name in names}
    assert names.index(AUTUMN.name) > max(names.index(each.name) for each in month_periods(AUTUMN))
    assert names.index(YEAR.name) > names.index(SPRING.name)
    before = await published(server.url, provider)
    assert await stats(server.url, provider, password_file, "release", "--due", "--publish") == 0
    assert capsys.readouterr().out == "Nothing is due.\n"
    assert await published(server.url, provider) == before


async def test_figures_are_near_what_was_contributed_and_what_is_spent_is_removed(
    own_server: Servers, provider: Provider, password_file: str
) -> None:
    server = own_server()
    await a_year_of_cases(server.url, provider)
    async with office_of(server.url, provider) as (_, office):
        contributed = await office.contributed()
    assert await stats(server.url, provider, password_file, "release", "--publish") == 0
    releases = await published(server.url, provider)
    truth = count(YEAR, releases[YEAR].register, contributed.cases, contributed.replies)
    within = [abs(figure.published - truth[cell]) <= figure.width for cell, figure in releases[YEAR].figures.items()]
    assert sum(within) >= 0.9 * len(within)
    async with office_of(server.url, provider) as (_, office):
        assert (await office.contributed()).counted == {}


async def test_a_dry_run_says_what_it_costs_draws_nothing_and_names_no_small_number(
    own_server: Servers, provider: Provider, password_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server = own_server()
    await a_year_of_cases(server.url, provider, cases=9)
    assert await stats(server.url, provider, password_file, "release", "--dry-run") == 0
    said = capsys.readouterr().out
    cost = f"{float(Table.MONTHS.epsilon):.2f} of its 2 epsilon"
    assert f"2 figures: cases of each municipality. Costs each case {cost}." in said
    assert "Fewer than 10 contributions count in it." in said
    assert await published(server.url, provider) == {}


async def test_one_period_alone_goes_out_if_its_turn_has_come(
    own_server: Servers, provider: Provider, password_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server = own_server()
    await a_year_of_cases(server.url, provider, cases=9)
    first, second = month_periods(YEAR)[:2]
    for period, status, why in (
        (second.name, 1, f"publish {first.name} first"),
        ("2199-11", 1, "may not go out before"),
        ("2026-13", 1, "a period is"),
        (first.name, 0, ""),
        (first.name, 1, "has been published"),
    ):
        assert await stats(server.url, provider, password_file, "release", "--period", period, "--publish") == status
        assert why in capsys.readouterr().err
    assert list(await published(server.url, provider)) == [first]


async def test_the_ledger_tells_what_was_drawn_and_what_a_case_has_spent(
    own_server: Servers, provider: Provider, password_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server = own_server()
    await a_year_of_cases(server.url, provider, cases=9)
    assert await stats(server.url, provider, password_file, "release", "--publish") == 0
    capsys.readouterr()
    assert await stats(server.url, provider, password_file, "ledger") == 0
    said = capsys.readouterr().out
    assert f"{YEAR.name}: a case has spent at most 2.00 of its 2." in said
    assert f"{AUTUMN.name}" in said


async def test_of_two_coordinators_who_publish_at_once_both_get_the_same_release(
    own_server: Servers, provider: Provider
) -> None:
    server = own_server()
    await a_year_of_cases(server.url, provider)
    period = month_periods(YEAR)[0]
    async with office_of(server.url, provider) as (_, one), office_of(server.url, provider) as (_, other):
        tree, contributed = await one.tree(), await one.contributed()
        async with lawyer_of(server.url, provider) as lawyer:  # what one of them sees, and the other does not
            await contribute(lawyer.desk, made_up(YEAR, 20, Random(1)), provider, Random(2))
        more = await other.contributed()
        first, second = await asyncio.gather(
            one.publish(period, tree, {}, contributed), other.publish(period, tree, {}, more)
        )
        assert first == second


# --- What the server sees


@needs_proc
async def test_no_school_and_no_topic_that_was_contributed_is_anywhere_on_the_server(
    own_server: Servers, provider: Provider, tmp_path: Path
) -> None:
    server = own_server()
    school, topic = fresh_word(), fresh_word()
    async with office_of(server.url, provider) as (_, office):
        async with lawyer_of(server.url, provider) as lawyer:
            gathering = Gathering(tmp_path / "gathered", lawyer)
            gathering.add(bytes(32), CaseCounted(school, AUTUMN.first, topic, "none", "pupil", "kept"))
            assert await gathering.send()
        (counted,) = (await office.contributed()).counted.values()
        assert isinstance(counted, CaseCounted)
        assert (counted.school, counted.topic) == (school, topic)
    searcher = Searcher([school, topic])
    assert searcher.in_files(server.data, server.said) == []
    assert searcher.in_tables(server.data / "lyhty.db") == []
    assert searcher.in_memory(server.pid) == []


async def test_a_stored_contribution_has_a_token_a_key_and_sealed_bytes_and_nothing_else(
    own_server: Servers, provider: Provider
) -> None:
    server = own_server()
    await a_year_of_cases(server.url, provider, cases=9)
    server.stop()
    with closing(sqlite3.connect(server.data / "lyhty.db")) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(contributions)")]
        keys = database.execute("SELECT DISTINCT key FROM contributions").fetchall()
    assert columns == ["token", "key", "sealed"]
    assert len(keys) == 1


# --- A new root


async def test_after_a_new_root_what_was_contributed_before_is_still_counted(
    own_server: Servers, provider: Provider, stick: Stick
) -> None:
    server = own_server()
    await a_year_of_cases(server.url, provider, cases=9)
    async with office_of(server.url, provider) as (coordinator, office):
        before = await office.contributed()
        key = key_in_use(await coordinator.desk.statistics_keys(), office.directory)
    await stick.renews(server)
    restarted(server)
    async with lawyer_of(server.url, provider) as lawyer:
        assert key_in_use(await lawyer.desk.statistics_keys(), lawyer.expertise.directory) is None
    async with office_of(server.url, provider) as (coordinator, office):
        told = await coordinator.desk.statistics_keys()
        assert key_in_use(told, office.directory) not in (None, key)
        assert (told.keys[0].link is not None, told.earlier) == (True, [])
        assert (await office.contributed()).counted == before.counted
    with closing(sqlite3.connect(server.data / "lyhty.db")) as database:
        assert database.execute("SELECT count(*) FROM earlier_wraps").fetchone() == (0,)


async def test_if_nobody_has_the_seed_before_any_more_it_is_said_and_the_rest_is_published(
    own_server: Servers, provider: Provider, stick: Stick, password_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server = own_server()
    await a_year_of_cases(server.url, provider, cases=9)
    await stick.renews(server)
    server.stop()
    server.restart()
    with closing(sqlite3.connect(server.data / "lyhty.db")) as database:
        database.execute("DELETE FROM earlier_wraps")
        database.commit()
    assert await stats(server.url, provider, password_file, "release", "--due", "--publish") == 0
    said = capsys.readouterr().out
    assert "What was contributed under an earlier root cannot be opened" in said
    assert f"{YEAR.name} is published." in said
