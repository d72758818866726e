"""The HTTP API as one table (SPEC 9): what may be asked where, what is answered, and how it may be refused.

From it come the handlers (`asking.py`), so that nothing is validated that is not documented, and openapi.json
(`document.py`).
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, Literal, TypeAlias, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

from lyhty_server.domain.admission import MAX_PAGE_ENTRIES
from lyhty_server.figures.methods import MethodsPage
from lyhty_server.figures.pages import FiguresPage, ReportReady
from lyhty_wire import desk, figures_desk, kit_desk, organisation_desk, viewing
from lyhty_wire.codes import Code
from lyhty_wire.desk import U32, Bytes16, Bytes32, CredentialId, Cursor, EntryBytes, QueueNumber
from lyhty_wire.figures.releases import MAX_RELEASE_BYTES
from lyhty_wire.figures_desk import PeriodName
from lyhty_wire.kit_desk import OrganisationId, PaperFormat, PaperLanguage, PaperName

Params = TypeVar("Params", bound=Struct)
Body = TypeVar("Body")
Answer = TypeVar("Answer")

FigureFileName = Annotated[str, Meta(pattern=r"^[a-z]{1,16}\.[a-z]{2,4}$")]
FiguresLanguage = Literal["fi", "sv", "en"]
Limit = Annotated[int, Meta(ge=1, le=MAX_PAGE_ENTRIES)]
DEFAULT_LIMIT: Final = 50
MAX_AUDIT_ENTRIES: Final = 500  # 130 kB
MAX_BODY_BYTES: Final = 70_000  # an envelope has at most 65,536
MAX_ROOM_BYTES: Final = 131_072  # an envelope of 65,536 bytes and 15 wraps, in base64
MAX_SHARES_BYTES: Final = 524_288  # a split among 255 holders, a wrap for each
MAX_NEW_KEYS_BYTES: Final = 131_072  # seeds for eighty epochs
MAX_CONTRIBUTED_BYTES: Final = 262_144  # a hundred contributions, in base64
MAX_KEY_ACT_BYTES: Final = 2_097_152  # two hundred experts, each with a seed for several epochs


class Nothing(Struct, frozen=True):
    pass


class InInvitation(Struct, frozen=True):
    invitation: Bytes16


class InSession(Struct, frozen=True):
    session: Bytes16


class InPasskey(Struct, frozen=True):
    credential: CredentialId


class InExpert(Struct, frozen=True):
    expert: Bytes16


class InViewer(Struct, frozen=True):
    viewer: Bytes16


class InQueue(Struct, frozen=True):
    queue: QueueNumber
    after: Cursor | UnsetType = UNSET
    limit: Limit = DEFAULT_LIMIT


class InClosed(Struct, frozen=True):
    """`before` is a `closed_nth`; without it, the newest."""

    queue: QueueNumber
    before: U32 | UnsetType = UNSET
    limit: Limit = DEFAULT_LIMIT


class OfQueue(Struct, frozen=True):
    queue: QueueNumber


class InPlace(Struct, frozen=True):
    case: Bytes32
    queue: QueueNumber


class InCase(Struct, frozen=True):
    case: Bytes32


class InWriting(Struct, frozen=True):
    """`answers`: the queue whose promised answer this envelope is, as its writer says. `entry`: it is an opening, and
    this is what its writer signs of it for the audit log."""

    case: Bytes32
    answers: QueueNumber | UnsetType = UNSET
    entry: EntryBytes | UnsetType = UNSET


class InAudit(Struct, frozen=True):
    """`after`: how many entries are passed over."""

    after: U32 = 0
    limit: Annotated[int, Meta(ge=1, le=MAX_AUDIT_ENTRIES)] = MAX_AUDIT_ENTRIES


class InContributions(Struct, frozen=True):
    """`after`: the last token of the page before."""

    after: Bytes16 | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=MAX_AUDIT_ENTRIES)] = MAX_AUDIT_ENTRIES


class InRelease(Struct, frozen=True):
    """`period`: 2026-11, 2026-autumn, 2027-spring, 2026-2027."""

    period: PeriodName


class InImport(Struct, frozen=True):
    """`true`: say what it would change, and change nothing."""

    dry_run: Literal["true", "false"] = "false"


class InSchool(Struct, frozen=True):
    school: OrganisationId


class InPaper(Struct, frozen=True):
    """`format`: without it, the paper's usual one."""

    school: OrganisationId
    paper: PaperName
    language: PaperLanguage = "fi"
    format: PaperFormat | None = None


class InFigures(Struct, frozen=True):
    """`period`: a term or a school year; without it the newest."""

    organisation: OrganisationId
    period: PeriodName | UnsetType = UNSET
    language: FiguresLanguage = "fi"


class InFigureFile(Struct, frozen=True):
    organisation: OrganisationId
    name: FigureFileName
    period: PeriodName | UnsetType = UNSET
    language: FiguresLanguage = "fi"


class InMethods(Struct, frozen=True):
    language: FiguresLanguage = "fi"


class InTurn(Struct, frozen=True):
    case: Bytes32
    queue: QueueNumber
    after: U32 = 0
    limit: Limit = DEFAULT_LIMIT


class InConversation(Struct, frozen=True):
    """`before` asks for the newest before it, 0 for the newest of all; without it, for the oldest after `after`."""

    case: Bytes32
    after: U32 = 0
    before: U32 | UnsetType = UNSET
    limit: Limit = DEFAULT_LIMIT


class InConsultations(Struct, frozen=True):
    queue: QueueNumber
    after: U32 = 0
    limit: Limit = DEFAULT_LIMIT


class OnShelf(Struct, frozen=True):
    """`after`: the newest seq that its writer has read."""

    queue: QueueNumber
    after: U32


class OnShelfFrom(Struct, frozen=True):
    queue: QueueNumber
    after: U32 = 0
    limit: Limit = DEFAULT_LIMIT


class InRoom(Struct, frozen=True):
    room: Bytes32


class InRoomFrom(Struct, frozen=True):
    room: Bytes32
    after: U32 = 0
    limit: Limit = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class Route(Generic[Params, Body, Answer]):
    """`params` are of the path where the path names them, and else of the query. Body and answer are a struct as JSON,
    `bytes` as they are, or, for a body that nobody reads, None."""

    method: str
    path: str
    summary: str
    params: type[Params]
    body: type[Body]
    answer: type[Answer]
    refusals: frozenset[Code] = frozenset()
    needs_sign_in: bool = False
    is_kept: bool = False
    """A browser may keep the answer, and asks each time by its tag whether it is still the same."""
    max_body_bytes: int = MAX_BODY_BYTES

    @property
    def codes(self) -> frozenset[Code]:
        """Every refusal there can be, those that come with the kind of route included."""
        codes = {*self.refusals, Code.OPERATION_MALFORMED, Code.INTERNAL}
        if self.body is not type(None):
            codes.add(Code.TOO_LARGE)
        if "{" in self.path:
            codes.add(Code.ROUTE_UNKNOWN)
        if self.needs_sign_in:
            codes.add(Code.NOT_SIGNED_IN)
        return frozenset(codes)


@dataclass(frozen=True, slots=True)
class Socket:
    """A WebSocket. What is said on it is SPEC's; the table knows its address and how it is refused."""

    path: str
    summary: str
    said: str


AnyRoute: TypeAlias = Route[Any, Any, Any]

_STORED: Final = frozenset({Code.BUSY, Code.STORAGE_FAILED})
_OF_CASE: Final = _STORED | {Code.CASE_UNKNOWN, Code.CASE_ERASED}
_OF_HOLDER: Final = _OF_CASE | {Code.CASE_NOT_HELD}
_OF_ROOM: Final = _STORED | {Code.ROOM_UNKNOWN, Code.CASE_NOT_HELD}
_ON_SHELF: Final = _STORED | {
    Code.QUEUE_UNKNOWN, Code.ENVELOPE_MALFORMED, Code.EPOCH_STALE, Code.OBJECT_CONFLICT, Code.SHELF_CHANGED,
    Code.SHELF_FULL,
}  # fmt: skip
_OF_PLACE: Final = _OF_HOLDER | {Code.QUEUE_UNKNOWN, Code.CASE_CLOSED}
_OF_ENVELOPE: Final = frozenset({Code.ENVELOPE_MALFORMED, Code.OBJECT_CONFLICT, Code.COUNTER_CONFLICT})
_NONE: Final = type(None)
_PLACE: Final = "/api/cases/{case}/places/{queue}"
_ENVELOPES: Final = "/api/cases/{case}/envelopes"
_SHELF: Final = "/api/queues/{queue}/shelf"
_ROOM_ENVELOPES: Final = "/api/rooms/{room}/envelopes"
_TURN: Final = "/api/cases/{case}/turn/{queue}"

ANCHOR: Final = Route("GET", "/anchor.json", "The instance id (SPEC 5.4).", Nothing, _NONE, desk.Anchor)
TRUST: Final = Route("GET", "/api/trust", "The trust bundle (SPEC 5.5), the same for everybody.", Nothing, _NONE, bytes)
HOURS: Final = Route(
    "GET", "/api/hours", "Opening hours and promises (SPEC 9.5), the same for everybody.",
    Nothing, _NONE, desk.OpeningHours,
)  # fmt: skip
START: Final = Route(
    "POST", "/api/sign-in/start", "Ask for a challenge. An unknown name is answered like a known one.",
    Nothing, desk.Start, desk.Challenge, _STORED,
)  # fmt: skip
FINISH: Final = Route(
    "POST", "/api/sign-in/finish", "Prove the login key (SPEC 2.3), with work if the name costs any (9.4).",
    Nothing, desk.Finish, desk.SignedIn,
    _STORED | {Code.SIGN_IN_FAILED, Code.WORK_INSUFFICIENT, Code.SECOND_FACTOR_NEEDED},
)  # fmt: skip
START_PASSKEY: Final = Route(
    "POST", "/api/sign-in/passkey/start", "Ask for a challenge for a passkey.", Nothing, _NONE, desk.PasskeyChallenge
)
FINISH_PASSKEY: Final = Route(
    "POST", "/api/sign-in/passkey/finish", "Sign in with what a passkey has signed (SPEC 9.8).",
    Nothing, desk.Assertion, desk.SignedIn, _STORED | {Code.SIGN_IN_FAILED},
)  # fmt: skip
PASSKEYS: Final = Route(
    "GET", "/api/passkeys", "One's own passkeys.", Nothing, _NONE, desk.Passkeys, _STORED, needs_sign_in=True
)
BEGIN_PASSKEY: Final = Route(
    "POST", "/api/passkeys/start", "What a new passkey is made with.",
    Nothing, _NONE, desk.NewPasskeyTerms, _STORED, needs_sign_in=True,
)  # fmt: skip
ADD_PASSKEY: Final = Route(
    "POST", "/api/passkeys", "Add a passkey, with one's keys sealed under its secret (SPEC 2.3).",
    Nothing, desk.NewPasskey, desk.Passkeys, _STORED | {Code.SIGNATURE_INVALID, Code.OBJECT_CONFLICT},
    needs_sign_in=True,
)  # fmt: skip
REMOVE_PASSKEY: Final = Route(
    "POST", "/api/passkeys/{credential}/remove", "Remove one of one's own, and what it opens.",
    InPasskey, _NONE, desk.Passkeys, _STORED, needs_sign_in=True,
)  # fmt: skip
OUT: Final = Route(
    "POST", "/api/sign-out", "Forget the token.", Nothing, _NONE, desk.Done, needs_sign_in=True
)  # fmt: skip
BEGIN_UNLOCK: Final = Route(
    "POST", "/api/unlock/start", "What another password, or another device code, is proved with (SPEC 9.4).",
    Nothing, _NONE, desk.NewUnlockTerms, _STORED, needs_sign_in=True,
)  # fmt: skip
CHANGE_UNLOCK: Final = Route(
    "POST", "/api/unlock", "Another password, or another device code. All other sessions of one's own end.",
    Nothing, desk.ChangeUnlock, desk.Ended,
    _STORED
    | {Code.SIGN_IN_FAILED, Code.SIGNATURE_INVALID, Code.WORK_INSUFFICIENT, Code.ENVELOPE_MALFORMED},
    needs_sign_in=True, max_body_bytes=MAX_NEW_KEYS_BYTES,
)  # fmt: skip
RENEWALS: Final = Route(
    "GET", "/api/renewals", "New keys of experts that wait to be listed; for coordinators (SPEC 9.1).",
    Nothing, _NONE, desk.Renewals, _STORED | {Code.NOT_COORDINATOR}, needs_sign_in=True,
)  # fmt: skip
OWN_WRAPS: Final = Route(
    "GET", "/api/own-wraps", "The seeds sealed for oneself: what a newer directory may have brought.",
    Nothing, _NONE, desk.OwnWraps, _STORED, needs_sign_in=True,
)  # fmt: skip
DIRECTORY: Final = Route(
    "POST", "/api/directory", "The next directory, signed, with the seeds it brings; for coordinators (SPEC 9.1).",
    Nothing, desk.KeyAct, desk.Certified,
    _STORED
    | {
        Code.NOT_COORDINATOR, Code.DIRECTORY_OUTDATED, Code.EPOCH_IN_USE, Code.INVITATION_UNKNOWN,
        Code.SIGNATURE_INVALID, Code.ENVELOPE_MALFORMED, Code.OBJECT_CONFLICT, Code.COUNTER_CONFLICT,
        Code.RECOVERY_UNDER_WAY,
    },
    needs_sign_in=True, max_body_bytes=MAX_KEY_ACT_BYTES,
)  # fmt: skip
FOUNDING: Final = Route(
    "GET", "/api/founding", "The founding packet (SPEC 5.8), while the directory lists nobody.",
    Nothing, _NONE, desk.Founding, frozenset({Code.INVITATION_UNKNOWN}),
)  # fmt: skip
FOUND: Final = Route(
    "POST", "/api/founding", "The first coordinator certifies themselves (SPEC 9.3); only while there is none.",
    Nothing, desk.FoundingAct, desk.Certified,
    _STORED | {Code.NOT_COORDINATOR, Code.DIRECTORY_OUTDATED, Code.SIGNATURE_INVALID, Code.ENVELOPE_MALFORMED},
)  # fmt: skip
INVITE: Final = Route(
    "POST", "/api/invitations", "Make an invitation known; for coordinators (SPEC 5.7, 9.2).",
    Nothing, desk.NewInvitation, desk.Done, _STORED | {Code.NOT_COORDINATOR, Code.OBJECT_CONFLICT}, needs_sign_in=True,
)  # fmt: skip
INVITATIONS: Final = Route(
    "GET", "/api/invitations", "The invitations that wait, with their applications; for coordinators.",
    Nothing, _NONE, desk.Invitations, _STORED | {Code.NOT_COORDINATOR}, needs_sign_in=True,
)  # fmt: skip
WITHDRAW: Final = Route(
    "POST", "/api/invitations/{invitation}/withdraw", "Take an invitation back, and its application; for coordinators.",
    InInvitation, _NONE, desk.Done, _STORED | {Code.NOT_COORDINATOR}, needs_sign_in=True,
)  # fmt: skip
INVITATION: Final = Route(
    "GET", "/api/invitations/{invitation}", "The offer, for whoever has the link.",
    InInvitation, _NONE, desk.OpenInvitation, _STORED | {Code.INVITATION_UNKNOWN},
)  # fmt: skip
APPLY: Final = Route(
    "POST", "/api/invitations/{invitation}/application", "Answer an invitation, once.",
    InInvitation, desk.Apply, desk.Done,
    _STORED | {Code.INVITATION_UNKNOWN, Code.OBJECT_CONFLICT, Code.SIGNATURE_INVALID},
)  # fmt: skip
SESSIONS: Final = Route(
    "GET", "/api/sessions", "Where one is signed in.", Nothing, _NONE, desk.Sessions, needs_sign_in=True
)  # fmt: skip
END_SESSION: Final = Route(
    "POST", "/api/sessions/{session}/end", "End one of one's own sessions; its feed closes.",
    InSession, _NONE, desk.Done, frozenset({Code.SESSION_UNKNOWN}), needs_sign_in=True,
)  # fmt: skip
END_OTHERS: Final = Route(
    "POST", "/api/sessions/end-others", "End all of one's own sessions but this one.",
    Nothing, _NONE, desk.Ended, needs_sign_in=True,
)  # fmt: skip
END_OF: Final = Route(
    "POST", "/api/experts/{expert}/sessions/end", "End all sessions of an expert; for coordinators.",
    InExpert, _NONE, desk.Ended, frozenset({Code.NOT_COORDINATOR}), needs_sign_in=True,
)  # fmt: skip
QUEUE: Final = Route(
    "GET", "/api/queues/{queue}", "A page of one's queue.",
    InQueue, _NONE, desk.QueuePage, _STORED | {Code.QUEUE_UNKNOWN}, needs_sign_in=True,
)  # fmt: skip
COUNTS: Final = Route(
    "GET", "/api/queues/{queue}/counts", "How many places of one's queue are open.",
    OfQueue, _NONE, desk.QueueCounts, _STORED | {Code.QUEUE_UNKNOWN}, needs_sign_in=True,
)  # fmt: skip
CLOSED: Final = Route(
    "GET", "/api/queues/{queue}/closed", "What one has closed in one's queue; for coordinators what anybody has.",
    InClosed, _NONE, desk.ClosedPage, _STORED | {Code.QUEUE_UNKNOWN}, needs_sign_in=True,
)  # fmt: skip
CLAIM: Final = Route(
    "POST", f"{_PLACE}/claim", "Take a place, or renew one's lease of it.",
    InPlace, _NONE, desk.OpenedPlace,
    _OF_CASE | {Code.QUEUE_UNKNOWN, Code.CASE_CLOSED, Code.CASE_ALREADY_CLAIMED, Code.CAPACITY_REACHED},
    needs_sign_in=True,
)  # fmt: skip
REOPEN: Final = Route(
    "POST", f"{_PLACE}/reopen", "Take back a place one has closed.",
    InPlace, _NONE, desk.OpenedPlace, _OF_PLACE | {Code.CAPACITY_REACHED}, needs_sign_in=True,
)  # fmt: skip
SNOOZE: Final = Route(
    "POST", f"{_PLACE}/snooze", "Put a place one holds aside until a time, or take it up again.",
    InPlace, desk.Snoozing, desk.Place, _OF_PLACE, needs_sign_in=True,
)  # fmt: skip
OPENED: Final = Route(
    "GET", _PLACE, "A place one holds, or has closed.", InPlace, _NONE, desk.OpenedPlace, _OF_PLACE, needs_sign_in=True
)
RELEASE: Final = Route(
    "POST", f"{_PLACE}/release", "Give a place back to its queue.",
    InPlace, _NONE, desk.Place, _OF_PLACE, needs_sign_in=True,
)  # fmt: skip
CLOSE: Final = Route(
    "POST", f"{_PLACE}/close", "Close a place.", InPlace, _NONE, desk.Place, _OF_PLACE, needs_sign_in=True
)
ENVELOPES: Final = Route(
    "GET", _ENVELOPES, "Envelopes of a case, oldest first, or with `before` newest first; for holders and closers.",
    InConversation, _NONE, desk.EnvelopePage, _OF_HOLDER, needs_sign_in=True,
)  # fmt: skip
PUT_ENVELOPE: Final = Route(
    "PUT", _ENVELOPES, "Store an envelope (SPEC 4) of one's own; for holders. The same bytes may be sent again.",
    InWriting, bytes, desk.Appended,
    _OF_HOLDER
    | {
        Code.CASE_CLOSED, Code.GENERATION_STALE, Code.EPOCH_STALE, Code.SIGNATURE_INVALID, Code.DIRECTORY_OUTDATED,
    }
    | _OF_ENVELOPE,
    needs_sign_in=True,
)  # fmt: skip
EPOCHS: Final = Route(
    "GET", "/api/epochs", "Which epochs of the directory cases are still wrapped to; for coordinators.",
    Nothing, _NONE, desk.EpochsInUse, _STORED | {Code.NOT_COORDINATOR}, needs_sign_in=True,
)  # fmt: skip
UNTURNED: Final = Route(
    "GET", "/api/queues/{queue}/unturned", "Open cases of one's queue that wait for their next key; for coordinators.",
    InQueue, _NONE, desk.UnturnedPage, _STORED | {Code.QUEUE_UNKNOWN, Code.NOT_COORDINATOR}, needs_sign_in=True,
)  # fmt: skip
FOR_TURN: Final = Route(
    "GET", _TURN, "What a case's next key is made from; for its holder, for coordinators while it waits for one.",
    InPlace, _NONE, desk.ForTurn, _OF_PLACE, needs_sign_in=True,
)  # fmt: skip
TURN_ENVELOPES: Final = Route(
    "GET", f"{_TURN}/envelopes", "Its envelopes, oldest first: the turn message names the last of each author.",
    InTurn, _NONE, desk.EnvelopePage, _OF_PLACE, needs_sign_in=True,
)  # fmt: skip
TURN: Final = Route(
    "POST", _TURN, "Give a case its next key (SPEC 3.4); for its holder and coordinators.",
    InPlace, desk.Turn, desk.Appended,
    _OF_PLACE | {Code.GENERATION_STALE, Code.CASE_CHANGED, Code.EPOCH_STALE, Code.SIGNATURE_INVALID} | _OF_ENVELOPE,
    needs_sign_in=True,
)  # fmt: skip
ON_CALL: Final = Route(
    "GET", "/api/on-call", "Who is on call when: whom a missed promise climbs to (SPEC 9.6).",
    Nothing, _NONE, desk.OnCall, _STORED, needs_sign_in=True,
)  # fmt: skip
PUT_ON_CALL: Final = Route(
    "PUT", "/api/on-call", "Say anew who is on call; for coordinators.",
    Nothing, desk.Shifts, desk.OnCall, _STORED | {Code.NOT_COORDINATOR}, needs_sign_in=True,
)  # fmt: skip
NOTICES: Final = Route(
    "GET", "/api/notices", "Where one wants to be told of work, and of what.",
    Nothing, _NONE, desk.Notices, _STORED, needs_sign_in=True,
)  # fmt: skip
PUT_NOTICES: Final = Route(
    "PUT", "/api/notices", "Change it; without an address nothing of it is kept.",
    Nothing, desk.NoticeWish, desk.Notices, _STORED, needs_sign_in=True,
)  # fmt: skip
OPEN_ROOM: Final = Route(
    "POST", "/api/cases/{case}/rooms", "Open a sealed room beside a case (SPEC 3.5); for holders.",
    InCase, desk.NewSealedRoom, desk.Appended,
    _OF_HOLDER
    | {
        Code.QUEUE_UNKNOWN, Code.CASE_CLOSED, Code.ENVELOPE_MALFORMED, Code.SIGNATURE_INVALID, Code.EPOCH_STALE,
        Code.OBJECT_CONFLICT, Code.TOO_MANY_ROOMS,
    },
    needs_sign_in=True, max_body_bytes=MAX_ROOM_BYTES,
)  # fmt: skip
ROOMS_OF: Final = Route(
    "GET", "/api/cases/{case}/rooms", "The rooms beside a case that one may read.",
    InCase, _NONE, desk.SealedRooms, _OF_CASE, needs_sign_in=True,
)  # fmt: skip
CONSULTATIONS: Final = Route(
    "GET", "/api/queues/{queue}/consultations", "Where one's queue is asked for advice, oldest first.",
    InConsultations, _NONE, desk.ConsultationPage, _STORED | {Code.QUEUE_UNKNOWN}, needs_sign_in=True,
)  # fmt: skip
ROOM_ENVELOPES: Final = Route(
    "GET", _ROOM_ENVELOPES, "What is written in a room, oldest first.",
    InRoomFrom, _NONE, desk.EnvelopePage, _OF_ROOM, needs_sign_in=True,
)  # fmt: skip
PUT_IN_ROOM: Final = Route(
    "PUT", _ROOM_ENVELOPES, "Store an envelope of one's own in a room. The same bytes may be sent again.",
    InRoom, bytes, desk.Appended,
    _OF_ROOM | {Code.CASE_CLOSED, Code.ENVELOPE_MALFORMED, Code.OBJECT_CONFLICT, Code.COUNTER_CONFLICT},
    needs_sign_in=True,
)  # fmt: skip
END_ROOM: Final = Route(
    "POST", "/api/rooms/{room}/end", "Say that a consultation has ended; for holders of its case.",
    InRoom, _NONE, desk.Done, _OF_ROOM, needs_sign_in=True,
)  # fmt: skip
RECOVERY: Final = Route(
    "GET", "/api/recovery", "Who holds shares of which seeds, one's own shares, and who asks for them (SPEC 9.9).",
    Nothing, _NONE, desk.Recovery, _STORED, needs_sign_in=True,
)  # fmt: skip
SPLIT: Final = Route(
    "PUT", "/api/recovery/{queue}/split", "An epoch's seed in shares; for who may have it (SPEC 5.9).",
    OfQueue, desk.NewSplit, desk.Done,
    _STORED
    | {
        Code.QUEUE_UNKNOWN, Code.DIRECTORY_OUTDATED, Code.SIGNATURE_INVALID, Code.ENVELOPE_MALFORMED,
        Code.RECOVERY_UNDER_WAY,
    },
    needs_sign_in=True, max_body_bytes=MAX_SHARES_BYTES,
)  # fmt: skip
ASK: Final = Route(
    "POST", "/api/recovery/{queue}/ask", "Ask the coordinators for their shares; every expert hears of it.",
    OfQueue, desk.AskForShares, desk.Done,
    _STORED
    | {
        Code.NOT_COORDINATOR, Code.QUEUE_UNKNOWN, Code.SIGNATURE_INVALID, Code.RECOVERY_UNDER_WAY,
        Code.RECOVERY_UNKNOWN,
    },
    needs_sign_in=True,
)  # fmt: skip
STOP: Final = Route(
    "POST", "/api/recovery/{queue}/stop", "End a request for shares, and what was given for it; every expert may.",
    OfQueue, desk.StopRequest, desk.Done, _STORED | {Code.QUEUE_UNKNOWN, Code.RECOVERY_UNKNOWN}, needs_sign_in=True,
)  # fmt: skip
GIVE: Final = Route(
    "POST", "/api/recovery/{queue}/give", "Give one's shares to who asks; for coordinators.",
    OfQueue, desk.GiveShares, desk.Done,
    _STORED | {Code.NOT_COORDINATOR, Code.QUEUE_UNKNOWN, Code.RECOVERY_UNKNOWN, Code.ENVELOPE_MALFORMED},
    needs_sign_in=True, max_body_bytes=MAX_SHARES_BYTES,
)  # fmt: skip
SHELF: Final = Route(
    "GET", _SHELF, "The keys of the answer templates that one's queue's experts wrote (SPEC 3.6).",
    OfQueue, _NONE, desk.Shelf, _STORED | {Code.QUEUE_UNKNOWN}, needs_sign_in=True,
)  # fmt: skip
OPEN_SHELF: Final = Route(
    "POST", _SHELF, "Go on under a new key of the shelf.", OfQueue, desk.NewShelfRoom, desk.Appended,
    _ON_SHELF | {Code.SIGNATURE_INVALID}, needs_sign_in=True,
)  # fmt: skip
SHELF_ENVELOPES: Final = Route(
    "GET", f"{_SHELF}/envelopes", "What stands on the shelf, under all keys, oldest first.",
    OnShelfFrom, _NONE, desk.EnvelopePage, _STORED | {Code.QUEUE_UNKNOWN}, needs_sign_in=True,
)  # fmt: skip
PUT_ON_SHELF: Final = Route(
    "PUT", f"{_SHELF}/envelopes", "Store an envelope of one's own on the shelf. The same bytes may be sent again.",
    OnShelf, bytes, desk.Appended, _ON_SHELF | {Code.ROOM_UNKNOWN, Code.COUNTER_CONFLICT}, needs_sign_in=True,
)  # fmt: skip
AUDIT: Final = Route(
    "GET", "/api/audit", "The audit log (SPEC 9.10), oldest first; for coordinators.",
    InAudit, _NONE, desk.AuditPage, _STORED | {Code.NOT_COORDINATOR}, needs_sign_in=True,
)  # fmt: skip
OWN_ENTRY: Final = Route(
    "GET", "/api/audit/own", "One's own last entry: the next one goes on from it.",
    Nothing, _NONE, desk.OwnEntry, _STORED, needs_sign_in=True,
)  # fmt: skip
WITNESS: Final = Route(
    "POST", "/api/audit", "Sign where the log ends, having read all of it; for coordinators.",
    Nothing, desk.Witness, desk.Witnessed,
    _STORED
    | {Code.NOT_COORDINATOR, Code.SIGNATURE_INVALID, Code.COUNTER_CONFLICT, Code.DIRECTORY_OUTDATED},
    needs_sign_in=True,
)  # fmt: skip
CONTRIBUTE: Final = Route(
    "PUT", "/api/contributions", "What one's cases add to the figures (SPEC 12.3), sealed and shuffled.",
    Nothing, figures_desk.Contributed, desk.Done, _STORED | {Code.DIRECTORY_OUTDATED, Code.CAPACITY_REACHED},
    needs_sign_in=True, max_body_bytes=MAX_CONTRIBUTED_BYTES,
)  # fmt: skip
CONTRIBUTIONS: Final = Route(
    "GET", "/api/contributions", "What was contributed, by token; for coordinators.",
    InContributions, _NONE, figures_desk.ContributionPage, _STORED | {Code.NOT_COORDINATOR}, needs_sign_in=True,
)  # fmt: skip
REMOVE_CONTRIBUTIONS: Final = Route(
    "POST", "/api/contributions/remove", "Remove what no release needs any more; for coordinators (SPEC 12.4).",
    Nothing, figures_desk.RemoveContributions, desk.Done, _STORED | {Code.NOT_COORDINATOR}, needs_sign_in=True,
)  # fmt: skip
STATISTICS_KEY: Final = Route(
    "GET", "/api/statistics-key", "The key that contributions are sealed to, and those before it (SPEC 12.3).",
    Nothing, _NONE, figures_desk.StatisticsKeys, _STORED, needs_sign_in=True,
)  # fmt: skip
STATE_STATISTICS_KEY: Final = Route(
    "PUT", "/api/statistics-key", "State it, with links from those before; for coordinators.",
    Nothing, figures_desk.StateStatisticsKey, desk.Done,
    _STORED | {Code.NOT_COORDINATOR, Code.SIGNATURE_INVALID, Code.OBJECT_CONFLICT}, needs_sign_in=True,
    max_body_bytes=MAX_CONTRIBUTED_BYTES,
)  # fmt: skip
RELEASES: Final = Route(
    "GET", "/api/releases", "Of which periods figures are published; for coordinators.",
    Nothing, _NONE, figures_desk.ReleasedPeriods, _STORED | {Code.NOT_COORDINATOR}, needs_sign_in=True,
)  # fmt: skip
RELEASED: Final = Route(
    "GET", "/api/releases/{period}", "The figures of a period, as they were signed; for coordinators.",
    InRelease, _NONE, figures_desk.SignedRelease, _STORED | {Code.NOT_COORDINATOR}, needs_sign_in=True,
)  # fmt: skip
PUBLISH: Final = Route(
    "PUT", "/api/releases/{period}", "Publish the figures of a period, once; for coordinators (SPEC 12.4).",
    InRelease, bytes, desk.Done,
    _STORED
    | {Code.NOT_COORDINATOR, Code.SIGNATURE_INVALID, Code.DIRECTORY_OUTDATED, Code.OBJECT_CONFLICT},
    needs_sign_in=True, max_body_bytes=MAX_RELEASE_BYTES,
)  # fmt: skip
ORGANISATIONS: Final = Route(
    "GET", "/api/organisations", "Counties, municipalities, schools, and who pays (SPEC 12.1); for coordinators.",
    Nothing, _NONE, organisation_desk.Organisations, _STORED | {Code.NOT_COORDINATOR}, needs_sign_in=True,
)  # fmt: skip
IMPORT_ORGANISATIONS: Final = Route(
    "POST", "/api/organisations/import", "Bring in a file of them, CSV or XLSX, all or nothing; for coordinators.",
    InImport, bytes, organisation_desk.Imported, _STORED | {Code.NOT_COORDINATOR}, needs_sign_in=True,
    max_body_bytes=organisation_desk.MAX_IMPORT_BYTES,
)  # fmt: skip
_FOR_COORDINATORS: Final = _STORED | {Code.NOT_COORDINATOR}
INVITE_VIEWER: Final = Route(
    "POST", "/api/viewers/invitations", "Make known a link by which a viewer comes; for coordinators (SPEC 12.2).",
    Nothing, viewing.NewViewerInvitation, desk.Done,
    _FOR_COORDINATORS | {Code.ORGANISATION_UNKNOWN, Code.OBJECT_CONFLICT}, needs_sign_in=True,
)  # fmt: skip
VIEWER_INVITATIONS: Final = Route(
    "GET", "/api/viewers/invitations", "The links that nobody has come by yet; for coordinators.",
    Nothing, _NONE, viewing.ViewerInvitations, _FOR_COORDINATORS, needs_sign_in=True,
)  # fmt: skip
WITHDRAW_VIEWER: Final = Route(
    "POST", "/api/viewers/invitations/{invitation}/withdraw", "Take such a link back; for coordinators.",
    InInvitation, _NONE, desk.Done, _FOR_COORDINATORS, needs_sign_in=True,
)  # fmt: skip
VIEWERS: Final = Route(
    "GET", "/api/viewers", "Who sees whose figures; for coordinators.",
    Nothing, _NONE, viewing.Viewers, _FOR_COORDINATORS, needs_sign_in=True,
)  # fmt: skip
REMOVE_VIEWER: Final = Route(
    "POST", "/api/viewers/{viewer}/remove", "Remove a viewer, whose sessions end at once; for coordinators.",
    InViewer, _NONE, desk.Done, _FOR_COORDINATORS, needs_sign_in=True,
)  # fmt: skip
WELCOME: Final = Route(
    "POST", "/api/viewer/invitation", "Who is invited to see whose figures; for whoever has the link.",
    Nothing, viewing.Invited, viewing.Welcome, _STORED | {Code.INVITATION_UNKNOWN, Code.ORGANISATION_UNKNOWN},
)  # fmt: skip
JOIN: Final = Route(
    "POST", "/api/viewer/join", "Become a viewer with a password, by a link, once.",
    Nothing, viewing.JoinAsViewer, desk.Done, _STORED | {Code.INVITATION_UNKNOWN, Code.OBJECT_CONFLICT},
)  # fmt: skip
START_VIEWER: Final = Route(
    "POST", "/api/viewer/sign-in/start", "As an expert's; an unknown name is answered like a known one.",
    Nothing, desk.Start, desk.Challenge, _STORED,
)  # fmt: skip
FINISH_VIEWER: Final = Route(
    "POST", "/api/viewer/sign-in/finish", "Prove a viewer's login key, with work if the name costs any (SPEC 9.4).",
    Nothing, desk.Proof, viewing.ViewerSignedIn, _STORED | {Code.SIGN_IN_FAILED, Code.WORK_INSUFFICIENT},
)  # fmt: skip
DOORS: Final = Route(
    "GET", "/api/viewer/doors", "Whether there are municipal accounts to sign in with.", Nothing, _NONE, viewing.Doors
)  # fmt: skip
_OF_PROVIDER: Final = frozenset({Code.PROVIDER_REFUSED, Code.PROVIDER_UNAVAILABLE, Code.BUSY, Code.ROUTE_UNKNOWN})
TO_PROVIDER: Final = Route(
    "POST", "/api/viewer/provider/start", "Where to sign in with a municipal account.",
    Nothing, viewing.ToProvider, viewing.AtProvider, _OF_PROVIDER,
)  # fmt: skip
FROM_PROVIDER: Final = Route(
    "POST", "/api/viewer/provider/finish", "Come back from there; the first time by an invitation, which is used then.",
    Nothing, viewing.FromProvider, viewing.ViewerSignedIn,
    _STORED | _OF_PROVIDER | {Code.VIEWER_UNKNOWN, Code.INVITATION_UNKNOWN, Code.OBJECT_CONFLICT},
)  # fmt: skip
ME: Final = Route(
    "GET", "/api/viewer/me", "Who one is, and of whom one may see figures; for viewers.",
    Nothing, _NONE, viewing.Me, _STORED, needs_sign_in=True,
)  # fmt: skip
VIEWER_NOTICES: Final = Route(
    "GET", "/api/viewer/notices", "Where one wants to be told that a report can be downloaded; for viewers.",
    Nothing, _NONE, viewing.ReportNotices, _STORED, needs_sign_in=True,
)  # fmt: skip
PUT_VIEWER_NOTICES: Final = Route(
    "PUT", "/api/viewer/notices", "Change it; without an address nothing of it is kept.",
    Nothing, viewing.ReportWish, viewing.ReportNotices, _STORED, needs_sign_in=True,
)  # fmt: skip
VIEWER_OUT: Final = Route(
    "POST", "/api/viewer/sign-out", "Forget a viewer's token.", Nothing, _NONE, desk.Done, _STORED, needs_sign_in=True
)  # fmt: skip
VIEWER_SESSIONS: Final = Route(
    "GET", "/api/viewer/sessions", "Where a viewer is signed in.",
    Nothing, _NONE, desk.Sessions, _STORED, needs_sign_in=True,
)  # fmt: skip
END_VIEWER_SESSION: Final = Route(
    "POST", "/api/viewer/sessions/{session}/end", "End one of one's own sessions; for viewers.",
    InSession, _NONE, desk.Done, _STORED | {Code.SESSION_UNKNOWN}, needs_sign_in=True,
)  # fmt: skip
END_OTHER_VIEWER_SESSIONS: Final = Route(
    "POST", "/api/viewer/sessions/end-others", "End all of one's own sessions but this one; for viewers.",
    Nothing, _NONE, desk.Ended, _STORED, needs_sign_in=True,
)  # fmt: skip
_OF_SEEN: Final = _STORED | {Code.NOT_COORDINATOR, Code.ORGANISATION_UNKNOWN}
KIT: Final = Route(
    "GET", "/api/kits/{school}", "The papers of a school (SPEC 12.6); for coordinators, and viewers who see it.",
    InSchool, _NONE, kit_desk.Kit, _OF_SEEN, needs_sign_in=True,
)  # fmt: skip
PAPER: Final = Route(
    "GET", "/api/kits/{school}/{paper}", "One of them, made on the spot: PDF/UA, a picture, or text.",
    InPaper, _NONE, bytes, _OF_SEEN | {Code.PAPER_FAILED, Code.PAPER_UNAVAILABLE, Code.SITE_UNSET},
    needs_sign_in=True,
)  # fmt: skip
FIGURES: Final = Route(
    "GET", "/api/figures/{organisation}", "A page of published figures, in words, tables and drawings (SPEC 12.5).",
    InFigures, _NONE, FiguresPage, _OF_SEEN, needs_sign_in=True, is_kept=True,
)  # fmt: skip
FIGURE_FILE: Final = Route(
    "GET", "/api/figures/{organisation}/files/{name}", "The same as a file: PDF, XLSX, CSV, PX, JSON-stat or SVG.",
    InFigureFile, _NONE, bytes, _OF_SEEN | {Code.BUSY, Code.PAPER_FAILED, Code.PAPER_UNAVAILABLE},
    needs_sign_in=True, is_kept=True,
)  # fmt: skip
REPORT: Final = Route(
    "GET", "/api/figures/{organisation}/report", "How long until its report lies ready; begins to print it.",
    InFigures, _NONE, ReportReady, _OF_SEEN | {Code.BUSY, Code.PAPER_FAILED, Code.PAPER_UNAVAILABLE},
    needs_sign_in=True,
)  # fmt: skip
METHODS: Final = Route(
    "GET", "/api/figures/methods", "How the figures are made: in plain words, and for a statistician (SPEC 12.5).",
    InMethods, _NONE, MethodsPage, _FOR_COORDINATORS, needs_sign_in=True, is_kept=True,
)  # fmt: skip
ROUTES: Final = (
    ANCHOR, TRUST, HOURS, START, FINISH, OUT, OWN_WRAPS, DIRECTORY, QUEUE, COUNTS, CLOSED, CLAIM, REOPEN, SNOOZE,
    OPENED, RELEASE, CLOSE, ENVELOPES, PUT_ENVELOPE, ON_CALL, PUT_ON_CALL, NOTICES, PUT_NOTICES, OPEN_ROOM,
    ROOMS_OF, CONSULTATIONS, ROOM_ENVELOPES, PUT_IN_ROOM, END_ROOM, SHELF, OPEN_SHELF, SHELF_ENVELOPES,
    PUT_ON_SHELF, INVITE, INVITATIONS, WITHDRAW, INVITATION,
    APPLY, FOUNDING, FOUND, SESSIONS, END_SESSION, END_OTHERS, END_OF,
    EPOCHS, UNTURNED, FOR_TURN, TURN_ENVELOPES, TURN,
    BEGIN_UNLOCK, CHANGE_UNLOCK, RENEWALS,
    START_PASSKEY, FINISH_PASSKEY, PASSKEYS, BEGIN_PASSKEY, ADD_PASSKEY, REMOVE_PASSKEY,
    RECOVERY, SPLIT, ASK, STOP, GIVE,
    AUDIT, OWN_ENTRY, WITNESS,
    CONTRIBUTE, CONTRIBUTIONS, REMOVE_CONTRIBUTIONS, STATISTICS_KEY, STATE_STATISTICS_KEY,
    RELEASES, RELEASED, PUBLISH,
    ORGANISATIONS, IMPORT_ORGANISATIONS, KIT, PAPER,
    INVITE_VIEWER, VIEWER_INVITATIONS, WITHDRAW_VIEWER, VIEWERS, REMOVE_VIEWER, WELCOME, JOIN, START_VIEWER,
    FINISH_VIEWER, DOORS, TO_PROVIDER, FROM_PROVIDER, ME, VIEWER_OUT, VIEWER_SESSIONS, END_VIEWER_SESSION,
    END_OTHER_VIEWER_SESSIONS, VIEWER_NOTICES, PUT_VIEWER_NOTICES,
    METHODS, FIGURES, FIGURE_FILE, REPORT,
)  # fmt: skip

CHANNEL: Final = Socket(
    "/channel", "A reporter's channel.", "Binary frames of a fixed size, one a slot, as in SPEC 6; nothing else."
)
FEED: Final = Socket(
    "/feed", "An expert's live feed.",
    "The first text is a Hello. The server answers `ready` or `refused`, then tells what happens, each a FeedMessage. "
    "Afterwards a desk may say FeedAnswering, and nothing else.",
)  # fmt: skip
SOCKETS: Final = (CHANNEL, FEED)
