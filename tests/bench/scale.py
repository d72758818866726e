"""`make bench-scale`: what takes too long for `make bench`; prints a table and adds to bench.json.

python tests/bench/scale.py [name ...]   only these; the names are the keys of MEASURES
"""

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # so that `tests.` is found however this file is started

from tests.bench import channels, growth  # noqa: E402 - after the path
from tests.bench.figures import take, write_figures  # noqa: E402 - after the path

MEASURES: dict[str, Callable[[Path], dict[str, float]]] = {
    "channels": channels.measure,
    "growth": growth.measure,
}

GOALS: dict[str, tuple[str, float]] = {
    "channels_10000_slot_late_p99_ms": ("<=", 100),
    "channels_10000_bytes_each": ("<=", 25_000),
    "queue_page_growth_1k_to_1m": ("<=", 2),
    "queue_first_page_growth_1k_to_1m": ("<=", 2),
    "resume_growth_1k_to_1m": ("<=", 2),
}

OWN = ("channels_10000", "channels_per", "queue_", "resume_")
"""How the names of these figures begin."""


def main() -> None:
    asked = sys.argv[1:] or list(MEASURES)
    figures = take(MEASURES, GOALS, asked)
    if asked == list(MEASURES):
        del figures["load_before"]
        write_figures(figures, replacing=lambda name: name.startswith(OWN))


if __name__ == "__main__":
    main()
