"""Another password or device code at the server: what it takes, and what it ends (SPEC 2.3, 9.4)."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType
from msgspec.structs import replace

from lyhty_crypto.keys import SigningKey
from lyhty_server.api.challenges import CHALLENGE_S
from lyhty_server.domain.guessing import FIRST_EFFORT, FREE_FAILURES
from lyhty_server.provision import import_provision
from lyhty_server.store.people_rows import ExpertRow
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.proofs import to_prove_sign_in
from lyhty_wire.unlocks import NewUnlock
from tests.patience import PATIENCE_S
from tests.provider import Account, Provider
from tests.server.api_server import Answer, ApiServer
from tests.server.new_unlocks import drawn_unlock, new_unlock
from tests.server.soft_passkey import SoftPasskey
from tests.server.test_passkeys import adds, signs_in
from tests.server.test_sign_in_price import fails, price, worked

START, CHANGE = "/api/unlock/start", "/api/unlock"
REFUSED = (403, "sign-in-failed")


async def challenged(api: ApiServer, token: str) -> str:
    return str((await api.post(START, token=token)).json["challenge"])


async def changes(api: ApiServer, account: Account, token: str, **how: Any) -> Answer:
    return await api.post(CHANGE, new_unlock(api.provider, account, await challenged(api, token), **how), token)


async def proves(api: ApiServer, account: Account, login: SigningKey) -> Answer:
    challenge = (await api.start_sign_in(account.name))["challenge"]
    proof = login.sign(to_prove_sign_in(api.provider.instance, b64decode(challenge), account.name))
    return await api.post(
        "/api/sign-in/finish", {"challenge": challenge, "name": account.name, "proof": b64encode(proof)}
    )


async def test_the_new_password_signs_in_and_brings_the_keys_that_were_sealed_for_it(api: ApiServer) -> None:
    account, login = api.provider.lawyer, SigningKey(os.urandom(32))
    before = await api.store.expert_by_id(account.id)
    new = drawn_unlock(account, login)
    assert (await changes(api, account, await api.sign_in(account), login=login, unlock=new)).status == 200
    asked = await api.start_sign_in(account.name)
    assert asked["salt"] == b64encode(new.salt)
    signed_in = (await proves(api, account, login)).json
    assert before is not None
    assert (signed_in["expert"], signed_in["keys"]) == (b64encode(account.id), b64encode(new.keys))
    assert signed_in["queue_wraps"] == [b64encode(wrap) for wrap in before.queue_wraps]


async def test_the_old_password_is_refused_as_any_wrong_one(api: ApiServer) -> None:
    account = api.provider.lawyer
    assert (await changes(api, account, await api.sign_in(account))).status == 200
    old = await proves(api, account, api.provider.login(account))
    wrong = await proves(api, account, SigningKey(os.urandom(32)))
    assert old.code == REFUSED
    assert old.body == wrong.body


async def test_all_other_sessions_end_and_their_feeds_and_this_one_goes_on(api: ApiServer) -> None:
    account = api.provider.lawyer
    mine, other = await api.sign_in(account), await api.sign_in(account)
    somebody = await api.sign_in(api.provider.other_lawyer)
    async with api.feed(other) as feed, api.feed(mine) as own:
        assert (await changes(api, account, mine)).json == {"ended": 1}
        assert (await feed.receive(timeout=PATIENCE_S)).type is WSMsgType.CLOSE
        assert not own.closed
    statuses = [(await api.get("/api/sessions", token)).status for token in (mine, other, somebody)]
    assert statuses == [200, 401, 200]


async def test_who_proves_the_old_password_while_it_is_changed_is_not_let_in(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, read = api.provider.lawyer, api.store.expert_by_name
    token = await api.sign_in(account)

    async def read_just_before(name: str) -> ExpertRow | None:
        row = await read(name)
        monkeypatch.setattr(api.store, "expert_by_name", read)
        assert (await changes(api, account, token)).status == 200
        return row

    challenge = (await api.start_sign_in(account.name))["challenge"]
    monkeypatch.setattr(api.store, "expert_by_name", read_just_before)
    assert (await api.finish_sign_in(account, challenge)).code == REFUSED
    assert len((await api.get("/api/sessions", token)).json["sessions"]) == 1


async def test_a_passkey_signs_in_as_before_and_brings_its_own_blob(api: ApiServer) -> None:
    account, passkey = api.provider.lawyer, SoftPasskey()
    token = await api.sign_in(account)
    await adds(api, token, passkey)
    assert (await changes(api, account, token)).status == 200
    assert (await signs_in(api, passkey)).status == 200


async def test_it_can_be_changed_again_from_the_new_one(api: ApiServer) -> None:
    account, first, second = api.provider.lawyer, SigningKey(os.urandom(32)), SigningKey(os.urandom(32))
    token = await api.sign_in(account)
    assert (await changes(api, account, token, login=first)).status == 200
    assert (await changes(api, account, token)).code == REFUSED
    assert (await changes(api, account, token, before=first, login=second)).status == 200
    assert [(await proves(api, account, login)).status for login in (first, second)] == [403, 200]


async def test_what_was_asked_for_is_proved_with_the_salt_and_the_price_of_ones_own_account(api: ApiServer) -> None:
    account = api.provider.lawyer
    token = await api.sign_in(account)
    terms, asked = (await api.post(START, token=token)).json, await api.start_sign_in(account.name)
    assert (terms.pop("name"), terms.pop("keys_hour"), terms.pop("renewing")) == (account.name, None, False)
    assert {**terms, "challenge": ""} == {**asked, "challenge": ""}


# --- What is refused, and changes nothing


async def test_an_unlocked_console_alone_changes_no_password(api: ApiServer) -> None:
    account = api.provider.lawyer
    token, login = await api.sign_in(account), SigningKey(os.urandom(32))
    assert (await changes(api, account, token, before=login, login=login)).code == REFUSED
    assert (await proves(api, account, login)).code == REFUSED
    assert (await proves(api, account, api.provider.login(account))).status == 200


async def test_a_new_login_key_that_has_signed_nothing_is_refused(api: ApiServer) -> None:
    account = api.provider.lawyer
    unlock = drawn_unlock(account, SigningKey(os.urandom(32)))
    refused = await changes(api, account, await api.sign_in(account), unlock=unlock)
    assert refused.code == (403, "signature-invalid")
    assert (await proves(api, account, api.provider.login(account))).status == 200


async def test_nobody_changes_a_password_from_somebody_elses_session(api: ApiServer) -> None:
    theirs, account = await api.sign_in(api.provider.other_lawyer), api.provider.lawyer
    challenge = await challenged(api, theirs)
    refused = await api.post(CHANGE, new_unlock(api.provider, account, challenge), theirs)
    assert refused.code == (400, "operation-malformed")
    assert (await proves(api, account, api.provider.login(account))).status == 200


async def test_no_challenge_is_good_that_was_given_for_something_else_or_to_somebody_else(api: ApiServer) -> None:
    account = api.provider.lawyer
    token = await api.sign_in(account)
    for challenge in (
        (await api.start_sign_in(account.name))["challenge"],
        await challenged(api, await api.sign_in(api.provider.other_lawyer)),
        "A" * 43,
    ):
        assert (await api.post(CHANGE, new_unlock(api.provider, account, challenge), token)).code == REFUSED


async def test_a_challenge_is_good_for_two_minutes(api: ApiServer) -> None:
    account = api.provider.lawyer
    token = await api.sign_in(account)
    challenge = await challenged(api, token)
    api.clock.now_s += CHALLENGE_S + 1
    assert (await api.post(CHANGE, new_unlock(api.provider, account, challenge), token)).code == REFUSED


async def test_a_challenge_signs_nobody_in(api: ApiServer) -> None:
    account = api.provider.lawyer
    challenge = await challenged(api, await api.sign_in(account))
    assert (await api.finish_sign_in(account, challenge)).code == REFUSED


async def test_another_unlock_under_the_same_signatures_is_refused(api: ApiServer) -> None:
    account, login = api.provider.lawyer, SigningKey(os.urandom(32))
    token = await api.sign_in(account)
    body = new_unlock(api.provider, account, await challenged(api, token), login=login)
    signed = NewUnlock.decode(b64decode(body["new"]))
    swapped = replace(signed, unlock=replace(signed.unlock, keys=bytes(93)))
    assert (await api.post(CHANGE, {**body, "new": b64encode(swapped.encode())}, token)).code == REFUSED


# --- What a guess costs


async def test_guesses_at_the_old_password_cost_what_they_cost_at_the_door(api: ApiServer) -> None:
    account = api.provider.lawyer
    token = await api.sign_in(account)
    for _ in range(FREE_FAILURES):
        assert (await changes(api, account, token, before=SigningKey(os.urandom(32)))).code == REFUSED
    assert await price(api, account.name) == FIRST_EFFORT
    assert (await changes(api, account, token)).code == (429, "work-insufficient")
    terms = (await api.post(START, token=token)).json
    work = worked(api.provider.instance, terms["challenge"], account.name, terms["effort"])
    paid = {**new_unlock(api.provider, account, terms["challenge"]), "work": b64encode(work)}
    assert (await api.post(CHANGE, paid, token)).status == 200


async def test_failures_at_the_door_make_a_change_dearer_and_a_change_lowers_no_price(api: ApiServer) -> None:
    account = api.provider.lawyer
    token = await api.sign_in(account)
    await fails(api, account.name, FREE_FAILURES)
    terms = (await api.post(START, token=token)).json
    assert terms["effort"] == FIRST_EFFORT
    work = worked(api.provider.instance, terms["challenge"], account.name, FIRST_EFFORT)
    paid = {**new_unlock(api.provider, account, terms["challenge"]), "work": b64encode(work)}
    assert (await api.post(CHANGE, paid, token)).status == 200
    assert await price(api, account.name) == FIRST_EFFORT


# --- An answer that was lost


async def test_the_same_again_is_answered_as_before_and_changes_nothing(api: ApiServer) -> None:
    account, login = api.provider.lawyer, SigningKey(os.urandom(32))
    token = await api.sign_in(account)
    body = new_unlock(api.provider, account, await challenged(api, token), login=login)
    assert (await api.post(CHANGE, body, token)).status == 200
    stored = await api.store.expert_by_id(account.id)
    api.clock.now_s += CHALLENGE_S + 1
    assert (await api.post(CHANGE, body, token)).status == 200
    assert await api.store.expert_by_id(account.id) == stored
    assert (await price(api, account.name), (await proves(api, account, login)).status) == (0, 200)


async def test_the_same_sent_many_times_at_one_moment_is_one_change(api: ApiServer) -> None:
    account = api.provider.lawyer
    token = await api.sign_in(account)
    body = new_unlock(api.provider, account, await challenged(api, token))
    answers = await asyncio.gather(*(api.post(CHANGE, body, token) for _ in range(5)))
    assert [answer.status for answer in answers] == [200] * 5


async def test_of_two_changes_at_one_moment_one_holds_and_the_other_is_refused(api: ApiServer) -> None:
    account = api.provider.lawyer
    token, logins = await api.sign_in(account), [SigningKey(os.urandom(32)) for _ in range(2)]
    bodies = [new_unlock(api.provider, account, await challenged(api, token), login=login) for login in logins]
    answers = await asyncio.gather(*(api.post(CHANGE, body, token) for body in bodies))
    assert sorted(answer.status for answer in answers) == [200, 403]
    assert [(await proves(api, account, login)).status for login in logins] == [answer.status for answer in answers]


async def test_the_salt_tells_which_password_holds(api: ApiServer) -> None:
    account = api.provider.lawyer
    token = await api.sign_in(account)
    unlock = drawn_unlock(account, login := SigningKey(os.urandom(32)))
    old = (await api.start_sign_in(account.name))["salt"]
    assert (await changes(api, account, token, before=SigningKey(os.urandom(32)))).code == REFUSED
    assert (await api.start_sign_in(account.name))["salt"] == old
    assert (await changes(api, account, token, login=login, unlock=unlock)).status == 200
    assert (await api.start_sign_in(account.name))["salt"] == b64encode(unlock.salt)


# --- A newer provision.json


async def test_a_directory_that_was_renewed_on_disk_brings_no_old_password_back(
    api: ApiServer, provider: Provider, tmp_path: Path
) -> None:
    account, login = provider.lawyer, SigningKey(os.urandom(32))
    assert (await changes(api, account, await api.sign_in(account), login=login)).status == 200
    changed = await api.store.expert_by_id(account.id)
    data = provider.reissued().write(tmp_path / "data")
    trust, is_newer = await import_provision(data, api.store, provider.instance)
    assert (trust.version, is_newer) == (2, True)
    assert await api.store.expert_by_id(account.id) == changed
