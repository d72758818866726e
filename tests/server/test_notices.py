"""Notices to experts: who is told, how often, through a real mail server, and what is in what is sent."""

import asyncio
import email
import io
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from hypothesis import given
from hypothesis import strategies as st

from lyhty_server.config import Config, ConfigError
from lyhty_server.domain.notices import QUIET_S, Kind, NoticeWish, Owed, Shift, on_call, told
from lyhty_server.journal import Journal
from lyhty_server.mail import SUBJECT, Fate, Letter, MailServer, Postman, of_work
from lyhty_server.notices import Notices
from lyhty_server.opening_hours import usual_calendar
from lyhty_server.randomness import draw
from lyhty_server.store.memory import MemoryStore
from lyhty_wire.directories import Expert
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, ExpertId
from tests.bench.traffic.certificate import make_certificate
from tests.patience import PATIENCE_S
from tests.server.test_calendar import at
from tests.store_contract.examples import an_expert

X, Y, BOSS = an_expert("x"), an_expert("y"), an_expert("boss")
FRIDAY_NOON = at("2026-11-27 12:00")


def wish(expert: ExpertId, *kinds: Kind) -> NoticeWish:
    wanted = kinds or tuple(Kind)
    name = {X: "x", Y: "y", BOSS: "boss"}[expert]
    return NoticeWish(
        expert, f"{name}@example.fi", Kind.NEW_CASE in wanted, Kind.WROTE in wanted, Kind.MISSED in wanted
    )


# --- Rules


def test_who_is_on_call_is_so_from_the_first_minute_to_the_one_before_the_last() -> None:
    shifts = [Shift(X, 4, 480, 960), Shift(Y, 4, 960, 1440), Shift(BOSS, 5, 0, 1440)]
    assert [on_call(shifts, 4, minute) for minute in (479, 480, 959, 960, 1439)] == [
        frozenset(), {X}, {X}, {Y}, {Y},
    ]  # fmt: skip


def test_a_missed_promise_climbs_to_the_coordinators_when_nobody_on_call_can_be_told() -> None:
    on_duty, coordinators = [X], [BOSS]
    wishes = [wish(X, Kind.NEW_CASE), wish(BOSS)]
    assert told(Kind.MISSED, [on_duty, coordinators], wishes) == {BOSS}
    assert told(Kind.MISSED, [on_duty, coordinators], [wish(X), wish(BOSS)]) == {X}
    assert told(Kind.MISSED, [on_duty, coordinators], []) == frozenset()


def test_nobody_is_told_of_what_they_did_not_ask_for() -> None:
    assert told(Kind.WROTE, [[X, Y]], [wish(X, Kind.WROTE), wish(Y, Kind.NEW_CASE)]) == {X}


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["owe", "looked", "round", "outage"]),
            st.sampled_from([X, Y]),
            st.sampled_from(list(Kind)),
            st.integers(0, 1200),
        ),
        max_size=60,
    )
)
def test_in_any_order_nobody_gets_two_within_a_quarter_and_nothing_owed_is_lost(
    steps: list[tuple[str, ExpertId, Kind, int]],
) -> None:
    owed, now_s = Owed(), 0
    expected: dict[ExpertId, Kind] = {}
    last: dict[ExpertId, int] = {}
    for what, expert, kind, wait_s in steps:
        now_s += wait_s
        if what == "owe":
            owed.owe(expert, kind)
            expected[expert] = max(kind, expected.get(expert, kind))
        elif what == "looked":
            owed.looked(expert)
            expected.pop(expert, None)
        else:
            due = owed.take(now_s)
            if what == "outage" and due:
                owed.failed(due, now_s)
            elif what == "round":
                for who, said in due.items():
                    assert said == expected.pop(who)
                    assert now_s - last.get(who, -QUIET_S) >= QUIET_S
                    owed.sent(who, now_s)
                    last[who] = now_s
        assert set(owed.experts()) == set(expected)
    assert owed.take(now_s + QUIET_S) == expected


# --- A real mail server


@dataclass
class Inbox:
    """Keeps what it was sent, whole, with everything said on the line."""

    port: int = 0
    letters: list[Envelope] = field(default_factory=list)
    refuses: str | None = None
    accounts: dict[bytes, bytes] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses is not None:
            return self.refuses
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.letters.append(envelope)
        return "250 OK"

    def authenticate(self, _server: SMTP, _session: object, _envelope: object, _how: str, data: object) -> AuthResult:
        login, password = data.login, data.password  # type: ignore[attr-defined]
        return AuthResult(success=self.accounts.get(login) == password)

    @property
    def addresses(self) -> list[str]:
        return [address for letter in self.letters for address in letter.rcpt_tos]


@asynccontextmanager
async def mail_server(tls: ssl.SSLContext | None = None, **inbox: object) -> AsyncIterator[Inbox]:
    taken = Inbox(**inbox)  # type: ignore[arg-type]

    def session() -> SMTP:
        return SMTP(
            taken,
            hostname="localhost",
            ident="test",
            tls_context=tls,
            authenticator=taken.authenticate,
            auth_require_tls=True,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", taken.port)
    taken.port = server.sockets[0].getsockname()[1]
    try:
        yield taken
    finally:
        server.close()


def to(inbox: Inbox, tls: str = "none", **rest: str) -> MailServer:
    return MailServer("127.0.0.1", inbox.port, tls, "lyhty@example.fi", **rest)


class Office:
    """The notices of one server, over a real mail server and a store in memory, with a clock that tests move."""

    def __init__(self, server: MailServer) -> None:
        self.now_s = FRIDAY_NOON
        self.desks: set[ExpertId] = set()
        self.journaled = io.StringIO()
        self.store = MemoryStore()
        self.experts = [
            Expert(each, "Somebody", bytes(32), bytes(1216), (queue,), coordinator)  # type: ignore[arg-type]
            for each, queue, coordinator in [(X, LAWYER, False), (Y, PSYCHOLOGIST, False), (BOSS, LAWYER, True)]
        ]
        self.notices = Notices(
            self.store, lambda: self.now_s, usual_calendar(), lambda: self.experts, lambda expert: expert in self.desks,
            Postman(server, draw).send, Journal(self.journaled).write, pause_s=0,
        )  # fmt: skip

    async def opened(self, *wishes: NoticeWish) -> "Office":
        await self.store.start()
        for each in wishes:
            await self.store.put_notice_wish(each)
        return self

    async def later(self, seconds: int) -> None:
        self.now_s += seconds
        await self.notices.round()


async def test_a_new_case_is_told_to_its_queue_and_nobody_else() -> None:
    async with mail_server() as inbox:
        office = await Office(to(inbox)).opened(wish(X), wish(Y), wish(BOSS, Kind.MISSED))
        office.notices.new_case(LAWYER)
        await office.notices.round()
        assert inbox.addresses == ["x@example.fi"]


async def test_at_most_one_goes_out_in_a_quarter_of_an_hour_and_the_next_at_its_end() -> None:
    async with mail_server() as inbox:
        office = await Office(to(inbox)).opened(wish(X))
        for _ in range(5):
            office.notices.new_case(LAWYER)
            await office.later(60)
        assert len(inbox.letters) == 1
        await office.later(QUIET_S)
        assert len(inbox.letters) == 2
        await office.later(QUIET_S)
        assert len(inbox.letters) == 2


async def test_who_has_the_console_open_is_told_nothing_then_nor_afterwards() -> None:
    async with mail_server() as inbox:
        office = await Office(to(inbox)).opened(wish(X))
        office.desks = {X}
        office.notices.new_case(LAWYER)
        office.notices.wrote([X])
        await office.notices.round()
        office.desks = set()
        await office.later(QUIET_S)
        assert inbox.letters == []


async def test_who_looks_before_the_quarter_is_over_is_told_nothing_more() -> None:
    async with mail_server() as inbox:
        office = await Office(to(inbox)).opened(wish(X))
        for _ in range(2):
            office.notices.new_case(LAWYER)
            await office.notices.round()
        office.desks = {X}
        await office.later(60)
        office.desks = set()
        await office.later(QUIET_S)
        assert len(inbox.letters) == 1


async def test_a_missed_promise_is_told_to_whoever_is_on_call_at_that_hour() -> None:
    async with mail_server() as inbox:
        office = await Office(to(inbox)).opened(wish(X), wish(Y), wish(BOSS))
        await office.store.put_on_call((Shift(Y, 4, 480, 960), Shift(X, 0, 480, 960)))
        office.notices.missed(LAWYER)
        await office.notices.round()
        assert inbox.addresses == ["y@example.fi"]
        await office.store.put_on_call(())
        office.notices.missed(LAWYER)
        await office.later(QUIET_S)
        assert inbox.addresses == ["y@example.fi", "boss@example.fi"]


async def test_who_has_left_the_directory_is_told_nothing() -> None:
    async with mail_server() as inbox:
        office = await Office(to(inbox)).opened(wish(X))
        office.notices.wrote([X])
        office.experts = []
        await office.notices.round()
        assert inbox.letters == []


async def test_an_address_that_was_taken_back_gets_nothing_that_was_still_owed() -> None:
    async with mail_server() as inbox:
        office = await Office(to(inbox)).opened(wish(X))
        for _ in range(2):
            office.notices.new_case(LAWYER)
            await office.notices.round()
        await office.store.drop_notice_wish(X)
        await office.later(QUIET_S)
        assert len(inbox.letters) == 1


@pytest.mark.parametrize("kind", list(Kind))
async def test_a_letter_says_that_there_is_work_and_nothing_that_tells_one_case_from_another(kind: Kind) -> None:
    async with mail_server() as inbox:
        for _ in range(2):
            assert await Postman(to(inbox), draw).send([Letter("x@example.fi", of_work(kind))], FRIDAY_NOON) == [
                Fate.SENT
            ]
        one, other = (email.message_from_bytes(each.content or b"") for each in inbox.letters)
        del one["Message-ID"], other["Message-ID"]
        assert one.as_bytes() == other.as_bytes()
        assert one["Subject"] == SUBJECT
        assert set(one.keys()) == {
            "From", "To", "Subject", "Date", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
            "MIME-Version",
        }  # fmt: skip
        assert b"http" not in one.as_bytes()


async def test_an_unreachable_mail_server_loses_nothing_and_is_asked_again() -> None:
    async with mail_server() as inbox:
        pass
    office = await Office(to(inbox)).opened(wish(X), wish(BOSS))
    office.notices.new_case(LAWYER)
    await office.notices.round()
    assert '"count": 2, "event": "notices-put-off"' in office.journaled.getvalue()
    assert "example.fi" not in office.journaled.getvalue()
    async with mail_server(port=inbox.port) as inbox:
        await office.later(59)
        assert inbox.letters == []
        await office.later(1)
        assert sorted(inbox.addresses) == ["boss@example.fi", "x@example.fi"]


async def test_an_address_refused_for_good_is_not_tried_again_until_something_new_comes() -> None:
    async with mail_server(refuses="550 nobody here") as inbox:
        office = await Office(to(inbox)).opened(wish(X))
        office.notices.new_case(LAWYER)
        await office.notices.round()
        assert '"count": 1, "event": "notices-refused"' in office.journaled.getvalue()
        inbox.refuses = None
        await office.later(QUIET_S)
        assert inbox.letters == []


async def test_an_address_refused_for_now_is_tried_again() -> None:
    async with mail_server(refuses="451 later") as inbox:
        office = await Office(to(inbox)).opened(wish(X))
        office.notices.new_case(LAWYER)
        await office.notices.round()
        inbox.refuses = None
        await office.later(60)
        assert inbox.addresses == ["x@example.fi"]


async def test_one_refused_address_does_not_keep_a_letter_from_the_next() -> None:
    async with mail_server() as inbox:
        letters = [Letter("nobody@@example.fi", of_work(Kind.WROTE)), Letter("x@example.fi", of_work(Kind.WROTE))]
        fates = await Postman(to(inbox), draw).send(letters, FRIDAY_NOON)
        assert (fates, inbox.addresses) == ([Fate.REFUSED, Fate.SENT], ["x@example.fi"])


async def test_an_outage_of_the_store_forgets_nothing() -> None:
    async with mail_server() as inbox:
        office = await Office(to(inbox)).opened(wish(X))
        office.notices.new_case(LAWYER)
        await office.store.close()
        await office.notices.round()
        await office.store.start()
        await office.notices.round()
        assert inbox.addresses == ["x@example.fi"]


def contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The mail server's, and one for who trusts it."""
    made = make_certificate(folder)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(made.cert, made.key)
    return serving, ssl.create_default_context(cafile=made.cert)


async def test_a_letter_travels_under_tls_with_an_account(tmp_path: Path) -> None:
    serving, trusting = contexts(tmp_path)
    async with mail_server(serving, accounts={b"lyhty": b"secret"}) as inbox:
        for password, fate in [("wrong", Fate.LATER), ("secret", Fate.SENT)]:
            server = to(inbox, "starttls", username="lyhty", password=password)
            assert await Postman(server, draw, trusting).send([Letter("x@example.fi", of_work(Kind.WROTE))], 0) == [
                fate
            ]
        assert inbox.addresses == ["x@example.fi"]


async def test_nothing_is_sent_to_a_mail_server_that_offers_no_tls_or_is_somebody_else(tmp_path: Path) -> None:
    serving, _ = contexts(tmp_path)
    letter = [Letter("x@example.fi", of_work(Kind.WROTE))]
    for tls in (None, serving):
        async with mail_server(tls) as inbox:
            assert await Postman(to(inbox, "starttls"), draw).send(letter, 0) == [Fate.LATER]
            assert inbox.letters == []


async def test_the_job_sends_what_is_noted_without_being_asked() -> None:
    async with mail_server() as inbox:
        office = await Office(to(inbox)).opened(wish(X))
        job = asyncio.create_task(office.notices.run())
        office.notices.new_case(LAWYER)
        await eventually(lambda: bool(inbox.letters))
        job.cancel()


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - aiosmtpd tells nobody
            await asyncio.sleep(0.01)


# --- Settings


def config(**environ: str) -> Config:
    return Config.from_environ({f"LYHTY_SMTP_{name.upper()}": value for name, value in environ.items()}, Path())


FROM = {"host": "mail.example.fi", "from": "lyhty@example.fi"}


def test_without_a_mail_server_no_notices_are_sent() -> None:
    assert config().mail is None


def test_a_mail_server_is_spoken_to_under_tls_unless_it_is_on_this_computer() -> None:
    assert config(**FROM).mail == MailServer("mail.example.fi", 587, "starttls", "lyhty@example.fi")
    assert config(**FROM | {"host": "localhost", "tls": "none", "port": "25"}).mail is not None


def test_the_password_of_the_mail_server_is_in_no_description_of_the_settings() -> None:
    read = config(**FROM, user="lyhty", password="hush-hush")
    assert "hush-hush" not in repr(read)


@pytest.mark.parametrize(
    "environ",
    [
        {"port": "25"}, {"host": "mail.example.fi"}, FROM | {"tls": "none"}, FROM | {"tls": "ssl"},
        FROM | {"port": "0"}, FROM | {"user": "lyhty"}, FROM | {"password": "secret"},
        FROM | {"from": "lyhty@example.fi\r\nBcc: x@example.fi"},
    ],
)  # fmt: skip
def test_settings_that_would_send_nothing_or_in_the_clear_stop_the_start(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        config(**environ)
