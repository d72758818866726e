"""What the experts' desk and the server say to each other in JSON (SPEC 9).

One definition for the server, which validates and answers by it, for the Python client, and for openapi.json, from
which the browser's types are made. Bytes are base64url; a pattern lets through exactly what `b64decode` does.
"""

import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from lyhty_wire.audit import ENTRY_BYTES
from lyhty_wire.encoding import b64decode
from lyhty_wire.ids import EXPERT_ID_BYTES, HASH_BYTES, CaseId, ExpertId, QueueId
from lyhty_wire.recovery import REQUEST_BYTES
from lyhty_wire.renewals import RENEWAL_BYTES
from lyhty_wire.unlocks import KEY_BLOB_BYTES, NEW_UNLOCK_BYTES
from lyhty_wire.work import MAX_SIGN_IN_EFFORT, SOLUTION_BYTES

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def is_address(text: str) -> bool:
    return 6 <= len(text) <= 254 and re.fullmatch(_ADDRESS, text) is not None


def base64url(size_bytes: int) -> Meta:
    """The text of exactly so many bytes: its length, and in its last character no bits that mean nothing."""
    length, spare_bits = -(-size_bytes * 8 // 6), -size_bytes * 8 % 6
    last = f"[{_ALPHABET[:: 1 << spare_bits]}]" if spare_bits else "[A-Za-z0-9_-]"
    return Meta(pattern=f"^[A-Za-z0-9_-]{{{length - 1}}}{last}$")


# Of any number of bytes: as above.
_WHOLE: Final = f"^([A-Za-z0-9_-]{{4}})*([A-Za-z0-9_-][{_ALPHABET[::16]}]|[A-Za-z0-9_-]{{2}}[{_ALPHABET[::4]}])?$"

Bytes16 = Annotated[str, base64url(16)]
Bytes32 = Annotated[str, base64url(32)]
Bytes64 = Annotated[str, base64url(64)]
WorkBytes = Annotated[str, base64url(SOLUTION_BYTES)]
KeyBlob = Annotated[str, base64url(KEY_BLOB_BYTES)]
RenewalBytes = Annotated[str, base64url(RENEWAL_BYTES)]
NewUnlockBytes = Annotated[str, base64url(NEW_UNLOCK_BYTES)]
CardBytes = Annotated[str, base64url(1024)]
WrapBytes = Annotated[str, base64url(1213)]
LinkBytes = Annotated[str, base64url(48)]
AnyBytes = Annotated[str, Meta(pattern=_WHOLE, min_length=2)]
SplitBytes = Annotated[str, Meta(pattern=_WHOLE, min_length=2, max_length=17_000)]
RequestBytes = Annotated[str, base64url(REQUEST_BYTES)]
EntryBytes = Annotated[str, base64url(ENTRY_BYTES)]
KeptBytes = Annotated[str, base64url(61)]
OfferBytes = Annotated[str, Meta(pattern=_WHOLE, min_length=2, max_length=4_096)]
ApplicationBytes = Annotated[str, Meta(pattern=_WHOLE, min_length=2, max_length=4_096)]
# WebAuthn: at most 1,023 bytes.
CredentialId = Annotated[str, Meta(pattern=_WHOLE, min_length=2, max_length=1_364)]
U32 = Annotated[int, Meta(ge=0, le=2**32 - 1)]
QueueNumber = Annotated[int, Meta(ge=1, le=65_535)]
Effort = Annotated[int, Meta(ge=0, le=MAX_SIGN_IN_EFFORT, description="of the work that goes with the proof; 0: none")]
Seconds = Annotated[int, Meta(ge=0, description="since 1970")]
Hour = Annotated[int, Meta(ge=0, description="hours since 1970")]
# At least one character that trimming leaves (SPEC 2.3).
AccountName = Annotated[str, Meta(min_length=1, max_length=200, pattern="[^ \t\r\n]")]
# One plain address: no name, no quotes, nothing that could end a line or begin another recipient.
_ADDRESS: Final = "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}[.])+[A-Za-z0-9-]{2,63}$"
Address = Annotated[str, Meta(min_length=6, max_length=254, pattern=_ADDRESS)]
Weekday = Annotated[int, Meta(ge=0, le=6, description="0 is Monday")]
MinuteOfDay = Annotated[int, Meta(ge=0, le=24 * 60)]
MAX_SHIFTS: Final = 500
Cursor = Annotated[str, Meta(pattern="^[01]-[0-9]{1,18}$")]


class Anchor(msgspec.Struct, frozen=True):
    instance: Bytes32


class OpeningHours(msgspec.Struct, frozen=True):
    """When the service is open and by when it promises an answer (SPEC 9.5), the same for everybody."""

    keep_days: int
    open: list[Annotated[list[Seconds], Meta(min_length=2, max_length=2)]]
    promise_s: int
    urgent_s: int
    zone: str


class Problem(msgspec.Struct, frozen=True):
    """A refusal: one of the codes of SPEC 7, and nothing else."""

    code: str


# --- Signing in


class Start(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: AccountName


class Challenge(msgspec.Struct, frozen=True):
    """What a proof must be made of, and how the password is stretched (SPEC 2.3)."""

    challenge: Bytes32
    salt: Bytes16
    m_kib: U32
    t: U32
    p: U32
    effort: Effort


class PasskeyChallenge(msgspec.Struct, frozen=True):
    """`rp_id`: the name of the site, to which passkeys are bound."""

    challenge: Bytes32
    rp_id: str


class Assertion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a passkey has signed (WebAuthn). Its PRF secret is never part of it."""

    challenge: Bytes32
    credential: CredentialId
    authenticator_data: AnyBytes
    client_data: AnyBytes
    signature: AnyBytes


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    challenge: Bytes32
    name: AccountName
    proof: Bytes64
    work: WorkBytes | None = None


class Finish(Proof, frozen=True, forbid_unknown_fields=True):
    passkey: Assertion | None = None


class SignedIn(msgspec.Struct, frozen=True):
    token: Bytes32
    expert: Bytes16
    keys: KeyBlob
    queue_wraps: list[WrapBytes]
    keys_hour: Hour | None
    """Since when the directory lists one's `kem`; null: nobody has noted it."""


class NewUnlockTerms(msgspec.Struct, frozen=True):
    """What another password is proved with (SPEC 9.4): all as in `Challenge`, of the account that is signed in."""

    name: str
    challenge: Bytes32
    salt: Bytes16
    m_kib: U32
    t: U32
    p: U32
    effort: Effort
    keys_hour: Hour | None
    """Since when the directory lists the present `kem`; null: nobody has noted it."""
    renewing: bool
    """A new one waits for a coordinator."""


class NewKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The next `kem` (SPEC 2.3): said by `sign`, sealed as the account's keys will be, and the seeds sealed for it."""

    renewal: RenewalBytes
    keys: KeyBlob
    wraps: list[WrapBytes]


class WaitingRenewal(msgspec.Struct, frozen=True):
    expert: Bytes16
    renewal: RenewalBytes


class Renewals(msgspec.Struct, frozen=True):
    """What a coordinator's client verifies and lists with its next key act (SPEC 9.1)."""

    renewals: list[WaitingRenewal]


class ChangeUnlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`new`: SPEC 2.3, signed over the challenge by the login key of before and by the new one."""

    challenge: Bytes32
    new: NewUnlockBytes
    work: WorkBytes | None = None
    new_keys: NewKeys | None = None


class OwnWraps(msgspec.Struct, frozen=True):
    """The seeds sealed for oneself, as they are now."""

    queue_wraps: list[WrapBytes]


class Done(msgspec.Struct, frozen=True):
    """Nothing more to say."""


# --- Keys


class SealedSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    expert: Bytes16
    wrap: WrapBytes


class KeyAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The next directory, the seeds sealed for its experts, the invitation whose application it accepts, and the entry
    of the audit log that says so."""

    directory: AnyBytes
    wraps: list[SealedSeed]
    accept: Bytes16 | None
    entry: EntryBytes


class NewInvitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The server can open neither: `offer` is for who has the link, `kept` for coordinators (SPEC 5.7)."""

    id: Bytes16
    offer: OfferBytes
    kept: KeptBytes


class WaitingInvitation(msgspec.Struct, frozen=True):
    id: Bytes16
    offer: OfferBytes
    kept: KeptBytes
    expires: Seconds
    application: AnyBytes | None


class Invitations(msgspec.Struct, frozen=True):
    invitations: list[WaitingInvitation]


class OpenInvitation(msgspec.Struct, frozen=True):
    """For whoever knows its id."""

    offer: OfferBytes
    applied: bool


class Apply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    application: ApplicationBytes


class Founding(msgspec.Struct, frozen=True):
    packet: AnyBytes


class FoundingAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first coordinator's directory, seeds and account."""

    directory: AnyBytes
    wraps: list[SealedSeed]
    application: ApplicationBytes


class Certified(msgspec.Struct, frozen=True):
    version: U32


# --- Passkeys and sessions


class NewPasskeyTerms(msgspec.Struct, frozen=True):
    """What a passkey is made with. `known`: those there are, so that a device makes no second one."""

    challenge: Bytes32
    rp_id: str
    name: AccountName
    known: list[CredentialId]


class NewPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a device answers (WebAuthn), and the expert's keys sealed under the passkey's PRF secret (SPEC 2.3)."""

    challenge: Bytes32
    credential: CredentialId
    attestation: AnyBytes
    client_data: AnyBytes
    keys: KeyBlob


class Passkey(msgspec.Struct, frozen=True):
    credential: CredentialId
    added_hour: Hour


class Passkeys(msgspec.Struct, frozen=True):
    """One's own, the oldest first."""

    passkeys: list[Passkey]


class Session(msgspec.Struct, frozen=True):
    """Where somebody is signed in: since which hour, and whether it is here. Nothing else is known of it."""

    session: Bytes16
    begun_hour: Hour
    this: bool


class Sessions(msgspec.Struct, frozen=True):
    """One's own, the oldest first."""

    sessions: list[Session]


class Ended(msgspec.Struct, frozen=True):
    """How many sessions there were to end."""

    ended: U32


# --- Places and envelopes


class Snooze(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when a place sleeps, and the newest envelope its holder had seen: what comes after it wakes the place."""

    until: Seconds
    seq: U32


class Place(msgspec.Struct, frozen=True):
    """One case in one queue, as the server sees it."""

    case: Bytes32
    queue: QueueNumber
    urgent: bool
    state: Literal["waiting", "held", "closed"]
    holder: Bytes16 | None
    lease_until: Seconds | None
    opened_hour: Hour
    seq: Annotated[int, Meta(ge=1, description="the case's number in order of arrival")]
    last_seq: U32
    card: CardBytes
    card_wrap: WrapBytes
    answered: Annotated[bool, Meta(description="an expert has answered from this queue")]
    missed: Annotated[bool, Meta(description="the promised time passed before anybody did")]
    lapses: Annotated[int, Meta(ge=0, description="how often it came back because a lease had passed")]
    snooze: Snooze | None
    closer: Annotated[Bytes16 | None, Meta(description="who closed it")]
    closed_hour: Annotated[int | None, Meta(description="hours since 1970")]
    closed_nth: Annotated[int | None, Meta(description="order of closing in its queue")]
    closed_seq: Annotated[int | None, Meta(description="of a closed case: its newest envelope when it was closed")]

    @property
    def case_id(self) -> CaseId:
        return CaseId(b64decode(self.case, HASH_BYTES))

    @property
    def queue_id(self) -> QueueId:
        return QueueId(self.queue)

    @property
    def holder_id(self) -> ExpertId | None:
        return None if self.holder is None else ExpertId(b64decode(self.holder, EXPERT_ID_BYTES))


class QueuePage(msgspec.Struct, frozen=True):
    """Waiting and held places: urgent first, then oldest."""

    cases: list[Place]
    next: Cursor | None


class QueueCounts(msgspec.Struct, frozen=True):
    """How many places of a queue are open; of what is closed nobody counts."""

    waiting: U32
    held: U32


class ClosedPage(msgspec.Struct, frozen=True):
    """Newest closed first."""

    cases: list[Place]
    more: bool


class Snoozing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """None wakes the place."""

    snooze: Snooze | None


class OpenedPlace(msgspec.Struct, frozen=True):
    """What the holder of a place gets: rosters of all generations, and for this queue the wraps there are.

    `links` has an entry for each roster: what leads from its key to the one before (SPEC 3.4), or null.
    """

    place: Place
    rosters: list[AnyBytes]
    wraps: list[WrapBytes]
    sign_pk: Bytes32
    links: list[LinkBytes | None]


class StoredEnvelope(msgspec.Struct, frozen=True):
    seq: U32
    envelope: AnyBytes


class EnvelopePage(msgspec.Struct, frozen=True):
    """Oldest first."""

    envelopes: list[StoredEnvelope]
    more: bool


class Appended(msgspec.Struct, frozen=True):
    seq: U32


# --- On call, and notices


class Shift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When an expert is on call, every week, by the service's clock; `to_min` is not in it any more."""

    expert: Bytes16
    weekday: Weekday
    from_min: MinuteOfDay
    to_min: MinuteOfDay


class Shifts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shifts: Annotated[list[Shift], Meta(max_length=MAX_SHIFTS)]


class OnCall(msgspec.Struct, frozen=True):
    shifts: list[Shift]
    now: Annotated[list[Bytes16], Meta(description="who is on call at this moment")]


class NoticeWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one wants to be told of work while no console is open, and of what. Without an address nothing is kept."""

    address: Address | None
    new_case: bool
    wrote: bool
    missed: bool


class Notices(msgspec.Struct, frozen=True):
    wish: NoticeWish
    sends: Annotated[bool, Meta(description="whether this server has a mail server at all")]


# --- Rooms


class NewSealedRoom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A room beside a case (SPEC 3.5): its roster, the wraps the roster names, and what is written first."""

    kind: Literal["notes", "consultation"]
    roster: AnyBytes
    wraps: list[WrapBytes]
    envelope: AnyBytes


class SealedRoom(msgspec.Struct, frozen=True):
    """A room that one may read; `wraps`: to one's own queues."""

    room: Bytes32
    case: Bytes32
    kind: Literal["notes", "consultation", "slip"]
    roster: AnyBytes
    wraps: list[WrapBytes]
    last_seq: U32
    ended: bool

    @property
    def case_id(self) -> CaseId:
        return CaseId(b64decode(self.case, HASH_BYTES))


class SealedRooms(msgspec.Struct, frozen=True):
    """First to last."""

    rooms: list[SealedRoom]


class ConsultationPage(msgspec.Struct, frozen=True):
    """Where a colleague is asked, oldest first."""

    rooms: list[SealedRoom]
    next: Annotated[str, Meta(pattern="^[0-9]{1,18}$")] | None


# --- A case's next key


class QueueEpoch(msgspec.Struct, frozen=True):
    queue: QueueNumber
    epoch: U32


class EpochsInUse(msgspec.Struct, frozen=True):
    """The epochs of the directory that a case's key or card is wrapped to: the others may leave it."""

    epochs: list[QueueEpoch]


class AuditPage(msgspec.Struct, frozen=True):
    """Entries of the audit log in its order (SPEC 9.10)."""

    entries: list[EntryBytes]
    more: bool


class OwnEntry(msgspec.Struct, frozen=True):
    """The last one that somebody has signed."""

    entry: EntryBytes | None


class Witness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A coordinator has read the whole log and signs where it ends."""

    entry: EntryBytes


class Witnessed(msgspec.Struct, frozen=True):
    """Its place in the log."""

    seq: U32


class UnturnedPage(msgspec.Struct, frozen=True):
    """Open cases that a key which has passed still opens: urgent first, then oldest."""

    cases: list[Bytes32]
    next: Cursor | None


class ForTurn(msgspec.Struct, frozen=True):
    """What is needed, besides the envelopes, to give a case its next key; as in OpenedPlace."""

    sign_pk: Bytes32
    last_seq: U32
    rosters: list[AnyBytes]
    wraps: list[WrapBytes]
    links: list[LinkBytes | None]
    card_wrap: WrapBytes


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The next key of a case (SPEC 3.4). `last_seq`: of the newest envelope that the turn message knows of."""

    last_seq: U32
    roster: AnyBytes
    own_wrap: WrapBytes
    link: LinkBytes
    wraps: list[WrapBytes]
    card_wraps: list[WrapBytes]
    envelope: AnyBytes


# --- Recovery shares


class NewSplit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A split (SPEC 5.9), and a wrap for each of its holders, in its order."""

    split: SplitBytes
    shares: list[WrapBytes]


class GivenShare(msgspec.Struct, frozen=True):
    expert: Bytes16
    wrap: WrapBytes


class SplitOfEpoch(msgspec.Struct, frozen=True):
    queue: QueueNumber
    epoch: U32
    split: SplitBytes
    share: Annotated[WrapBytes | None, Meta(description="one's own")]
    used: Annotated[bool, Meta(description="a share of it has been given to somebody, once")]
    givers: list[Bytes16]
    given: Annotated[list[GivenShare], Meta(description="to who asks for them; to others none")]


class RequestForShares(msgspec.Struct, frozen=True):
    """The last one for its queue, open or ended."""

    queue: QueueNumber
    request: RequestBytes
    ended_by: Bytes16 | None


class Recovery(msgspec.Struct, frozen=True):
    splits: list[SplitOfEpoch]
    requests: list[RequestForShares]


class AskForShares(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    request: RequestBytes


class StopRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    request: Annotated[Bytes32, Meta(description="its hash: only what one has seen is stopped")]


class ShareOfEpoch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    epoch: U32
    wrap: WrapBytes


class GiveShares(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    request: Bytes32
    shares: list[ShareOfEpoch]


# --- Shelves


class NewShelfRoom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The next key of a shelf (SPEC 3.6), and what is written first under it. `after`: the newest seq that was read."""

    after: U32
    roster: AnyBytes
    wrap: WrapBytes
    envelope: AnyBytes


class ShelfRoom(msgspec.Struct, frozen=True):
    """`wrap`: of the newest key."""

    room: Bytes32
    roster: AnyBytes
    wrap: WrapBytes | None
    first_seq: U32


class Shelf(msgspec.Struct, frozen=True):
    """First key to last."""

    rooms: list[ShelfRoom]
    last_seq: U32


# --- The feed


class Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first message on a feed: who asks."""

    token: Bytes32


class FeedAnswering(msgspec.Struct, frozen=True, tag_field="type", tag="answering", forbid_unknown_fields=True):
    """Said by a desk: its expert writes in a case they hold. Told to the other holders of that case, and not kept."""

    case: Bytes32
    queue: QueueNumber


class FeedReady(msgspec.Struct, frozen=True, tag_field="type", tag="ready"):
    """From now on nothing is missed."""


class FeedRefused(msgspec.Struct, frozen=True, tag_field="type", tag="refused"):
    code: Literal["not-signed-in"] = "not-signed-in"


class FeedPlace(msgspec.Struct, frozen=True, tag_field="type", tag="place"):
    place: Place


class FeedEnvelope(msgspec.Struct, frozen=True, tag_field="type", tag="envelope"):
    case: Bytes32
    seq: U32


class FeedErased(msgspec.Struct, frozen=True, tag_field="type", tag="erased"):
    case: Bytes32


class FeedHere(msgspec.Struct, frozen=True, tag_field="type", tag="here"):
    """Whether the reporter of a case that one holds has the page open."""

    case: Bytes32
    here: bool


class FeedTrust(msgspec.Struct, frozen=True, tag_field="type", tag="trust"):
    """There is a newer directory: whoever hears it renews theirs, and the seeds sealed for them."""

    version: U32


class FeedRoom(msgspec.Struct, frozen=True, tag_field="type", tag="room"):
    """A room that one may read has something new, is new itself, has ended, or has been taken back."""

    room: Bytes32
    case: Bytes32
    kind: Literal["notes", "consultation", "slip"]
    seq: U32


class FeedShelf(msgspec.Struct, frozen=True, tag_field="type", tag="shelf"):
    """A template of one's queue was written, changed or removed."""

    queue: QueueNumber
    seq: U32


class FeedApplication(msgspec.Struct, frozen=True, tag_field="type", tag="application"):
    """Somebody has answered an invitation; to coordinators."""

    invitation: Bytes16


class FeedRecovery(msgspec.Struct, frozen=True, tag_field="type", tag="recovery"):
    """Shares of the queue's seeds were made, asked for or given, or a request was ended; to everybody."""

    queue: QueueNumber


FeedMessage = (
    FeedReady
    | FeedRefused
    | FeedPlace
    | FeedEnvelope
    | FeedErased
    | FeedHere
    | FeedTrust
    | FeedRoom
    | FeedShelf
    | FeedAnswering
    | FeedApplication
    | FeedRecovery
)
