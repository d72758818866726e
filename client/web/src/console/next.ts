/** How everything that happens changes what the console shows: pure. */
import type { Expert } from '@lyhty/crypto/directories'
import { b64encode } from '@lyhty/crypto/encoding'
import { hourOf } from '../session/openings'
import { NO_ANSWERS, unsettled } from './answering/duties'
import { sharedAnswers } from './answering/second-pair'
import { besideNext, unsentBeside } from './beside'
import type { CaseView } from './conversation'
import type { Place, PlaceKey } from './places'
import { withClosed, withClosedRead, withoutErased } from './closed-list'
import { withEnvelope, withoutCase, withPlace, withRead, type Queues } from './queues'
import type { RoomView } from './room'
import { isMine, isWritten, lookedAt, tabsOf } from './questions'
import { AT_START, NO_DRAFT, type Busy, type ConsoleEvent, type ConsoleState, type Loss, type Me, type News, type ReplyDraft } from './state'

export function next(state: ConsoleState, event: ConsoleEvent): ConsoleState {
    return withShown(state, withDrafted(state, changed(state, event)))
}

function changed(state: ConsoleState, event: ConsoleEvent): ConsoleState {
    switch (event.type) {
        case 'signing-in':
            return { ...state, signIn: { ...AT_START.signIn, working: true, percent: event.percent } }
        case 'sign-in-failed':
            return { ...state, signIn: { ...AT_START.signIn, error: event.code } }
        case 'signed-in':
            return signedIn(state, event.me)
        case 'signed-out':
            return { ...fresh(state), signIn: { ...AT_START.signIn, left: true } }
        case 'expired':
            return expired(state)
        case 'locked':
            return { ...expired(state), signIn: AT_START.signIn, locked: { name: state.me?.name ?? '', byPassword: event.byPassword }, drafts: AT_START.drafts, kept: AT_START.kept, duties: AT_START.duties, beside: { ...AT_START.beside, open: state.beside.open } }
        case 'connection':
            return { ...state, connection: event.connection }
        case 'names':
            return { ...state, names: event.names }
        case 'directory':
            return { ...state, me: meIn(state.me, event.experts), directory: { experts: event.experts, expires: event.expires } }
        case 'waiting':
            return { ...state, waiting: event.waiting }
        case 'turning':
            return { ...state, turning: event.turning }
        case 'recovery':
            return { ...state, recovery: event.recovery }
        case 'people-news':
            return { ...state, peopleNews: event.news }
        case 'audit':
            return { ...state, audit: event.audit }
        case 'queue-read': {
            const queues = withRead(state.queues, event.queue, event.places, event.begun, event.whole)
            const drafts = event.whole ? withoutGone(state.drafts, event.queue, queues) : state.drafts
            const duties = event.whole ? withoutGone(state.duties, event.queue, queues) : state.duties
            // A day brings thousands of cards that nobody will look at again.
            const shown = { places: new Map([...state.closed.places, ...queues.places]) }
            const cards = event.whole ? withoutGone(state.cards, event.queue, shown) : state.cards
            return noticeLoss(state, { ...state, queues, drafts, duties, cards, read: new Set(state.read).add(event.queue), error: null })
        }
        case 'waiting-in':
            return { ...state, waitingIn: new Map(state.waitingIn).set(event.queue, event.count) }
        case 'closed-read':
            return { ...state, closed: withClosedRead(state, event.places, event.hasMore) }
        case 'late':
            return { ...state, late: new Set(event.keys) }
        case 'answering':
            return { ...state, answering: new Map(state.answering).set(event.case, event.queue) }
        case 'quiet':
            return { ...state, answering: dropped(state.answering, event.case) }
        case 'sought':
            return { ...state, sought: event.words }
        case 'cards':
            return { ...state, cards: new Map([...state.cards, ...event.cards]) }
        case 'place':
            return placeChanged(state, event.place, event.by)
        case 'envelope':
            return { ...state, queues: withEnvelope(state.queues, event.case, event.seq) }
        case 'erased':
            return noticeLoss(state, {
                ...state, queues: withoutCase(state.queues, event.case), closed: withoutErased(state.closed, event.case),
                late: new Set([...state.late].filter((key) => !key.startsWith(`${event.case}/`))),
            })
        case 'tab':
            return { ...state, tab: event.tab, pane: 'list', sought: '' }
        case 'select':
            return lookedUp({ ...state, cases: withoutClosed(state, event.key), selected: event.key, pane: event.pane, loss: null })
        case 'to-list':
            return { ...state, pane: 'list', beside: besideNext(state.beside, { type: 'advising', on: false }) }
        case 'case':
            return caseRead(state, event.key, event.view)
        case 'draft':
            return { ...state, drafts: new Map(state.drafts).set(event.key, event.draft), errors: dropped(state.errors, event.key) }
        case 'restored':
            // What was written since is newer.
            return {
                ...state, drafts: new Map([...event.drafts, ...state.drafts]), kept: new Map([...event.drafts, ...state.kept]),
                duties: new Map([...event.duties, ...state.duties]),
                beside: { ...state.beside, words: new Map([...(event.words ?? []), ...state.beside.words]) },
            }
        case 'duty':
            return { ...state, duties: new Map(state.duties).set(event.key, { ...(state.duties.get(event.key) ?? NO_ANSWERS), [event.id]: event.answer }) }
        case 'warn': {
            const warned = new Set(state.warned)
            if (event.on) warned.add(event.topic)
            else warned.delete(event.topic)
            return lookedUp({ ...state, warned })
        }
        case 'uncover':
            return lookedUp({ ...state, uncovered: new Set(state.uncovered).add(event.key) })
        case 'kept':
            return { ...state, kept: new Map(state.kept).set(event.key, event.draft), keeps: true }
        case 'not-kept':
            return { ...state, keeps: false }
        case 'leaving': {
            const leaving = new Map(state.leaving).set(event.key, event.leavesAtMs)
            return { ...settled(state, event.key), busy: new Map(state.busy).set(event.key, 'leaving'), leaving }
        }
        case 'leaves':
            return noLongerLeaving(state, event.key)
        case 'undone':
            return state.leaving.has(event.key) ? said(noLongerLeaving(state, event.key), 'undone') : state
        case 'sent': {
            const draft = state.drafts.get(event.key) ?? NO_DRAFT
            const kept: ReplyDraft = draft.mode === 'answer' ? { ...NO_DRAFT, chat: draft.chat, mode: 'chat' } : { ...draft, chat: '' }
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
            // Back from a break, what stands there is looked at again.
            return lookedUp({ ...state, dialog: event.dialog })
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
        case 'hours':
            return { ...state, hours: event.hours }
        case 'rooms':
            return { ...state, beside: besideNext(state.beside, event), duties: withoutStored(state.duties, event.case, event.rooms) }
        case 'advising':
            return { ...state, beside: besideNext(state.beside, event), pane: event.on ? 'case' : state.pane }
        default:
            return { ...state, beside: besideNext(state.beside, event) }
    }
}

/** What stays whoever is signed in: how this desk is liked, and what time it is. */
function fresh({ lettersOn, bellOn, language, warned, looking, onePane, nowS, hours }: ConsoleState): ConsoleState {
    return { ...AT_START, lettersOn, bellOn, language, warned, looking, onePane, nowS, hours }
}

/** A closed case is read while it is looked at, and not kept. */
function withoutClosed({ cases, closed, selected }: ConsoleState, key: PlaceKey): ConsoleState['cases'] {
    return selected === null || selected === key || !closed.places.has(selected) ? cases : dropped(cases, selected)
}

/** What is before somebody's eyes is not new any more. */
function lookedUp(state: ConsoleState): ConsoleState {
    const key = lookedAt(state)
    return key !== null && state.unread.has(key) ? { ...state, unread: dropped(state.unread, key) } : state
}

/** Without what belongs to places that a whole read of their queue does not know: closed, or erased, while nobody was here. */
function withoutGone<Written>(drafts: ReadonlyMap<PlaceKey, Written>, queue: number, { places }: Pick<Queues, 'places'>): ReadonlyMap<PlaceKey, Written> {
    const isGone = (key: PlaceKey): boolean => key.endsWith(`/${queue}`) && !places.has(key)
    return [...drafts.keys()].some(isGone) ? new Map([...drafts].filter(([key]) => !isGone(key))) : drafts
}

/** SPEC 4.6: shown once it is recorded for this hour, and on as long as it stays selected and nobody comes back to it. */
function withShown(before: ConsoleState, after: ConsoleState): ConsoleState {
    const { selected, shown } = after
    const view = selected === null ? undefined : after.cases.get(selected)
    const looked = lookedAt(after)
    const stays = shown !== null && shown === selected && (looked === null || lookedAt(before) === looked)
    const isRecorded = view !== undefined && view.openedHour !== null && view.openedHour >= hourOf(after.nowS)
    const now = view !== undefined && (stays || isRecorded) ? selected : null
    return now === shown ? after : { ...after, shown: now }
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
        ...fresh(state), me, writer: me.expert, tab, selected: kept.selected, pane: kept.pane, drafts: kept.drafts, kept: kept.kept, duties: kept.duties, busy: kept.busy,
        beside: unsentBeside(kept.beside),
    }
}

function expired(state: ConsoleState): ConsoleState {
    const sending = [...state.busy].filter(([, busy]) => busy === 'sending')
    return {
        ...fresh(state), signIn: { ...AT_START.signIn, error: 'not-signed-in' }, writer: state.writer, drafts: state.drafts, kept: state.kept,
        duties: state.duties,
        busy: new Map(sending), tab: state.tab, selected: state.selected, pane: state.pane,
        beside: unsentBeside(state.beside),
    }
}

function placeChanged(state: ConsoleState, place: Place, by: 'feed' | News): ConsoleState {
    const known = state.queues.places.get(place.key)
    const [queues, closed] = [withPlace(state.queues, place), withClosed(state, place)]
    const late = place.state === 'closed' ? state.late : new Set([...state.late].filter((key) => key !== place.key))
    if (by === 'feed') {
        const after = noticeLoss(state, { ...state, queues, closed, late })
        if (place.state === 'waiting' && known === undefined) return said(after, 'arrived')
        const woke = isMine(state, place) && place.snooze === null && known !== undefined && known.snooze !== null
        return woke && state.busy.get(place.key) !== 'snoozing' ? said(after, 'woken') : after
    }
    const after = said({ ...settled(state, place.key), queues, closed, late }, by)
    return by === 'released' || by === 'closed' ? forgotten(after, place.key, by === 'closed') : after
}

/** What I held and no longer hold, though I did not let go: the words I wrote stay only while they could still be sent. */
function noticeLoss(before: ConsoleState, after: ConsoleState): ConsoleState {
    let state = after
    for (const place of before.queues.places.values()) {
        const now = after.queues.places.get(place.key)
        if (!isMine(before, place) || (now !== undefined && isMine(after, now)) || isLettingGo(before.busy.get(place.key))) continue
        const drafts = now === undefined ? dropped(state.drafts, place.key) : state.drafts
        const duties = now === undefined ? dropped(state.duties, place.key) : state.duties
        const loss: Loss | null = state.selected !== place.key ? state.loss : now === undefined ? 'erased' : 'lapsed'
        state = { ...state, cases: dropped(state.cases, place.key), unread: dropped(state.unread, place.key), drafts, duties, loss }
    }
    return state
}

/** The feed may tell of a release or a close before its answer does. */
function isLettingGo(busy: Busy | undefined): boolean {
    return busy === 'closing' || busy === 'releasing'
}

function forgotten(state: ConsoleState, key: PlaceKey, closed: boolean): ConsoleState {
    const shown = closed && state.selected === key ? { selected: null, pane: 'list' as const } : {}
    return {
        ...state, ...shown, cases: dropped(state.cases, key), drafts: dropped(state.drafts, key), duties: dropped(state.duties, key),
        unread: dropped(state.unread, key),
    }
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

function noLongerLeaving(state: ConsoleState, key: PlaceKey): ConsoleState {
    return { ...state, busy: dropped(state.busy, key), leaving: dropped(state.leaving, key) }
}

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

/** Somebody may have got another queue while they were at their desk. */
function meIn(me: Me | null, experts: readonly Expert[]): Me | null {
    const self = experts.find(({ id }) => b64encode(id) === me?.expert)
    return me === null || self === undefined ? me : { ...me, queues: self.queues, coordinator: self.coordinator }
}

function withoutStored(duties: ConsoleState['duties'], caseId: string, rooms: readonly RoomView[]): ConsoleState['duties'] {
    const shared = sharedAnswers(rooms)
    const changed = [...duties].map(([key, said]) => [key, key.startsWith(`${caseId}/`) ? unsettled(said, (id) => shared.get(id)?.answer ?? null) : said] as const)
    return new Map(changed.filter(([, said]) => Object.keys(said).length > 0))
}
