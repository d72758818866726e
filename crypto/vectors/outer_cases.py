"""Vectors of what anybody can check: documents, frames, records."""

from dataclasses import replace

from world import (
    CASE,
    DAY,
    DIRECTORY,
    DIRECTORY_BODY,
    DIRECTORY_KEY,
    FIRST_ROOT,
    FIRST_ROOT_BODY,
    INSTANCE,
    NEXT_DIRECTORY_KEY,
    NEXT_ROOT_KEYS,
    NOW,
    ROOT_KEYS,
    SECOND_ROOT,
    SECOND_ROOT_BODY,
    STRANGER,
    Json,
    case,
    drawn,
    failing,
    tampering,
)

from lyhty_crypto.documents import sign_directory, sign_document, sign_root
from lyhty_wire.codes import Code
from lyhty_wire.directories import Directory, TrustBundle, UntrustedDirectory
from lyhty_wire.documents import DIRECTORY as KIND_DIRECTORY
from lyhty_wire.documents import ROOT as KIND_ROOT
from lyhty_wire.encoding import parse_canonical_json
from lyhty_wire.frames import Direction, Piece, decode_frame, encode_frame
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, InstanceId, OperationId, QueueId, RoomId, digest, instance_id
from lyhty_wire.multiplex import Incoming
from lyhty_wire.records import (
    CaseState,
    DownRecord,
    Empty,
    Erase,
    Event,
    Fetch,
    Fetched,
    Give,
    HandOver,
    Hello,
    Open,
    Operation,
    PlaceState,
    Presence,
    Put,
    Resume,
    Resumed,
    ResumedGeneration,
    Sequenced,
    Slip,
    Slips,
    State,
    Stored,
    TakeBack,
    TurnKey,
    UpRecord,
)
from lyhty_wire.roots import verify_roots
from lyhty_wire.work import MAX_EFFORT, Search, Terms, Work

# --- documents


def documents() -> list[Json]:
    """SPEC 5: `verify-roots` from the anchor, `verify-directory` under them at `now`, `trust-bundle`, `encode-...`.

    `verify-roots` with `root`: that one alone; `verify-roots-behind`: `root` behind `roots`.
    """
    cases = []
    roots = [FIRST_ROOT, SECOND_ROOT]

    def chain(name: str, documents_: list[bytes], anchor: bytes = INSTANCE) -> None:
        root = verify_roots(InstanceId(anchor), documents_)
        expect: Json = {
            "version": root.body.version, "digest": root.digest, "directory_keys": list(root.body.directory_keys),
            "expires": root.body.expires,
        }  # fmt: skip
        cases.append(case(name, "verify-roots", {"anchor": anchor, "roots": documents_}, expect))

    def no_chain(name: str, documents_: list[bytes], failure: str, anchor: bytes = INSTANCE) -> None:
        inputs: Json = {"anchor": anchor, "roots": documents_}
        run = lambda: verify_roots(InstanceId(anchor), documents_)  # noqa: E731
        cases.append(failing(name, "verify-roots", inputs, run, failure))

    def first(name: str, failure: str, document: bytes) -> None:
        """A first root that is the anchor itself."""
        no_chain(name, [document], failure, digest(document))

    chain("one root", [FIRST_ROOT])
    chain("rotated", roots)
    third_body = replace(SECOND_ROOT_BODY, version=3, previous=digest(SECOND_ROOT))
    third = sign_root(third_body, [NEXT_ROOT_KEYS[1]])
    chain("rotated twice, signed by keys that are old and new", [*roots, third])
    more = sign_root(FIRST_ROOT_BODY, ROOT_KEYS)
    chain("more signatures than needed", [more], digest(more))

    cases.append(tampering(
        "first root, tampered", "verify-roots", {"anchor": INSTANCE, "roots": [FIRST_ROOT], "root": FIRST_ROOT}, "root",
        lambda changed: verify_roots(INSTANCE, [changed]),
    ))  # fmt: skip
    cases.append(tampering(
        "second root, tampered", "verify-roots-behind",
        {"anchor": INSTANCE, "roots": [FIRST_ROOT], "root": SECOND_ROOT}, "root",
        lambda changed: verify_roots(INSTANCE, [FIRST_ROOT, changed]),
    ))  # fmt: skip
    no_chain("no root", [], "forged")
    no_chain("another anchor", [FIRST_ROOT], "forged", drawn("another anchor"))
    no_chain("without the first", [SECOND_ROOT], "forged")
    no_chain("the first twice", [FIRST_ROOT, FIRST_ROOT], "forged")
    no_chain("a root left out", [FIRST_ROOT, third], "forged")
    no_chain("a directory as root", [DIRECTORY], "malformed")
    no_chain("too short", [FIRST_ROOT[:-1]], "malformed")
    no_chain("too long", [FIRST_ROOT + b"\0"], "malformed")
    no_chain("empty", [b""], "malformed")
    first("first root signed by too few", "forged", sign_root(FIRST_ROOT_BODY, ROOT_KEYS[:1]))
    first("first root signed by a stranger", "forged", sign_root(FIRST_ROOT_BODY, [STRANGER]))
    first("first root signed by a stranger too", "forged", sign_root(FIRST_ROOT_BODY, [*ROOT_KEYS[:2], STRANGER]))
    old = ROOT_KEYS[:2]
    for name, signers in (
        ("second root not signed by the old keys", NEXT_ROOT_KEYS),
        ("second root signed by too few old keys", [ROOT_KEYS[0], NEXT_ROOT_KEYS[0]]),
        ("second root not signed by its own keys", old),
        ("second root signed by a stranger too", [*old, NEXT_ROOT_KEYS[0], STRANGER]),
    ):
        no_chain(name, [FIRST_ROOT, sign_root(SECOND_ROOT_BODY, signers)], "forged")
    enough = [*old, NEXT_ROOT_KEYS[0]]
    for name, body in (
        ("second root with another previous", replace(SECOND_ROOT_BODY, previous=drawn("previous"))),
        ("second root of version 3", replace(SECOND_ROOT_BODY, version=3)),
    ):
        no_chain(name, [FIRST_ROOT, sign_root(body, enough)], "forged")
    swapped = bytearray(FIRST_ROOT)
    at = len(swapped) - 2 * 96
    swapped[at:] = swapped[at + 96 :] + swapped[at : at + 96]
    first("signers unsorted", "malformed", bytes(swapped))
    twice = FIRST_ROOT[: at - 1] + b"\2" + FIRST_ROOT[at : at + 96] * 2
    first("a signer twice", "malformed", twice)
    first("no signature", "malformed", FIRST_ROOT[: at - 1] + b"\0")
    nine = sign_root(FIRST_ROOT_BODY, ROOT_KEYS)
    first("nine signatures", "malformed", nine[: at - 1] + b"\x09" + nine[at : at + 96] * 9)
    text = FIRST_ROOT_BODY.encode().decode()
    for name, changed in {
        "body with white space": text.replace(":", ": ", 1),
        "body with another field": text.replace('"version"', '"vector":1,"version"'),
        "body without a field": text.replace('"threshold":2,', ""),
        "threshold 0": text.replace('"threshold":2', '"threshold":0'),
        "threshold above the keys": text.replace('"threshold":2', '"threshold":4'),
        "version 0": text.replace('"version":1', '"version":0'),
        "first root with previous": text.replace('"previous":null', f'"previous":"{"A" * 43}"'),
        "version 2 without previous": text.replace('"version":1', '"version":2'),
        "expires before issued": text.replace(f'"expires":{FIRST_ROOT_BODY.expires}', '"expires":1'),
        "keys are no list": text.replace('"keys":[', '"keys":null,"kezs":['),
    }.items():
        assert changed != text, name
        first(f"root: {name}", "malformed", sign_document(KIND_ROOT, changed.encode(), ROOT_KEYS[:2]))
    parsed = parse_canonical_json(FIRST_ROOT_BODY.encode())
    assert isinstance(parsed, dict)
    keys = parsed["keys"]
    unsorted = text.replace(f'"{keys[0]}","{keys[1]}"', f'"{keys[1]}","{keys[0]}"')
    assert unsorted != text
    first("root: keys unsorted", "malformed", sign_document(KIND_ROOT, unsorted.encode(), ROOT_KEYS[:2]))
    cases.append(case("root body", "encode-root", {"value": parsed}, {"body": FIRST_ROOT_BODY.encode()}))
    signed: Json = {"kind": 1, "body": FIRST_ROOT_BODY.encode(), "seeds": [key.seed for key in ROOT_KEYS[:2]]}
    cases.append(case("root, signed (exact bytes)", "sign", signed, {"document": FIRST_ROOT, "digest": INSTANCE}))

    # --- directories

    base: Json = {"anchor": INSTANCE, "roots": roots, "directory": DIRECTORY, "now": NOW, "at_least_version": 0}

    def verified(directory: bytes, now: int = NOW, at_least: int = 0) -> Directory:
        return UntrustedDirectory(directory).verify(INSTANCE, roots, now, at_least)

    def fields(directory: Directory) -> Json:
        return {
            "version": directory.version, "root": directory.root.digest,
            "queues": [
                {"id": q.id, "profession": q.profession, "current": q.current.epoch, "kem": digest(q.current.kem)}
                for q in directory.queues
            ],
            "experts": [
                {"id": e.id, "name": e.name, "sign": e.sign, "queues": list(e.queues), "coordinator": e.coordinator,
                 "languages": list(e.languages)}
                for e in directory.experts
            ],
            "former": [
                {"id": f.id, "sign": f.sign, "queues": list(f.queues), "left": f.left, "version": f.version}
                for f in directory.former
            ],
        }  # fmt: skip

    by_next = sign_directory(DIRECTORY_BODY, NEXT_DIRECTORY_KEY)
    empty = sign_directory(replace(DIRECTORY_BODY, experts=(), former=(), queues=()), DIRECTORY_KEY)
    for name, directory, now, at_least in (
        ("directory", DIRECTORY, NOW, 0),
        ("directory by the next key", by_next, NOW, 0),
        ("directory of nobody", empty, NOW, 0),
        ("the same version again", DIRECTORY, NOW, 7),
        ("clock one hour slow", DIRECTORY, NOW - 3600, 0),
        ("clock one hour fast", DIRECTORY, NOW + 3600, 0),
        ("clock a day slow, to the second", DIRECTORY, NOW - DAY, 0),
        ("last second", DIRECTORY, NOW + 14 * DAY, 0),
    ):
        inputs = {**base, "directory": directory, "now": now, "at_least_version": at_least}
        cases.append(case(name, "verify-directory", inputs, fields(verified(directory, now, at_least))))
    # The document is long because of its keys; the step is prime, so every kind of field is hit.
    cases.append(tampering("directory, tampered", "verify-directory", base, "directory", verified, step=13))
    cases.append(
        tampering("directory, tampered at the start", "verify-directory", base, "directory", verified, end=600)
    )
    tail = replace(DIRECTORY_BODY, experts=(), former=(), queues=())
    short = sign_directory(tail, DIRECTORY_KEY)
    cases.append(tampering(
        "directory of nobody, tampered", "verify-directory", {**base, "directory": short}, "directory", verified
    ))  # fmt: skip

    def refused(name: str, directory: bytes, failure: str, now: int = NOW, at_least: int = 0) -> None:
        inputs = {**base, "directory": directory, "now": now, "at_least_version": at_least}
        cases.append(failing(name, "verify-directory", inputs, lambda: verified(directory, now, at_least), failure))

    refused("expired", DIRECTORY, "stale", NOW + 14 * DAY + 1)
    refused("not yet valid", DIRECTORY, "stale", NOW - DAY - 1)
    refused("older than seen before", DIRECTORY, "stale", at_least=8)
    refused("directory by a stranger", sign_directory(DIRECTORY_BODY, STRANGER), "forged")
    refused("directory by a root key", sign_directory(DIRECTORY_BODY, ROOT_KEYS[0]), "forged")
    both = sign_document(KIND_DIRECTORY, DIRECTORY_BODY.encode(), [DIRECTORY_KEY, NEXT_DIRECTORY_KEY])
    refused("directory by two keys", both, "forged")
    refused("root as directory", FIRST_ROOT, "malformed")
    refused("directory too short", DIRECTORY[:-1], "malformed")
    refused("directory too long", DIRECTORY + b"\0", "malformed")
    for name, body, failure in (
        ("another instance", replace(DIRECTORY_BODY, instance=InstanceId(drawn("i"))), "forged"),
        ("under the first root", replace(DIRECTORY_BODY, root=digest(FIRST_ROOT)), "forged"),
    ):
        refused(f"directory: {name}", sign_directory(body, DIRECTORY_KEY), failure)
    plain = DIRECTORY_BODY.encode().decode()
    for name, before, after in (
        ("lives longer than 14 days", f'"expires":{NOW + 14 * DAY}', f'"expires":{NOW + 14 * DAY + 1}'),
        ("expires before issued", f'"expires":{NOW + 14 * DAY}', f'"expires":{NOW - 1}'),
        ("version 0", '"version":7', '"version":0'),
        ("version of 2^32", '"version":7', '"version":4294967296'),
        ("epochs unsorted", '"epoch":2', '"epoch":1'),
        ("epoch 0", '"epoch":1', '"epoch":0'),
        ("queues unsorted", '"id":2', '"id":1'),
        ("queue 0", '"id":1', '"id":0'),
        ("unknown profession", '"profession":"lawyer"', '"profession":"teacher"'),
        ("coordinator as number", '"coordinator":true', '"coordinator":1'),
        ("expert's queues unsorted", '"queues":[1]', '"queues":[2,1]'),
        ("expert's queue 0", '"queues":[1]', '"queues":[0]'),
        ("name is empty", '"name":"Psykologi"', '"name":""'),
        ("languages unsorted", '"languages":["en","fi-simple"]', '"languages":["fi-simple","en"]'),
        ("a language twice", '"languages":["en","fi-simple"]', '"languages":["en","en"]'),
        ("a language that is no identifier", '"languages":["en","fi-simple"]', '"languages":["EN"]'),
        ("nine languages", '"languages":["en","fi-simple"]', '"languages":["a","b","c","d","e","f","g","h","i"]'),
        ("somebody left with version 0", '"version":6', '"version":0'),
        ("somebody left with a version still to come", '"version":6', '"version":8'),
        ("heads of somebody who left", '"left":', '"heads":[],"left":'),
        ("another field", '"version":7', '"vector":1,"version":7'),
        ("white space", '"version":7', '"version": 7'),
    ):
        assert before in plain, name
        body = plain.replace(before, after).encode()
        refused(f"directory: {name}", sign_document(KIND_DIRECTORY, body, [DIRECTORY_KEY]), "malformed")
    cases.append(case(
        "directory body", "encode-directory", {"value": parse_canonical_json(DIRECTORY_BODY.encode())},
        {"body": DIRECTORY_BODY.encode()},
    ))  # fmt: skip
    late = replace(FIRST_ROOT_BODY, expires=NOW + DAY)
    late_root = sign_root(late, ROOT_KEYS[:2])
    under = sign_directory(
        replace(DIRECTORY_BODY, instance=instance_id(late_root), root=digest(late_root)), DIRECTORY_KEY
    )
    for name, now, failure in (("root in its last second", NOW + DAY, ""), ("root expired", NOW + DAY + 1, "stale")):
        inputs = {**base, "anchor": digest(late_root), "roots": [late_root], "directory": under, "now": now}
        run = lambda now=now: UntrustedDirectory(under).verify(instance_id(late_root), [late_root], now)  # noqa: E731
        if failure:
            cases.append(failing(name, "verify-directory", inputs, run, failure))
        else:
            cases.append(case(name, "verify-directory", inputs, fields(run())))

    bundle = TrustBundle((FIRST_ROOT, SECOND_ROOT), DIRECTORY).encode()
    cases.append(case("trust bundle", "trust-bundle", {"bundle": bundle}, {"roots": roots, "directory": DIRECTORY}))
    for name, data in {
        "empty": b"", "too short": bundle[:-1], "too long": bundle + b"\0", "count too high": b"\3" + bundle[1:],
    }.items():  # fmt: skip
        inputs = {"bundle": data}
        cases.append(
            failing(f"trust bundle: {name}", "trust-bundle", inputs, lambda d=data: TrustBundle.decode(d), "malformed")
        )
    return cases


# --- frames


def _pieces(pieces: list[Piece]) -> list[Json]:
    return [{"stream": p.stream, "offset": p.offset, "total": p.total, "data": p.data} for p in pieces]


def frames() -> list[Json]:
    """SPEC 6.1: `encode` and `decode` frames (`direction` up or down); `assemble` records from frames in order."""
    cases = []
    one = [Piece(1, 0, 10, drawn("a", 10))]
    shapes: dict[str, tuple[Direction, int, list[Piece]]] = {
        "cover up": (Direction.UP, 0, []),
        "cover down": (Direction.DOWN, 0xFFFFFFFF, []),
        "one piece up": (Direction.UP, 1, one),
        "one piece down": (Direction.DOWN, 258, one),
        "a full frame up": (Direction.UP, 2, [Piece(7, 1980, 98_304, drawn("b", 1980))]),
        "a full frame down": (Direction.DOWN, 2, [Piece(0xFFFFFFFF, 0, 393_216, drawn("c", 4028))]),
        "two pieces": (Direction.UP, 3, [*one, Piece(2, 5, 6, b"\0")]),
        "three pieces": (Direction.UP, 4, [*one, Piece(2, 0, 1, b"x"), Piece(0x7FFFFFFF, 3, 99, b"yz")]),
        "four pieces": (
            Direction.DOWN,
            5,
            [*one, Piece(2, 0, 1, b"x"), Piece(3, 3, 99, b"yz"), Piece(1 << 31, 0, 9, b"e")],
        ),
    }
    for name, (direction, slot, pieces) in shapes.items():
        frame = encode_frame(direction, slot, pieces)
        said: Json = {"slot": slot, "pieces": _pieces(pieces)}
        way = direction.name.lower()
        cases.append(case(name, "encode", {"direction": way, **said}, {"frame": frame}))
        cases.append(case(f"{name}, read", "decode", {"direction": way, "frame": frame}, said))

    def refused(name: str, frame: bytes, direction: Direction = Direction.UP) -> None:
        inputs: Json = {"direction": direction.name.lower(), "frame": frame}
        cases.append(failing(name, "decode", inputs, lambda: decode_frame(direction, frame), "malformed"))

    good = encode_frame(Direction.UP, 3, [*one, Piece(2, 5, 6, b"\0")])
    for name, direction, frame in (
        ("up", Direction.UP, good),
        ("cover", Direction.UP, encode_frame(Direction.UP, 1)),
        ("down", Direction.DOWN, encode_frame(Direction.DOWN, 1, one)),
    ):
        inputs: Json = {"direction": direction.name.lower(), "frame": frame}
        cases.append(tampering(
            f"header tampered, {name}", "decode", inputs, "frame", lambda f, d=direction: decode_frame(d, f), end=68
        ))  # fmt: skip
    down = encode_frame(Direction.DOWN, 1, one)
    refused("empty", b"")
    refused("one byte short", good[:-1])
    refused("one byte long", good + b"\0")
    refused("a down frame up", down)
    refused("a down frame cut to an up frame", down[:2048])
    refused("an up frame down", good.ljust(4096, b"\0"), Direction.DOWN)
    for index in (68 + 11, 1000, 2047):
        refused(f"fill not zero at {index}", good[:index] + b"\1" + good[index + 1 :])
    cover = encode_frame(Direction.UP, 1)
    refused("fill of a cover frame not zero", cover[:68] + b"\1" + cover[69:])

    def crafted(
        pieces: list[tuple[int, int, int, int]], count: int | None = None, payload: bytes = b"", version: int = 1,
        zero: int = 0, direction: int = 0x55,
    ) -> bytes:  # fmt: skip
        header = bytes((version, direction)) + (1).to_bytes(4, "big")
        header += bytes((len(pieces) if count is None else count,))
        for stream, offset, total, length in pieces:
            header += b"".join(n.to_bytes(4, "big") for n in (stream, offset, total)) + length.to_bytes(2, "big")
        header = header.ljust(63, b"\0") + bytes((zero,))
        return (header + digest(header)[:4] + payload).ljust(2048, b"\0")

    assert decode_frame(Direction.UP, crafted([(1, 0, 3, 3)], payload=b"abc")).pieces[0].data == b"abc"
    refused("version 2", crafted([], version=2))
    refused("direction unknown", crafted([], direction=0x56))
    refused("byte before the check not zero", crafted([], zero=1))
    refused("five pieces", crafted([], count=5))
    refused("an unused entry not zero", crafted([(1, 0, 3, 3)], count=0))
    refused("stream 0", crafted([(0, 0, 3, 3)], payload=b"abc"))
    refused("an event's stream up", crafted([(1 << 31, 0, 3, 3)], payload=b"abc"))
    refused("piece of length 0", crafted([(1, 0, 3, 0)]))
    refused("record of length 0", crafted([(1, 0, 0, 0)]))
    refused("piece beyond its record", crafted([(1, 1, 3, 3)], payload=b"abc"))
    refused("piece longer than its record", crafted([(1, 0, 2, 3)], payload=b"abc"))
    refused("record too long", crafted([(1, 0, 98_305, 3)], payload=b"abc"))
    refused("pieces longer than the frame", crafted([(1, 0, 3000, 1981)], payload=bytes(1980)))
    refused("offset near 2^32", crafted([(1, 0xFFFFFFFF, 3, 3)], payload=b"abc"))

    record = drawn("record", 5000)
    cut = [Piece(1, at, 5000, record[at : at + 1980]) for at in (0, 1980, 3960)]
    small = Piece(2, 0, 3, b"abc")

    def stream_frames(groups: list[list[Piece]]) -> list[bytes]:
        return [encode_frame(Direction.UP, slot, group) for slot, group in enumerate(groups)]

    half = [Piece(1, 0, 4, b"ab"), Piece(1, 2, 4, b"cd")]
    runs: dict[str, tuple[list[list[Piece]], list[tuple[int, bytes]], bool]] = {
        "one record in three frames": ([[p] for p in cut], [(1, record)], True),
        "a small one between": ([[cut[0]], [small], [cut[1]], [cut[2]]], [(2, b"abc"), (1, record)], True),
        "two pieces of one record in a frame": ([half], [(1, b"abcd")], True),
        "the same stream again, afterwards": ([[small], [small]], [(2, b"abc"), (2, b"abc")], True),
        "sixteen open": ([[Piece(s, 0, 2, b"a")] for s in range(1, 17)] + [[Piece(1, 1, 2, b"b")]], [(1, b"ab")], True),
        "seventeen open": ([[Piece(s, 0, 2, b"a")] for s in range(1, 18)], [], False),
        "a piece missing": ([[cut[0]], [cut[2]]], [], False),
        "a piece twice": ([[cut[0]], [cut[0]]], [], False),
        "starts in the middle": ([[cut[1]]], [], False),
        "total changes": ([[half[0]], [Piece(1, 2, 5, b"cd")]], [], False),
        "the same stream starts again": ([[half[0]], [Piece(1, 0, 4, b"ab")]], [], False),
    }
    for name, (groups, completed, fine) in runs.items():
        encoded = stream_frames(groups)

        def assemble(encoded: list[bytes] = encoded) -> list[tuple[int, bytes]]:
            incoming = Incoming()
            return [r for frame in encoded for r in incoming.accept(decode_frame(Direction.UP, frame))]

        inputs = {"direction": "up", "frames": encoded}
        if fine:
            assert assemble() == completed, name
            expect: Json = {"records": [{"stream": stream, "record": data} for stream, data in completed]}
            cases.append(case(name, "assemble", inputs, expect))
        else:
            cases.append(failing(name, "assemble", inputs, assemble, "malformed"))
    return cases


# --- work


def work() -> list[Json]:
    """SPEC 6.7: `search` finds each part's smallest nonce, from 0; `check` is what a server does, with one effort."""
    challenge, cases = drawn("challenge", 16), []
    base = {"instance": INSTANCE, "case": CASE, "challenge": challenge}
    found: dict[int, bytes] = {}
    for effort in (1, 2, 3, 100, 4096):
        search = Search(INSTANCE, CASE, Terms(challenge, effort)).run(2**32)
        assert search is not None
        found[effort] = search.solution
        cases.append(case(f"effort {effort}", "search", {**base, "effort": effort}, {"solution": search.solution}))
    mine = {**base, "solution": found[4096]}

    def checked(i: Json) -> Json:
        Work(i["challenge"], i["solution"]).check(i["instance"], i["case"], i["effort"])
        return {}

    for name, effort in {"as asked": 4096, "less was asked": 100, "nothing was asked": 1}.items():
        cases.append(case(name, "check", {**mine, "effort": effort}, checked({**mine, "effort": effort})))
    wrong: dict[str, Json] = {
        "more was asked": {**mine, "effort": MAX_EFFORT},
        "found for less": {**mine, "effort": 4096, "solution": found[100]},
        "another case": {**mine, "effort": 4096, "case": drawn("another case")},
        "another instance": {**mine, "effort": 4096, "instance": drawn("another instance")},
        "another challenge": {**mine, "effort": 4096, "challenge": drawn("another challenge", 16)},
        "parts in another order": {**mine, "effort": 4096, "solution": found[4096][4:] + found[4096][:4]},
    }
    for name, inputs in wrong.items():
        cases.append(failing(name, "check", inputs, lambda inputs=inputs: checked(inputs), "forged"))
    asked = {**mine, "effort": 4096}
    for field in ("solution", "challenge", "case", "instance"):
        run = lambda changed, field=field: checked({**asked, field: changed})  # noqa: E731
        cases.append(tampering(f"{field}, tampered", "check", asked, field, run))
    return cases


# --- records


def records() -> list[Json]:
    """SPEC 6.3 to 6.5: `up` and `down` records, both ways: `record` bytes and their fields. Numbers are numbers."""
    operation_id = OperationId(drawn("operation", 16))
    cases = []
    wrap_a, wrap_b, wrap_c, wrap_d = (drawn(f"wrap {index}", 1213) for index in range(4))
    opening = Open(
        work=Work(drawn("challenge", 16), drawn("solution", 64)),
        auth_pk=drawn("auth"), proof=drawn("proof", 64), case_salt=drawn("salt"), roster=drawn("roster", 376),
        self_wrap=drawn("self-wrap", 48), case_wraps=(wrap_a, wrap_b), card_wraps=(wrap_c, wrap_d),
        card=drawn("card", 1024), report=drawn("report", 4096),
    )  # fmt: skip
    turn = TurnKey(7, drawn("roster", 376), wrap_a, drawn("link", 48), (wrap_b, wrap_c), drawn("turn", 1024))
    give = Give(drawn("roster", 376), drawn("self-wrap", 48), wrap_a, drawn("slip", 1024))
    back = TakeBack(RoomId(CaseId(drawn("room"))), opening.proof)
    slips = Slips(
        (Slip(give.roster, give.self_wrap, give.envelope), Slip(give.roster, drawn("own", 48), drawn("e", 1024)))
    )
    ups: list[tuple[Operation, object, Json]] = [
        (Operation.OPEN, opening, {
            "work": {"challenge": opening.work.challenge, "solution": opening.work.solution},
            "auth_pk": opening.auth_pk, "proof": opening.proof, "case_salt": opening.case_salt,
            "roster": opening.roster, "self_wrap": opening.self_wrap, "case_wraps": list(opening.case_wraps),
            "card_wraps": list(opening.card_wraps), "card": opening.card, "report": opening.report,
        }),
        (Operation.RESUME, Resume(opening.auth_pk, opening.proof),
         {"auth_pk": opening.auth_pk, "proof": opening.proof}),
        (Operation.PUT, Put(drawn("put", 1024)), {"envelope": drawn("put", 1024)}),
        (Operation.FETCH, Fetch(0, 3, 262_144), {"before": 0, "after": 3, "max_bytes": 262_144}),
        (Operation.ERASE, Erase(opening.proof), {"proof": opening.proof}),
        (Operation.TURN, turn, {
            "last_seq": 7, "roster": turn.roster, "own_wrap": turn.own_wrap, "link": turn.link,
            "wraps": list(turn.wraps), "envelope": turn.envelope,
        }),
        (Operation.TRUST, Empty(), {}),
        (Operation.GIVE, give, {
            "roster": give.roster, "self_wrap": give.self_wrap, "wrap": give.wrap, "envelope": give.envelope,
        }),
        (Operation.TAKE_BACK, back, {"room": back.room, "proof": back.proof}),
        (Operation.SLIPS, Empty(), {}),
        (Operation.HAND_OVER, HandOver(turn, (wrap_c, wrap_d), opening.card), {
            "turn": {
                "last_seq": 7, "roster": turn.roster, "own_wrap": turn.own_wrap, "link": turn.link,
                "wraps": list(turn.wraps), "envelope": turn.envelope,
            },
            "card_wraps": [wrap_c, wrap_d], "card": opening.card,
        }),
        (Operation.PUT_LATE, Put(drawn("put late", 1024)), {"envelope": drawn("put late", 1024)}),
    ]  # fmt: skip
    up_bytes: dict[Operation, bytes] = {}
    for operation, body, said in ups:
        record = UpRecord(operation, operation_id, body.encode()).encode()
        up_bytes[operation] = record
        expect: Json = {"operation": operation.value, "operation_id": operation_id, "fields": said}
        cases.append(case(operation.name, "up", {"record": record}, expect))
    places = (PlaceState(QueueId(1), State.HELD), PlaceState(QueueId(2), State.WAITING))
    says = [{"queue": p.queue, "state": p.state.value} for p in places]
    generations = (ResumedGeneration(drawn("roster", 376), drawn("self-wrap", 48)),
                   ResumedGeneration(drawn("roster 2", 305), wrap_a, drawn("link", 48)))  # fmt: skip
    resumed = Resumed(CaseId(drawn("case")), drawn("salt"), State.HELD, True, 490_000, 9, places, generations)
    fetched = Fetched(True, (Sequenced(9, drawn("new", 4096)), Sequenced(7, drawn("old", 1024))))
    bundle = TrustBundle((drawn("root", 200),), drawn("directory", 300))
    terms = Terms(drawn("challenge", 16), 8192)
    asked = {"challenge": terms.challenge, "effort": terms.effort}
    hello = Hello(drawn("nonce"), NOW, 1000, 7, terms)
    state = CaseState(State.HELD, places)
    came_back = CaseState(State.WAITING, (PlaceState(LAWYER, State.WAITING_AGAIN),))
    downs: list[tuple[str, DownRecord, Json]] = [
        ("OPEN result", DownRecord.result(Operation.OPEN, operation_id, Stored(1).encode()), {"seq": 1}),
        ("RESUME result", DownRecord.result(Operation.RESUME, operation_id, resumed.encode()), {
            "case": resumed.case, "case_salt": resumed.case_salt, "state": 2, "urgent": True, "opened_hour": 490_000,
            "last_seq": 9, "places": says,
            "generations": [{"roster": g.roster, "own_wrap": g.own_wrap, "link": g.link} for g in generations],
        }),
        ("PUT result", DownRecord.result(Operation.PUT, operation_id, Stored(2**32 - 1).encode()), {"seq": 2**32 - 1}),
        ("FETCH result", DownRecord.result(Operation.FETCH, operation_id, fetched.encode()), {
            "more": True, "envelopes": [{"seq": e.seq, "envelope": e.envelope} for e in fetched.envelopes],
        }),
        ("FETCH result, none", DownRecord.result(Operation.FETCH, operation_id, Fetched(False, ()).encode()),
         {"more": False, "envelopes": []}),
        ("ERASE result", DownRecord.result(Operation.ERASE, operation_id), {}),
        ("TURN result", DownRecord.result(Operation.TURN, operation_id, Stored(8).encode()), {"seq": 8}),
        ("PUT_LATE result", DownRecord.result(Operation.PUT_LATE, operation_id, Stored(9).encode()), {"seq": 9}),
        ("TRUST result", DownRecord.result(Operation.TRUST, operation_id, bundle.encode()),
         {"roots": list(bundle.roots), "directory": bundle.directory}),
        ("GIVE result", DownRecord.result(Operation.GIVE, operation_id), {}),
        ("TAKE_BACK result", DownRecord.result(Operation.TAKE_BACK, operation_id), {}),
        ("SLIPS result", DownRecord.result(Operation.SLIPS, operation_id, slips.encode()), {
            "slips": [{"roster": s.roster, "self_wrap": s.self_wrap, "envelope": s.envelope} for s in slips.slips],
        }),
        ("HAND_OVER result", DownRecord.result(Operation.HAND_OVER, operation_id, Stored(8).encode()), {"seq": 8}),
        ("error", DownRecord.error(operation_id, Code.CASE_CLOSED), {}),
        ("FAULT", DownRecord.fault(Code.FRAME_MALFORMED), {}),
        ("HELLO", DownRecord.event(Event.HELLO, hello.encode()),
         {"nonce": hello.nonce, "server_time": NOW, "slot_ms": 1000, "directory_version": 7, "terms": asked}),
        ("ENVELOPE", DownRecord.event(Event.ENVELOPE, Sequenced(5, drawn("e", 1024)).encode()),
         {"seq": 5, "envelope": drawn("e", 1024)}),
        ("STATE", DownRecord.event(Event.STATE, state.encode()), {"state": 2, "places": says}),
        ("STATE, a place that came back", DownRecord.event(Event.STATE, came_back.encode()),
         {"state": 1, "places": [{"queue": 1, "state": 4}]}),
        ("PRESENCE", DownRecord.event(Event.PRESENCE, Presence((LAWYER, PSYCHOLOGIST)).encode()), {"here": [1, 2]}),
        ("PRESENCE, nobody", DownRecord.event(Event.PRESENCE, Presence(()).encode()), {"here": []}),
        ("WORK", DownRecord.event(Event.WORK, terms.encode()), asked),
    ]  # fmt: skip
    down_bytes: dict[str, bytes] = {}
    for name, record_, said in downs:
        down_bytes[name] = record_.encode()
        expect = {
            "kind": record_.kind.value,
            "operation_id": record_.operation_id,
            "code": int(record_.code),
            "fields": said,
        }
        cases.append(case(name, "down", {"record": down_bytes[name]}, expect))

    def refused_up(name: str, record: bytes) -> None:
        cases.append(failing(name, "up", {"record": record}, lambda: read_up(record), "malformed"))

    def refused_down(name: str, record: bytes) -> None:
        cases.append(failing(name, "down", {"record": record}, lambda: read_down(record), "malformed"))

    for operation, record in up_bytes.items():
        refused_up(f"{operation.name}, trailing byte", record + b"\0")
        refused_up(f"{operation.name}, one byte short", record[:-1])
    put = up_bytes[Operation.PUT]
    refused_up("empty", b"")
    refused_up("version 2", b"\2" + put[1:])
    refused_up("operation 0", put[:1] + b"\0" + put[2:])
    refused_up("operation 13", put[:1] + b"\x0d" + put[2:])
    refused_up("operation id of zeros", put[:2] + bytes(16) + put[18:])
    for name, record in down_bytes.items():
        refused_down(f"{name}, trailing byte", record + b"\0")
        refused_down(f"{name}, one byte short", record[:-1])
    error, done, greeting = down_bytes["error"], down_bytes["ERASE result"], down_bytes["HELLO"]
    refused_down("down: empty", b"")
    refused_down("down: version 2", b"\2" + done[1:])
    refused_down("down: kind 3", done[:1] + b"\3" + done[2:])
    refused_down("error 0", error[:18] + b"\0\0")
    refused_down("error 999", error[:18] + b"\x03\xe7")
    refused_down("result of operation 0", done[:18] + b"\0\0")
    refused_down("result of operation 13", done[:18] + b"\0\x0d")
    refused_down("result without operation id", done[:2] + bytes(16) + done[18:])
    refused_down("event 0", greeting[:18] + b"\0\0" + greeting[20:])
    refused_down("event 4", greeting[:18] + b"\0\4" + greeting[20:])
    refused_down("event 7", greeting[:18] + b"\0\7" + greeting[20:])
    nobody = down_bytes["PRESENCE, nobody"][:20]
    refused_down("the same queue here twice", nobody + b"\2\0\1\0\1")
    refused_down("queues here out of order", nobody + b"\2\0\2\0\1")
    asking = down_bytes["WORK"]
    refused_down("an effort of 0", asking[:-4] + bytes(4))
    refused_down("an effort above 65,536", asking[:-4] + (65_537).to_bytes(4, "big"))
    refused_down("event with an operation id", greeting[:2] + operation_id + greeting[18:])
    refused_down("state 0", down_bytes["STATE"][:20] + b"\0" + down_bytes["STATE"][21:])
    refused_down("state 4 of a case", down_bytes["STATE"][:20] + b"\4" + down_bytes["STATE"][21:])
    refused_down("state 5 of a place", down_bytes["STATE, a place that came back"][:-1] + b"\5")
    back = down_bytes["RESUME result"]
    refused_down("urgent is 2", back[:85] + b"\2" + back[86:])
    fetch = down_bytes["FETCH result"]
    refused_down("more is 2", fetch[:20] + b"\2" + fetch[21:])
    again = Fetched(True, (Sequenced(7, b"x"), Sequenced(7, b"x")))
    refused_down("the same seq twice", DownRecord.result(Operation.FETCH, operation_id, again.encode()).encode())
    upwards = Fetched(True, (Sequenced(7, b"x"), Sequenced(9, b"x")))
    refused_down("oldest first", DownRecord.result(Operation.FETCH, operation_id, upwards.encode()).encode())
    return cases


UP_BODIES = {
    Operation.OPEN: Open, Operation.RESUME: Resume, Operation.PUT: Put, Operation.FETCH: Fetch, Operation.ERASE: Erase,
    Operation.TURN: TurnKey, Operation.TRUST: Empty, Operation.GIVE: Give, Operation.TAKE_BACK: TakeBack,
    Operation.SLIPS: Empty, Operation.HAND_OVER: HandOver, Operation.PUT_LATE: Put,
}  # fmt: skip
RESULT_BODIES = {
    Operation.OPEN: Stored, Operation.RESUME: Resumed, Operation.PUT: Stored, Operation.FETCH: Fetched,
    Operation.ERASE: Empty, Operation.TURN: Stored, Operation.TRUST: TrustBundle, Operation.GIVE: Empty,
    Operation.TAKE_BACK: Empty, Operation.SLIPS: Slips, Operation.HAND_OVER: Stored,
    Operation.PUT_LATE: Stored,
}  # fmt: skip
EVENT_BODIES = {
    Event.HELLO: Hello,
    Event.ENVELOPE: Sequenced,
    Event.STATE: CaseState,
    Event.PRESENCE: Presence,
    Event.WORK: Terms,
}


def read_up(record: bytes) -> object:
    up = UpRecord.decode(record)
    return UP_BODIES[up.operation].decode(up.body)


def read_down(record: bytes) -> object:
    down = DownRecord.decode(record)
    if down.kind == 0:
        return RESULT_BODIES[Operation(down.code)].decode(down.body)
    return EVENT_BODIES[Event(down.code)].decode(down.body) if down.kind == 2 else down
