"""How each route is asked legally, so that what is refused is refused for who asks, and for nothing else."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lyhty_client.joining import make_application
from lyhty_crypto.audit import Author, OwnChain
from lyhty_crypto.documents import sign_directory
from lyhty_crypto.invitations import Invitation
from lyhty_crypto.rooms import make_room
from lyhty_crypto.sealing import seal
from lyhty_server.api.routes import AnyRoute
from lyhty_wire.audit import Entry, Kind, log_head
from lyhty_wire.contents import Chat
from lyhty_wire.directories import DirectoryBody, TrustBundle
from lyhty_wire.documents import UntrustedDocument
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, NO_HEAD, digest
from lyhty_wire.invitations import Offer
from lyhty_wire.proofs import to_prove_sign_in
from lyhty_wire.rooms import FIRST, RoomKind
from tests.provider import Account
from tests.server.api_server import Answer, ApiServer
from tests.writing import AT_S, Written


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


def as_json(value: object) -> Said:
    return Said(json.dumps(value).encode())


async def _own_envelope(_api: ApiServer, asker: Asker, case: Written) -> Said:
    return Said(case.chat("I have read it.", 1, author=asker.account.keys.sign).envelope)


async def _snooze(api: ApiServer, _asker: Asker, _case: Written) -> Said:
    return as_json({"snooze": {"until": api.clock() + 60, "seq": 1}})


async def _turn(_api: ApiServer, asker: Asker, case: Written) -> Said:
    turn = case.turn(asker.account.keys.sign)
    return as_json(
        {
            "last_seq": 1,
            "roster": b64encode(turn.roster.encode()),
            "own_wrap": b64encode(turn.own_wrap.encode()),
            "link": b64encode(turn.link),
            "wraps": [b64encode(wrap.encode()) for wrap in turn.case_wraps],
            "card_wraps": [],
            "envelope": b64encode(turn.message.envelope),
        }
    )


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
    "POST /api/sessions/{session}/end": _own_session,
    "POST /api/experts/{expert}/sessions/end": _somebody,
    "PUT /api/cases/{case}/envelopes": _own_envelope,
    "PUT /api/on-call": _shifts,
    "PUT /api/notices": _wish,
    "POST /api/cases/{case}/rooms": _own_notes,
    "GET /api/rooms/{room}/envelopes": _no_room,
    "PUT /api/rooms/{room}/envelopes": _into_no_room,
    "POST /api/rooms/{room}/end": _no_room,
    "POST /api/cases/{case}/turn/{queue}": _turn,
}


async def ask(api: ApiServer, route: AnyRoute, asker: Asker, case: Written) -> Answer:
    """The question in its legal form, about the case and its place in queue 1."""
    say = SAID.get(f"{route.method} {route.path}")
    said = Said() if say is None else await say(api, asker, case)
    assert (said.body is None) == (route.body is type(None)), f"say in asking.py what {route.path} is asked with"
    path = route.path.format_map({"case": b64encode(case.id), "queue": LAWYER, **said.in_path})
    rest: dict[str, Any] = {} if said.body is None else {"data": said.body}
    return await api.ask(route.method, path, token=asker.token, **rest)
