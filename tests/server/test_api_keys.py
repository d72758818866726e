"""Key acts over the wire: who may act, what everybody sees afterwards, and who is out (SPEC 9.1)."""

import asyncio
import io
from dataclasses import replace

import aiohttp
import msgspec
import pytest

from lyhty_client.coordinator import depart, renew
from lyhty_client.expert import Expertise, take_keys
from lyhty_crypto.experts import seal_key_blob
from lyhty_wire.audit import ENTRY_BYTES
from lyhty_wire.codes import Code
from lyhty_wire.desk import KeyAct
from lyhty_wire.directories import Directory, TrustBundle
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, ExpertId
from tests.patience import PATIENCE_S
from tests.provider import Account
from tests.raw_channel import RefusedByServerError
from tests.server.api_server import Answer, ApiServer
from tests.writing import write_report

DIRECTORY = "/api/directory"
ANY_ENTRY = b64encode(bytes(ENTRY_BYTES))


async def directory(api: ApiServer) -> Directory:
    bundle = TrustBundle.decode((await api.ask("GET", "/api/trust", headers={"Accept-Encoding": "identity"})).body)
    return bundle.verify(api.provider.instance, api.clock.now_s)


async def expertise(api: ApiServer, account: Account) -> Expertise:
    """With the keys that the server keeps sealed."""
    token = await api.sign_in(account)
    wraps = [b64decode(wrap) for wrap in (await api.get("/api/own-wraps", token)).json["queue_wraps"]]
    unlocked = api.provider.unlocked[account.id]
    blob = seal_key_blob(account.keys, unlocked, api.provider.instance, account.id)
    taken = take_keys(account.id, blob, wraps, unlocked, await directory(api))
    return replace(taken, chain=await api.own_chain(token))


async def act(api: ApiServer, token: str, key_act: KeyAct) -> Answer:
    return await api.post(DIRECTORY, msgspec.to_builtins(key_act), token)


async def renewal(api: ApiServer) -> KeyAct:
    return renew(await expertise(api, api.provider.coordinator), api.clock.now_s)


async def leaving(api: ApiServer, leaver: ExpertId) -> KeyAct:
    return depart(await expertise(api, api.provider.coordinator), leaver, api.clock.now_s)


async def test_a_coordinators_directory_is_everybodys_at_once(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.coordinator)
    api.clock.now_s += 3_600
    answer = await act(api, token, await renewal(api))
    assert answer.json == {"version": 2}
    now = await directory(api)
    assert (now.version, now.body.issued) == (2, api.clock.now_s)


async def test_a_packed_answer_has_the_newest_directory_too(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.coordinator)
    packed = {"Accept-Encoding": "gzip"}
    before = (await api.ask("GET", "/api/trust", headers=packed)).body
    await act(api, token, await renewal(api))
    assert (await api.ask("GET", "/api/trust", headers=packed)).body != before


async def test_the_newest_directory_is_still_there_after_a_restart(api: ApiServer) -> None:
    await act(api, await api.sign_in(api.provider.coordinator), await renewal(api))
    stored = await api.store.trust()
    assert stored is not None
    assert stored.version == 2


async def test_every_desk_hears_of_it(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.lawyer)
    async with api.feed(token) as feed:
        await act(api, await api.sign_in(api.provider.coordinator), await renewal(api))
        assert await feed.receive_json(timeout=PATIENCE_S) == {"type": "trust", "version": 2}


async def test_who_is_no_coordinator_is_refused(api: ApiServer) -> None:
    act_of_coordinator = await renewal(api)
    refused = await act(api, await api.sign_in(api.provider.lawyer), act_of_coordinator)
    assert refused.code == (403, "not-coordinator")
    assert (await directory(api)).version == 1


async def test_nobody_acts_without_signing_in(api: ApiServer) -> None:
    assert (await api.post(DIRECTORY, {})).code == (401, "not-signed-in")
    assert (await api.get("/api/own-wraps")).code == (401, "not-signed-in")


async def test_the_same_act_again_is_answered_as_before(api: ApiServer) -> None:
    token, once = await api.sign_in(api.provider.coordinator), await renewal(api)
    assert (await act(api, token, once)).body == (await act(api, token, once)).body


async def test_an_act_upon_an_older_directory_is_outdated(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.coordinator)
    first, second = await renewal(api), await leaving(api, api.provider.other_lawyer.id)
    await act(api, token, first)
    assert (await act(api, token, second)).code == (409, "directory-outdated")


async def test_a_directory_signed_by_another_key_is_refused(api: ApiServer) -> None:
    token, mine = await api.sign_in(api.provider.coordinator), await expertise(api, api.provider.coordinator)
    forged = renew(
        Expertise(mine.id, mine.keys, mine.queue_keys, mine.directory, api.provider.root_key), api.clock.now_s
    )
    assert (await act(api, token, forged)).code == (403, "signature-invalid")
    assert (await directory(api)).version == 1


async def test_what_is_no_directory_is_refused(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.coordinator)
    nonsense = KeyAct(directory=b64encode(b"nonsense"), wraps=[], accept=None, entry=ANY_ENTRY)
    assert (await act(api, token, nonsense)).code == (400, "operation-malformed")


async def test_a_directory_of_a_clock_that_is_days_off_is_refused(api: ApiServer) -> None:
    token, mine = await api.sign_in(api.provider.coordinator), await expertise(api, api.provider.coordinator)
    early = renew(mine, api.clock.now_s + 2 * 86_400)
    assert (await act(api, token, early)).code == (409, "directory-outdated")


async def test_a_directory_that_no_childs_channel_could_carry_is_refused(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.coordinator)
    long = KeyAct(directory=b64encode(bytes(360_001)), wraps=[], accept=None, entry=ANY_ENTRY)
    assert (await act(api, token, long)).code == (413, "too-large")


async def test_a_body_beyond_what_two_hundred_experts_need_is_refused(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.coordinator)
    assert (await api.ask("POST", DIRECTORY, token=token, data=io.BytesIO(bytes(2_200_000)))).code == (413, "too-large")


async def test_an_act_that_accepts_an_unknown_invitation_is_refused(api: ApiServer) -> None:
    token, once = await api.sign_in(api.provider.coordinator), await renewal(api)
    accepting = KeyAct(once.directory, once.wraps, b64encode(bytes(16)), once.entry)
    assert (await act(api, token, accepting)).code == (404, "invitation-unknown")


async def test_who_leaves_is_signed_out_at_once_and_others_are_not(api: ApiServer) -> None:
    leaver, other = await api.sign_in(api.provider.other_lawyer), await api.sign_in(api.provider.lawyer)
    await act(api, await api.sign_in(api.provider.coordinator), await leaving(api, api.provider.other_lawyer.id))
    assert (await api.get("/api/queues/1", leaver)).code == (401, "not-signed-in")
    assert (await api.get("/api/queues/1", other)).status == 200


async def test_who_leaves_cannot_sign_in_again(api: ApiServer) -> None:
    account = api.provider.other_lawyer
    await act(api, await api.sign_in(api.provider.coordinator), await leaving(api, account.id))
    challenge = (await api.start_sign_in(account.name))["challenge"]
    assert (await api.finish_sign_in(account, challenge)).code == (403, "sign-in-failed")


async def test_the_feed_of_who_leaves_ends_and_tells_no_more(api: ApiServer) -> None:
    async with api.feed(await api.sign_in(api.provider.other_lawyer)) as feed:
        await act(api, await api.sign_in(api.provider.coordinator), await leaving(api, api.provider.other_lawyer.id))
        closing = await feed.receive(timeout=PATIENCE_S)
        assert closing.type is aiohttp.WSMsgType.CLOSE


async def test_the_others_get_the_seed_of_the_new_epoch_and_who_left_never_had_it(api: ApiServer) -> None:
    key_act = await leaving(api, api.provider.other_lawyer.id)
    await act(api, await api.sign_in(api.provider.coordinator), key_act)
    stayed = await expertise(api, api.provider.lawyer)
    assert sorted(stayed.queue_keys) == [(LAWYER, 1), (LAWYER, 2)]
    assert all(each.expert != b64encode(api.provider.other_lawyer.id) for each in key_act.wraps)


async def test_a_case_that_who_leaves_held_returns_to_its_queue_and_desks_hear_it(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    case = b64encode(written.id)
    leaver = await api.sign_in(api.provider.other_lawyer)
    await api.post(f"/api/cases/{case}/places/1/claim", token=leaver)
    async with api.feed(await api.sign_in(api.provider.lawyer)) as feed:
        await act(api, await api.sign_in(api.provider.coordinator), await leaving(api, api.provider.other_lawyer.id))
        heard = [await feed.receive_json(timeout=PATIENCE_S) for _ in range(2)]
    assert [event["type"] for event in heard] == ["trust", "place"]
    assert (heard[1]["place"]["case"], heard[1]["place"]["state"]) == (case, "waiting")


async def test_a_report_for_the_epoch_before_is_told_to_renew(api: ApiServer) -> None:
    written = write_report(api.provider.directory)
    await act(api, await api.sign_in(api.provider.coordinator), await leaving(api, api.provider.other_lawyer.id))
    with pytest.raises(RefusedByServerError) as refused:
        await api.receive(written)
    assert refused.value.code is Code.EPOCH_STALE


async def test_of_two_coordinators_who_act_at_once_one_is_told_to_read_again(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.coordinator)
    acts = [await renewal(api), await leaving(api, api.provider.other_lawyer.id)]
    answers = await asyncio.gather(*(act(api, token, one) for one in acts))
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert (await directory(api)).version == 2
