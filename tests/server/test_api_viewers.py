"""Viewers on the wire: how they come in, what a stranger learns of them (nothing), how they are shut out at once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lyhty_crypto.keys import SigningKey
from lyhty_crypto.randomness import draw
from lyhty_server.api.routes import DIRECTORY
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.invitations import LIFE_S
from lyhty_wire.proofs import to_prove_sign_in
from lyhty_wire.viewing import viewer_id
from tests.oidc_provider import LocalProvider, local_provider, sign_in_there, signed
from tests.provider import Provider
from tests.server.api_server import Answer, ApiServer, api_server
from tests.server.asking import Asker, ask
from tests.server.viewers import (
    COUNTY,
    MUNICIPALITY,
    SCHOOL,
    invite,
    joined,
    plant,
    proof_of,
    signed_in_viewer,
    to_join,
)
from tests.writing import write_report

START, FINISH, ME = "/api/viewer/sign-in/start", "/api/viewer/sign-in/finish", "/api/viewer/me"
WORKING_DAY_S = 12 * 3_600


@pytest.fixture
async def coordinator(api: ApiServer) -> str:
    await plant(api)
    return await api.sign_in(api.provider.coordinator)


async def viewer_of(api: ApiServer, coordinator: str) -> str:
    """The id of the one viewer there is."""
    (viewer,) = (await api.get("/api/viewers", coordinator)).json["viewers"]
    return str(viewer["viewer"])


# --- Invitations


async def test_nobody_is_invited_to_see_figures_of_a_body_that_is_not_there(api: ApiServer, coordinator: str) -> None:
    told = {"id": b64encode(bytes(16)), "name": "A viewer", "organisation": "999"}
    assert (await api.post("/api/viewers/invitations", told, coordinator)).code == (404, "organisation-unknown")
    assert (await api.get("/api/viewers/invitations", coordinator)).json == {"invitations": []}


async def test_who_has_the_link_reads_who_is_invited_and_for_whose_figures(api: ApiServer, coordinator: str) -> None:
    secret = await invite(api, coordinator, SCHOOL)
    read = (await api.post("/api/viewer/invitation", {"secret": b64encode(secret)})).json
    body = {"id": SCHOOL, "kind": "school", "name": "Keskuskoulu"}
    assert read == {"name": "A viewer", "organisation": body}


async def test_the_server_keeps_no_secret_of_a_link(api: ApiServer, coordinator: str, tmp_path: Path) -> None:
    secret = await invite(api, coordinator)
    files = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir() if file.is_file())
    assert viewer_id(api.provider.instance, secret) in files
    assert secret not in files
    assert b64encode(secret).encode() not in files


async def test_a_link_is_answered_once_and_for_a_week(api: ApiServer, coordinator: str) -> None:
    secret = await invite(api, coordinator)
    asked = to_join(secret, "rehtori", SigningKey(draw(32)))
    api.clock.now_s += LIFE_S
    assert (await api.post("/api/viewer/join", asked)).code == (404, "invitation-unknown")
    api.clock.now_s -= 1
    assert (await api.post("/api/viewer/join", asked)).status == 200
    assert (await api.post("/api/viewer/join", asked)).status == 200  # the answer was lost
    other = to_join(secret, "toinen", SigningKey(draw(32)))
    assert (await api.post("/api/viewer/join", other)).code == (404, "invitation-unknown")


async def test_with_the_id_of_an_invitation_and_without_its_secret_nobody_joins(
    api: ApiServer, coordinator: str
) -> None:
    await invite(api, coordinator)
    (waiting,) = (await api.get("/api/viewers/invitations", coordinator)).json["invitations"]
    for guess in (b64decode(waiting["id"]) * 2, bytes(32)):
        asked = to_join(guess, "rehtori", SigningKey(draw(32)))
        assert (await api.post("/api/viewer/join", asked)).code == (404, "invitation-unknown")


async def test_a_password_stretched_less_than_the_floor_is_refused(api: ApiServer, coordinator: str) -> None:
    secret = await invite(api, coordinator)
    for weaker in ({"m_kib": 65_535}, {"t": 2}, {"p": 2}):
        asked = to_join(secret, "rehtori", SigningKey(draw(32))) | weaker
        assert (await api.post("/api/viewer/join", asked)).code == (400, "operation-malformed")


# --- Signing in


async def test_an_unknown_viewer_is_answered_as_a_known_one(api: ApiServer, coordinator: str) -> None:
    name, _ = await joined(api, coordinator)
    known, unknown = [(await api.post(START, {"name": each})).json for each in (name, "nobody")]
    assert known.keys() == unknown.keys()
    assert [known[each] for each in ("m_kib", "t", "p", "effort")] == [65_536, 3, 1, 0]
    assert [unknown[each] for each in ("m_kib", "t", "p", "effort")] == [65_536, 3, 1, 0]
    assert (await api.post(START, {"name": "nobody"})).json["salt"] == unknown["salt"]


async def test_a_wrong_proof_and_an_unknown_name_are_refused_with_the_same_bytes(
    api: ApiServer, coordinator: str
) -> None:
    name, _ = await joined(api, coordinator)
    wrong = SigningKey(draw(32))
    refusals = [await api.post(FINISH, await proof_of(api, each, wrong)) for each in (name, "nobody")]
    assert refusals[0].code == (403, "sign-in-failed")
    assert refusals[0].body == refusals[1].body


async def test_guessing_a_viewers_password_gets_dearer_and_a_name_that_is_not_there_gets_dearer_alike(
    api: ApiServer, coordinator: str
) -> None:
    name, login = await joined(api, coordinator)
    wrong = SigningKey(draw(32))
    for each in (name, "nobody"):
        for _ in range(3):
            await api.post(FINISH, await proof_of(api, each, wrong))
    efforts = [(await api.post(START, {"name": each})).json["effort"] for each in (name, "nobody")]
    assert efforts == [1_024, 1_024]
    assert (await api.post(FINISH, await proof_of(api, name, login))).code == (429, "work-insufficient")


async def test_who_guesses_a_viewer_makes_no_expert_of_that_name_pay(api: ApiServer, coordinator: str) -> None:
    wrong = SigningKey(draw(32))
    for _ in range(4):
        await api.post(FINISH, await proof_of(api, "lakimies", wrong))
    assert (await api.start_sign_in("lakimies"))["effort"] == 0


async def test_a_proof_for_one_door_opens_not_the_other(api: ApiServer, coordinator: str) -> None:
    """Even where name and key are the same."""
    lawyer = api.provider.lawyer
    login = api.provider.login(lawyer)
    secret = await invite(api, coordinator)
    assert (await api.post("/api/viewer/join", to_join(secret, lawyer.name, login))).status == 200
    challenge = (await api.post(START, {"name": lawyer.name})).json["challenge"]
    as_expert = login.sign(to_prove_sign_in(api.provider.instance, b64decode(challenge), lawyer.name))
    asked = {"challenge": challenge, "name": lawyer.name, "proof": b64encode(as_expert)}
    assert (await api.post(FINISH, asked)).code == (403, "sign-in-failed")
    assert (await api.post("/api/sign-in/finish", asked)).code == (403, "sign-in-failed")


async def test_a_viewer_reads_their_name_and_whose_figures_they_see(api: ApiServer, coordinator: str) -> None:
    token = await signed_in_viewer(api, coordinator, COUNTY)
    me = (await api.get(ME, token)).json
    assert me["name"] == "A viewer"
    assert [each["id"] for each in me["organisations"]] == ["06", "837", "03095", "04004"]


async def test_of_no_other_body_anything_is_told(api: ApiServer, coordinator: str) -> None:
    answer = await api.get(ME, await signed_in_viewer(api, coordinator, SCHOOL))
    assert [each["id"] for each in answer.json["organisations"]] == [SCHOOL]
    for foreign in ("Jokikoulu", "Jokikunta", "Keskuskaupunki"):
        assert foreign.encode() not in answer.body


async def test_a_viewers_session_ends_after_a_working_day_by_signing_out_and_from_another_one(
    api: ApiServer, coordinator: str
) -> None:
    name, login = await joined(api, coordinator)
    tokens = [(await api.post(FINISH, await proof_of(api, name, login))).json["token"] for _ in range(3)]
    await api.post("/api/viewer/sign-out", token=tokens[0])
    assert (await api.post("/api/viewer/sessions/end-others", token=tokens[1])).json == {"ended": 1}
    assert [(await api.get(ME, token)).status for token in tokens] == [401, 200, 401]
    api.clock.now_s += WORKING_DAY_S
    assert (await api.get(ME, tokens[1])).code == (401, "not-signed-in")


async def test_nobody_ends_the_session_of_another_viewer(api: ApiServer, coordinator: str) -> None:
    one, other = [await signed_in_viewer(api, coordinator) for _ in range(2)]
    (session,) = (await api.get("/api/viewer/sessions", one)).json["sessions"]
    ended = await api.post(f"/api/viewer/sessions/{session['session']}/end", token=other)
    assert ended.code == (404, "session-unknown")
    assert (await api.get(ME, one)).status == 200


async def test_who_is_removed_is_refused_at_once_and_does_not_come_in_again(api: ApiServer, coordinator: str) -> None:
    name, login = await joined(api, coordinator)
    token = (await api.post(FINISH, await proof_of(api, name, login))).json["token"]
    viewer = await viewer_of(api, coordinator)
    assert (await api.post(f"/api/viewers/{viewer}/remove", token=coordinator)).status == 200
    assert (await api.get(ME, token)).code == (401, "not-signed-in")
    assert (await api.post(FINISH, await proof_of(api, name, login))).code == (403, "sign-in-failed")


async def test_who_is_removed_by_another_process_is_refused_too(api: ApiServer, coordinator: str) -> None:
    """Its sessions are not ended, and open nothing all the same."""
    token = await signed_in_viewer(api, coordinator)
    await api.store.remove_viewer((await api.store.viewers())[0].viewer_id)
    assert (await api.get(ME, token)).code == (401, "not-signed-in")


async def test_a_viewer_stays_when_the_directory_changes(api: ApiServer, coordinator: str) -> None:
    """They are not in it: only experts who have left it are signed out."""
    token = await signed_in_viewer(api, coordinator)
    asker = Asker(api.provider.coordinator, coordinator)
    assert (await ask(api, DIRECTORY, asker, write_report(api.provider.directory))).status == 200
    assert (await api.get(ME, token)).status == 200


# --- Municipal accounts


@pytest.fixture
async def there() -> AsyncIterator[LocalProvider]:
    async with local_provider("http://localhost:8400/oidc/back") as made:
        yield made


@pytest.fixture
async def served(
    provider: Provider, there: LocalProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ApiServer]:
    async with api_server(provider, tmp_path, monkeypatch, municipal=there.settings) as api:
        # What the provider signs is of this moment.
        api.clock.now_s = there.now_s()
        await plant(api)
        yield api


async def come_in(api: ApiServer, secret: bytes | None = None, holder: bytes = bytes(32)) -> Answer:
    begun = await api.post("/api/viewer/provider/start", {"holder": b64encode(holder)})
    state, code = await sign_in_there(begun.json["address"])
    asked = {"holder": b64encode(holder), "state": state, "code": code}
    return await api.post(
        "/api/viewer/provider/finish", asked if secret is None else asked | {"secret": b64encode(secret)}
    )


async def test_where_there_is_a_provider_the_page_is_told(served: ApiServer) -> None:
    assert (await served.get("/api/viewer/doors")).json == {"provider": True}


async def test_where_there_is_none_the_page_is_told_too(api: ApiServer) -> None:
    assert (await api.get("/api/viewer/doors")).json == {"provider": False}


async def test_nobody_comes_in_without_an_invitation_whatever_the_provider_says(served: ApiServer) -> None:
    assert (await come_in(served)).code == (403, "viewer-unknown")


async def test_the_first_time_by_the_link_and_then_without(served: ApiServer) -> None:
    coordinator = await served.sign_in(served.provider.coordinator)
    first = await come_in(served, await invite(served, coordinator))
    again = await come_in(served)
    for answer in (first, again):
        me = (await served.get(ME, answer.json["token"])).json
        assert me["organisations"][0]["id"] == MUNICIPALITY
    (viewer,) = (await served.get("/api/viewers", coordinator)).json["viewers"]
    assert viewer["account"] is None


async def test_another_account_of_the_same_provider_is_nobody(served: ApiServer, there: LocalProvider) -> None:
    coordinator = await served.sign_in(served.provider.coordinator)
    await come_in(served, await invite(served, coordinator))
    there.who = "vieras"
    assert (await come_in(served)).code == (403, "viewer-unknown")


async def test_one_account_is_one_viewer(served: ApiServer) -> None:
    coordinator = await served.sign_in(served.provider.coordinator)
    await come_in(served, await invite(served, coordinator))
    assert (await come_in(served, await invite(served, coordinator, SCHOOL))).code == (409, "object-conflict")


async def test_a_lie_of_the_provider_uses_no_invitation(served: ApiServer, there: LocalProvider) -> None:
    coordinator = await served.sign_in(served.provider.coordinator)
    secret = await invite(served, coordinator)
    there.lie = lambda claims: signed({**claims, "nonce": "another"})
    assert (await come_in(served, secret)).code == (403, "provider-refused")
    there.lie = None
    assert (await come_in(served, secret)).status == 200


async def test_who_is_removed_does_not_come_in_by_the_provider_either(served: ApiServer) -> None:
    coordinator = await served.sign_in(served.provider.coordinator)
    token = (await come_in(served, await invite(served, coordinator))).json["token"]
    await served.post(f"/api/viewers/{await viewer_of(served, coordinator)}/remove", token=coordinator)
    assert (await served.get(ME, token)).code == (401, "not-signed-in")
    assert (await come_in(served)).code == (403, "viewer-unknown")


async def test_a_provider_that_is_down_is_said_to_be(served: ApiServer, there: LocalProvider) -> None:
    there.is_down = True
    begun = await served.post("/api/viewer/provider/start", {"holder": b64encode(bytes(32))})
    assert begun.code == (503, "provider-unavailable")
