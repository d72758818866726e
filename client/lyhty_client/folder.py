"""The data folder: which files `lyhty init` leaves for the server and for the demo, and how they are written.

`provision.json`, `anchor.json` and `pepper` are the server's. `demo/` holds secrets no server ever has; outside a demo
they never lie beside it.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lyhty_client.errors import FolderError

PRIVATE_FILE: Final = 0o600
PUBLIC_FILE: Final = 0o644
PRIVATE_FOLDER: Final = 0o700


@dataclass(frozen=True, slots=True)
class DataFolder:
    path: Path

    @property
    def provision(self) -> Path:
        """Public records only: root documents, directory, the experts' accounts."""
        return self.path / "provision.json"

    @property
    def anchor(self) -> Path:
        return self.path / "anchor.json"

    @property
    def pepper(self) -> Path:
        return self.path / "pepper"

    @property
    def demo(self) -> Path:
        return self.path / "demo" / "demo.json"

    def make(self) -> None:
        """Folders that only their owner may look into."""
        self.path.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        self.demo.parent.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)


def write_whole(path: Path, data: bytes, mode: int) -> None:
    """All of it or nothing, and durable: a reader never sees half a file."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    fresh.replace(path)


def write_json(path: Path, value: Mapping[str, object], mode: int) -> None:
    write_whole(path, json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n", mode)


def read_json(path: Path) -> dict[str, object]:
    """
    Raises:
        FolderError: there is no such file, or it is not a JSON object.
    """
    try:
        value: object = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise FolderError(f"There is no {path.name} in {path.parent}. Run `lyhty init` first.") from None
    except ValueError:
        raise FolderError(f"{path} is not JSON.") from None
    if not isinstance(value, dict):
        raise FolderError(f"{path} is not a JSON object.")
    return value
