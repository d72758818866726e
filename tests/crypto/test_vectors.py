"""Every case of crypto/vectors gives what it promises. The TypeScript half runs the same files."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec import structs

from lyhty_crypto import experts, exports, passkeys, passphrase, receipts, recovery
from lyhty_crypto.audit import AuditLog, Authors, BrokenLogError, OwnChain, Point
from lyhty_crypto.audit import Author as AuditAuthor
from lyhty_crypto.authors import ReporterAuthor, author_of
from lyhty_crypto.cases import sign_roster
from lyhty_crypto.chains import Chains
from lyhty_crypto.contributions import (
    contribution_token,
    noise_key,
    open_contribution,
    open_statistics_link,
    sign_counted,
    state_key,
    statistics_seed,
)
from lyhty_crypto.documents import sign_document
from lyhty_crypto.ends import Ends, check_turn
from lyhty_crypto.errors import CryptoError
from lyhty_crypto.founding import open_packet
from lyhty_crypto.handovers import Questions, check_handover
from lyhty_crypto.invitations import Invitation
from lyhty_crypto.keys import KemKeyPair, SigningKey, seal_to
from lyhty_crypto.rooms import open_own_room_key, open_room_key
from lyhty_crypto.sealing import Opened, open_envelope, open_on_shelf, seal, urgent_agrees
from lyhty_crypto.shelves import StoredRoom, read_shelf
from lyhty_crypto.wrapping import open_link, seal_link, self_unwrap, self_wrap, unwrap_key
from lyhty_wire import audit, contents, ids, proofs
from lyhty_wire.accounts import account_name, viewer_name
from lyhty_wire.codes import CLIENT_CODES, Code
from lyhty_wire.contents import (
    Answer,
    AnswerPart,
    Ask,
    Card,
    CaseOpened,
    Chat,
    Consent,
    Helped,
    Provision,
    Receipt,
    Report,
    Turn,
    begins_generation,
)
from lyhty_wire.contexts import context
from lyhty_wire.contributions import CASE as TOKEN_OF_CASE
from lyhty_wire.contributions import IMPACT, LATER, StatisticsKey, StatisticsLink, decode_counted, encode_counted
from lyhty_wire.directories import Directory, DirectoryBody, Expert, TrustBundle, UntrustedDirectory
from lyhty_wire.documents import UntrustedDocument
from lyhty_wire.encoding import b64decode, canonical_json, parse_canonical_json
from lyhty_wire.envelopes import EnvelopeHeader, HeadSeen
from lyhty_wire.errors import WireError
from lyhty_wire.figures.signed import verify_release
from lyhty_wire.frames import Direction, Piece, decode_frame, encode_frame
from lyhty_wire.hours import Hours
from lyhty_wire.invitations import Account, Application, Offer, introduction
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
    Kind,
    Open,
    Operation,
    Presence,
    Put,
    Resume,
    Resumed,
    Sequenced,
    Slips,
    Stored,
    TakeBack,
    TurnKey,
    UpRecord,
)
from lyhty_wire.recovery import RecoveryRequest, Split
from lyhty_wire.renewals import Renewal
from lyhty_wire.room_contents import decode_aside, decode_shelf_content, encode_aside, encode_room_content
from lyhty_wire.rooms import RoomKind, verify_room
from lyhty_wire.roots import Root, verify_roots
from lyhty_wire.rosters import Roster, RosterEntry, UntrustedRoster
from lyhty_wire.unlocks import NewUnlock, Unlock
from lyhty_wire.viewing import viewer_id
from lyhty_wire.work import Search, Terms, Work, sign_in_purpose, sign_in_terms
from lyhty_wire.wraps import Wrap

FOLDER = Path(__file__).parents[2] / "crypto" / "vectors"
Result = dict[str, Any]
bin_ = bytes.fromhex


def plain(value: Any) -> Any:
    """Bytes as hex all the way down."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


# --- ids.json, canonical_json.json, phrase.json, expert_unlock.json


def unlocked(i: Result) -> experts.Unlocked:
    secret = experts.parse_device_secret(i["device_secret"])
    return experts.unlock(bin_(i["stretched"]), secret, bin_(i["instance"]))


def run_unlock(i: Result) -> Result:
    stretched = experts.stretch(i["password"], bin_(i["salt"]), i["m_kib"], i["t"], i["p"])
    keys = unlocked({**i, "stretched": stretched.hex()})
    return {
        "stretched": stretched,
        "login_seed": keys.login.seed,
        "login_pk": keys.login.public,
        "seal_key": keys.seal,
    }


def run_seal_blob(i: Result) -> Result:
    keys = experts.ExpertKeys(SigningKey(bin_(i["sign_seed"])), KemKeyPair(bin_(i["kem_seed"])))
    nonce = bin_(i["nonce"])
    return {"blob": experts.seal_key_blob(keys, unlocked(i), bin_(i["instance"]), bin_(i["expert"]), lambda _: nonce)}


def run_open_blob(i: Result) -> Result:
    keys = experts.open_key_blob(bin_(i["blob"]), unlocked(i), bin_(i["instance"]), bin_(i["expert"]))
    return {"sign_seed": keys.sign.seed, "kem_seed": keys.kem.seed, "draft_key": keys.drafts}


def passkey_key(i: Result) -> bytes:
    return passkeys.passkey_seal_key(bin_(i["prf_output"]), bin_(i["instance"]))


def run_seal_passkey_blob(i: Result) -> Result:
    keys = experts.ExpertKeys(SigningKey(bin_(i["sign_seed"])), KemKeyPair(bin_(i["kem_seed"])))
    whose = (bin_(i["instance"]), bin_(i["expert"]), bin_(i["credential"]))
    return {"blob": passkeys.seal_passkey_blob(keys, passkey_key(i), *whose, lambda _: bin_(i["nonce"]))}


def run_open_passkey_blob(i: Result) -> Result:
    whose = (bin_(i["instance"]), bin_(i["expert"]), bin_(i["credential"]))
    keys = passkeys.open_passkey_blob(bin_(i["blob"]), passkey_key(i), *whose)
    return {"sign_seed": keys.sign.seed, "kem_seed": keys.kem.seed}


def run_derive(i: Result) -> Result:
    root = passphrase.derive_root(bin_(i["phrase"]), bin_(i["instance"]))
    keys = passphrase.reporter_keys(root, bin_(i["case_salt"]))
    assert passphrase.auth_key(root).public == keys.auth.public
    return {
        "root": root,
        "auth_seed": keys.auth.seed,
        "auth_pk": keys.auth.public,
        "mailbox": keys.mailbox,
        "sign_seed": keys.sign.seed,
        "sign_pk": keys.sign.public,
        "kem_seed": keys.kem.seed,
        "kem_pk": keys.kem.public,
        "wrap_key": keys.wrap,
    }


# --- contents.json


def content_of(value: Result) -> contents.Content:
    """A content from the JSON of a vector, without any checks."""
    fields = {key: item for key, item in value.items() if key != "type"}
    for name in ("kem", "commitment", "asked"):
        if fields.get(name) is not None and value["type"] != "helped":  # its `asked` is a word
            fields[name] = b64decode(fields[name])
    if "services" in fields:
        fields["services"] = tuple(fields["services"])
    if "parts" in fields:
        fields["parts"] = tuple(AnswerPart(**part) for part in fields["parts"])
        fields["assessment"] = tuple(Provision(**row) for row in fields["assessment"])
        fields |= {name: tuple(fields[name]) for name in ("plain", "ticks")}
    kinds = {
        "card": Card, "report": Report, "chat": Chat, "answer": Answer, "receipt": Receipt, "opened": CaseOpened,
        "turn": Turn, "ask": Ask, "consent": Consent, "helped": Helped,
    }  # fmt: skip
    return kinds[value["type"]](**fields)


def run_decode_content(i: Result) -> Result:
    content = contents.decode_content(i["text"].encode())
    assert content == content_of(json.loads(i["text"]))
    return {"value": dict(contents.to_json(content))}


# --- wraps.json, self_wraps.json, rosters.json


def run_unwrap(i: Result) -> Result:
    wrap, kem = Wrap.decode(bin_(i["wrap"])), KemKeyPair(bin_(i["seed"]))
    key = unwrap_key(wrap, kem, instance=bin_(i["instance"]), subject=bin_(i["subject"]))
    names = ("kind", "recipient", "queue", "epoch", "generation", "commitment")
    header = {name: getattr(wrap, name) for name in names}
    return {"key": key, "public": kem.public, "header": header, "digest": wrap.digest()}


def run_self_unwrap(i: Result) -> Result:
    key = self_unwrap(
        bin_(i["sealed"]), bin_(i["wrap_key"]), instance=bin_(i["instance"]), case=bin_(i["case"]),
        generation=i["generation"], expected=bin_(i["commitment"]),
    )  # fmt: skip
    return {"key": key}


def run_self_wrap(i: Result) -> Result:
    place = {"instance": bin_(i["instance"]), "case": bin_(i["case"]), "generation": i["generation"]}
    return {"sealed": self_wrap(bin_(i["key"]), bin_(i["wrap_key"]), **place)}


def run_link(i: Result) -> Result:
    place = {"instance": bin_(i["instance"]), "case": bin_(i["case"]), "generation": i["generation"]}
    return {"link": seal_link(bin_(i["previous_key"]), bin_(i["key"]), **place)}


def run_open_link(i: Result) -> Result:
    place = {"instance": bin_(i["instance"]), "case": bin_(i["case"]), "generation": i["generation"]}
    return {"key": open_link(bin_(i["link"]), bin_(i["key"]), **place, expected=bin_(i["previous"]))}


def roster_fields(roster: Roster) -> Result:
    entries = [
        {"recipient": e.recipient, "queue": e.queue, "epoch": e.epoch, "kem": e.kem_digest, "wrap": e.wrap_digest}
        for e in roster.entries
    ]
    names = ("generation", "commitment", "previous", "directory_version", "signer", "case")
    return {**{name: getattr(roster, name) for name in names}, "entries": entries}


def checked_again(roster: Roster, encoded: str) -> Roster:
    assert roster.encode().hex() == encoded
    return roster


def run_opening(i: Result) -> Result:
    roster = UntrustedRoster.decode(bin_(i["roster"])).verify_opening(bin_(i["instance"]), bin_(i["case"]))
    return roster_fields(checked_again(roster, i["roster"]))


def run_next(i: Result) -> Result:
    previous = UntrustedRoster.decode(bin_(i["previous"])).verify_opening(bin_(i["instance"]))
    experts = [bin_(key) for key in i["experts"]]
    untrusted = UntrustedRoster.decode(bin_(i["roster"]))
    roster = untrusted.verify_next(bin_(i["instance"]), previous, bin_(i["reporter"]), experts)
    return roster_fields(checked_again(roster, i["roster"]))


def run_sign_roster(i: Result) -> Result:
    entries = [
        RosterEntry(e["recipient"], e["queue"], e["epoch"], bin_(e["kem"]), bin_(e["wrap"])) for e in i["entries"]
    ]
    numbers = (bin_(i["instance"]), bin_(i["case"]), i["generation"], bin_(i["commitment"]), bin_(i["previous"]))
    return {"roster": sign_roster(SigningKey(bin_(i["sign_seed"])), *numbers, i["directory_version"], entries).encode()}


# --- rooms.json


def verified_room(i: Result) -> Roster:
    allowed = [bin_(key) for key in i["allowed"]]
    roster = UntrustedRoster.decode(bin_(i["roster"]))
    return verify_room(roster, bin_(i["instance"]), bin_(i["case"]), RoomKind(i["kind"]), allowed)


def run_verify_room(i: Result) -> Result:
    fields = roster_fields(verified_room(i))
    return {"room": fields["case"], **{name: fields[name] for name in ("commitment", "signer", "entries")}}


def run_open_room(i: Result) -> Result:
    wraps = [Wrap.decode(bin_(wrap)) for wrap in i["wraps"]]
    return {"key": open_room_key(verified_room(i), wraps, i["queue"], KemKeyPair(bin_(i["seed"])))}


def run_open_own_room(i: Result) -> Result:
    return {"key": open_own_room_key(verified_room(i), bin_(i["sealed"]), bin_(i["wrap_key"]))}


# --- shelves.json


def run_read_shelf(i: Result) -> Result:
    directory = UntrustedDirectory(bin_(i["directory"])).verify(
        bin_(i["anchor"]), [bin_(root) for root in i["roots"]], i["now"]
    )
    rooms = [
        StoredRoom(bin_(room["roster"]), room["wrap"] and bin_(room["wrap"]), tuple(map(bin_, room["envelopes"])))
        for room in i["rooms"]
    ]
    # A tampered field stands beside the rooms: it is the newest one's.
    newest = {name: bin_(i[name]) for name in ("roster", "wrap") if name in i}
    rooms[-1] = replace(rooms[-1], **newest)
    seeds = {each["epoch"]: KemKeyPair(bin_(each["seed"])) for each in i["seeds"]}
    shelf = read_shelf(i["queue"], rooms, directory, lambda epoch: seeds[epoch])
    templates = [
        {
            "template": template,
            "versions": [
                {"author": author, "title": content.title, "removed": content.removed} for author, content in found
            ],
        }
        for template, found in sorted(shelf.templates.items())
    ]
    end = {"room": shelf.before.room, "count": shelf.before.count, "end": shelf.before.end}
    return {"templates": templates, "alarms": sorted(shelf.alarms), "before": end}


def run_open_on_shelf(i: Result) -> Result:
    opened = open_on_shelf(bin_(i["envelope"]), bin_(i["key"]), instance=bin_(i["instance"]), room=bin_(i["room"]))
    return {"content": json.loads(encode_room_content(opened.content))}


# --- envelopes.json, chains.json


def heads_of(items: list[Result]) -> tuple[HeadSeen, ...]:
    return tuple(HeadSeen(bin_(seen["author"]), seen["counter"], bin_(seen["head"])) for seen in items)


def seen(heads: tuple[HeadSeen, ...]) -> list[Result]:
    return [{"author": head.author, "counter": head.counter, "head": head.head} for head in heads]


def run_seal(i: Result) -> Result:
    object_id = bin_(i["object_id"])
    sealed = seal(
        content_of(i["content"]), bin_(i["key"]), SigningKey(bin_(i["sign_seed"])),
        instance=bin_(i["instance"]), case=bin_(i["case"]), directory_version=i["directory_version"],
        generation=i["generation"], counter=i["counter"], previous_head=bin_(i["previous_head"]),
        heads=heads_of(i["heads"]), randomness=lambda _: object_id,
    )  # fmt: skip
    if len(sealed.envelope) > 4096:
        return {"digest": ids.digest(sealed.envelope), "size": len(sealed.envelope), "head": sealed.head}
    return {"envelope": sealed.envelope, "head": sealed.head}


def opened_of(i: Result) -> Opened:
    return open_envelope(bin_(i["envelope"]), bin_(i["key"]), instance=bin_(i["instance"]), case=bin_(i["case"]))


def run_open(i: Result) -> Result:
    opened = opened_of(i)
    header = opened.header
    large = len(i["envelope"]) > 2 * 4096
    return {
        "kind": header.kind,
        "urgent": header.urgent,
        "object_id": header.object_id,
        "author": header.author,
        "generation": header.generation,
        "counter": header.counter,
        "directory_version": opened.directory_version,
        "previous_head": opened.previous_head,
        "heads": seen(opened.heads),
        "content": "as sealed" if large else json.loads(contents.encode_content(opened.content)),
        "head": opened.head,
    }


REPORT = Report(at=1, kem=ids.KemKey(bytes(1216)), language="fi", services=(), text="x")


def message(
    author: str, counter: int, head: str, previous: str = "", heads: Any = (), report: bool = False,
    read: bool | None = None, turn: str | None = None, generation: int = 1, opened: int | None = None,
) -> Opened:  # fmt: skip
    header = EnvelopeHeader(2, False, generation, counter, bytes(32), bin_(author))
    written = REPORT if report else Chat(1, "x")
    said = CaseOpened(1, ids.QueueId(opened)) if opened else written if turn is None else Turn(1, turn)
    content = said if read is None else Receipt(1, read)
    return Opened(header, content, 7, bin_(previous), heads_of(heads), bin_(head))


def run_accept(i: Result) -> Result:
    chains = Chains(bin_(i["reporter"]))
    accepted, failed = 0, {}
    for m in i["messages"]:
        try:
            chains.accept(message(m["author"], m["counter"], m["head"], m["previous_head"], m["heads"], m["report"]))
        except (CryptoError, WireError) as error:
            failed = {"failure": error.failure, "code": error.code}
            break
        accepted += 1
    return {"accepted": accepted, "heads_seen": seen(chains.heads_seen(bin_(i["excluding"]))), **failed}


def run_receipts(i: Result) -> Result:
    author, reporter = bin_(i["author"]), bin_(i["reporter"])
    history = [any_message(m) for m in i["messages"]]
    reach = receipts.reach_of(history, author, reporter)
    owed = [receipts.receipt_owed(history, author, reporter, on_screen=on_screen) for on_screen in (False, True)]
    return {
        "reach": [{"counter": counter, "reach": each.name.lower()} for counter, each in sorted(reach.items())],
        "owed": [None if each is None else each.name.lower() for each in owed],
    }


def any_message(m: Result) -> Opened:
    said = message(
        m["author"], m["counter"], m["head"], m["previous_head"], m["heads"], m["report"], m.get("read"),
        m.get("turn"), m.get("generation", 1), m.get("opened"),
    )  # fmt: skip
    return replace(said, content=content_of(m["content"])) if "content" in m else said


def run_ends(i: Result) -> Result:
    history, ends = [any_message(m) for m in i["messages"]], Ends()
    for each in history:
        if begins_generation(each.content):
            ends.learn(each)
    return {"beyond": [place for place, each in enumerate(history) if ends.is_beyond(each)]}


def run_turn(i: Result) -> Result:
    check_turn(any_message(i["message"]), UntrustedRoster.decode(bin_(i["roster"])))
    return {}


def run_handover(i: Result) -> Result:
    roster, previous = [
        None
        if i[name] is None
        else UntrustedRoster.decode(bin_(i[name])).verify_signed(
            UntrustedRoster.decode(bin_(i[name])).instance, UntrustedRoster.decode(bin_(i[name])).case
        )
        for name in ("roster", "previous")
    ]
    assert roster is not None
    check_handover(any_message(i["message"]), roster, previous, bin_(i["reporter"]))
    return {}


def run_questions(i: Result) -> Result:
    questions = Questions()
    for m in i["messages"]:
        added = ids.QueueId(m["added"]) if m["added"] else None
        questions.accept(any_message(m), added, is_whole=i["whole"])
    return {}


def run_author(i: Result) -> Result:
    encoded = bin_(i["directory"])
    # Vectors of authors bring a directory without roots: its own instance and signer are taken for true here.
    document = UntrustedDocument.decode(encoded)
    body = json.loads(document.body)
    root = SimpleNamespace(
        instance=b64decode(body["instance"]),
        digest=b64decode(body["root"]),
        body=SimpleNamespace(directory_keys=document.signers, expires=2**40),
    )
    directory = UntrustedDirectory(encoded).verify_under(root, i["now"])
    written = message(i["author"], i["counter"], i["head"], opened=i.get("opened"))
    written = replace(written, content=content_of(i["content"])) if "content" in i else written
    author = author_of(
        written, reporter=bin_(i["reporter"]), queues=i["queues"], roster_version=i["roster_version"],
        directory=directory,
    )  # fmt: skip
    kind = "reporter" if isinstance(author, ReporterAuthor) else "expert" if isinstance(author, Expert) else "former"
    return {"author": kind}


# --- exports.json


def run_stretch_export(i: Result) -> Result:
    secret = exports.Secret.PHRASE if "phrase" in i else exports.Secret.PASSWORD
    typed = bin_(i["phrase"]) if "phrase" in i else exports.of_password(i["password"])
    return {"stretched": exports.stretch(secret, typed, bin_(i["salt"]))}


def run_seal_export(i: Result) -> Result:
    kept = tuple(exports.Kept(k["seq"], bin_(k["key"]), bin_(k["envelope"])) for k in i["kept"])
    export = exports.Export(
        bin_(i["instance"]), bin_(i["case"]), i["made"], bin_(i["trust"]), tuple(map(bin_, i["rosters"])), kept
    )
    nonce, secret = bin_(i["nonce"]), exports.Secret[i["secret"].upper()]
    return {"file": exports.seal_export(export, secret, bin_(i["salt"]), bin_(i["stretched"]), lambda _: nonce)}


def run_open_export(i: Result) -> Result:
    locked = exports.Locked.decode(bin_(i["file"]))
    export = locked.open(bin_(i["stretched"]))
    return {
        "secret": locked.secret.name.lower(),
        "salt": locked.salt,
        "instance": export.instance,
        "case": export.case,
        "made": export.made,
        "trust": export.trust,
        "rosters": export.rosters,
        "kept": [{"seq": k.seq, "key": k.key, "envelope": k.envelope} for k in export.kept],
    }


# --- documents.json


def run_roots(i: Result) -> Result:
    roots = [bin_(i["root"])] if "root" in i else [bin_(root) for root in i["roots"]]
    return root_fields(bin_(i["anchor"]), roots)


def run_roots_behind(i: Result) -> Result:
    return root_fields(bin_(i["anchor"]), [*[bin_(root) for root in i["roots"]], bin_(i["root"])])


def root_fields(anchor: bytes, roots: list[bytes]) -> Result:
    root = verify_roots(anchor, roots)
    keys = list(root.body.directory_keys)
    return {"version": root.body.version, "digest": root.digest, "directory_keys": keys, "expires": root.body.expires}


def run_directory(i: Result) -> Result:
    roots = [bin_(root) for root in i["roots"]]
    untrusted = UntrustedDirectory(bin_(i["directory"]))
    return directory_fields(untrusted.verify(bin_(i["anchor"]), roots, i["now"], i["at_least_version"]))


def directory_fields(directory: Directory) -> Result:
    return {
        "version": directory.version,
        "root": directory.root.digest,
        "queues": [
            {"id": q.id, "profession": q.profession, "current": q.current.epoch, "kem": ids.digest(q.current.kem)}
            for q in directory.queues
        ],
        "experts": [
            {"id": e.id, "name": e.name, "sign": e.sign, "queues": e.queues, "coordinator": e.coordinator,
             "languages": e.languages}
            for e in directory.experts
        ],
        "former": [
            {"id": f.id, "sign": f.sign, "queues": f.queues, "left": f.left, "version": f.version}
            for f in directory.former
        ],
    }  # fmt: skip


# --- audit.json


def kind_of(name: str) -> audit.Kind:
    return audit.Kind[name.upper().replace("-", "_")]


def run_sign_entry(i: Result) -> Result:
    own = OwnChain() if i["own"] is None else OwnChain.after(audit.Entry.decode(bin_(i["own"])))
    author = AuditAuthor(
        bin_(i["instance"]), bin_(i["author"]), SigningKey(bin_(i["sign_seed"])), i["directory_version"]
    )
    made = author.entry(own, kind_of(i["kind"]), bin_(i["subject"]), i["now"], length=i["length"])
    return {"entry": made.encode(), "head": made.head()}


def run_decode_entry(i: Result) -> Result:
    entry = audit.Entry.decode(bin_(i["entry"]))
    assert entry.encode() == bin_(i["entry"])
    fields = structs.asdict(entry)
    told = ("author", "counter", "directory_version", "previous_head", "hour", "subject", "length")
    return {**{name: fields[name] for name in told}, "kind": entry.kind.name.lower().replace("_", "-")}


def log_authors(i: Result) -> Authors:
    former = {bin_(one["id"]): (bin_(one["sign"]), one["version"]) for one in i["former"]}
    return Authors(bin_(i["instance"]), {bin_(one["id"]): bin_(one["sign"]) for one in i["experts"]}, former)


def run_read_log(i: Result) -> Result:
    seen = None if i["seen"] is None else Point(i["seen"]["length"], bin_(i["seen"]["head"]))
    log = AuditLog(log_authors(i), seen=seen)
    try:
        for entry in i["entries"]:
            log.add(bin_(entry))
        log.end()
    except BrokenLogError as broken:
        return {"breach": broken.breach, "seq": broken.seq}
    return {"length": log.point.length, "head": log.point.head}


def run_add_to_log(i: Result) -> Result:
    AuditLog(log_authors(i)).add(bin_(i["entry"]))
    return {}


# --- new_unlocks.json


def run_sign_new_unlock(i: Result) -> Result:
    fields = {name: value if isinstance(value, int) else bin_(value) for name, value in i["unlock"].items()}
    unlock = Unlock(expert_id=fields.pop("expert"), **fields)
    login, before = SigningKey(bin_(i["login_seed"])), SigningKey(bin_(i["before_seed"]))
    new = experts.sign_new_unlock(unlock, login, before, bin_(i["instance"]), bin_(i["challenge"]))
    return {"new": new.encode()}


def run_check_new_unlock(i: Result) -> Result:
    new = NewUnlock.decode(bin_(i["new"]))
    new.verify(bin_(i["instance"]), bin_(i["challenge"]), bin_(i["before"]))
    unlock = structs.asdict(new.unlock)
    return {"unlock": {"expert": unlock.pop("expert_id"), **unlock}}


# --- renewals.json


def run_sign_renewal(i: Result) -> Result:
    fields = {name: value if isinstance(value, int) else bin_(value) for name, value in i["fields"].items()}
    renewal = Renewal(expert_id=fields.pop("expert"), at_s=fields.pop("at"), **fields)
    signature = SigningKey(bin_(i["sign_seed"])).sign(renewal.signed())
    return {"renewal": structs.replace(renewal, signature=signature).encode()}


def run_check_renewal(i: Result) -> Result:
    listed = {name: bin_(value) for name, value in i["listed"].items()}
    renewal = Renewal.decode(bin_(i["renewal"]))
    renewal.verify(bin_(i["instance"]), Expert(name="", queues=(), coordinator=False, languages=(), **listed))
    fields = structs.asdict(renewal)
    fields.pop("signature")
    return {"fields": {"expert": fields.pop("expert_id"), "at": fields.pop("at_s"), **fields}}


# --- invitations.json


def link_of(i: Result) -> Invitation:
    return Invitation(bin_(i["instance"]), bin_(i["secret"]))


def offer_of(i: Result) -> Offer:
    return Offer(i["name"], tuple(i["queues"]), tuple(i["languages"]), coordinator=i["coordinator"])


def run_apply(i: Result) -> Result:
    account = i["account"]
    fields = {name: bin_(account[name]) for name in ("salt", "login_pk", "keys", "sign", "kem")}
    numbers = {name: account[name] for name in ("name", "m_kib", "t", "p")}
    keys = experts.ExpertKeys(SigningKey(bin_(i["sign_seed"])), KemKeyPair(bytes(32)))
    applied = link_of(i).apply(Account(expert_id=bin_(account["expert"]), **fields, **numbers), keys)
    return {"application": applied.encode()}


def run_check_application(i: Result) -> Result:
    application = Application.decode(bin_(i["application"]))
    link_of(i).check(application)
    account = structs.asdict(application.account)
    return {"account": {"expert": account.pop("expert_id"), **account}}


def run_founding(i: Result) -> Result:
    packet = open_packet(bin_(i["packet"]), bin_(i["secret"]), bin_(i["instance"]))
    return {
        "name": packet.name,
        "languages": packet.languages,
        "directory_seed": packet.directory_seed,
        "queues": [{"queue": each.queue, "epoch": each.epoch, "seed": each.seed} for each in packet.queues],
    }


# --- shamir.json, recovery.json


def rows_of(i: Result) -> Callable[[int], bytes]:
    rows = iter([bin_(row) for row in i["rows"]])
    return lambda _: next(rows)


def run_split_secret(i: Result) -> Result:
    shares = recovery.split_secret(bin_(i["secret"]), len(i["rows"]) + 1, i["count"], rows_of(i))
    return {"digest": ids.digest(b"".join(shares)), "last": shares[-1]}


def run_combine(i: Result) -> Result:
    return {"secret": recovery.combine_shares({each["position"]: bin_(each["share"]) for each in i["shares"]})}


def staffed(i: Result) -> Directory:
    body = DirectoryBody.decode(UntrustedDocument.decode(bin_(i["directory"])).body)
    return Directory(body, cast("Root", SimpleNamespace()))


def run_split_seed(i: Result) -> Result:
    signer, directory = SigningKey(bin_(i["sign_seed"])), staffed(i)
    split, wraps = recovery.split_seed(bin_(i["seed"]), i["queue"], i["epoch"], directory, signer, i["at"], rows_of(i))
    split.check_shares(wraps)
    return {"split": split.encode()}


def run_verify_split(i: Result) -> Result:
    split = Split.decode(bin_(i["split"]))
    split.verify(staffed(i))
    holders = [{"expert": one.expert, "commitment": one.commitment} for one in split.holders]
    return {
        "queue": split.queue, "epoch": split.epoch, "version": split.directory_version, "at": split.at,
        "holders": holders, "threshold": split.threshold,
    }  # fmt: skip


def run_open_share(i: Result) -> Result:
    split, holder = Split.decode(bin_(i["split"])), ids.ExpertId(bin_(i["holder"]))
    share = recovery.open_share(split, bin_(i["wrap"]), KemKeyPair(bin_(i["kem_seed"])))
    recovery.check_share(split, holder, share)
    return {"share": share}


def run_sign_request(i: Result) -> Result:
    names = bin_(i["instance"]), i["queue"], bin_(i["asker"]), i["at"]
    return {"request": recovery.sign_request(*names, SigningKey(bin_(i["sign_seed"]))).encode()}


def run_verify_request(i: Result) -> Result:
    request = RecoveryRequest.decode(bin_(i["request"]))
    request.verify(staffed(i))
    return {"queue": request.queue, "asker": request.asker, "at": request.at}


def run_open_given(i: Result) -> Result:
    split, request = Split.decode(bin_(i["split"])), RecoveryRequest.decode(bin_(i["request"]))
    share = recovery.open_given(split, bin_(i["wrap"]), KemKeyPair(bin_(i["kem_seed"])), request)
    recovery.check_share(split, ids.ExpertId(bin_(i["holder"])), share)
    return {"share": share}


def run_recover(i: Result) -> Result:
    shares = {ids.ExpertId(bin_(each["holder"])): bin_(each["share"]) for each in i["shares"]}
    return {"seed": recovery.recover_seed(Split.decode(bin_(i["split"])), shares, ids.KemKey(bin_(i["expected"])))}


def run_bundle(i: Result) -> Result:
    bundle = TrustBundle.decode(bin_(i["bundle"]))
    assert bundle.encode().hex() == i["bundle"]
    return {"roots": bundle.roots, "directory": bundle.directory}


def run_sign_document(i: Result) -> Result:
    document = sign_document(i["kind"], bin_(i["body"]), [SigningKey(bin_(seed)) for seed in i["seeds"]])
    return {"document": document, "digest": ids.digest(document)}


# --- frames.json, records.json


def run_encode_frame(i: Result) -> Result:
    pieces = [Piece(p["stream"], p["offset"], p["total"], bin_(p["data"])) for p in i["pieces"]]
    return {"frame": encode_frame(Direction[i["direction"].upper()], i["slot"], pieces)}


def run_decode_frame(i: Result) -> Result:
    frame = decode_frame(Direction[i["direction"].upper()], bin_(i["frame"]))
    pieces = [{"stream": p.stream, "offset": p.offset, "total": p.total, "data": p.data} for p in frame.pieces]
    return {"slot": frame.slot, "pieces": pieces}


def run_assemble(i: Result) -> Result:
    incoming, direction = Incoming(), Direction[i["direction"].upper()]
    done = [record for frame in i["frames"] for record in incoming.accept(decode_frame(direction, bin_(frame)))]
    return {"records": [{"stream": stream, "record": record} for stream, record in done]}


UP = {
    Operation.OPEN: Open, Operation.RESUME: Resume, Operation.PUT: Put, Operation.FETCH: Fetch, Operation.ERASE: Erase,
    Operation.TURN: TurnKey, Operation.TRUST: Empty, Operation.GIVE: Give, Operation.TAKE_BACK: TakeBack,
    Operation.SLIPS: Empty, Operation.HAND_OVER: HandOver, Operation.PUT_LATE: Put,
}  # fmt: skip
RESULTS = {
    Operation.OPEN: Stored, Operation.RESUME: Resumed, Operation.PUT: Stored, Operation.FETCH: Fetched,
    Operation.ERASE: Empty, Operation.TURN: Stored, Operation.TRUST: TrustBundle, Operation.GIVE: Empty,
    Operation.TAKE_BACK: Empty, Operation.SLIPS: Slips, Operation.HAND_OVER: Stored,
    Operation.PUT_LATE: Stored,
}  # fmt: skip
EVENTS = {
    Event.HELLO: Hello,
    Event.ENVELOPE: Sequenced,
    Event.STATE: CaseState,
    Event.PRESENCE: Presence,
    Event.WORK: Terms,
}


def fields_of(value: Any) -> Any:
    """A record's dataclass as the vectors write it."""
    if isinstance(value, tuple):
        return [fields_of(item) for item in value]
    if hasattr(value, "__slots__") and not isinstance(value, bytes | int):
        return {name: fields_of(getattr(value, name)) for name in value.__slots__}
    return value


def run_up(i: Result) -> Result:
    record = UpRecord.decode(bin_(i["record"]))
    body = UP[record.operation].decode(record.body)
    assert UpRecord(record.operation, record.operation_id, body.encode()).encode().hex() == i["record"]
    return {"operation": record.operation, "operation_id": record.operation_id, "fields": fields_of(body)}


def run_down(i: Result) -> Result:
    record = DownRecord.decode(bin_(i["record"]))
    body: Any = Empty()
    if record.kind == Kind.RESULT:
        body = RESULTS[Operation(record.code)].decode(record.body)
    elif record.kind == Kind.EVENT:
        body = EVENTS[Event(record.code)].decode(record.body)
    assert DownRecord(record.kind, record.operation_id, record.code, body.encode()).encode().hex() == i["record"]
    return {
        "kind": record.kind, "operation_id": record.operation_id, "code": record.code, "fields": fields_of(body),
    }  # fmt: skip


def run_search(i: Result) -> Result:
    """In small steps, so that going on where a step ended is proved too."""
    search = Search(bin_(i["instance"]), bin_(i["case"]), Terms(bin_(i["challenge"]), i["effort"]))
    while (found := search.run(1_000)) is None:
        pass
    return {"solution": found.solution}


def run_check(i: Result) -> Result:
    Work(bin_(i["challenge"]), bin_(i["solution"])).check(bin_(i["instance"]), bin_(i["case"]), i["effort"])
    return {}


def run_hours(i: Result) -> Result:
    hours = Hours.decode(bin_(i["document"]))
    assert hours.encode() == bin_(i["document"])
    return {
        "open": [list(opening) for opening in hours.openings],
        "promise_s": hours.promise_s,
        "urgent_s": hours.urgent_s,
        "zone": hours.zone,
        "keep_days": hours.keep_days,
    }


def run_promised(i: Result) -> Result:
    return {"until": Hours.decode(bin_(i["document"])).promised(i["opened_hour"], urgent=i["urgent"])}


def run_open_at(i: Result) -> Result:
    hours = Hours.decode(bin_(i["document"]))
    return {"is_open": hours.is_open(i["at"]), "opens": hours.opens_at(i["at"])}


def run_code(i: Result) -> Result:
    """Programs that speak HTTP without this library go by the status, which only the server has."""
    code = Code.from_number(i["number"])
    assert code.status == i["status"]
    return {"code": code.text}


def run_client_code(i: Result, name: str) -> Result:
    assert i["number"] is None
    assert name in CLIENT_CODES
    return {"code": name}


# --- contributions.json, releases.json


def run_state_key(i: Result) -> Result:
    directory_key = SigningKey(bin_(i["directory_seed"]))
    seed = statistics_seed(directory_key.seed)
    return {"seed": seed, "noise": noise_key(seed), "statement": state_key(directory_key, bin_(i["instance"])).encode()}


def run_verify_statistics_key(i: Result) -> Result:
    key = StatisticsKey.decode(bin_(i["statement"]))
    body = SimpleNamespace(directory_keys=[bin_(each) for each in i["directory_keys"]])
    key.verify(cast("Root", SimpleNamespace(instance=bin_(i["instance"]), body=body)))
    return {"kem": key.kem}


def run_open_statistics_link(i: Result) -> Result:
    link, own = StatisticsLink.decode(bin_(i["link"])), KemKeyPair(bin_(i["seed"]))
    return {"seed": open_statistics_link(link, own, bin_(i["instance"])).seed}


def run_contribution_token(i: Result) -> Result:
    of = {"case": TOKEN_OF_CASE, "impact": IMPACT, "later": LATER}[i["of"]]
    return {"token": contribution_token(bin_(i["first_key"]), bin_(i["instance"]), of)}


def run_sign_counted(i: Result) -> Result:
    counted = decode_counted(canonical_json(i["counted"]))
    key, signer = StatisticsKey.decode(bin_(i["statement"])), SigningKey(bin_(i["sign_seed"]))
    return {"plaintext": sign_counted(counted, bin_(i["token"]), key, signer).encode()}


def run_open_contribution(i: Result) -> Result:
    own = KemKeyPair(bin_(i["seed"]))
    counted = open_contribution(bin_(i["sealed"]), bin_(i["token"]), own, bin_(i["instance"]), staffed(i))
    return {"counted": json.loads(encode_counted(counted))}


def run_verify_release(i: Result) -> Result:
    release = verify_release(bin_(i["release"]), staffed(i))
    return {"period": release.period.name, "version": release.directory_version, "cells": len(release.figures)}


RUN: dict[str, dict[str, Callable[[Result], Result]]] = {
    "ids": {
        "context": lambda i: {"bytes": context(i["label"], *map(bin_, i["fields"]))},
        "instance-id": lambda i: {"id": ids.instance_id(bin_(i["root"]))},
        "mailbox-id": lambda i: {"id": ids.mailbox_id(bin_(i["auth_pk"]))},
        "commitment": lambda i: {"commitment": ids.commitment(bin_(i["key"]))},
        "case-id": lambda i: {"id": ids.case_id(bin_(i["sign_pk"]), bin_(i["commitment"]))},
        "tombstone": lambda i: {"tombstone": ids.tombstone(bin_(i["case"]))},
        "to-prove-open": lambda i: {
            "bytes": proofs.to_prove_open(bin_(i["instance"]), bin_(i["nonce"]), bin_(i["after_proof"]))
        },
        "to-prove-resume": lambda i: {"bytes": proofs.to_prove_resume(bin_(i["instance"]), bin_(i["nonce"]))},
        "to-prove-erase": lambda i: {"bytes": proofs.to_prove_erase(bin_(i["instance"]), bin_(i["case"]))},
        "sign-in-purpose": lambda i: {
            "purpose": sign_in_purpose(bin_(i["challenge"]), i["name"]),
            "challenge": sign_in_terms(bin_(i["challenge"]), 1).challenge,
        },
        "to-prove-sign-in": lambda i: {
            "bytes": proofs.to_prove_sign_in(bin_(i["instance"]), bin_(i["challenge"]), i["name"])
        },
        "account-name": lambda i: {"name": account_name(i["typed"])},
        "viewer-name": lambda i: {"name": viewer_name(i["typed"])},
        "viewer-id": lambda i: {"id": viewer_id(bin_(i["instance"]), bin_(i["secret"]))},
    },
    "canonical_json": {
        "encode": lambda i: {"bytes": canonical_json(i["value"])},
        "parse": lambda i: {"value": parse_canonical_json(bin_(i["bytes"]))},
        "b64decode": lambda i: {"bytes": b64decode(i["text"])},
    },
    "phrase": {"derive": run_derive},
    "expert_unlock": {
        "unlock": run_unlock,
        "stretch": lambda i: {"out": experts.stretch(i["password"], bin_(i["salt"]), i["m_kib"], i["t"], i["p"])},
        "seal-key-blob": run_seal_blob,
        "open-key-blob": run_open_blob,
        "prf-input": lambda i: {"input": passkeys.prf_input(bin_(i["instance"]))},
        "passkey-seal-key": lambda i: {"key": passkey_key(i)},
        "seal-passkey-blob": run_seal_passkey_blob,
        "open-passkey-blob": run_open_passkey_blob,
        "sign-in": lambda i: {
            "proof": SigningKey(bin_(i["login_seed"])).sign(
                proofs.to_prove_sign_in(bin_(i["instance"]), bin_(i["challenge"]), i["name"])
            )
        },
    },
    "renewals": {"sign-renewal": run_sign_renewal, "check-renewal": run_check_renewal},
    "new_unlocks": {"sign-new-unlock": run_sign_new_unlock, "check-new-unlock": run_check_new_unlock},
    "invitations": {
        "invitation-id": lambda i: {"id": link_of(i).id, "text": link_of(i).text},
        "seal-offer": lambda i: {"sealed": link_of(i).seal_offer(offer_of(i["offer"]), lambda _: bin_(i["nonce"]))},
        "open-offer": lambda i: {"offer": structs.asdict(link_of(i).open_offer(bin_(i["sealed"])))},
        "keep": lambda i: {"kept": link_of(i).keep(bin_(i["directory_seed"]), lambda _: bin_(i["nonce"]))},
        "kept": lambda i: {
            "secret": Invitation.kept(
                bin_(i["instance"]), bin_(i["id"]), bin_(i["kept"]), bin_(i["directory_seed"])
            ).secret
        },
        "apply": run_apply,
        "check-application": run_check_application,
        "introduction": lambda i: {
            "pictures": introduction(bin_(i["instance"]), bin_(i["id"]), bin_(i["sign"]), bin_(i["kem"]))
        },
        "open-founding": run_founding,
    },
    "contents": {
        "decode": run_decode_content,
        "encode": lambda i: {"bytes": contents.encode_content(content_of(i["value"]))},
    },
    "codes": {
        "code": run_code,
    },
    "wraps": {
        "unwrap": run_unwrap,
        "seal-to": lambda i: {"sealed": seal_to(bin_(i["public"]), bin_(i["plaintext"]), bin_(i["info"]))},
    },
    "self_wraps": {"self-wrap": run_self_wrap, "self-unwrap": run_self_unwrap},
    "links": {"link": run_link, "open-link": run_open_link},
    "rosters": {
        "verify-opening": run_opening, "verify-next": run_next, "sign": run_sign_roster,
    },
    "rooms": {
        "verify-room": run_verify_room,
        "open-room": run_open_room,
        "open-own": run_open_own_room,
        "room-id": lambda i: {"room": ids.room_id(bin_(i["case"]), i["kind"], bin_(i["commitment"]))},
    },
    "shelves": {
        "shelf-id": lambda i: {"shelf": ids.shelf_id(bin_(i["instance"]), i["queue"])},
        "decode": lambda i: {"value": json.loads(encode_room_content(decode_shelf_content(i["text"].encode())))},
        "open-in-room": run_open_on_shelf,
        "read-shelf": run_read_shelf,
    },
    "asides": {"decode": lambda i: {"value": json.loads(encode_aside(decode_aside(i["text"].encode())))}},
    "envelopes": {
        "seal": run_seal,
        "open": run_open,
        "urgent-agrees": lambda i: {"agrees": urgent_agrees(opened_of(i), i["server_urgent"])},
    },
    "ends": {"ends": run_ends, "turn": run_turn},
    "handovers": {"handover": run_handover, "questions": run_questions},
    "chains": {"accept": run_accept, "author": run_author},
    "receipts": {"receipts": run_receipts},
    "audit": {
        "sign-entry": run_sign_entry,
        "decode-entry": run_decode_entry,
        "read-log": run_read_log,
        "add-to-log": run_add_to_log,
    },
    "exports": {"stretch": run_stretch_export, "seal": run_seal_export, "open": run_open_export},
    "documents": {
        "verify-roots": run_roots,
        "verify-roots-behind": run_roots_behind,
        "verify-directory": run_directory,
        "trust-bundle": run_bundle,
        "encode-root": lambda i: {"body": canonical_json(i["value"])},
        "encode-directory": lambda i: {"body": canonical_json(i["value"])},
        "sign": run_sign_document,
    },
    "shamir": {
        "multiply": lambda i: {"products": [recovery.multiply(*pair) for pair in i["pairs"]]},
        "inverse": lambda _: {"inverses": [recovery.inverse(a) for a in range(256)]},
        "split": run_split_secret,
        "combine": run_combine,
    },
    "recovery": {
        "split-seed": run_split_seed,
        "verify-split": run_verify_split,
        "open-share": run_open_share,
        "sign-request": run_sign_request,
        "verify-request": run_verify_request,
        "open-given": run_open_given,
        "recover": run_recover,
    },
    "contributions": {
        "state-key": run_state_key,
        "verify-key": run_verify_statistics_key,
        "open-link": run_open_statistics_link,
        "token": run_contribution_token,
        "sign": run_sign_counted,
        "open": run_open_contribution,
    },
    "releases": {"verify-release": run_verify_release},
    "frames": {"encode": run_encode_frame, "decode": run_decode_frame, "assemble": run_assemble},
    "records": {"up": run_up, "down": run_down},
    "work": {"search": run_search, "check": run_check},
    "hours": {"hours": run_hours, "promised": run_promised, "open": run_open_at},
}  # fmt: skip


def cases() -> Iterator[Any]:
    for file in RUN:
        vectors = json.loads((FOLDER / f"{file}.json").read_text(encoding="ascii"))
        for case in vectors["cases"]:
            yield pytest.param(file, case, id=f"{file}: {case['name']}")


def outcome(run: Callable[[Result], Result], inputs: Result) -> Result:
    try:
        return plain(run(inputs))
    except (CryptoError, WireError) as error:
        return {"failure": error.failure, "code": error.code}


def tampered(inputs: Result) -> Iterator[tuple[int, Result]]:
    """Each of the cases that a `tamper` case stands for."""
    field, xor = inputs["field"], inputs["xor"]
    for index in range(inputs["from"], inputs["to"], inputs["step"]):
        data = bytearray.fromhex(inputs[field])
        data[index] ^= xor
        yield index, {**inputs, field: data.hex()}


@pytest.mark.parametrize(("file", "case"), list(cases()))
def test_every_vector_gives_what_it_promises(file: str, case: Result) -> None:
    inputs, expect = case["inputs"], case["expect"]
    if case["do"] == "client-code":
        assert run_client_code(inputs, case["name"]) == expect
        return
    run = RUN[file][case["do"]]
    if "tamper" not in inputs:
        assert outcome(run, inputs) == expect
        return
    assert "failure" not in outcome(run, inputs)
    for index, changed in tampered(inputs):
        due = next(r for r in expect["ranges"] if r["from"] <= index < r["to"])
        assert outcome(run, changed) == {"failure": due["failure"], "code": due["code"]}, f"byte {index}"


def test_the_code_vectors_list_every_code_once() -> None:
    vectors = json.loads((FOLDER / "codes.json").read_text(encoding="ascii"))
    assert [case["name"] for case in vectors["cases"]] == [*[code.text for code in Code], *CLIENT_CODES]
