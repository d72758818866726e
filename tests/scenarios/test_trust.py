"""What a client refuses to believe. Nothing is sent then, and the person is told which thing is wrong."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lyhty_client.errors import UntrustedError
from lyhty_client.happenings import ClockOff
from lyhty_crypto.keys import SigningKey
from lyhty_wire.encoding import b64encode, canonical_json
from tests.provider import DAY_S, Provider, make_provider
from tests.scenarios.actors import now, reporter
from tests.scenarios.server_process import ServerProcess


@pytest.fixture
def stranger(provider: Provider) -> Provider:
    """Somebody else's provider, with the same names."""
    return make_provider(provider.directory_body.issued)


async def test_a_site_that_is_not_the_posters_is_refused(server: ServerProcess, stranger: Provider) -> None:
    with pytest.raises(UntrustedError) as refusal:
        async with reporter(server.url, anchor=stranger.instance):
            pass
    assert refusal.value.code == "directory-forged"


async def test_a_poster_and_a_site_that_differ_are_told_apart_before_a_channel_opens(
    server: ServerProcess, stranger: Provider
) -> None:
    with pytest.raises(UntrustedError) as refusal:
        async with reporter(f"{server.url}/#a={b64encode(stranger.instance)}"):
            pass
    assert refusal.value.code == "anchor-mismatch"


async def test_the_posters_anchor_is_enough(server: ServerProcess, provider: Provider) -> None:
    async with reporter(f"{server.url}/#a={b64encode(provider.instance)}") as pupil:
        await pupil.tells("They shared a picture of me.")


async def test_a_clock_that_is_an_hour_off_is_mentioned_and_stops_nobody(server: ServerProcess) -> None:
    async with reporter(server.url, clock=lambda: now() + 3600) as pupil:
        await pupil.tells("They shared a picture of me.")
    (remark,) = [each for each in pupil.happened if isinstance(each, ClockOff)]
    assert -3660 <= remark.seconds <= -3540


async def test_a_clock_that_is_right_is_not_mentioned(server: ServerProcess) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("They shared a picture of me.")
    assert not [each for each in pupil.happened if isinstance(each, ClockOff)]


@pytest.mark.parametrize(
    ("clock", "code"),
    [(lambda: now() + 15 * DAY_S, "directory-expired"), (lambda: now() - 2 * DAY_S, "clock-off")],
    ids=["a directory that has expired", "a directory of the day after tomorrow"],
)
async def test_a_directory_of_another_time_is_refused(
    server: ServerProcess, clock: Callable[[], int], code: str
) -> None:
    with pytest.raises(UntrustedError) as refusal:
        async with reporter(server.url, clock=clock):
            pass
    assert refusal.value.code == code


async def test_an_expired_directory_is_refused_also_by_a_right_clock(
    own_server: Callable[..., ServerProcess], provider: Provider
) -> None:
    server = own_server()
    server.stop()
    old = int(time.time()) - 15 * DAY_S
    provider.reissued(issued=old, expires=old + 14 * DAY_S).write_provision(server.data)
    server.restart()
    with pytest.raises(UntrustedError) as refusal:
        async with reporter(server.url):
            pass
    assert refusal.value.code == "directory-expired"


async def test_a_renewed_directory_is_served_after_a_restart(
    own_server: Callable[..., ServerProcess], provider: Provider
) -> None:
    server = own_server()
    server.stop()
    provider.reissued().write_provision(server.data)
    server.restart()
    async with reporter(server.url) as pupil:
        assert pupil.session.directory is not None
        assert pupil.session.directory.version == 2


async def test_a_server_does_not_start_on_a_directory_signed_by_somebody_else(
    own_server: Callable[..., ServerProcess], provider: Provider
) -> None:
    server = own_server()
    server.stop()
    forged = replace(provider, directory_key=SigningKey(bytes(range(32)))).reissued()
    forged.write_provision(server.data)
    assert _why_it_did_not_start(server) == (
        "lyhty-server: provision.json does not verify: directory-forged: not signed by exactly one directory key"
    )


async def test_a_server_does_not_start_on_the_anchor_of_another(
    own_server: Callable[..., ServerProcess], stranger: Provider
) -> None:
    server = own_server()
    server.stop()
    (server.data / "anchor.json").write_bytes(canonical_json({"instance": b64encode(stranger.instance)}))
    assert "directory-forged" in _why_it_did_not_start(server)


def _why_it_did_not_start(server: ServerProcess) -> str:
    from tests.scenarios.server_process import ServerDidNotStartError

    before = len(server.stderr)
    with pytest.raises(ServerDidNotStartError):
        server.restart()
    lines = server.stderr[before:].splitlines()
    assert len(lines) == 1, lines  # a sentence, no traceback
    assert Path(server.data).exists()
    return lines[0]
