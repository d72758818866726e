"""A passkey in software: makes what a device and a browser would answer, honestly or with one thing wrong."""

import hashlib
import json
import os
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from lyhty_wire.encoding import b64encode

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


@dataclass
class SoftPasskey:
    rp_id: str = "localhost"
    origin: str = "http://localhost:8400"
    flags: int = PRESENT | VERIFIED
    sign_count: int = 0
    credential: bytes = field(default_factory=lambda: os.urandom(20))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def made(self, challenge: str, keys: bytes) -> dict[str, str]:
        """The body that adds it."""
        point = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cose
        data = self._data(HAS_KEY) + attested
        return {
            "challenge": challenge,
            "credential": b64encode(self.credential),
            "attestation": b64encode(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "client_data": b64encode(self._client_data("webauthn.create", challenge)),
            "keys": b64encode(keys),
        }

    def signed(self, challenge: str) -> dict[str, str]:
        """The assertion."""
        data, client_data = self._data(), self._client_data("webauthn.get", challenge)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ECDSA(SHA256()))
        return {
            "challenge": challenge,
            "credential": b64encode(self.credential),
            "authenticator_data": b64encode(data),
            "client_data": b64encode(client_data),
            "signature": b64encode(signature),
        }

    def _data(self, more_flags: int = 0) -> bytes:
        flags = bytes([self.flags | more_flags])
        return hashlib.sha256(self.rp_id.encode()).digest() + flags + self.sign_count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()
