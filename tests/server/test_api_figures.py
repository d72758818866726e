"""Contributions, the key they are sealed to, and releases over the wire (SPEC 12.3, 12.4)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from lyhty_crypto.contributions import (
    open_contribution,
    seal_contribution,
    seal_statistics_link,
    state_key,
    statistics_seed,
)
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_server.api.figures import MOST_A_DAY
from lyhty_wire.contributions import StatisticsKey
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.figures.periods import HELSINKI, Period, month_periods
from lyhty_wire.figures.register import Municipality, Place, Register
from lyhty_wire.ids import digest
from tests.provider import Account
from tests.published import REGISTER, counted, release_of, signed
from tests.server.api_server import Answer, ApiServer


def token(label: str) -> bytes:
    return digest(label.encode())[:16]


def key_of(api: ApiServer) -> StatisticsKey:
    return state_key(api.provider.directory_key, api.provider.instance)


class Desk:
    """Of somebody who is signed in."""

    def __init__(self, api: ApiServer, account: Account, session: str) -> None:
        self.api, self.account, self.session = api, account, session

    @classmethod
    async def of(cls, api: ApiServer, account: Account) -> "Desk":
        return cls(api, account, await api.sign_in(account))

    async def put(self, path: str, value: object) -> Answer:
        return await self.api.ask("PUT", path, token=self.session, json=value)

    async def state(self, key: StatisticsKey | None = None, *links: bytes) -> Answer:
        statement = (key or key_of(self.api)).encode()
        body = {"statement": b64encode(statement), "links": [b64encode(link) for link in links]}
        return await self.put("/api/statistics-key", body)

    async def contribute(self, *labels: str, key: StatisticsKey | None = None) -> Answer:
        key = key or key_of(self.api)
        sealed = [
            {
                "token": b64encode(token(label)),
                "sealed": b64encode(seal_contribution(counted(), token(label), key, self.account.keys.sign)),
            }
            for label in labels
        ]
        return await self.put("/api/contributions", {"key": b64encode(key.id), "contributions": sealed})

    async def contributions(self, query: str = "") -> Any:
        return (await self.api.get(f"/api/contributions{query}", self.session)).json

    async def publish(self, period: str, encoded: bytes) -> Answer:
        return await self.api.ask("PUT", f"/api/releases/{period}", token=self.session, data=encoded)

    def release(self, period: str, register: Register = REGISTER, drawn: int = 3) -> bytes:
        release = release_of(period, self.api.provider.directory, register=register, drawn=drawn)
        return signed(release, self.account.keys.sign)

    async def publish_all(self, *periods: str, register: Register = REGISTER) -> list[int]:
        return [(await self.publish(period, self.release(period, register))).status for period in periods]


@pytest.fixture
async def coordinator(api: ApiServer) -> Desk:
    return await Desk.of(api, api.provider.coordinator)


@pytest.fixture
async def lawyer(api: ApiServer, coordinator: Desk) -> Desk:
    """Once the key is stated."""
    assert (await coordinator.state()).status == 200
    return await Desk.of(api, api.provider.lawyer)


# --- Contributions


async def test_what_an_expert_contributes_a_coordinator_opens(api: ApiServer, lawyer: Desk, coordinator: Desk) -> None:
    assert (await lawyer.contribute("one", "other")).status == 200
    page = await coordinator.contributions()
    own = KemKeyPair(statistics_seed(api.provider.directory_key.seed))
    assert {b64decode(each["token"]) for each in page["contributions"]} == {token("one"), token("other")}
    for each in page["contributions"]:
        sealed = b64decode(each["sealed"]), b64decode(each["token"])
        assert open_contribution(*sealed, own, api.provider.instance, api.provider.directory) == counted()


async def test_pages_follow_each_other_by_token(lawyer: Desk, coordinator: Desk) -> None:
    await lawyer.contribute("a", "b", "c")
    first = await coordinator.contributions("?limit=2")
    rest = await coordinator.contributions(f"?after={first['contributions'][-1]['token']}")
    tokens = [each["token"] for each in first["contributions"] + rest["contributions"]]
    assert tokens == sorted(tokens, key=b64decode)
    assert (len(tokens), first["more"], rest["more"]) == (3, True, False)


async def test_another_experts_contribution_of_the_same_case_is_passed_over_in_silence(
    api: ApiServer, lawyer: Desk, coordinator: Desk
) -> None:
    await lawyer.contribute("one")
    before = await coordinator.contributions()
    colleague = await Desk.of(api, api.provider.psychologist)
    assert (await colleague.contribute("one")).json == (await lawyer.contribute("one")).json
    assert await coordinator.contributions() == before


async def test_nothing_is_taken_for_another_key_than_the_one_in_use(api: ApiServer, coordinator: Desk) -> None:
    lawyer = await Desk.of(api, api.provider.lawyer)
    assert (await lawyer.contribute("one")).code == (409, "directory-outdated")
    await coordinator.state()
    another = state_key(SigningKey(bytes(32)), api.provider.instance)
    assert (await lawyer.contribute("one", key=another)).code == (409, "directory-outdated")
    assert (await lawyer.contribute("one")).status == 200


@pytest.mark.parametrize("count", [0, 101])
async def test_a_batch_has_one_to_a_hundred(lawyer: Desk, count: int) -> None:
    one = {"token": b64encode(token("x")), "sealed": b64encode(bytes(1_520))}
    body = {"key": b64encode(key_of(lawyer.api).id), "contributions": [one] * count}
    assert (await lawyer.put("/api/contributions", body)).code == (400, "operation-malformed")


async def test_who_brings_more_than_anybody_answers_is_stopped_until_the_next_day(api: ApiServer, lawyer: Desk) -> None:
    one = {"token": b64encode(token("x")), "sealed": b64encode(bytes(1_520))}
    body = {"key": b64encode(key_of(api).id), "contributions": [one] * 100}
    for _ in range(MOST_A_DAY // 100):
        assert (await lawyer.put("/api/contributions", body)).status == 200
    assert (await lawyer.contribute("one")).code == (409, "capacity-reached")
    api.clock.now_s += 86_400
    tomorrow = await Desk.of(api, api.provider.lawyer)
    assert (await tomorrow.contribute("one")).status == 200


async def test_what_is_spent_is_removed(api: ApiServer, lawyer: Desk, coordinator: Desk) -> None:
    await lawyer.contribute("one", "other")
    removed = {"tokens": [b64encode(token("one"))]}
    assert (await api.post("/api/contributions/remove", removed, coordinator.session)).status == 200
    assert [each["token"] for each in (await coordinator.contributions())["contributions"]] == [
        b64encode(token("other"))
    ]


# --- The statistics key


async def test_the_key_is_told_to_every_expert_and_stated_again_is_no_change(lawyer: Desk, coordinator: Desk) -> None:
    assert (await coordinator.state()).status == 200
    told = (await lawyer.api.get("/api/statistics-key", lawyer.session)).json
    assert told == {"keys": [{"statement": b64encode(key_of(lawyer.api).encode()), "link": None}], "earlier": []}


async def test_a_key_that_no_directory_key_in_use_has_signed_is_refused(api: ApiServer, coordinator: Desk) -> None:
    stranger = state_key(SigningKey(bytes(32)), api.provider.instance)
    assert (await coordinator.state(stranger)).code == (403, "signature-invalid")
    borrowed = structs.replace(stranger, signer=api.provider.directory_key.public)
    assert (await coordinator.state(borrowed)).code == (403, "signature-invalid")


async def test_a_link_from_a_key_that_was_never_stated_is_refused(api: ApiServer, coordinator: Desk) -> None:
    unknown = KemKeyPair(bytes(32))
    link = seal_statistics_link(unknown, key_of(api)).encode()
    assert (await coordinator.state(None, link)).code == (400, "operation-malformed")


# --- Releases


async def test_a_release_is_stored_once_and_read_as_it_was_signed(api: ApiServer, coordinator: Desk) -> None:
    encoded = coordinator.release("2020-11")
    assert (await coordinator.publish("2020-11", encoded)).status == 200
    assert (await coordinator.publish("2020-11", encoded)).status == 200
    assert (await api.get("/api/releases", coordinator.session)).json == {"periods": ["2020-11"]}
    stored = (await api.get("/api/releases/2020-11", coordinator.session)).json
    assert b64decode(stored["release"]) == encoded


async def test_a_second_release_of_a_period_is_refused_and_the_first_stays(api: ApiServer, coordinator: Desk) -> None:
    first = coordinator.release("2020-11")
    await coordinator.publish("2020-11", first)
    assert (await coordinator.publish("2020-11", coordinator.release("2020-11", drawn=4))).code == (
        409,
        "object-conflict",
    )
    stored = (await api.get("/api/releases/2020-11", coordinator.session)).json
    assert b64decode(stored["release"]) == first


async def test_what_was_not_released_is_not_there(api: ApiServer, coordinator: Desk) -> None:
    assert (await api.get("/api/releases/2020-11", coordinator.session)).code == (404, "route-unknown")
    assert (await api.get("/api/releases/2020-2023", coordinator.session)).code == (400, "operation-malformed")


async def test_a_release_goes_out_on_its_day_and_not_a_second_before(api: ApiServer, coordinator: Desk) -> None:
    today = datetime.fromtimestamp(api.clock.now_s, HELSINKI).date()
    month = next(
        period
        for year in (today.year, today.year + 1)
        for period in month_periods(Period.parse(f"{year - 1}-{year}"))
        if period.published > today
    )
    midnight = datetime.combine(month.published, datetime.min.time(), HELSINKI)
    api.clock.now_s = int(midnight.timestamp()) - 1
    coordinator = await Desk.of(api, api.provider.coordinator)
    encoded = coordinator.release(month.name)
    assert (await coordinator.publish(month.name, encoded)).code == (400, "operation-malformed")
    api.clock.now_s += 1
    assert (await coordinator.publish(month.name, encoded)).status == 200


async def test_a_release_is_by_a_coordinator_and_of_the_directory_in_use(api: ApiServer, coordinator: Desk) -> None:
    release = release_of("2020-11", api.provider.directory)
    own = coordinator.account.keys.sign
    by_the_lawyer = signed(release, api.provider.lawyer.keys.sign)
    assert (await coordinator.publish("2020-11", by_the_lawyer)).code == (403, "signature-invalid")
    later = signed(replace(release, directory_version=2), own)
    assert (await coordinator.publish("2020-11", later)).code == (403, "signature-invalid")
    assert (await coordinator.publish("2020-12", signed(release, own))).code == (400, "operation-malformed")
    assert (await coordinator.publish("2020-11", signed(release, own)[:-1])).code == (400, "operation-malformed")


AUTUMN = tuple(period.name for period in month_periods(Period.parse("2020-autumn")))
SPRING = tuple(period.name for period in month_periods(Period.parse("2021-spring")))


async def test_a_term_comes_after_its_months_and_a_year_after_its_terms(coordinator: Desk) -> None:
    await coordinator.publish_all(*AUTUMN[:-1])
    assert await coordinator.publish_all("2020-autumn", AUTUMN[-1], "2020-autumn", "2020-2021") == [400, 200, 200, 400]
    assert await coordinator.publish_all(*SPRING, "2021-spring", "2020-2021") == [200] * 9


def with_places(*places: tuple[str, ...]) -> Register:
    return REGISTER._replace(municipalities=(Municipality("837", "06", tuple(Place(each) for each in places)),))


async def test_within_a_school_year_places_only_grow(coordinator: Desk) -> None:
    assert await coordinator.publish_all("2020-08") == [200]
    grown = with_places(("03095",), ("03096", "03097", "03098"))
    assert await coordinator.publish_all("2020-09", register=grown) == [200]
    split = with_places(("03095",), ("03096",), ("03097", "03098"))
    assert await coordinator.publish_all("2020-10", register=split) == [400]
    assert await coordinator.publish_all("2020-10") == [400], "smaller than the month before"
    assert await coordinator.publish_all("2021-08", register=split) == [200], "the next school year"


@pytest.mark.parametrize(
    "register",
    [
        REGISTER._replace(categories={**REGISTER.categories, "topic": ("other",)}),
        REGISTER._replace(municipalities=(REGISTER.municipalities[0]._replace(county="07"),)),
        REGISTER._replace(municipalities=(REGISTER.municipalities[0]._replace(id="838"),)),
    ],
    ids=["other topics", "another county", "another municipality"],
)
async def test_within_a_school_year_nothing_is_told_apart_in_another_way(coordinator: Desk, register: Register) -> None:
    assert await coordinator.publish_all("2020-08") == [200]
    assert await coordinator.publish_all("2020-09", register=register) == [400]
    assert await coordinator.publish_all("2020-09") == [200]


def test_the_day_of_every_period_is_two_weeks_after_its_end() -> None:
    assert Period.parse("2020-11").published - timedelta(days=14) == datetime(2020, 12, 1, tzinfo=HELSINKI).date()
