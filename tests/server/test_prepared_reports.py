"""Long reports are printed before anybody waits for them, once, and lie ready for what they were printed from."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from lyhty_server.domain.errors import DomainError
from lyhty_server.paper.html import document, element
from lyhty_server.paper.press import Press
from lyhty_server.prepared_reports import SECONDS_EACH, Order, PreparedReports, report_digest
from lyhty_server.store.memory import MemoryStore

UNPRINTABLE = document(element("img", src="http://lyhty.example/x.png", alt="x"), title="x", language="fi", style="")


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Orders:
    """Of reports that say some words; and how often their pages were made."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, words: str, organisations: int = 20, html: str | None = None) -> Order:
        page = (html or document(element("p", words), title=words, language="fi", style="")).encode()

        async def make() -> bytes:
            self.made += 1
            return page

        return Order(report_digest(page), make, organisations)


@pytest_asyncio.fixture
async def store() -> AsyncIterator[MemoryStore]:
    store = MemoryStore()
    await store.start()
    yield store
    await store.close()


@pytest_asyncio.fixture
async def press() -> Press:
    return Press()


@pytest_asyncio.fixture
async def reports(store: MemoryStore, press: Press) -> AsyncIterator[PreparedReports]:
    reports = PreparedReports(store, press, Clock())
    yield reports
    await reports.close()


async def until_ready(reports: PreparedReports, order: Order) -> None:
    while await reports.left_s(order):  # noqa: ASYNC110 - another process prints it
        await asyncio.sleep(0)


async def test_a_report_is_printed_once_and_then_lies_ready_for_every_process(
    store: MemoryStore, reports: PreparedReports
) -> None:
    order_of = Orders()
    first, second = await asyncio.gather(reports.pdf(order_of("Sama")), reports.pdf(order_of("Sama")))
    assert first.startswith(b"%PDF")
    elsewhere = Press()
    assert first == second == await PreparedReports(store, elsewhere).pdf(order_of("Sama"))
    assert order_of.made == 1
    assert elsewhere.pid is None


async def test_a_report_of_other_figures_is_another(reports: PreparedReports) -> None:
    order_of = Orders()
    assert await reports.pdf(order_of("12")) != await reports.pdf(order_of("13"))


async def test_who_asks_how_long_is_told_what_is_before_them_too(reports: PreparedReports) -> None:
    order_of = Orders()
    assert await reports.left_s(order_of("Ensin", 20)) == SECONDS_EACH * 20
    assert await reports.left_s(order_of("Sitten", 40)) == SECONDS_EACH * 60
    await until_ready(reports, order_of("Sitten", 40))
    assert await reports.left_s(order_of("Ensin", 20)) == 0


async def test_what_takes_longer_than_was_thought_is_never_promised_for_the_past(store: MemoryStore) -> None:
    clock = Clock()
    reports = PreparedReports(store, Press(), clock)
    assert await reports.left_s(Orders()("Hidas")) == SECONDS_EACH * 20
    clock.now_s += 4
    assert await reports.left_s(Orders()("Hidas")) == SECONDS_EACH * 20 - 4
    clock.now_s += 60
    assert await reports.left_s(Orders()("Hidas")) == 1
    await reports.close()


async def test_who_waits_for_a_report_that_fails_is_told_so_and_may_try_again(reports: PreparedReports) -> None:
    order = Orders()("x", html=UNPRINTABLE)
    for _ in range(2):
        assert await reports.left_s(order)
        with pytest.raises(DomainError, match="paper-failed"):
            await until_ready(reports, order)


async def test_a_failure_that_nobody_waited_for_is_told_to_nobody_later(reports: PreparedReports) -> None:
    order = Orders()("x", html=UNPRINTABLE)
    with pytest.raises(DomainError, match="paper-failed"):
        await reports.pdf(order)
    assert await reports.left_s(order) > 0
