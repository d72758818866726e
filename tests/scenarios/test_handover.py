"""A lawyer asks whether a psychologist may help: what travels when the pupil says yes, and that nothing does before."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from lyhty_client.cli import main
from lyhty_client.conversation import HISTORY_GAP, Conversation
from lyhty_client.departure import depart
from lyhty_client.errors import ClientError
from lyhty_client.expert import HeldCase
from lyhty_crypto.errors import TamperedError
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.lexicon import spell
from lyhty_crypto.sealing import seal
from lyhty_wire.contents import Ask, Consent, Report
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Generation, Head, QueueId
from lyhty_wire.wraps import NO_LINK
from tests.provider import Provider
from tests.scenarios.actors import Expert, Reporter, expert, reporter, text_of
from tests.scenarios.server_process import ServerProcess
from tests.scenarios.test_departure import Stolen, coordinator, copied, stored_since

Servers = Callable[..., ServerProcess]
FIRST_WORDS = "Joku jakoi kuvani luokan ryhmässä."
WHY = "Psykologi voi auttaa, jos et saa nukuttua."


class Story:
    """A lawyer holds the case of a pupil and has asked; a psychologist looks at their own list."""

    def __init__(self, pupil: Reporter, lawyer: Expert, psychologist: Expert, held: HeldCase) -> None:
        self.pupil, self.lawyer, self.psychologist, self.held = pupil, lawyer, psychologist, held

    async def is_answered(self, what: str) -> None:
        await self.pupil.answers(await self.pupil.is_asked(), what)
        await self.lawyer.desk.catch_up(self.held)


@asynccontextmanager
async def asked(url: str, provider: Provider, *, urgent: bool = False) -> AsyncIterator[Story]:
    async with (
        reporter(url) as pupil,
        expert(url, provider, provider.lawyer) as lawyer,
        expert(url, provider, provider.psychologist) as psychologist,
    ):
        await pupil.tells(FIRST_WORDS, urgent=urgent)
        held = await lawyer.claims(pupil.case)
        await lawyer.desk.chat(held, "Tämä on rikos.")
        await pupil.writes("En saa nukuttua.")
        await lawyer.desk.catch_up(held)
        await lawyer.desk.ask_handover(held, PSYCHOLOGIST, WHY)
        await pupil.reads(WHY)
        yield Story(pupil, lawyer, psychologist, held)


def texts(held: HeldCase) -> list[str]:
    return [text_of(message) for message in held.conversation.messages]


async def test_nothing_travels_before_the_pupil_says_yes(server: ServerProcess, provider: Provider) -> None:
    async with asked(server.url, provider) as story:
        assert await story.psychologist.finds(story.pupil.case) is None
        with pytest.raises(ClientError) as refusal:
            await story.psychologist.claims(story.pupil.case)
        assert refusal.value.code == "queue-unknown"
        assert [entry.queue for entry in story.held.conversation.newest[0].queue_entries] == [LAWYER]


async def test_a_no_is_told_and_the_case_goes_on(server: ServerProcess, provider: Provider) -> None:
    async with asked(server.url, provider) as story:
        await story.is_answered("no")
        assert [each.answer for each in story.held.conversation.questions()] == ["no"]
        await story.lawyer.desk.chat(story.held, "Hyvä, jatketaan kahdestaan.")
        await story.pupil.reads("jatketaan")
        assert await story.psychologist.finds(story.pupil.case) is None


async def test_after_a_no_the_pupil_may_still_say_yes(server: ServerProcess, provider: Provider) -> None:
    async with asked(server.url, provider) as story:
        question = await story.pupil.is_asked()
        await story.pupil.answers(question, "no")
        await story.pupil.answers(question, "from-here")
        await story.lawyer.desk.catch_up(story.held)
        assert [each.answer for each in story.held.conversation.questions()] == ["from-here"]
        assert not story.held.conversation.alarms


@pytest.mark.parametrize("urgent", [False, True])
async def test_with_all_the_psychologist_finds_the_card_and_reads_everything(
    server: ServerProcess, provider: Provider, *, urgent: bool
) -> None:
    async with asked(server.url, provider, urgent=urgent) as story:
        await story.is_answered("all")
        await story.psychologist.hears("place", story.pupil.case)
        found = await story.psychologist.finds(story.pupil.case)
        assert found is not None
        assert found.card is not None
        assert (found.card.first_words, found.card.services, found.alarm) == (FIRST_WORDS, ("snapchat",), None)
        assert found.place.urgent is urgent
        held = await story.psychologist.claims(story.pupil.case)
        assert texts(held) == [FIRST_WORDS, "Tämä on rikos.", "En saa nukuttua.", WHY, "all"]
        assert not held.conversation.alarms
        await story.psychologist.desk.chat(held, "Hei, autan sinua nukkumaan.")
        await story.pupil.reads("nukkumaan")
        await story.lawyer.desk.catch_up(story.held)
        await story.lawyer.desk.chat(story.held, "Minä hoidan oikeuden.")
        await story.pupil.reads("oikeuden")
        await story.lawyer.desk.close(story.pupil.case, LAWYER)
        await story.pupil.writes("Kiitos molemmille.")
        await story.psychologist.desk.catch_up(held)
        assert texts(held)[-1] == "Kiitos molemmille."
        assert not held.conversation.alarms
        assert not story.pupil.session.conversation.alarms  # type: ignore[union-attr]


async def test_from_here_on_the_psychologist_reads_what_comes_and_nothing_that_was(
    server: ServerProcess, provider: Provider
) -> None:
    async with asked(server.url, provider) as story:
        await story.is_answered("from-here")
        found = await story.psychologist.finds(story.pupil.case)
        assert found is not None
        assert found.card is not None
        assert (found.card.first_words, found.card.services, found.card.topic) == (WHY, (), "image-sharing")
        held = await story.psychologist.claims(story.pupil.case)
        await story.pupil.writes("Hei, en saa nukuttua.")
        await story.lawyer.desk.catch_up(story.held)
        await story.lawyer.desk.chat(story.held, "Olen yhä täällä.")
        await story.psychologist.desk.catch_up(held)
        assert texts(held) == ["from-here", "Hei, en saa nukuttua.", "Olen yhä täällä."]
        assert not held.conversation.alarms
        await story.psychologist.desk.chat(held, "Hei!")
        await story.pupil.reads("Hei!")
        again = await story.lawyer.desk.read(story.pupil.case, LAWYER)
        assert texts(again)[:3] == [FIRST_WORDS, "Tämä on rikos.", "En saa nukuttua."]
        assert texts(again)[-1] == "Hei!"
        assert not again.conversation.alarms


async def test_the_pupil_comes_back_to_all_of_it(server: ServerProcess, provider: Provider) -> None:
    async with asked(server.url, provider) as story:
        await story.is_answered("from-here")
        async with reporter(server.url, phrase=story.pupil.phrase) as again:
            await again.comes_back()
            assert again.texts == [FIRST_WORDS, "Tämä on rikos.", "En saa nukuttua.", WHY, "from-here"]
            await again.writes("Täällä taas.")
            assert not again.session.conversation.alarms  # type: ignore[union-attr]


async def test_with_the_new_queues_keys_and_the_whole_database_no_older_envelope_opens(
    own_server: Servers, provider: Provider, tmp_path: Path
) -> None:
    server = own_server()
    async with asked(server.url, provider) as story:
        await story.pupil.is_asked()
        before = copied(server, tmp_path / "before")
        await story.is_answered("from-here")
        held = await story.psychologist.claims(story.pupil.case)
        await story.pupil.writes("Vain uusille.")
        after = copied(server, tmp_path / "after")
        envelopes, cards = Stolen.from_(story.psychologist, held).opened_of(after, provider.instance)
        newer, newer_cards = stored_since(after, before)
        assert len(newer) == 3  # the yes, the psychologist's opening, the words
        assert (envelopes, cards) == (newer, newer_cards)
        older, _ = Stolen.from_(story.lawyer).opened_of(after, provider.instance)
        assert len(older) > len(newer)


async def test_what_a_leaver_of_the_first_queue_has_opens_nothing_that_is_sent_afterwards(
    own_server: Servers, provider: Provider, tmp_path: Path
) -> None:
    server = own_server()
    async with (
        asked(server.url, provider) as story,
        coordinator(server.url, provider) as desk,
        expert(server.url, provider, provider.other_lawyer, listening=False) as stayer,
    ):
        await story.is_answered("from-here")
        stolen = Stolen.from_(story.lawyer, story.held)
        before = copied(server, tmp_path / "before")
        await depart(desk, provider.lawyer.id)
        await story.pupil.writes("Poislähtenyt ei lue tätä.")
        after = copied(server, tmp_path / "after")
        envelopes, cards = stolen.opened_of(after, provider.instance)
        newer, newer_cards = stored_since(after, before)
        assert newer
        assert not envelopes & newer
        assert not cards & newer_cards
        held = await stayer.claims(story.pupil.case)
        assert texts(held)[0] == FIRST_WORDS
        assert texts(held)[-1] == "Poislähtenyt ei lue tätä."
        assert not held.conversation.alarms


async def test_who_reads_from_here_on_can_give_the_case_its_next_key(own_server: Servers, provider: Provider) -> None:
    server = own_server()
    async with asked(server.url, provider) as story:
        await story.is_answered("from-here")
        held = await story.psychologist.claims(story.pupil.case)
        await story.psychologist.desk.turn(story.pupil.case, PSYCHOLOGIST, "schedule")
        await story.psychologist.desk.catch_up(held)
        await story.psychologist.desk.chat(held, "Uudella avaimella.")
        await story.pupil.reads("Uudella")
        await story.lawyer.desk.catch_up(story.held)
        assert not held.conversation.alarms
        assert not story.held.conversation.alarms
        again = await story.lawyer.desk.read(story.pupil.case, LAWYER)
        assert texts(again)[0] == FIRST_WORDS
        assert not again.conversation.alarms


async def test_a_server_that_lets_a_queue_in_by_itself_hands_out_nothing_that_opens(
    own_server: Servers, provider: Provider
) -> None:
    server = own_server()
    async with asked(server.url, provider) as story:
        case = story.pupil.case
        server.stop()
        with closing(sqlite3.connect(server.data / "lyhty.db")) as database, database:
            database.execute("INSERT INTO places (case_seq, queue, rank, state) SELECT case_seq, 2, 1, 1 FROM places")
            database.execute("INSERT INTO wraps SELECT case_seq, generation, 2, epoch, wrap FROM wraps WHERE queue = 1")
        server.start()
    async with expert(server.url, provider, provider.psychologist, listening=False) as psychologist:
        found = await psychologist.finds(case)
        assert found is not None
        assert (found.card, found.alarm) == (None, "wrap-tampered")
        with pytest.raises((TamperedError, ForgedError)):
            await psychologist.claims(case)


async def test_a_link_that_the_server_makes_up_leads_to_nothing(server: ServerProcess, provider: Provider) -> None:
    async with asked(server.url, provider) as story:
        await story.is_answered("from-here")
        me = story.psychologist.desk.expertise
        given = await story.psychologist.desk.desk.claim(story.pupil.case, PSYCHOLOGIST)
        lied = replace(given, links=[*given.links[:-1], b64encode(b"x" * 48)])
        held = HeldCase(lied, me)
        page = await story.psychologist.desk.desk.envelopes(story.pupil.case, 0)
        for each in page.envelopes:
            held.accept(each.seq, b64decode(each.envelope))
        assert not any(isinstance(message.content, Report | Ask) for message in held.conversation.messages)


async def test_a_link_that_the_server_holds_back_is_told(server: ServerProcess, provider: Provider) -> None:
    async with asked(server.url, provider) as story:
        await story.is_answered("all")
        given = await story.psychologist.desk.desk.claim(story.pupil.case, PSYCHOLOGIST)
        held = HeldCase(replace(given, links=[None, b64encode(NO_LINK)]), story.psychologist.desk.expertise)
        page = await story.psychologist.desk.desk.envelopes(story.pupil.case, 0)
        for each in page.envelopes:
            held.accept(each.seq, b64decode(each.envelope))
        assert [alarm.code for alarm in held.conversation.alarms] == [HISTORY_GAP]


async def test_a_wrap_of_the_first_queue_that_the_server_holds_back_is_told(
    server: ServerProcess, provider: Provider
) -> None:
    async with asked(server.url, provider) as story:
        await story.is_answered("from-here")
        given = await story.lawyer.desk.desk.opened(story.pupil.case, LAWYER)
        held = HeldCase(replace(given, wraps=given.wraps[-1:]), story.lawyer.desk.expertise)
        page = await story.lawyer.desk.desk.envelopes(story.pupil.case, 0)
        for each in page.envelopes:
            held.accept(each.seq, b64decode(each.envelope))
        assert "envelope-tampered" in {alarm.code for alarm in held.conversation.alarms}


@pytest.mark.parametrize(
    ("content", "by"),
    [
        (Consent(1, Head(bytes(32)), "no"), "pupil"),
        (Consent(1, Head(bytes(32)), "no"), "lawyer"),
        (Consent(1, Head(bytes(32)), "all"), "pupil"),
        (Ask(1, LAWYER, "x"), "lawyer"),
        (Ask(1, PSYCHOLOGIST, "x"), "pupil"),
        (Ask(1, QueueId(3), "x"), "pupil"),
    ],
)
async def test_an_answer_to_no_question_and_a_question_that_none_may_ask_are_not_believed(
    server: ServerProcess, provider: Provider, content: Ask | Consent, by: str
) -> None:
    async with asked(server.url, provider) as story:
        conversation: Conversation = story.held.conversation
        lawyer: SigningKey = story.lawyer.desk.expertise.keys.sign
        keys = story.pupil.session._case.keys  # type: ignore[union-attr]
        author = keys.sign if by == "pupil" else lawyer
        roster, key = conversation.newest
        last = conversation._chains.last(author.public)
        sealed = seal(
            content, key, author,
            instance=provider.instance, case=roster.case, directory_version=roster.directory_version,
            generation=Generation(1), counter=last.counter + 1, previous_head=last.head,
            heads=conversation._chains.heads_seen(author.public),
        )  # fmt: skip
        before = list(conversation.messages)
        read = conversation.accept(conversation.last_seq + 1, sealed.envelope)
        assert [getattr(each, "code", None) for each in read] == ["envelope-tampered"]
        assert conversation.messages == before


async def test_the_card_stays_readable_for_the_first_queue(server: ServerProcess, provider: Provider) -> None:
    async with asked(server.url, provider) as story:
        await story.is_answered("from-here")
        found = await story.lawyer.finds(story.pupil.case)
        assert found is not None
        assert found.card is not None
        assert found.alarm is None


async def test_at_a_terminal_the_question_is_asked_read_and_answered(
    server: ServerProcess, provider: Provider, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    password = tmp_path / "password"
    password.write_text(provider.lawyer.password)
    async with (
        reporter(server.url) as pupil,
        expert(server.url, provider, provider.lawyer, listening=False) as lawyer,
        expert(server.url, provider, provider.psychologist, listening=False) as psychologist,
    ):
        await pupil.tells(FIRST_WORDS)
        await lawyer.claims(pupil.case)
        who = ["--name", provider.lawyer.name, "--device", provider.lawyer.device, "--password-file", str(password)]
        asking = ["--case", b64encode(pupil.case), "--to", "psychologist", "--text", WHY]
        assert await asyncio.to_thread(main, ["expert", "ask-handover", server.url, *who, *asking]) == 0
        assert f"Asks whether a psychologist may help too: {WHY}" in capsys.readouterr().out
        words = ["--words", " ".join(spell(pupil.phrase, "fi")), "--language", "fi"]
        assert await asyncio.to_thread(main, ["resume", server.url, *words]) == 0
        assert "--answer from-here" in capsys.readouterr().out
        assert await asyncio.to_thread(main, ["resume", server.url, *words, "--answer", "from-here"]) == 0
        assert "from here on, and nothing before" in capsys.readouterr().out
        assert await psychologist.finds(pupil.case) is not None
        assert await asyncio.to_thread(main, ["resume", server.url, *words, "--answer", "all"]) == 1
        assert "nothing-asked" in capsys.readouterr().err
