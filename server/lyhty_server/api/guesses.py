"""Who has failed to sign in lately, as far as the price of the next try needs to know (SPEC 9.4).

Sixteen bits of a keyed hash stand for a name, so that nothing here is a name, no flood of names pushes one out, and
all of it together stays small. Two names that share a number share a price, which nobody can bring about on purpose.
All processes count together: the price that one of them tells is the price that another asks.
"""

from lyhty_server.store.session_rows import SessionStore, Spent, Try


class Guesses:
    def __init__(self, store: SessionStore) -> None:
        self._store = store

    async def effort(self, name_key: bytes, now_s: int) -> int:
        return (await self._store.failures(_bucket(name_key))).effort(now_s)

    async def begin(self, name_key: bytes, spent: Spent, effort: int, now_s: int) -> None:
        """Each try counts as failed before its proof is looked at: many at one time must not share one price.

        Raises:
            DomainError: `sign-in-failed`, `work-insufficient`.
        """
        await self._store.begin_try(Try(spent, _bucket(name_key), effort), now_s)

    async def succeed(self, name_key: bytes, now_s: int) -> None:
        """Takes back what `begin` counted, and no more: see `domain/guessing.py`."""
        await self._store.take_back_try(_bucket(name_key), now_s)


def _bucket(name_key: bytes) -> int:
    return int.from_bytes(name_key[:2], "big")
