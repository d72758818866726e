"""Vectors without sealing: identifiers, encodings, derivations, contents, error codes."""

from dataclasses import replace

from world import (
    CASE,
    COMMITMENT,
    FIRST_ROOT,
    INSTANCE,
    NOW,
    REPORTER,
    Draws,
    Json,
    case,
    drawn,
    failing,
    report,
    tampering,
)

from lyhty_crypto import experts, passkeys, passphrase
from lyhty_crypto.experts import ExpertKeys
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_wire import contents as wire_contents
from lyhty_wire.accounts import account_name, viewer_name
from lyhty_wire.codes import CLIENT_CODES, Code
from lyhty_wire.contents import (
    ANSWER_PARTS,
    ASKED,
    HELPED,
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
    decode_content,
    encode_content,
)
from lyhty_wire.contexts import FIELD_LENGTHS, context
from lyhty_wire.encoding import b64decode, b64encode, canonical_json, parse_canonical_json
from lyhty_wire.hours import Hours
from lyhty_wire.ids import (
    LAWYER,
    PSYCHOLOGIST,
    ExpertId,
    Head,
    QueueId,
    case_id,
    commitment,
    instance_id,
    mailbox_id,
    tombstone,
)
from lyhty_wire.proofs import to_prove_erase, to_prove_open, to_prove_resume, to_prove_sign_in
from lyhty_wire.viewing import viewer_id
from lyhty_wire.work import sign_in_purpose, sign_in_terms


def ids() -> list[Json]:
    """SPEC 1.2, 2.1, 2.3, 6.4: contexts, identifiers, the bytes that proofs are over, account names."""
    cases = [
        case(f"context {label}", "context", {"label": label, "fields": fields}, {"bytes": context(label, *fields)})
        for label, fields in (
            (label, [drawn(f"{label} {index}", length) for index, length in enumerate(lengths)])
            for label, lengths in FIELD_LENGTHS.items()
        )
    ]
    auth, nonce, after = REPORTER.auth.public, drawn("nonce"), drawn("after proof", 500)
    name = "ääni@example.test"
    cases += [
        case("instance id", "instance-id", {"root": FIRST_ROOT}, {"id": instance_id(FIRST_ROOT)}),
        case("mailbox id", "mailbox-id", {"auth_pk": auth}, {"id": mailbox_id(auth)}),
        case("commitment", "commitment", {"key": drawn("case key")}, {"commitment": commitment(drawn("case key"))}),
        case(
            "case id", "case-id", {"sign_pk": REPORTER.sign.public, "commitment": COMMITMENT},
            {"id": case_id(REPORTER.sign.public, COMMITMENT)},
        ),
        case("tombstone", "tombstone", {"case": CASE}, {"tombstone": tombstone(CASE)}),
        case(
            "what OPEN proves", "to-prove-open", {"instance": INSTANCE, "nonce": nonce, "after_proof": after},
            {"bytes": to_prove_open(INSTANCE, nonce, after)},
        ),
        case(
            "what RESUME proves", "to-prove-resume", {"instance": INSTANCE, "nonce": nonce},
            {"bytes": to_prove_resume(INSTANCE, nonce)},
        ),
        case(
            "what ERASE proves", "to-prove-erase", {"instance": INSTANCE, "case": CASE},
            {"bytes": to_prove_erase(INSTANCE, CASE)},
        ),
        case(
            "what sign-in proves", "to-prove-sign-in", {"instance": INSTANCE, "challenge": nonce, "name": name},
            {"bytes": to_prove_sign_in(INSTANCE, nonce, name)},
        ),
        case(
            "what the work of a sign-in is for", "sign-in-purpose", {"challenge": nonce, "name": name},
            {"purpose": sign_in_purpose(nonce, name), "challenge": sign_in_terms(nonce, 1).challenge},
        ),
    ]  # fmt: skip
    typed = {
        "plain": "lakimies",
        "A-Z is lowered": "LakiMies",
        "other letters keep their case": "ÄÄNI",
        "spaces, tabs and line ends around it go": " \t\r\nlakimies\n",
        "other white space stays": "\u00a0\u3000lakimies\ufeff",
        "letters become one code point (NFC)": "a\u0308a\u030a",
        "the Kelvin sign becomes K by NFC, then k": "\u212a",
    }
    secret = drawn("secret of a viewer's link")
    cases += [
        case("viewer id", "viewer-id", {"instance": INSTANCE, "secret": secret}, {"id": viewer_id(INSTANCE, secret)}),
        case("a viewer's name", "viewer-name", {"typed": " Rehtori\t"}, {"name": viewer_name(" Rehtori\t")}),
    ]
    cases += [case(f"account name: {why}", "account-name", {"typed": t}, {"name": account_name(t)})
              for why, t in typed.items()]  # fmt: skip
    return cases


def canonical() -> list[Json]:
    """SPEC 1.1, 1.5: `encode` a value to bytes; `parse` bytes that are or are not canonical; base64url texts."""
    values: dict[str, object] = {
        "empty object": {},
        "empty list": [],
        "null, true, false": [None, True, False],
        "integers": [0, 1, -1, 2**53 - 1, -(2**53 - 1)],
        "keys in code point order, not UTF-16 order": {"\U0001f3ee": 1, "\ufb01": 2, "a": 3, "B": 4, "": 5},
        "escapes": '"\\\b\t\n\f\r\u0000\u001f\u007f/',
        "no other escapes": "é\u2028\u2029\U0001f3ee<>&'",
        "nested": {"b": [{"d": 1, "c": [[]]}], "a": "x"},
        "sixteen levels": [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]],
    }
    cases = []
    for name, value in values.items():
        encoded = canonical_json(value)
        cases.append(case(name, "encode", {"value": value}, {"bytes": encoded}))
        cases.append(case(f"{name}, read", "parse", {"bytes": encoded}, {"value": value}))
    refused = {
        "nothing": b"",
        "space": b'{"a": 1}',
        "space before": b" {}",
        "line end behind": b"{}\n",
        "keys out of order": b'{"b":1,"a":2}',
        "UTF-16 order of keys": '{"\U0001f3ee":1,"\ufb01":2}'.encode(),
        "a key twice": b'{"a":1,"a":1}',
        "decimals": b"1.0",
        "exponent": b"1e3",
        "minus zero": b"-0",
        "plus": b"+1",
        "leading zero": b"01",
        "integer of 2^53": b"9007199254740992",
        "integer of -2^53": b"-9007199254740992",
        "huge integer": b"1" + b"0" * 400,
        "NaN": b"NaN",
        "infinity": b"Infinity",
        "escaped slash": b'"\\/"',
        "escaped letter": b'"\\u0061"',
        "escape in upper case": b'"\\u001F"',
        "line end as \\u000a": b'"\\u000a"',
        "raw control": b'"\x01"',
        "raw line end": b'"\n"',
        "lone surrogate, escaped": b'"\\ud800"',
        "pair of surrogates, escaped": b'"\\ud83c\\udfee"',
        "lone surrogate, as UTF-8": b'"\xed\xa0\x80"',
        "overlong UTF-8": b'"\xc0\x80"',
        "byte order mark": b"\xef\xbb\xbf{}",
        "two values": b"{}{}",
        "comma behind": b"[1,]",
        "comment": b"[1/**/]",
        "single quotes": b"'a'",
        "open string": b'"a',
        "seventeen levels": b"[" * 17 + b"]" * 17,
        "thousands of levels": b"[" * 5000 + b"]" * 5000,
        "not JSON": b"undefined",
    }
    cases += [
        failing(name, "parse", {"bytes": data}, lambda data=data: parse_canonical_json(data), "malformed")
        for name, data in refused.items()
    ]
    for length in range(5):
        data = drawn("base64", length)
        cases.append(case(f"base64url of {length} bytes", "b64decode", {"text": b64encode(data)}, {"bytes": data}))
    cases.append(case("base64url with - and _", "b64decode", {"text": "-_-_"}, {"bytes": bytes.fromhex("fbffbf")}))
    for name, text in {
        "padding": "AA==",
        "plus and slash": "+/+/",
        "spare bits set": "AB",
        "one character": "A",
        "space": "AA AA",
        "line end": "AAAA\n",
        "not ASCII": "ÄÄÄÄ",
    }.items():
        cases.append(
            failing(f"base64url: {name}", "b64decode", {"text": text}, lambda text=text: b64decode(text), "malformed")
        )
    return cases


def phrase() -> list[Json]:
    """SPEC 2.2: eight bytes, instance and case salt to all of a reporter's keys."""
    cases = []
    for name, secret, instance, salt in (
        ("all zeros", bytes(8), bytes(32), bytes(32)),
        ("counting", bytes(range(8)), INSTANCE, drawn("case salt")),
        ("high bytes", bytes(range(248, 256)), drawn("another instance"), drawn("another salt")),
    ):
        root = passphrase.derive_root(secret, instance)
        keys = passphrase.reporter_keys(root, salt)
        cases.append(
            case(
                name,
                "derive",
                {"phrase": secret, "instance": instance, "case_salt": salt},
                {
                    "root": root,
                    "auth_seed": keys.auth.seed,
                    "auth_pk": keys.auth.public,
                    "mailbox": keys.mailbox,
                    "sign_seed": keys.sign.seed,
                    "sign_pk": keys.sign.public,
                    "kem_seed": keys.kem.seed,
                    "kem_pk": keys.kem.public,
                    "wrap_key": keys.wrap,
                },
            )
        )
    return cases


def expert_unlock() -> list[Json]:
    """SPEC 2.3: password and device secret to keys, the sealed key blob, and parameters that a client refuses."""
    salt, secret = drawn("expert salt", 16), drawn("device secret")
    sheet = b64encode(secret)
    expert = ExpertId(drawn("expert id", 16))
    cases = []
    for name, password in (("ASCII", "correct horse 12"), ("NFC makes both spellings one", "a\u0308iti-\U0001f3ee")):
        stretched = experts.stretch(password, salt, 65_536, 3, 1)
        unlocked = experts.unlock(stretched, secret, INSTANCE)
        cases.append(
            case(
                name,
                "unlock",
                {
                    "password": password,
                    "salt": salt,
                    "m_kib": 65_536,
                    "t": 3,
                    "p": 1,
                    "device_secret": sheet,
                    "instance": INSTANCE,
                },
                {
                    "stretched": stretched,
                    "login_seed": unlocked.login.seed,
                    "login_pk": unlocked.login.public,
                    "seal_key": unlocked.seal,
                },
            )
        )
    refused = {"memory": (65_535, 3, 1), "passes": (65_536, 2, 1), "lanes": (65_536, 3, 2), "no lanes": (65_536, 3, 0)}
    for name, (m_kib, t, p) in refused.items():
        inputs: Json = {"password": "x", "salt": salt, "m_kib": m_kib, "t": t, "p": p}
        cases.append(
            failing(
                f"below the floor: {name}",
                "stretch",
                inputs,
                lambda m_kib=m_kib, t=t, p=p: experts.stretch("x", salt, m_kib, t, p),
                "refused",
            )
        )
    unlocked = experts.unlock(drawn("stretched"), secret, INSTANCE)
    keys = ExpertKeys(SigningKey(drawn("expert sign")), KemKeyPair(drawn("expert kem")))
    blob = experts.seal_key_blob(keys, unlocked, INSTANCE, expert, Draws("key blob"))
    base: Json = {"stretched": drawn("stretched"), "device_secret": sheet, "instance": INSTANCE, "expert": expert}
    seeds: Json = {"sign_seed": keys.sign.seed, "kem_seed": keys.kem.seed}
    nonce = drawn("key blob 1", 12)
    cases += [
        case("key blob, sealed", "seal-key-blob", {**base, **seeds, "nonce": nonce}, {"blob": blob}),
        case("key blob, opened", "open-key-blob", {**base, "blob": blob}, {**seeds, "draft_key": keys.drafts}),
        tampering(
            "key blob, tampered", "open-key-blob", {**base, "blob": blob}, "blob",
            lambda changed: experts.open_key_blob(changed, unlocked, INSTANCE, expert),
        ),
        failing(
            "key blob of another expert", "open-key-blob", {**base, "blob": blob, "expert": bytes(16)},
            lambda: experts.open_key_blob(blob, unlocked, INSTANCE, ExpertId(bytes(16))), "tampered",
        ),
        failing(
            "key blob too short", "open-key-blob", {**base, "blob": blob[:-1]},
            lambda: experts.open_key_blob(blob[:-1], unlocked, INSTANCE, expert), "malformed",
        ),
    ]  # fmt: skip
    cases += _passkeys(keys, expert)
    challenge = drawn("challenge")
    signature = unlocked.login.sign(to_prove_sign_in(INSTANCE, challenge, "lakimies"))
    cases.append(
        case(
            "sign-in proof",
            "sign-in",
            {"login_seed": unlocked.login.seed, "instance": INSTANCE, "challenge": challenge, "name": "lakimies"},
            {"proof": signature},
        )
    )
    return cases


def _passkeys(keys: ExpertKeys, expert: ExpertId) -> list[Json]:
    secret, credential = drawn("prf output"), drawn("credential id", 20)
    seal_key = passkeys.passkey_seal_key(secret, INSTANCE)
    blob = passkeys.seal_passkey_blob(keys, seal_key, INSTANCE, expert, credential, Draws("passkey blob"))
    base: Json = {"prf_output": secret, "instance": INSTANCE, "expert": expert, "credential": credential}
    seeds: Json = {"sign_seed": keys.sign.seed, "kem_seed": keys.kem.seed}

    def opened(i: Json) -> Json:
        key = passkeys.passkey_seal_key(i["prf_output"], i["instance"])
        passkeys.open_passkey_blob(i["blob"], key, i["instance"], ExpertId(i["expert"]), i["credential"])
        return {}

    others: Json = {
        "expert": bytes(16),
        "credential": drawn("another credential", 20),
        "instance": drawn("another instance"),
        "prf_output": drawn("another prf output"),
    }
    mine = {**base, "blob": blob}
    return [
        case("a passkey is asked", "prf-input", {"instance": INSTANCE}, {"input": passkeys.prf_input(INSTANCE)}),
        case("passkey's seal key", "passkey-seal-key", {"prf_output": secret, "instance": INSTANCE}, {"key": seal_key}),
        case(
            "passkey blob, sealed", "seal-passkey-blob", {**base, **seeds, "nonce": drawn("passkey blob 1", 12)},
            {"blob": blob},
        ),
        case("passkey blob, opened", "open-passkey-blob", mine, seeds),
        tampering(
            "passkey blob, tampered", "open-passkey-blob", mine, "blob",
            lambda changed: opened({**mine, "blob": changed}),
        ),
        *(
            failing(
                f"passkey blob with another {field}", "open-passkey-blob", {**mine, field: value},
                lambda field=field, value=value: opened({**mine, field: value}), "tampered",
            )
            for field, value in others.items()
        ),
        failing(
            "passkey blob too short", "open-passkey-blob", {**mine, "blob": blob[:-1]},
            lambda: opened({**mine, "blob": blob[:-1]}), "malformed",
        ),
    ]  # fmt: skip


def contents() -> list[Json]:
    """SPEC 4.4: `decode` bytes of canonical JSON (here as text), or `encode` a content that is refused with a code."""
    card = Card(NOW, COMMITMENT, "Joku jakoi", "fi", ("wilma",), True, "threats", "pupil", "7-9")
    answer = Answer(NOW, tuple(AnswerPart(part, f"Teksti: {part}") for part in ANSWER_PARTS), "psychologist")
    provision = Provision(
        law="defamation",
        version="2026-11-27",
        name="Kunnianloukkaus",
        section="Rikoslaki 39/1889, 24 luku 9 §",
        explained="Kukaan ei saa levittää sinusta valheita.",
        likely="may-fulfil",
        wording="2014-01-01",
        words="Ryhmässä oli yli sata lukijaa.\nSiksi arvioin näin.",
    )
    layered = Answer(
        NOW,
        (AnswerPart("now", "Tee näin"),),
        "lawyer",
        plain=("Et ole tehnyt mitään väärää.", "Tähän saa apua."),
        ticks=("Ota kuvakaappaus",),
        assessment=(provision, replace(provision, law="threat", likely="cannot-tell")),
    )
    asked = Head(drawn("head of a question"))
    good: dict[str, Content] = {
        "card": card,
        "card without options": Card(NOW, COMMITMENT, "x", "en", (), False),
        "card of 280 bytes": Card(NOW, COMMITMENT, "ä" * 140, "fi", (), False),
        "report": report(),
        "report without options": wire_contents.Report(0, REPORTER.kem.public, "en", (), "x"),
        "chat": Chat(NOW, "Hei"),
        "chat of one letter": Chat(0, "x"),
        "chat with emoji": Chat(NOW, "\U0001f3ee\U0001f469\u200d\U0001f469\u200d\U0001f467"),
        "chat from right to left": Chat(NOW, "\u202eשלום עולם\u202c"),
        "chat with tab and line feed": Chat(NOW, "a\tb\nc"),
        "chat with DEL and C1": Chat(NOW, "\x7f\x85"),
        "chat of 10,000 emoji": Chat(NOW, "\U0001f3ee" * 10_000),
        "answer": answer,
        "answer of one part": Answer(NOW, (AnswerPart("now", "Tee näin"),), "lawyer"),
        "answer of two layers": layered,
        "answer with the longest lines": replace(layered, plain=("\U0001f3ee" * 280,) * 5, ticks=("ä" * 280,) * 5),
        "answer with eight provisions": replace(
            layered, assessment=tuple(replace(provision, law=f"law-{n}", wording=None, words=None) for n in range(8))
        ),
        "receipt: read": Receipt(NOW, True),
        "receipt: delivered": Receipt(0, False),
        "opened by a lawyer": CaseOpened(NOW, LAWYER),
        "opened by the last queue there can be": CaseOpened(0, QueueId(65_535)),
        "turn: departure": Turn(NOW, "departure"),
        "turn: schedule": Turn(0, "schedule"),
        "ask": Ask(NOW, PSYCHOLOGIST, "Somebody should help you sleep."),
        "ask for the last queue there can be": Ask(0, QueueId(65_535), "Miksi\n\tnäin"),
        "consent: all": Consent(NOW, asked, "all"),
        "consent: from here": Consent(0, asked, "from-here", REPORTER.kem.public),
        "consent: no": Consent(NOW, asked, "no"),
        "report from no poster": replace(report(), school=None),
        "report with the longest number of a school": replace(report(), school="a-1" * 10 + "zz"),
        **{f"helped: {which}, {word}": Helped(NOW, which, word) for which in ASKED for word in HELPED},
    }
    cases = []
    for name, content in good.items():
        encoded = encode_content(content)
        cases.append(case(name, "decode", {"text": encoded.decode()}, {"value": parse_canonical_json(encoded)}))
        cases.append(case(f"{name}, written", "encode", {"value": parse_canonical_json(encoded)}, {"bytes": encoded}))
    base = parse_canonical_json(encode_content(card))
    assert isinstance(base, dict)
    told = parse_canonical_json(encode_content(report()))
    assert isinstance(told, dict)
    part = {"part": "now", "text": "x"}
    two = parse_canonical_json(encode_content(layered))
    assert isinstance(two, dict)
    (row, _) = two["assessment"]
    no = parse_canonical_json(encode_content(Consent(NOW, asked, "no")))
    assert isinstance(no, dict)
    bad: dict[str, object] = {
        "no object": [],
        "no type": {"at": 1, "text": "x"},
        "unknown type": {"at": 1, "text": "x", "type": "note"},
        "another field": {"at": 1, "more": 1, "text": "x", "type": "chat"},
        "a field missing": {"text": "x", "type": "chat"},
        "negative time": {"at": -1, "text": "x", "type": "chat"},
        "time as text": {"at": "1", "text": "x", "type": "chat"},
        "time as flag": {"at": True, "text": "x", "type": "chat"},
        "text is null": {"at": 1, "text": None, "type": "chat"},
        "empty text": {"at": 1, "text": "", "type": "chat"},
        "NUL": {"at": 1, "text": "a\0b", "type": "chat"},
        "bell": {"at": 1, "text": "\x07", "type": "chat"},
        "carriage return": {"at": 1, "text": "a\r\nb", "type": "chat"},
        "unit separator": {"at": 1, "text": "\x1f", "type": "chat"},
        "10,001 letters": {"at": 1, "text": "a" * 10_001, "type": "chat"},
        "10,001 emoji": {"at": 1, "text": "\U0001f3ee" * 10_001, "type": "chat"},
        "first words of 281 bytes": {**base, "first_words": "ä" * 140 + "a"},
        "first words empty": {**base, "first_words": ""},
        "urgent as number": {**base, "urgent": 1},
        "commitment too short": {**base, "commitment": "AAAA"},
        "nine services": {**base, "services": ["tiktok"] * 9},
        "services are null": {**base, "services": None},
        "language is null": {**base, "language": None},
        "language empty": {**base, "language": ""},
        "topic in capitals": {**base, "topic": "Threats"},
        "topic of 33 letters": {**base, "topic": "a" * 33},
        "topic with a line end": {**base, "topic": "threats\n"},
        "age as number": {**base, "age": 9},
        "kem too short": {**told, "kem": "AAAA"},
        "kem is null": {**told, "kem": None},
        "no parts": {**two, "parts": []},
        "unknown part": {**two, "parts": [{"part": "x", "text": "x"}]},
        "a part twice": {**two, "parts": [part, part]},
        "parts out of order": {**two, "parts": [part, {"part": "legal", "text": "x"}]},
        "a part without text": {**two, "parts": [{"part": "now", "text": ""}]},
        "an answer without its top": {key: item for key, item in two.items() if key not in ("plain", "ticks")},
        "six lines": {**two, "plain": ["x"] * 6},
        "six things to tick": {**two, "ticks": ["x"] * 6},
        "a line of 281": {**two, "plain": ["a" * 281]},
        "a line of two lines": {**two, "plain": ["a\nb"]},
        "a tick with a tab": {**two, "ticks": ["a\tb"]},
        "an empty line": {**two, "plain": [""]},
        "lines are null": {**two, "plain": None},
        "a line is null": {**two, "ticks": [None]},
        "assessment is null": {**two, "assessment": None},
        "nine provisions": {**two, "assessment": [{**row, "law": f"law-{n}"} for n in range(9)]},
        "a provision twice": {**two, "assessment": [row, {**row, "words": None}]},
        "a likelihood of its own": {**two, "assessment": [{**row, "likely": "guilty"}]},
        "a provision without a name": {**two, "assessment": [{**row, "name": ""}]},
        "a name of two lines": {**two, "assessment": [{**row, "name": "a\nb"}]},
        "a section of 281": {**two, "assessment": [{**row, "section": "a" * 281}]},
        "a provision not explained": {**two, "assessment": [{**row, "explained": None}]},
        "own words empty": {**two, "assessment": [{**row, "words": ""}]},
        "a law in capitals": {**two, "assessment": [{**row, "law": "RL"}]},
        "a wording in words": {**two, "assessment": [{**row, "wording": "since 2014"}]},
        "a provision with a field more": {**two, "assessment": [{**row, "more": 1}]},
        "receipt without a word on reading": {"at": 1, "type": "receipt"},
        "receipt that reads a number": {"at": 1, "read": 1, "type": "receipt"},
        "ask for queue 0": {"at": 1, "queue": 0, "text": "x", "type": "ask"},
        "ask for queue 65,536": {"at": 1, "queue": 65_536, "text": "x", "type": "ask"},
        "ask for a queue by name": {"at": 1, "queue": "lawyer", "text": "x", "type": "ask"},
        "ask without a reason": {"at": 1, "queue": 2, "text": "", "type": "ask"},
        "ask without a queue": {"at": 1, "text": "x", "type": "ask"},
        "consent to something else": {**no, "what": "some"},
        "consent without a question": {name: value for name, value in no.items() if name != "asked"},
        "consent with a short head": {**no, "asked": b64encode(asked[:31])},
        "consent to all with a key": {**no, "kem": b64encode(REPORTER.kem.public), "what": "all"},
        "consent from here without a key": {**no, "what": "from-here"},
        "consent from here with a short key": {**no, "kem": b64encode(REPORTER.kem.public[:-1]), "what": "from-here"},
        "consent without what": {name: value for name, value in no.items() if name != "what"},
        "turn without a reason": {"at": 1, "type": "turn"},
        "turn for another reason": {"at": 1, "reason": "whim", "type": "turn"},
        "turn with a text": {"at": 1, "reason": "schedule", "text": "x", "type": "turn"},
        "receipt with a text": {"at": 1, "read": True, "text": "x", "type": "receipt"},
        "opened without a queue": {"at": 1, "type": "opened"},
        "opened by queue 0": {"at": 1, "queue": 0, "type": "opened"},
        "opened by queue 65,536": {"at": 1, "queue": 65_536, "type": "opened"},
        "opened by a queue as text": {"at": 1, "queue": "1", "type": "opened"},
        "opened by a queue as flag": {"at": 1, "queue": True, "type": "opened"},
        "opened with a text": {"at": 1, "queue": 1, "text": "x", "type": "opened"},
        "report without a school's place": {name: value for name, value in told.items() if name != "school"},
        "school in capitals": {**told, "school": "ABC"},
        "school as number": {**told, "school": 3095},
        "school of 33 letters": {**told, "school": "a" * 33},
        "school empty": {**told, "school": ""},
        "a card with a school": {**base, "school": "03095"},
        "helped without an answer": {"asked": "impact", "at": 1, "type": "helped"},
        "helped very much": {"answer": "very", "asked": "impact", "at": 1, "type": "helped"},
        "helped is null": {"answer": None, "asked": "impact", "at": 1, "type": "helped"},
        "helped, asked another time": {"answer": "no", "asked": "always", "at": 1, "type": "helped"},
        "helped with a text": {"answer": "no", "asked": "later", "at": 1, "text": "x", "type": "helped"},
        "unknown profession": {**two, "profession": "teacher"},
    }  # fmt: skip
    for name, value in bad.items():
        text = canonical_json(value).decode()
        cases.append(failing(name, "decode", {"text": text}, lambda t=text: decode_content(t.encode()), "malformed"))
    for name, raw in {"not canonical": '{"text":"x","at":1,"type":"chat"}', "empty": "", "text": '"chat"'}.items():
        cases.append(failing(name, "decode", {"text": raw}, lambda raw=raw: decode_content(raw.encode()), "malformed"))
    written: dict[str, Content] = {
        "writing nothing": Chat(1, ""),
        "writing too much": Chat(1, "a" * 10_001),
        "writing NUL": Chat(1, "\0"),
        "writing half a surrogate pair": Chat(1, "a\ud83c"),
        "writing an empty answer": Answer(1, (), "lawyer"),
        "writing an answer with an empty part": Answer(1, (AnswerPart("now", ""),), "lawyer"),
        "writing six lines": replace(layered, plain=("x",) * 6),
        "writing a thing to tick too long": replace(layered, ticks=("a" * 281,)),
        "writing an empty line": replace(layered, plain=("",)),
        "writing a line of two lines": replace(layered, plain=("a\nb",)),
        "writing own words with NUL": replace(layered, assessment=(replace(provision, words="\0"),)),
        "writing first words of 281 bytes": Card(1, COMMITMENT, "ä" * 140 + "a", "fi", (), False),
    }
    for name, content in written.items():
        value = wire_contents.to_json(content)
        cases.append(failing(name, "encode", {"value": value}, lambda c=content: encode_content(c), "malformed"))
    return cases


def hours() -> list[Json]:
    """SPEC 9.5: `hours` reads the document; `promised` and `open` ask it: null where it does not reach far enough."""
    friday, monday = (489_992 * 3600, 490_000 * 3600), (490_060 * 3600, 490_068 * 3600)
    read = Hours((friday, monday), 8 * 3600, 2 * 3600, "Europe/Helsinki", 90)
    said: Json = {
        "open": [list(friday), list(monday)],
        "promise_s": 28_800,
        "urgent_s": 7_200,
        "zone": read.zone,
        "keep_days": 90,
    }
    document = read.encode()
    cases = [case("two days", "hours", {"document": document}, said)]
    never = Hours((), 1, 1, "Europe/Helsinki", 30)
    cases.append(case("never open", "hours", {"document": never.encode()}, {
        "open": [], "promise_s": 1, "urgent_s": 1, "zone": never.zone, "keep_days": 30,
    }))  # fmt: skip
    for name, hour, urgent in [
        ("in the first hour of a day", 489_992, False),
        ("an hour before the end of a day", 489_999, False),
        ("an hour before the end of a day, urgent", 489_999, True),
        ("to the very end of a day", 489_998, True),
        ("while it is closed", 490_020, False),
        ("before the document begins", 400_000, True),
        ("further than it reaches", 490_063, False),
        ("after it ends", 500_000, True),
    ]:
        until = read.promised(hour, urgent=urgent)
        asked: Json = {"document": document, "opened_hour": hour, "urgent": urgent}
        cases.append(case(name, "promised", asked, {"until": until}))
    for name, at in [
        ("a second before it opens", friday[0] - 1),
        ("as it opens", friday[0]),
        ("a second before it closes", friday[1] - 1),
        ("as it closes", friday[1]),
        ("after all", monday[1]),
    ]:
        cases.append(
            case(
                name,
                "open",
                {"document": document, "at": at},
                {"is_open": read.is_open(at), "opens": read.opens_at(at)},
            )
        )
    wrong: dict[str, object] = {
        "the days out of order": {**said, "open": [list(monday), list(friday)]},
        "one begins as another ends": {**said, "open": [[10, 20], [20, 30]]},
        "one ends as it begins": {**said, "open": [[10, 10]]},
        "an opening of three": {**said, "open": [[10, 20, 30]]},
        "an opening before 1970": {**said, "open": [[-1, 20]]},
        "a text for a time": {**said, "open": [["10", 20]]},
        "true for a time": {**said, "open": [[True, 20]]},
        "openings that are no list": {**said, "open": {}},
        "more than 500 openings": {**said, "open": [[10 * n, 10 * n + 5] for n in range(501)]},
        "a promise of nothing": {**said, "promise_s": 0},
        "a promise beyond reason": {**said, "urgent_s": 3_600_001},
        "kept for no month": {**said, "keep_days": 29},
        "kept for more than a year": {**said, "keep_days": 366},
        "a promise in words": {**said, "promise_s": "8 h"},
        "no zone": {**said, "zone": ""},
        "a zone in words": {**said, "zone": "Helsingin aikaa"},
        "a zone with a line's end": {**said, "zone": "Europe/Helsinki\n"},
        "a field too many": {**said, "more": 1},
        "a field too few": {key: value for key, value in said.items() if key != "zone"},
        "not an object": [],
    }
    spelled = {name: canonical_json(value) for name, value in wrong.items()}
    spelled["another spelling"] = document.replace(b":", b": ", 1)
    spelled["a byte too many"] = document + b"\n"
    spelled["nothing"] = b""
    for name, data in spelled.items():
        cases.append(failing(name, "hours", {"document": data}, lambda data=data: Hours.decode(data), "malformed"))
    return cases


def codes() -> list[Json]:
    """SPEC 7: the error codes with number and HTTP status, and those that only clients know (number null)."""
    cases = [case(code.text, "code", {"number": code.number, "status": code.status}, {"code": code.text})
             for code in Code]  # fmt: skip
    cases += [case(code, "client-code", {"number": None}, {"code": code}) for code in CLIENT_CODES]
    return cases
