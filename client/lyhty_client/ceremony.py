"""Makes a provider: root, directory key, queue keys and experts, from nothing but the clock and randomness (SPEC 2, 5).

This is the ceremony of the demo: one person, one computer, secrets in a file. Its results have the same form as those
of a real one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lyhty_client.demo import DemoExpert, DemoSecrets
from lyhty_client.folder import PRIVATE_FILE, PUBLIC_FILE, DataFolder, write_json, write_whole
from lyhty_crypto.documents import sign_directory, sign_root
from lyhty_crypto.experts import DEVICE_SECRET_BYTES, LANES, ExpertKeys, make_unlock
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.lexicon import LEXICON
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.wrapping import wrap_key
from lyhty_wire.accounts import account_name
from lyhty_wire.directories import MAX_LIFE_S, DirectoryBody, Expert, Queue, QueueEpoch
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import (
    EXPERT_ID_BYTES,
    LAWYER,
    NO_EPOCH,
    NO_QUEUE,
    PSYCHOLOGIST,
    SEED_BYTES,
    Epoch,
    ExpertId,
    InstanceId,
    QueueId,
    digest,
    instance_id,
)
from lyhty_wire.roots import RootBody
from lyhty_wire.unlocks import LEAST_MEMORY_KIB, LEAST_PASSES
from lyhty_wire.wraps import DIRECTORY_SEED, QUEUE_SEED, TO_EXPERT

ROOT_LIFE_S: Final = 10 * 365 * 24 * 3600  # a demo's root outlives the demo
PEPPER_BYTES: Final = 32
FIRST_EPOCH: Final = Epoch(1)
PASSWORD_WORDS: Final = 3
PASSWORD_DIGITS: Final = 2
LONGEST_WORD: Final = 8

_QUEUES: Final = ((LAWYER, "lawyer"), (PSYCHOLOGIST, "psychologist"))
_EXPERTS: Final = (
    ("lakimies", "Demo-lakimies", (LAWYER,)),
    ("psykologi", "Demo-psykologi", (PSYCHOLOGIST,)),
    ("koordinaattori", "Demo-koordinaattori", (LAWYER, PSYCHOLOGIST)),
)
COORDINATOR: Final = "koordinaattori"


@dataclass(frozen=True, slots=True)
class Account:
    """What the server keeps of an expert; nothing in it is a secret."""

    id: ExpertId
    name: str
    salt: bytes
    login_pk: bytes
    keys: bytes
    queue_wraps: tuple[bytes, ...]

    def to_json(self) -> dict[str, object]:
        return {
            "id": b64encode(self.id),
            "name": self.name,
            "salt": b64encode(self.salt),
            "m_kib": LEAST_MEMORY_KIB,
            "t": LEAST_PASSES,
            "p": LANES,
            "login_pk": b64encode(self.login_pk),
            "keys": b64encode(self.keys),
            "queue_wraps": [b64encode(wrap) for wrap in self.queue_wraps],
        }


@dataclass(frozen=True, slots=True)
class Provider:
    """A whole new provider: the public half for the server, the secrets for the demo's people."""

    root: bytes
    directory: bytes
    accounts: tuple[Account, ...]
    secrets: DemoSecrets

    @property
    def instance(self) -> InstanceId:
        return instance_id(self.root)

    def provision_json(self) -> dict[str, object]:
        return {
            "roots": [b64encode(self.root)],
            "directory": b64encode(self.directory),
            "experts": [account.to_json() for account in self.accounts],
        }


def found_demo(now: int, randomness: Randomness = draw) -> Provider:
    """Two queues with an expert each, and a coordinator of both. Takes a second: three passwords are stretched."""
    root_key, directory_key = SigningKey(randomness(SEED_BYTES)), SigningKey(randomness(SEED_BYTES))
    root = sign_root(
        RootBody(
            version=1,
            issued=now,
            expires=now + ROOT_LIFE_S,
            keys=(root_key.public,),
            threshold=1,
            directory_keys=(directory_key.public,),
            previous=None,
        ),
        [root_key],
    )
    instance = instance_id(root)
    queue_keys = {queue: KemKeyPair(randomness(SEED_BYTES)) for queue, _ in _QUEUES}
    enrolled = [
        _enrol(name, display_name, queues, queue_keys, directory_key, instance, randomness)
        for name, display_name, queues in _EXPERTS
    ]
    directory = DirectoryBody(
        version=1,
        issued=now,
        expires=now + MAX_LIFE_S,
        instance=instance,
        root=digest(root),
        queues=tuple(
            Queue(queue, profession, (QueueEpoch(FIRST_EPOCH, queue_keys[queue].public),))
            for queue, profession in _QUEUES
        ),
        experts=tuple(sorted((listed for listed, _, _ in enrolled), key=lambda expert: expert.id)),
        former=(),
    )
    return Provider(
        root=root,
        directory=sign_directory(directory, directory_key),
        accounts=tuple(account for _, account, _ in enrolled),
        secrets=DemoSecrets(root_key.seed, directory_key.seed, tuple(secret for _, _, secret in enrolled)),
    )


def write_demo(folder: DataFolder, provider: Provider, randomness: Randomness = draw) -> None:
    """`provision.json` comes last: where it is, everything is."""
    folder.make()
    write_json(folder.demo, provider.secrets.to_json(), PRIVATE_FILE)
    write_whole(folder.pepper, randomness(PEPPER_BYTES), PRIVATE_FILE)
    write_json(folder.anchor, {"instance": b64encode(provider.instance)}, PUBLIC_FILE)
    write_json(folder.provision, provider.provision_json(), PUBLIC_FILE)


def _enrol(
    name: str,
    display_name: str,
    queues: tuple[QueueId, ...],
    queue_keys: dict[QueueId, KemKeyPair],
    directory_key: SigningKey,
    instance: InstanceId,
    randomness: Randomness,
) -> tuple[Expert, Account, DemoExpert]:
    expert_id = ExpertId(randomness(EXPERT_ID_BYTES))
    keys = ExpertKeys(SigningKey(randomness(SEED_BYTES)), KemKeyPair(randomness(SEED_BYTES)))
    secret = DemoExpert(
        account_name(name), display_name, queues, draw_password(randomness), randomness(DEVICE_SECRET_BYTES)
    )
    coordinates = name == COORDINATOR
    wraps = [_wrap(queue_keys[queue].seed, keys, instance, queue) for queue in queues]
    if coordinates:
        wraps.append(_wrap(directory_key.seed, keys, instance))
    unlock, _ = make_unlock(keys, secret.password, secret.device_secret, instance, expert_id, randomness)
    account = Account(
        id=expert_id,
        name=secret.name,
        salt=unlock.salt,
        login_pk=unlock.login_pk,
        keys=unlock.keys,
        queue_wraps=tuple(wraps),
    )
    listed = Expert(expert_id, display_name, keys.sign.public, keys.kem.public, queues, coordinates)
    return listed, account, secret


def _wrap(seed: bytes, keys: ExpertKeys, instance: InstanceId, queue: QueueId = NO_QUEUE) -> bytes:
    """Of a queue, or without one of the directory key."""
    return wrap_key(
        seed,
        keys.kem.public,
        instance=instance,
        subject=keys.sign.public,
        kind=QUEUE_SEED if queue else DIRECTORY_SEED,
        recipient=TO_EXPERT,
        queue=queue,
        epoch=FIRST_EPOCH if queue else NO_EPOCH,
    ).encode()


def draw_password(randomness: Randomness = draw) -> str:
    """Words and digits that are easy to type, as in `kissa-omena-juna-42`. The device secret carries the strength."""
    # Only letters that every keyboard has.
    words = [word for word in LEXICON.words["fi"] if len(word) <= LONGEST_WORD and word.isascii() and word.isalpha()]
    parts = [_choose(words, randomness) for _ in range(PASSWORD_WORDS)]
    parts.append("".join(_choose("23456789", randomness) for _ in range(PASSWORD_DIGITS)))
    return "-".join(parts)


def _choose(among: Sequence[str], randomness: Randomness) -> str:
    """One of at most 256, each as likely: bytes beyond the last whole round are drawn again."""
    usable = 256 - 256 % len(among)
    byte = randomness(1)[0]
    while byte >= usable:
        byte = randomness(1)[0]
    return among[byte % len(among)]
