"""The demo's secrets, its fortnightly chore, and where its pages are. None of this exists for a real provider.

Starts with every `make demo`, so it loads no more than it needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from lyhty_client.errors import FolderError
from lyhty_client.folder import PUBLIC_FILE, DataFolder, read_json, write_json
from lyhty_wire.directories import MAX_LIFE_S, DirectoryBody
from lyhty_wire.documents import DIRECTORY, UntrustedDocument
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import WireError
from lyhty_wire.ids import HASH_BYTES, LAWYER, PSYCHOLOGIST, SEED_BYTES, QueueId

RENEW_WITHIN_S: Final = 7 * 24 * 3600

_COLUMN: Final = 24
_DESKS: Final = {(LAWYER,): "lawyer", (PSYCHOLOGIST,): "psychologist", (LAWYER, PSYCHOLOGIST): "coordinator"}


@dataclass(frozen=True, slots=True)
class DemoExpert:
    """What an expert of the demo has on paper and in the head."""

    name: str
    display_name: str
    queues: tuple[QueueId, ...]
    password: str = field(repr=False)
    device_secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DemoSecrets:
    """All of it in one file, which only a demo has."""

    root_seed: bytes = field(repr=False)
    directory_seed: bytes = field(repr=False)
    experts: tuple[DemoExpert, ...]

    def to_json(self) -> dict[str, object]:
        return {
            "root_seed": b64encode(self.root_seed),
            "directory_seed": b64encode(self.directory_seed),
            "experts": [
                {
                    "name": expert.name,
                    "display_name": expert.display_name,
                    "queues": list(expert.queues),
                    "password": expert.password,
                    "device_secret": b64encode(expert.device_secret),
                }
                for expert in self.experts
            ],
        }

    def expert(self, name: str) -> DemoExpert:
        return next(expert for expert in self.experts if expert.name == name)


def read_secrets(folder: DataFolder) -> DemoSecrets:
    """
    Raises:
        FolderError: there are none, or not as `to_json` writes them.
    """
    value = read_json(folder.demo)
    try:
        experts = value["experts"]
        if not isinstance(experts, list):
            raise TypeError("experts are a list")  # noqa: TRY301 - told like any other wrong shape
        return DemoSecrets(
            root_seed=b64decode(value["root_seed"], SEED_BYTES),
            directory_seed=b64decode(value["directory_seed"], SEED_BYTES),
            experts=tuple(_expert(expert) for expert in experts),
        )
    except (KeyError, TypeError, WireError) as error:
        raise FolderError(f"{folder.demo} is not as `lyhty init --demo` writes it: {error}") from None


def _expert(value: Mapping[str, object]) -> DemoExpert:
    queues = value["queues"]
    if not isinstance(queues, list):
        raise TypeError("queues are a list")
    return DemoExpert(
        name=str(value["name"]),
        display_name=str(value["display_name"]),
        queues=tuple(QueueId(int(queue)) for queue in queues),
        password=str(value["password"]),
        device_secret=b64decode(value["device_secret"], SEED_BYTES),
    )


def renew(folder: DataFolder, now: int) -> bool:
    """Signs the directory again when it ends soon. Says whether it did."""
    provision = read_json(folder.provision)
    try:
        body = DirectoryBody.decode(UntrustedDocument.decode(b64decode(provision.get("directory"))).body)
    except WireError as error:
        raise FolderError(f"The directory in {folder.provision} cannot be read: {error}") from None
    if body.issued <= now and body.expires - now >= RENEW_WITHIN_S:
        return False
    signed = renewed_directory(body, read_secrets(folder).directory_seed, now)
    write_json(folder.provision, {**provision, "directory": b64encode(signed)}, PUBLIC_FILE)
    return True


def renewed_directory(body: DirectoryBody, directory_seed: bytes, now: int) -> bytes:
    """The same directory for another 14 days."""
    # Loaded here, because on most days nothing is signed.
    from lyhty_crypto.documents import sign_document
    from lyhty_crypto.keys import SigningKey

    renewed = replace(body, version=body.version + 1, issued=now, expires=now + MAX_LIFE_S)
    return sign_document(DIRECTORY, renewed.encode(), [SigningKey(directory_seed)])


def addresses(folder: DataFolder, site: str) -> str:
    """Where the demo's pages are, for a person. `site` is `http://127.0.0.1:8400`."""
    instance = b64encode(b64decode(read_json(folder.anchor).get("instance"), HASH_BYTES))
    lines = [
        "Site".ljust(_COLUMN) + f"{site}/",
        "Link on a poster".ljust(_COLUMN) + f"{site}/#a={instance}",
    ]
    for expert in read_secrets(folder).experts:
        desk = _DESKS[expert.queues]
        lines += [
            f"Console, {desk}".ljust(_COLUMN) + f"{site}/console#device={b64encode(expert.device_secret)}",
            " " * _COLUMN + f"name: {expert.name}   password: {expert.password}",
        ]
    return "\n".join(lines)
