"""As many days as LYHTY_TEST_SOAK says, twelve in `make soak`; a moment otherwise."""

from tests.faults.conftest import tell
from tests.scenarios.conftest import fresh_folder, own_server, provider

__all__ = ["fresh_folder", "own_server", "provider", "tell"]
