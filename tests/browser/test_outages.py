"""The database or the bus is away for a while: the page says so where somebody waits for it, and goes on by itself."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.async_api import expect

from tests.browser.conftest import SLOT_MS, People
from tests.browser.watching import A_BROWSER_TELLS_OF_LOST_LINES
from tests.provider import Provider
from tests.scenarios.actors import expert, text_of
from tests.scenarios.server_process import ServerProcess
from tests.servers.nats import NatsServer, nats_server
from tests.servers.postgres import PostgresServer, running_postgres

pytestmark = pytest.mark.asyncio(loop_scope="session")

DATABASE: Final = "postgres"
A_BROWSER_TELLS_OF_REFUSALS: Final = "the server responded with a status of 503"
# `make faults` keeps it away for as long as an operator may need to start it anew.
AWAY_S: Final = 60 if os.environ.get("LYHTY_TEST_FAULTS") else 0


@dataclass
class Service:
    """Two processes on one database and one bus."""

    a: ServerProcess
    b: ServerProcess
    database: PostgresServer
    bus: NatsServer


@pytest.fixture(scope="module")
def service(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    data = provider.write(folder / "a")
    shutil.copytree(data, folder / "b")
    with running_postgres() as database, nats_server() as bus:
        settings = {
            "LYHTY_DATABASE_URL": database.url(DATABASE).render_as_string(hide_password=False),
            "LYHTY_BUS_URL": bus.url,
        }
        a, b = (ServerProcess(folder / name, slot_ms=SLOT_MS, settings=settings) for name in ("a", "b"))
        with a, b:
            yield Service(a.start(), b.start(), database, bus)


@pytest.fixture(scope="module")
def server(service: Service) -> ServerProcess:
    return service.a


async def stored_of(service: Service, provider: Provider, first_words: str) -> list[str]:
    async with expert(service.a.url, provider, provider.other_lawyer) as other:
        rows = await other.desk.inbox(other.queue)
        cases = [row.place.case_id for row in rows if row.card is not None and row.card.first_words == first_words]
        assert len(cases) == 1
        held = await other.claims(cases[0])
        return [text_of(message) for message in held.conversation.messages]


@pytest.mark.timeout(600)
async def test_while_the_database_is_away_each_page_says_so_and_sends_by_itself(
    people: People, service: Service, provider: Provider
) -> None:
    told = await people.pupil()
    await told.opens_lyhty()
    await told.tells("Kysyn neuvoa.")
    await told.opens_the_case()
    teller = await people.pupil()
    await teller.opens_lyhty()
    await teller.gets_to_practice("Tietokanta on poissa.")
    back = await people.pupil()
    await back.opens_lyhty()
    people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)
    people.expect_complaint(A_BROWSER_TELLS_OF_REFUSALS)

    service.database.stop()
    await told.chats("Tämä odottaa.")
    await teller.skips_practice()
    await expect(told.message("Tämä odottaa.")).to_contain_text(told.says("case.message.heldUp"))
    await teller.reads("sending.notStored")
    await back.types_phrase(" ".join(each.word for each in told.phrase))
    await back.does("open")
    await back.reads("continue.again")
    await asyncio.sleep(AWAY_S)
    await expect(told.message("Tämä odottaa.")).to_contain_text(told.says("case.message.heldUp"))

    service.database.start()
    await told.has_sent("Tämä odottaa.")
    await teller.sees("sent")
    await back.sees("case")
    assert await stored_of(service, provider, "Tietokanta on poissa.") == ["Tietokanta on poissa."]
    assert await stored_of(service, provider, "Kysyn neuvoa.") == ["Kysyn neuvoa.", "Tämä odottaa."]


@pytest.mark.timeout(600)
async def test_an_answer_written_while_the_database_is_away_leaves_by_itself(
    people: People, service: Service, provider: Provider
) -> None:
    pupil = await people.pupil()
    await pupil.opens_lyhty()
    await pupil.tells("Vastaus tulee myöhemmin.")
    await pupil.opens_the_case()
    desk = await people.signed_in(provider.lawyer)
    await desk.claims("Vastaus tulee myöhemmin.")
    people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)
    people.expect_complaint(A_BROWSER_TELLS_OF_REFUSALS)
    await desk.page.locator('[data-mode="chat"]').click()
    await desk.page.locator('[data-field="chat"]').fill("Tämä ei katoa.")

    service.database.stop()
    await desk.sends()
    await expect(desk.outgoing).to_contain_text(desk.says("console.editor.waiting"))
    await asyncio.sleep(AWAY_S)

    service.database.start()
    await desk.has_said("Tämä ei katoa.")
    await pupil.has_received("Tämä ei katoa.")
    await expect(pupil.message("Tämä ei katoa.")).to_have_count(1)
    await expect(desk.page.locator(".connection")).to_have_text(desk.says("console.connection.open"))


@pytest.mark.timeout(600)
async def test_while_the_bus_is_away_nobody_at_a_screen_notices(
    people: People, service: Service, provider: Provider
) -> None:
    """Two who talk over two processes; no complaint of either page is expected."""
    pupil = await people.pupil()
    await pupil.opens_lyhty()
    desk = await people.desk(provider.lawyer)
    desk.url = service.b.url
    await desk.opens_console()
    await desk.signs_in()

    service.bus.stop()
    await pupil.tells("Väylä on poissa.")
    await pupil.opens_the_case()
    await expect(desk.card("Väylä on poissa.")).to_be_visible()
    await desk.claims("Väylä on poissa.")
    await desk.chats("Olen täällä.")
    await pupil.has_received("Olen täällä.")
    await pupil.chats("Hyvä.")
    await desk.has_read("Hyvä.")
    await asyncio.sleep(AWAY_S)

    service.bus.start()
    await desk.chats("Edelleen täällä.")
    await pupil.has_received("Edelleen täällä.")
    await expect(pupil.messages).to_have_count(4)
    await expect(desk.page.locator(".connection")).to_have_text(desk.says("console.connection.open"))
