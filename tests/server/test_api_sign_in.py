"""Signing in: what a stranger learns about names (nothing), what a proof is good for, and how long a token lives."""

import pytest

from lyhty_wire.encoding import b64decode, b64encode
from tests.server.api_server import ApiServer

FINISH = "/api/sign-in/finish"
WORKING_DAY_S = 12 * 3600
CHALLENGE_S = 120


def shape(value: dict[str, object]) -> dict[str, object]:
    """Names and types; of texts the length; numbers as they are."""
    return {name: len(each) if isinstance(each, str) else each for name, each in value.items()}


async def test_an_unknown_name_is_answered_in_the_same_shape_as_a_known_one(api: ApiServer) -> None:
    known, unknown = await api.start_sign_in("lakimies"), await api.start_sign_in("nobody")
    assert shape(known) == shape(unknown)


async def test_an_unknown_name_has_the_same_salt_each_time_as_a_known_one_has(api: ApiServer) -> None:
    for name in ("lakimies", "nobody"):
        assert (await api.start_sign_in(name))["salt"] == (await api.start_sign_in(name))["salt"]


async def test_two_unknown_names_have_different_salts(api: ApiServer) -> None:
    assert (await api.start_sign_in("nobody"))["salt"] != (await api.start_sign_in("somebody"))["salt"]


async def test_an_unknown_name_and_a_wrong_proof_are_refused_with_the_same_bytes(api: ApiServer) -> None:
    refusals = []
    for name in ("lakimies", "nobody"):
        challenge = (await api.start_sign_in(name))["challenge"]
        refusals.append(await api.post(FINISH, {"challenge": challenge, "name": name, "proof": "A" * 86}))
    known, unknown = refusals
    assert (known.status, known.body) == (unknown.status, unknown.body)
    assert known.code == (403, "sign-in-failed")


async def test_no_expert_is_asked_for_less_than_the_floor_of_argon2(api: ApiServer) -> None:
    asked = await api.start_sign_in("lakimies")
    assert (asked["m_kib"], asked["t"], asked["p"]) == (65_536, 3, 1)


async def test_a_proof_gives_a_token_and_the_experts_own_sealed_keys(api: ApiServer) -> None:
    account = api.provider.lawyer
    answer = (await api.finish_sign_in(account, (await api.start_sign_in(account.name))["challenge"])).json
    assert answer["expert"] == b64encode(account.id)
    assert len(b64decode(answer["token"])) == 32
    assert len(b64decode(answer["keys"])) == 93
    assert [len(b64decode(wrap)) for wrap in answer["queue_wraps"]] == [1213]


async def test_a_name_typed_with_capitals_and_spaces_is_the_same_name(api: ApiServer) -> None:
    challenge = (await api.start_sign_in(" LAKIMIES "))["challenge"]
    assert (await api.finish_sign_in(api.provider.lawyer, challenge, name=" Lakimies\t")).status == 200


async def test_a_proof_of_another_expert_is_refused(api: ApiServer) -> None:
    challenge = (await api.start_sign_in("toinen"))["challenge"]
    refused = await api.finish_sign_in(api.provider.lawyer, challenge, name="toinen")
    assert refused.code == (403, "sign-in-failed")


async def test_a_challenge_is_good_once(api: ApiServer) -> None:
    challenge = (await api.start_sign_in("lakimies"))["challenge"]
    await api.finish_sign_in(api.provider.lawyer, challenge)
    assert (await api.finish_sign_in(api.provider.lawyer, challenge)).code == (403, "sign-in-failed")


async def test_a_challenge_that_failed_cannot_be_tried_again(api: ApiServer) -> None:
    challenge = (await api.start_sign_in("lakimies"))["challenge"]
    await api.post(FINISH, {"challenge": challenge, "name": "lakimies", "proof": "A" * 86})
    assert (await api.finish_sign_in(api.provider.lawyer, challenge)).code == (403, "sign-in-failed")


async def test_a_challenge_the_server_never_gave_is_refused(api: ApiServer) -> None:
    assert (await api.finish_sign_in(api.provider.lawyer, "A" * 43)).code == (403, "sign-in-failed")


async def test_an_old_challenge_is_refused(api: ApiServer) -> None:
    challenge = (await api.start_sign_in("lakimies"))["challenge"]
    api.clock.now_s += CHALLENGE_S + 1
    assert (await api.finish_sign_in(api.provider.lawyer, challenge)).code == (403, "sign-in-failed")


async def test_a_token_works_until_its_owner_signs_out(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.lawyer)
    assert (await api.get("/api/queues/1", token)).status == 200
    assert (await api.post("/api/sign-out", token=token)).json == {}
    assert (await api.get("/api/queues/1", token)).code == (401, "not-signed-in")


async def test_signing_out_leaves_others_signed_in(api: ApiServer) -> None:
    mine, other = await api.sign_in(api.provider.lawyer), await api.sign_in(api.provider.other_lawyer)
    await api.post("/api/sign-out", token=mine)
    assert (await api.get("/api/queues/1", other)).status == 200


async def test_a_token_ends_with_the_working_day(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.lawyer)
    api.clock.now_s += WORKING_DAY_S - 1
    assert (await api.get("/api/queues/1", token)).status == 200
    api.clock.now_s += 1
    assert (await api.get("/api/queues/1", token)).code == (401, "not-signed-in")


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer " + "A" * 43, "Basic " + "A" * 43, "Bearer " + "A" * 42, "A" * 43],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/queues/1"),
        ("POST", f"/api/cases/{'A' * 43}/places/1/claim"),
        ("GET", f"/api/cases/{'A' * 43}/places/1"),
        ("POST", f"/api/cases/{'A' * 43}/places/1/release"),
        ("POST", f"/api/cases/{'A' * 43}/places/1/close"),
        ("GET", f"/api/cases/{'A' * 43}/envelopes"),
        ("PUT", f"/api/cases/{'A' * 43}/envelopes"),
    ],
)
async def test_nothing_of_the_desk_opens_without_a_token(
    api: ApiServer, method: str, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    assert (await api.ask(method, path, headers=headers)).code == (401, "not-signed-in")
