"""`lyhty root renew`: makes the next root of a service that runs, and tells what now. For people and for scripts."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lyhty_client.cli_init import address_of
from lyhty_client.cli_reporter import tls_context
from lyhty_client.clock import system_clock
from lyhty_client.errors import FolderError, RootError
from lyhty_client.folder import PRIVATE_FILE, PUBLIC_FILE, read_json, write_whole
from lyhty_client.founding import ROOT_LIFE_S, write_root_key
from lyhty_client.new_root import NewRoot, Wishes, present_of, renew_root
from lyhty_client.phrases import Choose, nobody_to_ask
from lyhty_client.sheet import LANGUAGES, ROWS, recovery_sheet, typed_from_sheet
from lyhty_client.terminal import choose
from lyhty_client.trust import Site, choose_anchor, fetch_bundle, find_anchor, parse_anchor
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.lexicon import Language
from lyhty_crypto.randomness import draw
from lyhty_wire.directories import Directory, DirectoryBody, TrustBundle
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import WireError
from lyhty_wire.ids import HASH_BYTES, LAWYER, PSYCHOLOGIST, SEED_BYTES, InstanceId, QueueId

Ask = Callable[[str], str]
Say = Callable[[str], None]

TYPED: Final = "-"
"""Instead of a file: the sheet's words or characters come from standard input."""
QUEUES: Final = {"lawyer": LAWYER, "psychologist": PSYCHOLOGIST}

WELCOME: Final = """This makes a new root for a service that runs: a new directory key, and new keys for the queues of
whoever leaves. Use a computer that you trust and that is not the server. You need the root key, on the stick or on
paper. `lyhty root renew --help` says how to let somebody go, or name a coordinator, in the same step."""
MADE: Final = """{out} is the change. No secret is in it. From then on:
{people}
  new keys for    {queues}
  root            number {number}, until {until}; earlier directory keys sign nothing any more
Is somebody missing, or there who should not be? Then carry nothing to the server; ask the coordinators first.

Now, in this order:
1. Copy {out} to the server, as `root-change` in its data folder, and restart the server. Do it now: if somebody signs
   a directory before, the server takes nothing and says so, and you make the change again.
2. {key}
3. {then}"""
KEY_STAYS: Final = "Take the root key off this computer and lock it away."
KEY_IS_NEW: Final = """Print {sheet} and lock the paper away. Take {key} off this computer and lock it away. Once the
   server has taken the change, destroy the old root key and its paper."""
SIGN_IN: Final = """Ask every coordinator to sign in: open conversations then get new keys. Invitations that were
   waiting are gone; invite anew."""
FOUND: Final = """Give {name} this link, and nobody else. It works once:
   {url}/console#f={secret}"""


@dataclass(frozen=True, slots=True)
class _Key:
    seed: bytes = field(repr=False)
    instance: InstanceId | None
    """A key in a file says which service it is of; a typed one does not."""


def run(asked: argparse.Namespace, ask: Ask, say: Say) -> None:
    """
    Raises:
        ClientError, WireError, OSError: nothing was made, or, when the disk failed, not all of it.
    """
    language = _language(asked.language)
    if not asked.root_key:
        say(WELCOME)
    if asked.bundle is None and asked.url is None:
        asked.url = _ask(ask, "Address on the poster (https://...#a=...): ")
    keys = [_read_key(Path(each), language) for each in asked.root_key] or [_ask_key(ask, language)]
    out = Path(asked.out or _ask(ask, "Where does the change for the server go? (a file) "))
    new_key = None if asked.new_root_key is None else Path(asked.new_root_key)
    sheet = _sheet(asked)
    for path in (out, new_key, sheet):
        if path is not None and path.exists():
            raise RootError(f"{path} is there already; nothing is written over it.")
    given = _anchor(asked, keys)
    if asked.bundle is None:
        bundle, instance = asyncio.run(_fetched(asked, given))
    else:
        bundle, instance = TrustBundle.decode(Path(asked.bundle).read_bytes()), given
    present = present_of(bundle, instance)
    replacement = None if new_key is None else SigningKey(draw(SEED_BYTES))
    wishes = Wishes(asked.remove, asked.coordinator, [_joining(each) for each in asked.join], asked.found, (language,))
    signing = [SigningKey(key.seed) for key in keys]
    made = renew_root(bundle, present, signing, wishes, system_clock(), replacement=replacement)
    # The key first: a root whose key was lost must not come to be.
    if replacement is not None and new_key is not None and sheet is not None:
        write_root_key(new_key, replacement.seed, instance)
        write_whole(sheet, recovery_sheet(replacement.seed, instance, language).encode(), PRIVATE_FILE)
    write_whole(out, made.change, PUBLIC_FILE)
    say(_told(asked, present, made, out))


def _sheet(asked: argparse.Namespace) -> Path | None:
    """Of the new root key, if there is one."""
    key = asked.new_root_key
    return None if key is None else Path(asked.sheet or Path(key).with_suffix(".html"))


def _anchor(asked: argparse.Namespace, keys: Sequence[_Key]) -> InstanceId:
    """Of the poster, or of the key's file; if both are there, they are the same."""
    on_poster = None if asked.url is None else Site.parse(asked.url).anchor
    given = parse_anchor(asked.anchor) if asked.anchor else on_poster
    for key in keys:
        if given is not None or key.instance is not None:
            given = choose_anchor(given, key.instance)
    if given is None:
        raise RootError("Which service? Give the poster's whole address, with #a=..., or --anchor.")
    return given


async def _fetched(asked: argparse.Namespace, given: InstanceId) -> tuple[TrustBundle, InstanceId]:
    site, tls = Site.parse(asked.url), tls_context(asked)
    return await fetch_bundle(site, tls), await find_anchor(site, given, tls)


def _read_key(path: Path, language: Language) -> _Key:
    if str(path) == TYPED:
        return _Key(typed_from_sheet(sys.stdin.read(), language, nobody_to_ask), None)
    try:
        value = read_json(path)
        instance = InstanceId(b64decode(value.get("instance"), HASH_BYTES))
        return _Key(b64decode(value.get("root_seed"), SEED_BYTES), instance)
    except (FolderError, WireError):
        raise RootError(f"{path} is no root key as `lyhty init` writes it.") from None


def _ask_key(ask: Ask, language: Language) -> _Key:
    """A file's name, or what stands on the paper."""
    place = _ask(ask, "Where is the root key? (a file on the stick, or - to type it from the paper) ")
    if place != TYPED:
        return _read_key(Path(place), language)
    said: Choose = choose if sys.stdin.isatty() else nobody_to_ask
    typed = _ask(ask, "The 43 characters of the root key, or the first row of words: ")
    if len(typed.split()) > 1:
        typed = "\n".join([typed, *[_ask(ask, f"Row {row} of the words: ") for row in range(2, ROWS + 1)]])
    return _Key(typed_from_sheet(typed, language, said), None)


def _ask(ask: Ask, question: str) -> str:
    try:
        answer = ask(question).strip()
    except EOFError:
        answer = ""
    if not answer:
        raise RootError("Without an answer nothing is made. `lyhty root renew --help` names the flags for scripts.")
    return answer


def _language(name: str) -> Language:
    language = next((each for each in LANGUAGES if each == name), None)
    if language is None:
        raise RootError(f"The sheet can be in {', '.join(LANGUAGES)}.")
    return language


def _joining(text: str) -> tuple[QueueId, str]:
    """`psychologist=Name`."""
    queue, equals, name = text.partition("=")
    if not equals or queue not in QUEUES:
        raise RootError(f'{text} is not as in --join psychologist="Name in the directory".')
    return QUEUES[queue], name


def _people(present: Directory, after: DirectoryBody) -> str:
    professions = {queue.id: queue.profession for queue in after.queues}
    staying = {expert.id for expert in after.experts}
    here = [
        f"  {'coordinator' if expert.coordinator else 'expert':<16}{expert.name}"
        f" ({', '.join(professions[queue] for queue in expert.queues) or 'no queue'})"
        for expert in sorted(after.experts, key=lambda expert: (not expert.coordinator, expert.name))
    ]
    left = [f"  {'left':<16}{expert.name}" for expert in present.experts if expert.id not in staying]
    return "\n".join([*(here or ["  nobody, until the founding link is used"]), *sorted(left)])


def _told(asked: argparse.Namespace, present: Directory, made: NewRoot, out: Path) -> str:
    after, new_key = made.directory, asked.new_root_key
    professions = [queue.profession for queue in after.queues if queue.id in made.renewed]
    if made.link_secret is None:
        then = SIGN_IN
    else:
        url = "https://YOUR-ADDRESS" if asked.url is None else address_of(Site.parse(asked.url))
        then = FOUND.format(name=asked.found, url=url, secret=b64encode(made.link_secret))
    return MADE.format(
        out=out,
        people=_people(present, after),
        queues=", ".join(professions) or "no queue",
        number=present.root.body.version + 1,
        until=f"{datetime.fromtimestamp(after.issued + ROOT_LIFE_S, UTC):%Y-%m-%d}",
        key=KEY_STAYS if new_key is None else KEY_IS_NEW.format(sheet=_sheet(asked), key=new_key),
        then=then,
    )
