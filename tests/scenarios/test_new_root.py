"""A new root for a service that runs: the directory key that was known before signs nothing any more, people and cases
stay, and whatever interrupts the server leaves the old or the new.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lyhty_client import cli
from lyhty_client.coordinator import found_with, renew
from lyhty_client.departure import turn_all
from lyhty_client.desk import Desk
from lyhty_client.errors import RefusedError
from lyhty_client.expert import Credentials, ExpertDesk, Expertise
from lyhty_client.founding import write_root_key
from lyhty_client.joining import make_application
from lyhty_client.sheet import WORDS_IN_A_ROW
from lyhty_client.trust import Site, fetch_bundle, fetch_directory
from lyhty_crypto.documents import sign_directory
from lyhty_crypto.errors import CryptoError
from lyhty_crypto.founding import open_packet
from lyhty_crypto.invitations import Invitation
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.lexicon import spell
from lyhty_wire.directories import TrustBundle
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import ForgedError, StaleError
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Epoch
from tests.provider import DAY_S, Provider
from tests.scenarios.actors import expert, now, reporter
from tests.scenarios.server_process import ServerDidNotStartError, ServerProcess

Servers = Callable[..., ServerProcess]
CHANGE = "root-change"
DYING = "tests/scenarios/dying_server.py"


class Stick:
    """What the keeper of the root key does at home: with the key on a stick, and the poster's address."""

    def __init__(self, provider: Provider, folder: Path) -> None:
        self.provider = provider
        self.root_key = folder / "stick" / "root.json"
        write_root_key(self.root_key, provider.root_key.seed, provider.instance)

    async def renews(self, server: ServerProcess, *flags: str, key: Path | None = None) -> None:
        """The change lies in the server's folder afterwards, and nothing else happens there."""
        out = server.data / CHANGE
        out.unlink(missing_ok=True)
        poster = f"{server.url}/#a={b64encode(self.provider.instance)}"
        named = ["--root-key", str(key or self.root_key), "--out", str(out)]
        assert await asyncio.to_thread(cli.main, ["root", "renew", poster, *named, *flags]) == 0


@pytest.fixture
def stick(provider: Provider, tmp_path: Path) -> Stick:
    return Stick(provider, tmp_path)


def restarted(server: ServerProcess) -> None:
    server.stop()
    server.restart()


def why_it_does_not_start(server: ServerProcess) -> str:
    before = len(server.stderr)
    with pytest.raises(ServerDidNotStartError):
        server.restart()
    (line,) = server.stderr[before:].splitlines()  # a sentence, no traceback
    return line


async def served(server: ServerProcess) -> TrustBundle:
    return await fetch_bundle(Site.parse(server.url))


def with_stolen_key(me: Expertise, provider: Provider) -> Expertise:
    return replace(me, directory_key=provider.directory_key)


async def test_a_stolen_directory_key_signs_nothing_after_a_new_root_and_everybody_goes_on(
    own_server: Servers, provider: Provider, stick: Stick
) -> None:
    server = own_server()
    async with reporter(server.url, anchor=provider.instance) as pupil:
        await pupil.tells("They shared a picture of me.")
        await stick.renews(server)
        restarted(server)
        await pupil.writes("Are you still there?")
        assert pupil.session.directory is not None
        assert (pupil.session.directory.version, pupil.session.directory.root.body.version) == (2, 2)
        async with expert(server.url, provider, provider.lawyer) as lawyer:
            held = await lawyer.claims(pupil.case)
            await lawyer.writes(held, "We are.")
        async with expert(server.url, provider, provider.coordinator) as coordinator:
            me = coordinator.desk.expertise
            assert me.directory_key is not None
            assert me.directory_key.public != provider.directory_key.public
            with pytest.raises(RefusedError) as refused:  # the thief may even be at a coordinator's desk
                await coordinator.desk.desk.certify(renew(with_stolen_key(me, provider), now()))
            assert refused.value.code == "signature-invalid"
            assert (await coordinator.desk.desk.certify(renew(me, now()))).version == 3
        await pupil.reads("We are.")


async def test_a_new_root_signs_every_expert_out(own_server: Servers, provider: Provider, stick: Stick) -> None:
    server = own_server()
    async with expert(server.url, provider, provider.lawyer, listening=False) as lawyer:
        await stick.renews(server)
        await asyncio.to_thread(restarted, server)
        with pytest.raises(RefusedError, match="not-signed-in"):
            await lawyer.desk.inbox(LAWYER)
    async with expert(server.url, provider, provider.lawyer, listening=False) as lawyer:
        await asyncio.to_thread(restarted, server)  # the change has been taken: this one is a restart like others
        await lawyer.desk.inbox(LAWYER)


async def test_no_client_believes_what_the_stolen_key_signs_beside_or_below_the_new_root(
    own_server: Servers, provider: Provider, stick: Stick
) -> None:
    server = own_server()
    await stick.renews(server)
    restarted(server)
    bundle = await served(server)
    directory = bundle.verify(provider.instance, now())
    beside = sign_directory(replace(directory.body, version=7), provider.directory_key)
    with pytest.raises(ForgedError):
        TrustBundle(bundle.roots, beside).verify(provider.instance, now())
    below = sign_directory(replace(provider.directory_body, version=7), provider.directory_key)
    with pytest.raises(StaleError):
        TrustBundle(bundle.roots[:1], below).verify(provider.instance, now(), 2, directory.root.body.version)


async def test_a_directory_of_the_withdrawn_key_on_the_servers_disk_is_not_taken(
    own_server: Servers, provider: Provider, stick: Stick
) -> None:
    server = own_server()
    await stick.renews(server)
    restarted(server)
    before = await served(server)
    replace(provider, directory_body=replace(provider.directory_body, version=9)).write_provision(server.data)
    restarted(server)
    assert await served(server) == before


async def test_a_removed_coordinator_opens_nothing_new_and_a_lawyer_coordinates(
    own_server: Servers, provider: Provider, stick: Stick
) -> None:
    server = own_server()
    async with reporter(server.url, anchor=provider.instance) as pupil:
        await pupil.tells("They shared a picture of me.")
        async with expert(server.url, provider, provider.coordinator) as thief:
            await thief.claims(pupil.case)
            keys = dict(thief.desk.expertise.queue_keys)
        await stick.renews(server, "--remove", "Coordinator", "--coordinator", "First lawyer")
        restarted(server)
        with pytest.raises(RefusedError, match="sign-in-failed"):
            async with expert(server.url, provider, provider.coordinator):
                pass
        async with expert(server.url, provider, provider.lawyer) as lawyer:
            me = lawyer.desk.expertise
            assert set(me.queue_keys) - set(keys) == {(LAWYER, Epoch(2))}
            assert [former.name for former in me.directory.former] == ["Coordinator"]
            assert len((await lawyer.desk.desk.unturned(LAWYER)).cases) == 1
            assert (await turn_all(lawyer.desk, "departure")).done == 1
            held = await lawyer.claims(pupil.case)  # the coordinator's claim has ended
            await lawyer.writes(held, "I have it now.")
            assert (await lawyer.desk.desk.certify(renew(lawyer.desk.expertise, now()))).version == 3
        await pupil.reads("I have it now.")


async def test_when_all_coordinators_are_lost_and_the_directory_has_run_out_one_command_opens_the_pages_again(
    own_server: Servers, provider: Provider, stick: Stick
) -> None:
    server = own_server()
    server.stop()
    old = now() - 20 * DAY_S
    provider.reissued(issued=old, expires=old + 14 * DAY_S).write_provision(server.data)
    server.restart()
    await stick.renews(
        server, "--remove", "Coordinator", "--coordinator", "Psychologist", "--coordinator", "First lawyer"
    )
    restarted(server)
    async with reporter(server.url, anchor=provider.instance) as pupil:
        await pupil.tells("At last.", of=(PSYCHOLOGIST,))
        async with expert(server.url, provider, provider.psychologist) as psychologist:
            held = await psychologist.claims(pupil.case)
            await psychologist.writes(held, "Here we are.")
            assert (await psychologist.desk.desk.certify(renew(psychologist.desk.expertise, now()))).version == 4


async def test_a_queue_that_would_have_nobody_is_taken_by_whoever_is_named(
    own_server: Servers, provider: Provider, stick: Stick, capsys: pytest.CaptureFixture[str]
) -> None:
    server = own_server()
    let_go = ["--remove", "Psychologist", "--remove", "Coordinator", "--coordinator", "First lawyer"]
    with pytest.raises(AssertionError):
        await stick.renews(server, *let_go)
    assert '--join psychologist="Name in the directory"' in capsys.readouterr().err
    await stick.renews(server, *let_go, "--join", "psychologist=Second lawyer")
    restarted(server)
    async with reporter(server.url, anchor=provider.instance) as pupil:
        await pupil.tells("Whoever you are.", of=(PSYCHOLOGIST,))
        async with expert(server.url, provider, provider.other_lawyer) as lawyer:
            await lawyer.desk.claim(pupil.case, PSYCHOLOGIST)


async def test_when_nobody_has_keys_any_more_the_same_posters_lead_to_who_founds_anew(
    own_server: Servers, provider: Provider, stick: Stick, capsys: pytest.CaptureFixture[str]
) -> None:
    server = own_server()
    async with reporter(server.url, anchor=provider.instance) as pupil:
        await pupil.tells("Before it happened.")
        await stick.renews(server, "--found", "New first")
        link = re.search(r"#f=([A-Za-z0-9_-]{43})", capsys.readouterr().out)
        assert link is not None
        restarted(server)
        for account in provider.accounts:
            with pytest.raises(RefusedError, match="sign-in-failed"):
                async with expert(server.url, provider, account):
                    pass
        first = await _founds(server, provider, link[1])
        async with Desk(Site.parse(server.url)) as desk:
            directory = await fetch_directory(Site.parse(server.url), provider.instance, now())
            founder = await ExpertDesk.sign_in(desk, first, directory)
            async with reporter(server.url, anchor=provider.instance) as another:
                await another.tells("After it happened.")
                await founder.claim(another.case, LAWYER)
            with pytest.raises(CryptoError):  # its keys are gone, and nobody reads it
                await founder.claim(pupil.case, LAWYER)
            await pupil.writes("Is anybody there?")  # which wraps it to the new keys
            await founder.refresh()
            held = await founder.read(pupil.case, LAWYER)
            assert len(held.conversation.messages) >= 2
            assert (await desk.certify(renew(founder.expertise, now()))).version == 4


async def _founds(server: ServerProcess, provider: Provider, link: str) -> Credentials:
    password = "a long password of the new first"
    async with Desk(Site.parse(server.url)) as desk:
        directory = await fetch_directory(Site.parse(server.url), provider.instance, now())
        packet = open_packet(await desk.founding(), b64decode(link), provider.instance)
        applied = make_application(Invitation.typed(provider.instance, link), "uusi", password)
        await desk.found(found_with(packet, directory, applied.application, now()))
    return Credentials.typed("uusi", password, b64encode(applied.device_secret))


async def test_a_change_that_somebodys_directory_overtook_is_refused_and_says_what_to_do(
    own_server: Servers, provider: Provider, stick: Stick
) -> None:
    server = own_server()
    await stick.renews(server)
    async with expert(server.url, provider, provider.coordinator) as coordinator:
        await coordinator.desk.desk.certify(renew(coordinator.desk.expertise, now()))
    server.stop()
    assert why_it_does_not_start(server) == (
        "lyhty-server: root-change was made for another directory than number 2, which is in use: somebody signed one"
        " since, or the database is older. Nothing of it was taken. Make it again with `lyhty root renew`, or take the"
        " file away to start without it."
    )
    (server.data / CHANGE).unlink()
    server.restart()
    await stick.renews(server)
    restarted(server)
    assert (await served(server)).verify(provider.instance, now()).version == 3


@pytest.mark.parametrize("where", [0.1, 0.5, 0.9, 1.0], ids=["early", "in the middle", "late", "at the end"])
async def test_a_change_with_one_other_bit_is_refused(own_server: Servers, stick: Stick, where: float) -> None:
    server = own_server()
    await stick.renews(server)
    server.stop()
    change = bytearray((server.data / CHANGE).read_bytes())
    change[min(int(len(change) * where), len(change) - 1)] ^= 1
    (server.data / CHANGE).write_bytes(change)
    assert why_it_does_not_start(server).startswith("lyhty-server: root-change does not verify: directory-forged")


async def test_a_change_made_with_another_key_is_not_even_made(
    own_server: Servers, provider: Provider, stick: Stick, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = own_server()
    strange = tmp_path / "strange.json"
    write_root_key(strange, bytes(range(32)), provider.instance)
    with pytest.raises(AssertionError):
        await stick.renews(server, key=strange)
    assert "does not belong to the service's present root" in capsys.readouterr().err
    assert not (server.data / CHANGE).exists()


@pytest.mark.parametrize("moment", ["inside", "after"])
async def test_a_server_that_dies_while_it_takes_a_change_has_the_old_or_the_new_and_goes_on(
    own_server: Servers, provider: Provider, stick: Stick, moment: str
) -> None:
    server = own_server()
    await stick.renews(server, "--remove", "Second lawyer")
    server.stop()
    dying = ServerProcess(server.data, program=(DYING, moment))
    with pytest.raises(ServerDidNotStartError):
        dying.start()
    assert dying.returncode == -9
    server.restart()
    async with expert(server.url, provider, provider.coordinator) as coordinator:
        me = coordinator.desk.expertise
        assert (me.directory.version, set(me.queue_keys)) == (
            2,
            {(LAWYER, Epoch(1)), (LAWYER, Epoch(2)), (PSYCHOLOGIST, Epoch(1))},
        )
        assert (await coordinator.desk.desk.certify(renew(me, now()))).version == 3
    restarted(server)  # the file is there still, and is known
    assert (await served(server)).verify(provider.instance, now()).version == 3


async def test_a_new_root_key_signs_the_root_after_and_the_old_one_does_not(
    own_server: Servers, provider: Provider, stick: Stick, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = own_server()
    fresh = tmp_path / "other stick" / "root.json"
    await stick.renews(server, "--new-root-key", str(fresh))
    assert fresh.with_suffix(".html").exists()
    restarted(server)
    with pytest.raises(AssertionError):
        await stick.renews(server)
    assert "does not belong to the service's present root" in capsys.readouterr().err
    await stick.renews(server, key=fresh)
    restarted(server)
    bundle = await served(server)
    assert (len(bundle.roots), bundle.verify(provider.instance, now()).version) == (3, 3)


async def test_the_words_of_the_sheet_are_as_good_as_the_stick(
    own_server: Servers, provider: Provider, stick: Stick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = own_server()
    stick.root_key.unlink()
    words = spell(provider.root_key.seed, "sv")
    answers = iter(
        [
            f"{server.url}/#a={b64encode(provider.instance)}",
            "-",
            *[" ".join(words[at : at + WORDS_IN_A_ROW]) for at in range(0, 32, WORDS_IN_A_ROW)],
            str(server.data / CHANGE),
        ]
    )
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))
    assert await asyncio.to_thread(cli.main, ["root", "renew"]) == 0
    restarted(server)
    assert (await served(server)).verify(provider.instance, now()).root.body.version == 2


async def test_the_audit_log_has_no_entry_of_a_new_root_and_says_so(
    own_server: Servers, provider: Provider, stick: Stick, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = own_server()
    async with expert(server.url, provider, provider.coordinator) as coordinator:
        await coordinator.desk.desk.certify(renew(coordinator.desk.expertise, now()))
    await stick.renews(server, "--remove", "Second lawyer")
    restarted(server)
    password = tmp_path / "password"
    password.write_text(provider.coordinator.password)
    capsys.readouterr()
    flags = ["--name", "vastaava", "--device", provider.coordinator.device, "--password-file", str(password)]
    assert await asyncio.to_thread(cli.main, ["audit", "verify", server.url, *flags]) == 0
    told = capsys.readouterr().out
    assert "No entry made the directory in use (version 3): it came from the server's own disk." in told
    assert "1 entries, whole." in told


async def test_a_key_of_another_service_is_refused_before_anything_is_asked_of_the_server(
    own_server: Servers, provider: Provider, stick: Stick, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = own_server()
    anothers = tmp_path / "anothers.json"
    write_root_key(anothers, SigningKey(bytes(32)).seed, type(provider.instance)(bytes(32)))
    with pytest.raises(AssertionError):
        await stick.renews(server, key=anothers)
    assert "anchor-mismatch" in capsys.readouterr().err
