"""Reads the published vectors of the PyPI package `cryptography-vectors` and chooses some for the TypeScript half.

    python tests/crypto/export_third_party.py .make/third_party.json

Bytes are hex. `out`, `plaintext`: null where the operation must be refused. Nobody publishes cases for the exact suite
of SPEC 1.3 (X-Wing, HKDF-SHA256, AES-256-GCM), so `hpke` is made of a published X-Wing encapsulation and shared secret
with the key schedule of RFC 9180, written out below and itself proved by a published case.
"""

import hmac
import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import cryptography_vectors
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FOLDER: Final = Path(cryptography_vectors.__file__).parent
X_WING: Final = 0x647A
HKDF_SHA256: Final = 1
AES_256_GCM: Final = 2
CHACHA20_POLY1305: Final = 3

# Points whose multiples are all of small order: X25519 with any of them gives zeros (RFC 7748, section 6.1).
LOW_ORDER_POINTS: Final = (
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
)

Case = dict[str, Any]


def read(path: str) -> Iterator[dict[str, str]]:
    """The cases of a file of `name = value` lines. A line with only a word is a flag."""
    case: dict[str, str] = {}
    for raw in (FOLDER / path).read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if line.startswith("["):
            if case.get("key"):
                yield case
            name, _, value = line.strip("[]").partition(" = ")
            case = {key: old for key, old in case.items() if key.endswith("len")} | {name.lower(): value}
        elif line and not line.startswith("#"):
            name, _, value = (part.strip() for part in line.partition("="))
            if name.lower() == "count":
                if len(case) > 5 or "input_u" in case or "okm" in case:
                    yield case
                case = {key: old for key, old in case.items() if key.endswith("len")}
            case[name.lower()] = value
    yield case


def ed25519() -> list[Case]:
    cases = []
    for line in (FOLDER / "asymmetric/Ed25519/sign.input").read_text(encoding="ascii").splitlines():
        secret, public, message, signed = line.split(":")[:4]
        cases.append({"seed": secret[:64], "public": public, "message": message, "signature": signed[:128]})
    return cases


def x25519() -> list[Case]:
    cases: list[Case] = [
        {"scalar": case["input_scalar"], "u": case["input_u"], "out": case["output_u"]}
        for case in read("asymmetric/X25519/rfc7748.txt")
    ]
    return cases + [{"scalar": cases[0]["scalar"], "u": point, "out": None} for point in LOW_ORDER_POINTS]


def aes_gcm() -> list[Case]:
    """AES-256-GCM with 12-byte nonces and 16-byte tags, as the protocol uses it."""
    return [
        {
            "key": case["key"],
            "nonce": case["iv"],
            "aad": case["aad"],
            "sealed": case["ct"] + case["tag"],
            "plaintext": None if "fail" in case else case["pt"],
        }
        for case in read("ciphers/AES/GCM/gcmDecrypt256.rsp")
        if case.get("ivlen") == "96" and case.get("taglen") == "128"
    ]


def hkdf() -> list[Case]:
    cases = [
        {"ikm": c["ikm"], "salt": c["salt"], "prk": c["prk"], "info": c["info"], "okm": c["okm"]}
        for c in read("KDF/rfc-5869-HKDF-SHA256.txt")
    ]
    assert len(cases) == 3
    return cases


def argon2id() -> list[Case]:
    return [
        {
            "password": case["pass"],
            "salt": case["salt"],
            "m_kib": int(case["memcost"]),
            "t": int(case["iter"]),
            "p": int(case["lanes"]),
            "out": case["output"],
        }
        for case in read("KDF/argon2id.txt")
        if "secret" not in case and "ad" not in case
    ]


def ml_kem_768() -> list[Case]:
    return [
        {"seed": case["d"] + case["z"], "public": case["pk"], "ciphertext": case["ct"], "shared_secret": case["ss"]}
        for case in read("asymmetric/MLKEM/kat_MLKEM_768.rsp")
    ]


def x_wing() -> list[Case]:
    """The published HPKE cases with X-Wing. `seed` is the private key."""
    published = json.loads((FOLDER / "HPKE/hpke-pq-test-vectors.json").read_text(encoding="ascii"))
    return [
        {
            "seed": case["skRm"], "public": case["pkRm"], "enc": case["enc"], "shared_secret": case["shared_secret"],
            "info": case["info"], "kdf": case["kdf_id"], "aead": case["aead_id"], "key": case["key"],
            "base_nonce": case["base_nonce"], "encryption": case["encryptions"][0],
        }
        for case in published if case["kem_id"] == X_WING
    ]  # fmt: skip


def rfc9180_x25519() -> list[Case]:
    """The cases of RFC 9180 with X25519, HKDF-SHA256 and AES-256-GCM in base mode."""
    published = json.loads((FOLDER / "HPKE/test-vectors.json").read_text(encoding="ascii"))
    suite = (0x20, HKDF_SHA256, AES_256_GCM, 0)
    return [case for case in published if (case["kem_id"], case["kdf_id"], case["aead_id"], case["mode"]) == suite]


def key_schedule(kem: int, kdf: int, aead: int, shared_secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Key and base nonce of RFC 9180, section 5.1, base mode with HKDF-SHA256 and a 32-byte key."""
    suite = b"HPKE" + kem.to_bytes(2, "big") + kdf.to_bytes(2, "big") + aead.to_bytes(2, "big")

    def extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + ikm, "sha256")

    def expand(prk: bytes, label: bytes, more: bytes, length: int) -> bytes:
        labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + more
        return hmac.digest(prk, labeled + b"\x01", "sha256")[:length]

    zero_salt = bytes(sha256().digest_size)
    context = b"\0" + extract(zero_salt, b"psk_id_hash", b"") + extract(zero_salt, b"info_hash", info)
    secret = extract(shared_secret, b"secret", b"")
    return expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)


def hpke() -> list[Case]:
    """Sealed boxes of exactly the protocol's suite."""
    cases = []
    for published in x_wing():
        for info in (b"", bytes.fromhex(published["info"]), b"lyhty/v1/wrap|" + bytes(109)):
            shared = bytes.fromhex(published["shared_secret"])
            key, nonce = key_schedule(X_WING, HKDF_SHA256, AES_256_GCM, shared, info)
            plaintext = sha256(info).digest()
            sealed = published["enc"] + AESGCM(key).encrypt(nonce, plaintext, b"").hex()
            cases.append(
                {"seed": published["seed"], "info": info.hex(), "sealed": sealed, "plaintext": plaintext.hex()}
            )
    return cases


def chosen() -> dict[str, list[Case]]:
    """About 200 cases, spread over the files; refusals among them."""
    gcm = aes_gcm()
    refused = [case for case in gcm if case["plaintext"] is None]
    opened = [case for case in gcm if case["plaintext"] is not None]
    return {
        "ed25519": ed25519()[::16],
        "x25519": x25519(),
        "aes_gcm": opened[:: len(opened) // 50] + refused[:: len(refused) // 25],
        "hkdf": hkdf(),
        "argon2id": argon2id(),
        "ml_kem_768": ml_kem_768()[::50],
        "x_wing": [
            {name: case[name] for name in ("seed", "public", "enc", "shared_secret", "info")} for case in x_wing()
        ],
        "hpke": hpke(),
    }


if __name__ == "__main__":
    text = json.dumps(chosen(), indent=1) + "\n"
    if len(sys.argv) == 2:
        target = Path(sys.argv[1])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="ascii")
    else:
        sys.stdout.write(text)
