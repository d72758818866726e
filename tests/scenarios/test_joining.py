"""Somebody joins the service: by a link, with keys that nobody else ever had, and pictures that two people compare."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from msgspec import structs

from lyhty_client.coordinator import admit, depart, invite, open_waiting
from lyhty_client.desk import Desk
from lyhty_client.errors import ClientError
from lyhty_client.expert import Credentials, ExpertDesk
from lyhty_client.joining import Applied, make_application, read_offer
from lyhty_client.trust import Site, fetch_directory
from lyhty_crypto.invitations import Invitation
from lyhty_wire.directories import Directory
from lyhty_wire.encoding import b64encode
from lyhty_wire.errors import WireError
from lyhty_wire.ids import LAWYER
from lyhty_wire.invitations import Offer, introduction
from tests.provider import Provider
from tests.scenarios.actors import Expert, expert, now, reporter
from tests.scenarios.server_process import ServerProcess

PASSWORD = "a long password of the new one"
OFFER = Offer("New lawyer", (LAWYER,), ("fi", "sv"), coordinator=False)
Servers = Callable[..., ServerProcess]


async def directory_of(url: str, provider: Provider) -> Directory:
    return await fetch_directory(Site.parse(url), provider.instance, now())


async def applies(url: str, invitation: Invitation, name: str = "uusi") -> Applied:
    """In a browser of their own: they have the link and nothing else."""
    async with Desk(Site.parse(url)) as desk:
        assert await read_offer(desk, invitation) == OFFER
        applied = make_application(invitation, name, PASSWORD)
        await desk.apply(invitation.id, applied.application.encode())
        return applied


async def invites(coordinator: Expert) -> Invitation:
    invitation, told = invite(coordinator.desk.expertise, OFFER)
    await coordinator.desk.desk.invite(told)
    return invitation


@asynccontextmanager
async def newcomer(url: str, provider: Provider, applied: Applied) -> AsyncIterator[ExpertDesk]:
    """Signs in with what they chose and what is on their sheet."""
    credentials = Credentials.typed("uusi", PASSWORD, b64encode(applied.device_secret))
    async with Desk(Site.parse(url)) as desk:
        yield await ExpertDesk.sign_in(desk, credentials, await directory_of(url, provider))


async def test_an_invited_lawyer_joins_claims_a_case_and_the_pupil_reads_the_answer(
    own_server: Servers, provider: Provider
) -> None:
    url = own_server().url
    async with expert(url, provider, provider.coordinator) as coordinator, reporter(url) as pupil:
        await pupil.tells("They shared a picture of me.")
        applied = await applies(url, await invites(coordinator))
        (waiting,) = [
            open_waiting(coordinator.desk.expertise, one) for one in await coordinator.desk.desk.invitations()
        ]
        assert waiting.pictures == applied.pictures
        certified = await coordinator.desk.desk.certify(admit(coordinator.desk.expertise, waiting, now()))
        assert certified.version == 2
        async with newcomer(url, provider, applied) as lawyer:
            held = await lawyer.claim(pupil.case, LAWYER)
            await lawyer.chat(held, "I am new here and I will help.")
        async with reporter(url, phrase=pupil.phrase) as again:
            await again.comes_back()
            answer = await again.reads("I am new here")
        assert answer.author == (await directory_of(url, provider)).expert(applied.expert)


async def test_a_coordinator_who_lacks_the_queues_keys_admits_somebody_with_new_ones(
    own_server: Servers, provider: Provider
) -> None:
    url = own_server().url
    async with expert(url, provider, provider.coordinator, listening=False) as coordinator:
        applied = await applies(url, await invites(coordinator))
        mine = coordinator.desk.expertise
        without = {slot: pair for slot, pair in mine.queue_keys.items() if slot[0] != LAWYER}
        (waiting,) = [open_waiting(mine, one) for one in await coordinator.desk.desk.invitations()]
        await coordinator.desk.desk.certify(admit(replace(mine, queue_keys=without), waiting, now()))
        renewed = (await directory_of(url, provider)).queue(LAWYER)
        assert renewed is not None
        assert [epoch.epoch for epoch in renewed.epochs] == [1, 2]
        async with reporter(url) as pupil, newcomer(url, provider, applied) as lawyer:
            await pupil.tells("They shared a picture of me.")
            await lawyer.chat(await lawyer.claim(pupil.case, LAWYER), "I read you.")
            await pupil.reads("I read you.")
        async with expert(url, provider, provider.lawyer, listening=False) as colleague:
            assert (LAWYER, 2) in colleague.desk.expertise.queue_keys


async def test_an_application_is_announced_to_coordinators_and_to_nobody_else(
    own_server: Servers, provider: Provider
) -> None:
    url = own_server().url
    async with (
        expert(url, provider, provider.coordinator) as coordinator,
        expert(url, provider, provider.lawyer) as lawyer,
    ):
        invitation = await invites(coordinator)
        await applies(url, invitation)
        assert (await coordinator.hears_any("application")).invitation == b64encode(invitation.id)
        (waiting,) = [
            open_waiting(coordinator.desk.expertise, one) for one in await coordinator.desk.desk.invitations()
        ]
        await coordinator.desk.desk.certify(admit(coordinator.desk.expertise, waiting, now()))
        assert (await lawyer.hears_any("application", "trust")).type == "trust"


async def test_a_server_that_swaps_the_keys_of_an_application_is_refused(
    own_server: Servers, provider: Provider
) -> None:
    url = own_server().url
    async with expert(url, provider, provider.coordinator) as coordinator:
        invitation = await invites(coordinator)
        await applies(url, invitation)
        (told,) = await coordinator.desk.desk.invitations()
        guess = Invitation(provider.instance, bytes(32))
        swapped = make_application(guess, "uusi", PASSWORD).application.encode()
        with pytest.raises(WireError) as refused:
            open_waiting(coordinator.desk.expertise, structs.replace(told, application=b64encode(swapped)))
        assert refused.value.code == "signature-invalid"


async def test_a_server_that_has_the_link_too_shows_other_pictures(own_server: Servers, provider: Provider) -> None:
    url = own_server().url
    async with expert(url, provider, provider.coordinator) as coordinator:
        invitation = await invites(coordinator)
        applied = await applies(url, invitation)
        (told,) = await coordinator.desk.desk.invitations()
        swapped = make_application(invitation, "uusi", PASSWORD).application
        waiting = open_waiting(
            coordinator.desk.expertise, structs.replace(told, application=b64encode(swapped.encode()))
        )
        assert waiting.pictures != applied.pictures
        account = swapped.account
        assert waiting.pictures == introduction(provider.instance, invitation.id, account.sign, account.kem)


async def test_an_offer_that_the_server_changed_or_moved_is_refused(own_server: Servers, provider: Provider) -> None:
    url = own_server().url
    async with expert(url, provider, provider.coordinator) as coordinator:
        for _ in range(2):
            await invites(coordinator)
        one, other = await coordinator.desk.desk.invitations()
        for lie in (
            structs.replace(one, offer=other.offer),
            structs.replace(one, kept=other.kept),
            structs.replace(one, id=other.id),
        ):
            with pytest.raises(Exception, match="does not open") as refused:
                open_waiting(coordinator.desk.expertise, lie)
            assert getattr(refused.value, "code", None) == "wrap-tampered"


async def test_a_link_is_good_once(own_server: Servers, provider: Provider) -> None:
    url = own_server().url
    async with expert(url, provider, provider.coordinator) as coordinator:
        invitation = await invites(coordinator)
        await applies(url, invitation)
        with pytest.raises(ClientError) as refused:
            await applies(url, invitation, "toinen-yritys")
        assert refused.value.code == "object-conflict"


async def test_nobody_joins_by_a_link_that_was_withdrawn(own_server: Servers, provider: Provider) -> None:
    url = own_server().url
    async with expert(url, provider, provider.coordinator) as coordinator:
        invitation = await invites(coordinator)
        await coordinator.desk.desk.withdraw(invitation.id)
        with pytest.raises(ClientError) as refused:
            await applies(url, invitation)
        assert refused.value.code == "invitation-unknown"


async def test_who_is_no_coordinator_neither_invites_nor_sees_who_is_invited(
    own_server: Servers, provider: Provider
) -> None:
    url = own_server().url
    async with (
        expert(url, provider, provider.coordinator) as coordinator,
        expert(url, provider, provider.lawyer) as lawyer,
    ):
        invitation, told = invite(coordinator.desk.expertise, OFFER)
        for asked in (
            lawyer.desk.desk.invite(told),
            lawyer.desk.desk.invitations(),
            lawyer.desk.desk.withdraw(invitation.id),
        ):
            with pytest.raises(ClientError) as refused:
                await asked
            assert refused.value.code == "not-coordinator"


async def test_a_case_opened_after_somebody_left_cannot_be_opened_with_their_old_keys(
    own_server: Servers, provider: Provider
) -> None:
    url = own_server().url
    async with (
        expert(url, provider, provider.coordinator) as coordinator,
        expert(url, provider, provider.other_lawyer) as leaver,
    ):
        old_keys = leaver.desk.expertise.queue_keys
        act = depart(coordinator.desk.expertise, provider.other_lawyer.id, now())
        await coordinator.desk.desk.certify(act)
        await coordinator.desk.renew(await directory_of(url, provider))
        async with reporter(url) as pupil:
            await pupil.tells("Written after somebody left.")
            held = await coordinator.claims(pupil.case)
        wraps = {(entry.queue, entry.epoch) for entry in held.conversation.opening.queue_entries}
        assert not wraps & old_keys.keys()
