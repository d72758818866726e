"""An expert makes new keys, and a coordinator's client lists them by itself (SPEC 2.3, 9.1, 9.7)."""

import asyncio
import getpass
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as with_other

from lyhty_client import departure
from lyhty_client.cli import main
from lyhty_client.coordinator import rotate, to_renew
from lyhty_client.desk import Desk
from lyhty_client.errors import RefusedError
from lyhty_client.expert import Credentials, ExpertDesk
from lyhty_client.own_password import change_password
from lyhty_client.trust import Site, fetch_directory
from lyhty_crypto.wrapping import unwrap_key
from lyhty_wire.desk import WaitingRenewal
from lyhty_wire.directories import Directory
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER
from lyhty_wire.renewals import Renewal
from lyhty_wire.wraps import Wrap
from tests.provider import Account, Provider
from tests.scenarios.actors import now, reporter
from tests.scenarios.server_process import ServerProcess

Servers = Callable[..., ServerProcess]
NEW = "quite another password"


@asynccontextmanager
async def desk_of(
    server: ServerProcess, provider: Provider, account: Account, password: str | None = None
) -> AsyncIterator[ExpertDesk]:
    directory = await fetch_directory(Site.parse(server.url), provider.instance, now())
    credentials = Credentials(account.name, password or account.password, account.device_secret)
    async with Desk(Site.parse(server.url)) as desk:
        yield await ExpertDesk.sign_in(desk, credentials, directory)


async def makes_new_keys(
    server: ServerProcess, provider: Provider, account: Account, *, password: str | None = None
) -> None:
    """Under a new password, or under the present one once more."""
    async with desk_of(server, provider, account) as desk:
        present = Credentials(account.name, account.password, account.device_secret)
        following = replace(present, password=password or account.password)
        await change_password(desk.desk, desk.expertise, present, following, with_new_keys=True, now_s=now())


async def listed(server: ServerProcess, provider: Provider) -> Directory:
    return await fetch_directory(Site.parse(server.url), provider.instance, now())


async def lists(server: ServerProcess, provider: Provider) -> Directory:
    """What a coordinator's client does when it signs in."""
    async with desk_of(server, provider, provider.coordinator) as desk:
        await departure.renew(desk)
    return await listed(server, provider)


def kem_of(directory: Directory, account: Account) -> bytes:
    found = directory.expert(account.id)
    assert found is not None
    return found.kem


async def test_new_keys_are_listed_when_a_coordinator_signs_in_and_their_expert_goes_on_with_them(
    own_server: Servers, provider: Provider
) -> None:
    server, lawyer = own_server(), provider.lawyer
    await makes_new_keys(server, provider, lawyer)
    before = await listed(server, provider)
    assert kem_of(before, lawyer) == lawyer.keys.kem.public
    after = await lists(server, provider)
    assert (after.version, kem_of(after, lawyer) == lawyer.keys.kem.public) == (before.version + 1, False)
    async with reporter(server.url) as pupil, desk_of(server, provider, lawyer) as desk:
        await pupil.tells("Told after the keys were renewed.")
        assert (desk.expertise.keys.sign.public, desk.expertise.keys.kem.public) == (
            lawyer.keys.sign.public,
            kem_of(after, lawyer),
        )
        await desk.chat(await desk.claim(pupil.case, LAWYER), "I am here.")
        await pupil.reads("I am here.")
    assert (await lists(server, provider)).version == after.version


async def test_until_they_are_listed_the_expert_works_with_the_old_ones(
    own_server: Servers, provider: Provider
) -> None:
    server, lawyer = own_server(), provider.lawyer
    await makes_new_keys(server, provider, lawyer, password=NEW)
    async with reporter(server.url) as pupil, desk_of(server, provider, lawyer, NEW) as desk:
        await pupil.tells("Told before the keys were renewed.")
        await desk.claim(pupil.case, LAWYER)
        assert desk.expertise.keys.kem.public == lawyer.keys.kem.public


async def test_a_case_that_was_claimed_before_is_read_on_with_the_new_keys(
    own_server: Servers, provider: Provider
) -> None:
    server, lawyer = own_server(), provider.lawyer
    async with reporter(server.url) as pupil:
        await pupil.tells("Told long before.")
        async with desk_of(server, provider, lawyer) as desk:
            await desk.chat(await desk.claim(pupil.case, LAWYER), "With the old keys.")
        await makes_new_keys(server, provider, lawyer)
        await lists(server, provider)
        async with desk_of(server, provider, lawyer) as desk:
            await desk.chat(await desk.read(pupil.case, LAWYER), "With the new keys.")
        await pupil.reads("With the new keys.")


async def test_the_session_with_the_old_keys_ends_and_the_old_private_half_opens_no_seed_of_the_account(
    own_server: Servers, provider: Provider
) -> None:
    server, lawyer = own_server(), provider.lawyer
    await makes_new_keys(server, provider, lawyer)
    async with desk_of(server, provider, lawyer) as old:
        await lists(server, provider)
        with pytest.raises(RefusedError, match="not-signed-in"):
            await old.desk.own_wraps()
    async with desk_of(server, provider, lawyer) as desk:
        for encoded in (await desk.desk.own_wraps()).queue_wraps:
            subject = lawyer.keys.sign.public
            with pytest.raises(Exception, match="wrap-tampered"):
                unwrap_key(
                    Wrap.decode(b64decode(encoded)), lawyer.keys.kem, instance=provider.instance, subject=subject
                )


async def test_a_coordinator_renews_their_own_keys_and_still_has_the_directory_key(
    own_server: Servers, provider: Provider
) -> None:
    server, coordinator = own_server(), provider.coordinator
    await makes_new_keys(server, provider, coordinator)
    async with desk_of(server, provider, coordinator) as desk:
        with pytest.raises(RefusedError, match="not-signed-in"):  # what was signed in with the old ones ends
            await departure.renew(desk)
    after = await listed(server, provider)
    assert kem_of(after, coordinator) != coordinator.keys.kem.public
    async with desk_of(server, provider, coordinator) as desk:
        assert desk.expertise.directory_key is not None


async def test_with_the_first_directory_of_a_month_new_keys_get_the_new_epochs_at_once(
    own_server: Servers, provider: Provider
) -> None:
    server, lawyer = own_server(), provider.lawyer
    await makes_new_keys(server, provider, lawyer)
    async with desk_of(server, provider, provider.coordinator) as desk:
        waiting = (await desk.desk.renewals()).renewals
        renewed = to_renew(desk.expertise.directory, waiting)
        await desk.desk.certify(rotate(desk.expertise, set(desk.expertise.queue_keys), now(), renewed=renewed))
    after = await listed(server, provider)
    assert kem_of(after, lawyer) != lawyer.keys.kem.public
    queue = after.queue(LAWYER)
    assert queue is not None
    async with desk_of(server, provider, lawyer) as desk:
        assert (LAWYER, queue.current.epoch) in desk.expertise.queue_keys


async def test_new_keys_that_waited_go_with_the_next_password(own_server: Servers, provider: Provider) -> None:
    """They were sealed under the one before: listed, they would lock their owner out."""
    server, lawyer = own_server(), provider.lawyer
    await makes_new_keys(server, provider, lawyer)
    async with desk_of(server, provider, lawyer) as desk:
        present = Credentials(lawyer.name, lawyer.password, lawyer.device_secret)
        await change_password(desk.desk, desk.expertise, present, replace(present, password=NEW))
    after = await lists(server, provider)
    assert kem_of(after, lawyer) == lawyer.keys.kem.public
    async with desk_of(server, provider, lawyer, NEW):
        pass


async def test_a_departure_in_between_leaves_nobody_locked_out(own_server: Servers, provider: Provider) -> None:
    server, lawyer = own_server(), provider.lawyer
    await makes_new_keys(server, provider, lawyer)
    async with desk_of(server, provider, provider.coordinator) as desk:
        await departure.depart(desk, provider.other_lawyer.id)
    after = await lists(server, provider)
    assert kem_of(after, lawyer) == lawyer.keys.kem.public
    async with desk_of(server, provider, lawyer) as desk:
        assert len(desk.expertise.queue_keys) == 2


async def test_a_coordinators_client_lists_no_keys_that_their_expert_has_not_signed(
    own_server: Servers, provider: Provider
) -> None:
    server, lawyer, other = own_server(), provider.lawyer, provider.other_lawyer
    await makes_new_keys(server, provider, lawyer)
    directory = await listed(server, provider)
    async with desk_of(server, provider, provider.coordinator) as desk:
        (waiting,) = (await desk.desk.renewals()).renewals
    renewal = Renewal.decode(b64decode(waiting.renewal))
    assert to_renew(directory, [waiting]) == {lawyer.id: renewal.kem}
    lies = (
        with_other(renewal, kem=other.keys.kem.public),
        with_other(renewal, signature=bytes(64)),
        with_other(renewal, expert_id=other.id),
        with_other(renewal, before=bytes(32)),
    )
    for lie in lies:
        for named in (lawyer, other):
            told = WaitingRenewal(b64encode(named.id), b64encode(lie.encode()))
            assert to_renew(directory, [told]) == {}


async def test_at_a_terminal_new_keys_are_made_under_the_same_password_and_listed_by_the_coordinators_renew(
    own_server: Servers, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, lawyer = own_server(), provider.lawyer
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: lawyer.password)

    async def runs(account: Account, *errand: str) -> int:
        file = tmp_path / account.name
        file.write_text(account.password)
        who = ["--name", account.name, "--device", account.device, "--password-file", str(file)]
        address = f"{server.url}/#a={b64encode(provider.instance)}"
        return await asyncio.to_thread(main, ["expert", errand[0], address, *who, *errand[1:]])

    assert await runs(lawyer, "password", "--new-keys") == 0
    assert await runs(provider.coordinator, "renew") == 0
    assert kem_of(await listed(server, provider), lawyer) != lawyer.keys.kem.public
    assert await runs(lawyer, "inbox") == 0
