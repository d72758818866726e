"""Vectors of recovery shares: the field's arithmetic, splits and requests, and what their readers refuse (SPEC 5.9)."""

import dataclasses

from msgspec.structs import replace
from world import (
    DIRECTORY_BODY,
    DIRECTORY_KEY,
    EXPERT_KEM,
    EXPERT_SIGN,
    FORMER_SIGN,
    INSTANCE,
    LAST_ROOT,
    LAWYER_KEM,
    LAWYER_SEED,
    NOW,
    PSYCHOLOGIST_SEED,
    STRANGER,
    Draws,
    Json,
    case,
    drawn,
    failing,
    tampering,
)

from lyhty_crypto.documents import sign_directory
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.recovery import (
    check_share,
    combine_shares,
    give_share,
    inverse,
    multiply,
    open_given,
    open_share,
    recover_seed,
    sign_request,
    split_secret,
    split_seed,
)
from lyhty_wire.directories import Expert, UntrustedDirectory
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Epoch, ExpertId, InstanceId, QueueId, digest
from lyhty_wire.recovery import RecoveryRequest, Split

NAMES = ("ensimmäinen", "toinen", "kolmas")
SIGNS = {name: SigningKey(drawn(f"coordinator sign {name}")) for name in NAMES}
KEMS = {name: KemKeyPair(drawn(f"coordinator kem {name}")) for name in NAMES}
IDS = {name: ExpertId(drawn(f"coordinator id {name}", 16)) for name in NAMES}
COORDINATORS = [
    Expert(IDS[name], name, SIGNS[name].public, KEMS[name].public, (PSYCHOLOGIST,), True, ()) for name in NAMES
]
MEMBER = Expert(
    ExpertId(drawn("member id", 16)), "Lakimies", EXPERT_SIGN.public, EXPERT_KEM.public, (LAWYER,), False, ()
)
EXPERTS = tuple(sorted([*COORDINATORS, MEMBER], key=lambda expert: expert.id))
STAFFED = UntrustedDirectory(sign_directory(dataclasses.replace(DIRECTORY_BODY, experts=EXPERTS), DIRECTORY_KEY))
DIRECTORY = STAFFED.verify_under(LAST_ROOT, NOW)
CURRENT = Epoch(2)
SPLIT, WRAPS = split_seed(LAWYER_SEED, LAWYER, CURRENT, DIRECTORY, EXPERT_SIGN, NOW, Draws("split"))
ORDER = [next(name for name in NAMES if IDS[name] == holder.expert) for holder in SPLIT.holders]
ASKER = next(expert for expert in DIRECTORY.experts if expert.id == IDS["ensimmäinen"])
REQUEST = sign_request(INSTANCE, LAWYER, ASKER.id, NOW, SIGNS["ensimmäinen"])


def shamir() -> list[Json]:
    """SPEC 5.9: `multiply`, `inverse`; `split`, `combine`: shares are a list from position 1, or by position."""
    known = [(0x57, 0x83, 0xC1), (0x57, 0x13, 0xFE), (0x53, 0xCA, 0x01)]  # FIPS 197, 4.2; and an inverse
    pairs = [(a, b) for a in (0, 1, 2, 0x80, 0xFF) for b in (0, 1, 3, 0x1B, 0xFF)]
    for a, b, product in known:
        assert multiply(a, b) == product
    table = [*[(a, b) for a, b, _ in known], *pairs]
    cases = [
        case(
            "products",
            "multiply",
            {"pairs": [list(pair) for pair in table]},
            {"products": [multiply(*pair) for pair in table]},
        ),
        case("inverses", "inverse", {}, {"inverses": [inverse(a) for a in range(256)]}),
    ]
    for threshold, count in ((2, 2), (2, 3), (3, 5), (128, 255)):
        secret, name = drawn(f"secret {count}"), f"{threshold} of {count}"
        draws = Draws(name)
        rows = [draws(32) for _ in range(threshold - 1)]
        shares = split_secret(secret, threshold, count, Draws(name))
        inputs: Json = {"secret": secret, "count": count, "rows": rows}
        cases.append(case(f"{name}, split", "split", inputs, {"digest": digest(b"".join(shares)), "last": shares[-1]}))
        chosen = {position: shares[position - 1] for position in range(count, count - threshold, -1)}
        told = [{"position": position, "share": share} for position, share in chosen.items()]
        cases.append(case(f"{name}, combined", "combine", {"shares": told}, {"secret": combine_shares(chosen)}))
        assert combine_shares(chosen) == secret
    return cases


def recovery() -> list[Json]:
    """SPEC 5.9: `split-seed`, `verify-split`, `open-share`, `verify-request`, `sign-request`, `open-given`, `recover`.

    `directory` is read as it is: whom to believe in it is documents.json's question.
    """
    directory: Json = {"directory": STAFFED.encoded}
    encoded = SPLIT.encode()
    rows = [Draws("split")(32)]
    making: Json = {
        **directory, "seed": LAWYER_SEED, "queue": LAWYER, "epoch": CURRENT, "sign_seed": EXPERT_SIGN.seed,
        "at": NOW, "rows": rows,
    }  # fmt: skip
    cases = [case("split (exact bytes)", "split-seed", making, {"split": encoded})]

    # --- who is believed
    def believed(data: bytes) -> None:
        Split.decode(data).verify(DIRECTORY)

    def no_split(name: str, failure: str, data: bytes) -> None:
        cases.append(
            failing(f"split: {name}", "verify-split", {**directory, "split": data}, lambda: believed(data), failure)
        )

    def signed(by: SigningKey, **changes: object) -> bytes:
        split = replace(SPLIT, signer=by.public, **changes)
        return replace(split, signature=by.sign(split.to_sign())).encode()

    holders = [{"expert": one.expert, "commitment": one.commitment} for one in SPLIT.holders]
    cases.append(case("split, verified", "verify-split", {**directory, "split": encoded}, {
        "queue": LAWYER, "epoch": CURRENT, "version": SPLIT.directory_version, "at": NOW,
        "holders": holders, "threshold": 2,
    }))  # fmt: skip
    cases.append(tampering("split, tampered", "verify-split", {**directory, "split": encoded}, "split", believed))
    no_split("by a stranger", "forged", signed(STRANGER))
    no_split("by who has left the queue before", "forged", signed(FORMER_SIGN, queue=PSYCHOLOGIST, epoch=Epoch(1)))
    no_split("of another instance", "forged", signed(EXPERT_SIGN, instance=InstanceId(drawn("another instance"))))
    no_split("of an epoch that is not listed", "forged", signed(EXPERT_SIGN, epoch=Epoch(3)))
    no_split("of a queue that is not there", "forged", signed(EXPERT_SIGN, queue=QueueId(9)))
    no_split("by a member of another queue", "forged", signed(EXPERT_SIGN, queue=PSYCHOLOGIST, epoch=Epoch(1)))
    at_threshold = 1 + 32 + 2 + 4 + 4 + 8
    for name, data in {
        "a lower threshold": encoded[:at_threshold] + b"\1" + encoded[at_threshold + 1 :],
        "a higher threshold": encoded[:at_threshold] + b"\3" + encoded[at_threshold + 1 :],
        "another version": b"\2" + encoded[1:],
        "a byte too many": encoded + b"\0",
        "a byte too few": encoded[:-1],
        "of queue 0": signed(EXPERT_SIGN).replace(encoded[33:35], b"\0\0", 1),
    }.items():
        no_split(name, "malformed", data)
    reversed_ = b"".join(one.expert + one.commitment for one in reversed(SPLIT.holders))
    no_split(
        "holders unsorted", "malformed", encoded[: at_threshold + 2] + reversed_ + encoded[at_threshold + 2 + 144 :]
    )
    one = encoded[:at_threshold] + b"\2\1" + encoded[at_threshold + 2 : at_threshold + 50] + encoded[-96:]
    no_split("one holder", "malformed", one)
    for name, data in {
        "by who left the queue later": signed(FORMER_SIGN, queue=PSYCHOLOGIST, epoch=Epoch(1), directory_version=5),
        "by a coordinator who is not of the queue": signed(SIGNS["toinen"]),
    }.items():
        believed(data)
        split = Split.decode(data)
        cases.append(case(f"split, {name}", "verify-split", {**directory, "split": data}, {
            "queue": split.queue, "epoch": split.epoch, "version": split.directory_version, "at": NOW,
            "holders": holders, "threshold": 2,
        }))  # fmt: skip

    # --- shares
    mine, kem = WRAPS[ORDER.index("toinen")].encode(), KEMS["toinen"]
    share = open_share(SPLIT, mine, kem)
    opening: Json = {"split": encoded, "holder": IDS["toinen"], "wrap": mine, "kem_seed": kem.seed}

    def opened(wrap: bytes, split: Split = SPLIT, expert: ExpertId = IDS["toinen"]) -> None:
        check_share(split, expert, open_share(split, wrap, kem))

    opened(mine)
    cases.append(case("share", "open-share", opening, {"share": share}))
    cases.append(tampering("share, tampered", "open-share", opening, "wrap", opened, step=11))
    cases.append(tampering("share, its header tampered", "open-share", opening, "wrap", opened, end=45))
    again, _ = split_seed(LAWYER_SEED, LAWYER, CURRENT, DIRECTORY, EXPERT_SIGN, NOW, Draws("again"))
    cases.append(
        failing(
            "share: of an older split",
            "open-share",
            {**opening, "split": again.encode()},
            lambda: opened(mine, again),
            "tampered",
        )
    )
    cases.append(
        failing(
            "share: said to be another's",
            "open-share",
            {**opening, "holder": IDS["kolmas"]},
            lambda: opened(mine, SPLIT, IDS["kolmas"]),
            "tampered",
        )
    )

    # --- requests
    asking: Json = {
        "instance": INSTANCE,
        "queue": LAWYER,
        "asker": ASKER.id,
        "at": NOW,
        "sign_seed": SIGNS["ensimmäinen"].seed,
    }
    asked = REQUEST.encode()
    cases.append(case("request (exact bytes)", "sign-request", asking, {"request": asked}))
    cases.append(
        case(
            "request, verified",
            "verify-request",
            {**directory, "request": asked},
            {"queue": LAWYER, "asker": ASKER.id, "at": NOW},
        )
    )

    def asked_by(data: bytes) -> None:
        RecoveryRequest.decode(data).verify(DIRECTORY)

    cases.append(tampering("request, tampered", "verify-request", {**directory, "request": asked}, "request", asked_by))
    for name, request in {
        "by who is no coordinator": sign_request(INSTANCE, LAWYER, MEMBER.id, NOW, EXPERT_SIGN),
        "in another's name": sign_request(INSTANCE, LAWYER, ASKER.id, NOW, SIGNS["toinen"]),
        "by a stranger": sign_request(INSTANCE, LAWYER, ExpertId(drawn("nobody", 16)), NOW, STRANGER),
        "of another instance": sign_request(
            InstanceId(drawn("another instance")), LAWYER, ASKER.id, NOW, SIGNS["ensimmäinen"]
        ),
        "of a queue that is not there": sign_request(INSTANCE, QueueId(9), ASKER.id, NOW, SIGNS["ensimmäinen"]),
    }.items():
        data = request.encode()
        cases.append(
            failing(
                f"request: {name}",
                "verify-request",
                {**directory, "request": data},
                lambda data=data: asked_by(data),
                "forged",
            )
        )

    # --- given, and put together
    given = give_share(SPLIT, mine, kem, REQUEST, ASKER).encode()
    taking: Json = {
        "split": encoded,
        "request": asked,
        "holder": IDS["toinen"],
        "wrap": given,
        "kem_seed": KEMS["ensimmäinen"].seed,
    }

    def taken(wrap: bytes, request: RecoveryRequest = REQUEST) -> None:
        check_share(SPLIT, IDS["toinen"], open_given(SPLIT, wrap, KEMS["ensimmäinen"], request))

    taken(given)
    cases.append(case("given", "open-given", taking, {"share": share}))
    cases.append(tampering("given, tampered", "open-given", taking, "wrap", taken, step=11))
    later = sign_request(INSTANCE, LAWYER, ASKER.id, NOW + 1, SIGNS["ensimmäinen"])
    cases.append(
        failing(
            "given: for another request",
            "open-given",
            {**taking, "request": later.encode()},
            lambda: taken(given, later),
            "tampered",
        )
    )
    junk = give_share(*_junk(), kem, REQUEST, ASKER).encode()
    cases.append(failing("given: junk", "open-given", {**taking, "wrap": junk}, lambda: taken(junk), "tampered"))

    shares = {name: open_share(SPLIT, WRAPS[ORDER.index(name)].encode(), KEMS[name]) for name in NAMES}

    def told(names: tuple[str, ...]) -> list[Json]:
        return [{"holder": IDS[name], "share": shares[name]} for name in names]

    def together(split: Split, names: tuple[str, ...]) -> bytes:
        return recover_seed(split, {IDS[name]: shares[name] for name in names}, LAWYER_KEM.public)

    base: Json = {"split": encoded, "expected": LAWYER_KEM.public}
    enough = [("ensimmäinen", "toinen"), ("kolmas", "ensimmäinen"), NAMES]
    cases += [
        case(
            f"recovered by {' and '.join(names)}",
            "recover",
            {**base, "shares": told(names)},
            {"seed": together(SPLIT, names)},
        )
        for names in enough
    ]
    cases += [
        failing(
            f"recovered by {name} alone",
            "recover",
            {**base, "shares": told((name,))},
            lambda name=name: together(SPLIT, (name,)),
            "tampered",
        )
        for name in NAMES
    ]
    return cases


def _junk() -> tuple[Split, bytes]:
    """A split of another seed, with what it gives the same holder."""
    split, wraps = split_seed(PSYCHOLOGIST_SEED, LAWYER, CURRENT, DIRECTORY, EXPERT_SIGN, NOW, Draws("junk"))
    return split, wraps[ORDER.index("toinen")].encode()
