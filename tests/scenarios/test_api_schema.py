"""The HTTP API is asked all its document allows and much that it forbids: no bug, and no answer it does not tell of.

schemathesis makes the questions from openapi.json: legal ones, illegal ones, wrong methods, missing and wrong sign-ins.
They go to a real server with a signed-in expert, who has cases waiting, held and closed.
"""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode

from lyhty_client.joining import make_application
from lyhty_crypto.experts import seal_key_blob
from lyhty_crypto.invitations import Invitation
from lyhty_crypto.rooms import make_room
from lyhty_crypto.sealing import seal
from lyhty_server.api import document
from lyhty_wire.contents import Chat
from lyhty_wire.desk import base64url
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, CaseId
from lyhty_wire.proofs import to_prove_sign_in
from lyhty_wire.rooms import FIRST, RoomKind
from lyhty_wire.unlocks import Unlock
from tests.patience import PATIENCE_S
from tests.provider import LANES, M_KIB, PASSES, Provider
from tests.raw_channel import raw_channel
from tests.scenarios.server_process import ServerProcess
from tests.server.new_unlocks import new_unlock
from tests.writing import AT_S, shelf_begun, turn_as_json, write_report

EXAMPLES = 8  # legal and illegal ones by chance, for each route; those that cover every rule once come on top
COMMITTED = Path(document.__file__).with_name("openapi.json")
BYTES_32 = re.compile(str(base64url(32).pattern))


class DeskAtWork:
    """An expert with cases: one waits, two are held, one is closed."""

    def __init__(self, url: str, provider: Provider) -> None:
        self.url, self._provider = url, provider
        self.written = [write_report(provider.directory) for _ in range(4)]
        self._turns = cycle(self.written)
        self.envelope = self.written[1].chat("You did right.", 1, author=provider.lawyer.keys.sign).envelope
        asyncio.run(self._arrive())
        self.token = self.sign_in()
        for case, *errands in (
            (self.written[1], "claim"),
            (self.written[2], "claim"),
            (self.written[3], "claim", "close"),
        ):
            for errand in errands:
                self._post(f"/api/cases/{b64encode(case.id)}/places/1/{errand}", {})

    async def _arrive(self) -> None:
        for each in self.written:
            async with raw_channel(self.url) as channel:
                await channel.open(each.case, each.keys.auth)

    def sign_in(self) -> str:
        account = self._provider.lawyer
        challenge = self._post("/api/sign-in/start", {"name": account.name})["challenge"]
        proof = self._provider.login(account).sign(
            to_prove_sign_in(self._provider.instance, b64decode(challenge), account.name)
        )
        asked = {"challenge": challenge, "name": account.name, "proof": b64encode(proof)}
        return str(self._post("/api/sign-in/finish", asked)["token"])

    def puts_down(self) -> None:
        """All that is still held: one person holds no more than they can answer."""
        self.token = self.sign_in()
        for case in self.written:
            with suppress(HTTPError):
                self._post(f"/api/cases/{b64encode(case.id)}/places/1/release", {})

    def next_case(self) -> str:
        return b64encode(next(self._turns).id)

    @cached_property
    def founding(self) -> dict[str, object]:
        """Well made, by somebody who has no founding link."""
        made = Invitation.drawn(self._provider.instance)
        applied = make_application(made, "the.first", "a long password").application
        directory = b64encode(self._provider.bundle.directory)
        return {"directory": directory, "wraps": [], "application": b64encode(applied.encode())}

    def room_beside(self, case: str) -> dict[str, object]:
        beside = CaseId(b64decode(case, 32) if BYTES_32.fullmatch(case) else bytes(32))
        sign = self._provider.lawyer.keys.sign
        room = make_room(sign, self._provider.directory, beside, RoomKind.NOTES, [LAWYER])
        first = seal(
            Chat(AT_S, "They know of it at school."), room.key, sign,
            instance=self._provider.instance, case=room.room, directory_version=1, generation=FIRST, counter=1,
        )  # fmt: skip
        return {
            "kind": "notes",
            "roster": b64encode(room.roster.encode()),
            "wraps": [b64encode(wrap.encode()) for wrap in room.wraps],
            "envelope": b64encode(first.envelope),
        }

    def same_unlock(self) -> dict[str, str]:
        """The same password once more: others sign in with it on this server."""
        account, unlocked = self._provider.lawyer, self._provider.unlocked[self._provider.lawyer.id]
        blob = seal_key_blob(account.keys, unlocked, self._provider.instance, account.id)
        unlock = Unlock(account.id, account.salt, M_KIB, PASSES, LANES, unlocked.login.public, blob)
        challenge = self._post("/api/unlock/start", {})["challenge"]
        return new_unlock(self._provider, account, challenge, login=unlocked.login, unlock=unlock)

    def turn_of(self, case: str) -> dict[str, object]:
        written = next((each for each in self.written if b64encode(each.id) == case), self.written[1])
        return turn_as_json(written.turn(self._provider.lawyer.keys.sign))

    @cached_property
    def shelf(self) -> dict[str, object]:
        room, first = shelf_begun(self._provider.directory, LAWYER, self._provider.lawyer.keys.sign)
        served = {"roster": room.roster.encode(), "wrap": room.wraps[0].encode(), "envelope": first}
        return {"after": 0} | {name: b64encode(value) for name, value in served.items()}

    def _post(self, path: str, body: dict[str, str]) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if hasattr(self, "token") else {}
        request = Request(self.url + path, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 - loopback
        with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            return json.load(answer)


@pytest.fixture
def desk(shared_server: ServerProcess, provider: Provider) -> Iterator[DeskAtWork]:
    before = shared_server.stderr.count("internal-error")
    desk = DeskAtWork(shared_server.url, provider)
    yield desk
    desk.puts_down()
    assert shared_server.stderr.count("internal-error") == before, shared_server.stderr


schema = schemathesis.openapi.from_path(COMMITTED)
# What is said on a WebSocket is not HTTP: the hostile channel and the fuzzers ask there.
schema = schema.exclude(path_regex="^/(channel|feed)$")
# A body that is too long is refused as such, whatever else is wrong with the question.
schema.config.checks.negative_data_rejection.expected_statuses.append("413")


def is_legal(case: schemathesis.Case, location: ParameterLocation) -> bool:
    """Whether this part of the question was made to keep to the document."""
    part = case.meta.components.get(location) if case.meta else None
    return part is not None and part.mode is GenerationMode.POSITIVE


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_of_the_api_is_in_its_document(case: schemathesis.Case, desk: DeskAtWork) -> None:
    asked = case.path_parameters or {}
    if BYTES_32.fullmatch(str(asked.get("case"))):
        asked["case"] = desk.next_case()
    if isinstance(asked.get("queue"), int) and 1 <= asked["queue"] <= 65_535:
        asked["queue"] = 1 + asked["queue"] % 2
    if case.method == "PUT" and is_legal(case, ParameterLocation.BODY):
        case.body = desk.envelope
    if case.query and is_legal(case, ParameterLocation.QUERY):
        case.query.pop("entry", None)  # bytes of the right length are not signed by anybody
    if case.path == "/api/founding" and is_legal(case, ParameterLocation.BODY):
        case.body = desk.founding
    if case.path.endswith("/rooms") and is_legal(case, ParameterLocation.BODY):
        case.body = desk.room_beside(str(asked.get("case")))
    if case.path.endswith("/turn/{queue}") and is_legal(case, ParameterLocation.BODY):
        case.body = desk.turn_of(str(asked.get("case")))
    if case.path.endswith("/shelf") and is_legal(case, ParameterLocation.BODY):
        case.body = desk.shelf
    if case.path.endswith("/snooze") and is_legal(case, ParameterLocation.BODY):
        case.body = {"snooze": {"seq": 1, "until": int(time.time()) + 3_600}}
    if case.path == "/api/unlock" and is_legal(case, ParameterLocation.BODY):
        case.body = desk.same_unlock()
    if case.path.endswith("/give") and is_legal(case, ParameterLocation.BODY):
        case.body = {"request": b64encode(bytes(32)), "shares": []}  # a schema's integers may have a decimal point
    token = desk.sign_in() if case.path == "/api/sign-out" else desk.token
    # schemathesis itself asks once more without a token, and with a wrong one.
    case.call_and_validate(base_url=desk.url, headers={"Authorization": f"Bearer {token}"})
