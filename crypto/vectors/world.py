"""The fixed people, keys and documents that the vectors speak of, and how a case of a vector file is written."""

from collections.abc import Callable, Sequence
from hashlib import shake_256
from typing import Any

from lyhty_crypto.documents import sign_directory, sign_root
from lyhty_crypto.errors import CryptoError
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.passphrase import reporter_keys
from lyhty_wire.contents import Chat, Content, Report
from lyhty_wire.directories import (
    DirectoryBody,
    Expert,
    FormerExpert,
    Queue,
    QueueEpoch,
    UntrustedDirectory,
)
from lyhty_wire.errors import WireError
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Epoch, ExpertId, case_id, commitment, instance_id
from lyhty_wire.roots import RootBody, verify_roots

Json = dict[str, Any]
"""Of a vector as it is written down: what a field holds, its reader knows."""


def drawn(label: str, length: int = 32) -> bytes:
    """Bytes that look random and are the same in every run."""
    return shake_256(f"lyhty vectors: {label}".encode()).digest(length)


class Draws:
    """A `Randomness` that gives the same bytes in every run."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._count = 0

    def __call__(self, length: int) -> bytes:
        self._count += 1
        return drawn(f"{self._label} {self._count}", length)


def case(name: str, do: str, inputs: Json, expect: Json) -> Json:
    return {"name": name, "do": do, "inputs": {key: _plain(value) for key, value in inputs.items()}, "expect": {
        key: _plain(value) for key, value in expect.items()
    }}  # fmt: skip


def _plain(value: object) -> object:
    match value:
        case bytes():
            return value.hex()
        case list() | tuple():
            return [_plain(item) for item in value]
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case _:
            return value


def outcome(run: Callable[[], object]) -> Json:
    """{} when it goes through, else the failure's name and code."""
    try:
        run()
    except (WireError, CryptoError) as error:
        return {"failure": error.failure, "code": error.code}
    return {}


def failing(name: str, do: str, inputs: Json, run: Callable[[], object], failure: str) -> Json:
    """A case that must fail, and does so here."""
    result = outcome(run)
    if result.get("failure") != failure:
        raise AssertionError(f"{name}: {result} where {failure} is due")
    return case(name, do, inputs, result)


def tampering(
    name: str, do: str, inputs: Json, field: str, run: Callable[[bytes], object], step: int = 1, end: int | None = None
) -> Json:
    """One case for many: each byte (or every `step`th) XOR 1 in turn, and which failure it gives."""
    data = inputs[field]
    assert isinstance(data, bytes)
    end = len(data) if end is None else end
    ranges: list[Json] = []
    for index in range(0, end, step):
        flipped = bytearray(data)
        flipped[index] ^= 1
        result = outcome(lambda changed=bytes(flipped): run(changed))
        if not result:
            raise AssertionError(f"{name}: byte {index} may be changed")
        if ranges and {key: ranges[-1][key] for key in result} == result:
            ranges[-1]["to"] = min(index + step, end)
        else:
            ranges.append({"from": index, "to": min(index + step, end), **result})
    tamper = {"tamper": "every-byte", "field": field, "xor": 1, "from": 0, "to": end, "step": step}
    return case(name, do, {**inputs, **tamper}, {"ranges": ranges})


# --- people and keys

ROOT_KEYS = [SigningKey(drawn(f"root key {index}")) for index in range(3)]
NEXT_ROOT_KEYS = [SigningKey(drawn(f"next root key {index}")) for index in range(2)]
DIRECTORY_KEY = SigningKey(drawn("directory key"))
NEXT_DIRECTORY_KEY = SigningKey(drawn("next directory key"))
LAWYER_SEED, PSYCHOLOGIST_SEED = drawn("lawyer queue seed"), drawn("psychologist queue seed")
LAWYER_KEM, PSYCHOLOGIST_KEM = KemKeyPair(LAWYER_SEED), KemKeyPair(PSYCHOLOGIST_SEED)
OLD_LAWYER_KEM = KemKeyPair(drawn("old lawyer queue seed"))
EXPERT_SIGN, EXPERT_KEM = SigningKey(drawn("expert sign")), KemKeyPair(drawn("expert kem"))
FORMER_SIGN = SigningKey(drawn("former sign"))
STRANGER = SigningKey(drawn("stranger"))
CASE_SALT = drawn("case salt")
REPORTER = reporter_keys(drawn("reporter root"), CASE_SALT)

NOW = 1_790_000_000
DAY = 24 * 3600


def _sorted_keys(keys: Sequence[SigningKey]) -> tuple:
    return tuple(sorted(key.public for key in keys))


FIRST_ROOT_BODY = RootBody(
    version=1, issued=NOW - 100 * DAY, expires=NOW + 900 * DAY, keys=_sorted_keys(ROOT_KEYS), threshold=2,
    directory_keys=(DIRECTORY_KEY.public,), previous=None,
)  # fmt: skip
FIRST_ROOT = sign_root(FIRST_ROOT_BODY, ROOT_KEYS[:2])
INSTANCE = instance_id(FIRST_ROOT)
SECOND_ROOT_BODY = RootBody(
    version=2, issued=NOW - 10 * DAY, expires=NOW + 1000 * DAY, keys=_sorted_keys(NEXT_ROOT_KEYS), threshold=1,
    directory_keys=_sorted_keys([DIRECTORY_KEY, NEXT_DIRECTORY_KEY]), previous=INSTANCE,
)  # fmt: skip
SECOND_ROOT = sign_root(SECOND_ROOT_BODY, [*ROOT_KEYS[:2], NEXT_ROOT_KEYS[0]])
LAST_ROOT = verify_roots(INSTANCE, [FIRST_ROOT, SECOND_ROOT])

CASE_KEY, CARD_KEY, SECOND_CASE_KEY = drawn("case key"), drawn("card key"), drawn("second case key")
COMMITMENT = commitment(CASE_KEY)
CASE = case_id(REPORTER.sign.public, COMMITMENT)

DIRECTORY_BODY = DirectoryBody(
    version=7, issued=NOW, expires=NOW + 14 * DAY, instance=INSTANCE, root=LAST_ROOT.digest,
    queues=(
        Queue(LAWYER, "lawyer", (QueueEpoch(Epoch(1), OLD_LAWYER_KEM.public), QueueEpoch(Epoch(2), LAWYER_KEM.public))),
        Queue(PSYCHOLOGIST, "psychologist", (QueueEpoch(Epoch(1), PSYCHOLOGIST_KEM.public),)),
    ),
    experts=(
        Expert(
            ExpertId(drawn("expert id", 16)), "Lakimies Ä", EXPERT_SIGN.public, EXPERT_KEM.public, (LAWYER,), True,
            ("en", "fi-simple"),
        ),
    ),
    former=(
        FormerExpert(
            ExpertId(drawn("former id", 16)), "Psykologi", FORMER_SIGN.public, (PSYCHOLOGIST,), NOW - DAY, version=6
        ),
    ),
)  # fmt: skip
DIRECTORY = sign_directory(DIRECTORY_BODY, DIRECTORY_KEY)
VERIFIED = UntrustedDirectory(DIRECTORY).verify_under(LAST_ROOT, NOW)

CHAT: Content = Chat(at=NOW, text='Hei! \U0001f3ee\n\t"Moi" \\ שלום')


def report(text: str = "Joku jakoi kuvani.") -> Report:
    return Report(
        at=NOW, kem=REPORTER.kem.public, language="fi-simple", services=("snapchat", "tiktok"), text=text,
        topic="picture-shared", help="both", device="own", role="pupil", age="10-12", school="03095",
    )  # fmt: skip
