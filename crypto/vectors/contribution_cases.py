"""Vectors of the statistics key and of what is sealed to it (SPEC 12.3), and of releases (SPEC 12.4)."""

import dataclasses
from types import SimpleNamespace
from typing import cast

from msgspec import structs
from world import (
    CASE_KEY,
    DIRECTORY_BODY,
    DIRECTORY_KEY,
    EXPERT_SIGN,
    FORMER_SIGN,
    INSTANCE,
    LAST_ROOT,
    NEXT_DIRECTORY_KEY,
    NOW,
    STRANGER,
    VERIFIED,
    Json,
    case,
    drawn,
    failing,
    tampering,
)

from lyhty_crypto.contributions import (
    contribution_token,
    noise_key,
    open_contribution,
    open_statistics_link,
    seal_contribution,
    seal_statistics_link,
    sign_counted,
    state_key,
    statistics_seed,
)
from lyhty_crypto.documents import sign_directory, sign_document
from lyhty_crypto.keys import KemKeyPair, SigningKey, seal_to
from lyhty_wire.contributions import (
    CASE,
    IMPACT,
    LATER,
    PLAINTEXT_BYTES,
    CaseCounted,
    Counted,
    ReplyCounted,
    SignedCounted,
    StatisticsKey,
    StatisticsLink,
    contribution_info,
)
from lyhty_wire.directories import Directory, Expert, UntrustedDirectory
from lyhty_wire.documents import DIRECTORY, RELEASE
from lyhty_wire.encoding import canonical_json
from lyhty_wire.figures.periods import Month, Period
from lyhty_wire.figures.register import Municipality, Place, Register
from lyhty_wire.figures.releases import Figure, Release, cells_of
from lyhty_wire.figures.signed import verify_release
from lyhty_wire.ids import EXPERT_ID_BYTES, ExpertId, InstanceId
from lyhty_wire.roots import Root

SEED = statistics_seed(DIRECTORY_KEY.seed)
OWN = KemKeyPair(SEED)
NEXT = KemKeyPair(statistics_seed(NEXT_DIRECTORY_KEY.seed))
KEY, NEXT_KEY = state_key(DIRECTORY_KEY, INSTANCE), state_key(NEXT_DIRECTORY_KEY, INSTANCE)
NOVEMBER = Month(2026, 11)
COUNTED: dict[str, Counted] = {
    "a case": CaseCounted("03095", NOVEMBER, "picture-shared", "snapchat", "pupil", "kept"),
    "a case of no known school": CaseCounted(None, Month(2027, 1), "other", "none", "staff", "missed"),
    "a case with the longest names": CaseCounted("s" * 32, NOVEMBER, "t" * 32, "v" * 32, "r" * 32, "missed"),
    "a reply": ReplyCounted("03095", NOVEMBER, "impact", "helped"),
    "a later reply": ReplyCounted(None, NOVEMBER, "later", "somewhat"),
}


def json_of(counted: Counted) -> Json:
    year, month = counted.month
    kind = "case" if isinstance(counted, CaseCounted) else "reply"
    return {**structs.asdict(counted), "kind": kind, "month": f"{year}-{month:02}"}


def verified(statement: bytes, keys: tuple[bytes, ...], instance: bytes = INSTANCE) -> StatisticsKey:
    key = StatisticsKey.decode(statement)
    key.verify(cast("Root", SimpleNamespace(instance=instance, body=SimpleNamespace(directory_keys=keys))))
    return key


def contributions() -> list[Json]:
    """SPEC 12.3: the statistics key and its links, tokens, and contributions `sign`ed and `open`ed."""
    return [*_keys(), *_links(), *_tokens(), *_signed(), *_opened()]


def _keys() -> list[Json]:
    statement = KEY.encode()
    inputs = {"statement": statement, "instance": INSTANCE, "directory_keys": [DIRECTORY_KEY.public]}

    def checked(changed: bytes) -> object:
        return verified(changed, (DIRECTORY_KEY.public,))

    stolen = structs.replace(KEY, signature=STRANGER.sign(KEY.to_sign())).encode()
    elsewhere = InstanceId(drawn("another instance"))
    withdrawn = {**inputs, "directory_keys": [NEXT_DIRECTORY_KEY.public]}
    other = {**inputs, "instance": elsewhere}
    keys = (DIRECTORY_KEY.public,)
    return [
        case("the key of a directory key", "state-key", {"directory_seed": DIRECTORY_KEY.seed, "instance": INSTANCE},
             {"seed": SEED, "noise": noise_key(SEED), "statement": statement}),
        case("believed", "verify-key", inputs, {"kem": KEY.kem}),
        tampering("tampered", "verify-key", inputs, "statement", checked),
        failing("longer", "verify-key", {**inputs, "statement": statement + b"\0"},
                lambda: checked(statement + b"\0"), "malformed"),
        failing("shorter", "verify-key", {**inputs, "statement": statement[:-1]},
                lambda: checked(statement[:-1]), "malformed"),
        failing("of a directory key that was withdrawn", "verify-key", withdrawn,
                lambda: verified(statement, (NEXT_DIRECTORY_KEY.public,)), "forged"),
        failing("of another instance", "verify-key", other, lambda: verified(statement, keys, elsewhere), "forged"),
        failing("signed by another than it names", "verify-key", {**inputs, "statement": stolen},
                lambda: checked(stolen), "forged"),
    ]  # fmt: skip


def _links() -> list[Json]:
    link = seal_statistics_link(OWN, NEXT_KEY)
    encoded = link.encode()
    inputs = {"link": encoded, "seed": NEXT.seed, "instance": INSTANCE}

    def opened(changed: bytes, own: KemKeyPair = NEXT) -> bytes:
        return open_statistics_link(StatisticsLink.decode(changed), own, INSTANCE).seed

    junk = StatisticsLink(link.before, link.after, seal_to(NEXT.public, drawn("junk"), link.info(INSTANCE))).encode()
    return [
        case("leads to the key before", "open-link", inputs, {"seed": opened(encoded)}),
        tampering("tampered link", "open-link", inputs, "link", opened),
        failing("a link opened with another key", "open-link", {**inputs, "seed": SEED},
                lambda: opened(encoded, OWN), "tampered"),
        failing("a link to another seed than it says", "open-link", {**inputs, "link": junk},
                lambda: opened(junk), "tampered"),
        failing("a longer link", "open-link", {**inputs, "link": encoded + b"\0"},
                lambda: opened(encoded + b"\0"), "malformed"),
    ]  # fmt: skip


def _tokens() -> list[Json]:
    names = {CASE: "case", IMPACT: "impact", LATER: "later"}
    return [
        case(f"the token of a case, as {name}", "token", {"first_key": CASE_KEY, "instance": INSTANCE, "of": name},
             {"token": contribution_token(CASE_KEY, INSTANCE, of)})
        for of, name in names.items()
    ]  # fmt: skip


def _signed() -> list[Json]:
    cases = []
    for name, counted in COUNTED.items():
        token = contribution_token(CASE_KEY, INSTANCE, counted.of)
        inputs = {"counted": json_of(counted), "token": token, "statement": KEY.encode(), "sign_seed": EXPERT_SIGN.seed}
        cases.append(case(name, "sign", inputs, {"plaintext": sign_counted(counted, token, KEY, EXPERT_SIGN).encode()}))
    return cases


def _opened() -> list[Json]:
    counted = COUNTED["a case"]
    token = contribution_token(CASE_KEY, INSTANCE, CASE)
    directory = sign_directory(DIRECTORY_BODY, DIRECTORY_KEY)

    def opened(sealed: bytes, token: bytes = token, own: KemKeyPair = OWN) -> Counted:
        return open_contribution(sealed, token, own, INSTANCE, VERIFIED)

    def inputs(sealed: bytes) -> Json:
        return {"sealed": sealed, "token": token, "seed": SEED, "instance": INSTANCE, "directory": directory}

    def raw(plaintext: bytes) -> bytes:
        """What no encoder writes, sealed all the same."""
        return seal_to(KEY.kem, plaintext, contribution_info(INSTANCE, KEY.kem, token))

    def with_body(body: bytes) -> bytes:
        signature = EXPERT_SIGN.sign(b"whatever")
        fields = (b"\1", EXPERT_SIGN.public, signature, len(body).to_bytes(2, "big"), body)
        return raw(b"".join(fields).ljust(PLAINTEXT_BYTES, b"\0"))

    sealed = seal_contribution(counted, token, KEY, EXPERT_SIGN)
    good = sign_counted(counted, token, KEY, EXPERT_SIGN)
    cases = [
        case(f"{who}, opened", "open", inputs(each), {"counted": json_of(opened(each))})
        for who, each in {
            "by an expert": sealed,
            "by one who has left": seal_contribution(COUNTED["a reply"], token, KEY, FORMER_SIGN),
        }.items()
    ]
    cases += [
        tampering("tampered contribution", "open", inputs(sealed), "sealed", opened),
        tampering("tampered token", "open", inputs(sealed), "token", lambda changed: opened(sealed, changed)),
        failing("opened with another key", "open", {**inputs(sealed), "seed": NEXT.seed},
                lambda: opened(sealed, own=NEXT), "tampered"),
    ]  # fmt: skip
    other_token = contribution_token(CASE_KEY, INSTANCE, LATER)
    forged = {
        "by nobody in the directory": seal_contribution(counted, token, KEY, STRANGER),
        "signed by another than it names": raw(structs.replace(good, signature=STRANGER.sign(b"whatever")).encode()),
        "signed for another token": raw(sign_counted(counted, other_token, KEY, EXPERT_SIGN).encode()),
        "signed for another key": raw(sign_counted(counted, token, NEXT_KEY, EXPERT_SIGN).encode()),
        "of another case than was signed": raw(SignedCounted(COUNTED["a reply"], good.author, good.signature).encode()),
    }
    cases += [
        failing(name, "open", inputs(each), lambda each=each: opened(each), "forged") for name, each in forged.items()
    ]
    body = json_of(counted)
    bodies = {
        "a field too many": {**body, "age": "10-12"},
        "a field too few": {key: value for key, value in body.items() if key != "role"},
        "a case with an answer": {**body, "answer": "helped"},
        "neither case nor reply": {**body, "kind": "count"},
        "a day": {**body, "month": "2026-11-27"},
        "a month that is none": {**body, "month": "2026-13"},
        "a term where a month is due": {**body, "month": "2026-autumn"},
        "a promise that is none": {**body, "promise": "perhaps"},
        "a topic in free words": {**body, "topic": "Joku jakoi kuvani"},
        "a school that is a number": {**body, "school": 3095},
        "an answer that is none": {**json_of(COUNTED["a reply"]), "answer": "yes"},
        "asked at another time": {**json_of(COUNTED["a reply"]), "asked": "case"},
    }
    plain = good.encode()
    shapes = {
        **{name: with_body(canonical_json(each)) for name, each in bodies.items()},
        "another spelling of its JSON": with_body(canonical_json(body).replace(b":", b": ", 1)),
        "fill that is not zero": raw(plain[:-1] + b"\1"),
        "another version inside": raw(b"\2" + plain[1:]),
        "a length beyond the end": raw(plain[:97] + b"\xff\xff" + plain[99:]),
    }
    cases += [
        failing(name, "open", inputs(each), lambda each=each: opened(each), "malformed")
        for name, each in shapes.items()
    ]
    for name, each in {"a byte too many": sealed + b"\0", "a byte too few": sealed[:-1], "nothing": b""}.items():
        cases.append(failing(name, "open", inputs(each), lambda each=each: opened(each), "malformed"))
    return cases


# --- releases.json

REGISTER = Register(
    (Municipality("837", "06", (Place(("03095",)), Place(("03096", "03097")))),
     Municipality("unknown", "unknown", (Place(("unknown",)),))),
    {"topic": ("picture-shared", "other"), "service": ("snapchat", "none"), "role": ("pupil", "staff"),
     "promise": ("kept", "missed"), "impact": ("helped", "somewhat", "no"), "later": ("helped", "somewhat", "no")},
)  # fmt: skip


def _release(name: str, version: int = 7, instance: InstanceId = INSTANCE) -> Release:
    period = Period.parse(name)
    figures = {cell: Figure(at - 3, max(0, at - 3), 6) for at, cell in enumerate(cells_of(period, REGISTER))}
    return Release(instance, version, period, REGISTER, figures)


def _later_directory() -> Directory:
    """In which nobody coordinates who did, and somebody else does."""
    body = DIRECTORY_BODY
    (expert,) = body.experts
    another = Expert(
        ExpertId(drawn("another id", EXPERT_ID_BYTES)), "Psykologi", STRANGER.public, expert.kem, (2,), True, ()
    )
    experts = tuple(sorted((dataclasses.replace(expert, coordinator=False), another), key=lambda one: one.id))
    later = dataclasses.replace(body, version=8, experts=experts)
    return UntrustedDirectory(sign_directory(later, DIRECTORY_KEY)).verify_under(LAST_ROOT, NOW)


def _sign(release: Release, *keys: SigningKey, kind: int = RELEASE) -> bytes:
    return sign_document(kind, release.encode(), keys or (EXPERT_SIGN,))


def releases() -> list[Json]:
    """SPEC 12.4: which releases are believed, and by which directory."""
    later = _later_directory()
    directory, later_directory = (sign_directory(one.body, DIRECTORY_KEY) for one in (VERIFIED, later))
    month = _sign(_release("2026-11"))

    def expect(name: str, version: int = 7) -> Json:
        release = _release(name, version)
        return {"period": name, "version": version, "cells": len(release.figures)}

    def inputs(encoded: bytes, by: bytes = directory) -> Json:
        return {"release": encoded, "directory": by}

    cases = [
        case(f"of a {span}", "verify-release", inputs(_sign(_release(name))), expect(name))
        for span, name in {"month": "2026-11", "term": "2026-autumn", "spring term": "2027-spring",
                           "school year": "2026-2027"}.items()
    ]  # fmt: skip
    cases += [
        case("by one who has left since", "verify-release", inputs(_sign(_release("2026-11", 5), FORMER_SIGN)),
             expect("2026-11", 5)),
        case("by one who coordinates no more", "verify-release", inputs(month, later_directory), expect("2026-11")),
        tampering("tampered", "verify-release", inputs(month), "release",
                  lambda changed: verify_release(changed, VERIFIED)),
    ]  # fmt: skip
    forged = {
        "by nobody in the directory": (_sign(_release("2026-11"), STRANGER), VERIFIED),
        "by one who had left": (_sign(_release("2026-11", 6), FORMER_SIGN), VERIFIED),
        "by one who coordinates no more, of the directory that says so": (_sign(_release("2026-11", 8)), later),
        "of a directory still to come": (_sign(_release("2026-11", 8)), VERIFIED),
        "of another instance": (
            _sign(_release("2026-11", instance=InstanceId(drawn("another instance")))), VERIFIED
        ),
    }  # fmt: skip
    body = _release("2026-11").encode()
    whole = {
        "by two": _sign(_release("2026-11"), EXPERT_SIGN, STRANGER),
        "another kind of document": _sign(_release("2026-11"), kind=DIRECTORY),
        "a truth value for a number": sign_document(RELEASE, body.replace(b",0,6]", b",false,6]"), [EXPERT_SIGN]),
        "a cell too few": sign_document(RELEASE, body.replace(b'["MONTHS","837","all",-3,0,6],', b""), [EXPERT_SIGN]),
        "another spelling": sign_document(RELEASE, body.replace(b",", b", ", 1), [EXPERT_SIGN]),
        "a period that is none": sign_document(RELEASE, body.replace(b"2026-11", b"2026-13"), [EXPERT_SIGN]),
        "cells of another period": sign_document(RELEASE, body.replace(b"2026-11", b"2026-2027"), [EXPERT_SIGN]),
        "a figure below zero": sign_document(RELEASE, body.replace(b"-3,0,6", b"-3,-3,6"), [EXPERT_SIGN]),
    }
    cases += [
        failing(
            name,
            "verify-release",
            inputs(each, sign_directory(by.body, DIRECTORY_KEY)),
            lambda each=each, by=by: verify_release(each, by),
            "forged",
        )
        for name, (each, by) in forged.items()
    ]
    cases += [
        failing(name, "verify-release", inputs(each), lambda each=each: verify_release(each, VERIFIED), "malformed")
        for name, each in whole.items()
    ]
    return cases
