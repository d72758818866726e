"""Published vectors of other people hold for our functions, or where we wrap nothing, for the library call we make."""

import pytest
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.bindings._rust import openssl as rust_openssl
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lyhty_crypto.errors import RefusedError, TamperedError
from lyhty_crypto.keys import KemKeyPair, SigningKey, expand, open_once, seal_to
from lyhty_wire.errors import ForgedError
from lyhty_wire.proofs import verify
from tests.crypto import export_third_party as published

bin_ = bytes.fromhex


def test_all_1024_ed25519_cases_sign_and_verify() -> None:
    cases = published.ed25519()
    assert len(cases) == 1024
    for case in cases:
        key, message, signature = SigningKey(bin_(case["seed"])), bin_(case["message"]), bin_(case["signature"])
        assert key.public.hex() == case["public"]
        assert key.sign(message) == signature
        verify(key.public, signature, message)


def test_no_ed25519_case_verifies_another_message_or_signature() -> None:
    for case in published.ed25519()[::50]:
        public, message, signature = bin_(case["public"]), bin_(case["message"]), bin_(case["signature"])
        with pytest.raises(ForgedError):
            verify(public, signature, message + b"\0")
        with pytest.raises(ForgedError):
            verify(public, signature[:-1] + bytes((signature[-1] ^ 1,)), message)


def test_a_signature_whose_scalar_is_not_reduced_does_not_verify() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    for case in published.ed25519()[:20]:
        signature = bin_(case["signature"])
        scalar = int.from_bytes(signature[32:], "little") + order
        with pytest.raises(ForgedError):
            verify(bin_(case["public"]), signature[:32] + scalar.to_bytes(32, "little"), bin_(case["message"]))


def test_x25519_gives_what_rfc_7748_says_and_refuses_points_of_low_order() -> None:
    cases = published.x25519()
    assert sum(case["out"] is None for case in cases) == 7
    for case in cases:
        private = X25519PrivateKey.from_private_bytes(bin_(case["scalar"]))
        other = X25519PublicKey.from_public_bytes(bin_(case["u"]))
        if case["out"] is None:
            with pytest.raises(ValueError, match="Error computing shared key"):
                private.exchange(other)
        else:
            assert private.exchange(other).hex() == case["out"]


def test_every_aes_256_gcm_case_opens_or_is_refused() -> None:
    cases = published.aes_gcm()
    assert len(cases) > 300
    assert any(case["plaintext"] is None for case in cases)
    for case in cases:
        gcm, sealed, aad = AESGCM(bin_(case["key"])), bin_(case["sealed"]), bin_(case["aad"])
        if case["plaintext"] is None:
            with pytest.raises(InvalidTag):
                gcm.decrypt(bin_(case["nonce"]), sealed, aad)
        else:
            assert gcm.decrypt(bin_(case["nonce"]), sealed, aad).hex() == case["plaintext"]
            assert gcm.encrypt(bin_(case["nonce"]), bin_(case["plaintext"]), aad) == sealed


def test_hkdf_gives_what_rfc_5869_says() -> None:
    for case in published.hkdf():
        assert HKDF.extract(SHA256(), bin_(case["salt"]), bin_(case["ikm"])).hex() == case["prk"]
        assert expand(bin_(case["prk"]), bin_(case["info"])).hex() == case["okm"][:64]


def test_argon2id_gives_what_rfc_9106_and_its_authors_say() -> None:
    cases = published.argon2id()
    assert len(cases) >= 5
    for case in cases:
        numbers = (case["t"], case["m_kib"], case["p"], len(case["out"]) // 2)
        assert hash_secret_raw(bin_(case["password"]), bin_(case["salt"]), *numbers, Type.ID).hex() == case["out"]


def test_ml_kem_768_gives_what_its_published_answers_say() -> None:
    cases = published.ml_kem_768()
    assert len(cases) == 1000
    for case in cases[:100]:
        key = MLKEM768PrivateKey.from_seed_bytes(bin_(case["seed"]))
        assert key.public_key().public_bytes_raw().hex() == case["public"]
        assert key.decapsulate(bin_(case["ciphertext"])).hex() == case["shared_secret"]


def test_our_kem_key_pair_is_the_published_x_wing_key_pair() -> None:
    cases = published.x_wing()
    assert len(cases) == 2
    for case in cases:
        assert KemKeyPair(bin_(case["seed"])).public.hex() == case["public"]


def test_the_published_x_wing_box_opens_with_our_key_pair() -> None:
    case = next(case for case in published.x_wing() if case["kdf"] == published.HKDF_SHA256)
    suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    box = case["encryption"]
    sealed = bin_(case["enc"]) + bin_(box["ct"])
    private = KemKeyPair(bin_(case["seed"]))._private
    # The published boxes have associated data, which the library takes only here.
    opened = rust_openssl.hpke._decrypt_with_aad(suite, sealed, private, bin_(case["info"]), bin_(box["aad"]))
    assert opened.hex() == box["pt"]


def test_the_written_out_key_schedule_gives_the_published_key_and_nonce() -> None:
    case = next(case for case in published.x_wing() if case["kdf"] == published.HKDF_SHA256)
    key, nonce = published.key_schedule(
        published.X_WING, case["kdf"], case["aead"], bin_(case["shared_secret"]), bin_(case["info"])
    )
    assert (key.hex(), nonce.hex()) == (case["key"], case["base_nonce"])
    for other in published.rfc9180_x25519():
        found = published.key_schedule(0x20, 1, 2, bin_(other["shared_secret"]), bin_(other["info"]))
        assert (found[0].hex(), found[1].hex()) == (other["key"], other["base_nonce"])


def test_boxes_made_of_published_shared_secrets_open_in_our_suite() -> None:
    cases = published.hpke()
    assert len(cases) == 6
    for case in cases:
        kem, sealed = KemKeyPair(bin_(case["seed"])), bin_(case["sealed"])
        assert kem.open(sealed, bin_(case["info"])).hex() == case["plaintext"]
        with pytest.raises(TamperedError):
            kem.open(sealed, bin_(case["info"]) + b"\0")


def test_the_boxes_of_rfc_9180_open() -> None:
    cases = published.rfc9180_x25519()
    assert cases
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    for case in cases:
        box, private = case["encryptions"][0], X25519PrivateKey.from_private_bytes(bin_(case["skRm"]))
        sealed = bin_(case["enc"]) + bin_(box["ct"])
        opened = rust_openssl.hpke._decrypt_with_aad(suite, sealed, private, bin_(case["info"]), bin_(box["aad"]))
        assert opened.hex() == box["pt"]


@pytest.mark.parametrize("point", published.LOW_ORDER_POINTS)
def test_a_box_or_key_with_a_point_of_low_order_is_refused(point: str) -> None:
    kem = KemKeyPair(bytes(range(32)))
    sealed = seal_to(kem.public, b"key", b"info")
    assert kem.open(sealed, b"info") == b"key"
    with pytest.raises(TamperedError):
        kem.open(sealed[:1088] + bin_(point) + sealed[1120:], b"info")
    with pytest.raises(RefusedError):
        seal_to(kem.public[:1184] + bin_(point), b"key", b"info")


def test_the_zero_nonce_calls_are_the_library_s_aes_256_gcm() -> None:
    sealed = AESGCM(b"k" * 32).encrypt(bytes(12), b"plain", b"aad")
    assert open_once(b"k" * 32, sealed, b"aad", code="x") == b"plain"
    with pytest.raises(TamperedError):
        open_once(b"k" * 32, sealed, b"AAD", code="x")


def test_the_choice_for_typescript_has_about_two_hundred_cases() -> None:
    cases = published.chosen()
    assert 180 <= sum(map(len, cases.values())) <= 260
    assert all(cases.values())
