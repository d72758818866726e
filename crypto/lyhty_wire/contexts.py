"""The strings that keep the uses of a key or hash apart: one table of labels and their fields' lengths (SPEC 1.2)."""

# SPEC 1.2: no two uses share a label, and a label fixes the lengths of its fields.
FIELD_LENGTHS: dict[str, tuple[int, ...]] = {
    "mailbox": (32,),  # auth_pk
    "commitment": (32,),  # key
    "case": (32, 32),  # sign_pk, commitment of the first case key
    "tombstone": (32,),  # case id
    "room": (32, 1, 32),  # case id, kind of room, commitment of its key
    "shelf": (32, 2),  # instance id, queue
    "shelf-end": (32,),  # room id
    "mailbox-row": (),
    "mailbox-seal": (),
    "phrase": (32,),  # instance id
    "reporter-auth": (),
    "reporter-sign": (32,),  # case salt
    "reporter-kem": (32,),  # case salt
    "reporter-wrap": (32,),  # case salt
    "expert-unlock": (32,),  # instance id
    "expert-login": (),
    "expert-seal": (),
    "expert-keys": (32, 16),  # instance id, expert id
    "expert-drafts": (),
    "expert-draft": (32, 16),  # instance id, expert id
    "passkey-prf": (32,),  # instance id
    "passkey-unlock": (32,),  # instance id
    "passkey-seal": (),
    "passkey-keys": (32, 16, 32),  # instance id, expert id, H(credential id)
    "unknown-expert": (),
    "sign-in": (32, 32, 32),  # instance id, challenge, H(name)
    "new-unlock": (32, 32, 32),  # instance id, challenge, login_pk of before
    "kem-renewal": (),
    "sign-in-name": (),
    "one-time": (),
    "sign-in-work": (32, 32),  # challenge, H(name)
    "wrap": (32, 32, 45),  # instance id, subject, header
    "self-wrap": (32, 32, 4, 32),  # instance id, case id, generation, commitment
    "previous-key": (32, 32, 4, 32),  # instance id, case id, generation, commitment of the generation before
    "roster": (),
    "object": (32, 32, 75),  # instance id, case id, header
    "object-key": (32,),  # object id
    "object-signature": (32, 32, 75),  # instance id, case id, header
    "head": (),
    "document": (),
    "open": (32, 32, 32),  # instance id, channel nonce, H(all after proof)
    "resume": (32, 32),  # instance id, channel nonce
    "erase": (32, 32),  # instance id, case id
    "take-back": (32, 32),  # instance id, room id
    "export": (36,),  # header of the file
    "export-key": (),
    "work": (32, 16, 32),  # instance id, challenge, case id
    "work-challenge": (),
    "news": (),
    "invitation": (32, 32),  # instance id, secret
    "viewer-invitation": (32, 32),  # instance id, secret
    "invitation-seal": (),
    "invitation-mac": (),
    "invitation-offer": (32, 16),  # instance id, invitation id
    "invitation-keep": (),
    "invitation-kept": (32, 16),  # instance id, invitation id
    "application": (32,),  # instance id
    "introduction": (32, 16, 32, 1216),  # instance id, invitation id, sign_pk, kem_pk
    "founding-seal": (),
    "audit": (),
    "audit-head": (),
    "audit-log": (),
    "founding-packet": (32,),  # instance id
    "recovery-split": (),
    "recovery-request": (),
    "statistics": (),
    "statistics-noise": (),
    "statistics-key": (),
    "statistics-link": (32, 32, 32),  # instance id, H(kem before), H(kem)
    "contribution": (32, 32, 16),  # instance id, H(kem), token
    "contribution-signature": (32, 32, 16),  # the same
    "contribution-token": (32, 1),  # instance id, what is counted
}

_PREFIXES = {label: f"lyhty/v1/{label}|".encode("ascii") for label in FIELD_LENGTHS}


def context(label: str, *fields: bytes) -> bytes:
    """`ctx(label, field, ...)` of the SPEC. A wrong label or length is a mistake in the program: ValueError."""
    if tuple(map(len, fields)) != FIELD_LENGTHS.get(label):
        raise ValueError(f"context {label!r} has no fields of the lengths {[len(field) for field in fields]}")
    return _PREFIXES[label] + b"".join(fields)
