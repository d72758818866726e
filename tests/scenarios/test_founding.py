"""A service begins: the founder's link makes the first coordinator, once, and nobody else."""

import re
from pathlib import Path

import pytest

from lyhty_client import cli
from lyhty_client.coordinator import found_with, renew
from lyhty_client.desk import Desk
from lyhty_client.errors import ClientError
from lyhty_client.expert import Credentials, ExpertDesk
from lyhty_client.joining import Applied, make_application
from lyhty_client.trust import Site, fetch_directory, find_anchor
from lyhty_crypto.founding import FoundingPacket, open_packet
from lyhty_crypto.invitations import Invitation
from lyhty_wire.desk import FoundingAct
from lyhty_wire.directories import Directory
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER
from tests.scenarios.actors import now, reporter
from tests.scenarios.server_process import ServerProcess

PASSWORD = "a long password of the first"


def init(folder: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The secret of the founding link."""
    flags = ["--root-key", str(root), "--coordinator", "First", "--url", "https://lyhty.example"]
    assert cli.main(["init", str(folder), *flags]) == 0
    link = re.search(r"#f=([A-Za-z0-9_-]{43})", capsys.readouterr().out)
    assert link is not None
    return link[1]


class Founder:
    """In a browser of their own, with the link and nothing else."""

    def __init__(self, desk: Desk, invitation: Invitation, directory: Directory, packet: FoundingPacket) -> None:
        self.desk, self.invitation, self.directory, self.packet = desk, invitation, directory, packet

    @classmethod
    async def comes(cls, desk: Desk, url: str, link: str) -> "Founder":
        site = Site.parse(url)
        instance = await find_anchor(site)
        directory = await fetch_directory(site, instance, now())
        packet = open_packet(await desk.founding(), b64decode(link), instance)
        return cls(desk, Invitation.typed(instance, link), directory, packet)

    def applies(self, name: str) -> tuple[Applied, FoundingAct]:
        applied = make_application(self.invitation, name, PASSWORD)
        return applied, found_with(self.packet, self.directory, applied.application, now())


async def test_the_first_coordinator_founds_signs_in_and_reads_the_first_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = init(tmp_path / "data", tmp_path / "stick" / "root.json", capsys)
    with ServerProcess(tmp_path / "data").start() as server:
        async with Desk(Site.parse(server.url)) as desk:
            founder = await Founder.comes(desk, server.url, link)
            applied, act = founder.applies("ensin")
            assert (await desk.found(act)).version == 2
            assert (await desk.found(act)).version == 2  # a retry
        directory = await fetch_directory(Site.parse(server.url), founder.invitation.instance, now())
        credentials = Credentials.typed("ensin", PASSWORD, b64encode(applied.device_secret))
        async with Desk(Site.parse(server.url)) as desk, reporter(server.url) as pupil:
            first = await ExpertDesk.sign_in(desk, credentials, directory)
            await pupil.tells("The very first report.")
            await first.claim(pupil.case, LAWYER)
            assert (await desk.certify(renew(first.expertise, now()))).version == 3


async def test_the_link_makes_no_second_coordinator_and_its_packet_is_not_given_any_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = init(tmp_path / "data", tmp_path / "stick" / "root.json", capsys)
    with ServerProcess(tmp_path / "data").start() as server:
        async with Desk(Site.parse(server.url)) as desk:
            founder = await Founder.comes(desk, server.url, link)
            _, first = founder.applies("ensin")
            _, second = founder.applies("toinen")
            await desk.found(first)
            for late in (desk.found(second), desk.founding()):
                with pytest.raises(ClientError) as refused:
                    await late
                assert refused.value.code in {"not-coordinator", "invitation-unknown"}


async def test_who_cannot_open_the_packet_cannot_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = init(tmp_path / "data", tmp_path / "stick" / "root.json", capsys)
    with ServerProcess(tmp_path / "data").start() as server:
        async with Desk(Site.parse(server.url)) as desk:
            founder = await Founder.comes(desk, server.url, link)
            forged = FoundingPacket("First", ("fi",), bytes(32), founder.packet.queues)
            applied = make_application(founder.invitation, "ensin", PASSWORD).application
            with pytest.raises(ClientError) as refused:
                await desk.found(found_with(forged, founder.directory, applied, now()))
            assert refused.value.code == "signature-invalid"
