"""A provider for tests: root, directory and four experts, made in a moment and written as the server reads it.

Two lawyers, so that they can want the same case, one psychologist, and a coordinator who belongs to both queues.
Their passwords go through the real Argon2id once; whoever needs no password signs in with `login`.
"""

import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from lyhty_crypto.documents import sign_directory, sign_root
from lyhty_crypto.experts import ExpertKeys, Unlocked, seal_key_blob, stretch, unlock
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.wrapping import wrap_key
from lyhty_wire.directories import Directory, DirectoryBody, Expert, Queue, QueueEpoch, TrustBundle
from lyhty_wire.encoding import b64encode, canonical_json
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Epoch, ExpertId, InstanceId, QueueId, instance_id
from lyhty_wire.roots import RootBody
from lyhty_wire.wraps import DIRECTORY_SEED, QUEUE_SEED, TO_EXPERT

DAY_S: Final = 86_400
DIRECTORY_LIFE_S: Final = 14 * DAY_S
ROOT_LIFE_S: Final = 5 * 365 * DAY_S
M_KIB: Final = 65_536
PASSES: Final = 3
LANES: Final = 1
PROFESSIONS: Final = {LAWYER: "lawyer", PSYCHOLOGIST: "psychologist"}


@dataclass(frozen=True)
class Account:
    """An expert with everything only they know."""

    id: ExpertId
    name: str
    display_name: str
    queues: tuple[QueueId, ...]
    password: str
    salt: bytes
    device_secret: bytes
    keys: ExpertKeys
    coordinator: bool = False

    @property
    def queue(self) -> QueueId:
        """The first, which for most is the only one."""
        return self.queues[0]

    @property
    def device(self) -> str:
        """As the recovery sheet prints it."""
        return b64encode(self.device_secret)


@dataclass(frozen=True)
class Provider:
    root_key: SigningKey
    directory_key: SigningKey
    root: bytes
    directory_body: DirectoryBody
    accounts: tuple[Account, ...]
    seeds: dict[tuple[QueueId, Epoch], KemKeyPair]

    @property
    def instance(self) -> InstanceId:
        return instance_id(self.root)

    @property
    def lawyer(self) -> Account:
        return self.accounts[0]

    @property
    def other_lawyer(self) -> Account:
        return self.accounts[1]

    @property
    def psychologist(self) -> Account:
        return self.accounts[2]

    @property
    def coordinator(self) -> Account:
        return self.accounts[3]

    @cached_property
    def unlocked(self) -> dict[ExpertId, Unlocked]:
        """Argon2id, once for each expert."""
        return {
            account.id: unlock(
                stretch(account.password, account.salt, M_KIB, PASSES, LANES), account.device_secret, self.instance
            )
            for account in self.accounts
        }

    def login(self, account: Account) -> SigningKey:
        return self.unlocked[account.id].login

    @property
    def bundle(self) -> TrustBundle:
        return TrustBundle((self.root,), sign_directory(self.directory_body, self.directory_key))

    @property
    def directory(self) -> Directory:
        return self.bundle.verify(self.instance, self.directory_body.issued)

    def reissued(self, **changes: Any) -> "Provider":
        """The same provider with the next directory."""
        return replace(
            self, directory_body=replace(self.directory_body, version=self.directory_body.version + 1, **changes)
        )

    def write(self, folder: Path) -> Path:
        """The files `lyhty init` makes: provision, anchor and pepper."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "anchor.json").write_bytes(canonical_json({"instance": b64encode(self.instance)}))
        pepper = folder / "pepper"
        if not pepper.exists():
            pepper.write_bytes(os.urandom(32))
            pepper.chmod(0o600)
        self.write_provision(folder)
        return folder

    def write_provision(self, folder: Path) -> None:
        provision = {
            "roots": [b64encode(root) for root in self.bundle.roots],
            "directory": b64encode(self.bundle.directory),
            "experts": [self._record(account) for account in self.accounts],
        }
        (folder / "provision.json").write_bytes(canonical_json(provision))

    def _record(self, account: Account) -> dict[str, object]:
        unlocked = self.unlocked[account.id]
        wraps = [
            wrap_key(
                pair.seed, account.keys.kem.public, instance=self.instance, subject=account.keys.sign.public,
                kind=QUEUE_SEED, recipient=TO_EXPERT, queue=queue, epoch=epoch,
            )
            for (queue, epoch), pair in sorted(self.seeds.items())
            if queue in account.queues
        ]  # fmt: skip
        if account.coordinator:
            wraps.append(
                wrap_key(
                    self.directory_key.seed, account.keys.kem.public, instance=self.instance,
                    subject=account.keys.sign.public, kind=DIRECTORY_SEED, recipient=TO_EXPERT,
                )
            )  # fmt: skip
        return {
            "id": b64encode(account.id),
            "name": account.name,
            "salt": b64encode(account.salt),
            "m_kib": M_KIB,
            "t": PASSES,
            "p": LANES,
            "login_pk": b64encode(unlocked.login.public),
            "keys": b64encode(seal_key_blob(account.keys, unlocked, self.instance, account.id)),
            "queue_wraps": [b64encode(wrap.encode()) for wrap in wraps],
        }


def make_coordinators(now_s: int) -> Provider:
    """Three coordinators who are lawyers, and the one psychologist."""
    coordinators = [make_account(f"vastaava{n}", f"Coordinator {n}", (LAWYER,), coordinator=True) for n in (1, 2, 3)]
    return make_provider(now_s, (*coordinators, make_account("psykologi", "Only psychologist", (PSYCHOLOGIST,))))


def make_provider(now_s: int, people: tuple[Account, ...] = ()) -> Provider:
    """With the four that `Provider` names, or with these people alone."""
    root_key, directory_key = _signing_key(), _signing_key()
    root = sign_root(
        RootBody(
            version=1, issued=now_s, expires=now_s + ROOT_LIFE_S, keys=(root_key.public,), threshold=1,
            directory_keys=(directory_key.public,), previous=None,
        ),
        [root_key],
    )  # fmt: skip
    accounts = people or (
        make_account("lakimies", "First lawyer", (LAWYER,)),
        make_account("toinen", "Second lawyer", (LAWYER,)),
        make_account("psykologi", "Psychologist", (PSYCHOLOGIST,)),
        make_account("vastaava", "Coordinator", (LAWYER, PSYCHOLOGIST), coordinator=True),
    )
    seeds = {(queue, Epoch(1)): KemKeyPair(os.urandom(32)) for queue in PROFESSIONS}
    body = DirectoryBody(
        version=1,
        issued=now_s,
        expires=now_s + DIRECTORY_LIFE_S,
        instance=instance_id(root),
        root=instance_id(root),
        queues=tuple(
            Queue(queue, PROFESSIONS[queue], (QueueEpoch(epoch, pair.public),))
            for (queue, epoch), pair in sorted(seeds.items())
        ),
        experts=tuple(
            Expert(
                each.id, each.display_name, each.keys.sign.public, each.keys.kem.public, each.queues, each.coordinator,
                ("fi",),
            )
            for each in sorted(accounts, key=lambda each: each.id)
        ),
        former=(),
    )  # fmt: skip
    return Provider(root_key, directory_key, root, body, accounts, seeds)


def make_account(name: str, display_name: str, queues: tuple[QueueId, ...], *, coordinator: bool = False) -> Account:
    return Account(
        id=ExpertId(os.urandom(16)),
        name=name,
        display_name=display_name,
        queues=queues,
        password=f"a long password of {name}",
        salt=os.urandom(16),
        device_secret=os.urandom(32),
        keys=ExpertKeys(_signing_key(), KemKeyPair(os.urandom(32))),
        coordinator=coordinator,
    )


def _signing_key() -> SigningKey:
    return SigningKey(os.urandom(32))
