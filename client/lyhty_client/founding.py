"""Founds a provider: root, directory key and queue keys from nothing but the clock and randomness (SPEC 5.8).

Nobody is in the first directory. The first coordinator comes by the founding link and makes their own keys; the root
key goes to a file and onto paper, and never to the server.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lyhty_client.errors import FolderError
from lyhty_client.folder import PRIVATE_FILE, PRIVATE_FOLDER, PUBLIC_FILE, DataFolder, write_json, write_whole
from lyhty_crypto.documents import sign_directory, sign_root
from lyhty_crypto.founding import FoundingPacket, QueueSeed, seal_packet
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.directories import MAX_LIFE_S, DirectoryBody, Queue, QueueEpoch
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, SEED_BYTES, Epoch, InstanceId, digest, instance_id
from lyhty_wire.invitations import MAX_NAME_CODE_POINTS, SECRET_BYTES
from lyhty_wire.roots import RootBody

# Long enough that nobody forgets it within a job, short enough that somebody still knows where the paper is.
ROOT_LIFE_S: Final = 5 * 365 * 24 * 3600
PEPPER_BYTES: Final = 32

_QUEUES: Final = ((LAWYER, "lawyer"), (PSYCHOLOGIST, "psychologist"))


@dataclass(frozen=True, slots=True)
class Founded:
    """A new provider: what the server gets, and the two secrets that it never does."""

    root: bytes
    directory: bytes
    packet: bytes
    root_seed: bytes = field(repr=False)
    link_secret: bytes = field(repr=False)

    @property
    def instance(self) -> InstanceId:
        return instance_id(self.root)

    @property
    def link_fragment(self) -> str:
        return f"f={b64encode(self.link_secret)}"


def found(now_s: int, coordinator: str, languages: tuple[str, ...], randomness: Randomness = draw) -> Founded:
    """`coordinator`: the name that others will see."""
    if not 1 <= len(coordinator) <= MAX_NAME_CODE_POINTS:
        raise FolderError("A coordinator's name has 1 to 200 letters.")
    root_key, directory_key = SigningKey(randomness(SEED_BYTES)), SigningKey(randomness(SEED_BYTES))
    root = sign_root(
        RootBody(
            version=1,
            issued=now_s,
            expires=now_s + ROOT_LIFE_S,
            keys=(root_key.public,),
            threshold=1,
            directory_keys=(directory_key.public,),
            previous=None,
        ),
        [root_key],
    )
    pairs = {queue: KemKeyPair(randomness(SEED_BYTES)) for queue, _ in _QUEUES}
    first = Epoch(1)
    directory = DirectoryBody(
        version=1,
        issued=now_s,
        expires=now_s + MAX_LIFE_S,
        instance=instance_id(root),
        root=digest(root),
        queues=tuple(
            Queue(queue, profession, (QueueEpoch(first, pairs[queue].public),)) for queue, profession in _QUEUES
        ),
        experts=(),
        former=(),
    )
    secret = randomness(SECRET_BYTES)
    packet = FoundingPacket(
        coordinator,
        tuple(sorted(set(languages))),
        directory_key.seed,
        tuple(QueueSeed(queue, first, pair.seed) for queue, pair in pairs.items()),
    )
    return Founded(
        root=root,
        directory=sign_directory(directory, directory_key),
        packet=seal_packet(packet, secret, instance_id(root), randomness),
        root_seed=root_key.seed,
        link_secret=secret,
    )


def check_off_server(path: Path, folder: DataFolder) -> None:
    """
    Raises:
        FolderError: it would lie where the server, and its backups, can read it; or there is something already.
    """
    place, data = path.resolve(), folder.path.resolve()
    if place == data or data in place.parents:
        raise FolderError(f"{path} lies in the server's data folder. Choose a place that is not on the server.")
    if path.exists():
        raise FolderError(f"{path} is there already; nothing is written over it.")


def write_root_key(path: Path, root_seed: bytes, instance: InstanceId) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    value = {"instance": b64encode(instance), "root_seed": b64encode(root_seed)}
    write_json(path, value, PRIVATE_FILE)


def write_instance(folder: DataFolder, founded: Founded, randomness: Randomness = draw) -> None:
    """What the server reads. `provision.json` comes last: where it is, everything is."""
    folder.path.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    write_whole(folder.pepper, randomness(PEPPER_BYTES), PRIVATE_FILE)
    write_json(folder.anchor, {"instance": b64encode(founded.instance)}, PUBLIC_FILE)
    provision = {
        "roots": [b64encode(founded.root)],
        "directory": b64encode(founded.directory),
        "experts": [],
        "founding": b64encode(founded.packet),
    }
    write_json(folder.provision, provision, PUBLIC_FILE)
