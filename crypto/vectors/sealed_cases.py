"""Vectors of what is sealed or signed inside a case: wraps, self-wraps, rosters, envelopes, chains and authors."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from msgspec import structs
from world import (
    CARD_KEY,
    CASE,
    CASE_KEY,
    CHAT,
    COMMITMENT,
    DIRECTORY,
    DIRECTORY_KEY,
    EXPERT_KEM,
    EXPERT_SIGN,
    FORMER_SIGN,
    INSTANCE,
    LAWYER_KEM,
    LAWYER_SEED,
    NOW,
    PSYCHOLOGIST_KEM,
    REPORTER,
    SECOND_CASE_KEY,
    STRANGER,
    VERIFIED,
    Draws,
    Json,
    case,
    drawn,
    failing,
    outcome,
    report,
    tampering,
)

from lyhty_crypto.authors import Author, ReporterAuthor, author_of
from lyhty_crypto.cases import sign_roster
from lyhty_crypto.chains import Chains
from lyhty_crypto.ends import Ends, check_turn
from lyhty_crypto.handovers import Questions, check_handover
from lyhty_crypto.keys import KemKeyPair, SigningKey, expand, seal_once, seal_to
from lyhty_crypto.receipts import reach_of, receipt_owed
from lyhty_crypto.sealing import Opened, Sealed, open_envelope, seal
from lyhty_crypto.wrapping import open_link, seal_link, self_unwrap, self_wrap, unwrap_key, wrap_key
from lyhty_wire.contents import (
    ANSWER_PARTS,
    Answer,
    AnswerPart,
    Ask,
    Card,
    CaseOpened,
    Chat,
    Consent,
    Content,
    Helped,
    Provision,
    Receipt,
    Turn,
    begins_generation,
    decode_content,
    encode_content,
)
from lyhty_wire.contexts import context
from lyhty_wire.encoding import canonical_json, parse_canonical_json
from lyhty_wire.envelopes import (
    CARD,
    MESSAGE,
    EnvelopeHeader,
    HeadSeen,
    associated_data,
    to_sign,
)
from lyhty_wire.ids import (
    LAWYER,
    NO_HEAD,
    PSYCHOLOGIST,
    CaseId,
    Commitment,
    Epoch,
    Generation,
    Head,
    InstanceId,
    KemKey,
    ObjectId,
    QueueId,
    commitment,
    digest,
)
from lyhty_wire.rosters import Roster, RosterEntry, UntrustedRoster
from lyhty_wire.wraps import (
    CARD_KEY as KIND_CARD_KEY,
)
from lyhty_wire.wraps import (
    CASE_KEY as KIND_CASE_KEY,
)
from lyhty_wire.wraps import (
    DIRECTORY_SEED as KIND_DIRECTORY_SEED,
)
from lyhty_wire.wraps import (
    NO_LINK,
    QUEUE_SEED,
    TO_EXPERT,
    TO_QUEUE,
    TO_REPORTER,
    Wrap,
    wrap_info,
)

OTHER_CASE = CaseId(drawn("another case"))
OTHER_INSTANCE = InstanceId(drawn("another instance"))


# --- wraps


def _unwrap(data: bytes, seed: bytes, subject: bytes, instance: InstanceId = INSTANCE) -> bytes:
    return unwrap_key(Wrap.decode(data), KemKeyPair(seed), instance=instance, subject=subject)


def wraps() -> list[Json]:
    """SPEC 3.1: `unwrap` with an X-Wing seed (`subject`: case id or sign key); `seal-to` a key that must be refused."""
    one = {"instance": INSTANCE, "subject": CASE}
    to_queue = wrap_key(
        CASE_KEY, PSYCHOLOGIST_KEM.public, **one, kind=KIND_CASE_KEY, recipient=TO_QUEUE, queue=PSYCHOLOGIST,
        epoch=Epoch(3), generation=Generation(2),
    )  # fmt: skip
    to_reporter = wrap_key(
        SECOND_CASE_KEY, REPORTER.kem.public, **one, kind=KIND_CASE_KEY, recipient=TO_REPORTER,
        generation=Generation(2),
    )  # fmt: skip
    card = wrap_key(
        CARD_KEY, LAWYER_KEM.public, **one, kind=KIND_CARD_KEY, recipient=TO_QUEUE, queue=LAWYER, epoch=Epoch(2)
    )
    seed = wrap_key(
        LAWYER_SEED, EXPERT_KEM.public, instance=INSTANCE, subject=EXPERT_SIGN.public, kind=QUEUE_SEED,
        recipient=TO_EXPERT, queue=LAWYER, epoch=Epoch(2),
    )  # fmt: skip
    directory_seed = wrap_key(
        DIRECTORY_KEY.seed, EXPERT_KEM.public, instance=INSTANCE, subject=EXPERT_SIGN.public, kind=KIND_DIRECTORY_SEED,
        recipient=TO_EXPERT,
    )  # fmt: skip
    cases = []
    for name, wrap, key, kem, subject in (
        ("case key to a queue", to_queue, CASE_KEY, PSYCHOLOGIST_KEM, CASE),
        ("case key to the reporter", to_reporter, SECOND_CASE_KEY, REPORTER.kem, CASE),
        ("card key to a queue", card, CARD_KEY, LAWYER_KEM, CASE),
        ("queue seed to an expert", seed, LAWYER_SEED, EXPERT_KEM, EXPERT_SIGN.public),
        ("directory seed to an expert", directory_seed, DIRECTORY_KEY.seed, EXPERT_KEM, EXPERT_SIGN.public),
    ):
        inputs: Json = {"seed": kem.seed, "wrap": wrap.encode(), "instance": INSTANCE, "subject": subject}
        header: Json = {
            "kind": wrap.kind, "recipient": wrap.recipient, "queue": wrap.queue, "epoch": wrap.epoch,
            "generation": wrap.generation, "commitment": wrap.commitment,
        }  # fmt: skip
        expect = {"key": key, "public": kem.public, "header": header, "digest": wrap.digest()}
        cases.append(case(name, "unwrap", inputs, expect))
    good = to_queue.encode()
    seed_bytes = PSYCHOLOGIST_KEM.seed
    base: Json = {"seed": seed_bytes, "wrap": good, "instance": INSTANCE, "subject": CASE}
    cases.append(tampering("tampered", "unwrap", base, "wrap", lambda changed: _unwrap(changed, seed_bytes, CASE)))
    cases.append(
        tampering("another case", "unwrap", base, "subject", lambda changed: _unwrap(good, seed_bytes, changed), step=5)
    )

    def refused(name: str, failure: str, **changes: object) -> None:
        inputs = {**base, **changes}
        cases.append(
            failing(
                name,
                "unwrap",
                inputs,
                lambda: _unwrap(inputs["wrap"], inputs["seed"], inputs["subject"], inputs["instance"]),
                failure,
            )
        )

    refused("another instance", "tampered", instance=OTHER_INSTANCE)
    refused("another key pair", "tampered", seed=LAWYER_KEM.seed)
    refused("too short", "malformed", wrap=good[:-1])
    refused("too long", "malformed", wrap=good + b"\0")
    refused("empty", "malformed", wrap=b"")
    header = to_queue.header()
    info = wrap_info(INSTANCE, CASE, header)
    refused("commitment of another key", "tampered", wrap=header + seal_to(PSYCHOLOGIST_KEM.public, CARD_KEY, info))
    enc_zero = good[: 45 + 1088] + bytes(32) + good[45 + 1120 :]
    refused("X25519 share of zeros in the encapsulation", "tampered", wrap=enc_zero)
    enc_one = good[: 45 + 1088] + b"\1" + bytes(31) + good[45 + 1120 :]
    refused("X25519 share of order one in the encapsulation", "tampered", wrap=enc_one)
    body = good[45:]
    for name, fields in {
        "kind 0": (0, 1, 2, 3, 2), "kind 5": (5, 1, 2, 3, 2), "case key to an expert": (1, 3, 2, 3, 2),
        "card key to the reporter": (2, 2, 0, 0, 0), "card key to an expert": (2, 3, 2, 3, 0),
        "queue seed to a queue": (3, 1, 2, 3, 0), "to the reporter with queue": (1, 2, 2, 0, 2),
        "to the reporter with epoch": (1, 2, 0, 3, 2), "to a queue without queue": (1, 1, 0, 3, 2),
        "to a queue without epoch": (1, 1, 2, 0, 2), "case key without generation": (1, 1, 2, 3, 0),
        "card key with generation": (2, 1, 2, 3, 2), "queue seed with generation": (3, 3, 2, 3, 2),
        "queue seed without epoch": (3, 3, 2, 0, 0), "directory seed to a queue": (4, 1, 2, 3, 0),
        "directory seed with queue": (4, 3, 2, 0, 0), "directory seed with epoch": (4, 3, 0, 3, 0),
        "directory seed with generation": (4, 3, 0, 0, 2), "directory seed to the reporter": (4, 2, 0, 0, 0),
    }.items():  # fmt: skip
        kind, recipient, queue, epoch, generation = fields
        numbers = bytes((1, kind, recipient)) + queue.to_bytes(2, "big") + epoch.to_bytes(4, "big")
        crafted = numbers + generation.to_bytes(4, "big") + commitment(CASE_KEY)
        sealed = seal_to(PSYCHOLOGIST_KEM.public, CASE_KEY, wrap_info(INSTANCE, CASE, crafted))
        refused(name, "malformed", wrap=crafted + sealed)
    assert len(body) == 1168
    public = PSYCHOLOGIST_KEM.public
    for name, bad in {
        "X25519 half of zeros": public[:1184] + bytes(32),
        "X25519 half of order one": public[:1184] + b"\1" + bytes(31),
        "ML-KEM half not reduced": b"\xff" * 1184 + public[1184:],
        "too short": public[:-1],
        "too long": public + b"\0",
        "empty": b"",
    }.items():
        inputs = {"public": bad, "plaintext": CASE_KEY, "info": b"info"}
        cases.append(
            failing(
                f"sealing to: {name}", "seal-to", inputs, lambda bad=bad: seal_to(bad, CASE_KEY, b"info"), "refused"
            )
        )
    return cases


def self_wraps() -> list[Json]:
    """SPEC 3.2: `self-wrap` (exact bytes) and `self-unwrap`."""
    first = Generation(1)
    sealed = self_wrap(CASE_KEY, REPORTER.wrap, instance=INSTANCE, case=CASE, generation=first)
    base: Json = {
        "wrap_key": REPORTER.wrap, "instance": INSTANCE, "case": CASE, "generation": first, "commitment": COMMITMENT,
        "sealed": sealed,
    }  # fmt: skip

    def opened(**changes: object) -> bytes:
        i = {**base, **changes}
        return self_unwrap(
            i["sealed"], i["wrap_key"], instance=i["instance"], case=i["case"], generation=i["generation"],
            expected=i["commitment"],
        )  # fmt: skip

    plain = {key: value for key, value in base.items() if key not in ("sealed", "commitment")}
    cases = [
        case("sealed", "self-wrap", {**plain, "key": CASE_KEY}, {"sealed": sealed}),
        case("opened", "self-unwrap", base, {"key": CASE_KEY}),
        tampering("tampered", "self-unwrap", base, "sealed", lambda changed: opened(sealed=changed)),
    ]
    for name, failure, changes in (
        ("another wrap key", "tampered", {"wrap_key": drawn("another wrap key")}),
        ("another instance", "tampered", {"instance": OTHER_INSTANCE}),
        ("another case", "tampered", {"case": OTHER_CASE}),
        ("another generation", "tampered", {"generation": 2}),
        ("another commitment", "tampered", {"commitment": commitment(CARD_KEY)}),
        ("too short", "malformed", {"sealed": sealed[:-1]}),
        ("too long", "malformed", {"sealed": sealed + b"\0"}),
    ):
        inputs = {**base, **changes}
        cases.append(failing(name, "self-unwrap", inputs, lambda changes=changes: opened(**changes), failure))
    sealing = context("self-wrap", INSTANCE, CASE, (1).to_bytes(4, "big"), COMMITMENT)
    crafted = seal_once(expand(REPORTER.wrap, sealing), CARD_KEY, b"")
    inputs = {**base, "sealed": crafted}
    cases.append(failing("another key inside", "self-unwrap", inputs, lambda: opened(sealed=crafted), "tampered"))
    return cases


def links() -> list[Json]:
    """SPEC 3.4: `link` (exact bytes) and `open-link`."""
    second = Generation(2)
    sealed = seal_link(CASE_KEY, SECOND_CASE_KEY, instance=INSTANCE, case=CASE, generation=second)
    base: Json = {
        "key": SECOND_CASE_KEY, "instance": INSTANCE, "case": CASE, "generation": second, "previous": COMMITMENT,
        "link": sealed,
    }  # fmt: skip

    def opened(**changes: object) -> bytes:
        i = {**base, **changes}
        return open_link(
            i["link"], i["key"], instance=i["instance"], case=i["case"], generation=i["generation"],
            expected=i["previous"],
        )  # fmt: skip

    plain = {key: value for key, value in base.items() if key not in ("link", "previous")}
    cases = [
        case("sealed", "link", {**plain, "previous_key": CASE_KEY}, {"link": sealed}),
        case("opened", "open-link", base, {"key": CASE_KEY}),
        tampering("tampered", "open-link", base, "link", lambda changed: opened(link=changed)),
    ]
    for name, failure, changes in (
        ("another key", "tampered", {"key": CARD_KEY}),
        ("another instance", "tampered", {"instance": OTHER_INSTANCE}),
        ("another case", "tampered", {"case": OTHER_CASE}),
        ("another generation", "tampered", {"generation": 3}),
        ("another commitment", "tampered", {"previous": commitment(CARD_KEY)}),
        ("no link", "tampered", {"link": NO_LINK}),
        ("too short", "malformed", {"link": sealed[:-1]}),
        ("too long", "malformed", {"link": sealed + b"\0"}),
    ):
        inputs = {**base, **changes}
        cases.append(failing(name, "open-link", inputs, lambda changes=changes: opened(**changes), failure))
    sealing = context("previous-key", INSTANCE, CASE, (2).to_bytes(4, "big"), COMMITMENT)
    crafted = seal_once(expand(SECOND_CASE_KEY, sealing), CARD_KEY, b"")
    inputs = {**base, "link": crafted}
    cases.append(failing("another key inside", "open-link", inputs, lambda: opened(link=crafted), "tampered"))
    return cases


# --- rosters


def _entry(recipient: int, queue: int, epoch: int, kem: bytes, wrap: bytes) -> RosterEntry:
    return RosterEntry(recipient, QueueId(queue), Epoch(epoch), digest(kem), digest(wrap))


LAWYER_ENTRY = _entry(TO_QUEUE, 1, 2, LAWYER_KEM.public, b"wrap to lawyers")
PSYCHOLOGIST_ENTRY = _entry(TO_QUEUE, 2, 1, PSYCHOLOGIST_KEM.public, b"wrap to psychologists")
OWN_ENTRY = _entry(TO_REPORTER, 0, 0, REPORTER.kem.public, b"self-wrap")


def _sign(
    signer: SigningKey,
    generation: int,
    key_commitment: Commitment,
    previous: bytes,
    entries: list[RosterEntry],
    case_id: CaseId = CASE,
    instance: InstanceId = INSTANCE,
    directory_version: int = 7,
) -> bytes:
    return sign_roster(
        signer, instance, case_id, Generation(generation), key_commitment, Commitment(previous), directory_version,
        entries,
    ).encode()  # fmt: skip


def rosters() -> list[Json]:
    """SPEC 3.3: `verify-opening`; `verify-next` after `previous` by the `reporter` or one of `experts`."""
    me, second = REPORTER.sign, commitment(SECOND_CASE_KEY)
    three = [LAWYER_ENTRY, PSYCHOLOGIST_ENTRY, OWN_ENTRY]
    first = _sign(me, 1, COMMITMENT, bytes(32), three)

    def opening(data: bytes, instance: InstanceId = INSTANCE, case_id: CaseId = CASE) -> Roster:
        return UntrustedRoster.decode(data).verify_opening(instance, case_id)

    verified = opening(first)

    def following(data: bytes, instance: InstanceId = INSTANCE) -> Roster:
        return UntrustedRoster.decode(data).verify_next(instance, verified, me.public, [EXPERT_SIGN.public])

    def fields(roster: Roster) -> Json:
        return {
            "generation": roster.generation, "commitment": roster.commitment, "previous": roster.previous,
            "directory_version": roster.directory_version, "signer": roster.signer, "case": roster.case,
            "entries": [
                {"recipient": e.recipient, "queue": e.queue, "epoch": e.epoch, "kem": e.kem_digest,
                 "wrap": e.wrap_digest}
                for e in roster.entries
            ],
        }  # fmt: skip

    base: Json = {"instance": INSTANCE, "case": CASE, "roster": first}
    sixteen = [_entry(TO_QUEUE, 1, epoch, b"", b"") for epoch in range(1, 16)] + [OWN_ENTRY]
    cases = []
    for name, entries in (("two queues", three), ("one queue", [LAWYER_ENTRY, OWN_ENTRY]), ("16 entries", sixteen)):
        data = _sign(me, 1, COMMITMENT, bytes(32), entries)
        cases.append(
            case(f"first generation, {name}", "verify-opening", {**base, "roster": data}, fields(opening(data)))
        )
    cases.append(
        case(
            "signed (exact bytes)",
            "sign",
            {
                "sign_seed": me.seed,
                "instance": INSTANCE,
                "case": CASE,
                "generation": 1,
                "commitment": COMMITMENT,
                "previous": bytes(32),
                "directory_version": 7,
                "entries": fields(verified)["entries"],
            },
            {"roster": first},
        )
    )
    cases.append(tampering("first generation, tampered", "verify-opening", base, "roster", opening))

    def refused(name: str, data: bytes, failure: str) -> None:
        cases.append(failing(name, "verify-opening", {**base, "roster": data}, lambda: opening(data), failure))

    refused("empty", b"", "malformed")
    refused("too short", first[:-1], "malformed")
    refused("too long", first + b"\0", "malformed")
    refused("signed by a stranger", _sign(STRANGER, 1, COMMITMENT, bytes(32), three), "forged")
    refused("another commitment", _sign(me, 1, second, bytes(32), three), "forged")
    refused("another case", _sign(me, 1, COMMITMENT, bytes(32), three, case_id=OTHER_CASE), "forged")
    refused("another instance", _sign(me, 1, COMMITMENT, bytes(32), three, instance=OTHER_INSTANCE), "forged")
    refused("generation 2 as opening", _sign(me, 2, second, COMMITMENT, three), "forged")

    def crafted(entries: list[bytes], previous: bytes = bytes(32), generation: int = 1, count: int = -1) -> bytes:
        start = first[:65] + generation.to_bytes(4, "big") + COMMITMENT + previous + (7).to_bytes(4, "big")
        unsigned = start + bytes((len(entries) if count < 0 else count,)) + b"".join(entries) + me.public
        return unsigned + me.sign(context("roster") + unsigned)

    def entry(recipient: int, queue: int, epoch: int) -> bytes:
        return bytes((recipient,)) + queue.to_bytes(2, "big") + epoch.to_bytes(4, "big") + bytes(64)

    refused("no entries", crafted([]), "malformed")
    refused("17 entries", crafted([entry(1, 1, epoch) for epoch in range(1, 18)]), "malformed")
    refused("count and entries differ", crafted([entry(1, 1, 1)], count=2), "malformed")
    refused("unsorted by recipient", crafted([entry(2, 0, 0), entry(1, 1, 1)]), "malformed")
    refused("unsorted by queue", crafted([entry(1, 2, 1), entry(1, 1, 1)]), "malformed")
    refused("unsorted by epoch", crafted([entry(1, 1, 2), entry(1, 1, 1)]), "malformed")
    refused("an entry twice", crafted([entry(1, 1, 1), entry(1, 1, 1)]), "malformed")
    refused("the reporter twice", crafted([entry(2, 0, 0), entry(2, 0, 0)]), "malformed")
    refused("recipient 3", crafted([entry(3, 1, 1)]), "malformed")
    refused("reporter with a queue", crafted([entry(2, 1, 0)]), "malformed")
    refused("queue 0", crafted([entry(1, 0, 1)]), "malformed")
    refused("epoch 0", crafted([entry(1, 1, 0)]), "malformed")
    refused("generation 0", crafted([entry(1, 1, 1)], generation=0), "malformed")
    refused("first generation with a previous one", crafted([entry(1, 1, 1)], previous=COMMITMENT), "malformed")

    step: Json = {"instance": INSTANCE, "previous": first, "reporter": me.public, "experts": [EXPERT_SIGN.public]}
    for name, signer in (("the reporter", me), ("an expert", EXPERT_SIGN)):
        data = _sign(signer, 2, second, COMMITMENT, three)
        expect = fields(following(data))
        cases.append(case(f"second generation by {name}", "verify-next", {**step, "roster": data}, expect))
    data = _sign(EXPERT_SIGN, 2, second, COMMITMENT, three, directory_version=8)
    cases.append(
        case("second generation by a newer directory", "verify-next", {**step, "roster": data}, fields(following(data)))
    )
    third = _entry(TO_QUEUE, 3, 1, STRANGER.public, b"wrap to a third queue")
    fourth = _entry(TO_QUEUE, 4, 1, STRANGER.public, b"wrap to a fourth queue")
    data = _sign(me, 2, second, COMMITMENT, [*three, third])
    cases.append(case("the reporter lets a queue in", "verify-next", {**step, "roster": data}, fields(following(data))))
    other_key = _entry(TO_REPORTER, 0, 0, STRANGER.public, b"wrap")
    good = _sign(EXPERT_SIGN, 2, second, COMMITMENT, three)
    cases.append(tampering("second generation, tampered", "verify-next", {**step, "roster": good}, "roster", following))
    for name, data in {
        "next by a stranger": _sign(STRANGER, 2, second, COMMITMENT, three),
        "next skips a generation": _sign(me, 3, second, COMMITMENT, three),
        "next repeats the generation": first,
        "next with another previous": _sign(me, 2, second, second, three),
        "next without previous": _sign(me, 2, second, bytes(32), three),
        "next of another case": _sign(me, 2, second, COMMITMENT, three, case_id=OTHER_CASE),
        "next of another instance": _sign(me, 2, second, COMMITMENT, three, instance=OTHER_INSTANCE),
        "next without the reporter": _sign(me, 2, second, COMMITMENT, three[:2]),
        "next with another key of the reporter": _sign(me, 2, second, COMMITMENT, [*three[:2], other_key]),
        "an expert lets a queue in": _sign(EXPERT_SIGN, 2, second, COMMITMENT, [*three, third]),
        "the reporter lets two queues in": _sign(me, 2, second, COMMITMENT, [*three, third, fourth]),
        "one queue in another's place": _sign(me, 2, second, COMMITMENT, [three[0], third, OWN_ENTRY]),
        "a queue is left out": _sign(EXPERT_SIGN, 2, second, COMMITMENT, [three[0], OWN_ENTRY]),
        "the reporter leaves a queue out": _sign(me, 2, second, COMMITMENT, [three[0], OWN_ENTRY]),
        "next by an older directory": _sign(me, 2, second, COMMITMENT, three, directory_version=6),
    }.items():
        inputs = {**step, "roster": data}
        cases.append(failing(name, "verify-next", inputs, lambda data=data: following(data), "forged"))

    return cases


# --- envelopes


def _json(content: Content) -> object:
    return parse_canonical_json(encode_content(content))


def _heads(count: int) -> tuple[HeadSeen, ...]:
    authors = sorted(SigningKey(drawn(f"author {index}")).public for index in range(count))
    return tuple(HeadSeen(author, 3, Head(drawn(f"head {index}"))) for index, author in enumerate(authors))


def _seen(heads: tuple[HeadSeen, ...]) -> list[Json]:
    return [{"author": seen.author, "counter": seen.counter, "head": seen.head} for seen in heads]


def _craft(
    content: bytes,
    *,
    kind: int = MESSAGE,
    generation: int = 2,
    counter: int = 2,
    previous: bytes = b"\7" * 32,
    heads: bytes = b"\0",
    signer: SigningKey = EXPERT_SIGN,
    author: SigningKey = EXPERT_SIGN,
    size: int = 1024,
    length: int | None = None,
    fill: bytes = b"\0",
    urgent: bool = False,
    key: bytes = CASE_KEY,
) -> bytes:
    """An envelope as a dishonest author could seal it."""
    object_id = ObjectId(drawn("crafted object"))
    header = EnvelopeHeader(kind, urgent, Generation(generation), counter, object_id, author.public).encode()
    count = len(content) if length is None else length
    body = previous + (7).to_bytes(4, "big") + heads + count.to_bytes(4, "big") + content
    plaintext = signer.sign(to_sign(INSTANCE, CASE, header, body)) + body
    plaintext = (plaintext + fill).ljust(size - 91, b"\0")
    assert len(plaintext) == size - 91
    object_key = expand(key, context("object-key", object_id))
    return header + seal_once(object_key, plaintext, associated_data(INSTANCE, CASE, header))


def envelopes() -> list[Json]:
    """SPEC 4.1, 4.2, 4.4: `seal` (exact bytes from the object id) and `open` with the case or card key."""
    cases = []

    def add(name: str, content: Content, key: bytes, author: SigningKey, **place: object) -> Sealed:
        sealed = seal(
            content, key, author, instance=INSTANCE, case=CASE, directory_version=7, randomness=Draws(name), **place
        )
        heads = place.get("heads", ())
        header = sealed.header
        shared: Json = {
            "generation": header.generation, "counter": header.counter, "directory_version": 7,
            "previous_head": place.get("previous_head", NO_HEAD), "heads": _seen(heads), "content": _json(content),
        }  # fmt: skip
        opened = open_envelope(sealed.envelope, key, instance=INSTANCE, case=CASE)
        assert (opened.content, opened.head, opened.heads) == (content, sealed.head, heads)
        inputs = {"key": key, "instance": INSTANCE, "case": CASE}
        small = len(sealed.envelope) <= 4096
        seal_inputs = {**inputs, **shared, "sign_seed": author.seed, "object_id": header.object_id}
        if small:
            expect: Json = {"envelope": sealed.envelope, "head": sealed.head}
        else:
            expect = {"digest": digest(sealed.envelope), "size": len(sealed.envelope), "head": sealed.head}
        cases.append(case(f"{name}, sealed", "seal", seal_inputs, expect))
        says: Json = {"kind": header.kind, "urgent": header.urgent, "object_id": header.object_id,
                      "author": header.author, **shared, "head": sealed.head}  # fmt: skip
        if not small:
            says["content"] = "as sealed"
        cases.append(case(f"{name}, opened", "open", {**inputs, "envelope": sealed.envelope}, says))
        return sealed

    me = REPORTER.sign
    card = Card(NOW, COMMITMENT, 'Joku "jakoi"', "fi", ("snapchat",), False, "picture-shared", "pupil", "10-12")
    add("card", card, CARD_KEY, me)
    urgent = add("urgent card", replace(card, urgent=True), CARD_KEY, me)
    first = add("report of 4 KiB", report(), CASE_KEY, me, generation=Generation(1), counter=1)
    two: Json = {"generation": Generation(2), "counter": 2, "previous_head": first.head}
    small = add("chat of 1 KiB", CHAT, CASE_KEY, me, **two)
    add("chat with one head", CHAT, CASE_KEY, me, heads=_heads(1), **two)
    add("chat with eight heads", CHAT, CASE_KEY, me, heads=_heads(8), **two)
    overhead = len(encode_content(Chat(NOW, "a"))) - 1
    fits = 1024 - 196 - overhead
    add("chat that just fits 1 KiB", Chat(NOW, "a" * fits), CASE_KEY, me, **two)
    add("chat that needs 4 KiB by one byte", Chat(NOW, "a" * (fits + 1)), CASE_KEY, me, **two)
    parts = tuple(AnswerPart(part, "ä" * 700) for part in ("did-right", "legal", "now", "protect", "tell"))
    row = Provision(
        "threat", "2026-11-27", "Laiton uhkaus", "Rikoslaki 39/1889, 25 luku 7 §", "ä" * 200, "unlikely", None, "x"
    )
    layered = Answer(NOW, parts, "lawyer", ("Et ole tehnyt väärin.",) * 5, ("Kerro aikuiselle.",) * 5, (row,))
    middle = add("answer of 16 KiB", layered, CASE_KEY, EXPERT_SIGN, heads=_heads(2), **two)
    large = add("chat of 64 KiB", Chat(NOW, "\U0001f3ee" * 10_000), CASE_KEY, me, **two)

    def opened(
        envelope: bytes, key: bytes = CASE_KEY, instance: InstanceId = INSTANCE, case_id: CaseId = CASE
    ) -> Opened:
        return open_envelope(envelope, key, instance=instance, case=case_id)

    base: Json = {"key": CASE_KEY, "instance": INSTANCE, "case": CASE, "envelope": small.envelope}
    cases += [
        tampering("1 KiB, tampered", "open", base, "envelope", opened),
        tampering("report, tampered", "open", {**base, "envelope": first.envelope}, "envelope", opened, step=7),
        tampering("16 KiB, tampered", "open", {**base, "envelope": middle.envelope}, "envelope", opened, step=97),
        tampering("64 KiB, tampered", "open", {**base, "envelope": large.envelope}, "envelope", opened, step=997),
        tampering(
            "card, tampered", "open", {**base, "key": CARD_KEY, "envelope": urgent.envelope}, "envelope",
            lambda changed: opened(changed, CARD_KEY),
        ),
    ]  # fmt: skip

    def refused(name: str, envelope: bytes, failure: str, **changes: object) -> None:
        inputs = {**base, "envelope": envelope, **changes}
        whose = inputs["key"], inputs["instance"], inputs["case"]
        cases.append(failing(name, "open", inputs, lambda: opened(envelope, *whose), failure))

    good = small.envelope
    refused("another case", good, "tampered", case=OTHER_CASE)
    refused("another instance", good, "tampered", instance=OTHER_INSTANCE)
    refused("another key", good, "tampered", key=SECOND_CASE_KEY)
    for size in (0, 1, 74, 75, 1023, 1025, 2048, 65_535):
        refused(f"{size} bytes", (good + bytes(65_536))[:size], "malformed")
    refused("65,537 bytes", good + bytes(65_537 - 1024), "malformed")
    refused("a card of 4 KiB", urgent.envelope + bytes(3072), "malformed", key=CARD_KEY)
    refused("flag bit 1", good[:2] + b"\2" + good[3:], "malformed")
    refused("kind 3", good[:1] + b"\3" + good[2:], "malformed")
    refused("message of generation 0", good[:3] + bytes(4) + good[7:], "malformed")
    refused("message of counter 0", good[:7] + bytes(4) + good[11:], "malformed")
    refused("urgent message", good[:2] + b"\1" + good[3:], "malformed")

    chat = encode_content(CHAT)
    assert opened(_craft(chat)).content == CHAT
    refused("longer padding than needed", _craft(chat, size=4096), "malformed")
    refused("padding that is not zero", _craft(chat, fill=b"\1"), "malformed")
    refused(
        "last byte of padding not zero",
        _craft(chat, fill=bytes(1024 - 91 - 64 - 41 - len(chat) - 1) + b"\1"),
        "malformed",
    )
    refused("length beyond the end", _craft(chat, length=65_536), "malformed")
    refused("length shorter than the content", _craft(chat, length=len(chat) - 1), "malformed")
    refused("signed by somebody else", _craft(chat, signer=STRANGER), "forged")
    refused("first message with a previous head", _craft(chat, counter=1), "malformed")
    one, two_heads = _heads(1)[0], _heads(2)

    def packed(*seen: HeadSeen) -> bytes:
        items = [s.author + s.counter.to_bytes(4, "big") + s.head for s in seen]
        return bytes((len(seen),)) + b"".join(items)

    refused("heads unsorted", _craft(chat, heads=packed(two_heads[1], two_heads[0])), "malformed")
    refused("a head twice", _craft(chat, heads=packed(one, one)), "malformed")
    refused("nine heads", _craft(chat, heads=packed(*_heads(9)), size=4096), "malformed")
    refused("more heads than bytes", _craft(chat, heads=b"\x08"), "malformed")
    refused("head with counter 0", _craft(chat, heads=packed(structs.replace(one, counter=0))), "malformed")
    refused(
        "own author among the heads",
        _craft(chat, heads=packed(structs.replace(one, author=EXPERT_SIGN.public))),
        "malformed",
    )
    for name, content in {
        "content is empty": b"",
        "content is not JSON": b"hello",
        "content has other order": b'{"text":"x","at":1,"type":"chat"}',
        "content has white space": b'{"at":1, "text":"x","type":"chat"}',
        "content has an escape too many": b'{"at":1,"text":"\\u0061","type":"chat"}',
        "content is unknown": b'{"at":1,"text":"x","type":"note"}',
        "content with NUL": b'{"at":1,"text":"\\u0000","type":"chat"}',
        "content is not UTF-8": b'{"at":1,"text":"\xff","type":"chat"}',
    }.items():
        refused(name, _craft(content), "malformed")
    refused("a card in a message", _craft(encode_content(card)), "malformed")
    refused("a report as second message", _craft(encode_content(report()), size=4096), "malformed")
    as_card: Json = {"kind": CARD, "generation": 0, "counter": 0, "previous": bytes(32), "key": CARD_KEY}
    refused("a chat in a card", _craft(chat, **as_card), "malformed", key=CARD_KEY)
    refused(
        "a card with heads", _craft(encode_content(card), heads=packed(one), signer=me, author=me, **as_card),
        "malformed", key=CARD_KEY,
    )  # fmt: skip
    refused("a card of another author than the case's", _craft(encode_content(card), **as_card), "forged", key=CARD_KEY)
    other = encode_content(replace(card, commitment=commitment(SECOND_CASE_KEY)))
    refused("a card with another commitment", _craft(other, signer=me, author=me, **as_card), "forged", key=CARD_KEY)
    agree = _craft(encode_content(card), urgent=True, signer=me, author=me, **as_card)
    for name, envelope, server, agrees in (
        ("urgent everywhere", urgent.envelope, True, True),
        ("urgent but not at the server", urgent.envelope, False, False),
        ("urgent flag but not in the card", agree, True, False),
    ):
        inputs: Json = {**base, "key": CARD_KEY, "envelope": envelope, "server_urgent": server}
        cases.append(case(name, "urgent-agrees", inputs, {"agrees": agrees}))
    too_long = Answer(NOW, tuple(AnswerPart(part, "a" * 10_000) for part in ANSWER_PARTS), "lawyer")
    inputs = {"key": CASE_KEY, "instance": INSTANCE, "case": CASE, "sign_seed": me.seed, "object_id": drawn("too long"),
              "generation": 1, "counter": 2, "directory_version": 7, "previous_head": first.head, "heads": [],
              "content": _json(too_long)}  # fmt: skip
    cases.append(
        failing(
            "more than 64 KiB",
            "seal",
            inputs,
            lambda: seal(
                too_long,
                CASE_KEY,
                me,
                instance=INSTANCE,
                case=CASE,
                directory_version=7,
                generation=Generation(1),
                counter=2,
                previous_head=first.head,
            ),
            "malformed",
        )
    )
    return cases


# --- chains


def _step(author: SigningKey, counter: int, previous: bytes, heads: list[Json] | None = None, *, head: str = "",
          report_: bool = False) -> Json:  # fmt: skip
    return {
        "author": author.public, "counter": counter, "previous_head": previous,
        "head": drawn(head or f"head of {author.public.hex()} {counter}"), "heads": heads or [], "report": report_,
    }  # fmt: skip


def _content(step: Json) -> Content:
    if step["report"]:
        return report()
    opened_as = step.get("opened")
    if isinstance(opened_as, int):
        return CaseOpened(NOW, QueueId(opened_as))
    if "turn" in step:
        return Turn(NOW, str(step["turn"]))
    if "content" in step:
        return decode_content(canonical_json(step["content"]))
    return Chat(NOW, "x") if "read" not in step else Receipt(NOW, bool(step["read"]))


def tip(step: Json) -> Json:
    return {name: step[name] for name in ("author", "counter", "head")}


def opened_step(step: Json) -> Opened:
    heads = tuple(HeadSeen(s["author"], s["counter"], s["head"]) for s in step["heads"])
    header = EnvelopeHeader(
        MESSAGE,
        False,
        Generation(step.get("generation", 1)),
        step["counter"],
        ObjectId(bytes(32)),
        step["author"],
    )
    return Opened(header, _content(step), 7, step["previous_head"], heads, step["head"])


def _author(step: Json, queues: Sequence[int], version: int) -> Author:
    return author_of(
        opened_step(step),
        reporter=REPORTER.sign.public,
        queues=[QueueId(q) for q in queues],
        roster_version=version,
        directory=VERIFIED,
    )


def chains() -> list[Json]:
    """SPEC 4.3: `accept` messages in order (`accepted` go through, the next fails); `author`: who wrote, if allowed."""
    me, expert, third = REPORTER.sign, EXPERT_SIGN, STRANGER
    zero = bytes(32)
    r1 = _step(me, 1, zero, report_=True)
    r2 = _step(me, 2, r1["head"])
    e1 = _step(expert, 1, zero, [tip(r1)])
    e2 = _step(expert, 2, e1["head"], [tip(r2)])
    r3 = _step(me, 3, r2["head"], [tip(e2)])
    t1 = _step(third, 1, zero, sorted([tip(e2), tip(r3)], key=lambda seen: seen["author"]))
    runs: dict[str, tuple[list[Json], int, str]] = {
        "report alone": ([r1], 1, ""),
        "two authors in order": ([r1, e1, r2, e2, r3], 5, ""),
        "three authors": ([r1, e1, r2, e2, r3, t1], 6, ""),
        "an older head seen is fine": ([r1, r2, e1], 3, ""),
        "gap": ([r1, r3], 1, "refused"),
        "gap at the start": ([r2], 0, "refused"),
        "replay": ([r1, r2, r2], 2, "refused"),
        "replay of the report": ([r1, r1], 1, "refused"),
        "fork: the same counter again": ([r1, r2, _step(me, 2, r1["head"], head="fork")], 2, "refused"),
        "fork: another previous head": ([r1, _step(me, 2, drawn("fork"))], 1, "refused"),
        "previous head of zeros": ([r1, _step(me, 2, zero)], 1, "refused"),
        "another author's head is ahead": ([r1, e1, e2], 2, "refused"),
        "another author's head differs": (
            [r1, _step(expert, 1, zero, [{**tip(r1), "head": drawn("fork")}])],
            1,
            "refused",
        ),
        "a head of an author not here": ([r1, _step(expert, 1, zero, [tip(t1)])], 1, "refused"),
        "out of order": ([r1, e1, e2, r2], 2, "refused"),
        "the first message is no report": ([_step(me, 1, zero)], 0, "forged"),
        "a report of somebody else": ([r1, _step(expert, 1, zero, report_=True)], 1, "forged"),
    }
    cases = []
    for name, (steps, accepted, failure) in runs.items():
        chains_ = Chains(me.public)
        for step in steps[:accepted]:
            chains_.accept(opened_step(step))
        inputs: Json = {"reporter": me.public, "messages": steps, "excluding": expert.public}
        seen: Json = {"accepted": accepted, "heads_seen": _seen(chains_.heads_seen(expert.public))}
        if failure:
            failed = failing(
                name, "accept", inputs, lambda c=chains_, s=steps[accepted]: c.accept(opened_step(s)), failure
            )
            seen |= failed["expect"]
        cases.append(case(name, "accept", inputs, seen))

    left = VERIFIED.former[0].version
    for name, author, queues, version, who in (
        ("author: the reporter", me, [1], 7, "reporter"),
        ("author: an expert of the queue", expert, [1], 7, "expert"),
        ("author: an expert of one of the queues", expert, [1, 2], 7, "expert"),
        ("author: an expert of another queue", expert, [2], 7, ""),
        ("author: a stranger", STRANGER, [1, 2], 7, ""),
        ("author: a former expert, in a generation from before they left", FORMER_SIGN, [2], left - 1, "former"),
        ("author: a former expert, in one of their queues", FORMER_SIGN, [1, 2], 1, "former"),
        ("author: a former expert, in a generation made as they left", FORMER_SIGN, [2], left, ""),
        ("author: a former expert, in a generation from after they left", FORMER_SIGN, [2], left + 1, ""),
        ("author: a former expert of another queue", FORMER_SIGN, [1], left - 1, ""),
    ):
        step = {**_step(author, 1, drawn("p")), "head": drawn("h")}
        inputs = {"reporter": me.public, "queues": queues, "roster_version": version, "now": NOW,
                  "author": author.public, "counter": 1, "head": drawn("h"), "directory": DIRECTORY}  # fmt: skip
        run = partial(_author, step, queues, version)
        if who:
            assert isinstance(run(), ReporterAuthor) == (who == "reporter")
            cases.append(case(name, "author", inputs, {"author": who}))
        else:
            cases.append(failing(name, "author", inputs, run, "forged"))

    for name, author, opened_as, queues, version, who in (
        ("opened: by an expert of the queue", expert, 1, [1, 2], 7, "expert"),
        ("opened: by an expert, as of a queue not theirs", expert, 2, [1, 2], 7, ""),
        ("opened: by an expert, as of a queue that has no key", expert, 1, [2], 7, ""),
        ("opened: by a stranger", STRANGER, 1, [1, 2], 7, ""),
        ("opened: by the reporter", me, 1, [1, 2], 7, ""),
        ("opened: by a former expert before they left", FORMER_SIGN, 2, [1, 2], left - 1, "former"),
        ("opened: by a former expert, as of a queue not theirs", FORMER_SIGN, 1, [1, 2], left - 1, ""),
        ("opened: by a former expert, as of a queue that has no key", FORMER_SIGN, 2, [1], left - 1, ""),
        ("opened: by a former expert after they left", FORMER_SIGN, 2, [1, 2], left, ""),
    ):
        step = {**_step(author, 1 if author is not me else 2, drawn("p")), "opened": opened_as}
        inputs = {"reporter": me.public, "queues": queues, "roster_version": version, "now": NOW,
                  "author": author.public, "counter": step["counter"], "head": step["head"],
                  "directory": DIRECTORY, "opened": opened_as}  # fmt: skip
        run = partial(_author, step, queues, version)
        if who:
            run()
            cases.append(case(name, "author", inputs, {"author": who}))
        else:
            cases.append(failing(name, "author", inputs, run, "forged"))

    said = parse_canonical_json(encode_content(Helped(NOW, "impact", "somewhat")))
    for name, author, who in (
        ("helped: by the reporter", me, "reporter"),
        ("helped: by an expert of the queue", expert, ""),
        ("helped: by a stranger", STRANGER, ""),
    ):
        step = {**_step(author, 2, drawn("p")), "content": said}
        inputs = {"reporter": me.public, "queues": [1, 2], "roster_version": 7, "now": NOW, "author": author.public,
                  "counter": 2, "head": step["head"], "directory": DIRECTORY, "content": said}  # fmt: skip
        run = partial(_author, step, [1, 2], 7)
        if who:
            run()
            cases.append(case(name, "author", inputs, {"author": who}))
        else:
            cases.append(failing(name, "author", inputs, run, "forged"))
    return cases


def handovers() -> list[Json]:
    """SPEC 4.7: `handover`: whether a message may stand under `roster` after `previous` (or none) in the case of
    `reporter`; `questions`: whether each answer among `messages` (oldest first, each with the queue that its generation
    `added`, or 0) is one to a question. `whole`: everything before the first of them has been read."""
    me, lawyer = REPORTER.sign, EXPERT_SIGN
    one, two = [LAWYER_ENTRY, OWN_ENTRY], [LAWYER_ENTRY, PSYCHOLOGIST_ENTRY, OWN_ENTRY]
    second = commitment(SECOND_CASE_KEY)
    first = _sign(me, 1, COMMITMENT, bytes(32), one)
    opened_up, turned = _sign(me, 2, second, COMMITMENT, two), _sign(me, 2, second, COMMITMENT, one)

    def said(author: SigningKey, counter: int, generation: int, content: Content) -> Json:
        step = _step(author, counter, drawn("before"))
        return {**step, "generation": generation, "content": parse_canonical_json(encode_content(content))}

    def ask(queue: int = 2, counter: int = 1, author: SigningKey = lawyer) -> Json:
        return said(author, counter, 1, Ask(NOW, QueueId(queue), "It may help you to sleep."))

    def answer(what: str, to: Json, kem: KemKey | None = None, author: SigningKey = me) -> Json:
        return said(author, 2, 1 if what == "no" else 2, Consent(NOW, Head(to["head"]), what, kem))

    question, kem = ask(), REPORTER.kem.public
    cases = []
    checks: tuple[tuple[str, Json, bytes, bytes | None, bool], ...] = (
        ("a question of an expert", question, first, None, True),
        ("a question of the reporter", ask(author=me), first, None, False),
        ("a question for a queue that has the case", ask(1), first, None, False),
        ("a no", answer("no", question), first, None, True),
        ("a no of an expert", answer("no", question, author=lawyer), first, None, False),
        ("a yes to all", answer("all", question), opened_up, first, True),
        ("a yes from here on", answer("from-here", question, kem), opened_up, first, True),
        ("a yes with a stranger's key", answer("from-here", question, LAWYER_KEM.public), opened_up, first, False),
        ("a yes of an expert", answer("all", question, author=lawyer), opened_up, first, False),
        ("a yes that lets nobody in", answer("all", question), turned, first, False),
        ("a turn", said(me, 2, 2, Turn(NOW, "schedule")), turned, first, True),
        ("a turn that lets a queue in without a yes", said(me, 2, 2, Turn(NOW, "schedule")), opened_up, first, False),
        ("a turn whose roster before is not here", said(me, 2, 2, Turn(NOW, "schedule")), opened_up, None, True),
        ("a chat", said(lawyer, 1, 2, Chat(NOW, "x")), opened_up, first, True),
    )
    for name, step, roster_bytes, before_bytes, holds in checks:
        roster, before = [
            None if data is None else cast("Roster", UntrustedRoster.decode(data).verify_signed(INSTANCE, CASE))
            for data in (roster_bytes, before_bytes)
        ]
        assert roster is not None
        inputs: Json = {"message": step, "roster": roster_bytes, "previous": before_bytes, "reporter": me.public}
        run = lambda step=step, roster=roster, before=before: check_handover(  # noqa: E731
            opened_step(step), roster, before, me.public
        )
        cases.append(
            case(name, "handover", inputs, outcome(run)) if holds else failing(name, "handover", inputs, run, "forged")
        )
    other = ask(3, counter=2)
    orders: tuple[tuple[str, list[tuple[Json, int]], bool, bool], ...] = (
        ("a question and a no", [(question, 0), (answer("no", question), 0)], True, True),
        ("a question and a yes", [(question, 0), (answer("all", question), 2)], True, True),
        ("an answer before its question", [(answer("no", question), 0), (question, 0)], True, False),
        ("an answer to no question", [(answer("all", question), 2)], True, False),
        ("an answer whose question is not here yet", [(answer("all", question), 2)], False, True),
        ("a yes that lets another queue in", [(question, 0), (other, 0), (answer("all", other), 2)], True, False),
        ("the same, in the middle", [(question, 0), (other, 0), (answer("all", other), 2)], False, False),
        ("a no to one of two", [(question, 0), (other, 0), (answer("no", other), 0)], True, True),
        ("a yes after a no", [(question, 0), (answer("no", question), 0), (answer("all", question), 2)], True, True),
    )
    for name, steps, is_whole, holds in orders:

        def read(steps: list[tuple[Json, int]] = steps, is_whole: bool = is_whole) -> None:
            questions = Questions()
            for step, added in steps:
                questions.accept(opened_step(step), QueueId(added) if added else None, is_whole=is_whole)

        inputs = {"messages": [{**step, "added": added} for step, added in steps], "whole": is_whole}
        cases.append(
            case(name, "questions", inputs, outcome(read))
            if holds
            else failing(name, "questions", inputs, read, "forged")
        )
    return cases


def ends() -> list[Json]:
    """SPEC 4.3: `ends`: which `messages`, by place in the list, lie `beyond` what their turn messages say; `turn`:
    whether a roster's signer wrote it."""
    me, lawyer, leaver = REPORTER.sign, EXPERT_SIGN, FORMER_SIGN
    zero = bytes(32)

    def turn(
        author: SigningKey, counter: int, generation: int, seen: list[Json], previous: bytes = zero, of: str = ""
    ) -> Json:
        ordered = sorted(seen, key=lambda each: bytes(each["author"]))
        step = _step(author, counter, previous, ordered, head=f"turn {generation} {author.public.hex()} {of}")
        return {**step, "generation": generation, "turn": "departure"}

    def in_generation(step: Json, generation: int) -> Json:
        return {**step, "generation": generation}

    r1 = _step(me, 1, zero, report_=True)
    r2 = _step(me, 2, r1["head"])
    e1 = _step(leaver, 1, zero, [tip(r1)])
    forged_next = _step(leaver, 2, e1["head"], [tip(r1)])
    forged_instead = _step(leaver, 1, zero, [tip(r1)], head="forged")
    first_turn = turn(lawyer, 1, 2, [tip(r2), tip(e1)])
    r3 = in_generation(_step(me, 3, r2["head"]), 2)
    t2 = in_generation(_step(lawyer, 2, first_turn["head"]), 2)
    second_turn = turn(lawyer, 3, 3, [tip(r3)], t2["head"])
    late = in_generation(_step(lawyer, 3, t2["head"], head="late"), 2)
    by_one_who_wrote = turn(lawyer, 2, 2, [tip(r1)], drawn(f"head of {lawyer.public.hex()} 1"))
    both = [r1, e1, r2, first_turn, r3, t2, second_turn]
    yes = parse_canonical_json(encode_content(Consent(NOW, Head(zero), "all")))
    opened_up = {**in_generation(_step(me, 3, r2["head"], [tip(e1)], head="yes"), 2), "content": yes}
    no = {
        **_step(me, 3, r2["head"], [tip(e1)]),
        "content": parse_canonical_json(encode_content(Consent(NOW, Head(zero), "no"))),
    }
    runs: dict[str, tuple[list[Json], list[int]]] = {
        "a yes ends what was before it": ([r1, e1, r2, opened_up, forged_next], [4]),
        "a no ends nothing": ([r1, e1, r2, no, forged_next], []),
        "no turn": ([r1, e1, r2], []),
        "a turn names them all": ([r1, e1, r2, first_turn, r3], []),
        "a message behind the end": ([r1, e1, r2, first_turn, forged_next], [4]),
        "the same, before the turn": ([r1, e1, r2, forged_next, first_turn], [3]),
        "the same, newest first": ([forged_next, first_turn, r2, e1, r1], [0]),
        "another message in the place of the last": ([r1, forged_instead, r2, first_turn], [1]),
        "an author whom the turn does not name": ([r1, e1, r2, turn(lawyer, 1, 2, [tip(r2)])], [1]),
        "the turn's own author wrote before": ([r1, _step(lawyer, 1, zero), by_one_who_wrote], []),
        "the turn's own author, forked": ([r1, _step(lawyer, 1, zero, head="fork"), by_one_who_wrote], [1]),
        "two turns": (both, []),
        "who is silent is ended by the turn before": ([*both, in_generation(forged_next, 2)], [7]),
        "the author of two turns writes behind the second": ([r1, r2, e1, first_turn, r3, t2, second_turn, late], [7]),
        "only the second turn is here": ([r3, t2, second_turn, late], [3]),
    }  # fmt: skip
    cases = []
    for name, (steps, beyond) in runs.items():
        read = Ends()
        opened = [opened_step(step) for step in steps]
        for each in opened:
            if begins_generation(each.content):
                read.learn(each)
        found = [place for place, each in enumerate(opened) if read.is_beyond(each)]
        assert found == beyond, (name, found)
        cases.append(case(name, "ends", {"messages": steps}, {"beyond": beyond}))
    twice = Ends()
    twice.learn(opened_step(first_turn))
    again = turn(lawyer, 1, 2, [tip(r2)], of="again")
    inputs: Json = {"messages": [first_turn, again]}
    cases.append(
        failing("a generation begins twice", "ends", inputs, lambda: twice.learn(opened_step(again)), "forged")
    )
    rosters_ = [_sign(me, 1, COMMITMENT, zero, [LAWYER_ENTRY, OWN_ENTRY])]
    rosters_.append(_sign(lawyer, 2, commitment(SECOND_CASE_KEY), COMMITMENT, [LAWYER_ENTRY, OWN_ENTRY]))
    for name, step, generation, failure in (
        ("a turn by the signer", first_turn, 2, ""),
        ("a turn by somebody else", turn(leaver, 1, 2, []), 2, "forged"),
        ("a turn by the reporter whom the roster does not name as signer", turn(me, 2, 2, []), 2, "forged"),
        ("a turn in the first generation", turn(me, 1, 1, []), 1, "forged"),
        ("no turn at all", r3, 2, ""),
    ):
        roster = cast("Roster", UntrustedRoster.decode(rosters_[generation - 1]))
        inputs = {"message": step, "roster": rosters_[generation - 1]}
        run = lambda step=step, roster=roster: check_turn(opened_step(step), roster)  # noqa: E731
        cases.append(
            failing(name, "turn", inputs, run, failure) if failure else case(name, "turn", inputs, outcome(run))
        )
    return cases


# --- receipts


def receipts() -> list[Json]:
    """SPEC 4.5: `reach` of each message of `author` by its counter, and the receipt it owes, off and on the screen."""
    me, expert, third = REPORTER.sign, EXPERT_SIGN, STRANGER
    zero = bytes(32)

    def receipt(author: SigningKey, counter: int, seen: list[Json], *, read: bool) -> Json:
        return {
            **_step(author, counter, drawn("p"), seen, head=f"receipt {counter} {author.public.hex()}"),
            "read": read,
        }

    def opened(author: SigningKey, counter: int, seen: list[Json]) -> Json:
        return {
            **_step(author, counter, drawn("p"), seen, head=f"opened {counter} {author.public.hex()}"),
            "opened": 1,
        }

    r1 = _step(me, 1, zero, report_=True)
    r2 = _step(me, 2, r1["head"])
    e1 = _step(expert, 1, zero, [tip(r1)])
    e2 = _step(expert, 2, e1["head"], [tip(r1)])
    t1 = _step(third, 1, zero, [tip(e1)])
    forged = {**tip(r2), "head": drawn("fork")}
    question = parse_canonical_json(encode_content(Ask(NOW, PSYCHOLOGIST, "Why")))
    yes = parse_canonical_json(encode_content(Consent(NOW, Head(zero), "all")))
    helped = parse_canonical_json(encode_content(Helped(NOW, "impact", "helped")))
    runs: dict[str, list[Json]] = {
        "nothing came back": [r1, r2],
        "an answer has read what it names": [r1, r2, e1],
        "a receipt of delivery": [r1, r2, receipt(expert, 1, [tip(r2)], read=False)],
        "a receipt of reading": [r1, r2, receipt(expert, 1, [tip(r2)], read=True)],
        "read the first, delivered the second": [
            r1, receipt(expert, 1, [tip(r1)], read=True), r2, receipt(expert, 2, [tip(r2)], read=False)],
        "delivery told after reading takes nothing back": [
            r1, receipt(expert, 1, [tip(r1)], read=True), receipt(expert, 2, [tip(r1)], read=False)],
        "a forged head shows nothing": [r1, r2, receipt(expert, 1, [forged], read=True)],
        "a head of a message not here shows nothing": [r1, receipt(expert, 1, [tip(r2)], read=True)],
        "a receipt without heads shows nothing": [r1, receipt(expert, 1, [], read=True)],
        "newest first: the older messages are not here yet": [r2, receipt(expert, 1, [tip(r2)], read=True)],
        "an expert's message seen by another expert only": [r1, e1, t1],
        "an answer is owed a receipt": [r1, e1, e2],
        "an answer delivered is still to be read": [r1, e1, receipt(me, 2, [tip(e1)], read=False)],
        "an answer read is owed nothing": [r1, e1, receipt(me, 2, [tip(e1)], read=True)],
        "what the reporter wrote since says it all": [r1, e1, {**r2, "heads": [tip(e1)]}],
        "a newer answer is owed another": [r1, e1, receipt(me, 2, [tip(e1)], read=True), e2],
        "a turn is owed nothing": [
            r1, e1, receipt(me, 2, [tip(e1)], read=True), {**_step(third, 1, zero, [tip(r1)]), "turn": "schedule"}],
        "a turn has read nothing": [r1, {**_step(expert, 1, zero, [tip(r1)]), "turn": "schedule"}],
        "a question is owed a receipt": [r1, {**e1, "content": question}],
        "an answer to it has read it": [r1, {**e1, "content": question}, {**r2, "heads": [tip(e1)], "content": yes}],
        "a receipt is owed nothing": [r1, receipt(expert, 1, [tip(r1)], read=True)],
        "an opening has read what it names": [r1, r2, opened(expert, 1, [tip(r2)])],
        "an opening is owed nothing": [r1, opened(expert, 1, [tip(r1)])],
        "a word on whether it helped has read what it names": [r1, e1, {**r2, "heads": [tip(e1)], "content": helped}],
        "a word on whether it helped is owed nothing": [
            r1, e1, {**r2, "heads": [tip(e1)], "content": helped}, receipt(expert, 2, [tip(r1)], read=True)],
        "two experts, one of them told": [
            r1, e1, receipt(me, 2, [tip(e1)], read=True), {**t1, "heads": [tip(r1)]}],
    }  # fmt: skip
    cases = []
    for name, steps in runs.items():
        for who, author in (("reporter", me), ("expert", expert)):
            history = [opened_step(step) for step in steps]
            reach = reach_of(history, author.public, me.public)
            owed = [receipt_owed(history, author.public, me.public, on_screen=on_screen) for on_screen in (False, True)]
            inputs: Json = {"reporter": me.public, "author": author.public, "messages": steps}
            expect: Json = {
                "reach": [{"counter": counter, "reach": each.name.lower()} for counter, each in sorted(reach.items())],
                "owed": [each and each.name.lower() for each in owed],
            }
            cases.append(case(f"{name}: the {who}'s", "receipts", inputs, expect))
    return cases
