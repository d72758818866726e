"""The one place that draws randomness from the machine. Everything else takes a `Randomness` as an argument."""

import os
from collections.abc import Callable

Randomness = Callable[[int], bytes]


def draw(length: int) -> bytes:
    """So many bytes from the system's CSPRNG."""
    return os.urandom(length)
