"""A copy that the pupil keeps: on paper, or as a locked file that the page and the command line open again."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import expect

from lyhty_client.exported import read_export
from lyhty_client.phrases import read_phrase
from lyhty_crypto.exports import Locked, Secret, of_password, stretch
from tests.browser.conftest import People
from tests.browser.pupil import Pupil
from tests.provider import Provider
from tests.scenarios.actors import Expert, expert
from tests.scenarios.observer import observed
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD: Final = "kolme sinistä talvitakkia"
LONG: Final = "Joku kirjoitti minusta ryhmään. " * 40


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def lawyer(server: ServerProcess, provider: Provider) -> AsyncIterator[Expert]:
    async with expert(server.url, provider, provider.lawyer, listening=False) as person:
        yield person


async def answered(pupil: Pupil, lawyer: Expert, text: str, *, device: str = "own") -> Pupil:
    await pupil.opens_lyhty()
    await pupil.gets_to_writing(device=device)
    await pupil.writes(text)
    await pupil.wants("lawyer")
    await pupil.understands_who_reads()
    await pupil.keeps_the_phrase()
    await pupil.skips_practice()
    await pupil.sees("sent")
    await pupil.opens_the_case()
    rows = await lawyer.desk.inbox(lawyer.queue)
    (case,) = [row.place.case_id for row in rows if row.card and row.card.first_words == text]
    held = await lawyer.claims(case)
    await lawyer.answers(held, did_right="Hyvä, että kerroit.", now="- Säilytä viestit\n- Kerro aikuiselle")
    await pupil.has_received("Hyvä, että kerroit.")
    return pupil


async def opens_copies(pupil: Pupil) -> None:
    await pupil.page.locator('[data-part="copies"] summary').click()


async def saves(pupil: Pupil, folder: Path, *, password: str | None = None) -> Path:
    await opens_copies(pupil)
    if password is not None:
        await pupil.choice("password").click()
        await pupil.text_field("copy-password").fill(password)
    async with pupil.page.expect_download() as waited:
        await pupil.does("save-copy")
    download = await waited.value
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\.lyhty", download.suggested_filename)
    path = folder / download.suggested_filename
    await download.save_as(path)
    await pupil.reads("copies.saved")
    return path


async def opens_file(pupil: Pupil, path: Path, field: str, typed: str) -> None:
    await pupil.opens_lyhty()
    await pupil.does("continue")
    await pupil.does("to-copy")
    await pupil.sees("copy")
    await pupil.text_field("copy-file").set_input_files(path)
    await pupil.text_field(field).fill(typed)
    await pupil.does("open-copy")


async def test_a_file_locked_with_the_phrase_opens_on_the_page_and_for_the_command_line(
    people: People, lawyer: Expert, tmp_path: Path
) -> None:
    pupil = await answered(await people.pupil(), lawyer, "Talteen kuvasanoilla.")
    path = await saves(pupil, tmp_path)
    words = " ".join(picture.word for picture in pupil.phrase)
    later = await people.pupil()
    await opens_file(later, path, "copy-phrase", words)
    binder = later.page.locator('[data-part="binder"]')
    await expect(binder).to_contain_text("Talteen kuvasanoilla.")
    await expect(binder).to_contain_text("Hyvä, että kerroit.")
    await expect(binder.locator("[data-problem]")).to_have_count(0)
    locked = Locked.decode(path.read_bytes())
    typed = await asyncio.to_thread(stretch, Secret.PHRASE, read_phrase(words, "fi"), locked.salt)
    conversation = read_export(locked.open(typed))
    assert (len(conversation.messages), len(conversation.openings), conversation.alarms) == (2, 1, [])
    shown = await binder.locator(".exhibit .hashes dd").first.text_content()
    assert shown == conversation.sealed[1].hex()


async def test_a_file_locked_with_a_password_opens_with_it_alone(
    people: People, lawyer: Expert, tmp_path: Path
) -> None:
    pupil = await answered(await people.pupil(), lawyer, "Talteen salasanalla.")
    await opens_copies(pupil)
    await pupil.choice("password").click()
    await pupil.text_field("copy-password").fill("lyhyt")
    await pupil.does("save-copy")
    await expect(pupil.page.get_by_role("alert")).to_have_text(pupil.says("copies.passwordHint"))
    await opens_copies(pupil)
    path = await saves(pupil, tmp_path, password=PASSWORD)
    later = await people.pupil("en")
    await opens_file(later, path, "copy-password", "kolme punaista talvitakkia")
    await later.reads_problem("export-unreadable")
    await later.text_field("copy-password").fill(PASSWORD)
    await later.does("open-copy")
    await expect(later.page.locator('[data-part="binder"]')).to_contain_text("Talteen salasanalla.")
    locked = Locked.decode(path.read_bytes())
    typed = await asyncio.to_thread(stretch, Secret.PASSWORD, of_password(PASSWORD), locked.salt)
    assert len(read_export(locked.open(typed)).messages) == 2


@pytest.mark.parametrize("device", ["school", "shared"])
async def test_no_copy_is_offered_on_a_device_that_others_use(people: People, lawyer: Expert, device: str) -> None:
    pupil = await answered(await people.pupil(), lawyer, f"Ei kopiota ({device}).", device=device)
    await opens_copies(pupil)
    await expect(pupil.page.locator('[data-part="copies-not-here"]')).to_have_text(pupil.says("copies.notHere"))
    await expect(pupil.action("save-copy")).to_have_count(0)
    await expect(pupil.action("binder")).to_have_count(0)


async def test_who_comes_back_is_asked_whose_device_it_is_first(people: People, lawyer: Expert) -> None:
    pupil = await answered(await people.pupil(), lawyer, "Palaan kopion vuoksi.")
    again = await (await people.pupil()).opens_lyhty()
    await again.comes_back_with(" ".join(picture.word for picture in pupil.phrase))
    await opens_copies(again)
    await expect(again.action("binder")).to_have_count(0)
    await again.choice("own").click()
    await again.does("binder")
    await expect(again.page.locator('[data-part="binder"]')).to_contain_text("Palaan kopion vuoksi.")


async def test_making_a_copy_asks_the_network_for_nothing(
    people: People, lawyer: Expert, server: ServerProcess, tmp_path: Path
) -> None:
    async with observed(server.url) as network:
        pupil = await answered(await people.pupil(url=network.url), lawyer, "Verkko ei näe kopiota.")
        before = len(network.requests)
        await saves(pupil, tmp_path, password=PASSWORD)
        await pupil.does("binder")
        await expect(pupil.page.locator('[data-part="binder"]')).to_be_visible()
        assert network.requests[before:] == []


async def test_the_binder_prints_whole_on_a4_without_an_address(people: People, lawyer: Expert) -> None:
    pupil = await answered(await people.pupil(), lawyer, LONG.strip()[:250])
    for nth in range(6):
        await pupil.chats(f"{nth}. {LONG}")
        await pupil.has_sent(f"{nth}. {LONG}"[:60])
    await opens_copies(pupil)
    await pupil.does("binder")
    printed = await pupil.page.pdf(prefer_css_page_size=True)
    sheets = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert {(round(float(width)), round(float(height))) for width, height in sheets} == {(595, 842)}
    assert len(sheets) > 1
    await pupil.page.emulate_media(media="print")
    await expect(pupil.page.locator("[data-exhibit]")).to_have_count(8)
    await expect(pupil.page.locator(".binder-body")).to_be_visible()
    await expect(pupil.action("print-binder")).to_be_hidden()
    await expect(pupil.page.locator("header")).to_be_hidden()
    assert pupil.url.removeprefix("http://") not in (await pupil.page.locator("body").inner_text())
