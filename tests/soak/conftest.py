"""Half an hour of it in `make soak`, which sets LYHTY_TEST_SOAK; a moment otherwise."""

from tests.faults.conftest import tell
from tests.scenarios.conftest import fresh_folder, own_server, provider

__all__ = ["fresh_folder", "own_server", "provider", "tell"]
