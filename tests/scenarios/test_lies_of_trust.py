"""Lies of a malicious server about whom to trust: every one is refused, and no byte of content leaves.

The Python client, reporter and expert, against a real server behind `LyingServer`. What is checked to be 0 is counted
on the wire by the liar itself: `LyingServer.content_bytes`. To people in a browser: tests/browser/test_lies.py.
"""

from dataclasses import replace

import pytest

from lyhty_client.correspondence import MAX_TRIES
from lyhty_client.errors import ClientError, UntrustedError
from lyhty_client.happenings import Stopped
from lyhty_crypto.documents import sign_directory
from lyhty_wire.codes import Code
from lyhty_wire.directories import TrustBundle
from lyhty_wire.encoding import b64encode, canonical_json
from lyhty_wire.errors import WireError
from lyhty_wire.ids import CaseId
from lyhty_wire.records import DownRecord, Event, Hello, Operation
from tests.provider import Provider, make_provider
from tests.scenarios.actors import expert, now, reporter
from tests.scenarios.lies_of_trust import TRUST_LIES, TrustLie, is_sealed_to_the_server, withdraw_directory_key
from tests.scenarios.lying_server import LyingServer

SECRET = "Nobody else may read this."


def greets_with(liar: LyingServer, version: int) -> None:
    """The next HELLO names another directory version."""

    def greet(record: DownRecord) -> list[DownRecord]:
        hello = Hello.decode(record.body)
        changed = Hello(hello.nonce, hello.server_time, hello.slot_ms, version, hello.terms)
        return [DownRecord.event(Event.HELLO, changed.encode())]

    liar.says(Event.HELLO, greet)


@pytest.mark.parametrize("lie", TRUST_LIES, ids=str)
async def test_a_reporter_is_told_and_sends_nothing(liar: LyingServer, provider: Provider, lie: TrustLie) -> None:
    liar.results(Operation.TRUST, lambda _body: lie.bundle(provider).encode())
    async with reporter(liar.url, anchor=provider.instance, trusting=False) as pupil:
        with pytest.raises(UntrustedError) as refusal:
            await pupil.channel.trusted()
        with pytest.raises(UntrustedError):
            await pupil.tells(SECRET)
    assert refusal.value.code == lie.code
    assert liar.content_bytes == 0
    assert {record.operation for record in liar.operations} == {Operation.TRUST}


@pytest.mark.parametrize("lie", TRUST_LIES, ids=str)
async def test_an_expert_is_told_and_not_even_a_name_leaves(
    liar: LyingServer, provider: Provider, lie: TrustLie
) -> None:
    liar.answers("GET", "/api/trust", lambda _body: lie.bundle(provider).encode())
    with pytest.raises(WireError) as refusal:
        async with expert(liar.url, provider, provider.lawyer):
            pass
    assert refusal.value.code == lie.code
    assert [asked.path for asked in liar.asked] == ["/api/trust"]


@pytest.mark.parametrize("lie", TRUST_LIES, ids=str)
async def test_a_reporter_whose_page_is_open_is_told_when_the_lie_comes_as_a_renewal(
    liar: LyingServer, provider: Provider, lie: TrustLie
) -> None:
    async with reporter(liar.url, anchor=provider.instance) as pupil:
        await pupil.tells("Hello.")
        sent = liar.content_bytes
        liar.results(Operation.TRUST, lambda _body: lie.bundle(provider).encode())
        greets_with(liar, version=9)
        await liar.breaks_every_line()
        await pupil.is_stopped()
        with pytest.raises(ClientError):
            await pupil.writes(SECRET)
    assert [each.code for each in pupil.happened if isinstance(each, Stopped)] == [lie.code]
    assert liar.content_bytes == sent


async def test_a_server_that_goes_back_to_an_older_directory_is_left(liar: LyingServer, provider: Provider) -> None:
    liar.results(Operation.TRUST, lambda _body: provider.reissued().bundle.encode())
    async with reporter(liar.url, anchor=provider.instance) as pupil:
        liar.results(Operation.TRUST, lambda _body: provider.bundle.encode())
        greets_with(liar, version=3)  # or it would not be asked for
        await liar.breaks_every_line()
        await pupil.is_stopped()
        with pytest.raises(UntrustedError, match="directory-expired"):
            await pupil.tells(SECRET)
    assert liar.content_bytes == 0


async def test_a_server_that_greets_with_an_older_version_than_before_is_left(
    liar: LyingServer, provider: Provider
) -> None:
    liar.results(Operation.TRUST, lambda _body: provider.reissued().bundle.encode())
    async with reporter(liar.url, anchor=provider.instance) as pupil:
        await liar.breaks_every_line()  # the real server greets with 1
        await pupil.is_stopped()
        with pytest.raises(UntrustedError, match="directory-expired"):
            await pupil.tells(SECRET)
    assert liar.content_bytes == 0


async def test_a_server_that_goes_back_to_the_root_before_a_key_was_withdrawn_is_left(
    liar: LyingServer, provider: Provider
) -> None:
    """The key was withdrawn because it was stolen: with it, and without the second root, anything could be signed."""
    rotated = withdraw_directory_key(provider)
    stolen = replace(provider.directory_body, version=7)
    liar.results(Operation.TRUST, lambda _body: rotated.bundle.encode())
    async with reporter(liar.url, anchor=provider.instance) as pupil:
        forged = TrustBundle((provider.root,), sign_directory(stolen, provider.directory_key))
        liar.results(Operation.TRUST, lambda _body: forged.encode())
        greets_with(liar, version=7)
        await liar.breaks_every_line()
        await pupil.is_stopped()
        with pytest.raises(UntrustedError):
            await pupil.tells(SECRET)
    assert liar.content_bytes == 0


async def test_an_expert_at_a_desk_is_not_led_back_to_the_root_before_a_key_was_withdrawn_either(
    liar: LyingServer, provider: Provider
) -> None:
    rotated = withdraw_directory_key(provider)
    stolen = replace(provider.directory_body, version=7)
    forged = TrustBundle((provider.root,), sign_directory(stolen, provider.directory_key))
    told = [rotated.bundle]
    liar.answers("GET", "/api/trust", lambda _body: told[-1].encode())
    async with expert(liar.url, provider, provider.lawyer, listening=False) as lawyer:
        told.append(forged)
        with pytest.raises(WireError, match="directory-expired"):
            await lawyer.finds(CaseId(bytes(32)))
        assert lawyer.desk.expertise.directory.root.body.version == 2
    assert liar.content_bytes == 0


async def test_a_server_with_another_anchor_than_the_poster_is_left_before_a_channel_opens(
    liar: LyingServer, provider: Provider
) -> None:
    stranger = make_provider(now())
    liar.answers("GET", "/anchor.json", lambda _body: canonical_json({"instance": b64encode(stranger.instance)}))
    with pytest.raises(UntrustedError, match="anchor-mismatch"):
        async with reporter(f"{liar.url}/#a={b64encode(provider.instance)}"):
            pass
    assert liar.operations == []


@pytest.mark.parametrize("body", [b"", b"\x01", b"\xff" * 400], ids=["nothing", "a count", "noise"])
async def test_a_bundle_that_cannot_be_read_is_refused(liar: LyingServer, provider: Provider, body: bytes) -> None:
    liar.results(Operation.TRUST, lambda _body: body)
    async with reporter(liar.url, anchor=provider.instance, trusting=False) as pupil:
        with pytest.raises(UntrustedError, match="directory-forged"):
            await pupil.channel.trusted()
    assert liar.content_bytes == 0


async def test_a_server_that_calls_the_keys_stale_and_hands_out_its_own_gets_no_report(
    liar: LyingServer, provider: Provider
) -> None:
    """Provoked to seal anew, the client asks for a directory, finds the lie and stops."""
    forged = next(lie for lie in TRUST_LIES if "new epoch" in lie.name)
    async with reporter(liar.url, anchor=provider.instance) as pupil:
        await pupil.tells("Hello.")
        sent = liar.content_bytes
        liar.results(Operation.TRUST, lambda _body: forged.bundle(provider).encode())
        liar.refuses(Operation.PUT, Code.EPOCH_STALE)
        with pytest.raises(ClientError, match="directory-forged"):
            await pupil.writes(SECRET)
    puts = [record.body for record in liar.operations if record.operation is Operation.PUT]
    assert (len(puts), liar.count(Operation.TURN)) == (1, 0)
    # The one message that left before the lie was told is sealed under the case key: to nobody new.
    assert liar.content_bytes - sent == len(puts[0]) + 18
    assert not is_sealed_to_the_server(b"".join(puts))


async def test_a_server_that_calls_current_keys_stale_gets_them_wrapped_to_the_same_readers_and_no_others(
    liar: LyingServer, provider: Provider
) -> None:
    async with reporter(liar.url, anchor=provider.instance) as pupil:
        await pupil.tells("Hello.")
        liar.refuses(Operation.PUT, Code.EPOCH_STALE, times=1)
        await pupil.writes(SECRET)
    (turn,) = [record for record in liar.operations if record.operation is Operation.TURN]
    assert not is_sealed_to_the_server(turn.body)


async def test_a_server_that_asks_for_a_new_directory_again_and_again_is_not_obeyed_for_ever(
    liar: LyingServer, provider: Provider
) -> None:
    async with reporter(liar.url, anchor=provider.instance) as pupil:
        await pupil.tells("Hello.")
        liar.refuses(Operation.PUT, Code.EPOCH_STALE)
        with pytest.raises(ClientError, match="epoch-stale"):
            await pupil.writes(SECRET)
    assert liar.count(Operation.TURN) == MAX_TRIES - 1
