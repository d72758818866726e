"""Vectors of another password or device code for an account: what is signed, and every way in which it may be wrong."""

from dataclasses import replace

from world import EXPERT_KEM, EXPERT_SIGN, INSTANCE, STRANGER, Json, case, drawn, failing, tampering

from lyhty_crypto.experts import ExpertKeys, make_renewal, sign_new_unlock
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_wire.directories import Expert
from lyhty_wire.ids import LAWYER, ExpertId, InstanceId, digest
from lyhty_wire.renewals import Renewal
from lyhty_wire.unlocks import NewUnlock, Unlock

CHALLENGE = drawn("challenge")
BEFORE, LOGIN = SigningKey(drawn("login before")), SigningKey(drawn("login after"))
UNLOCK = Unlock(
    expert_id=ExpertId(drawn("expert id", 16)), salt=drawn("new salt", 16), m_kib=65_536, t=3, p=1,
    login_pk=LOGIN.public, keys=drawn("new key blob", 93),
)  # fmt: skip
NEW = sign_new_unlock(UNLOCK, LOGIN, BEFORE, INSTANCE, CHALLENGE).encode()
_NUMBERS = 1 + 16 + 16


def new_unlocks() -> list[Json]:
    """SPEC 2.3: `sign-new-unlock` (`before`: the seed of the login key of before), `check-new-unlock`."""
    unlock: Json = {
        "expert": UNLOCK.expert_id, "salt": UNLOCK.salt, "m_kib": 65_536, "t": 3, "p": 1,
        "login_pk": UNLOCK.login_pk, "keys": UNLOCK.keys,
    }  # fmt: skip
    where: Json = {"instance": INSTANCE, "challenge": CHALLENGE}
    signing: Json = {**where, "unlock": unlock, "login_seed": LOGIN.seed, "before_seed": BEFORE.seed}
    check: Json = {**where, "before": BEFORE.public, "new": NEW}
    cases = [
        case("a new unlock, signed (exact bytes)", "sign-new-unlock", signing, {"new": NEW}),
        case("a new unlock, checked", "check-new-unlock", check, {"unlock": unlock}),
        tampering("each byte of a new unlock", "check-new-unlock", check, "new", lambda new: _checked(new=new)),
        tampering(
            "each byte of the challenge", "check-new-unlock", check, "challenge",
            lambda challenge: _checked(challenge=challenge),
        ),
        tampering(
            "each byte of the instance", "check-new-unlock", check, "instance", lambda instance: _checked(instance)
        ),
    ]  # fmt: skip
    unlock_bytes, old, new = NEW[:-128], NEW[-128:-64], NEW[-64:]
    for name, changes, failure in (
        ("the login key of somebody else's account", {"before": STRANGER.public}, "forged"),
        ("signed by the new key alone", {"new": unlock_bytes + new + new}, "forged"),
        ("signed by the key of before alone", {"new": unlock_bytes + old + old}, "forged"),
        ("the two signatures swapped", {"new": unlock_bytes + new + old}, "forged"),
        ("too short", {"new": NEW[:-1]}, "malformed"),
        ("too long", {"new": NEW + b"\0"}, "malformed"),
        ("empty", {"new": b""}, "malformed"),
        ("another version", {"new": b"\2" + NEW[1:]}, "malformed"),
        ("memory below the floor", {"new": _cost(65_535, 3, 1)}, "malformed"),
        ("memory that no device has", {"new": _cost(1_048_577, 3, 1)}, "malformed"),
        ("two passes", {"new": _cost(65_536, 2, 1)}, "malformed"),
        ("too many passes", {"new": _cost(65_536, 65, 1)}, "malformed"),
        ("two lanes", {"new": _cost(65_536, 3, 2)}, "malformed"),
    ):
        inputs = {**check, **changes}
        cases.append(failing(
            f"a new unlock: {name}", "check-new-unlock", inputs, lambda inputs=inputs: _checked(**inputs), failure
        ))  # fmt: skip
    return cases


def _cost(m_kib: int, t: int, p: int) -> bytes:
    numbers = b"".join(value.to_bytes(4, "big") for value in (m_kib, t, p))
    return NEW[:_NUMBERS] + numbers + NEW[_NUMBERS + 12 :]


def _checked(
    instance: bytes = INSTANCE, challenge: bytes = CHALLENGE, before: bytes = BEFORE.public, new: bytes = NEW
) -> None:
    NewUnlock.decode(new).verify(InstanceId(instance), challenge, before)


KEYS, KEM = ExpertKeys(EXPERT_SIGN, EXPERT_KEM), KemKeyPair(drawn("next kem"))
LISTED = Expert(UNLOCK.expert_id, "A name", EXPERT_SIGN.public, EXPERT_KEM.public, (LAWYER,), False, ())
RENEWAL = make_renewal(KEYS, KEM, drawn("renewed blob", 93), INSTANCE, UNLOCK.expert_id, 1_800_000_000).encode()


def renewals() -> list[Json]:
    """SPEC 2.3: `sign-renewal`, `check-renewal` (`listed`: what the directory lists of the expert)."""
    fields: Json = {
        "instance": INSTANCE, "expert": UNLOCK.expert_id, "before": digest(EXPERT_KEM.public), "kem": KEM.public,
        "blob": digest(drawn("renewed blob", 93)), "at": 1_800_000_000,
    }  # fmt: skip
    listed: Json = {"id": LISTED.id, "sign": LISTED.sign, "kem": LISTED.kem}
    check: Json = {"instance": INSTANCE, "listed": listed, "renewal": RENEWAL}
    cases = [
        case(
            "a renewal, signed (exact bytes)", "sign-renewal", {"fields": fields, "sign_seed": EXPERT_SIGN.seed},
            {"renewal": RENEWAL},
        ),
        case("a renewal, checked", "check-renewal", check, {"fields": fields}),
        tampering(
            "a renewal, tampered", "check-renewal", check, "renewal", lambda renewal: _renewed(renewal), step=7
        ),
        tampering(
            "a renewal, tampered around its new key", "check-renewal", check, "renewal", lambda data: _renewed(data),
            end=90,
        ),
        tampering(
            "each byte of the instance of a renewal", "check-renewal", check, "instance",
            lambda instance: _renewed(instance=instance),
        ),
    ]  # fmt: skip
    for name, data, changes, failure in (
        ("of an expert whose kem has changed since", RENEWAL, {"kem": KEM.public}, "forged"),
        ("of another expert", RENEWAL, {"id": bytes(16)}, "forged"),
        ("signed by somebody else", RENEWAL, {"sign": STRANGER.public}, "forged"),
        ("too short", RENEWAL[:-1], {}, "malformed"),
        ("too long", RENEWAL + b"\0", {}, "malformed"),
        ("another version", b"\2" + RENEWAL[1:], {}, "malformed"),
    ):
        inputs = {**check, "listed": {**listed, **changes}, "renewal": data}
        other = replace(LISTED, **{"id": LISTED.id, "sign": LISTED.sign, "kem": LISTED.kem, **changes})
        cases.append(failing(
            f"a renewal: {name}", "check-renewal", inputs, lambda data=data, other=other: _renewed(data, other), failure
        ))  # fmt: skip
    return cases


def _renewed(data: bytes = RENEWAL, listed: Expert = LISTED, instance: bytes = INSTANCE) -> None:
    Renewal.decode(data).verify(InstanceId(instance), listed)
