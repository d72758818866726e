"""Vectors of the audit log: entries byte for byte, and logs of which something was taken, moved or made up."""

from world import EXPERT_SIGN, FORMER_SIGN, INSTANCE, STRANGER, Json, case, drawn, failing, tampering

from lyhty_crypto.audit import AuditLog, Author, Authors, BrokenLogError, OwnChain, Point
from lyhty_crypto.keys import SigningKey
from lyhty_wire.audit import Entry, Kind
from lyhty_wire.ids import ExpertId, InstanceId

NOW_S = 1_800_000_000
LAWYER_ID, FORMER_ID, STRANGER_ID = (ExpertId(drawn(f"{who} id", 16)) for who in ("lawyer", "former", "stranger"))
AUTHORS = Authors(INSTANCE, {LAWYER_ID: EXPERT_SIGN.public}, {FORMER_ID: (FORMER_SIGN.public, 4)})
PEOPLE: Json = {
    "instance": INSTANCE,
    "experts": [{"id": LAWYER_ID, "sign": EXPERT_SIGN.public}],
    "former": [{"id": FORMER_ID, "sign": FORMER_SIGN.public, "version": 4}],
}


class Writing:
    """A log as honest clients write it."""

    def __init__(self) -> None:
        self.log = AuditLog(AUTHORS)
        self.entries: list[bytes] = []
        self._own: dict[ExpertId, OwnChain] = {}

    def made(
        self, expert: ExpertId, sign: SigningKey, kind: Kind, version: int, *, of: str = "", length: int | None = None
    ) -> Entry:
        point = self.log.point
        subject = point.head if kind is Kind.WITNESS and not of else drawn(f"subject {of or len(self.entries)}")
        author = Author(INSTANCE, expert, sign, version)
        seen = (point.length if length is None else length) if kind is Kind.WITNESS else 0
        now_s = NOW_S + 3_600 * len(self.entries)
        return author.entry(self._own.get(expert, OwnChain()), kind, subject, now_s, length=seen)

    def add(self, expert: ExpertId, sign: SigningKey, kind: Kind, version: int) -> None:
        entry = self.made(expert, sign, kind, version)
        self.log.add(entry.encode())
        self.entries.append(entry.encode())
        self._own[expert] = OwnChain.after(entry)


def _story() -> Writing:
    written = Writing()
    written.add(FORMER_ID, FORMER_SIGN, Kind.OPENING, 3)
    written.add(LAWYER_ID, EXPERT_SIGN, Kind.OPENING, 3)
    written.add(FORMER_ID, FORMER_SIGN, Kind.HANDOVER, 3)
    written.add(LAWYER_ID, EXPERT_SIGN, Kind.WITNESS, 3)
    written.add(FORMER_ID, FORMER_SIGN, Kind.KEY_ACT, 4)  # signs themselves out
    written.add(LAWYER_ID, EXPERT_SIGN, Kind.OPENING, 4)
    written.add(LAWYER_ID, EXPERT_SIGN, Kind.EXPORT, 4)
    written.add(LAWYER_ID, EXPERT_SIGN, Kind.WITNESS, 4)
    return written


def _read(entries: list[bytes], seen: Json | None = None) -> Json:
    remembered = None if seen is None else Point(seen["length"], seen["head"])
    log = AuditLog(AUTHORS, seen=remembered)
    try:
        for entry in entries:
            log.add(entry)
        log.end()
    except BrokenLogError as broken:
        return {"breach": broken.breach, "seq": broken.seq}
    return {"length": log.point.length, "head": log.point.head}


def audit() -> list[Json]:
    """SPEC 9.10: `sign-entry`, `decode-entry`, `read-log` (`seen`: what was verified before, or null), `add-to-log`
    (one entry after the others)."""
    story = _story()
    entries = story.entries
    cases: list[Json] = []
    fourth = Entry.decode(entries[3])
    own_second = Entry.decode(entries[1])
    cases.append(case("a witness, signed (exact bytes)", "sign-entry", {
        "instance": INSTANCE, "author": LAWYER_ID, "sign_seed": EXPERT_SIGN.seed, "directory_version": 3,
        "own": entries[1], "kind": "witness", "subject": fourth.subject, "now": NOW_S + 3 * 3_600 + 3_599, "length": 3,
    }, {"entry": entries[3], "head": fourth.head()}))  # fmt: skip
    first = Entry.decode(entries[0])
    cases.append(case("the first of an author, signed (exact bytes)", "sign-entry", {
        "instance": INSTANCE, "author": FORMER_ID, "sign_seed": FORMER_SIGN.seed, "directory_version": 3, "own": None,
        "kind": "opening", "subject": first.subject, "now": NOW_S, "length": 0,
    }, {"entry": entries[0], "head": first.head()}))  # fmt: skip
    cases.append(case("an entry, decoded", "decode-entry", {"entry": entries[3]}, {
        "author": LAWYER_ID, "counter": 2, "directory_version": 3, "previous_head": own_second.head(),
        "hour": fourth.hour, "kind": "witness", "subject": fourth.subject, "length": 3,
    }))  # fmt: skip
    for name, changed in {
        "too short": entries[0][:-1],
        "too long": entries[0] + b"\0",
        "another version": b"\2" + entries[0][1:],
        "counter 0": _with(entries[0], 49, bytes(4)),
        "directory version 0": _with(entries[0], 53, bytes(4)),
        "the first, and yet one before it": _with(entries[0], 57, b"\1"),
        "the second, and none before it": _with(entries[0], 52, b"\2"),
        "kind 0": _with(entries[0], 93, b"\0"),
        "kind 6": _with(entries[0], 93, b"\6"),
        "an opening with a length": _with(entries[0], 129, b"\1"),
    }.items():
        run = lambda data=changed: Entry.decode(data)  # noqa: E731
        cases.append(failing(f"an entry: {name}", "decode-entry", {"entry": changed}, run, "malformed"))

    def add(data: bytes) -> None:
        AuditLog(AUTHORS).add(data)

    cases.append(tampering("each byte of an entry", "add-to-log", {**PEOPLE, "entry": entries[0]}, "entry", add))
    after_all = lambda kind, version, **rest: story.made(  # noqa: E731
        LAWYER_ID, EXPERT_SIGN, kind, version, **rest
    ).encode()
    foreign = Author(InstanceId(drawn("another instance")), LAWYER_ID, EXPERT_SIGN, 4)
    logs: dict[str, list[bytes]] = {
        "whole": entries,
        "empty": [],
        "an entry left out": entries[:1] + entries[2:],
        "two entries swapped that are of different people": [entries[1], entries[0], *entries[2:]],
        "an entry twice": [*entries[:2], *entries[1:]],
        "the last entry twice": [*entries, entries[-1]],
        "cut off below a witness": entries[:2] + entries[3:],
        "by somebody whom the directory does not name": [
            *entries, story.made(STRANGER_ID, STRANGER, Kind.OPENING, 4).encode()
        ],
        "by somebody after they left": [*entries, story.made(FORMER_ID, FORMER_SIGN, Kind.OPENING, 4).encode()],
        "by somebody who left, under the directory before": [
            *entries, story.made(FORMER_ID, FORMER_SIGN, Kind.OPENING, 3).encode()
        ],
        "signed by somebody else": [*entries, story.made(LAWYER_ID, STRANGER, Kind.OPENING, 4).encode()],
        "of another instance": [*entries, foreign.entry(OwnChain(), Kind.OPENING, drawn("x"), NOW_S).encode()],
        "an older directory after a newer one": [*entries, after_all(Kind.OPENING, 3)],
        "a witness of another head": [*entries, after_all(Kind.WITNESS, 4, of="another head")],
        "a witness of another length": [*entries, after_all(Kind.WITNESS, 4, length=7)],
    }  # fmt: skip
    for name, log in logs.items():
        cases.append(case(f"log: {name}", "read-log", {**PEOPLE, "entries": log, "seen": None}, _read(log)))
    half = _read(entries[:5])
    other = {"length": 5, "head": drawn("another log")}
    for name, log, seen in (
        ("longer than before", entries, half),
        ("as long as before", entries[:5], half),
        ("shorter than before", entries[:4], half),
        ("changed since", entries, other),
    ):
        cases.append(case(f"log: {name}", "read-log", {**PEOPLE, "entries": log, "seen": seen}, _read(log, seen)))
    return cases


def _with(entry: bytes, at: int, new: bytes) -> bytes:
    return entry[:at] + new + entry[at + len(new) :]
