/**
 * What the console shows, as one value, and everything that can happen to it. No I/O, no keys, no clock.
 *
 * Unsent words are kept per place and survive a sign-in that ran out; only their writer signing out, or somebody
 * else signing in, throws them away.
 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { Provision } from '@lyhty/crypto/contents'
import type { Expert } from '@lyhty/crypto/directories'
import type { Hours } from '@lyhty/crypto/hours'
import type { AnswerPart, Connection, Profession } from '../session/types'
import type { DutyAnswer, DutyAnswers } from './answering/duties'
import { NOTHING_BESIDE, type Beside, type BesideEvent } from './beside'
import type { AsideKey } from './rooms'
import type { CardView } from './cards'
import { HEAVY_TOPICS } from './care'
import type { CaseView } from './conversation'
import type { DeskLanguage } from './languages'
import { LAWYER, PSYCHOLOGIST, type Place, type PlaceKey } from './places'
import type { AuditStanding } from './audit'
import type { WaitingView } from './people'
import type { PersonNews } from './people-news'
import { NO_QUEUES, type Queues } from './queues'
import type { RecoveryView } from './recovery-view'
import type { Turning } from './turns'

export const PROFESSIONS: readonly Profession[] = ['lawyer', 'psychologist']
export const QUEUE_OF: Readonly<Record<Profession, number>> = { lawyer: LAWYER, psychologist: PSYCHOLOGIST }

/** A queue, or a list of one's own: those one must answer, those that wait for the reporter, put aside, closed. */
export type OwnList = 'mine' | 'awaiting' | 'snoozed' | 'closed'
export const OWN_LISTS: readonly OwnList[] = ['mine', 'awaiting', 'snoozed', 'closed']
export type Tab = Profession | OwnList
export type ReplyMode = 'answer' | 'chat'
export type DialogName = 'help' | 'duty' | 'close' | 'release' | 'snooze' | 'handover' | 'sign-out' | 'break' | 'people' | 'shelf' | 'security' | 'password' | 'audit' | 'organisations' | 'releases' | 'viewers'
/** `leaving`: sent, and can still be taken back. */
export type Busy = 'claiming' | 'opening' | 'releasing' | 'closing' | 'reopening' | 'snoozing' | 'asking' | 'leaving' | 'sending'
/** What is said politely, once: what we did, or what came. */
export type News = 'claimed' | 'released' | 'closed' | 'reopened' | 'snoozed' | 'woken' | 'sent' | 'undone' | 'arrived' | 'message'
/** Why a case that was held is not held any more, though nobody here let go of it. */
export type Loss = 'lapsed' | 'erased'

export interface Me {
    readonly expert: string
    readonly name: string
    readonly queues: readonly number[]
    readonly coordinator?: boolean
    /** Since when the directory lists our `kem`; null: nobody has noted it. */
    readonly keysHour?: number | null
}

/** What is being written for one place. */
export interface ReplyDraft {
    readonly mode: ReplyMode
    readonly chat: string
    readonly parts: Readonly<Partial<Record<AnswerPart, string>>>
    /** The top layer, a line each. */
    readonly plain: string
    readonly ticks: string
    readonly assessment: readonly Provision[]
}

export const NO_DRAFT: ReplyDraft = { mode: 'answer', chat: '', parts: {}, plain: '', ticks: '', assessment: [] }

/** As far as they have been read: newest closed first. */
export interface ClosedList {
    readonly places: ReadonlyMap<PlaceKey, Place>
    readonly isRead: boolean
    readonly hasMore: boolean
}

export const NOTHING_CLOSED: ClosedList = { places: new Map(), isRead: false, hasMore: true }

export interface ConsoleState {
    readonly me: Me | null
    readonly signIn: { readonly working: boolean; readonly error: ErrorCode | null; readonly left: boolean; readonly percent: number | null }
    readonly connection: Exclude<Connection, 'full'>
    readonly names: ReadonlyMap<string, string>
    /** Who is here, and until when clients believe it. */
    readonly directory: { readonly experts: readonly Expert[]; readonly expires: number } | null
    /** Coordinators: the invitations that wait. */
    readonly waiting: readonly WaitingView[]
    /** Coordinators: open cases are given their next keys, or were. */
    readonly turning: Turning | null
    /** Who holds shares, and who asks for them; null until it is read. */
    readonly recovery: RecoveryView | null
    /** What has changed among the people since somebody read it on this device. */
    readonly peopleNews: readonly PersonNews[]
    /** Coordinators: whether the audit log holds. */
    readonly audit: AuditStanding
    readonly queues: Queues
    /** The queues that have been read at least once. */
    readonly read: ReadonlySet<number>
    /** How many wait in queues that are too long to be read whole. */
    readonly waitingIn: ReadonlyMap<number, number>
    readonly closed: ClosedList
    /** The closed places where something has come since that nobody has looked at. */
    readonly late: ReadonlySet<PlaceKey>
    /** Who else writes in a case of ours right now, by case: the queue whose answer it will be. */
    readonly answering: ReadonlyMap<string, number>
    /** What is searched for; nothing: the list is shown. */
    readonly sought: string
    readonly cards: ReadonlyMap<PlaceKey, CardView>
    readonly tab: Tab
    readonly selected: PlaceKey | null
    readonly loss: Loss | null
    /** On a narrow screen one pane is shown at a time. */
    readonly pane: 'list' | 'case'
    readonly cases: ReadonlyMap<PlaceKey, CaseView>
    /** Whose messages are drawn: the selected place, once its opening is recorded. SPEC 4.6 */
    readonly shown: PlaceKey | null
    /** The cases whose reporter has the page open. */
    readonly here: ReadonlySet<string>
    /** How many messages of others have not been read, of cases with any. */
    readonly unread: ReadonlyMap<PlaceKey, number>
    readonly drafts: ReadonlyMap<PlaceKey, ReplyDraft>
    /** The places with a draft that says something: another set only when a draft begins or ends, not for each letter. */
    readonly drafted: ReadonlySet<PlaceKey>
    /** The drafts that this device has kept, sealed; of another object it has an older text. */
    readonly kept: ReadonlyMap<PlaceKey, ReplyDraft>
    /** Whether this device keeps drafts at all. */
    readonly keeps: boolean
    /** The desk is locked: nothing of a case is in this page, and its owner, of this name, can come back. `byPassword`: not by a passkey alone. */
    readonly locked: { readonly name: string; readonly byPassword: boolean } | null
    /** Whose the drafts are. */
    readonly writer: string | null
    /** What was answered of the duties in a case here, and is not stored for all its holders yet. SPEC 3.7 */
    readonly duties: ReadonlyMap<PlaceKey, DutyAnswers>
    /** The topics whose words are covered at first, and the places where somebody has asked to see them. */
    readonly warned: ReadonlySet<string>
    readonly uncovered: ReadonlySet<PlaceKey>
    readonly busy: ReadonlyMap<PlaceKey, Busy>
    /** When what was sent leaves. */
    readonly leaving: ReadonlyMap<PlaceKey, number>
    readonly errors: ReadonlyMap<PlaceKey, ErrorCode>
    /** A failure that belongs to no place. */
    readonly error: ErrorCode | null
    readonly news: { readonly what: News | null; readonly turn: number }
    readonly dialog: DialogName | null
    /** Whether the answer is shown beside the editor as its reader will see it. */
    readonly preview: boolean
    readonly lettersOn: boolean
    readonly bellOn: boolean
    readonly language: DeskLanguage
    /** Whether the page is in front of somebody: only then is a message read by being there. */
    readonly looking: boolean
    /** Whether the page has room for one pane only. */
    readonly onePane: boolean
    readonly beside: Beside
    readonly nowS: number
    /** Opening hours and promises, the same for everybody; null until they are here. */
    readonly hours: Hours | null
}

export const AT_START: ConsoleState = {
    me: null,
    signIn: { working: false, error: null, left: false, percent: null },
    connection: 'connecting',
    names: new Map(),
    directory: null,
    waiting: [],
    turning: null,
    recovery: null,
    peopleNews: [],
    audit: { is: 'unread' },
    queues: NO_QUEUES,
    read: new Set(),
    waitingIn: new Map(),
    closed: NOTHING_CLOSED,
    late: new Set(),
    answering: new Map(),
    sought: '',
    cards: new Map(),
    tab: 'mine',
    selected: null,
    loss: null,
    pane: 'list',
    cases: new Map(),
    shown: null,
    here: new Set(),
    unread: new Map(),
    drafts: new Map(),
    drafted: new Set(),
    kept: new Map(),
    keeps: true,
    locked: null,
    writer: null,
    duties: new Map(),
    warned: new Set(HEAVY_TOPICS),
    uncovered: new Set(),
    busy: new Map(),
    leaving: new Map(),
    errors: new Map(),
    error: null,
    news: { what: null, turn: 0 },
    dialog: null,
    preview: false,
    lettersOn: true,
    bellOn: true,
    language: 'fi',
    looking: true,
    onePane: false,
    beside: NOTHING_BESIDE,
    nowS: 0,
    hours: null,
}

export type ConsoleEvent =
    /** `percent`: of the work that others' failures with the same name make it cost, if it takes long. */
    | { readonly type: 'signing-in'; readonly percent: number | null }
    | { readonly type: 'sign-in-failed'; readonly code: ErrorCode }
    | { readonly type: 'signed-in'; readonly me: Me }
    | { readonly type: 'signed-out' }
    | { readonly type: 'expired' }
    | { readonly type: 'locked'; readonly byPassword: boolean }
    | { readonly type: 'connection'; readonly connection: Exclude<Connection, 'full'> }
    | { readonly type: 'names'; readonly names: ReadonlyMap<string, string> }
    | { readonly type: 'directory'; readonly experts: readonly Expert[]; readonly expires: number }
    | { readonly type: 'waiting'; readonly waiting: readonly WaitingView[] }
    | { readonly type: 'turning'; readonly turning: Turning | null }
    | { readonly type: 'recovery'; readonly recovery: RecoveryView }
    | { readonly type: 'people-news'; readonly news: readonly PersonNews[] }
    | { readonly type: 'audit'; readonly audit: AuditStanding }
    | { readonly type: 'queue-read'; readonly queue: number; readonly places: readonly Place[]; readonly begun: number; readonly whole: boolean }
    | { readonly type: 'waiting-in'; readonly queue: number; readonly count: number }
    | { readonly type: 'closed-read'; readonly places: readonly Place[]; readonly hasMore: boolean }
    | { readonly type: 'late'; readonly keys: readonly PlaceKey[] }
    | { readonly type: 'answering'; readonly case: string; readonly queue: number }
    | { readonly type: 'quiet'; readonly case: string }
    | { readonly type: 'sought'; readonly words: string }
    | { readonly type: 'cards'; readonly cards: readonly (readonly [PlaceKey, CardView])[] }
    | { readonly type: 'place'; readonly place: Place; readonly by: 'feed' | News }
    | { readonly type: 'envelope'; readonly case: string; readonly seq: number }
    | { readonly type: 'erased'; readonly case: string }
    | { readonly type: 'tab'; readonly tab: Tab }
    | { readonly type: 'select'; readonly key: PlaceKey; readonly pane: 'list' | 'case' }
    | { readonly type: 'to-list' }
    | { readonly type: 'case'; readonly key: PlaceKey; readonly view: CaseView }
    | { readonly type: 'draft'; readonly key: PlaceKey; readonly draft: ReplyDraft }
    | { readonly type: 'restored'; readonly drafts: ReadonlyMap<PlaceKey, ReplyDraft>; readonly duties: ReadonlyMap<PlaceKey, DutyAnswers>; readonly words?: ReadonlyMap<AsideKey, string> }
    | { readonly type: 'duty'; readonly key: PlaceKey; readonly id: string; readonly answer: DutyAnswer | null }
    | { readonly type: 'warn'; readonly topic: string; readonly on: boolean }
    | { readonly type: 'uncover'; readonly key: PlaceKey }
    | { readonly type: 'kept'; readonly key: PlaceKey; readonly draft: ReplyDraft }
    | { readonly type: 'not-kept' }
    | { readonly type: 'leaving'; readonly key: PlaceKey; readonly leavesAtMs: number }
    | { readonly type: 'leaves' | 'undone'; readonly key: PlaceKey }
    | { readonly type: 'sent'; readonly key: PlaceKey }
    | { readonly type: 'busy'; readonly key: PlaceKey; readonly busy: Busy | null }
    | { readonly type: 'failed'; readonly key: PlaceKey | null; readonly code: ErrorCode }
    | { readonly type: 'seen-error'; readonly key: PlaceKey | null }
    | { readonly type: 'dialog'; readonly dialog: DialogName | null }
    | { readonly type: 'preview'; readonly on: boolean }
    | { readonly type: 'letters'; readonly on: boolean }
    | { readonly type: 'bell'; readonly on: boolean }
    | { readonly type: 'language'; readonly language: DeskLanguage }
    | { readonly type: 'here'; readonly case: string; readonly here: boolean }
    | { readonly type: 'nobody-here' }
    | { readonly type: 'looking'; readonly on: boolean }
    | { readonly type: 'room'; readonly onePane: boolean }
    | { readonly type: 'tick'; readonly nowS: number }
    | { readonly type: 'hours'; readonly hours: Hours }
    | BesideEvent
