"""From the eight bytes of a phrase to all of a reporter's keys (SPEC 2.2). Slow on purpose, once per visit."""

from dataclasses import dataclass, field
from typing import Final

from argon2.low_level import Type, hash_secret_raw

from lyhty_crypto.keys import KemKeyPair, SigningKey, expand
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.contexts import context
from lyhty_wire.ids import InstanceId, MailboxId, digest, mailbox_id

PHRASE_BYTES: Final = 8
CASE_SALT_BYTES: Final = 32

# SPEC 2.2: the second choice of RFC 9106, section 4. It must be what the oldest phone can bear.
MEMORY_KIB: Final = 65_536
PASSES: Final = 3
LANES: Final = 1
_ROOT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class ReporterKeys:
    """What phrase and case salt stand for. `wrap` seals the reporter's own copies of case keys."""

    case_salt: bytes
    auth: SigningKey
    sign: SigningKey
    kem: KemKeyPair
    wrap: bytes = field(repr=False)

    @property
    def mailbox(self) -> MailboxId:
        return mailbox_id(self.auth.public)


def draw_phrase(randomness: Randomness = draw) -> bytes:
    return randomness(PHRASE_BYTES)


def draw_case_salt(randomness: Randomness = draw) -> bytes:
    """For a new case. Only the server's sealed mailbox row holds it, and without it no guessed phrase can be tested."""
    return randomness(CASE_SALT_BYTES)


def derive_reporter_keys(phrase: bytes, instance: InstanceId, case_salt: bytes) -> ReporterKeys:
    return reporter_keys(derive_root(phrase, instance), case_salt)


def derive_root(phrase: bytes, instance: InstanceId) -> bytes:
    """The slow half."""
    if len(phrase) != PHRASE_BYTES:
        raise ValueError("a phrase has eight bytes")
    salt = digest(context("phrase", instance))
    return hash_secret_raw(phrase, salt, PASSES, MEMORY_KIB, LANES, _ROOT_BYTES, Type.ID)


def auth_key(root: bytes) -> SigningKey:
    """All that is needed to come back: RESUME answers with the case salt."""
    return SigningKey(expand(root, context("reporter-auth")))


def reporter_keys(root: bytes, case_salt: bytes) -> ReporterKeys:
    """The fast half."""
    return ReporterKeys(
        case_salt=case_salt,
        auth=auth_key(root),
        sign=SigningKey(expand(root, context("reporter-sign", case_salt))),
        kem=KemKeyPair(expand(root, context("reporter-kem", case_salt))),
        wrap=expand(root, context("reporter-wrap", case_salt)),
    )
