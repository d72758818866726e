"""Vectors of the copy of a case that its reporter keeps (SPEC 11)."""

from world import (
    CASE,
    CASE_KEY,
    CHAT,
    INSTANCE,
    NOW,
    REPORTER,
    Draws,
    Json,
    case,
    drawn,
    failing,
    tampering,
)

from lyhty_crypto.exports import Export, Kept, Locked, Secret, of_password, seal_export, stretch
from lyhty_crypto.sealing import object_key, seal
from lyhty_wire.ids import Generation

SALT = drawn("export salt", 16)
PHRASE = drawn("phrase", 8)
STRETCHED = drawn("stretched for an export")


def _export() -> Export:
    place = {"instance": INSTANCE, "case": CASE, "directory_version": 7, "generation": Generation(1)}
    first = seal(CHAT, CASE_KEY, REPORTER.sign, counter=1, randomness=Draws("export first"), **place)
    second = seal(
        CHAT, CASE_KEY, REPORTER.sign, counter=2, previous_head=first.head, randomness=Draws("export chat"), **place
    )
    kept = tuple(
        Kept(seq, object_key(CASE_KEY, sealed.header.object_id), sealed.envelope)
        for seq, sealed in ((1, first), (3, second))
    )
    # Whether these two hold is asked once the file is open, by the rules of 3.3 and 5.
    return Export(INSTANCE, CASE, NOW + 60, drawn("a trust bundle", 400), (drawn("a roster", 305),), kept)


def _fields(export: Export) -> Json:
    return {
        "instance": export.instance, "case": export.case, "made": export.made, "trust": export.trust,
        "rosters": list(export.rosters),
        "kept": [{"seq": each.seq, "key": each.key, "envelope": each.envelope} for each in export.kept],
    }  # fmt: skip


def _sealed(plaintext: bytes) -> bytes:
    """What no encoder writes, sealed all the same."""

    class Raw(Export):
        def encode(self) -> bytes:
            return plaintext

    empty = Raw(INSTANCE, CASE, NOW, b"", (), ())
    return seal_export(empty, Secret.PASSWORD, SALT, STRETCHED, Draws("raw"))


def exports() -> list[Json]:
    """SPEC 11: `stretch` a phrase or password, `seal` and `open` a file with what that gave."""
    export = _export()
    phrase = stretch(Secret.PHRASE, PHRASE, SALT)
    passwords = {"ASCII": "correct horse 12", "NFC makes both spellings one": "a\u0308iti-\U0001f3ee-kissa"}
    cases = [case("a phrase", "stretch", {"phrase": PHRASE, "salt": SALT}, {"stretched": phrase})]
    cases += [
        case(f"a password: {name}", "stretch", {"password": password, "salt": SALT},
             {"stretched": stretch(Secret.PASSWORD, of_password(password), SALT)})
        for name, password in passwords.items()
    ]  # fmt: skip
    for secret in Secret:
        file = seal_export(export, secret, SALT, STRETCHED, Draws("export nonce"))
        nonce = drawn("export nonce 1", 12)
        named = secret.name.lower()
        inputs: Json = {"secret": named, "salt": SALT, "stretched": STRETCHED, "nonce": nonce, **_fields(export)}
        opened: Json = {"secret": named, "salt": SALT, **_fields(export)}
        cases.append(case(f"sealed under a {named}", "seal", inputs, {"file": file}))
        cases.append(case(f"opened with a {named}", "open", {"file": file, "stretched": STRETCHED}, opened))
    file = seal_export(export, Secret.PASSWORD, SALT, STRETCHED, Draws("export nonce"))

    def opens(changed: bytes, stretched: bytes = STRETCHED) -> object:
        return Locked.decode(changed).open(stretched)

    base: Json = {"file": file, "stretched": STRETCHED}
    cases += [
        tampering("tampered", "open", base, "file", opens),
        failing("with another key", "open", {**base, "stretched": phrase}, lambda: opens(file, phrase), "tampered"),
        failing("cut short", "open", {**base, "file": file[:-1]}, lambda: opens(file[:-1]), "tampered"),
        failing("longer", "open", {**base, "file": file + b"\0"}, lambda: opens(file + b"\0"), "tampered"),
        failing("a header alone", "open", {**base, "file": file[:35]}, lambda: opens(file[:35]), "malformed"),
        failing("nothing", "open", {**base, "file": b""}, lambda: opens(b""), "malformed"),
    ]
    plain = export.encode()
    twice = Export(INSTANCE, CASE, NOW, b"", (), (Kept(1, bytes(32), b"x"), Kept(1, bytes(32), b"x"))).encode()
    bad = {
        "fill that is not zero": plain + b"\1",
        "a whole step of fill": plain + bytes(-len(plain) % 4096) + bytes(4096),
        "an envelope listed twice": twice,
        "an envelope too few": plain[:-3000],
        "a time beyond all clocks": plain[:64] + b"\xff" * 8 + plain[72:],
    }
    for name, plaintext in bad.items():
        made = _sealed(plaintext)
        inputs = {"file": made, "stretched": STRETCHED}
        cases.append(failing(name, "open", inputs, lambda made=made: opens(made), "malformed"))
    return cases
