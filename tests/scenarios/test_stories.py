"""What Lyhty is for: somebody tells, somebody answers, and nobody in between can read it."""

import asyncio

import msgspec
import pytest

from lyhty_client.errors import ClientError
from lyhty_client.expert import read_card
from lyhty_crypto.receipts import Reach
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId
from tests.provider import Provider
from tests.scenarios.actors import Expert, expert, helped_in, now, reporter, text_of
from tests.scenarios.server_process import ServerProcess

BOTH = (LAWYER, PSYCHOLOGIST)


async def test_a_report_travels_to_the_expert_and_the_answer_back(server: ServerProcess, provider: Provider) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("They shared a picture of me.")
        held = await lawyer.claims(pupil.case)
        assert [text_of(message) for message in held.conversation.messages] == ["They shared a picture of me."]
        await lawyer.answers(held, did_right="You told somebody.", now="Keep the pictures as evidence.")
        answer = await pupil.reads("Keep the pictures")
    assert answer.author == provider.directory.expert(provider.lawyer.id)
    assert text_of(answer) == "You told somebody.\nKeep the pictures as evidence."


async def test_who_comes_back_sees_the_report_read_and_the_expert_sees_the_answer_read(
    server: ServerProcess, provider: Provider
) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("They shared a picture of me.")
        held = await lawyer.claims(pupil.case)
        assert await lawyer.desk.acknowledge(held) is None  # that it was opened says so already
        async with reporter(server.url, phrase=pupil.phrase) as again:
            await again.comes_back()
            conversation = again.session.conversation
            assert conversation is not None
            assert conversation.reach(conversation.reporter) == {1: Reach.READ}
            assert again.session.acknowledge(now()) is None
            await lawyer.writes(held, "I have read it.")
            await again.reads("I have read it.")
            receipt = again.session.acknowledge(now())
            assert receipt is not None
            await again.channel.settle(receipt)
        await lawyer.desk.catch_up(held)
        own = provider.directory.expert(provider.lawyer.id)
        assert own is not None
        assert held.conversation.reach(own.sign) == {2: Reach.READ, 3: Reach.READ}
        assert len(held.conversation.messages) == 2


async def test_an_experts_first_words_keep_the_promise_and_a_read_mark_does_not(
    server: ServerProcess, provider: Provider
) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("They shared a picture of me.")
        held = await lawyer.claims(pupil.case)
        await lawyer.desk.acknowledge(held)
        assert await is_answered(lawyer, pupil.case) is False
        await lawyer.writes(held, "When did this happen?")
        assert await is_answered(lawyer, pupil.case) is True


async def is_answered(lawyer: Expert, case: CaseId) -> bool:
    row = await lawyer.finds(case)
    assert row is not None
    return row.place.answered


async def test_the_card_in_the_queue_says_what_the_report_begins_with(
    server: ServerProcess, provider: Provider
) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("They shared\na picture of me.", language="sv")
        row = await lawyer.finds(pupil.case)
    assert row is not None
    assert row.card is not None
    assert (row.card.first_words, row.card.language, row.alarm) == ("They shared a picture of me.", "sv", None)


async def test_both_professions_get_it_when_the_pupil_does_not_know_whom_to_ask(
    server: ServerProcess, provider: Provider
) -> None:
    async with (
        reporter(server.url) as pupil,
        expert(server.url, provider, provider.lawyer) as lawyer,
        expert(server.url, provider, provider.psychologist) as psychologist,
    ):
        await pupil.tells("I do not know whom to ask.", of=BOTH)
        for person in (lawyer, psychologist):
            held = await person.claims(pupil.case)
            await person.writes(held, f"I am from queue {person.queue}.")
        await pupil.reads("queue 1")
        await pupil.reads("queue 2")


async def test_the_two_professions_read_each_others_answers(server: ServerProcess, provider: Provider) -> None:
    async with (
        reporter(server.url) as pupil,
        expert(server.url, provider, provider.lawyer) as lawyer,
        expert(server.url, provider, provider.psychologist) as psychologist,
    ):
        await pupil.tells("I do not know whom to ask.", of=BOTH)
        at_the_lawyers = await lawyer.claims(pupil.case)
        at_the_psychologists = await psychologist.claims(pupil.case)
        await lawyer.writes(at_the_lawyers, "This is a crime, and not yours.")
        message = await psychologist.reads(at_the_psychologists, "not yours")
    assert message.author == provider.directory.expert(provider.lawyer.id)


async def test_a_case_for_one_profession_is_not_shown_to_the_other(server: ServerProcess, provider: Provider) -> None:
    async with (
        reporter(server.url) as pupil,
        expert(server.url, provider, provider.psychologist) as psychologist,
    ):
        await pupil.tells("A question of law.", of=[LAWYER])
        assert await psychologist.finds(pupil.case) is None


async def test_the_pupil_comes_back_on_another_device_and_reads_the_answer(
    server: ServerProcess, provider: Provider
) -> None:
    async with expert(server.url, provider, provider.lawyer) as lawyer:
        async with reporter(server.url) as pupil:
            await pupil.tells("They shared a picture of me.")
            phrase, case = pupil.phrase, pupil.case
        held = await lawyer.claims(case)
        await lawyer.answers(held, now="Keep the pictures as evidence.")
    async with reporter(server.url, phrase=phrase, anchor=provider.instance) as same_pupil:
        await same_pupil.comes_back()
        assert same_pupil.texts == ["They shared a picture of me.", "Keep the pictures as evidence."]


async def test_the_pupil_writes_on_two_devices_at_once_and_nothing_is_lost(
    server: ServerProcess, provider: Provider
) -> None:
    async with reporter(server.url) as phone:
        await phone.tells("They shared a picture of me.")
        async with reporter(server.url, phrase=phone.phrase) as laptop:
            await laptop.comes_back()
            await asyncio.gather(phone.writes("From my phone."), laptop.writes("From my laptop."))
            for device in (phone, laptop):
                await device.reads("From my phone.")
                await device.reads("From my laptop.")
            assert phone.texts == laptop.texts
    assert len(phone.texts) == 3


async def test_they_talk_both_ways_and_each_word_arrives_within_a_slot_or_two(
    server: ServerProcess, provider: Provider
) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("Are you there?")
        held = await lawyer.claims(pupil.case)
        for turn in range(3):
            await lawyer.writes(held, f"I am here, {turn}.")
            acknowledged = pupil.session._exchange.slot
            await pupil.reads(f"I am here, {turn}.")
            # Counted in slots of this channel, so that a busy machine does not matter.
            assert pupil.session._exchange.slot - acknowledged <= 2
            await pupil.writes(f"Good, {turn}.")
            await lawyer.reads(held, f"Good, {turn}.")
        assert len(held.conversation.messages) == 7
        assert held.conversation.alarms == pupil.session.conversation.alarms == []  # type: ignore[union-attr]


async def test_the_pupil_sees_who_holds_the_case(server: ServerProcess, provider: Provider) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("Are you there?")
        await lawyer.claims(pupil.case)
        await pupil.sees_state("held")
        await lawyer.releases(pupil.case)
        await pupil.sees_state("waiting")
    assert pupil.states == ["waiting", "held", "waiting"]


async def test_a_new_case_reaches_the_open_desks_of_its_queue(server: ServerProcess, provider: Provider) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("They shared a picture of me.", urgent=True)
        event = await lawyer.hears("place", pupil.case)
        assert event.place is not None
        row = read_card(event.place, lawyer.desk.expertise)
    assert row.card is not None
    assert (row.card.first_words, row.place.urgent, row.alarm) == ("They shared a picture of me.", True, None)


async def test_two_experts_claim_at_once_and_one_of_them_gets_it(server: ServerProcess, provider: Provider) -> None:
    async with (
        reporter(server.url) as pupil,
        expert(server.url, provider, provider.lawyer) as first,
        expert(server.url, provider, provider.other_lawyer) as second,
    ):
        await pupil.tells("Who is faster?")
        results = await asyncio.gather(first.claims(pupil.case), second.claims(pupil.case), return_exceptions=True)
    refusals = [result for result in results if isinstance(result, ClientError)]
    assert [refusal.code for refusal in refusals] == ["case-already-claimed"]
    assert len(results) - len(refusals) == 1


async def test_a_closed_case_takes_no_more_words(server: ServerProcess, provider: Provider) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("Thank you already.")
        held = await lawyer.claims(pupil.case)
        await lawyer.closes(pupil.case)
        await pupil.sees_state("closed")
        with pytest.raises(ClientError, match="case-closed"):
            await pupil.writes("One more thing.")
        with pytest.raises(ClientError, match="case-closed"):
            await lawyer.writes(held, "One more thing.")


async def test_whether_it_helped_is_said_in_a_closed_case_and_read_by_who_closed_it(
    server: ServerProcess, provider: Provider
) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("What can I do?")
        held = await lawyer.claims(pupil.case)
        await lawyer.answers(held, now="Keep the pictures as evidence.")
        await pupil.reads("Keep the pictures")
        await lawyer.closes(pupil.case)
        await pupil.sees_state("closed")
        await pupil.channel.settle(pupil.session.say_helped("impact", "somewhat", now()))
        read = await lawyer.desk.read(pupil.case, LAWYER)
        assert helped_in(read) == ["somewhat"]
        assert (read.conversation.alarms, read.place.state) == ([], "closed")
        with pytest.raises(ClientError, match="case-closed"):
            await pupil.writes("One more thing.")


async def test_a_closed_case_can_still_be_read(server: ServerProcess, provider: Provider) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("Thank you already.")
        await lawyer.claims(pupil.case)
        await lawyer.closes(pupil.case)
        async with reporter(server.url, phrase=pupil.phrase) as again:
            await again.comes_back()
            assert again.texts == ["Thank you already."]


async def test_a_case_closed_by_one_profession_stays_open_with_the_other(
    server: ServerProcess, provider: Provider
) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("I do not know whom to ask.", of=BOTH)
        await lawyer.claims(pupil.case)
        await lawyer.closes(pupil.case)
        await pupil.writes("Is somebody else there?")
    assert pupil.session.state is not None
    assert pupil.session.state.name == "WAITING"


async def test_what_the_pupil_erases_is_gone_for_all_and_the_desk_is_told(
    server: ServerProcess, provider: Provider
) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("I have thought better of it.")
        case = pupil.case
        held = await lawyer.claims(case)
        await pupil.erases_everything()
        await lawyer.hears("erased", case)
        assert await lawyer.finds(case) is None
        with pytest.raises(ClientError, match="case-erased"):
            await lawyer.writes(held, "Too late.")
        async with reporter(server.url, phrase=pupil.phrase) as again:
            with pytest.raises(ClientError, match="mailbox-unknown"):
                await again.comes_back()


async def test_after_erasing_the_same_words_can_be_told_anew(server: ServerProcess) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("I have thought better of it.")
        first = pupil.case
        await pupil.erases_everything()
        await pupil.tells("I have thought better of it.")
        assert pupil.case != first


async def test_a_wrong_phrase_is_told_so_and_the_right_one_still_works(server: ServerProcess) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("They shared a picture of me.")
        phrase = pupil.phrase
    almost = bytes((phrase[0] ^ 1,)) + phrase[1:]
    async with reporter(server.url, phrase=almost) as stranger:
        with pytest.raises(ClientError, match="mailbox-unknown"):
            await stranger.comes_back()
        stranger.phrase = phrase
        await stranger.comes_back()
        assert stranger.texts == ["They shared a picture of me."]


async def test_a_card_whose_urgent_bit_was_changed_alarms_the_desk(server: ServerProcess, provider: Provider) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("It can wait.")
        row = await lawyer.finds(pupil.case)
        assert row is not None
    changed = msgspec.structs.replace(row.place, urgent=True)
    assert read_card(changed, lawyer.desk.expertise).alarm == "urgent-mismatch"


async def test_a_tampered_card_is_shown_as_such_and_not_as_a_card(server: ServerProcess, provider: Provider) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("They shared a picture of me.")
        row = await lawyer.finds(pupil.case)
        assert row is not None
    card = bytearray(b64decode(row.place.card))
    card[500] ^= 1
    changed = msgspec.structs.replace(row.place, card=b64encode(bytes(card)))
    tampered = read_card(changed, lawyer.desk.expertise)
    assert (tampered.card, tampered.alarm) == (None, "envelope-tampered")
