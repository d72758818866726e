"""How long tests wait for what must come: on a machine that does much else too, a few milliseconds become seconds."""

from typing import Final

PATIENCE_S: Final = 60
