"""What the key ceremony hands to the server: public documents and experts' sealed accounts, never a secret in the open.

`lyhty init` writes `provision.json`, `anchor.json` and the pepper into the data folder; the server reads them at
every start and imports what is newer than what it has.
"""

from pathlib import Path

import msgspec

from lyhty_server.config import ConfigError
from lyhty_server.store.people_rows import ExpertRow, PeopleStore, TrustRow
from lyhty_server.trust import Trust
from lyhty_wire.accounts import account_name
from lyhty_wire.directories import TrustBundle
from lyhty_wire.encoding import b64decode
from lyhty_wire.errors import WireError
from lyhty_wire.ids import ExpertId, InstanceId, SignKey


class ExpertRecord(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name: str
    salt: str
    m_kib: int
    t: int
    p: int
    login_pk: str
    keys: str
    queue_wraps: list[str]

    def row(self) -> ExpertRow:
        return ExpertRow(
            expert_id=ExpertId(b64decode(self.id, 16)),
            name=account_name(self.name),
            salt=b64decode(self.salt, 16),
            m_kib=self.m_kib,
            t=self.t,
            p=self.p,
            login_pk=SignKey(b64decode(self.login_pk, 32)),
            keys=b64decode(self.keys, 93),
            queue_wraps=tuple(b64decode(wrap, 1213) for wrap in self.queue_wraps),
        )


class Provision(msgspec.Struct, forbid_unknown_fields=True):
    roots: list[str]
    directory: str
    experts: list[ExpertRecord]
    founding: str | None = None
    """The founding packet (SPEC 5.8), for whoever has the founding link."""


class Anchor(msgspec.Struct, forbid_unknown_fields=True):
    instance: str


def read_anchor(data: Path) -> tuple[InstanceId, bytes]:
    """The instance id and the file as it is served."""
    raw = _read(data / "anchor.json")
    return InstanceId(b64decode(msgspec.json.decode(raw, type=Anchor).instance, 32)), raw


def read_founding(data: Path) -> str | None:
    return msgspec.json.decode(_read(data / "provision.json"), type=Provision).founding


async def import_provision(data: Path, store: PeopleStore, instance: InstanceId) -> tuple[Trust, bool]:
    """The trust to serve, and whether it is newer than what was stored.

    Raises:
        ConfigError: a file is missing or does not verify.
    """
    provision = msgspec.json.decode(_read(data / "provision.json"), type=Provision)
    try:
        bundle = TrustBundle(tuple(b64decode(root) for root in provision.roots), b64decode(provision.directory))
        offered = Trust.check(bundle, instance)
        stored = await store.trust()
        # SPEC 5.3: never back to an older root either, whatever a directory under it calls itself.
        if stored is not None and (stored.version >= offered.version or len(stored.roots) > len(bundle.roots)):
            return Trust.check(TrustBundle(stored.roots, stored.directory), instance), False
        for account in [record.row() for record in provision.experts]:
            # Who is here already may have another password since, and other seeds.
            if await store.expert_by_id(account.expert_id) is None:
                await store.put_expert(account)
    except WireError as error:
        raise ConfigError(f"provision.json does not verify: {error}") from error
    await store.put_trust(TrustRow(offered.version, bundle.roots, bundle.directory))
    return offered, True


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise ConfigError(f"There is no {path.name} in {path.parent}. Run `lyhty init` first.")
    return path.read_bytes()
