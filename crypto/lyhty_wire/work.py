"""What opening a case costs its sender: a search that anybody checks with sixteen hashes (SPEC 6.7).

Sixteen small searches instead of one large one: the time they take together varies little, so that the slow phone's
worst case is near its average.
"""

from hashlib import sha256
from typing import Final

from msgspec import Struct

from lyhty_wire.contexts import context
from lyhty_wire.errors import ForgedError, MalformedError
from lyhty_wire.ids import CaseId, InstanceId, digest
from lyhty_wire.reader import Reader, u32

CHALLENGE_BYTES: Final = 16
PARTS: Final = 16
SOLUTION_BYTES: Final = 4 * PARTS
# SPEC 6.7: no server may ask more of a phone than this, about eleven seconds of a slow one.
MAX_EFFORT: Final = 65_536
# And no more than this of an expert's computer, who has failed to sign in again and again: about three seconds.
MAX_SIGN_IN_EFFORT: Final = 131_072
_VALUES: Final = 2**32


class Terms(Struct, frozen=True):
    """What the server asks for from now on, also the event WORK: `effort` is a part's tries on average."""

    challenge: bytes
    effort: int

    def encode(self) -> bytes:
        return self.challenge + u32(self.effort)

    def dearer(self) -> "Terms":
        """Enough for a price that still climbs: a phone is rather refused once than at each step (SPEC 6.7)."""
        return Terms(self.challenge, min(4 * self.effort, MAX_EFFORT))

    @classmethod
    def read(cls, reader: Reader) -> "Terms":
        terms = cls(reader.take(CHALLENGE_BYTES), reader.u32())
        if not 1 <= terms.effort <= MAX_EFFORT:
            raise MalformedError("operation-malformed", "an effort that nobody may ask for")
        return terms

    @classmethod
    def decode(cls, body: bytes) -> "Terms":
        reader = Reader(body, "operation-malformed")
        terms = cls.read(reader)
        reader.end()
        return terms


class Work(Struct, frozen=True):
    """What OPEN shows for it: sixteen nonces found for a challenge and a case."""

    challenge: bytes
    solution: bytes

    def encode(self) -> bytes:
        return self.challenge + self.solution

    @classmethod
    def read(cls, reader: Reader) -> "Work":
        return cls(reader.take(CHALLENGE_BYTES), reader.take(SOLUTION_BYTES))

    def check(self, instance: InstanceId, case: CaseId, effort: int) -> None:
        """Returns when each part took an effort like this, else raises ForgedError `work-insufficient`."""
        seed, limit = _seed(instance, self.challenge, case), _VALUES // effort
        for at, part in _PARTS:
            if int.from_bytes(sha256(seed + part + self.solution[at : at + 4]).digest()[:4], "big") >= limit:
                raise ForgedError("work-insufficient", "no search led to this")


def sign_in_terms(challenge: bytes, effort: int) -> Terms:
    """Of a sign-in: `challenge` is the one that its proof is made of."""
    return Terms(challenge[:CHALLENGE_BYTES], effort)


def sign_in_purpose(challenge: bytes, name: str) -> CaseId:
    """What stands in the place of the case id when somebody signs in. `name` as `account_name` returns it."""
    return CaseId(digest(context("sign-in-work", challenge, digest(name.encode("utf-8")))))


_PARTS: Final = tuple((4 * part, u32(part)) for part in range(PARTS))


class Search:
    """Looks for the work of one case, a few tries at a time. More effort asked for meanwhile loses nothing found."""

    def __init__(self, instance: InstanceId, case: CaseId, terms: Terms) -> None:
        self.terms = terms
        self._instance = instance
        self._case = case
        self._start()

    def ask(self, terms: Terms) -> bool:
        """What the server asks for now. Whether what was found for it before may be too little."""
        if terms.challenge == self.terms.challenge and terms.effort <= self.terms.effort:
            return False
        is_same = terms.challenge == self.terms.challenge
        self.terms = terms
        if is_same:
            self._part = 0
        else:
            self._start()
        return True

    def run(self, tries: int) -> Work | None:
        """The work if `tries` more tries were enough to find all of it."""
        seed, limit = self._seed, _VALUES // self.terms.effort
        while self._part < PARTS:
            nonce = self._nonces[self._part]
            prefix = seed + u32(self._part)
            while int.from_bytes(sha256(prefix + nonce.to_bytes(4, "big")).digest()[:4], "big") >= limit:
                if tries <= 0:
                    self._nonces[self._part] = nonce
                    return None
                nonce += 1
                tries -= 1
            self._nonces[self._part] = nonce
            self._part += 1
        return Work(self.terms.challenge, b"".join(map(u32, self._nonces)))

    def _start(self) -> None:
        self._seed = _seed(self._instance, self.terms.challenge, self._case)
        self._nonces = [0] * PARTS
        self._part = 0


def _seed(instance: InstanceId, challenge: bytes, case: CaseId) -> bytes:
    return digest(context("work", instance, challenge, case))
