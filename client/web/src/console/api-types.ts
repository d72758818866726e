// Written by `make api` from openapi.json; change server/lyhty_server/api/routes.py or lyhty_wire/desk.py instead.

export type Kind = 'county' | 'municipality' | 'school'
/**
 * Of a file that is imported.
 */
export type ImportColumn =
    | 'begins'
    | 'ends'
    | 'funder'
    | 'grades'
    | 'id'
    | 'joined'
    | 'kind'
    | 'left'
    | 'name'
    | 'parent'
    | 'percent'
    | 'pupils'
/**
 * What is wrong with a file that is imported. Stable: every client has a sentence for each.
 */
export type ImportFault =
    | 'cell-missing'
    | 'column-missing'
    | 'column-twice'
    | 'column-unknown'
    | 'date-invalid'
    | 'empty'
    | 'encoding'
    | 'ends-before-begins'
    | 'formula'
    | 'funder-kind'
    | 'funder-left'
    | 'funder-unknown'
    | 'garbled'
    | 'grades-invalid'
    | 'id-invalid'
    | 'id-reserved'
    | 'id-twice'
    | 'id-zeros'
    | 'joined-settled'
    | 'kind-invalid'
    | 'kind-settled'
    | 'left-before-joined'
    | 'left-with-others'
    | 'name-invalid'
    | 'name-twice'
    | 'not-of-kind'
    | 'organisation-unknown'
    | 'parent-cycle'
    | 'parent-kind'
    | 'parent-settled'
    | 'parent-unknown'
    | 'percent-invalid'
    | 'pupils-invalid'
    | 'rows-many'
    | 'shares'
    | 'sheets-many'
    | 'unpacks-too-large'
    | 'unreadable'
export type FeedMessage =
    | FeedReady
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

export interface Routes {
    'GET /anchor.json': {
        answers: Anchor
    }
    'GET /api/hours': {
        answers: OpeningHours
    }
    'POST /api/sign-in/start': {
        asks: Start
        answers: Challenge
    }
    'POST /api/sign-in/finish': {
        asks: Finish
        answers: SignedIn
    }
    'POST /api/sign-out': {
        answers: Done
    }
    'GET /api/own-wraps': {
        answers: OwnWraps
    }
    'POST /api/directory': {
        asks: KeyAct
        answers: Certified
    }
    'GET /api/queues/{queue}': {
        answers: QueuePage
    }
    'GET /api/queues/{queue}/counts': {
        answers: QueueCounts
    }
    'GET /api/queues/{queue}/closed': {
        answers: ClosedPage
    }
    'POST /api/cases/{case}/places/{queue}/claim': {
        answers: OpenedPlace
    }
    'POST /api/cases/{case}/places/{queue}/reopen': {
        answers: OpenedPlace
    }
    'POST /api/cases/{case}/places/{queue}/snooze': {
        asks: Snoozing
        answers: Place
    }
    'GET /api/cases/{case}/places/{queue}': {
        answers: OpenedPlace
    }
    'POST /api/cases/{case}/places/{queue}/release': {
        answers: Place
    }
    'POST /api/cases/{case}/places/{queue}/close': {
        answers: Place
    }
    'GET /api/cases/{case}/envelopes': {
        answers: EnvelopePage
    }
    'PUT /api/cases/{case}/envelopes': {
        answers: Appended
    }
    'GET /api/on-call': {
        answers: OnCall
    }
    'PUT /api/on-call': {
        asks: Shifts
        answers: OnCall
    }
    'GET /api/notices': {
        answers: Notices
    }
    'PUT /api/notices': {
        asks: NoticeWish
        answers: Notices
    }
    'POST /api/cases/{case}/rooms': {
        asks: NewSealedRoom
        answers: Appended
    }
    'GET /api/cases/{case}/rooms': {
        answers: SealedRooms
    }
    'GET /api/queues/{queue}/consultations': {
        answers: ConsultationPage
    }
    'GET /api/rooms/{room}/envelopes': {
        answers: EnvelopePage
    }
    'PUT /api/rooms/{room}/envelopes': {
        answers: Appended
    }
    'POST /api/rooms/{room}/end': {
        answers: Done
    }
    'GET /api/queues/{queue}/shelf': {
        answers: Shelf
    }
    'POST /api/queues/{queue}/shelf': {
        asks: NewShelfRoom
        answers: Appended
    }
    'GET /api/queues/{queue}/shelf/envelopes': {
        answers: EnvelopePage
    }
    'PUT /api/queues/{queue}/shelf/envelopes': {
        answers: Appended
    }
    'POST /api/invitations': {
        asks: NewInvitation
        answers: Done
    }
    'GET /api/invitations': {
        answers: Invitations
    }
    'POST /api/invitations/{invitation}/withdraw': {
        answers: Done
    }
    'GET /api/invitations/{invitation}': {
        answers: OpenInvitation
    }
    'POST /api/invitations/{invitation}/application': {
        asks: Apply
        answers: Done
    }
    'GET /api/founding': {
        answers: Founding
    }
    'POST /api/founding': {
        asks: FoundingAct
        answers: Certified
    }
    'GET /api/sessions': {
        answers: Sessions
    }
    'POST /api/sessions/{session}/end': {
        answers: Done
    }
    'POST /api/sessions/end-others': {
        answers: Ended
    }
    'POST /api/experts/{expert}/sessions/end': {
        answers: Ended
    }
    'GET /api/epochs': {
        answers: EpochsInUse
    }
    'GET /api/queues/{queue}/unturned': {
        answers: UnturnedPage
    }
    'GET /api/cases/{case}/turn/{queue}': {
        answers: ForTurn
    }
    'POST /api/cases/{case}/turn/{queue}': {
        asks: Turn
        answers: Appended
    }
    'GET /api/cases/{case}/turn/{queue}/envelopes': {
        answers: EnvelopePage
    }
    'POST /api/unlock/start': {
        answers: NewUnlockTerms
    }
    'POST /api/unlock': {
        asks: ChangeUnlock
        answers: Ended
    }
    'GET /api/renewals': {
        answers: Renewals
    }
    'POST /api/sign-in/passkey/start': {
        answers: PasskeyChallenge
    }
    'POST /api/sign-in/passkey/finish': {
        asks: Assertion
        answers: SignedIn
    }
    'GET /api/passkeys': {
        answers: Passkeys
    }
    'POST /api/passkeys': {
        asks: NewPasskey
        answers: Passkeys
    }
    'POST /api/passkeys/start': {
        answers: NewPasskeyTerms
    }
    'POST /api/passkeys/{credential}/remove': {
        answers: Passkeys
    }
    'GET /api/recovery': {
        answers: Recovery
    }
    'PUT /api/recovery/{queue}/split': {
        asks: NewSplit
        answers: Done
    }
    'POST /api/recovery/{queue}/ask': {
        asks: AskForShares
        answers: Done
    }
    'POST /api/recovery/{queue}/stop': {
        asks: StopRequest
        answers: Done
    }
    'POST /api/recovery/{queue}/give': {
        asks: GiveShares
        answers: Done
    }
    'GET /api/audit': {
        answers: AuditPage
    }
    'POST /api/audit': {
        asks: Witness
        answers: Witnessed
    }
    'GET /api/audit/own': {
        answers: OwnEntry
    }
    'PUT /api/contributions': {
        asks: Contributed
        answers: Done
    }
    'GET /api/contributions': {
        answers: ContributionPage
    }
    'POST /api/contributions/remove': {
        asks: RemoveContributions
        answers: Done
    }
    'GET /api/statistics-key': {
        answers: StatisticsKeys
    }
    'PUT /api/statistics-key': {
        asks: StateStatisticsKey
        answers: Done
    }
    'GET /api/releases': {
        answers: ReleasedPeriods
    }
    'GET /api/releases/{period}': {
        answers: SignedRelease
    }
    'PUT /api/releases/{period}': {
        answers: Done
    }
    'GET /api/organisations': {
        answers: Organisations
    }
    'POST /api/organisations/import': {
        answers: Imported
    }
    'GET /api/kits/{school}': {
        answers: Kit
    }
    'POST /api/viewers/invitations': {
        asks: NewViewerInvitation
        answers: Done
    }
    'GET /api/viewers/invitations': {
        answers: ViewerInvitations
    }
    'POST /api/viewers/invitations/{invitation}/withdraw': {
        answers: Done
    }
    'GET /api/viewers': {
        answers: Viewers
    }
    'POST /api/viewers/{viewer}/remove': {
        answers: Done
    }
    'POST /api/viewer/invitation': {
        asks: Invited
        answers: Welcome
    }
    'POST /api/viewer/join': {
        asks: JoinAsViewer
        answers: Done
    }
    'POST /api/viewer/sign-in/start': {
        asks: Start
        answers: Challenge
    }
    'POST /api/viewer/sign-in/finish': {
        asks: Proof
        answers: ViewerSignedIn
    }
    'GET /api/viewer/doors': {
        answers: Doors
    }
    'POST /api/viewer/provider/start': {
        asks: ToProvider
        answers: AtProvider
    }
    'POST /api/viewer/provider/finish': {
        asks: FromProvider
        answers: ViewerSignedIn
    }
    'GET /api/viewer/me': {
        answers: Me
    }
    'POST /api/viewer/sign-out': {
        answers: Done
    }
    'GET /api/viewer/sessions': {
        answers: Sessions
    }
    'POST /api/viewer/sessions/{session}/end': {
        answers: Done
    }
    'POST /api/viewer/sessions/end-others': {
        answers: Ended
    }
    'GET /api/viewer/notices': {
        answers: ReportNotices
    }
    'PUT /api/viewer/notices': {
        asks: ReportWish
        answers: ReportNotices
    }
    'GET /api/figures/methods': {
        answers: MethodsPage
    }
    'GET /api/figures/{organisation}': {
        answers: FiguresPage
    }
    'GET /api/figures/{organisation}/report': {
        answers: ReportReady
    }
}
export interface Anchor {
    instance: string
}
/**
 * When the service is open and by when it promises an answer (SPEC 9.5), the same for everybody.
 */
export interface OpeningHours {
    keep_days: number
    open: [number, number][]
    promise_s: number
    urgent_s: number
    zone: string
}
export interface Start {
    name: string
}
/**
 * What a proof must be made of, and how the password is stretched (SPEC 2.3).
 */
export interface Challenge {
    challenge: string
    salt: string
    m_kib: number
    t: number
    p: number
    /**
     * of the work that goes with the proof; 0: none
     */
    effort: number
}
export interface Finish {
    challenge: string
    name: string
    proof: string
    work?: string | null
    passkey?: Assertion | null
}
/**
 * What a passkey has signed (WebAuthn). Its PRF secret is never part of it.
 */
export interface Assertion {
    challenge: string
    credential: string
    authenticator_data: string
    client_data: string
    signature: string
}
export interface SignedIn {
    token: string
    expert: string
    keys: string
    queue_wraps: string[]
    keys_hour: number | null
}
/**
 * Nothing more to say.
 */
export interface Done {}
/**
 * The seeds sealed for oneself, as they are now.
 */
export interface OwnWraps {
    queue_wraps: string[]
}
/**
 * The next directory, the seeds sealed for its experts, the invitation whose application it accepts, and the entry
 *     of the audit log that says so.
 */
export interface KeyAct {
    directory: string
    wraps: SealedSeed[]
    accept: string | null
    entry: string
}
export interface SealedSeed {
    expert: string
    wrap: string
}
export interface Certified {
    version: number
}
/**
 * Waiting and held places: urgent first, then oldest.
 */
export interface QueuePage {
    cases: Place[]
    next: string | null
}
/**
 * One case in one queue, as the server sees it.
 */
export interface Place {
    case: string
    queue: number
    urgent: boolean
    state: 'closed' | 'held' | 'waiting'
    holder: string | null
    lease_until: number | null
    /**
     * hours since 1970
     */
    opened_hour: number
    /**
     * the case's number in order of arrival
     */
    seq: number
    last_seq: number
    card: string
    card_wrap: string
    /**
     * an expert has answered from this queue
     */
    answered: boolean
    /**
     * the promised time passed before anybody did
     */
    missed: boolean
    /**
     * how often it came back because a lease had passed
     */
    lapses: number
    snooze: Snooze | null
    /**
     * who closed it
     */
    closer: string | null
    /**
     * hours since 1970
     */
    closed_hour: number | null
    /**
     * order of closing in its queue
     */
    closed_nth: number | null
    /**
     * of a closed case: its newest envelope when it was closed
     */
    closed_seq: number | null
}
/**
 * Until when a place sleeps, and the newest envelope its holder had seen: what comes after it wakes the place.
 */
export interface Snooze {
    /**
     * since 1970
     */
    until: number
    seq: number
}
/**
 * How many places of a queue are open; of what is closed nobody counts.
 */
export interface QueueCounts {
    waiting: number
    held: number
}
/**
 * Newest closed first.
 */
export interface ClosedPage {
    cases: Place[]
    more: boolean
}
/**
 * What the holder of a place gets: rosters of all generations, and for this queue the wraps there are.
 *
 *     `links` has an entry for each roster: what leads from its key to the one before (SPEC 3.4), or null.
 */
export interface OpenedPlace {
    place: Place
    rosters: string[]
    wraps: string[]
    sign_pk: string
    links: (string | null)[]
}
/**
 * None wakes the place.
 */
export interface Snoozing {
    snooze: Snooze | null
}
/**
 * Oldest first.
 */
export interface EnvelopePage {
    envelopes: StoredEnvelope[]
    more: boolean
}
export interface StoredEnvelope {
    seq: number
    envelope: string
}
export interface Appended {
    seq: number
}
export interface OnCall {
    shifts: Shift[]
    /**
     * who is on call at this moment
     */
    now: string[]
}
/**
 * When an expert is on call, every week, by the service's clock; `to_min` is not in it any more.
 */
export interface Shift {
    expert: string
    /**
     * 0 is Monday
     */
    weekday: number
    from_min: number
    to_min: number
}
export interface Shifts {
    /**
     * @maxItems 500
     */
    shifts: Shift[]
}
export interface Notices {
    wish: NoticeWish
    /**
     * whether this server has a mail server at all
     */
    sends: boolean
}
/**
 * Where one wants to be told of work while no console is open, and of what. Without an address nothing is kept.
 */
export interface NoticeWish {
    address: string | null
    new_case: boolean
    wrote: boolean
    missed: boolean
}
/**
 * A room beside a case (SPEC 3.5): its roster, the wraps the roster names, and what is written first.
 */
export interface NewSealedRoom {
    kind: 'consultation' | 'notes'
    roster: string
    wraps: string[]
    envelope: string
}
/**
 * First to last.
 */
export interface SealedRooms {
    rooms: SealedRoom[]
}
/**
 * A room that one may read; `wraps`: to one's own queues.
 */
export interface SealedRoom {
    room: string
    case: string
    kind: 'consultation' | 'notes' | 'slip'
    roster: string
    wraps: string[]
    last_seq: number
    ended: boolean
}
/**
 * Where a colleague is asked, oldest first.
 */
export interface ConsultationPage {
    rooms: SealedRoom[]
    next: string | null
}
/**
 * First key to last.
 */
export interface Shelf {
    rooms: ShelfRoom[]
    last_seq: number
}
/**
 * `wrap`: of the newest key.
 */
export interface ShelfRoom {
    room: string
    roster: string
    wrap: string | null
    first_seq: number
}
/**
 * The next key of a shelf (SPEC 3.6), and what is written first under it. `after`: the newest seq that was read.
 */
export interface NewShelfRoom {
    after: number
    roster: string
    wrap: string
    envelope: string
}
/**
 * The server can open neither: `offer` is for who has the link, `kept` for coordinators (SPEC 5.7).
 */
export interface NewInvitation {
    id: string
    offer: string
    kept: string
}
export interface Invitations {
    invitations: WaitingInvitation[]
}
export interface WaitingInvitation {
    id: string
    offer: string
    kept: string
    /**
     * since 1970
     */
    expires: number
    application: string | null
}
/**
 * For whoever knows its id.
 */
export interface OpenInvitation {
    offer: string
    applied: boolean
}
export interface Apply {
    application: string
}
export interface Founding {
    packet: string
}
/**
 * The first coordinator's directory, seeds and account.
 */
export interface FoundingAct {
    directory: string
    wraps: SealedSeed[]
    application: string
}
/**
 * One's own, the oldest first.
 */
export interface Sessions {
    sessions: Session[]
}
/**
 * Where somebody is signed in: since which hour, and whether it is here. Nothing else is known of it.
 */
export interface Session {
    session: string
    /**
     * hours since 1970
     */
    begun_hour: number
    this: boolean
}
/**
 * How many sessions there were to end.
 */
export interface Ended {
    ended: number
}
/**
 * The epochs of the directory that a case's key or card is wrapped to: the others may leave it.
 */
export interface EpochsInUse {
    epochs: QueueEpoch[]
}
export interface QueueEpoch {
    queue: number
    epoch: number
}
/**
 * Open cases that a key which has passed still opens: urgent first, then oldest.
 */
export interface UnturnedPage {
    cases: string[]
    next: string | null
}
/**
 * What is needed, besides the envelopes, to give a case its next key; as in OpenedPlace.
 */
export interface ForTurn {
    sign_pk: string
    last_seq: number
    rosters: string[]
    wraps: string[]
    links: (string | null)[]
    card_wrap: string
}
/**
 * The next key of a case (SPEC 3.4). `last_seq`: of the newest envelope that the turn message knows of.
 */
export interface Turn {
    last_seq: number
    roster: string
    own_wrap: string
    link: string
    wraps: string[]
    card_wraps: string[]
    envelope: string
}
/**
 * What another password is proved with (SPEC 9.4): all as in `Challenge`, of the account that is signed in.
 */
export interface NewUnlockTerms {
    name: string
    challenge: string
    salt: string
    m_kib: number
    t: number
    p: number
    /**
     * of the work that goes with the proof; 0: none
     */
    effort: number
    keys_hour: number | null
    renewing: boolean
}
/**
 * `new`: SPEC 2.3, signed over the challenge by the login key of before and by the new one.
 */
export interface ChangeUnlock {
    challenge: string
    new: string
    work?: string | null
    new_keys?: NewKeys | null
}
/**
 * The next `kem` (SPEC 2.3): said by `sign`, sealed as the account's keys will be, and the seeds sealed for it.
 */
export interface NewKeys {
    renewal: string
    keys: string
    wraps: string[]
}
/**
 * What a coordinator's client verifies and lists with its next key act (SPEC 9.1).
 */
export interface Renewals {
    renewals: WaitingRenewal[]
}
export interface WaitingRenewal {
    expert: string
    renewal: string
}
/**
 * `rp_id`: the name of the site, to which passkeys are bound.
 */
export interface PasskeyChallenge {
    challenge: string
    rp_id: string
}
/**
 * One's own, the oldest first.
 */
export interface Passkeys {
    passkeys: Passkey[]
}
export interface Passkey {
    credential: string
    /**
     * hours since 1970
     */
    added_hour: number
}
/**
 * What a device answers (WebAuthn), and the expert's keys sealed under the passkey's PRF secret (SPEC 2.3).
 */
export interface NewPasskey {
    challenge: string
    credential: string
    attestation: string
    client_data: string
    keys: string
}
/**
 * What a passkey is made with. `known`: those there are, so that a device makes no second one.
 */
export interface NewPasskeyTerms {
    challenge: string
    rp_id: string
    name: string
    known: string[]
}
export interface Recovery {
    splits: SplitOfEpoch[]
    requests: RequestForShares[]
}
export interface SplitOfEpoch {
    queue: number
    epoch: number
    split: string
    /**
     * one's own
     */
    share: string | null
    /**
     * a share of it has been given to somebody, once
     */
    used: boolean
    givers: string[]
    /**
     * to who asks for them; to others none
     */
    given: GivenShare[]
}
export interface GivenShare {
    expert: string
    wrap: string
}
/**
 * The last one for its queue, open or ended.
 */
export interface RequestForShares {
    queue: number
    request: string
    ended_by: string | null
}
/**
 * A split (SPEC 5.9), and a wrap for each of its holders, in its order.
 */
export interface NewSplit {
    split: string
    shares: string[]
}
export interface AskForShares {
    request: string
}
export interface StopRequest {
    /**
     * its hash: only what one has seen is stopped
     */
    request: string
}
export interface GiveShares {
    request: string
    shares: ShareOfEpoch[]
}
export interface ShareOfEpoch {
    epoch: number
    wrap: string
}
/**
 * Entries of the audit log in its order (SPEC 9.10).
 */
export interface AuditPage {
    entries: string[]
    more: boolean
}
/**
 * A coordinator has read the whole log and signs where it ends.
 */
export interface Witness {
    entry: string
}
/**
 * Its place in the log.
 */
export interface Witnessed {
    seq: number
}
/**
 * The last one that somebody has signed.
 */
export interface OwnEntry {
    entry: string | null
}
/**
 * Shuffled by their sender. `key`: H(kem) of the statistics key that they are sealed to.
 */
export interface Contributed {
    key: string
    /**
     * @minItems 1
     * @maxItems 100
     */
    contributions: [Contribution, ...Contribution[]]
}
export interface Contribution {
    token: string
    sealed: string
}
/**
 * By token, which says nothing. `after` of the next page is the last token of this one.
 */
export interface ContributionPage {
    contributions: KeptContribution[]
    more: boolean
}
export interface KeptContribution {
    token: string
    key: string
    sealed: string
}
export interface RemoveContributions {
    /**
     * @minItems 1
     * @maxItems 1000
     */
    tokens: [string, ...string[]]
}
/**
 * Oldest first. `earlier`: seeds of directory keys before, sealed for the coordinator who asks; while links are
 *     due.
 */
export interface StatisticsKeys {
    keys: StatisticsKeyStated[]
    earlier: string[]
}
/**
 * `link`: its seed, sealed to a later key; null for the last, and while nobody has made it.
 */
export interface StatisticsKeyStated {
    statement: string
    link: string | null
}
export interface StateStatisticsKey {
    statement: string
    /**
     * @maxItems 100
     */
    links: string[]
}
/**
 * By name.
 */
export interface ReleasedPeriods {
    periods: string[]
}
/**
 * The document (SPEC 5.1), as it was stored.
 */
export interface SignedRelease {
    release: string
}
/**
 * All of them, sorted by id; also those that have left.
 */
export interface Organisations {
    organisations: Organisation[]
    agreements: Agreement[]
}
/**
 * One body of the tree. `id` is an identifier: the official number, where there is one.
 */
export interface Organisation {
    id: string
    kind: Kind
    name: string
    parent?: string | null
    pupils?: number | null
    grades?: [number, number] | null
    joined?: string | null
    left?: string | null
}
/**
 * `funder` pays `percent` of what `organisation` costs, from the day `begins` to before the day `ends`.
 */
export interface Agreement {
    funder: string
    organisation: string
    percent: number
    begins: string
    ends?: string | null
}
/**
 * What an import has changed, or would. With problems nothing is changed.
 */
export interface Imported {
    added: OrganisationChange[]
    changed: OrganisationChange[]
    left: OrganisationChange[]
    agreements: Agreement[]
    withdrawn: Agreement[]
    problems: ImportProblem[]
    more_problems: number
}
export interface OrganisationChange {
    id: string
    name: string
    columns: ImportColumn[]
}
export interface ImportProblem {
    row: number
    column: ImportColumn | null
    code: ImportFault
    value: string
}
export interface Kit {
    school: string
    name: string
    papers: Paper[]
}
/**
 * The first format is the usual one.
 */
export interface Paper {
    paper: 'lesson' | 'letter' | 'message' | 'poster-a3' | 'poster-a4' | 'staff'
    languages: ('en' | 'fi' | 'fi-simple' | 'sv')[]
    formats: ('pdf' | 'png' | 'txt')[]
}
/**
 * `id`: a hash of the link's secret, which the server sees when somebody comes by it.
 */
export interface NewViewerInvitation {
    id: string
    name: string
    organisation: string
}
export interface ViewerInvitations {
    invitations: ViewerInvitation[]
}
export interface ViewerInvitation {
    id: string
    name: string
    organisation: string
    /**
     * since 1970
     */
    expires: number
}
export interface Viewers {
    viewers: Viewer[]
}
export interface Viewer {
    viewer: string
    name: string
    organisation: string
    account: string | null
}
/**
 * Of somebody who has the link: in a body, for an address is kept by whoever passes it on.
 */
export interface Invited {
    secret: string
}
/**
 * Who is invited, and for whose figures.
 */
export interface Welcome {
    name: string
    organisation: SeenOrganisation
}
export interface SeenOrganisation {
    id: string
    kind: Kind
    name: string
}
/**
 * How the password is stretched and what checks it (SPEC 2.3). No key is kept: a viewer has nothing to open.
 */
export interface JoinAsViewer {
    secret: string
    name: string
    salt: string
    /**
     * SPEC 2.3
     */
    m_kib: number
    t: number
    p: number
    login: string
}
export interface Proof {
    challenge: string
    name: string
    proof: string
    work?: string | null
}
export interface ViewerSignedIn {
    token: string
}
/**
 * How a viewer may come in, besides the password.
 */
export interface Doors {
    provider: boolean
}
/**
 * `holder`: drawn by the page that begins, and known to nobody else.
 */
export interface ToProvider {
    holder: string
}
export interface AtProvider {
    address: string
}
/**
 * What came back with the browser. `secret`: of an invitation, the first time.
 */
export interface FromProvider {
    holder: string
    state: string
    code: string
    secret?: string | null
}
/**
 * Whoever is signed in, and of whom they may see figures: their own body first, then by kind and id.
 */
export interface Me {
    name: string
    organisations: SeenOrganisation[]
}
export interface ReportNotices {
    wish: ReportWish
    /**
     * whether this server has a mail server at all
     */
    sends: boolean
}
/**
 * Where a viewer wants to be told that a report can be downloaded, and in which language.
 */
export interface ReportWish {
    address: string | null
    language: 'en' | 'fi' | 'sv'
}
export interface MethodsPage {
    language: string
    title: string
    chapters: Chapter[]
}
export interface Chapter {
    id: string
    title: string
    passages: Passage[]
}
export interface Passage {
    id: string
    title: string
    paragraphs: string[]
    grid?: Grid | null
}
export interface Grid {
    caption: string
    columns: string[]
    rows: string[][]
}
export interface FiguresPage {
    language: string
    title: string
    organisation: Named
    whose: string
    period: PeriodName
    periods: PeriodName[]
    above: Named[]
    below: Named[]
    summary: Summary
    sections: Section[]
    reasons: Reason[]
    method: string
    source: string
    measures: Measures
    files: FileName[]
}
export interface Named {
    id: string
    kind: string
    name: string
    seen: boolean
}
export interface PeriodName {
    name: string
    title: string
}
/**
 * In this order, each with its heading; a list may be empty.
 */
export interface Summary {
    title: string
    lead: string
    parts: SummaryPart[]
}
export interface SummaryPart {
    id: string
    title: string
    texts: string[]
}
/**
 * Either `withheld`, or a table, mostly with a chart of the same numbers.
 */
export interface Section {
    id: string
    title: string
    whose: string
    intro: string
    facts: string[]
    how: string
    table: Table | null
    chart: Chart | null
    notes: Reason[]
    withheld: Reason | null
}
/**
 * `head` stands over the rows' titles. `total` adds up what is shown above it.
 */
export interface Table {
    caption: string
    head: string
    columns: Column[]
    rows: TableRow[]
    total: TableRow | null
}
export interface Column {
    id: string
    title: string
}
export interface TableRow {
    id: string
    title: string
    cells: Shown[]
    note?: string
}
/**
 * A cell. `text` is how it is shown; `value` is None where it is not told (`<5`) or not known (`–`).
 */
export interface Shown {
    text: string
    value?: number | null
    low?: number | null
    high?: number | null
}
export interface Chart {
    title: string
    description: string
    drawing: Shape
}
/**
 * A part of a drawing: SVG, of the tags and attributes in `shapes.py` only.
 */
export interface Shape {
    tag: string
    attributes?: {
        [k: string]: string
    }
    children?: Shape[]
    text?: string
}
/**
 * Why something is not there, or not as one might expect.
 */
export interface Reason {
    why: string
    title: string
    text: string
}
/**
 * What the numbers of a file are told apart by.
 */
export interface Measures {
    title: string
    low: string
    high: string
}
export interface FileName {
    name: string
    format: string
    title: string
}
export interface ReportReady {
    left_s: number
}
/**
 * Said by a desk: its expert writes in a case they hold. Told to the other holders of that case, and not kept.
 */
export interface FeedAnswering {
    type: 'answering'
    case: string
    queue: number
}
/**
 * Somebody has answered an invitation; to coordinators.
 */
export interface FeedApplication {
    type: 'application'
    invitation: string
}
export interface FeedEnvelope {
    type: 'envelope'
    case: string
    seq: number
}
export interface FeedErased {
    type: 'erased'
    case: string
}
/**
 * Whether the reporter of a case that one holds has the page open.
 */
export interface FeedHere {
    type: 'here'
    case: string
    here: boolean
}
/**
 * From now on nothing is missed.
 */
export interface FeedReady {
    type: 'ready'
}
export interface FeedRefused {
    type: 'refused'
    code?: 'not-signed-in'
}
export interface FeedPlace {
    type: 'place'
    place: Place
}
/**
 * There is a newer directory: whoever hears it renews theirs, and the seeds sealed for them.
 */
export interface FeedTrust {
    type: 'trust'
    version: number
}
/**
 * A room that one may read has something new, is new itself, has ended, or has been taken back.
 */
export interface FeedRoom {
    type: 'room'
    room: string
    case: string
    kind: 'consultation' | 'notes' | 'slip'
    seq: number
}
/**
 * A template of one's queue was written, changed or removed.
 */
export interface FeedShelf {
    type: 'shelf'
    queue: number
    seq: number
}
/**
 * Shares of the queue's seeds were made, asked for or given, or a request was ended; to everybody.
 */
export interface FeedRecovery {
    type: 'recovery'
    queue: number
}
/**
 * The first message on a feed: who asks.
 */
export interface Hello {
    token: string
}
/**
 * A refusal: one of the codes of SPEC 7, and nothing else.
 */
export interface Problem {
    code: string
}
