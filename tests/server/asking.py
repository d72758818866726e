"""How each route is asked legally, so that what is refused is refused for who asks, and for nothing else."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lyhty_client.joining import make_application
from lyhty_crypto.audit import Author, OwnChain
from lyhty_crypto.contributions import seal_contribution, state_key
from lyhty_crypto.documents import sign_directory
from lyhty_crypto.invitations import Invitation
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.randomness import draw
from lyhty_crypto.recovery import sign_request, split_seed
from lyhty_crypto.rooms import make_room
from lyhty_crypto.sealing import seal
from lyhty_crypto.wrapping import wrap_key
from lyhty_server.api.routes import AnyRoute
from lyhty_wire.audit import Entry, Kind, log_head
from lyhty_wire.contents import Chat
from lyhty_wire.directories import Directory, DirectoryBody, TrustBundle
from lyhty_wire.documents import UntrustedDocument
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, NO_HEAD, Epoch, digest
from lyhty_wire.invitations import Offer
from lyhty_wire.proofs import to_prove_sign_in
from lyhty_wire.room_contents import Shelf
from lyhty_wire.rooms import FIRST, RoomKind
from lyhty_wire.wraps import DIRECTORY_SEED, TO_EXPERT, WRAP_BYTES
from tests.provider import Account
from tests.published import counted, release_of, signed
from tests.server.api_server import Answer, ApiServer
from tests.server.new_unlocks import new_unlock
from tests.server.soft_passkey import SoftPasskey
from tests.server.viewers import MUNICIPALITY, SCHOOL, invite, joined, proof_of, to_join
from tests.writing import AT_S, Written, on_shelf, shelf_begun, turn_as_json

PERIOD: Final = "2020-11"
"""Long over, whatever the clock of these servers says."""


@dataclass(frozen=True)
class Asker:
    """`account`: whose words go into the body. `token`: None for nobody."""

    account: Account
    token: str | None


@dataclass(frozen=True)
class Said:
    """What a question says besides its address."""

    body: bytes | None = None
    in_path: Mapping[str, str] = field(default_factory=dict)
    query: str = ""


def as_json(value: object) -> Said:
    return Said(json.dumps(value).encode())


async def _is_signed_in(api: ApiServer, asker: Asker) -> bool:
    return (await api.get("/api/own-wraps", asker.token)).status == 200


async def _own_envelope(_api: ApiServer, asker: Asker, case: Written) -> Said:
    return Said(case.chat("I have read it.", 1, author=asker.account.keys.sign).envelope)


async def _snooze(api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return as_json({"snooze": {"until": api.clock() + 60, "seq": 1}})


async def _turn(_api: ApiServer, asker: Asker, case: Written) -> Said:
    return as_json(turn_as_json(case.turn(asker.account.keys.sign)))


async def _name(_api: ApiServer, asker: Asker, _case: Written) -> Said:
    return as_json({"name": asker.account.name})


async def _proof(api: ApiServer, asker: Asker, _case: Written) -> Said:
    account, challenge = asker.account, (await api.start_sign_in(asker.account.name))["challenge"]
    to_prove = to_prove_sign_in(api.provider.instance, b64decode(challenge), account.name)
    proof = b64encode(api.provider.login(account).sign(to_prove))
    return as_json({"challenge": challenge, "name": account.name, "proof": proof})


async def _entry(api: ApiServer, asker: Asker, kind: Kind, subject: bytes, version: int, length: int = 0) -> str:
    """The next one of who asks."""
    last = await api.store.own_entry(asker.account.id)
    own = OwnChain.after(None if last is None else Entry.decode(last))
    author = Author(api.provider.instance, asker.account.id, asker.account.keys.sign, version)
    return b64encode(author.entry(own, kind, subject, api.clock.now_s, length=length).encode())


async def _witness(api: ApiServer, asker: Asker, _case: Written) -> Said:
    """Of the log as it is."""
    entries = (await api.store.audit_page(0, 500)).entries
    head = NO_HEAD
    for entry in entries:
        head = log_head(head, entry)
    version = max([1, *(Entry.decode(entry).directory_version for entry in entries)])
    return as_json({"entry": await _entry(api, asker, Kind.WITNESS, head, version, len(entries))})


async def _renewal(api: ApiServer, asker: Asker, _case: Written) -> Said:
    """The next directory, signed as only a coordinator's console can."""
    served = (await api.ask("GET", "/api/trust", headers={"Accept-Encoding": "identity"})).body
    body = DirectoryBody.decode(UntrustedDocument.decode(TrustBundle.decode(served).directory).body)
    following = replace(body, version=body.version + 1, issued=api.clock.now_s)
    signed = sign_directory(following, api.provider.directory_key)
    entry = await _entry(api, asker, Kind.KEY_ACT, digest(signed), following.version)
    return as_json({"directory": b64encode(signed), "wraps": [], "accept": None, "entry": entry})


async def _shifts(api: ApiServer, _asker: Asker, _case: Written) -> Said:
    shift = {"expert": b64encode(api.provider.lawyer.id), "weekday": 0, "from_min": 480, "to_min": 960}
    return as_json({"shifts": [shift]})


async def _wish(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return as_json({"address": "expert@example.fi", "new_case": True, "wrote": True, "missed": True})


async def _viewers_wish(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return as_json({"address": "viewer@example.fi", "language": "fi"})


async def _school(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return Said(b"id;kind;name;parent\n06;county;Pirkanmaa;\n837;municipality;Tampere;06\n03095;school;Ranta;837\n")


async def _own_notes(api: ApiServer, asker: Asker, case: Written) -> Said:
    sign = asker.account.keys.sign
    room = make_room(sign, api.provider.directory, case.id, RoomKind.NOTES, [LAWYER])
    first = seal(
        Chat(AT_S, "They know of it at school."), room.key, sign,
        instance=api.provider.instance, case=room.room, directory_version=1, generation=FIRST, counter=1,
    )  # fmt: skip
    wraps = [b64encode(wrap.encode()) for wrap in room.wraps]
    roster, envelope = b64encode(room.roster.encode()), b64encode(first.envelope)
    return as_json({"kind": "notes", "roster": roster, "wraps": wraps, "envelope": envelope})


async def _new_shelf(api: ApiServer, asker: Asker, _case: Written) -> Said:
    sign = asker.account.keys.sign
    room, first = shelf_begun(api.provider.directory, LAWYER, sign)
    (wrap,) = room.wraps
    served = {"roster": room.roster.encode(), "wrap": wrap.encode(), "envelope": first}
    return as_json(
        {"after": await _end_of_shelf(api, asker)} | {name: b64encode(value) for name, value in served.items()}
    )


async def _on_shelf(api: ApiServer, asker: Asker, case: Written) -> Said:
    """By somebody who has begun it, if they may."""
    sign, directory = asker.account.keys.sign, api.provider.directory
    begun = await _new_shelf(api, asker, case)
    await api.ask("POST", f"/api/queues/{LAWYER}/shelf", token=asker.token, data=begun.body)
    room, _ = shelf_begun(directory, LAWYER, sign)
    envelope = on_shelf(room, Shelf(AT_S, None), sign, directory, counter=2)
    return Said(envelope, query=f"?after={await _end_of_shelf(api, asker)}")


async def _end_of_shelf(api: ApiServer, asker: Asker) -> int:
    return int((await api.get(f"/api/queues/{LAWYER}/shelf", asker.token)).json.get("last_seq", 0))


async def _no_room(_api: ApiServer, asker: Asker, case: Written) -> Said:
    return Said(in_path={"room": b64encode(bytes(32))})


async def _into_no_room(api: ApiServer, asker: Asker, case: Written) -> Said:
    return Said((await _own_envelope(api, asker, case)).body, {"room": b64encode(bytes(32))})


def _invitation(api: ApiServer) -> tuple[Invitation, dict[str, str]]:
    """A fresh one, and what the server is told of it."""
    made = Invitation.drawn(api.provider.instance)
    offer = made.seal_offer(Offer("New lawyer", (LAWYER,), ("fi",), coordinator=False))
    kept = made.keep(api.provider.directory_key.seed)
    return made, {"id": b64encode(made.id), "offer": b64encode(offer), "kept": b64encode(kept)}


async def _new_invitation(api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return as_json(_invitation(api)[1])


async def _no_invitation(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return Said(in_path={"invitation": b64encode(bytes(16))})


async def _made_invitation(api: ApiServer, _asker: Asker, _case: Written) -> Said:
    made, told = _invitation(api)
    await api.post("/api/invitations", told, await api.sign_in(api.provider.coordinator))
    return Said(in_path={"invitation": b64encode(made.id)})


async def _application(api: ApiServer, _asker: Asker, _case: Written) -> Said:
    made, told = _invitation(api)
    await api.post("/api/invitations", told, await api.sign_in(api.provider.coordinator))
    applied = make_application(made, f"new.{told['id'].lower()}", "a long password").application
    body = as_json({"application": b64encode(applied.encode())}).body
    return Said(body, {"invitation": b64encode(made.id)})


async def _founding(api: ApiServer, asker: Asker, case: Written) -> Said:
    """As well made as can be, by somebody who even has the directory key."""
    following = json.loads((await _renewal(api, asker, case)).body or b"")
    made = Invitation.drawn(api.provider.instance)
    applied = make_application(made, "the.first", "a long password").application
    return as_json({"directory": following["directory"], "wraps": [], "application": b64encode(applied.encode())})


async def _own_session(api: ApiServer, asker: Asker, _case: Written) -> Said:
    """One of somebody who is signed in twice, and not the one that asks."""
    listed = await api.get("/api/sessions", asker.token)
    if listed.status != 200:
        return Said(in_path={"session": b64encode(bytes(16))})
    await api.sign_in(asker.account)
    sessions = (await api.get("/api/sessions", asker.token)).json["sessions"]
    return Said(in_path={"session": next(each["session"] for each in sessions if not each["this"])})


async def _somebody(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    """Not the one that asks, who would hear no more."""
    return Said(in_path={"expert": b64encode(bytes(16))})


async def _new_passkey(api: ApiServer, asker: Asker, _case: Written) -> Said:
    begun = await api.post("/api/passkeys/start", token=asker.token)
    challenge = begun.json["challenge"] if begun.status == 200 else b64encode(bytes(32))
    return as_json(SoftPasskey().made(challenge, bytes(93)))


async def _signed_by_passkey(api: ApiServer, _asker: Asker, _case: Written) -> Said:
    """One that the lawyer has added."""
    passkey, token = SoftPasskey(), await api.sign_in(api.provider.lawyer)
    challenge = (await api.post("/api/passkeys/start", token=token)).json["challenge"]
    assert (await api.post("/api/passkeys", passkey.made(challenge, bytes(93)), token=token)).status == 200
    return as_json(passkey.signed((await api.post("/api/sign-in/passkey/start")).json["challenge"]))


async def _new_unlock(api: ApiServer, asker: Asker, _case: Written) -> Said:
    """With the login key of before, so that whoever asks next can still sign in."""
    begun = await api.post("/api/unlock/start", token=asker.token)
    challenge = begun.json["challenge"] if begun.status == 200 else b64encode(bytes(32))
    login = api.provider.login(asker.account)
    return as_json(new_unlock(api.provider, asker.account, challenge, login=login))


async def _gone_passkey(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return Said(in_path={"credential": b64encode(b"removed before")})


async def _split(api: ApiServer, asker: Asker, _case: Written) -> Said:
    """Between two coordinators. Who may not bring one changes nothing by trying."""
    if asker.account != api.provider.psychologist and await _is_signed_in(api, asker):
        await second_coordinator(api)
    directory, seed = await _directory(api), api.provider.seeds[LAWYER, Epoch(1)].seed
    if len([expert for expert in directory.experts if expert.coordinator]) < 2:
        promoted = tuple(replace(expert, coordinator=True) for expert in directory.experts)
        directory = replace(directory, body=replace(directory.body, experts=promoted))
    split, wraps = split_seed(seed, LAWYER, Epoch(1), directory, asker.account.keys.sign, api.clock.now_s)
    return as_json({"split": b64encode(split.encode()), "shares": [b64encode(wrap.encode()) for wrap in wraps]})


async def _directory(api: ApiServer) -> Directory:
    served = (await api.ask("GET", "/api/trust", headers={"Accept-Encoding": "identity"})).body
    return TrustBundle.decode(served).verify(api.provider.instance, api.clock.now_s)


async def second_coordinator(api: ApiServer) -> None:
    """The other lawyer becomes one."""
    body, other = (await _directory(api)).body, api.provider.other_lawyer
    experts = tuple(replace(one, coordinator=one.coordinator or one.id == other.id) for one in body.experts)
    following = replace(body, version=body.version + 1, issued=api.clock.now_s, experts=experts)
    wrap = wrap_key(
        api.provider.directory_key.seed, other.keys.kem.public, instance=api.provider.instance,
        subject=other.keys.sign.public, kind=DIRECTORY_SEED, recipient=TO_EXPERT,
    )  # fmt: skip
    signed, account = sign_directory(following, api.provider.directory_key), api.provider.coordinator
    coordinator = Asker(account, await api.sign_in(account))
    act = {
        "directory": b64encode(signed),
        "wraps": [{"expert": b64encode(other.id), "wrap": b64encode(wrap.encode())}],
        "accept": None,
        "entry": await _entry(api, coordinator, Kind.KEY_ACT, digest(signed), following.version),
    }
    await api.post("/api/directory", act, coordinator.token)


async def _request(api: ApiServer, asker: Asker, _case: Written) -> Said:
    account = asker.account
    request = sign_request(api.provider.instance, LAWYER, account.id, api.clock.now_s, account.keys.sign)
    return as_json({"request": b64encode(request.encode())})


async def _no_request(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return as_json({"request": b64encode(bytes(32))})


async def _no_shares(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    share = {"epoch": 1, "wrap": b64encode(bytes(WRAP_BYTES))}
    return as_json({"request": b64encode(bytes(32)), "shares": [share]})


async def _statistics_key(api: ApiServer, _asker: Asker, _case: Written) -> Said:
    key = state_key(api.provider.directory_key, api.provider.instance)
    return as_json({"statement": b64encode(key.encode()), "links": []})


async def _contribution(api: ApiServer, asker: Asker, case: Written) -> Said:
    """Once there is a key to seal it to."""
    key, token = state_key(api.provider.directory_key, api.provider.instance), digest(asker.account.id)[:16]
    if await _is_signed_in(api, asker):
        stated, coordinator = await _statistics_key(api, asker, case), await api.sign_in(api.provider.coordinator)
        assert (await api.ask("PUT", "/api/statistics-key", token=coordinator, data=stated.body)).status == 200
    sealed = b64encode(seal_contribution(counted(), token, key, asker.account.keys.sign))
    return as_json({"key": b64encode(key.id), "contributions": [{"token": b64encode(token), "sealed": sealed}]})


async def _no_contribution(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return as_json({"tokens": [b64encode(bytes(16))]})


async def _release(api: ApiServer, asker: Asker, _case: Written) -> Said:
    release = release_of(PERIOD, await _directory(api))
    return Said(signed(release, asker.account.keys.sign), {"period": PERIOD})


async def _released(api: ApiServer, asker: Asker, _case: Written) -> Said:
    if asker.account == api.provider.coordinator and await _is_signed_in(api, asker):
        await api.store.put_release(PERIOD, b"figures")
    return Said(in_path={"period": PERIOD})


async def _new_viewer(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return as_json({"id": b64encode(draw(16)), "name": "A head of wellbeing", "organisation": MUNICIPALITY})


async def _no_viewer(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return Said(in_path={"viewer": b64encode(bytes(16))})


async def _viewers_link(api: ApiServer, _asker: Asker, _case: Written) -> Said:
    secret = await invite(api, await api.sign_in(api.provider.coordinator))
    return as_json({"secret": b64encode(secret)})


async def _joining_viewer(api: ApiServer, _asker: Asker, _case: Written) -> Said:
    secret = await invite(api, await api.sign_in(api.provider.coordinator))
    return as_json(to_join(secret, b64encode(secret).lower(), SigningKey(draw(32))))


async def _viewers_proof(api: ApiServer, _asker: Asker, _case: Written) -> Said:
    """Of one who has just joined."""
    name, login = await joined(api, await api.sign_in(api.provider.coordinator))
    return as_json(await proof_of(api, name, login))


async def _viewers_session(api: ApiServer, asker: Asker, _case: Written) -> Said:
    listed = await api.get("/api/viewer/sessions", asker.token)
    own = listed.json["sessions"][0]["session"] if listed.status == 200 else b64encode(bytes(16))
    return Said(in_path={"session": own})


async def _to_provider(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return as_json({"holder": b64encode(bytes(32))})


async def _from_provider(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return as_json({"holder": b64encode(bytes(32)), "state": b64encode(bytes(32)), "code": "code"})


async def _school_seen(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return Said(in_path={"school": SCHOOL})


async def _figures(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return Said(in_path={"organisation": SCHOOL, "name": "figures.csv"})


async def _message(_api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return Said(in_path={"school": SCHOOL, "paper": "message"})


SAID: Final[Mapping[str, Callable[[ApiServer, Asker, Written], Awaitable[Said]]]] = {
    "POST /api/sign-in/start": _name,
    "POST /api/sign-in/finish": _proof,
    "POST /api/directory": _renewal,
    "POST /api/audit": _witness,
    "POST /api/cases/{case}/places/{queue}/snooze": _snooze,
    "POST /api/founding": _founding,
    "POST /api/invitations": _new_invitation,
    "POST /api/invitations/{invitation}/withdraw": _no_invitation,
    "GET /api/invitations/{invitation}": _made_invitation,
    "POST /api/invitations/{invitation}/application": _application,
    "POST /api/sign-in/passkey/finish": _signed_by_passkey,
    "POST /api/passkeys": _new_passkey,
    "POST /api/passkeys/{credential}/remove": _gone_passkey,
    "POST /api/unlock": _new_unlock,
    "POST /api/sessions/{session}/end": _own_session,
    "POST /api/experts/{expert}/sessions/end": _somebody,
    "PUT /api/cases/{case}/envelopes": _own_envelope,
    "PUT /api/contributions": _contribution,
    "POST /api/contributions/remove": _no_contribution,
    "PUT /api/statistics-key": _statistics_key,
    "GET /api/releases/{period}": _released,
    "PUT /api/releases/{period}": _release,
    "PUT /api/on-call": _shifts,
    "PUT /api/notices": _wish,
    "PUT /api/viewer/notices": _viewers_wish,
    "POST /api/cases/{case}/rooms": _own_notes,
    "POST /api/queues/{queue}/shelf": _new_shelf,
    "PUT /api/queues/{queue}/shelf/envelopes": _on_shelf,
    "POST /api/organisations/import": _school,
    "GET /api/rooms/{room}/envelopes": _no_room,
    "PUT /api/rooms/{room}/envelopes": _into_no_room,
    "POST /api/rooms/{room}/end": _no_room,
    "POST /api/cases/{case}/turn/{queue}": _turn,
    "PUT /api/recovery/{queue}/split": _split,
    "POST /api/recovery/{queue}/ask": _request,
    "POST /api/recovery/{queue}/stop": _no_request,
    "POST /api/recovery/{queue}/give": _no_shares,
    "GET /api/figures/{organisation}": _figures,
    "GET /api/figures/{organisation}/files/{name}": _figures,
    "GET /api/figures/{organisation}/report": _figures,
    "GET /api/kits/{school}": _school_seen,
    "GET /api/kits/{school}/{paper}": _message,
    "POST /api/viewers/invitations": _new_viewer,
    "POST /api/viewers/invitations/{invitation}/withdraw": _no_invitation,
    "POST /api/viewers/{viewer}/remove": _no_viewer,
    "POST /api/viewer/invitation": _viewers_link,
    "POST /api/viewer/join": _joining_viewer,
    "POST /api/viewer/sign-in/start": _name,
    "POST /api/viewer/sign-in/finish": _viewers_proof,
    "POST /api/viewer/sessions/{session}/end": _viewers_session,
    "POST /api/viewer/provider/start": _to_provider,
    "POST /api/viewer/provider/finish": _from_provider,
}


async def ask(api: ApiServer, route: AnyRoute, asker: Asker, case: Written) -> Answer:
    """The question in its legal form, about the case and its place in queue 1."""
    say = SAID.get(f"{route.method} {route.path}")
    said = Said() if say is None else await say(api, asker, case)
    assert (said.body is None) == (route.body is type(None)), f"say in asking.py what {route.path} is asked with"
    path = route.path.format_map({"case": b64encode(case.id), "queue": LAWYER, **said.in_path}) + said.query
    rest: dict[str, Any] = {} if said.body is None else {"data": said.body}
    return await api.ask(route.method, path, token=asker.token, **rest)
