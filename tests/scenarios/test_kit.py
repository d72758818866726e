"""A coordinator at a terminal puts a school's papers into a folder (SPEC 12.6)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from lyhty_client.cli import main
from lyhty_wire.encoding import b64encode
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess
from tests.scenarios.test_organisations import EXAMPLE, who


def test_a_whole_kit_is_written_into_a_folder_and_a_school_that_is_not_there_leaves_none(
    own_server: Callable[..., ServerProcess],
    provider: Provider,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = own_server(settings={"LYHTY_SITE": "https://lyhty.example.fi"})
    flags = who(provider, provider.coordinator, tmp_path)
    assert main(["org", "import", server.url, str(EXAMPLE), *flags]) == 0
    assert main(["org", "kit", server.url, "03099", "--out", str(tmp_path / "none"), *flags]) == 1
    assert capsys.readouterr().err
    assert not (tmp_path / "none").exists()

    kit = tmp_path / "kits" / "03095"
    assert main(["org", "kit", server.url, "03095", "--out", str(kit), *flags]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"40 files in {kit}."
    posters = {
        f"poster-{size}-{language}.{kind}"
        for size in ("a4", "a3") for language in ("fi-simple", "fi", "sv", "en") for kind in ("pdf", "png")
    }  # fmt: skip
    names = {file.name for file in kit.iterdir()}
    assert posters < names
    assert len(names) == 40
    assert "Rantakoulu" in PdfReader(kit / "letter-fi.pdf").pages[0].extract_text()
    link = f"https://lyhty.example.fi/#a={b64encode(provider.instance)}&s=03095"
    assert link in (kit / "message-sv.txt").read_text("utf-8")
