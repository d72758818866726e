"""Vectors of joining: offers, applications and the pictures that two people compare; and the founding packet."""

from world import EXPERT_KEM, EXPERT_SIGN, INSTANCE, STRANGER, Draws, Json, case, drawn, failing, tampering

from lyhty_crypto.experts import ExpertKeys
from lyhty_crypto.founding import FoundingPacket, QueueSeed, open_packet, seal_packet
from lyhty_crypto.invitations import Invitation, seal_under
from lyhty_crypto.keys import expand
from lyhty_wire.contexts import context
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Epoch, ExpertId, InstanceId
from lyhty_wire.invitations import Account, Application, Offer, introduction

SECRET, DIRECTORY_SEED = drawn("invitation secret"), drawn("directory key")
OTHER_INSTANCE = InstanceId(drawn("another instance"))
INVITATION = Invitation(INSTANCE, SECRET)
OFFER = Offer("Uusi juristi Ä", (LAWYER, PSYCHOLOGIST), ("fi", "sv"), coordinator=True)
KEYS = ExpertKeys(EXPERT_SIGN, EXPERT_KEM)
ACCOUNT = Account(
    expert_id=ExpertId(drawn("expert id", 16)), name="uusi.juristi ä", salt=drawn("salt", 16), m_kib=65_536, t=3, p=1,
    login_pk=STRANGER.public, keys=drawn("key blob", 93), sign=EXPERT_SIGN.public, kem=EXPERT_KEM.public,
)  # fmt: skip
APPLICATION = INVITATION.apply(ACCOUNT, KEYS)


def invitations() -> list[Json]:
    """SPEC 5.7, 5.8: `seal-offer`, `open-offer`; `keep`, `kept`; `apply`, `check-application`; `open-founding`."""
    link: Json = {"instance": INSTANCE, "secret": SECRET}
    cases = [case("id", "invitation-id", link, {"id": INVITATION.id, "text": INVITATION.text})]

    # --- offers
    told: Json = {
        "name": OFFER.name, "queues": list(OFFER.queues), "languages": list(OFFER.languages),
        "coordinator": OFFER.coordinator,
    }  # fmt: skip
    sealed = INVITATION.seal_offer(OFFER, Draws("offer"))
    nonce = Draws("offer")(12)
    cases.append(
        case("offer, sealed (exact bytes)", "seal-offer", {**link, "offer": told, "nonce": nonce}, {"sealed": sealed})
    )
    base: Json = {**link, "sealed": sealed}
    cases.append(case("offer", "open-offer", base, {"offer": told}))
    cases.append(tampering("offer, tampered", "open-offer", base, "sealed", INVITATION.open_offer))

    def no_offer(name: str, failure: str, sealed_: bytes = sealed, *, link_: Invitation = INVITATION) -> None:
        inputs: Json = {"instance": link_.instance, "secret": link_.secret, "sealed": sealed_}
        cases.append(failing(name, "open-offer", inputs, lambda: link_.open_offer(sealed_), failure))

    no_offer("offer with another link", "tampered", link_=Invitation(INSTANCE, drawn("another secret")))
    no_offer("offer of another instance", "tampered", link_=Invitation(OTHER_INSTANCE, SECRET))
    no_offer("offer too short", "malformed", sealed[:28])
    no_offer("offer cut off", "tampered", sealed[:-1])
    no_offer("offer too long", "tampered", sealed + b"\0")
    for name, offer in {
        "nothing to do": Offer("A", (), (), coordinator=False),
        "queues unsorted": Offer("A", (PSYCHOLOGIST, LAWYER), (), coordinator=False),
        "a language twice": Offer("A", (LAWYER,), ("fi", "fi"), coordinator=False),
        "nine languages": Offer("A", (LAWYER,), tuple("abcdefghi"), coordinator=False),
        "no name": Offer("", (LAWYER,), (), coordinator=False),
        "a name of 201 letters": Offer("ä" * 201, (LAWYER,), (), coordinator=False),
    }.items():
        no_offer(f"offer: {name}", "malformed", INVITATION.seal_offer(offer, Draws(name)))
    longest = Offer("\U0001f3ee" * 200, (LAWYER,), tuple("abcdefgh"), coordinator=False)
    sealed_longest = INVITATION.seal_offer(longest, Draws("longest"))
    cases.append(case("offer: the longest name", "open-offer", {**link, "sealed": sealed_longest}, {"offer": {
        "name": longest.name, "queues": [1], "languages": list(longest.languages), "coordinator": False,
    }}))  # fmt: skip

    # --- for the other coordinators
    kept = INVITATION.keep(DIRECTORY_SEED, Draws("kept"))
    keeping: Json = {**link, "directory_seed": DIRECTORY_SEED, "nonce": Draws("kept")(12)}
    cases.append(case("kept (exact bytes)", "keep", keeping, {"kept": kept}))
    held: Json = {"instance": INSTANCE, "id": INVITATION.id, "kept": kept, "directory_seed": DIRECTORY_SEED}

    def opened(kept_: bytes, id_: bytes = INVITATION.id, seed: bytes = DIRECTORY_SEED) -> Invitation:
        return Invitation.kept(INSTANCE, id_, kept_, seed)

    keep_key = expand(DIRECTORY_SEED, context("invitation-keep"))
    under_this_id = context("invitation-kept", INSTANCE, INVITATION.id)
    moved = seal_under(keep_key, drawn("another secret"), under_this_id, Draws("moved"))
    cases.append(case("kept, opened", "kept", held, {"secret": opened(kept).secret}))
    cases.append(tampering("kept, tampered", "kept", held, "kept", opened))
    for name, changes, failure in (
        ("under another id", {"id": drawn("id", 16)}, "tampered"),
        ("with another key", {"directory_seed": drawn("another key")}, "tampered"),
        ("too long", {"kept": kept + b"\0"}, "malformed"),
        ("too short", {"kept": kept[:-1]}, "malformed"),
        ("the secret of another invitation, by a coordinator", {"kept": moved}, "tampered"),
    ):
        inputs = {**held, **changes}
        cases.append(failing(
            f"kept: {name}", "kept", inputs,
            lambda i=inputs: opened(i["kept"], i["id"], i["directory_seed"]), failure,
        ))  # fmt: skip

    # --- applications
    encoded = APPLICATION.encode()
    account: Json = {
        "expert": ACCOUNT.expert_id, "name": ACCOUNT.name, "salt": ACCOUNT.salt, "m_kib": 65_536, "t": 3, "p": 1,
        "login_pk": ACCOUNT.login_pk, "keys": ACCOUNT.keys, "sign": ACCOUNT.sign, "kem": ACCOUNT.kem,
    }  # fmt: skip
    applying: Json = {**link, "account": account, "sign_seed": EXPERT_SIGN.seed}
    cases.append(case("application (exact bytes)", "apply", applying, {"application": encoded}))
    check: Json = {**link, "application": encoded}
    cases.append(case("application, checked", "check-application", check, {"account": account}))

    def checked(data: bytes, link_: Invitation = INVITATION) -> None:
        link_.check(Application.decode(data))

    cases.append(tampering("application, tampered", "check-application", check, "application", checked, step=7))
    cases.append(
        tampering("application, tampered at the start", "check-application", check, "application", checked, end=40)
    )
    swapped = Invitation(INSTANCE, drawn("another secret")).apply(ACCOUNT, KEYS).encode()
    by_server = Account(**{**_fields(ACCOUNT), "sign": STRANGER.public})
    forged = Application(by_server, STRANGER.sign(b"anything"), APPLICATION.mac).encode()
    resigned = Invitation(INSTANCE, drawn("guess")).apply(by_server, ExpertKeys(STRANGER, EXPERT_KEM)).encode()
    for name, data, link_, failure in (
        ("by somebody without the link", swapped, INVITATION, "forged"),
        ("with a key that did not sign it", forged, INVITATION, "forged"),
        ("with another key, signed anew by who has no link", resigned, INVITATION, "forged"),
        ("for another instance", encoded, Invitation(OTHER_INSTANCE, SECRET), "forged"),
        ("too short", encoded[:-1], INVITATION, "malformed"),
        ("too long", encoded + b"\0", INVITATION, "malformed"),
        ("empty", b"", INVITATION, "malformed"),
    ):
        inputs = {"instance": link_.instance, "secret": link_.secret, "application": data}
        cases.append(failing(
            f"application {name}", "check-application", inputs,
            lambda data=data, link_=link_: checked(data, link_), failure,
        ))  # fmt: skip
    plain = ACCOUNT.encode()
    for name, before, after in (
        ("a name with capitals", "uusi.juristi", "Uusi.juristi"),
        ("a name that ends with a space", "juristi ä", "jurist ä "),
        ("a name that is not UTF-8", "ä", b"\xff\xff"),
        ("memory below the floor", (65_536).to_bytes(4, "big"), (65_535).to_bytes(4, "big")),
        ("memory that no device has", (65_536).to_bytes(4, "big"), (1_048_577).to_bytes(4, "big")),
        (
            "two passes",
            (3).to_bytes(4, "big") + (1).to_bytes(4, "big"),
            (2).to_bytes(4, "big") + (1).to_bytes(4, "big"),
        ),
        ("two lanes", (3).to_bytes(4, "big") + (1).to_bytes(4, "big"), (3).to_bytes(4, "big") + (2).to_bytes(4, "big")),
    ):
        old, new = (each if isinstance(each, bytes) else each.encode() for each in (before, after))
        assert plain.count(old) == 1, name
        data = plain.replace(old, new) + APPLICATION.signature + APPLICATION.mac
        inputs = {**check, "application": data}
        cases.append(
            failing(f"application: {name}", "check-application", inputs, lambda d=data: checked(d), "malformed")
        )

    # --- pictures
    for name, instance, id_, sign, kem in (
        ("six pictures", INSTANCE, INVITATION.id, EXPERT_SIGN.public, EXPERT_KEM.public),
        ("other pictures for another key", INSTANCE, INVITATION.id, STRANGER.public, EXPERT_KEM.public),
        ("other pictures for another invitation", INSTANCE, drawn("id", 16), EXPERT_SIGN.public, EXPERT_KEM.public),
    ):
        inputs = {"instance": instance, "id": id_, "sign": sign, "kem": kem}
        cases.append(case(name, "introduction", inputs, {"pictures": introduction(instance, id_, sign, kem)}))

    # --- founding
    packet = FoundingPacket("Ensimmäinen", ("fi",), drawn("directory key"), (
        QueueSeed(LAWYER, Epoch(1), drawn("lawyer queue seed")),
        QueueSeed(PSYCHOLOGIST, Epoch(1), drawn("psychologist queue seed")),
    ))  # fmt: skip
    sealed_packet = seal_packet(packet, SECRET, INSTANCE, Draws("packet"))
    content: Json = {
        "name": packet.name, "languages": list(packet.languages), "directory_seed": packet.directory_seed,
        "queues": [{"queue": q.queue, "epoch": q.epoch, "seed": q.seed} for q in packet.queues],
    }  # fmt: skip
    founding: Json = {**link, "packet": sealed_packet}
    cases.append(case("founding packet", "open-founding", founding, content))
    cases.append(tampering(
        "founding packet, tampered", "open-founding", founding, "packet",
        lambda changed: open_packet(changed, SECRET, INSTANCE),
    ))  # fmt: skip
    for name, changes in (
        ("with another link", {"secret": drawn("another secret")}),
        ("of another instance", {"instance": OTHER_INSTANCE}),
    ):
        inputs = {**founding, **changes}
        cases.append(failing(
            f"founding packet {name}", "open-founding", inputs,
            lambda i=inputs: open_packet(i["packet"], i["secret"], i["instance"]), "tampered",
        ))  # fmt: skip
    return cases


def _fields(account: Account) -> dict[str, object]:
    return {name: getattr(account, name) for name in account.__struct_fields__}
