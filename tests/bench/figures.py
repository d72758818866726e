"""bench.json: figures of several benches side by side."""

import json
from collections.abc import Callable
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "bench.json"


def write_figures(figures: dict[str, float], *, replacing: Callable[[str], bool]) -> None:
    """What another bench measured stays; `replacing` says which names are one's own."""
    others: dict[str, float] = json.loads(FILE.read_text()) if FILE.exists() else {}
    kept = {name: value for name, value in others.items() if not replacing(name)}
    FILE.write_text(json.dumps(kept | figures, indent=1, sort_keys=True) + "\n")
