"""New keys of an expert at the server: what it keeps of them, what it refuses, and what an act does (SPEC 9.1)."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import WSMsgType
from msgspec.structs import replace as with_other

from lyhty_client.coordinator import SeedFor, renew
from lyhty_crypto.experts import make_renewal
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.recovery import sign_request, split_seed
from lyhty_wire.desk import KeyAct
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, Epoch
from lyhty_wire.renewals import Renewal
from tests.patience import PATIENCE_S
from tests.provider import Account
from tests.server.api_server import Answer, ApiServer
from tests.server.asking import second_coordinator
from tests.server.new_unlocks import new_unlock
from tests.server.soft_passkey import SoftPasskey
from tests.server.test_api_keys import act, directory, expertise
from tests.server.test_passkeys import adds, signs_in
from tests.server.test_unlocks import challenged, proves

KEM, BLOB = KemKeyPair(os.urandom(32)), os.urandom(93)


async def new_keys(api: ApiServer, account: Account, kem: KemKeyPair = KEM, blob: bytes = BLOB) -> dict[str, Any]:
    me = await expertise(api, account)
    listed = me.directory.expert(account.id)
    assert listed is not None
    renewed = replace(listed, kem=kem.public)
    seeds = [SeedFor(renewed, pair.seed, queue, epoch) for (queue, epoch), pair in me.queue_keys.items()]
    if me.directory_key is not None:
        seeds.append(SeedFor(renewed, me.directory_key.seed))
    renewal = make_renewal(account.keys, kem, blob, api.provider.instance, account.id, api.clock.now_s)
    return {
        "renewal": b64encode(renewal.encode()),
        "keys": b64encode(blob),
        "wraps": [seed.seal(api.provider.instance).wrap for seed in seeds],
    }


async def sends(api: ApiServer, account: Account, token: str, keys: dict[str, Any], **how: Any) -> Answer:
    body = new_unlock(api.provider, account, await challenged(api, token), **how)
    return await api.post("/api/unlock", {**body, "new_keys": keys}, token)


async def offered(api: ApiServer) -> list[dict[str, str]]:
    token = await api.sign_in(api.provider.coordinator)
    return list((await api.get("/api/renewals", token)).json["renewals"])


async def lists(api: ApiServer, *accounts: Account, kem: KemKeyPair = KEM) -> Answer:
    me = await expertise(api, api.provider.coordinator)
    made: KeyAct = renew(me, api.clock.now_s, {account.id: kem.public for account in accounts})
    return await act(api, await api.sign_in(api.provider.coordinator), made)


async def test_new_keys_wait_beside_the_account_and_are_offered_to_coordinators(api: ApiServer) -> None:
    account, login = api.provider.lawyer, SigningKey(os.urandom(32))
    token, keys = await api.sign_in(account), await new_keys(api, api.provider.lawyer)
    assert (await sends(api, account, token, keys, login=login)).status == 200
    assert await offered(api) == [{"expert": b64encode(account.id), "renewal": keys["renewal"]}]
    assert (await api.post("/api/unlock/start", token=token)).json["renewing"] is True
    assert (await proves(api, account, login)).json["keys"] != keys["keys"]


async def test_the_act_that_lists_them_makes_them_the_accounts_and_ends_what_began_with_the_old_ones(
    api: ApiServer,
) -> None:
    account, login, passkey = api.provider.lawyer, SigningKey(os.urandom(32)), SoftPasskey()
    token, keys = await api.sign_in(account), await new_keys(api, api.provider.lawyer)
    await adds(api, token, passkey)
    await sends(api, account, token, keys, login=login)
    other = await api.sign_in(api.provider.other_lawyer)
    async with api.feed(token) as feed, api.feed(other) as colleague:
        assert (await lists(api, account)).status == 200
        assert (await feed.receive(timeout=PATIENCE_S)).type is WSMsgType.CLOSE
        assert await colleague.receive_json(timeout=PATIENCE_S) == {"type": "trust", "version": 2}
    signed_in = (await proves(api, account, login)).json
    assert (signed_in["keys"], signed_in["queue_wraps"]) == (keys["keys"], keys["wraps"])
    assert signed_in["keys_hour"] == api.clock.now_s // 3600
    assert (await signs_in(api, passkey)).code == (403, "sign-in-failed")
    assert await offered(api) == []


async def test_another_kem_than_its_expert_has_named_is_not_listed(api: ApiServer) -> None:
    account = api.provider.lawyer
    await sends(api, account, await api.sign_in(account), await new_keys(api, account))
    refused = await lists(api, account, kem=KemKeyPair(os.urandom(32)))
    assert refused.code == (400, "operation-malformed")
    assert (await lists(api, api.provider.other_lawyer)).code == (400, "operation-malformed")
    assert (await directory(api)).version == 1


def _with(**changes: Any) -> Callable[[ApiServer, dict[str, Any]], dict[str, Any]]:
    return lambda _api, keys: {**keys, **changes}


def _resigned(api: ApiServer, keys: dict[str, Any], **changes: Any) -> dict[str, Any]:
    renewal = with_other(Renewal.decode(b64decode(keys["renewal"])), **changes)
    signature = api.provider.lawyer.keys.sign.sign(renewal.signed())
    return {**keys, "renewal": b64encode(with_other(renewal, signature=signature).encode())}


@pytest.mark.parametrize(
    ("spoiled", "code"),
    [
        (_with(keys=b64encode(bytes(93))), "operation-malformed"),
        (_with(wraps=[]), "operation-malformed"),
        (lambda _api, keys: {**keys, "wraps": keys["wraps"] * 2}, "operation-malformed"),
        (lambda api, keys: _resigned(api, keys, kem=api.provider.other_lawyer.keys.kem.public), "operation-malformed"),
        (lambda api, keys: _resigned(api, keys, kem=api.provider.lawyer.keys.kem.public), "operation-malformed"),
        (lambda api, keys: _resigned(api, keys, before=bytes(32)), "signature-invalid"),
        (lambda api, keys: _resigned(api, keys, expert_id=api.provider.other_lawyer.id), "signature-invalid"),
        (lambda api, keys: _resigned(api, keys, instance=bytes(32)), "signature-invalid"),
    ],
    ids=[
        "a blob that is not the one they name", "no seeds", "a seed twice", "somebody else's kem", "the present kem",
        "a kem of before that is not listed", "somebody else", "another instance",
    ],
)  # fmt: skip
async def test_new_keys_are_refused_with_the_whole_change_when_they_have(
    api: ApiServer, spoiled: Callable[[ApiServer, dict[str, Any]], dict[str, Any]], code: str
) -> None:
    account = api.provider.lawyer
    token = await api.sign_in(account)
    refused = await sends(api, account, token, spoiled(api, await new_keys(api, account)))
    assert refused.code[1] == code
    assert (await offered(api), (await proves(api, account, api.provider.login(account))).status) == ([], 200)


async def test_new_keys_wait_while_somebody_asks_for_the_shares_that_would_go_with_the_old_ones(
    api: ApiServer,
) -> None:
    """Of a coordinator among two, who is therefore a holder."""
    coordinator, other = api.provider.coordinator, api.provider.other_lawyer
    await second_coordinator(api)
    token = await api.sign_in(coordinator)
    seed = api.provider.seeds[LAWYER, Epoch(1)].seed
    split, wraps = split_seed(seed, LAWYER, Epoch(1), await directory(api), coordinator.keys.sign, api.clock.now_s)
    shares = {"split": b64encode(split.encode()), "shares": [b64encode(wrap.encode()) for wrap in wraps]}
    assert (await api.ask("PUT", "/api/recovery/1/split", token=token, json=shares)).status == 200
    await sends(api, coordinator, token, await new_keys(api, coordinator), login=api.provider.login(coordinator))
    request = sign_request(api.provider.instance, LAWYER, other.id, api.clock.now_s, other.keys.sign)
    asking = await api.sign_in(other)
    body = {"request": b64encode(request.encode())}
    assert [each["expert"] for each in await offered(api)] == [b64encode(coordinator.id)]
    assert (await api.post("/api/recovery/1/ask", body, asking)).status == 200
    assert await offered(api) == []
    assert (await lists(api, coordinator)).code == (409, "recovery-under-way")
