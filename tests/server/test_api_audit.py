"""The audit log over the wire: what an act must carry, and who may read the log (SPEC 9.10)."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lyhty_client.coordinator import renew
from lyhty_crypto.audit import AuditLog, Author, Authors, BrokenLogError, OwnChain
from lyhty_crypto.keys import SigningKey
from lyhty_wire.audit import Entry, Kind, log_head
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import NO_HEAD, ExpertId, InstanceId, digest
from tests.provider import Account
from tests.server.api_server import Answer, ApiServer
from tests.server.test_api_keys import expertise
from tests.writing import Written, write_report


@dataclass(frozen=True)
class Desk:
    """An expert, signed in."""

    api: ApiServer
    account: Account
    token: str

    @classmethod
    async def of(cls, api: ApiServer, account: Account) -> "Desk":
        return cls(api, account, await api.sign_in(account))

    async def entry(self, kind: Kind, subject: bytes, *, version: int = 1, length: int = 0) -> Entry:
        author = Author(self.api.provider.instance, self.account.id, self.account.keys.sign, version)
        own = await self.api.own_chain(self.token)
        return author.entry(own, kind, subject, self.api.clock.now_s, length=length)

    async def put(self, written: Written, envelope: bytes, entry: bytes | None) -> Answer:
        query = "" if entry is None else f"?entry={b64encode(entry)}"
        path = f"/api/cases/{b64encode(written.id)}/envelopes{query}"
        return await self.api.ask("PUT", path, token=self.token, data=envelope)

    async def log(self) -> Any:
        return (await self.api.get("/api/audit", self.token)).json


async def claimed(api: ApiServer) -> tuple[Written, Desk]:
    """By the lawyer."""
    written, lawyer = await api.receive(write_report(api.provider.directory)), await Desk.of(api, api.provider.lawyer)
    await api.post(f"/api/cases/{b64encode(written.id)}/places/1/claim", token=lawyer.token)
    return written, lawyer


def opening(written: Written, desk: Desk, counter: int = 1) -> bytes:
    """The server cannot tell one from any other message."""
    return written.chat("x", counter, author=desk.account.keys.sign).envelope


async def test_an_opening_comes_with_its_entry_and_coordinators_see_it(api: ApiServer) -> None:
    written, lawyer = await claimed(api)
    envelope = opening(written, lawyer)
    entry = await lawyer.entry(Kind.OPENING, digest(envelope))
    assert (await lawyer.put(written, envelope, entry.encode())).json == {"seq": 2}
    coordinator = await Desk.of(api, api.provider.coordinator)
    assert await coordinator.log() == {"entries": [b64encode(entry.encode())], "more": False}


async def test_the_log_is_not_shown_to_other_experts(api: ApiServer) -> None:
    lawyer = await Desk.of(api, api.provider.lawyer)
    assert (await api.get("/api/audit", lawyer.token)).code == (403, "not-coordinator")


async def test_the_same_bytes_again_are_answered_as_before(api: ApiServer) -> None:
    written, lawyer = await claimed(api)
    envelope = opening(written, lawyer)
    entry = (await lawyer.entry(Kind.OPENING, digest(envelope))).encode()
    assert [(await lawyer.put(written, envelope, entry)).json for _ in range(2)] == [{"seq": 2}, {"seq": 2}]
    assert len((await api.store.audit_page(0, 10)).entries) == 1


def by(desk: Desk, **changes: Any) -> Author:
    author = Author(desk.api.provider.instance, desk.account.id, desk.account.keys.sign, 1)
    return replace(author, **changes)


LIES = {
    "of another instance": {"instance": InstanceId(bytes(32))},
    "by somebody else": {"expert": ExpertId(bytes(16))},
    "under a directory that is still to come": {"directory_version": 2},
}


@pytest.mark.parametrize("lie", LIES)
async def test_an_entry_that_is_not_ones_own_stores_nothing(api: ApiServer, lie: str) -> None:
    written, lawyer = await claimed(api)
    envelope = opening(written, lawyer)
    made = by(lawyer, **LIES[lie]).entry(OwnChain(), Kind.OPENING, digest(envelope), api.clock.now_s)
    assert (await lawyer.put(written, envelope, made.encode())).code == (400, "operation-malformed")
    await nothing_is_stored(api, written)


async def test_an_entry_that_another_key_signed_stores_nothing(api: ApiServer) -> None:
    written, lawyer = await claimed(api)
    envelope = opening(written, lawyer)
    forger = by(lawyer, sign=SigningKey(bytes(32)))
    made = forger.entry(OwnChain(), Kind.OPENING, digest(envelope), api.clock.now_s)
    assert (await lawyer.put(written, envelope, made.encode())).code == (403, "signature-invalid")
    await nothing_is_stored(api, written)


@pytest.mark.parametrize("kind", [Kind.EXPORT, Kind.KEY_ACT, Kind.WITNESS])
async def test_an_opening_takes_no_entry_of_another_kind(api: ApiServer, kind: Kind) -> None:
    written, lawyer = await claimed(api)
    envelope = opening(written, lawyer)
    made = await lawyer.entry(kind, digest(envelope))
    assert (await lawyer.put(written, envelope, made.encode())).code == (400, "operation-malformed")
    await nothing_is_stored(api, written)


async def test_an_entry_of_another_envelope_stores_nothing(api: ApiServer) -> None:
    written, lawyer = await claimed(api)
    made = await lawyer.entry(Kind.OPENING, digest(b"another"))
    answer = await lawyer.put(written, opening(written, lawyer), made.encode())
    assert answer.code == (400, "operation-malformed")
    await nothing_is_stored(api, written)


async def test_where_another_device_was_faster_nothing_is_stored(api: ApiServer) -> None:
    written, lawyer = await claimed(api)
    first, second = opening(written, lawyer), opening(written, lawyer, 2)
    slower = await lawyer.entry(Kind.OPENING, digest(second))
    await lawyer.put(written, first, (await lawyer.entry(Kind.OPENING, digest(first))).encode())
    assert (await lawyer.put(written, second, slower.encode())).code == (409, "counter-conflict")
    anew = await lawyer.entry(Kind.OPENING, digest(second))
    assert (await lawyer.put(written, second, anew.encode())).json == {"seq": 3}


async def nothing_is_stored(api: ApiServer, written: Written) -> None:
    assert (await api.store.case_state(written.id)).last_seq == 1
    assert (await api.store.audit_page(0, 10)).entries == ()


async def test_a_key_act_is_refused_without_an_entry_of_its_own(api: ApiServer) -> None:
    coordinator = await Desk.of(api, api.provider.coordinator)
    act = msgspec.to_builtins(renew(await expertise(api, api.provider.coordinator), api.clock.now_s))
    directory = b64decode(act["directory"])
    others = (
        await coordinator.entry(Kind.KEY_ACT, digest(b"another directory"), version=2),
        await coordinator.entry(Kind.KEY_ACT, digest(directory), version=1),
        await coordinator.entry(Kind.OPENING, digest(directory), version=2),
    )
    for wrong in others:
        refused = await api.post("/api/directory", {**act, "entry": b64encode(wrong.encode())}, coordinator.token)
        assert refused.code == (400, "operation-malformed")
    without = {name: value for name, value in act.items() if name != "entry"}
    assert (await api.post("/api/directory", without, coordinator.token)).code == (400, "operation-malformed")
    assert (await api.post("/api/directory", act, coordinator.token)).json == {"version": 2}
    assert (await coordinator.log())["entries"] == [act["entry"]]


async def test_a_coordinator_witnesses_the_log_as_it_is_and_nothing_else(api: ApiServer) -> None:
    coordinator = await Desk.of(api, api.provider.coordinator)
    act = renew(await expertise(api, api.provider.coordinator), api.clock.now_s)
    await api.post("/api/directory", msgspec.to_builtins(act), coordinator.token)
    log = AuditLog(Authors.of(api.provider.directory))
    for entry in (await coordinator.log())["entries"]:
        log.add(b64decode(entry))
    point = log.point
    for kind, subject, length in (
        (Kind.WITNESS, NO_HEAD, 0),
        (Kind.WITNESS, point.head, 2),
        (Kind.OPENING, point.head, 0),
    ):
        made = await coordinator.entry(kind, subject, version=2, length=length)
        answer = await api.post("/api/audit", {"entry": b64encode(made.encode())}, coordinator.token)
        assert answer.code[1] == ("counter-conflict" if kind is Kind.WITNESS else "operation-malformed")
    made = await coordinator.entry(Kind.WITNESS, point.head, version=2, length=1)
    answer = await api.post("/api/audit", {"entry": b64encode(made.encode())}, coordinator.token)
    assert answer.json == {"seq": 2}


async def test_a_row_that_somebody_deletes_from_the_database_is_missed(api: ApiServer, tmp_path: Path) -> None:
    coordinator = await Desk.of(api, api.provider.coordinator)
    head = NO_HEAD
    for length in range(3):
        made = (await coordinator.entry(Kind.WITNESS, head, length=length)).encode()
        await api.post("/api/audit", {"entry": b64encode(made)}, coordinator.token)
        head = log_head(head, made)
    with closing(sqlite3.connect(tmp_path / "data" / "lyhty.db")) as database, database:
        database.execute("DELETE FROM audit WHERE seq = 2")
    log = AuditLog(Authors.of(api.provider.directory))
    first, second = (await coordinator.log())["entries"]
    log.add(b64decode(first))
    with pytest.raises(BrokenLogError, match="gap at entry 2"):
        log.add(b64decode(second))


async def test_after_an_erasure_nothing_in_the_log_leads_to_the_case(api: ApiServer) -> None:
    written, lawyer = await claimed(api)
    envelope = opening(written, lawyer)
    entry = (await lawyer.entry(Kind.OPENING, digest(envelope))).encode()
    await lawyer.put(written, envelope, entry)
    for secret in (written.id, written.keys.sign.public, written.keys.mailbox, envelope[:75]):
        assert secret not in entry
