"""From a poster to the figures: what a case adds, made by the expert's console and opened by a coordinator alone."""

import json
import secrets
from typing import Final

import pytest
from playwright.async_api import expect

from lyhty_crypto.contributions import open_contribution, state_key, statistics_seed
from lyhty_crypto.keys import KemKeyPair
from lyhty_wire import figures_desk
from lyhty_wire.contributions import CaseCounted, Counted, ReplyCounted
from lyhty_wire.encoding import b64decode, b64encode
from tests.browser.conftest import People
from tests.browser.desk import Desk
from tests.browser.rehearsal_views import comes_from_a_poster
from tests.provider import Provider
from tests.scenarios.actors import Expert, expert
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEPT: Final = """
Object.keys(localStorage).filter((name) => name.startsWith("lyhty-figures-")).map((name) => localStorage[name]).join()
""".strip()


async def contributed(coordinator: Expert, provider: Provider) -> list[Counted]:
    page = await coordinator.desk.desk.contributions(None)
    own = KemKeyPair(statistics_seed(provider.directory_key.seed))
    return [
        open_contribution(b64decode(each.sealed), b64decode(each.token), own, provider.instance, provider.directory)
        for each in page.contributions
    ]


async def keeps_more(desk: Desk, before: str) -> str:
    await desk.comes_true(f"{KEPT} !== {json.dumps(before)}")
    kept: str = await desk.page.evaluate(KEPT)
    return kept


async def test_a_case_from_a_poster_and_whether_it_helped_reach_the_figures_and_no_screen(
    people: People, server: ServerProcess, provider: Provider
) -> None:
    school, text = f"koulu-{secrets.token_hex(4)}", f"Viesti {secrets.token_hex(6)}."
    async with expert(server.url, provider, provider.coordinator, listening=False) as coordinator:
        statement = state_key(provider.directory_key, provider.instance)
        stated = figures_desk.StateStatisticsKey(b64encode(statement.encode()), [])
        await coordinator.desk.desk.state_statistics_key(stated)
        pupil = await people.pupil()
        await comes_from_a_poster(pupil, provider.instance, school)
        await pupil.writes(text, "bullying", "snapchat", "pupil")
        await pupil.wants("lawyer")
        await pupil.understands_who_reads()
        await pupil.keeps_the_phrase()
        await pupil.skips_practice()
        await pupil.sees("sent")
        await pupil.opens_the_case()

        desk = await people.signed_in(provider.lawyer)
        await desk.claims(text)
        await desk.has_read(text)
        await desk.answers(did_right="Hyvä, että kerroit.")
        kept = await keeps_more(desk, "")
        assert await contributed(coordinator, provider) == []

        await pupil.choice("helped-somewhat").click()
        await expect(pupil.page.locator("[data-helped-state]")).to_have_attribute("data-helped-state", "sent")
        await pupil.reads("helped.thanks", answer=pupil.says("helped.somewhat"))
        await keeps_more(desk, kept)
        assert await desk.messages.count() == 2
        assert school not in await desk.page.content()

        await desk.action("sign-out").click()
        await desk.opens_console()
        async with desk.page.expect_response(lambda answer: answer.url.endswith("/api/contributions")) as brought:
            await desk.signs_in()
        assert (await brought.value).status == 200
        case, reply = sorted(await contributed(coordinator, provider), key=lambda each: isinstance(each, ReplyCounted))
        assert isinstance(case, CaseCounted)
        assert isinstance(reply, ReplyCounted)
        assert (case.school, case.topic, case.service, case.role, case.promise) == (
            school, "bullying", "snapchat", "pupil", "kept",
        )  # fmt: skip
        assert (reply.school, reply.asked, reply.answer) == (school, "impact", "somewhat")
