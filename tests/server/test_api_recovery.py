"""Recovery shares over the wire: what the server refuses, who hears of it, and what nobody but the asker is given."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from lyhty_crypto.recovery import combine_shares, give_share, open_given, open_share, sign_request, split_seed
from lyhty_wire.directories import Directory
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Epoch, QueueId
from lyhty_wire.recovery import RecoveryRequest, Split
from tests.patience import PATIENCE_S
from tests.provider import Account, Provider, make_account, make_provider
from tests.server.api_server import Answer, ApiServer, api_server

FIRST = Epoch(1)


@dataclass(frozen=True)
class Service:
    """Three coordinators, none of them a psychologist; one psychologist; one lawyer."""

    api: ApiServer
    first: Account
    second: Account
    third: Account
    psychologist: Account
    lawyer: Account

    @property
    def directory(self) -> Directory:
        return self.api.provider.directory

    def split(self, by: Account, queue: QueueId = PSYCHOLOGIST, **changes: Any) -> tuple[Split, tuple[str, ...]]:
        seed = self.api.provider.seeds[queue, FIRST].seed
        split, wraps = split_seed(seed, queue, FIRST, self.directory, by.keys.sign, self.api.clock())
        changed = replace(split, **changes)
        split = replace(changed, signature=by.keys.sign.sign(changed.to_sign()))
        return split, tuple(b64encode(wrap.encode()) for wrap in wraps)

    async def brings(self, by: Account, split: Split, shares: tuple[str, ...], queue: QueueId = PSYCHOLOGIST) -> Answer:
        body = {"split": b64encode(split.encode()), "shares": list(shares)}
        token = await self.api.sign_in(by)
        return await self.api.ask("PUT", f"/api/recovery/{queue}/split", json=body, token=token)

    def request(self, by: Account, queue: QueueId = PSYCHOLOGIST) -> RecoveryRequest:
        return sign_request(self.api.provider.instance, queue, by.id, self.api.clock(), by.keys.sign)

    async def asks(self, by: Account, request: RecoveryRequest) -> Answer:
        body = {"request": b64encode(request.encode())}
        return await self.api.post("/api/recovery/2/ask", body, await self.api.sign_in(by))

    async def stops(self, by: Account, request: RecoveryRequest) -> Answer:
        body = {"request": b64encode(request.digest())}
        return await self.api.post("/api/recovery/2/stop", body, await self.api.sign_in(by))

    async def reads(self, who: Account) -> Any:
        return (await self.api.get("/api/recovery", await self.api.sign_in(who))).json

    async def gives(self, who: Account, request: RecoveryRequest, wrap: bytes | None = None) -> Answer:
        [kept] = (await self.reads(who))["splits"]
        if wrap is None:
            split = Split.decode(b64decode(kept["split"]))
            asker = self.directory.expert(request.asker)
            assert asker is not None
            wrap = give_share(split, b64decode(kept["share"]), who.keys.kem, request, asker).encode()
        shares = [{"epoch": FIRST, "wrap": b64encode(wrap)}]
        body = {"request": b64encode(request.digest()), "shares": shares}
        return await self.api.post("/api/recovery/2/give", body, await self.api.sign_in(who))


@pytest.fixture(scope="module")
def people(provider: Provider) -> Provider:
    made = tuple(make_account(f"c{n}", f"Coordinator {n}", (LAWYER,), coordinator=True) for n in range(3))
    others = make_account("psy", "Psychologist", (PSYCHOLOGIST,)), make_account("law", "Lawyer", (LAWYER,))
    return make_provider(provider.directory_body.issued, (*made, *others))


@pytest.fixture
async def service(people: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    async with api_server(people, tmp_path, monkeypatch) as api:
        yield Service(api, *people.accounts)


@pytest.fixture
async def split(service: Service) -> Split:
    split, shares = service.split(service.psychologist)
    assert (await service.brings(service.psychologist, split, shares)).status == 200
    return split


async def test_each_coordinator_gets_the_own_share_and_everybody_sees_who_holds_one(
    service: Service, split: Split
) -> None:
    got = []
    for who in (service.first, service.second, service.third):
        [kept] = (await service.reads(who))["splits"]
        assert (kept["queue"], kept["epoch"], kept["used"], kept["givers"]) == (PSYCHOLOGIST, 1, False, [])
        got.append((split.position(who.id), open_share(split, b64decode(kept["share"]), who.keys.kem)))
    seed = service.api.provider.seeds[PSYCHOLOGIST, FIRST].seed
    assert combine_shares(dict(got[:2])) == combine_shares(dict(got[1:])) == seed  # type: ignore[arg-type]
    [kept] = (await service.reads(service.lawyer))["splits"]
    assert kept["share"] is None
    assert Split.decode(b64decode(kept["split"])).experts == split.experts


async def test_a_split_with_a_foreign_signature_holder_or_share_is_refused(service: Service) -> None:
    honest, shares = service.split(service.psychologist)
    by_another, _ = service.split(service.first)
    fewer, _ = service.split(service.psychologist, holders=honest.holders[:2])
    other_instance, _ = service.split(service.psychologist, instance=b"i" * 32)
    unlisted, _ = service.split(service.psychologist, epoch=Epoch(9))
    older, _ = service.split(service.psychologist, directory_version=9)
    unsigned = Split.decode(honest.encode()[:-64] + bytes(64))
    for name, offered, wraps, code in (
        ("another's signature", by_another, shares, (400, "operation-malformed")),
        ("fewer holders than coordinators", fewer, shares[:2], (400, "operation-malformed")),
        ("another instance", other_instance, shares, (403, "signature-invalid")),
        ("an epoch that is not listed", unlisted, shares, (403, "signature-invalid")),
        ("another directory", older, shares, (409, "directory-outdated")),
        ("no signature", unsigned, shares, (403, "signature-invalid")),
        ("shares in another order", honest, shares[::-1], (400, "envelope-malformed")),
        ("a share too few", honest, shares[:2], (400, "envelope-malformed")),
    ):
        assert (await service.brings(service.psychologist, offered, wraps)).code == code, name
    assert (await service.reads(service.first))["splits"] == []


async def test_a_split_is_brought_to_its_own_queue_only(service: Service) -> None:
    split, shares = service.split(service.first, LAWYER)
    assert (await service.brings(service.first, split, shares, PSYCHOLOGIST)).code == (400, "operation-malformed")
    split, shares = service.split(service.lawyer)
    assert (await service.brings(service.lawyer, split, shares)).code == (404, "queue-unknown")


async def test_a_request_in_anothers_name_or_by_a_forger_is_refused(service: Service) -> None:
    honest = service.request(service.first)
    forged = RecoveryRequest.decode(honest.encode()[:-64] + bytes(64))
    for_lawyers = service.request(service.first, LAWYER)
    assert (await service.asks(service.second, honest)).code == (400, "operation-malformed")
    assert (await service.asks(service.first, forged)).code == (403, "signature-invalid")
    assert (await service.asks(service.first, for_lawyers)).code == (400, "operation-malformed")
    assert (await service.asks(service.psychologist, service.request(service.psychologist))).code == (
        403,
        "not-coordinator",
    )
    assert (await service.reads(service.first))["requests"] == []


async def test_every_desk_hears_that_somebody_asks_and_that_somebody_has_stopped_it(
    service: Service, split: Split
) -> None:
    request = service.request(service.first)
    async with service.api.feed(await service.api.sign_in(service.lawyer)) as feed:
        assert (await service.asks(service.first, request)).status == 200
        assert await feed.receive_json(timeout=PATIENCE_S) == {"type": "recovery", "queue": 2}
        [told] = (await service.reads(service.lawyer))["requests"]
        assert (b64decode(told["request"]), told["ended_by"]) == (request.encode(), None)
        assert (await service.stops(service.lawyer, request)).status == 200
        assert await feed.receive_json(timeout=PATIENCE_S) == {"type": "recovery", "queue": 2}
    [told] = (await service.reads(service.psychologist))["requests"]
    assert told["ended_by"] == b64encode(service.lawyer.id)


async def test_given_shares_are_for_the_asker_alone_and_enough_of_them_open_the_queue(
    service: Service, split: Split
) -> None:
    request = service.request(service.first)
    await service.asks(service.first, request)
    for giver in (service.second, service.third):
        assert (await service.gives(giver, request)).status == 200
    for other in (service.second, service.psychologist, service.lawyer):
        [kept] = (await service.reads(other))["splits"]
        assert kept["given"] == []
        assert sorted(kept["givers"]) == sorted(b64encode(one.id) for one in (service.second, service.third))
    [kept] = (await service.reads(service.first))["splits"]
    opened = {
        split.experts.index(b64decode(each["expert"])) + 1: open_given(
            split, b64decode(each["wrap"]), service.first.keys.kem, request
        )
        for each in kept["given"]
    }
    assert combine_shares(opened) == service.api.provider.seeds[PSYCHOLOGIST, FIRST].seed
    await service.stops(service.first, request)
    [kept] = (await service.reads(service.first))["splits"]
    assert (kept["given"], kept["givers"], kept["used"]) == ([], [], True)


async def test_what_is_not_the_givers_share_is_refused(service: Service, split: Split) -> None:
    request = service.request(service.first)
    await service.asks(service.first, request)
    asker = service.directory.expert(service.first.id)
    assert asker is not None
    [kept] = (await service.reads(service.third))["splits"]
    anothers = give_share(split, b64decode(kept["share"]), service.third.keys.kem, request, asker).encode()
    assert (await service.gives(service.second, request, anothers)).code == (400, "envelope-malformed")
    assert (await service.gives(service.second, request, b64decode(kept["share"]))).code == (400, "envelope-malformed")
    assert (await service.gives(service.second, replace(request, at=request.at + 1))).code == (404, "recovery-unknown")
    [kept] = (await service.reads(service.first))["splits"]
    assert kept["givers"] == []
