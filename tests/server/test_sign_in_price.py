"""Failures with a name make the next try with it dearer, for whoever tries; nobody is ever shut out (SPEC 9.4)."""

import asyncio
from collections.abc import Awaitable
from time import perf_counter
from typing import Any

import pytest

from lyhty_server.api import challenges, even_time
from lyhty_server.domain.guessing import FIRST_EFFORT, FORGET_S, FREE_FAILURES
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import InstanceId
from lyhty_wire.work import SOLUTION_BYTES, Search, sign_in_purpose, sign_in_terms
from tests.server.api_server import Answer, ApiServer

FINISH = "/api/sign-in/finish"
WRONG_PROOF = "A" * 86
NAMES = ("lakimies", "nobody")


def worked(instance: InstanceId, challenge: str, name: str, effort: int) -> bytes:
    raw = b64decode(challenge)
    found = Search(instance, sign_in_purpose(raw, name), sign_in_terms(raw, effort)).run(2**40)
    assert found is not None
    return found.solution


async def fails(api: ApiServer, name: str, times: int = 1) -> None:
    """As a stranger who pays what is asked."""
    for _ in range(times):
        asked = await api.start_sign_in(name)
        body: dict[str, Any] = {"challenge": asked["challenge"], "name": name, "proof": WRONG_PROOF}
        if asked["effort"]:
            body["work"] = b64encode(worked(api.provider.instance, asked["challenge"], name, asked["effort"]))
        assert (await api.post(FINISH, body)).code == (403, "sign-in-failed")


async def price(api: ApiServer, name: str) -> int:
    return int((await api.start_sign_in(name))["effort"])


async def test_the_first_failures_with_a_name_cost_nothing_and_then_the_price_doubles(api: ApiServer) -> None:
    prices = []
    for _ in range(FREE_FAILURES + 3):
        prices.append(await price(api, "lakimies"))
        await fails(api, "lakimies")
    assert prices == [0, 0, 0, FIRST_EFFORT, 2 * FIRST_EFFORT, 4 * FIRST_EFFORT]


async def test_a_name_that_nobody_has_is_priced_like_one_that_somebody_has(api: ApiServer) -> None:
    prices = []
    for name in NAMES:
        await fails(api, name, FREE_FAILURES + 2)
        prices.append(await price(api, name))
    assert prices == [4 * FIRST_EFFORT] * 2


async def test_failures_with_one_name_leave_the_others_cheap(api: ApiServer) -> None:
    await fails(api, "lakimies", FREE_FAILURES)
    assert await price(api, "toinen") == 0


async def test_a_name_typed_in_another_way_costs_the_same(api: ApiServer) -> None:
    await fails(api, " LAKIMIES ", FREE_FAILURES)
    assert await price(api, "lakimies") == FIRST_EFFORT


async def test_the_right_password_gets_in_once_the_work_is_done_however_many_failed(api: ApiServer) -> None:
    account = api.provider.lawyer
    await fails(api, account.name, FREE_FAILURES + 4)
    asked = await api.start_sign_in(account.name)
    work = worked(api.provider.instance, asked["challenge"], account.name, asked["effort"])
    assert (await api.finish_sign_in(account, asked["challenge"], work=work)).status == 200


@pytest.mark.parametrize("work", [None, bytes(SOLUTION_BYTES)], ids=["none", "none that was searched for"])
async def test_without_the_work_not_even_the_right_password_is_looked_at(api: ApiServer, work: bytes | None) -> None:
    account = api.provider.lawyer
    await fails(api, account.name, FREE_FAILURES)
    challenge = (await api.start_sign_in(account.name))["challenge"]
    refused = await api.finish_sign_in(account, challenge, work=work)
    assert refused.code == (429, "work-insufficient")


async def test_too_little_work_counts_as_no_failure(api: ApiServer) -> None:
    account = api.provider.lawyer
    await fails(api, account.name, FREE_FAILURES)
    for _ in range(5):
        await api.finish_sign_in(account, (await api.start_sign_in(account.name))["challenge"])
    assert await price(api, account.name) == FIRST_EFFORT


async def test_the_work_of_one_challenge_or_name_is_worth_nothing_for_another(api: ApiServer) -> None:
    account, instance = api.provider.lawyer, api.provider.instance
    await fails(api, account.name, FREE_FAILURES)
    one, other = [(await api.start_sign_in(account.name))["challenge"] for _ in range(2)]
    for work in (worked(instance, one, account.name, FIRST_EFFORT), worked(instance, other, "nobody", FIRST_EFFORT)):
        assert (await api.finish_sign_in(account, other, work=work)).code == (429, "work-insufficient")


async def test_a_challenge_given_while_it_cost_nothing_costs_what_tries_cost_now(api: ApiServer) -> None:
    account = api.provider.lawyer
    kept = [(await api.start_sign_in(account.name))["challenge"] for _ in range(FREE_FAILURES + 1)]
    for challenge in kept[:-1]:
        await api.post(FINISH, {"challenge": challenge, "name": account.name, "proof": WRONG_PROOF})
    assert (await api.finish_sign_in(account, kept[-1])).code == (429, "work-insufficient")


async def test_many_tries_at_one_moment_do_not_share_the_price_of_the_first(api: ApiServer) -> None:
    kept = [(await api.start_sign_in("lakimies"))["challenge"] for _ in range(40)]
    tries = [api.post(FINISH, {"challenge": each, "name": "lakimies", "proof": WRONG_PROOF}) for each in kept]
    codes = [answer.code[1] for answer in await asyncio.gather(*tries)]
    assert codes.count("sign-in-failed") == FREE_FAILURES


async def test_a_sign_in_that_succeeds_does_not_show_in_the_price(api: ApiServer) -> None:
    """Or the price would tell strangers which names are somebody's."""
    account = api.provider.lawyer
    await fails(api, account.name, FREE_FAILURES + 1)
    before = await price(api, account.name)
    asked = await api.start_sign_in(account.name)
    work = worked(api.provider.instance, asked["challenge"], account.name, asked["effort"])
    assert (await api.finish_sign_in(account, asked["challenge"], work=work)).status == 200
    assert await price(api, account.name) == before


async def test_signing_in_again_and_again_costs_nothing(api: ApiServer) -> None:
    for _ in range(FREE_FAILURES + 3):
        await api.sign_in(api.provider.lawyer)
    assert await price(api, api.provider.lawyer.name) == 0


async def test_time_makes_it_cheaper(api: ApiServer) -> None:
    await fails(api, "lakimies", FREE_FAILURES + 1)
    prices = [await price(api, "lakimies")]
    for _ in range(2):
        api.clock.now_s += FORGET_S
        prices.append(await price(api, "lakimies"))
    assert prices == [2 * FIRST_EFFORT, FIRST_EFFORT, 0]


async def test_a_challenge_is_good_for_the_name_it_was_given_for_only(api: ApiServer) -> None:
    challenge = (await api.start_sign_in("nobody"))["challenge"]
    assert (await api.finish_sign_in(api.provider.lawyer, challenge)).code == (403, "sign-in-failed")


async def test_no_number_of_other_challenges_pushes_one_out(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(challenges, "MAX_SPENT", 1)
    challenge = (await api.start_sign_in("lakimies"))["challenge"]
    for _ in range(50):
        await api.start_sign_in("lakimies")
    assert (await api.finish_sign_in(api.provider.lawyer, challenge)).status == 200


async def test_when_no_more_used_challenges_can_be_remembered_none_is_taken(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could be used again."""
    monkeypatch.setattr(challenges, "MAX_SPENT", 1)
    account = api.provider.lawyer
    await api.sign_in(account)
    refused = await api.finish_sign_in(account, (await api.start_sign_in(account.name))["challenge"])
    assert refused.code == (503, "busy")
    api.clock.now_s += challenges.CHALLENGE_S + 1
    await api.sign_in(account)


# --- What the clock tells


async def took(call: Awaitable[Answer]) -> float:
    begun = perf_counter()
    await call
    return perf_counter() - begun


def area(some: list[float], others: list[float]) -> float:
    """Under the curve (AUC): the chance that one of `some` is larger than one of `others`; 0.5 tells nothing."""
    larger = sum((a > b) + (a == b) / 2 for a in some for b in others)
    return larger / (len(some) * len(others))


ROUNDS = 400
# Of two samples of 400 that do not differ, one pair in 20,000 is further apart (0.5 +- 4 x 0.0204).
TELLS_NOTHING = (0.418, 0.582)


async def test_the_time_until_an_answer_does_not_tell_a_name_that_exists_from_one_that_does_not(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By turns, so that whatever else the machine does meets both alike."""
    monkeypatch.setattr("lyhty_server.domain.guessing.FREE_FAILURES", 10**6)
    # Sooner than in life, and still later than it is known.
    monkeypatch.setattr(even_time, "ANSWER_AFTER_S", 0.004)
    starts: dict[str, list[float]] = {name: [] for name in NAMES}
    finishes: dict[str, list[float]] = {name: [] for name in NAMES}
    for turn in range(ROUNDS):
        for name in NAMES if turn % 2 else reversed(NAMES):
            starts[name].append(await took(api.post("/api/sign-in/start", {"name": name})))
            challenge = (await api.start_sign_in(name))["challenge"]
            finishes[name].append(
                await took(api.post(FINISH, {"challenge": challenge, "name": name, "proof": WRONG_PROOF}))
            )
    told = [area(*(measured[name] for name in NAMES)) for measured in (starts, finishes)]
    assert [each for each in told if not TELLS_NOTHING[0] < each < TELLS_NOTHING[1]] == []
