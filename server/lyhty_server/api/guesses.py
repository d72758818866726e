"""Who has failed to sign in lately, as far as the price of the next try needs to know (SPEC 9.4).

Sixteen bits of a keyed hash stand for a name, so that nothing here is a name, no flood of names pushes one out, and
all of it together stays small. Two names that share a number share a price, which nobody can bring about on purpose.
"""

from typing import Final

from lyhty_server.domain.guessing import Failures

_NOBODY: Final = Failures()


class Guesses:
    def __init__(self) -> None:
        self._failures: dict[bytes, Failures] = {}

    def effort(self, name_key: bytes, now_s: int) -> int:
        return self._of(name_key).effort(now_s)

    def begin(self, name_key: bytes, now_s: int) -> None:
        """Each try counts as failed before its proof is looked at: many at one time must not share one price."""
        self._put(name_key, self._of(name_key).one_more(now_s))

    def succeed(self, name_key: bytes, now_s: int) -> None:
        """Takes back what `begin` counted, and no more: see `domain/guessing.py`."""
        self._put(name_key, self._of(name_key).one_less(now_s))

    def _of(self, name_key: bytes) -> Failures:
        return self._failures.get(name_key[:2], _NOBODY)

    def _put(self, name_key: bytes, failures: Failures) -> None:
        if failures.count == 0:
            self._failures.pop(name_key[:2], None)
        else:
            self._failures[name_key[:2]] = failures
