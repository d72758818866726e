"""Passkeys at the server: whose they are, what they sign, and what is refused (SPEC 9.8)."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from lyhty_server.api import challenges
from lyhty_server.config import Config, ConfigError
from lyhty_server.store.people_rows import MAX_PASSKEYS
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import ExpertId
from tests.provider import Account, Provider
from tests.server.api_server import Answer, ApiServer, api_server
from tests.server.soft_passkey import PRESENT, SoftPasskey
from tests.server.test_api_keys import act, leaving

FINISH = "/api/sign-in/passkey/finish"
REFUSED = (403, "sign-in-failed")
BLOB = os.urandom(93)


async def adds(api: ApiServer, token: str, passkey: SoftPasskey, blob: bytes = BLOB) -> Answer:
    terms = (await api.post("/api/passkeys/start", token=token)).json
    return await api.post("/api/passkeys", passkey.made(terms["challenge"], blob), token=token)


async def challenged(api: ApiServer) -> str:
    return str((await api.post("/api/sign-in/passkey/start")).json["challenge"])


async def signs_in(api: ApiServer, passkey: SoftPasskey) -> Answer:
    return await api.post(FINISH, passkey.signed(await challenged(api)))


async def with_passkey(api: ApiServer, account: Account, passkey: SoftPasskey) -> str:
    """The token of who has added it."""
    token = await api.sign_in(account)
    assert (await adds(api, token, passkey)).status == 200
    return token


@pytest.fixture
async def strict(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiServer]:
    async with api_server(provider, tmp_path, monkeypatch, second_factor=True) as server:
        yield server


async def test_a_passkey_signs_in_its_owner_and_gives_the_keys_that_were_sealed_for_it(api: ApiServer) -> None:
    passkey = SoftPasskey()
    await with_passkey(api, api.provider.lawyer, passkey)
    answer = (await signs_in(api, passkey)).json
    assert (answer["expert"], b64decode(answer["keys"])) == (b64encode(api.provider.lawyer.id), BLOB)
    assert [len(b64decode(wrap)) for wrap in answer["queue_wraps"]] == [1213]
    assert (await api.get("/api/queues/1", answer["token"])).status == 200


async def test_ones_passkeys_are_listed_with_their_hour_and_others_are_not(api: ApiServer) -> None:
    mine, theirs = SoftPasskey(), SoftPasskey()
    await with_passkey(api, api.provider.other_lawyer, theirs)
    token = await with_passkey(api, api.provider.lawyer, mine)
    listed = (await api.get("/api/passkeys", token)).json["passkeys"]
    assert listed == [{"credential": b64encode(mine.credential), "added_hour": api.clock.now_s // 3600}]


async def test_a_new_passkey_is_told_which_there_are_already(api: ApiServer) -> None:
    passkey = SoftPasskey()
    token = await with_passkey(api, api.provider.lawyer, passkey)
    terms = (await api.post("/api/passkeys/start", token=token)).json
    assert (terms["known"], terms["rp_id"]) == ([b64encode(passkey.credential)], "localhost")


async def test_what_is_asked_before_a_passkey_signs_in_tells_nothing_of_anybody(api: ApiServer) -> None:
    await with_passkey(api, api.provider.lawyer, SoftPasskey())
    assert set((await api.post("/api/sign-in/passkey/start")).json) == {"challenge", "rp_id"}


async def test_a_removed_passkey_signs_nobody_in(api: ApiServer) -> None:
    passkey = SoftPasskey()
    token = await with_passkey(api, api.provider.lawyer, passkey)
    removed = await api.post(f"/api/passkeys/{b64encode(passkey.credential)}/remove", token=token)
    assert removed.json == {"passkeys": []}
    assert (await signs_in(api, passkey)).code == REFUSED


async def test_nobody_removes_the_passkey_of_somebody_else(api: ApiServer) -> None:
    passkey = SoftPasskey()
    await with_passkey(api, api.provider.lawyer, passkey)
    other = await api.sign_in(api.provider.other_lawyer)
    await api.post(f"/api/passkeys/{b64encode(passkey.credential)}/remove", token=other)
    assert (await signs_in(api, passkey)).status == 200


async def test_the_passkeys_of_who_leaves_sign_nobody_in_any_more(api: ApiServer) -> None:
    theirs, others = SoftPasskey(), SoftPasskey()
    await with_passkey(api, api.provider.other_lawyer, theirs)
    await with_passkey(api, api.provider.lawyer, others)
    signed = theirs.signed(await challenged(api))
    coordinator = await api.sign_in(api.provider.coordinator)
    assert (await act(api, coordinator, await leaving(api, api.provider.other_lawyer.id))).status == 200
    assert (await api.post(FINISH, signed)).code == REFUSED
    assert (await signs_in(api, theirs)).code == REFUSED
    assert await api.store.passkey(theirs.credential) is None
    assert (await signs_in(api, others)).status == 200


async def test_a_passkey_of_nobody_in_the_directory_signs_nobody_in(api: ApiServer) -> None:
    passkey = SoftPasskey()
    await with_passkey(api, api.provider.lawyer, passkey)
    row, account = await api.store.passkey(passkey.credential), await api.store.expert_by_id(api.provider.lawyer.id)
    assert row is not None
    assert account is not None
    nobody = ExpertId(bytes(16))
    unlisted = structs.replace(row, credential_id=b"of an unlisted one", expert_id=nobody)
    await api.store.put_expert(structs.replace(account, expert_id=nobody, name="unlisted"))
    await api.store.add_passkey(unlisted)
    assert (await signs_in(api, replace(passkey, credential=unlisted.credential_id))).code == REFUSED


async def test_a_passkey_that_nobody_has_and_a_signature_that_nobody_made_are_refused_with_the_same_bytes(
    api: ApiServer,
) -> None:
    passkey = SoftPasskey()
    await with_passkey(api, api.provider.lawyer, passkey)
    unknown = await signs_in(api, SoftPasskey())
    forged = await signs_in(api, replace(passkey, key=SoftPasskey().key))
    assert (unknown.code, unknown.body) == (REFUSED, forged.body)


async def test_a_stranger_without_a_passkey_uses_up_no_room_for_challenges(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    passkey = SoftPasskey()
    await with_passkey(api, api.provider.lawyer, passkey)
    monkeypatch.setattr(challenges, "MAX_SPENT", 3)
    for _ in range(5):
        await signs_in(api, SoftPasskey())
        await signs_in(api, replace(passkey, key=SoftPasskey().key))
    assert (await signs_in(api, passkey)).status == 200


async def test_of_two_who_bring_the_same_assertion_at_one_moment_one_gets_in(api: ApiServer) -> None:
    passkey = SoftPasskey()
    await with_passkey(api, api.provider.lawyer, passkey)
    signed = passkey.signed(await challenged(api))
    answers = await asyncio.gather(*(api.post(FINISH, signed) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 403, 403, 403]


async def test_a_challenge_is_good_once(api: ApiServer) -> None:
    passkey = SoftPasskey()
    await with_passkey(api, api.provider.lawyer, passkey)
    signed = passkey.signed(await challenged(api))
    assert (await api.post(FINISH, signed)).status == 200
    assert (await api.post(FINISH, signed)).code == REFUSED


async def test_an_old_challenge_and_one_that_was_never_given_are_refused(api: ApiServer) -> None:
    passkey = SoftPasskey()
    await with_passkey(api, api.provider.lawyer, passkey)
    challenge = await challenged(api)
    api.clock.now_s += 121
    for each in (challenge, "A" * 43):
        assert (await api.post(FINISH, passkey.signed(each))).code == REFUSED


async def test_a_challenge_of_the_password_is_none_of_a_passkey(api: ApiServer) -> None:
    passkey = SoftPasskey()
    await with_passkey(api, api.provider.lawyer, passkey)
    challenge = (await api.start_sign_in(api.provider.lawyer.name))["challenge"]
    assert (await api.post(FINISH, passkey.signed(challenge))).code == REFUSED


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://lyhty.example"},
        {"origin": "http://localhost.example"},
        {"rp_id": "lyhty.example"},
        {"flags": PRESENT},
        {"flags": 0},
        {"key": SoftPasskey().key},
        {"credential": b"somebody's, not known"},
    ],
    ids=["another origin", "one that begins alike", "another site", "nobody verified", "nobody present", "key", "id"],
)
async def test_what_is_not_signed_as_it_should_be_is_refused(api: ApiServer, wrong: dict[str, Any]) -> None:
    passkey = SoftPasskey()
    await with_passkey(api, api.provider.lawyer, passkey)
    assert (await signs_in(api, replace(passkey, **wrong))).code == REFUSED
    assert (await signs_in(api, passkey)).status == 200


@pytest.mark.parametrize("wrong", [{"origin": "https://lyhty.example"}, {"rp_id": "lyhty.example"}, {"flags": PRESENT}])
async def test_a_passkey_that_is_not_made_as_it_should_be_is_not_added(api: ApiServer, wrong: dict[str, Any]) -> None:
    token = await api.sign_in(api.provider.lawyer)
    assert (await adds(api, token, replace(SoftPasskey(), **wrong))).code == (403, "signature-invalid")
    assert (await api.get("/api/passkeys", token)).json == {"passkeys": []}


async def test_a_challenge_for_one_expert_adds_no_passkey_for_another(api: ApiServer) -> None:
    mine, other = await api.sign_in(api.provider.lawyer), await api.sign_in(api.provider.other_lawyer)
    challenge = (await api.post("/api/passkeys/start", token=other)).json["challenge"]
    refused = await api.post("/api/passkeys", SoftPasskey().made(challenge, BLOB), token=mine)
    assert refused.code == (403, "signature-invalid")


async def test_a_count_that_does_not_grow_shows_a_copy(api: ApiServer) -> None:
    passkey = SoftPasskey(sign_count=5)
    await with_passkey(api, api.provider.lawyer, passkey)
    assert (await signs_in(api, replace(passkey, sign_count=6))).status == 200
    for copied in (5, 6):
        assert (await signs_in(api, replace(passkey, sign_count=copied))).code == REFUSED


async def test_one_expert_has_no_more_passkeys_than_are_good_for_anything(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.lawyer)
    codes = [(await adds(api, token, SoftPasskey())).status for _ in range(MAX_PASSKEYS + 1)]
    assert codes == [200] * MAX_PASSKEYS + [409]


@pytest.mark.parametrize("field", ["credential", "authenticator_data", "client_data", "signature"])
async def test_junk_is_refused_by_name(api: ApiServer, field: str) -> None:
    passkey = SoftPasskey()
    await with_passkey(api, api.provider.lawyer, passkey)
    for junk in ("A", "AAAA", b64encode(os.urandom(200)), b64encode(b"{}"), b64encode(b"[1]")):
        answer = await api.post(FINISH, {**passkey.signed(await challenged(api)), field: junk})
        assert answer.status in (400, 403)


# --- Beside the password


async def password(api: ApiServer, account: Account, passkey: dict[str, str] | None = None) -> Answer:
    challenge = (await api.start_sign_in(account.name))["challenge"]
    return await api.finish_sign_in(account, challenge, passkey=passkey)


async def test_where_policy_asks_a_password_alone_signs_in_only_who_has_no_passkey(strict: ApiServer) -> None:
    passkey = SoftPasskey()
    await with_passkey(strict, strict.provider.lawyer, passkey)
    assert (await password(strict, strict.provider.other_lawyer)).status == 200
    assert (await password(strict, strict.provider.lawyer)).code == (403, "second-factor-needed")
    signed = passkey.signed(await challenged(strict))
    assert (await password(strict, strict.provider.lawyer, signed)).status == 200


async def test_a_colleagues_passkey_is_no_second_factor(strict: ApiServer) -> None:
    own, theirs = SoftPasskey(), SoftPasskey()
    await with_passkey(strict, strict.provider.lawyer, own)
    await with_passkey(strict, strict.provider.other_lawyer, theirs)
    signed = theirs.signed(await challenged(strict))
    assert (await password(strict, strict.provider.lawyer, signed)).code == REFUSED


async def test_a_passkey_that_is_asked_for_is_no_failure_with_the_name(strict: ApiServer) -> None:
    account = strict.provider.lawyer
    await with_passkey(strict, account, SoftPasskey())
    for _ in range(5):
        await password(strict, account)
    assert (await strict.start_sign_in(account.name))["effort"] == 0


async def test_without_the_policy_a_password_is_enough(api: ApiServer) -> None:
    await with_passkey(api, api.provider.lawyer, SoftPasskey())
    assert (await password(api, api.provider.lawyer)).status == 200


# --- Settings


@pytest.mark.parametrize(
    "site", ["http://lyhty.example", "https://lyhty.example/", "lyhty.example", "https://lyhty", ""]
)
def test_an_address_that_no_passkey_can_be_bound_to_is_refused(site: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Config.from_environ({"LYHTY_SITE": site}, tmp_path)


def test_a_policy_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Config.from_environ({"LYHTY_SECOND_FACTOR": "sms"}, tmp_path)
