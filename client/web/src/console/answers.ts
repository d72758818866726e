/**
 * What the server answers, checked at the border (SPEC 9). The types come from openapi.json; a reader that knows a
 * field more or less than they do, or another kind of one, does not compile.
 */
import type {
    Agreement, EnvelopePage, FeedMessage, GivenShare, ImportColumn, Imported, ImportFault, ImportProblem, Kit, Notices, NoticeWish, OnCall, OpenedPlace, Organisation, OrganisationChange, Organisations, Paper, Passkey, Passkeys, Place, ReportNotices, ReportWish, RequestForShares, Routes,
    SealedRoom, SeenOrganisation, Session, ShelfRoom, Shift, SignedIn, Snooze, SplitOfEpoch, StoredEnvelope, Viewer, ViewerInvitation, WaitingInvitation,
} from './api-types'
import { methodsPage } from '../figures/methods'
import { list, number, object, oneOf, orNull, pair, text, truth, type Read } from '../net/reading'

export { UnreadableAnswerError } from '../net/reading'

const column = oneOf<ImportColumn>(
    'id', 'kind', 'name', 'parent', 'pupils', 'grades', 'joined', 'left', 'funder', 'percent', 'begins', 'ends',
)
const fault = oneOf<ImportFault>(
    'encoding', 'unreadable', 'unpacks-too-large', 'empty', 'sheets-many', 'rows-many', 'column-missing',
    'column-unknown', 'column-twice', 'cell-missing', 'not-of-kind', 'formula', 'garbled', 'id-invalid',
    'id-reserved', 'id-zeros', 'id-twice', 'kind-invalid', 'kind-settled', 'name-invalid', 'name-twice', 'pupils-invalid',
    'grades-invalid', 'date-invalid', 'percent-invalid', 'parent-unknown', 'parent-kind', 'parent-cycle',
    'parent-settled', 'joined-settled', 'left-before-joined', 'left-with-others', 'organisation-unknown',
    'funder-unknown', 'funder-kind', 'funder-left', 'ends-before-begins', 'shares',
)
const organisation = object<Organisation>({
    id: text, kind: oneOf('county', 'municipality', 'school'), name: text, parent: orNull(text), pupils: orNull(number),
    grades: orNull(pair(number)), joined: orNull(text), left: orNull(text),
})
const agreement = object<Agreement>({ funder: text, organisation: text, percent: number, begins: text, ends: orNull(text) })
const bodyChange = object<OrganisationChange>({ id: text, name: text, columns: list(column) })
const imported = object<Imported>({
    added: list(bodyChange), changed: list(bodyChange), left: list(bodyChange), agreements: list(agreement), withdrawn: list(agreement),
    problems: list(object<ImportProblem>({ row: number, column: orNull(column), code: fault, value: text })), more_problems: number,
})

const reportNotices = object<ReportNotices>({ wish: object<ReportWish>({ address: orNull(text), language: oneOf('fi', 'sv', 'en') }), sends: truth })
const paper = object<Paper>({
    paper: oneOf('poster-a4', 'poster-a3', 'letter', 'lesson', 'staff', 'message'), languages: list(oneOf('fi-simple', 'fi', 'sv', 'en')), formats: list(oneOf('pdf', 'png', 'txt')),
})

const place = object<Place>({
    case: text,
    queue: number,
    urgent: truth,
    state: oneOf('waiting', 'held', 'closed'),
    holder: orNull(text),
    lease_until: orNull(number),
    opened_hour: number,
    seq: number,
    last_seq: number,
    card: text,
    card_wrap: text,
    answered: truth,
    missed: truth,
    lapses: number,
    snooze: orNull(object<Snooze>({ until: number, seq: number })),
    closer: orNull(text),
    closed_hour: orNull(number),
    closed_nth: orNull(number),
    closed_seq: orNull(number),
})
const opened = object<OpenedPlace>({ place, rosters: list(text), wraps: list(text), sign_pk: text, links: list(orNull(text)) })
const envelopes = object<EnvelopePage>({ envelopes: list(object<StoredEnvelope>({ seq: number, envelope: text })), more: truth })
const waiting = object<WaitingInvitation>({ id: text, offer: text, kept: text, expires: number, application: orNull(text) })
const signedIn = object<SignedIn>({ token: text, expert: text, keys: text, queue_wraps: list(text), keys_hour: orNull(number) })
const passkeys = object<Passkeys>({ passkeys: list(object<Passkey>({ credential: text, added_hour: number })) })

const shift = object<Shift>({ expert: text, weekday: number, from_min: number, to_min: number })
const onCall = object<OnCall>({ shifts: list(shift), now: list(text) })
const wish = object<NoticeWish>({ address: orNull(text), new_case: truth, wrote: truth, missed: truth })
const notices = object<Notices>({ wish, sends: truth })
const roomKind = oneOf('notes', 'consultation', 'slip')
const room = object<SealedRoom>({ room: text, case: text, kind: roomKind, roster: text, wraps: list(text), last_seq: number, ended: truth })
const given = object<GivenShare>({ expert: text, wrap: text })
const split = object<SplitOfEpoch>({ queue: number, epoch: number, split: text, share: orNull(text), used: truth, givers: list(text), given: list(given) })
const request = object<RequestForShares>({ queue: number, request: text, ended_by: orNull(text) })
const shelfRoom = object<ShelfRoom>({ room: text, roster: text, wrap: orNull(text), first_seq: number })

const challenge = object({ challenge: text, salt: text, m_kib: number, t: number, p: number, effort: number })
const sessions = object({ sessions: list(object<Session>({ session: text, begun_hour: number, this: truth })) })
const seen = object<SeenOrganisation>({ id: text, kind: oneOf('county', 'municipality', 'school'), name: text })

const answers = {
    'GET /anchor.json': object({ instance: text }),
    'GET /api/hours': object({ keep_days: number, open: list(pair(number)), promise_s: number, urgent_s: number, zone: text }),
    'POST /api/sign-in/start': challenge,
    'POST /api/sign-in/finish': signedIn,
    'POST /api/sign-in/passkey/start': object({ challenge: text, rp_id: text }),
    'POST /api/sign-in/passkey/finish': signedIn,
    'POST /api/unlock/start': object({ name: text, challenge: text, salt: text, m_kib: number, t: number, p: number, effort: number, keys_hour: orNull(number), renewing: truth }),
    'GET /api/renewals': object({ renewals: list(object({ expert: text, renewal: text })) }),
    'POST /api/unlock': object({ ended: number }),
    'GET /api/passkeys': passkeys,
    'POST /api/passkeys/start': object({ challenge: text, rp_id: text, name: text, known: list(text) }),
    'POST /api/passkeys': passkeys,
    'POST /api/passkeys/{credential}/remove': passkeys,
    'POST /api/sign-out': object({}),
    'GET /api/own-wraps': object({ queue_wraps: list(text) }),
    'POST /api/directory': object({ version: number }),
    'GET /api/founding': object({ packet: text }),
    'POST /api/founding': object({ version: number }),
    'POST /api/invitations': object({}),
    'GET /api/invitations': object({ invitations: list(waiting) }),
    'POST /api/invitations/{invitation}/withdraw': object({}),
    'GET /api/invitations/{invitation}': object({ offer: text, applied: truth }),
    'POST /api/invitations/{invitation}/application': object({}),
    'GET /api/sessions': sessions,
    'POST /api/sessions/{session}/end': object({}),
    'POST /api/sessions/end-others': object({ ended: number }),
    'POST /api/experts/{expert}/sessions/end': object({ ended: number }),
    'GET /api/queues/{queue}': object({ cases: list(place), next: orNull(text) }),
    'GET /api/queues/{queue}/counts': object({ waiting: number, held: number }),
    'GET /api/queues/{queue}/closed': object({ cases: list(place), more: truth }),
    'POST /api/cases/{case}/places/{queue}/claim': opened,
    'POST /api/cases/{case}/places/{queue}/reopen': opened,
    'POST /api/cases/{case}/places/{queue}/snooze': place,
    'GET /api/cases/{case}/places/{queue}': opened,
    'POST /api/cases/{case}/places/{queue}/release': place,
    'POST /api/cases/{case}/places/{queue}/close': place,
    'GET /api/cases/{case}/envelopes': envelopes,
    'PUT /api/cases/{case}/envelopes': object({ seq: number }),
    'GET /api/on-call': onCall,
    'PUT /api/on-call': onCall,
    'GET /api/notices': notices,
    'PUT /api/notices': notices,
    'POST /api/cases/{case}/rooms': object({ seq: number }),
    'GET /api/cases/{case}/rooms': object({ rooms: list(room) }),
    'GET /api/queues/{queue}/consultations': object({ rooms: list(room), next: orNull(text) }),
    'GET /api/rooms/{room}/envelopes': envelopes,
    'PUT /api/rooms/{room}/envelopes': object({ seq: number }),
    'POST /api/rooms/{room}/end': object({}),
    'GET /api/epochs': object({ epochs: list(object({ queue: number, epoch: number })) }),
    'GET /api/queues/{queue}/unturned': object({ cases: list(text), next: orNull(text) }),
    'GET /api/cases/{case}/turn/{queue}': object({
        sign_pk: text, last_seq: number, rosters: list(text), wraps: list(text), links: list(orNull(text)), card_wrap: text,
    }),
    'GET /api/cases/{case}/turn/{queue}/envelopes': envelopes,
    'POST /api/cases/{case}/turn/{queue}': object({ seq: number }),
    'GET /api/recovery': object({ splits: list(split), requests: list(request) }),
    'PUT /api/recovery/{queue}/split': object({}),
    'POST /api/recovery/{queue}/ask': object({}),
    'POST /api/recovery/{queue}/stop': object({}),
    'POST /api/recovery/{queue}/give': object({}),
    'GET /api/queues/{queue}/shelf': object({ rooms: list(shelfRoom), last_seq: number }),
    'POST /api/queues/{queue}/shelf': object({ seq: number }),
    'GET /api/queues/{queue}/shelf/envelopes': envelopes,
    'PUT /api/queues/{queue}/shelf/envelopes': object({ seq: number }),
    'PUT /api/contributions': object({}),
    'GET /api/contributions': object({ contributions: list(object({ token: text, key: text, sealed: text })), more: truth }),
    'POST /api/contributions/remove': object({}),
    'GET /api/statistics-key': object({ keys: list(object({ statement: text, link: orNull(text) })), earlier: list(text) }),
    'PUT /api/statistics-key': object({}),
    'GET /api/releases': object({ periods: list(text) }),
    'GET /api/releases/{period}': object({ release: text }),
    'PUT /api/releases/{period}': object({}),
    'GET /api/audit': object({ entries: list(text), more: truth }),
    'GET /api/audit/own': object({ entry: orNull(text) }),
    'POST /api/audit': object({ seq: number }),
    'GET /api/figures/methods': methodsPage,
    'GET /api/organisations': object<Organisations>({ organisations: list(organisation), agreements: list(agreement) }),
    'POST /api/organisations/import': imported,
    'GET /api/kits/{school}': object<Kit>({ school: text, name: text, papers: list(paper) }),
    'POST /api/viewers/invitations': object({}),
    'GET /api/viewers/invitations': object({ invitations: list(object<ViewerInvitation>({ id: text, name: text, organisation: text, expires: number })) }),
    'POST /api/viewers/invitations/{invitation}/withdraw': object({}),
    'GET /api/viewers': object({ viewers: list(object<Viewer>({ viewer: text, name: text, organisation: text, account: orNull(text) })) }),
    'POST /api/viewers/{viewer}/remove': object({}),
    'POST /api/viewer/invitation': object({ name: text, organisation: seen }),
    'POST /api/viewer/join': object({}),
    'POST /api/viewer/sign-in/start': challenge,
    'POST /api/viewer/sign-in/finish': object({ token: text }),
    'GET /api/viewer/doors': object({ provider: truth }),
    'POST /api/viewer/provider/start': object({ address: text }),
    'POST /api/viewer/provider/finish': object({ token: text }),
    'GET /api/viewer/me': object({ name: text, organisations: list(seen) }),
    'GET /api/viewer/notices': reportNotices,
    'PUT /api/viewer/notices': reportNotices,
    'POST /api/viewer/sign-out': object({}),
    'GET /api/viewer/sessions': sessions,
    'POST /api/viewer/sessions/{session}/end': object({}),
    'POST /api/viewer/sessions/end-others': object({ ended: number }),
} satisfies { readonly [R in keyof Routes]?: Read<Routes[R]['answers']> }

/** What the desk asks. Other pages and programs ask the rest. */
export type Asked = keyof typeof answers
export const ANSWERS: { readonly [R in Asked]: Read<Routes[R]['answers']> } = answers

const FEED: { readonly [Type in FeedMessage['type']]: Read<Extract<FeedMessage, { type: Type }>> } = {
    ready: object({ type: oneOf('ready') }),
    refused: object({ type: oneOf('refused'), code: oneOf('not-signed-in') }),
    place: object({ type: oneOf('place'), place }),
    envelope: object({ type: oneOf('envelope'), case: text, seq: number }),
    erased: object({ type: oneOf('erased'), case: text }),
    here: object({ type: oneOf('here'), case: text, here: truth }),
    trust: object({ type: oneOf('trust'), version: number }),
    room: object({ type: oneOf('room'), room: text, case: text, kind: roomKind, seq: number }),
    shelf: object({ type: oneOf('shelf'), queue: number, seq: number }),
    answering: object({ type: oneOf('answering'), case: text, queue: number }),
    application: object({ type: oneOf('application'), invitation: text }),
    recovery: object({ type: oneOf('recovery'), queue: number }),
}

/** Null for an event this version does not know. */
export function readFeedMessage(value: unknown): FeedMessage | null {
    const { type } = object({ type: text })(value, 'event')
    return Object.hasOwn(FEED, type) ? FEED[type as FeedMessage['type']](value, 'event') : null
}
