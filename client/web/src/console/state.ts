/**
 * What the console shows, as one value, and how everything that happens changes it. No I/O, no keys, no clock.
 *
 * Unsent words are kept per place and survive a sign-in that ran out; only their writer signing out, or somebody
 * else signing in, throws them away.
 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { AnswerPart, Connection, Profession } from '../session/types'
import type { CardView } from './cards'
import type { CaseView } from './conversation'
import type { DeskLanguage } from './languages'
import { LAWYER, PSYCHOLOGIST, type Place, type PlaceKey } from './places'
import { inOrder, NO_QUEUES, withEnvelope, withoutCase, withPlace, withRead, type Queues } from './queues'

export const PROFESSIONS: readonly Profession[] = ['lawyer', 'psychologist']
export const QUEUE_OF: Readonly<Record<Profession, number>> = { lawyer: LAWYER, psychologist: PSYCHOLOGIST }

export type Tab = Profession | 'mine'
export type ReplyMode = 'answer' | 'chat'
export type DialogName = 'help' | 'close' | 'release' | 'sign-out'
export type Busy = 'claiming' | 'opening' | 'releasing' | 'closing' | 'sending'
/** What is said politely, once: what we did, or what came. */
export type News = 'claimed' | 'released' | 'closed' | 'sent' | 'arrived' | 'message'
/** Why a case that was held is not held any more, though nobody here let go of it. */
export type Loss = 'lapsed' | 'erased'

export interface Me { readonly expert: string; readonly name: string; readonly queues: readonly number[] }

/** What is being written for one place. */
export interface ReplyDraft {
    readonly mode: ReplyMode
    readonly chat: string
    readonly parts: Readonly<Partial<Record<AnswerPart, string>>>
}

export const NO_DRAFT: ReplyDraft = { mode: 'answer', chat: '', parts: {} }

export interface ConsoleState {
    readonly me: Me | null
    readonly signIn: { readonly working: boolean; readonly error: ErrorCode | null; readonly left: boolean }
    readonly connection: Exclude<Connection, 'full'>
    readonly names: ReadonlyMap<string, string>
    readonly queues: Queues
    /** The queues that have been read at least once. */
    readonly read: ReadonlySet<number>
    readonly cards: ReadonlyMap<PlaceKey, CardView>
    readonly tab: Tab
    readonly selected: PlaceKey | null
    readonly loss: Loss | null
    /** On a narrow screen one pane is shown at a time. */
    readonly pane: 'list' | 'case'
    readonly cases: ReadonlyMap<PlaceKey, CaseView>
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
    /** Whose the drafts are. */
    readonly writer: string | null
    readonly busy: ReadonlyMap<PlaceKey, Busy>
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
    readonly nowS: number
}

export const AT_START: ConsoleState = {
    me: null,
    signIn: { working: false, error: null, left: false },
    connection: 'connecting',
    names: new Map(),
    queues: NO_QUEUES,
    read: new Set(),
    cards: new Map(),
    tab: 'mine',
    selected: null,
    loss: null,
    pane: 'list',
    cases: new Map(),
    here: new Set(),
    unread: new Map(),
    drafts: new Map(),
    drafted: new Set(),
    kept: new Map(),
    keeps: true,
    writer: null,
    busy: new Map(),
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
    nowS: 0,
}

export type ConsoleEvent =
    | { readonly type: 'signing-in' }
    | { readonly type: 'sign-in-failed'; readonly code: ErrorCode }
    | { readonly type: 'signed-in'; readonly me: Me }
    | { readonly type: 'signed-out' }
    | { readonly type: 'expired' }
    | { readonly type: 'connection'; readonly connection: Exclude<Connection, 'full'> }
    | { readonly type: 'names'; readonly names: ReadonlyMap<string, string> }
    | { readonly type: 'queue-read'; readonly queue: number; readonly places: readonly Place[]; readonly begun: number; readonly whole: boolean }
    | { readonly type: 'cards'; readonly cards: readonly (readonly [PlaceKey, CardView])[] }
    | { readonly type: 'place'; readonly place: Place; readonly by: 'feed' | News }
    | { readonly type: 'envelope'; readonly case: string; readonly seq: number }
    | { readonly type: 'erased'; readonly case: string }
    | { readonly type: 'tab'; readonly tab: Tab }
    | { readonly type: 'select'; readonly key: PlaceKey; readonly pane: 'list' | 'case' }
    | { readonly type: 'to-list' }
    | { readonly type: 'case'; readonly key: PlaceKey; readonly view: CaseView }
    | { readonly type: 'draft'; readonly key: PlaceKey; readonly draft: ReplyDraft }
    | { readonly type: 'restored'; readonly drafts: ReadonlyMap<PlaceKey, ReplyDraft> }
    | { readonly type: 'kept'; readonly key: PlaceKey; readonly draft: ReplyDraft }
    | { readonly type: 'not-kept' }
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

export function next(state: ConsoleState, event: ConsoleEvent): ConsoleState {
    return withDrafted(state, changed(state, event))
}

function changed(state: ConsoleState, event: ConsoleEvent): ConsoleState {
    switch (event.type) {
        case 'signing-in':
            return { ...state, signIn: { working: true, error: null, left: false } }
        case 'sign-in-failed':
            return { ...state, signIn: { working: false, error: event.code, left: false } }
        case 'signed-in':
            return signedIn(state, event.me)
        case 'signed-out':
            return { ...fresh(state), signIn: { ...AT_START.signIn, left: true } }
        case 'expired':
            return expired(state)
        case 'connection':
            return { ...state, connection: event.connection }
        case 'names':
            return { ...state, names: event.names }
        case 'queue-read': {
            const queues = withRead(state.queues, event.queue, event.places, event.begun, event.whole)
            const drafts = event.whole ? withoutGone(state.drafts, event.queue, queues) : state.drafts
            return noticeLoss(state, { ...state, queues, drafts, read: new Set(state.read).add(event.queue), error: null })
        }
        case 'cards':
            return { ...state, cards: new Map([...state.cards, ...event.cards]) }
        case 'place':
            return placeChanged(state, event.place, event.by)
        case 'envelope':
            return { ...state, queues: withEnvelope(state.queues, event.case, event.seq) }
        case 'erased':
            return noticeLoss(state, { ...state, queues: withoutCase(state.queues, event.case) })
        case 'tab':
            return { ...state, tab: event.tab, pane: 'list' }
        case 'select':
            return lookedUp({ ...state, selected: event.key, pane: event.pane, loss: null })
        case 'to-list':
            return { ...state, pane: 'list' }
        case 'case':
            return caseRead(state, event.key, event.view)
        case 'draft':
            return { ...state, drafts: new Map(state.drafts).set(event.key, event.draft), errors: dropped(state.errors, event.key) }
        case 'restored':
            // What was written since is newer.
            return { ...state, drafts: new Map([...event.drafts, ...state.drafts]), kept: new Map([...event.drafts, ...state.kept]) }
        case 'kept':
            return { ...state, kept: new Map(state.kept).set(event.key, event.draft), keeps: true }
        case 'not-kept':
            return { ...state, keeps: false }
        case 'sent': {
            const draft = state.drafts.get(event.key) ?? NO_DRAFT
            const kept: ReplyDraft = draft.mode === 'answer' ? { ...draft, parts: {}, mode: 'chat' } : { ...draft, chat: '' }
            return said({ ...settled(state, event.key), drafts: new Map(state.drafts).set(event.key, kept) }, 'sent')
        }
        case 'busy':
            return { ...state, busy: event.busy === null ? dropped(state.busy, event.key) : new Map(state.busy).set(event.key, event.busy) }
        case 'failed':
            if (event.key === null) return { ...state, error: event.code }
            return { ...settled(state, event.key), errors: new Map(state.errors).set(event.key, event.code) }
        case 'seen-error':
            return event.key === null ? { ...state, error: null } : { ...state, errors: dropped(state.errors, event.key) }
        case 'dialog':
            return { ...state, dialog: event.dialog }
        case 'preview':
            return { ...state, preview: event.on }
        case 'letters':
            return { ...state, lettersOn: event.on }
        case 'bell':
            return { ...state, bellOn: event.on }
        case 'language':
            return { ...state, language: event.language }
        case 'here': {
            const here = new Set(state.here)
            if (event.here) here.add(event.case)
            else here.delete(event.case)
            return { ...state, here }
        }
        case 'nobody-here':
            return { ...state, here: new Set() }
        case 'looking':
            return lookedUp({ ...state, looking: event.on })
        case 'room':
            return lookedUp({ ...state, onePane: event.onePane })
        case 'tick':
            return { ...state, nowS: event.nowS }
    }
}

/** The list under a tab: what can be claimed first, then what somebody holds. */
export function listOf(state: ConsoleState, tab: Tab = state.tab): readonly Place[] {
    const places = inOrder(state.queues.places.values())
    if (tab === 'mine') return places.filter((place) => isMine(state, place))
    const queue = places.filter((place) => place.queue === QUEUE_OF[tab])
    return [...queue.filter((place) => place.state === 'waiting'), ...queue.filter((place) => place.state !== 'waiting')]
}

/** The number on a tab: what waits there, or what I hold. */
export function countOf(state: ConsoleState, tab: Tab): number {
    return listOf(state, tab).filter((place) => tab === 'mine' || place.state === 'waiting').length
}

/** Whose queue the place stands in, which is whose answer it gets. */
export function professionOf(place: Place): Profession | null {
    return PROFESSIONS.find((profession) => QUEUE_OF[profession] === place.queue) ?? null
}

/** The list after the one that is shown; after the last, the first. */
export function nextTab(state: ConsoleState): Tab {
    const tabs = state.me === null ? [] : tabsOf(state.me)
    return tabs[(tabs.indexOf(state.tab) + 1) % tabs.length] ?? 'mine'
}

export function tabsOf(me: Me): readonly Tab[] {
    return [...PROFESSIONS.filter((profession) => me.queues.includes(QUEUE_OF[profession])), 'mine']
}

/** The place J or K moves to; the first one when nothing in this list is selected. */
export function stepFrom(state: ConsoleState, by: 1 | -1): PlaceKey | null {
    const list = listOf(state)
    const at = list.findIndex((place) => place.key === state.selected)
    const to = at < 0 ? 0 : Math.min(Math.max(at + by, 0), list.length - 1)
    return list[to]?.key ?? null
}

export function isMine(state: ConsoleState, place: Place): boolean {
    return place.state === 'held' && place.holder === state.me?.expert
}

export function selectedPlace(state: ConsoleState): Place | null {
    return state.selected === null ? null : (state.queues.places.get(state.selected) ?? null)
}

/** What stays whoever is signed in: how this desk is liked, and what time it is. */
function fresh({ lettersOn, bellOn, language, looking, onePane, nowS }: ConsoleState): ConsoleState {
    return { ...AT_START, lettersOn, bellOn, language, looking, onePane, nowS }
}

/** The place before somebody's eyes. */
export function lookedAt({ selected, looking, onePane, pane }: ConsoleState): PlaceKey | null {
    return looking && (!onePane || pane === 'case') ? selected : null
}

/** What is before somebody's eyes is not new any more. */
function lookedUp(state: ConsoleState): ConsoleState {
    const key = lookedAt(state)
    return key !== null && state.unread.has(key) ? { ...state, unread: dropped(state.unread, key) } : state
}

/** Drafts for places that a whole read of their queue does not know: closed, or erased, while nobody was here. */
function withoutGone(drafts: ConsoleState['drafts'], queue: number, { places }: Queues): ConsoleState['drafts'] {
    const isGone = (key: PlaceKey): boolean => key.endsWith(`/${queue}`) && !places.has(key)
    return [...drafts.keys()].some(isGone) ? new Map([...drafts].filter(([key]) => !isGone(key))) : drafts
}

export function countUnread(state: ConsoleState): number {
    return [...state.unread.values()].reduce((sum, count) => sum + count, 0)
}

/** Whether the desk's bell sounds between two states: for a new case, and for words of others nobody is looking at. */
export function rings(before: ConsoleState, after: ConsoleState): boolean {
    if (!after.bellOn || after.news.turn === before.news.turn) return false
    return after.news.what === 'arrived' || (after.news.what === 'message' && countUnread(after) > countUnread(before))
}

/** Whether closing the page now would lose something. */
export function hasUnkept(state: ConsoleState): boolean {
    const isKept = ([key, draft]: readonly [PlaceKey, ReplyDraft]): boolean => !isWritten(draft) || state.kept.get(key) === draft
    return [...state.busy.values()].includes('sending') || ![...state.drafts].every(isKept)
}

/** Whether signing out, or leaving the page, would lose words or leave something unsent. */
export function hasUnsent(state: ConsoleState): boolean {
    return [...state.busy.values()].includes('sending') || [...state.drafts.values()].some(isWritten)
}

export function isWritten(draft: ReplyDraft): boolean {
    return [draft.chat, ...Object.values(draft.parts)].some((text) => text.trim() !== '')
}

function withDrafted(before: ConsoleState, after: ConsoleState): ConsoleState {
    if (before.drafts === after.drafts && before.drafted === after.drafted) return after
    const written = [...after.drafts].filter(([, draft]) => isWritten(draft)).map(([key]) => key)
    const isSame = written.length === after.drafted.size && written.every((key) => after.drafted.has(key))
    return isSame ? after : { ...after, drafted: new Set(written) }
}

function signedIn(state: ConsoleState, me: Me): ConsoleState {
    const returning = state.writer === me.expert
    const kept = returning ? state : AT_START
    const tab = tabsOf(me).includes(kept.tab) && returning ? kept.tab : (tabsOf(me)[0] ?? 'mine')
    return {
        ...fresh(state), me, writer: me.expert, tab, selected: kept.selected, pane: kept.pane, drafts: kept.drafts, kept: kept.kept, busy: kept.busy,
    }
}

function expired(state: ConsoleState): ConsoleState {
    const sending = [...state.busy].filter(([, busy]) => busy === 'sending')
    return {
        ...fresh(state), signIn: { ...AT_START.signIn, error: 'not-signed-in' }, writer: state.writer, drafts: state.drafts, kept: state.kept,
        busy: new Map(sending), tab: state.tab, selected: state.selected, pane: state.pane,
    }
}

function placeChanged(state: ConsoleState, place: Place, by: 'feed' | News): ConsoleState {
    const queues = withPlace(state.queues, place)
    if (by === 'feed') {
        const arrived = place.state === 'waiting' && !state.queues.places.has(place.key)
        const after = noticeLoss(state, { ...state, queues })
        return arrived ? said(after, 'arrived') : after
    }
    const after = said({ ...settled(state, place.key), queues }, by)
    return by === 'claimed' ? after : forgotten(after, place.key, by === 'closed')
}

/** What I held and no longer hold, though I did not let go: the words I wrote stay only while they could still be sent. */
function noticeLoss(before: ConsoleState, after: ConsoleState): ConsoleState {
    let state = after
    for (const place of before.queues.places.values()) {
        const now = after.queues.places.get(place.key)
        if (!isMine(before, place) || (now !== undefined && isMine(after, now)) || isLettingGo(before.busy.get(place.key))) continue
        const drafts = now === undefined ? dropped(state.drafts, place.key) : state.drafts
        const loss: Loss | null = state.selected !== place.key ? state.loss : now === undefined ? 'erased' : 'lapsed'
        state = { ...state, cases: dropped(state.cases, place.key), unread: dropped(state.unread, place.key), drafts, loss }
    }
    return state
}

/** The feed may tell of a release or a close before its answer does. */
function isLettingGo(busy: Busy | undefined): boolean {
    return busy === 'closing' || busy === 'releasing'
}

function forgotten(state: ConsoleState, key: PlaceKey, closed: boolean): ConsoleState {
    const shown = closed && state.selected === key ? { selected: null, pane: 'list' as const } : {}
    return { ...state, ...shown, cases: dropped(state.cases, key), drafts: dropped(state.drafts, key), unread: dropped(state.unread, key) }
}

function caseRead(state: ConsoleState, key: PlaceKey, view: CaseView): ConsoleState {
    const known = state.cases.get(key)
    const busy = state.busy.get(key) === 'opening' ? dropped(state.busy, key) : state.busy
    const after: ConsoleState = { ...state, cases: new Map(state.cases).set(key, view), busy }
    const unread = new Map(state.unread)
    if (view.unread > 0) unread.set(key, view.unread)
    else unread.delete(key)
    const counted = lookedUp({ ...after, unread })
    // A case that is opened for the first time has told nothing new.
    return known !== undefined && heard(view) > heard(known) ? said(counted, 'message') : counted
}

/** Older messages that are fetched later are no news. */
const heard = (view: CaseView): number => view.messages.findLast(({ state }) => state === 'received')?.seq ?? 0

function settled(state: ConsoleState, key: PlaceKey): ConsoleState {
    return { ...state, busy: dropped(state.busy, key), errors: dropped(state.errors, key), loss: null }
}

function said(state: ConsoleState, what: News): ConsoleState {
    return { ...state, news: { what, turn: state.news.turn + 1 } }
}

function dropped<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
    const copy = new Map(map)
    copy.delete(key)
    return copy
}
