"""A new root for a service that runs: taken from the data folder at the start, in one transaction (SPEC 5.10, 9.11).

`lyhty root renew` makes it on the computer with the root key; the operator copies it to `root-change` and restarts.
The file stays: taken once, it is recognized by its root, and it holds the founding packet.
"""

from pathlib import Path
from typing import Final

from lyhty_server.config import ConfigError
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.key_acts import (
    check_new_directory_key,
    check_succession,
    check_wraps,
    members_of,
    unlisted_epochs,
)
from lyhty_server.store.people_rows import KeyAct, PeopleStore, TrustRow
from lyhty_server.trust import MAX_BUNDLE_BYTES, Trust
from lyhty_wire.codes import Code
from lyhty_wire.directories import TrustBundle
from lyhty_wire.encoding import b64encode
from lyhty_wire.errors import StaleError, WireError
from lyhty_wire.ids import InstanceId, digest
from lyhty_wire.root_changes import RootChange

FILE: Final = "root-change"

_AGAIN: Final = (
    "Nothing of it was taken. Make it again with `lyhty root renew`, or take the file away to start without it."
)


def read_change(data: Path, instance: InstanceId) -> RootChange | None:
    """
    Raises:
        ConfigError: there is one, and it is not whole or of another service.
    """
    path = data / FILE
    if not path.is_file():
        return None
    try:
        return RootChange.verify(path.read_bytes(), instance)
    except WireError as error:
        raise ConfigError(f"{FILE} does not verify: {error}. {_AGAIN}") from error


def is_taken(change: RootChange, present: Trust) -> bool:
    """Its root, and perhaps later ones, are in use."""
    return TrustBundle.decode(present.bundle).roots[: len(change.roots)] == change.roots


async def take_change(change: RootChange, present: Trust, store: PeopleStore, now_s: int) -> Trust:
    """What is served from now on.

    Raises:
        ConfigError: it does not follow what is in use; all stays as it was.
    """
    bundle = TrustBundle.decode(present.bundle)
    if change.roots[:-1] != bundle.roots or change.base != digest(bundle.directory):
        raise ConfigError(
            f"{FILE} was made for another directory than number {present.version}, which is in use: somebody signed one"
            f" since, or the database is older. {_AGAIN}"
        )
    try:
        act, offered = _act(change, present, now_s)
        await store.act_on_keys(act)
    except StaleError as error:
        raise ConfigError(f"{FILE} is too old, or a clock is wrong: {error}. {_AGAIN}") from error
    except (WireError, DomainError) as error:
        raise ConfigError(f"{FILE} does not fit what is in use: {error}. {_AGAIN}") from error
    return offered


def founding_packet(change: RootChange | None, provisioned: str | None) -> str | None:
    """For whoever has the founding link: of the newest founding."""
    return provisioned if change is None or change.founding is None else b64encode(change.founding)


def _act(change: RootChange, present: Trust, now_s: int) -> tuple[KeyAct, Trust]:
    """The rules of every key act (SPEC 9.1), but for who signs."""
    if len(change.bundle.encode()) > MAX_BUNDLE_BYTES:
        raise DomainError(Code.TOO_LARGE)
    offered = change.bundle.verify(present.directory.instance, now_s)
    check_succession(present.directory, offered, None, is_refounding=change.founding is not None)
    members = members_of(offered)
    check_wraps(change.wraps, members)
    check_new_directory_key(change.wraps, members)
    row = TrustRow(offered.version, change.roots, change.directory)
    unlisted = unlisted_epochs(present.directory, offered)
    return KeyAct(row, members, change.wraps, unlisted, is_new_root=True), Trust.of(change.bundle, offered)
