"""How many connections there may be at one time, so that the files they take never run out.

Where they have run out, whoever comes is dropped without a word, and the database cannot open what it needs.
"""

from typing import Final

# Connections that are no channel: pages being loaded, six each; desks with their feeds; whoever is told `busy`.
OTHERS: Final = 1_000
# Connections that wait to be accepted; a loop takes all of them before it can turn the first one away.
BACKLOG: Final = 1_024
# The database with its log and readers, and what the loop and the libraries open: fewer than 30 at rest.
OWN_FILES: Final = 100


def most_connections(max_channels: int) -> int:
    return max_channels + OTHERS


def most_channels(files: int) -> int:
    """As many as that many open files carry; none or less: not even one."""
    return files - OTHERS - BACKLOG - OWN_FILES


class Crowd:
    """Those who are here."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._here = 0

    def enter(self) -> bool:
        """False: there is no room for one more."""
        if self._here >= self._most:
            return False
        self._here += 1
        return True

    def leave(self) -> None:
        self._here -= 1
