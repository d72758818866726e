"""Opening a case costs work: asked of everybody, once for each case, and of no retry (SPEC 6.4, 6.7)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from lyhty_server.api import operations
from lyhty_server.api.gate import PERIOD_S, Gate
from lyhty_server.domain import pricing
from lyhty_server.domain.pricing import CALM_S, DEAREST, FREE_PER_S
from lyhty_wire.errors import WireError
from lyhty_wire.ids import CaseId, InstanceId
from lyhty_wire.proofs import to_prove_erase
from lyhty_wire.records import Erase, Event, Open, Operation
from lyhty_wire.work import SOLUTION_BYTES, Search, Terms, Work
from tests.provider import Provider
from tests.raw_channel import RawChannel, RefusedByServerError, found, raw_channel
from tests.server.api_server import ApiServer, MovableClock, api_server
from tests.writing import Written, write_report

EFFORT = 64


@pytest.fixture
async def api(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiServer]:
    async with api_server(provider, tmp_path, monkeypatch, usual_effort=EFFORT) as server:
        yield server


def without_work(channel: RawChannel, written: Written) -> Open:
    none = Work(channel.hello.terms.challenge, bytes(SOLUTION_BYTES))
    return written.case.prove(written.keys.auth, channel.hello.nonce, none)


async def sent(channel: RawChannel, opening: Open) -> str:
    """How it was answered: a code, or "stored"."""
    try:
        await channel.perform(Operation.OPEN, opening.encode())
    except RefusedByServerError as error:
        return str(error)
    return "stored"


async def is_stored(api: ApiServer, written: Written) -> bool:
    async with raw_channel(api.url) as channel:
        try:
            await channel.resume(written.keys, written.instance)
        except RefusedByServerError:
            return False
        return True


async def test_an_opening_with_the_work_asked_for_is_stored(api: ApiServer) -> None:
    written = write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        assert channel.hello.terms.effort == EFFORT
        assert await sent(channel, channel.proved(written.case, written.keys.auth)) == "stored"


async def test_an_opening_without_work_is_refused_and_nothing_of_it_is_stored(api: ApiServer) -> None:
    written = write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        assert await sent(channel, without_work(channel, written)) == "work-insufficient"
    assert not await is_stored(api, written)


async def test_work_is_asked_for_before_a_signature_is_looked_at(api: ApiServer) -> None:
    written = write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        opening = replace(without_work(channel, written), proof=bytes(64))
        assert await sent(channel, opening) == "work-insufficient"


async def test_the_work_of_one_case_opens_no_other(api: ApiServer) -> None:
    one, other = write_report(api.provider.directory), write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        work = channel.proved(one.case, one.keys.auth).work
        opening = other.case.prove(other.keys.auth, channel.hello.nonce, work)
        assert await sent(channel, opening) == "work-insufficient"


async def test_a_retry_of_what_is_stored_needs_no_work(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    async with raw_channel(api.url) as channel:
        assert await sent(channel, without_work(channel, written)) == "stored"


async def test_other_bytes_for_a_stored_case_are_a_conflict_without_work_too(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    stranger = write_report(api.provider.directory).keys.auth
    async with raw_channel(api.url) as channel:
        none = without_work(channel, written).work
        assert await sent(channel, written.case.prove(stranger, channel.hello.nonce, none)) == "object-conflict"


async def test_an_erased_case_says_so_and_asks_for_no_work(api: ApiServer) -> None:
    written = write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        await channel.open(written.case, written.keys.auth)
        proof = written.keys.sign.sign(to_prove_erase(written.instance, written.id))
        await channel.perform(Operation.ERASE, Erase(proof).encode())
        assert await sent(channel, without_work(channel, written)) == "case-erased"


async def test_a_page_that_was_open_for_ten_minutes_may_still_send_what_it_searched_for(api: ApiServer) -> None:
    written = write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        opening = channel.proved(written.case, written.keys.auth)
        api.clock.now_s += PERIOD_S
        assert await sent(channel, opening) == "stored"


async def test_work_of_twenty_minutes_ago_is_worth_nothing(api: ApiServer) -> None:
    written = write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        opening = channel.proved(written.case, written.keys.auth)
        api.clock.now_s += 2 * PERIOD_S
        assert await sent(channel, opening) == "work-insufficient"


async def test_who_is_refused_for_old_work_is_told_the_new_terms_at_once(api: ApiServer) -> None:
    written = write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        opening = channel.proved(written.case, written.keys.auth)
        api.clock.now_s += 2 * PERIOD_S
        await sent(channel, opening)
        told = Terms.decode(channel.events[-1].body)
        assert channel.events[-1].code == Event.WORK
        again = replace(opening, work=found(Search(written.instance, written.id, told)))
        assert await sent(channel, again) == "stored"


async def test_more_openings_in_a_second_than_are_free_raise_the_price_for_every_page(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pricing, "FREE_PER_S", 0.5)
    await api.receive(write_report(api.provider.directory))
    async with raw_channel(api.url) as reader:
        assert reader.hello.terms.effort == 2 * EFFORT
        await api.receive(write_report(api.provider.directory))
        # Who only reads hears it with the next thing that is said.
        await reader.perform(Operation.TRUST, b"")
        assert [Terms.decode(event.body).effort for event in reader.events if event.code == Event.WORK] == [4 * EFFORT]


async def test_openings_that_are_looked_up_without_work_are_limited(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MAX_LOOKING", 0)
    written = write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        assert await sent(channel, without_work(channel, written)) == "busy"


# --- The gate alone


INSTANCE = InstanceId(bytes(32))


def gate(clock: MovableClock) -> Gate:
    return Gate(INSTANCE, lambda period: period.to_bytes(16, "big"), clock, EFFORT)


def test_refused_openings_raise_no_price() -> None:
    door = gate(MovableClock(PERIOD_S))
    for _ in range(1_000):
        with pytest.raises(WireError):
            door.check(Work(bytes(16), bytes(SOLUTION_BYTES)), CaseId(bytes(32)))
    door.end_second(0.0)
    assert door.terms.effort == EFFORT


def test_the_terms_are_the_same_object_until_they_change() -> None:
    door = gate(MovableClock(PERIOD_S))
    before = door.terms
    door.opened()
    door.end_second(0.0)
    assert door.terms is before


def test_the_price_is_up_before_the_second_is_over_and_comes_down_by_itself() -> None:
    door = gate(MovableClock(PERIOD_S))
    for _ in range(9 * FREE_PER_S):
        door.opened()
    assert door.terms.effort == EFFORT << DEAREST
    for _ in range(DEAREST * CALM_S + 1):
        door.end_second(0.0)
    assert door.terms.effort == EFFORT


def test_a_new_challenge_comes_every_ten_minutes_though_nobody_opens_anything() -> None:
    clock = MovableClock(PERIOD_S)
    door = gate(clock)
    before = door.terms.challenge
    clock.now_s += PERIOD_S
    door.end_second(0.0)
    assert door.terms.challenge != before
