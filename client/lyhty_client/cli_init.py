"""`lyhty init`: asks what is not given, founds a provider and tells what now. For people and for scripts."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lyhty_client.clock import system_clock
from lyhty_client.errors import FolderError
from lyhty_client.folder import PRIVATE_FILE, DataFolder, write_whole
from lyhty_client.founding import check_off_server, found, write_instance, write_root_key
from lyhty_client.sheet import LANGUAGES, recovery_sheet
from lyhty_client.trust import Site
from lyhty_wire.encoding import b64encode

Ask = Callable[[str], str]

WELCOME: Final = """This makes the keys of a new service. You need a place that is not on the server: a memory stick
that you can lock away, and a printer that is not shared. It takes five minutes."""
AFTERWARDS: Final = """
Done. Now, in this order:
1. Print {sheet} and lock the paper away. Then delete that file, or keep it with the key.
2. Take {root} off this computer and lock it away.
3. Start the server:  lyhty-server --data {data}
4. Give the first coordinator this link, and nobody else. It works once:
   {link}
5. Posters carry this address:  {poster}"""


def run(asked: argparse.Namespace, ask: Ask, say: Callable[[str], None]) -> None:
    """
    Raises:
        FolderError, ClientError, OSError: nothing of the instance was written.
    """
    folder: DataFolder = asked.folder
    if asked.root_key is None:
        say(WELCOME)
    root = Path(asked.root_key or _answer(ask, "Where does the root key go? (a file on the stick) "))
    sheet = Path(asked.sheet or root.with_suffix(".html"))
    for path in (root, sheet):
        check_off_server(path, folder)
    name = asked.coordinator or _answer(ask, "Name of the first coordinator, as others will see it: ")
    url = address_of(Site.parse(asked.url or _answer(ask, "Address of the service (https://...): ")))
    language = next((each for each in LANGUAGES if each == asked.language), None)
    if language is None:
        raise FolderError(f"The sheet can be in {', '.join(LANGUAGES)}.")
    founded = found(system_clock(), name, (language,))
    # The key first: an instance whose root key was lost must not come to be.
    write_root_key(root, founded.root_seed, founded.instance)
    write_whole(sheet, recovery_sheet(founded.root_seed, founded.instance, language).encode(), PRIVATE_FILE)
    write_instance(folder, founded)
    say(
        AFTERWARDS.format(
            sheet=sheet,
            root=root,
            data=folder.path,
            link=f"{url}/console#{founded.link_fragment}",
            poster=f"{url}/#a={b64encode(founded.instance)}",
        )
    )


def address_of(site: Site) -> str:
    """As a person writes it: without the port that everybody means."""
    return site.url.removesuffix({"https": ":443", "http": ":80"}[site.scheme])


def _answer(ask: Ask, question: str) -> str:
    try:
        answer = ask(question).strip()
    except EOFError:
        answer = ""
    if not answer:
        raise FolderError("Without an answer nothing is made. `lyhty init --help` names the flags for scripts.")
    return answer
