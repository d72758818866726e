"""What experts write beside a case: for their own profession, and with a colleague. Nobody else reads it."""

from lyhty_client.rooms import Room, catch_up, open_room, read_rooms, write
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST
from lyhty_wire.rooms import RoomKind
from tests.provider import Provider
from tests.scenarios.actors import expert, now, reporter, text_of
from tests.scenarios.server_process import ServerProcess

SECRET = "Puhuin rehtorille perjantaina."


def texts(room: Room) -> list[str]:
    assert room.alarms == []
    return [text_of(message) for message in room.messages]


async def test_notes_are_read_by_the_next_lawyer_who_holds_the_case(server: ServerProcess, provider: Provider) -> None:
    async with (
        reporter(server.url) as pupil,
        expert(server.url, provider, provider.lawyer) as lawyer,
        expert(server.url, provider, provider.other_lawyer) as other,
    ):
        await pupil.tells("They shared a picture of me.")
        held = await lawyer.claims(pupil.case)
        desk, expertise, sign = lawyer.desk.desk, lawyer.desk.expertise, held.conversation.reporter
        room = await open_room(desk, pupil.case, RoomKind.NOTES, [LAWYER], SECRET, now(), expertise, sign)
        await write(desk, room, "Soitan maanantaina.", now())
        await lawyer.releases(pupil.case)
        await other.claims(pupil.case)
        rooms = await read_rooms(other.desk.desk, pupil.case, other.desk.expertise, sign)
        assert [texts(each) for each in rooms] == [[SECRET, "Soitan maanantaina."]]
        await write(other.desk.desk, rooms[0], "Otin tämän.", now())
        assert len(texts(rooms[0])) == 3


async def test_a_psychologist_advises_without_holding_the_case(server: ServerProcess, provider: Provider) -> None:
    async with (
        reporter(server.url) as pupil,
        expert(server.url, provider, provider.lawyer) as lawyer,
        expert(server.url, provider, provider.psychologist) as psychologist,
    ):
        await pupil.tells("They shared a picture of me.")
        held = await lawyer.claims(pupil.case)
        desk, sign = lawyer.desk.desk, held.conversation.reporter
        asked = await open_room(
            desk, pupil.case, RoomKind.CONSULTATION, [LAWYER, PSYCHOLOGIST], "Mitä sanoisit?", now(),
            lawyer.desk.expertise, sign,
        )  # fmt: skip
        await psychologist.hears("room", pupil.case)
        asking = (await psychologist.desk.desk.consultations(PSYCHOLOGIST)).rooms
        (listed,) = [each for each in asking if each.case_id == pupil.case]
        room = Room.open(listed, psychologist.desk.expertise, sign)
        await catch_up(psychologist.desk.desk, room)
        await write(psychologist.desk.desk, room, "Kysyisin ensin unesta.", now())
        await catch_up(desk, asked)
        assert texts(asked) == ["Mitä sanoisit?", "Kysyisin ensin unesta."]
        await desk.end_room(asked.id)
        asking = (await psychologist.desk.desk.consultations(PSYCHOLOGIST)).rooms
        assert pupil.case not in {each.case_id for each in asking}


async def test_the_reporter_gets_nothing_of_what_experts_write_beside(
    server: ServerProcess, provider: Provider
) -> None:
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("They shared a picture of me.")
        held = await lawyer.claims(pupil.case)
        sign = held.conversation.reporter
        await open_room(
            lawyer.desk.desk, pupil.case, RoomKind.NOTES, [LAWYER], SECRET, now(), lawyer.desk.expertise, sign
        )
        await lawyer.writes(held, "Hei!")
        await pupil.reads("Hei!")
        async with reporter(server.url, phrase=pupil.phrase) as again:
            await again.comes_back()
            assert again.texts == ["They shared a picture of me.", "Hei!"]
            assert again.session.conversation is not None
            # The report, that it was opened, and the greeting.
            assert again.session.conversation.last_seq == 3
        assert not any(SECRET.encode() in file.read_bytes() for file in server.data.rglob("*") if file.is_file())


async def test_a_number_is_given_to_the_psychologist_alone_found_again_and_taken_back(
    server: ServerProcess, provider: Provider
) -> None:
    async with (
        reporter(server.url) as pupil,
        expert(server.url, provider, provider.lawyer) as lawyer,
        expert(server.url, provider, provider.psychologist) as psychologist,
    ):
        await pupil.tells("They shared a picture of me.", of=(LAWYER, PSYCHOLOGIST))
        sign = (await psychologist.claims(pupil.case)).conversation.reporter
        await lawyer.claims(pupil.case)
        await pupil.channel.settle(pupil.session.give("040 123 4567", PSYCHOLOGIST, now()))
        await psychologist.hears("room", pupil.case)
        (slip,) = await read_rooms(psychologist.desk.desk, pupil.case, psychologist.desk.expertise, sign)
        assert texts(slip) == ["040 123 4567"]
        assert await read_rooms(lawyer.desk.desk, pupil.case, lawyer.desk.expertise, sign) == []
        async with reporter(server.url, phrase=pupil.phrase) as again:
            await again.comes_back()
            await again.channel.settle(again.session.read_slips())
            (given,) = again.session.slips().given
            assert (given.queue, given.text) == (PSYCHOLOGIST, "040 123 4567")
            await again.channel.settle(again.session.take_back(given.room))
            await again.channel.settle(again.session.read_slips())
            assert again.session.slips().given == ()
        assert await read_rooms(psychologist.desk.desk, pupil.case, psychologist.desk.expertise, sign) == []
