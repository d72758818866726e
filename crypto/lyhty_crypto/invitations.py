"""The secret of an invitation: it stands in a link's fragment and never reaches the server (SPEC 5.7)."""

import hmac
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lyhty_crypto.errors import TamperedError
from lyhty_crypto.experts import ExpertKeys
from lyhty_crypto.keys import expand
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.contexts import context
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import ForgedError, MalformedError
from lyhty_wire.ids import InstanceId, digest
from lyhty_wire.invitations import (
    INVITATION_ID_BYTES,
    KEPT_BYTES,
    SECRET_BYTES,
    Account,
    Application,
    Offer,
    to_sign,
)

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_UNKNOWN: Final = "invitation-unknown"
_MALFORMED: Final = "operation-malformed"


@dataclass(frozen=True, slots=True)
class Invitation:
    """One link, and what can be done with it."""

    instance: InstanceId
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != SECRET_BYTES:
            raise MalformedError(_UNKNOWN, "an invitation's secret has 32 bytes")

    @classmethod
    def drawn(cls, instance: InstanceId, randomness: Randomness = draw) -> Self:
        return cls(instance, randomness(SECRET_BYTES))

    @classmethod
    def typed(cls, instance: InstanceId, text: str) -> Self:
        """The 43 characters of the link."""
        return cls(instance, b64decode(text.strip(), SECRET_BYTES, code=_UNKNOWN))

    @property
    def text(self) -> str:
        return b64encode(self.secret)

    @property
    def id(self) -> bytes:
        return digest(context("invitation", self.instance, self.secret))[:INVITATION_ID_BYTES]

    def seal_offer(self, offer: Offer, randomness: Randomness = draw) -> bytes:
        key = expand(self.secret, context("invitation-seal"))
        return seal_under(key, offer.encode(), context("invitation-offer", self.instance, self.id), randomness)

    def open_offer(self, sealed: bytes) -> Offer:
        key = expand(self.secret, context("invitation-seal"))
        return Offer.decode(open_sealed(key, sealed, context("invitation-offer", self.instance, self.id)))

    def keep(self, directory_seed: bytes, randomness: Randomness = draw) -> bytes:
        """The secret for the other coordinators: all of them have the directory key."""
        key = expand(directory_seed, context("invitation-keep"))
        return seal_under(key, self.secret, context("invitation-kept", self.instance, self.id), randomness)

    @classmethod
    def kept(cls, instance: InstanceId, invitation: bytes, kept: bytes, directory_seed: bytes) -> Self:
        """What `keep` sealed under this id."""
        if len(kept) != KEPT_BYTES:
            raise MalformedError(_MALFORMED, "length of a kept invitation")
        key = expand(directory_seed, context("invitation-keep"))
        opened = cls(instance, open_sealed(key, kept, context("invitation-kept", instance, invitation)))
        if opened.id != invitation:
            raise TamperedError("wrap-tampered", "the secret of another invitation")
        return opened

    def apply(self, account: Account, keys: ExpertKeys) -> Application:
        signature = keys.sign.sign(to_sign(self.instance, account))
        return Application(account, signature, self._mac(account, signature))

    def check(self, application: Application) -> None:
        """Whoever applied had the link, and every byte is theirs; else ForgedError."""
        application.verify(self.instance)
        if not hmac.compare_digest(self._mac(application.account, application.signature), application.mac):
            raise ForgedError("signature-invalid", "made by somebody who does not know the invitation")

    def _mac(self, account: Account, signature: bytes) -> bytes:
        key = expand(self.secret, context("invitation-mac"))
        return hmac.digest(key, account.encode() + signature, "sha256")


def seal_under(key: bytes, plaintext: bytes, aad: bytes, randomness: Randomness) -> bytes:
    nonce = randomness(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def open_sealed(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    if len(sealed) < 1 + _NONCE_BYTES + 16 or not sealed.startswith(_VERSION):
        raise MalformedError(_MALFORMED, "length or version of something sealed")
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], aad)
    except InvalidTag:
        raise TamperedError("wrap-tampered", "does not open with this link") from None
