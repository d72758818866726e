"""Letters to viewers that a report is there: through a real mail server, each once, whatever falls over meanwhile."""

import asyncio
import email
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from lyhty_crypto.randomness import draw
from lyhty_server.figures.report import letter_of
from lyhty_server.journal import Journal
from lyhty_server.mail import SUBJECT, Fate, Letter, Postman
from lyhty_server.report_notices import ReportNotices
from lyhty_server.store.memory import MemoryStore
from lyhty_server.store.report_rows import ReportWish
from lyhty_wire.figures.periods import Period, month_periods
from tests.provider import Provider
from tests.server.api_server import ApiServer, api_server
from tests.server.test_api_figures import Desk
from tests.server.test_notices import FRIDAY_NOON, Inbox, eventually, mail_server, to
from tests.server.viewers import plant, signed_in_viewer
from tests.store_contract.test_reports import TERM, YEAR, A, B, viewers

SITE = "https://lyhty.example"


class Office:
    """What tells viewers of one server, over a store that outlives it."""

    def __init__(self, store: MemoryStore, inbox: Inbox) -> None:
        self.journaled = io.StringIO()
        self.postman = Postman(to(inbox), draw)
        self.store = store
        self.notices = ReportNotices(store, lambda: FRIDAY_NOON, self.postman.send, SITE, Journal(self.journaled).write)


async def released(*wishes: ReportWish, period: str = TERM) -> MemoryStore:
    store = MemoryStore()
    await store.start()
    await viewers(store)
    for each in wishes:
        await store.put_report_wish(each)
    await store.put_release(period, b"figures")
    return store


async def test_each_is_told_once_in_their_language_and_of_nothing_but_the_period() -> None:
    async with mail_server() as inbox:
        office = Office(await released(A, ReportWish(B.viewer_id, B.address, "en"), period=YEAR), inbox)
        for _ in range(2):
            assert await office.notices.round()
        assert sorted(inbox.addresses) == ["a@example.fi", "b@example.fi"]
        for each in inbox.letters:
            letter = email.message_from_bytes(each.content or b"")
            assert letter["Subject"] == SUBJECT
            body = letter.get_payload(decode=True)
            assert isinstance(body, bytes)
            language = "sv" if each.rcpt_tos == ["a@example.fi"] else "en"
            assert body.decode().replace("\r\n", "\n") == letter_of(Period.parse(YEAR), language, SITE)
        assert '"count": 2, "event": "notices-sent"' in office.journaled.getvalue()
        assert "example.fi" not in office.journaled.getvalue()


async def test_a_server_that_falls_between_two_letters_tells_nobody_twice_and_forgets_nobody() -> None:
    class FallenError(Exception):
        pass

    async with mail_server() as inbox:
        office = Office(await released(A, B), inbox)

        async def one_and_no_more(letters: Sequence[Letter], now_s: int) -> list[Fate]:
            if inbox.letters:
                raise FallenError
            return await office.postman.send(letters, now_s)

        with pytest.raises(FallenError):
            await ReportNotices(office.store, lambda: 0, one_and_no_more, SITE, Journal(io.StringIO()).write).round()
        assert await office.notices.round()
        assert sorted(inbox.addresses) == ["a@example.fi", "b@example.fi"]


async def test_a_letter_that_has_gone_is_not_sent_again_while_the_disk_is_full() -> None:
    async with mail_server() as inbox:
        office = Office(await released(A), inbox)

        async def sent_and_closed(letters: Sequence[Letter], now_s: int) -> list[Fate]:
            fates = await office.postman.send(letters, now_s)
            await office.store.close()
            return fates

        notices = ReportNotices(office.store, lambda: 0, sent_and_closed, SITE, Journal(office.journaled).write)
        for _ in range(2):
            assert not await notices.round()
        await office.store.start()
        assert await notices.round()
        assert await office.store.owed_reports() == ()
        assert inbox.addresses == ["a@example.fi"]
        assert office.journaled.getvalue().count("notices-sent") == 1


async def test_a_mail_server_that_cannot_be_reached_is_asked_again() -> None:
    async with mail_server() as inbox:
        pass
    office = Office(await released(A, B), inbox)
    assert not await office.notices.round()
    assert '"count": 2, "event": "notices-put-off"' in office.journaled.getvalue()
    async with mail_server(port=inbox.port) as inbox:
        assert await office.notices.round()
        assert sorted(inbox.addresses) == ["a@example.fi", "b@example.fi"]


async def test_an_address_refused_for_good_is_not_tried_again() -> None:
    async with mail_server(refuses="550 nobody here") as inbox:
        office = Office(await released(A), inbox)
        assert await office.notices.round()
        assert '"count": 1, "event": "notices-refused"' in office.journaled.getvalue()
        inbox.refuses = None
        assert await office.notices.round()
        assert inbox.letters == []


async def test_who_takes_the_address_back_while_others_are_told_is_not_told() -> None:
    async with mail_server() as inbox:
        office = Office(await released(A, B), inbox)

        async def the_other_takes_it_back(letters: Sequence[Letter], now_s: int) -> list[Fate]:
            for each in (A, B):
                if each.address != letters[0].address:
                    await office.store.drop_report_wish(each.viewer_id)
            return await office.postman.send(letters, now_s)

        notices = ReportNotices(office.store, lambda: 0, the_other_takes_it_back, SITE, Journal(io.StringIO()).write)
        assert await notices.round()
        assert len(inbox.letters) == 1


async def test_what_was_owed_at_a_stop_goes_out_at_the_start_and_what_comes_later_when_it_comes() -> None:
    async with mail_server() as inbox:
        office = Office(await released(A), inbox)
        job = asyncio.create_task(office.notices.run())
        await eventually(lambda: len(inbox.letters) == 1)
        await office.store.put_release(YEAR, b"figures")
        office.notices.released()
        await eventually(lambda: len(inbox.letters) == 2)
        job.cancel()


async def test_publishing_a_term_sends_the_letters_of_who_wished_them(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mail_server() as inbox, api_server(provider, tmp_path, monkeypatch, mail=to(inbox)) as api:
        await plant(api)
        desk = await Desk.of(api, api.provider.coordinator)
        viewer = await signed_in_viewer(api, desk.session)
        assert (await api.ask("PUT", NOTICES, token=viewer, json=SOME)).json == {"wish": SOME, "sends": True}
        for each in (*month_periods(Period.parse("2020-autumn")), Period.parse("2020-autumn")):
            assert (await desk.publish(each.name, desk.release(each.name))).status == 200
        await eventually(lambda: bool(inbox.letters))
        assert inbox.addresses == [SOME["address"]]
        assert b"http://localhost:8400/figures" in (inbox.letters[0].content or b"")


# --- The wish, on the wire


NOTICES = "/api/viewer/notices"
NONE = {"address": None, "language": "fi"}
SOME = {"address": "rehtori@example.fi", "language": "sv"}


@pytest.fixture
async def coordinator(api: ApiServer) -> str:
    await plant(api)
    return await api.sign_in(api.provider.coordinator)


@pytest.fixture
async def viewer(api: ApiServer, coordinator: str) -> str:
    return await signed_in_viewer(api, coordinator)


async def test_at_first_nobody_is_told_of_reports_and_there_is_no_mail_server(api: ApiServer, viewer: str) -> None:
    assert (await api.get(NOTICES, viewer)).json == {"wish": NONE, "sends": False}


async def test_a_viewer_says_where_to_be_told_and_sees_only_their_own(
    api: ApiServer, coordinator: str, viewer: str
) -> None:
    other = await signed_in_viewer(api, coordinator)
    assert (await api.ask("PUT", NOTICES, token=viewer, json=SOME)).json["wish"] == SOME
    assert (await api.get(NOTICES, viewer)).json["wish"] == SOME
    assert (await api.get(NOTICES, other)).json["wish"] == NONE
    assert "example.fi" not in api.journaled.getvalue()


async def test_an_address_that_is_taken_back_or_whose_viewer_is_removed_is_on_no_disk(
    api: ApiServer, coordinator: str, viewer: str, tmp_path: Path
) -> None:
    def is_kept() -> bool:
        return any(b"rehtori@" in file.read_bytes() for file in (tmp_path / "data").iterdir() if file.is_file())

    await api.ask("PUT", NOTICES, token=viewer, json=SOME)
    assert is_kept()
    assert (await api.ask("PUT", NOTICES, token=viewer, json=NONE)).json["wish"] == NONE
    assert not is_kept()
    await api.ask("PUT", NOTICES, token=viewer, json=SOME)
    (listed,) = (await api.get("/api/viewers", coordinator)).json["viewers"]
    await api.post(f"/api/viewers/{listed['viewer']}/remove", token=coordinator)
    assert not is_kept()


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "a@example.fi\n"},
        {"address": "rehtori"},
        {"address": "a@example.fi,b@example.fi"},
        {"language": "de"},
    ],
    ids=["a line's end", "no address", "two", "no language of ours"],
)
async def test_what_is_no_wish_is_refused_and_changes_nothing(
    api: ApiServer, viewer: str, wrong: dict[str, str]
) -> None:
    await api.ask("PUT", NOTICES, token=viewer, json=SOME)
    assert (await api.ask("PUT", NOTICES, token=viewer, json=SOME | wrong)).code == (400, "operation-malformed")
    assert (await api.get(NOTICES, viewer)).json["wish"] == SOME
