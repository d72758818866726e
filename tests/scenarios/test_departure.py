"""An expert has left, or a device was stolen: what the keys in a thief's hands still open, and who believes them."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from lyhty_client import cli
from lyhty_client.conversation import Alarm, Conversation
from lyhty_client.coordinator import depart as departing_act
from lyhty_client.departure import depart, turn_all
from lyhty_client.errors import ConnectionLostError, RefusedError
from lyhty_client.expert import ExpertDesk, HeldCase
from lyhty_client.trust import Site, fetch_directory
from lyhty_crypto.errors import CryptoError
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.sealing import open_envelope, seal
from lyhty_crypto.wrapping import unwrap_key
from lyhty_wire.contents import Chat
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import WireError
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, Epoch, Generation, QueueId
from lyhty_wire.wraps import WRAP_BYTES, Wrap
from tests.provider import Account, Provider, make_account, make_provider
from tests.scenarios.actors import Expert, expert, helped_in, now, reporter, text_of
from tests.scenarios.server_process import ServerProcess

Servers = Callable[..., ServerProcess]


@dataclass(frozen=True)
class Stolen:
    """Everything the leaver ever had: own keys, the queues' seeds, the keys of the cases they held; and their token."""

    desk: ExpertDesk
    sign: SigningKey
    seeds: dict[tuple[QueueId, Epoch], KemKeyPair]
    case_keys: list[bytes]

    @classmethod
    def from_(cls, person: Expert, *held: HeldCase) -> "Stolen":
        me = person.desk.expertise
        keys = [case.conversation.newest[1] for case in held]
        return cls(person.desk, me.keys.sign, dict(me.queue_keys), keys)

    def opened_of(self, database: Path, instance: bytes) -> tuple[set[bytes], set[bytes]]:
        """Which envelopes and which cards of a full copy of the database these keys open, by any road there is."""
        envelopes, cards = set[bytes](), set[bytes]()
        with closing(sqlite3.connect(database)) as copy:
            for number, case in copy.execute("SELECT case_seq, case_id FROM cases").fetchall():
                keys = [*self.case_keys, *self._unwrapped(copy, number, case, instance)]
                rows = copy.execute("SELECT body FROM envelopes WHERE case_seq = ?", (number,)).fetchall()
                envelopes |= {body for (body,) in rows if _opens(body, keys, instance, case)}
                rows = copy.execute("SELECT body FROM cards WHERE case_seq = ?", (number,)).fetchall()
                cards |= {body for (body,) in rows if _opens(body, keys, instance, case)}
        return envelopes, cards

    def _unwrapped(self, copy: sqlite3.Connection, number: int, case: bytes, instance: bytes) -> list[bytes]:
        found = []
        for (sealed,) in copy.execute("SELECT wrap FROM wraps WHERE case_seq = ?", (number,)):
            for pair in self.seeds.values() if len(sealed) == WRAP_BYTES else ():
                try:
                    found.append(unwrap_key(Wrap.decode(sealed), pair, instance=instance, subject=case))  # type: ignore[arg-type]
                except (WireError, CryptoError):
                    continue
        return found


def _opens(body: bytes, keys: list[bytes], instance: bytes, case: bytes) -> bool:
    for key in keys:
        try:
            open_envelope(body, key, instance=instance, case=CaseId(case))  # type: ignore[arg-type]
        except (WireError, CryptoError):
            continue
        return True
    return False


def stored_since(database: Path, before: Path) -> tuple[set[bytes], set[bytes]]:
    """The envelopes and cards that the later copy has and the earlier has not."""

    def bodies(path: Path, query: str) -> set[bytes]:
        with closing(sqlite3.connect(path)) as copy:
            return {body for (body,) in copy.execute(query)}

    envelopes, cards = "SELECT body FROM envelopes", "SELECT body FROM cards"
    return bodies(database, envelopes) - bodies(before, envelopes), bodies(database, cards) - bodies(before, cards)


def copied(server: ServerProcess, to: Path) -> Path:
    """As a thief would take it from the running machine: the file with its log."""
    to.mkdir()
    for file in server.data.glob("lyhty.db*"):
        shutil.copy(file, to)
    return to / "lyhty.db"


@asynccontextmanager
async def coordinator(url: str, provider: Provider, account: Account | None = None) -> AsyncIterator[ExpertDesk]:
    async with expert(url, provider, account or provider.coordinator, listening=False) as person:
        yield person.desk


async def test_whoever_left_opens_nothing_that_is_sent_afterwards_and_is_believed_by_nobody(
    own_server: Servers, provider: Provider, tmp_path: Path
) -> None:
    server = own_server()
    instance = provider.instance
    async with (
        reporter(server.url) as pupil,
        reporter(server.url) as other_pupil,
        expert(server.url, provider, provider.lawyer, listening=False) as leaver,
        expert(server.url, provider, provider.other_lawyer) as stayer,
        coordinator(server.url, provider) as desk,
    ):
        await pupil.tells("Joku jakoi kuvani.")
        await other_pupil.tells("Minua uhkaillaan.", of=(LAWYER, PSYCHOLOGIST))
        held = await leaver.claims(pupil.case)
        await leaver.answers(held, did_right="Hienoa, että kerroit.")
        other_held = await leaver.claims(other_pupil.case)
        await pupil.reads("Hienoa")
        stolen = Stolen.from_(leaver, held, other_held)
        before = copied(server, tmp_path / "before")
        opened_before = stolen.opened_of(before, instance)
        assert (len(opened_before[0]), len(opened_before[1])) == (5, 2)  # the keys are good: all there is, they open

        progress: list[tuple[int, int]] = []
        turned = await depart(desk, provider.lawyer.id, lambda *told: progress.append(told))
        assert (turned.done, turned.failed) == (2, {})
        assert progress == [(0, 2), (1, 2), (2, 2)]

        await pupil.writes("Kuva on yhä siellä.")
        await other_pupil.writes("Kiitos.")
        async with reporter(server.url) as later_pupil:
            await later_pupil.tells("Minulla on asiaa.")
        taken = await stayer.claims(pupil.case)
        assert [text_of(message) for message in taken.conversation.messages] == [
            "Joku jakoi kuvani.", "Hienoa, että kerroit.", "Kuva on yhä siellä.",
        ]  # fmt: skip
        assert taken.conversation.alarms == []
        await stayer.answers(taken, now="Otetaan se alas.")
        await pupil.reads("Otetaan se alas.")

        after = copied(server, tmp_path / "after")
        new_envelopes, new_cards = stored_since(after, before)
        assert (len(new_envelopes), len(new_cards)) == (7, 1)  # 2 turns, 2 messages, a report, an opening, an answer
        opened, cards = stolen.opened_of(after, instance)
        assert opened & new_envelopes == set()
        assert cards & new_cards == set()

        for call in (stolen.desk.inbox(LAWYER), stolen.desk.desk.own_wraps(), stolen.desk.read(pupil.case, LAWYER)):
            with pytest.raises(RefusedError) as refused:
                await call
            assert refused.value.code == "not-signed-in"
        with pytest.raises(RefusedError) as refused:
            async with expert(server.url, provider, provider.lawyer, listening=False):
                pass
        assert refused.value.code == "sign-in-failed"

        # A server that helps the thief slips in what the stolen keys can make.
        conversation = pupil.session.conversation
        assert conversation is not None
        for generation in (1, 2):
            forged = forge(stolen, held, conversation, pupil.case, instance, generation)
            for reader in (conversation, taken.conversation):
                [alarm] = reader.accept(reader.last_seq + 1, forged)
                assert isinstance(alarm, Alarm)
                assert alarm.code == "envelope-tampered"
                assert "Olen yhä täällä." not in [text_of(message) for message in reader.messages]


async def test_whoever_left_opens_nothing_that_is_said_in_a_closed_case_and_who_closed_it_does(
    own_server: Servers, provider: Provider, tmp_path: Path
) -> None:
    server = own_server()
    async with (
        reporter(server.url) as pupil,
        expert(server.url, provider, provider.lawyer, listening=False) as leaver,
        expert(server.url, provider, provider.other_lawyer) as stayer,
        coordinator(server.url, provider) as desk,
    ):
        await pupil.tells("Joku jakoi kuvani.")
        await stayer.answers(await stayer.claims(pupil.case), did_right="Hienoa, että kerroit.")
        await pupil.reads("Hienoa")
        await stayer.closes(pupil.case)
        await pupil.sees_state("closed")
        stolen = Stolen.from_(leaver)
        before = copied(server, tmp_path / "before")
        turned = await depart(desk, provider.lawyer.id)
        assert turned.done == 0  # closed cases are not turned for anybody

        await pupil.channel.settle(pupil.session.say_helped("impact", "helped", now()))
        read = await stayer.desk.read(pupil.case, LAWYER)
        assert (helped_in(read), read.conversation.alarms, read.place.state) == (["helped"], [], "closed")
        after = copied(server, tmp_path / "after")
        new_envelopes, _ = stored_since(after, before)
        assert len(new_envelopes) == 2  # the turn, and what was said
        assert stolen.opened_of(after, provider.instance)[0] & new_envelopes == set()


def forge(stolen: Stolen, held: HeldCase, known: Conversation, case: CaseId, instance: bytes, generation: int) -> bytes:
    """The leaver's next message: in generation 1 with its stolen key, in 2 even with the right one."""
    own = stolen.sign.public
    last = held.conversation._chains.last(own)
    key = stolen.case_keys[0] if generation == 1 else known.newest[1]
    return seal(
        Chat(now(), "Olen yhä täällä."), key, stolen.sign, instance=instance, case=case, directory_version=1,  # type: ignore[arg-type]
        generation=Generation(generation), counter=last.counter + 1, previous_head=last.head,
    ).envelope  # fmt: skip


async def test_a_forged_message_that_was_believed_before_the_turn_was_read_is_taken_back(
    own_server: Servers, provider: Provider
) -> None:
    server = own_server()
    async with (
        reporter(server.url) as pupil,
        expert(server.url, provider, provider.lawyer, listening=False) as leaver,
        coordinator(server.url, provider) as desk,
    ):
        await pupil.tells("Joku jakoi kuvani.")
        held = await leaver.claims(pupil.case)
        stolen = Stolen.from_(leaver, held)
        await depart(desk, provider.lawyer.id)
        forged = forge(stolen, held, held.conversation, pupil.case, provider.instance, 1)
        async with reporter(server.url, phrase=pupil.phrase) as later:
            await later.comes_back()
            reader = later.session.conversation
            assert reader is not None
            envelopes = [bytes(each) for each in stored_envelopes(server, pupil.case)]
            again = Conversation(pupil.case, reader.reporter, reader.directory)
            for generation, roster in sorted(reader._rosters.items()):
                key = reader._key(generation)
                again.add_generation(roster.encode(), lambda _roster, key=key: key)
            again.accept(1, envelopes[0])
            again.accept(2, envelopes[1])  # the leaver has opened it
            again.accept(3, forged)
            assert [text_of(message) for message in again.messages][-1] == "Olen yhä täällä."
            read = again.accept(4, envelopes[2])
            assert Alarm(3, "envelope-tampered") in read
            assert [text_of(message) for message in again.messages] == ["Joku jakoi kuvani."]


def stored_envelopes(server: ServerProcess, case: CaseId) -> list[bytes]:
    with closing(sqlite3.connect(f"file:{server.data / 'lyhty.db'}?mode=ro", uri=True)) as stored:
        rows = stored.execute(
            "SELECT body FROM envelopes JOIN cases USING (case_seq) WHERE case_id = ? ORDER BY seq", (case,)
        )
        return [body for (body,) in rows]


async def test_a_departure_that_is_cut_short_is_finished_by_another_coordinator(
    own_server: Servers, provider: Provider
) -> None:
    server = own_server()
    async with (
        reporter(server.url) as pupil,
        coordinator(server.url, provider) as desk,
        expert(server.url, provider, provider.psychologist, listening=False),
    ):
        cases = []
        for text in ("yksi", "kaksi", "kolme"):
            async with reporter(server.url) as one:
                await one.tells(text)
                cases.append(one.case)
        await pupil.tells("neljä")

        def die(done: int, _total: int) -> None:
            if done == 2:
                raise ConnectionLostError("the tab was closed")

        with pytest.raises(ConnectionLostError):
            await depart(desk, provider.lawyer.id, die)
        assert len((await desk.desk.unturned(LAWYER)).cases) == 2
        async with coordinator(server.url, provider) as another:
            assert (await depart(another, provider.lawyer.id)).done == 2
            assert (await another.desk.unturned(LAWYER)).cases == []
            assert (await turn_all(another, "departure")).done == 0


async def test_who_writes_between_the_key_act_and_the_turn_makes_the_next_key_themselves(
    own_server: Servers, provider: Provider, tmp_path: Path
) -> None:
    server = own_server()
    async with (
        reporter(server.url) as pupil,
        reporter(server.url) as other_pupil,
        expert(server.url, provider, provider.lawyer, listening=False) as leaver,
        expert(server.url, provider, provider.other_lawyer, listening=False) as stayer,
        coordinator(server.url, provider) as desk,
    ):
        await pupil.tells("Joku jakoi kuvani.")
        await other_pupil.tells("Minua uhkaillaan.")
        seen = await leaver.claims(pupil.case)
        await leaver.releases(pupil.case)
        stolen = Stolen.from_(leaver, seen)
        held = await stayer.claims(other_pupil.case)
        before = copied(server, tmp_path / "before")
        await desk.desk.certify(departing_act(desk.expertise, provider.lawyer.id, now()))
        await pupil.writes("Kuva on yhä siellä.")
        await stayer.writes(held, "Olen tässä.")
        await other_pupil.reads("Olen tässä.")
        await other_pupil.writes("Kiitos.")
        new_envelopes, _ = stored_since(copied(server, tmp_path / "after"), before)
        assert stolen.opened_of(tmp_path / "after" / "lyhty.db", provider.instance)[0] & new_envelopes == set()
        assert {decode_header(body).generation for body in new_envelopes} == {2}
        # The reporter could not wrap the card's key again: that is what is left for a coordinator.
        await desk.refresh()
        assert (await turn_all(desk, "departure")).done == 1
        found = await stayer_after(server.url, provider, pupil.case)
        assert found == ["Joku jakoi kuvani.", "Kuva on yhä siellä."]


async def stayer_after(url: str, provider: Provider, case: CaseId) -> list[str]:
    async with expert(url, provider, provider.other_lawyer, listening=False) as stayer:
        held = await stayer.claims(case)
        assert held.conversation.alarms == []
        return [text_of(message) for message in held.conversation.messages]


async def test_the_last_of_a_queue_does_not_leave_by_the_command_line_unless_it_is_said_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the console splits the key of a queue that nobody is in."""
    people = (
        make_account("vastaava", "Coordinator", (LAWYER,), coordinator=True),
        make_account("psykologi", "Only psychologist", (PSYCHOLOGIST,)),
    )
    provider, password = make_provider(now(), people), tmp_path / "password"
    password.write_text(people[0].password)
    with ServerProcess(provider.write(tmp_path / "data")).start() as server:
        account = ["--name", "vastaava", "--device", people[0].device, "--password-file", str(password)]
        departs = ["expert", "depart", server.url, *account, "--expert", "Only psychologist"]
        assert await asyncio.to_thread(cli.main, departs) == 1
        assert "--even-if-nobody-is-left" in capsys.readouterr().err
        assert len((await fetch_directory(Site.parse(server.url), provider.instance, now())).experts) == 2
        assert await asyncio.to_thread(cli.main, [*departs, "--even-if-nobody-is-left"]) == 0
        assert len((await fetch_directory(Site.parse(server.url), provider.instance, now())).experts) == 1
