"""Signatures that libraries disagree about: both languages refuse them (SPEC 1.3). The same stand in proofs.test.ts."""

import pytest

from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import SignKey
from lyhty_wire.proofs import verify

MESSAGE = b"message"
REFUSED = {
    "a signature that only holds when multiplied by the cofactor": (
        "fb028503209063636f409895943f1ba6b79055f5245b75d49922b8b8f5aa8b3e",
        (
            "ad5b30a39ee28c85d0e3903357b263540127f6780e795a593a819d6400e50d80"
            "a2a9fb735a744d456986c6ade57a155e0fd5f0b224edf970c3c707bf908e4505"
        ),
    ),
    "the same of a key of mixed order": (
        "205f9fc546b34612108feae7523b0e2550622ae59b19b9a201361fae6bfc7e24",
        (
            "5866666666666666666666666666666666666666666666666666666666666666"
            "ee4878b7d39c47fef7c031075b45c7e5a58e524125fd8541103323f5aeb30b03"
        ),
    ),
    "a key of small order, for which one signature holds for every message": (
        "0100000000000000000000000000000000000000000000000000000000000000",
        (
            "edc876d6831fd2105d0b4389ca2e283166469289146e2ce06faefe98b22548df"
            "0500000000000000000000000000000000000000000000000000000000000000"
        ),
    ),
    "a key written in a second way": (
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        (
            "edc876d6831fd2105d0b4389ca2e283166469289146e2ce06faefe98b22548df"
            "0500000000000000000000000000000000000000000000000000000000000000"
        ),
    ),
    "a second form of a good signature": (
        "fb028503209063636f409895943f1ba6b79055f5245b75d49922b8b8f5aa8b3e",
        (
            "ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a081"
            "6ac855db67a826078d93844f0e1680e12532764adab09e06a9af3a797b62f914"
        ),
    ),
}
GOOD = (
    "fb028503209063636f409895943f1ba6b79055f5245b75d49922b8b8f5aa8b3e",
    (
        "ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a081"
        "7df45f7e4d4514afb6f68cac2f1ca1cc2532764adab09e06a9af3a797b62f904"
    ),
)


@pytest.mark.parametrize(("key", "signature"), REFUSED.values(), ids=REFUSED.keys())
def test_what_another_library_would_accept_is_refused(key: str, signature: str) -> None:
    with pytest.raises(ForgedError):
        verify(SignKey(bytes.fromhex(key)), bytes.fromhex(signature), MESSAGE)


def test_a_good_signature_beside_them_holds() -> None:
    verify(SignKey(bytes.fromhex(GOOD[0])), bytes.fromhex(GOOD[1]), MESSAGE)
