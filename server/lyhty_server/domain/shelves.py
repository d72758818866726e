"""What a queue's shelf of answer templates takes (SPEC 3.6, 9). The server sees who writes, no words."""

from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.ids import Epoch

# Sixty-four templates, each changed thirty times: years of a team's work, read whole when somebody signs in.
MAX_WRITINGS: Final = 2_048
# Seven parts of a page each; what is longer is no template.
MAX_WRITING_BYTES: Final = 16_384


def check_writing(size_bytes: int) -> None:
    if size_bytes > MAX_WRITING_BYTES:
        raise DomainError(Code.TOO_LARGE)


def check_follows(last_seq: int, after: int) -> None:
    """By somebody who had read everything: nothing is written over what its writer has not seen."""
    if last_seq != after:
        raise DomainError(Code.SHELF_CHANGED)
    if last_seq >= MAX_WRITINGS:
        raise DomainError(Code.SHELF_FULL)


def check_key(sealed_for: Epoch, current: Epoch) -> None:
    """SPEC 3.6: nothing is written under a key that somebody who has left may have."""
    if sealed_for != current:
        raise DomainError(Code.EPOCH_STALE)
