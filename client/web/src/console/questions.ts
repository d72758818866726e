/** What is asked of the console's state: pure. */
import type { Profession } from '../session/types'
import { isCovered, isOnBreak } from './care'
import type { Place, PlaceKey } from './places'
import { allInOrder } from './queues'
import { OWN_LISTS, PROFESSIONS, QUEUE_OF, type ConsoleState, type Me, type OwnList, type ReplyDraft, type Tab } from './state'

/** The list under a tab, urgent first and then oldest. In a queue: what can be claimed, then what somebody holds. */
export function listOf(state: ConsoleState, tab: Tab = state.tab): readonly Place[] {
    if (tab === 'closed') return newestClosed(state.closed.places.values())
    const places = allInOrder(state.queues)
    if (isOwnList(tab)) return places.filter((place) => ownListOf(state, place) === tab)
    const queue = places.filter((place) => place.queue === QUEUE_OF[tab])
    return [...queue.filter(isWaiting), ...queue.filter((place) => !isWaiting(place))]
}

/** The number on a tab: what waits there. Of what is closed, where something has come since. */
export function countOf(state: ConsoleState, tab: Tab): number | null {
    if (tab === 'closed') return state.late.size || null
    const places = allInOrder(state.queues)
    if (isOwnList(tab)) return places.filter((place) => ownListOf(state, place) === tab).length
    const queue = QUEUE_OF[tab]
    return Math.max(places.filter((place) => place.queue === queue && isWaiting(place)).length, state.waitingIn.get(queue) ?? 0)
}

/** In which list of mine a place stands; null when it is not mine. */
export function ownListOf(state: ConsoleState, place: Place): OwnList | null {
    if (!isMine(state, place)) return null
    if (isSnoozed(place, state.nowS)) return 'snoozed'
    return isAwaiting(state, place) ? 'awaiting' : 'mine'
}

export function isOwnList(tab: Tab): tab is OwnList {
    return (OWN_LISTS as readonly Tab[]).includes(tab)
}

const isWaiting = (place: Place): boolean => place.state === 'waiting'

export function isSnoozed({ snooze }: Place, nowS: number): boolean {
    return snooze !== null && snooze.until > nowS
}

/** Whether it is the reporter's turn: I have written since they last did. */
function isAwaiting({ cases }: ConsoleState, { key }: Place): boolean {
    const messages = cases.get(key)?.messages ?? []
    return messages.slice(messages.findLastIndex(({ author }) => author === 'reporter') + 1).some(({ state }) => state === 'sent')
}

/** Whether the reporter has written since the place was put aside: a receipt, which the server cannot tell from that, is none. */
export function mustWake({ cases }: ConsoleState, { key, snooze }: Place): boolean {
    return snooze !== null && (cases.get(key)?.messages ?? []).some(({ author, seq }) => author === 'reporter' && seq > snooze.seq)
}

const newestClosed = (places: Iterable<Place>): readonly Place[] =>
    [...places].sort((a, b) => (b.closedHour ?? 0) - (a.closedHour ?? 0) || a.queue - b.queue || (b.closedNth ?? 0) - (a.closedNth ?? 0))

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
    return [...PROFESSIONS.filter((profession) => me.queues.includes(QUEUE_OF[profession])), ...OWN_LISTS]
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

/** Closed, and by me: I may read it and open it again. */
export function isClosedByMe(state: ConsoleState, place: Place): boolean {
    return place.state === 'closed' && place.closer === state.me?.expert
}

export function placeOf({ queues, closed }: ConsoleState, key: PlaceKey): Place | undefined {
    return queues.places.get(key) ?? closed.places.get(key)
}

export function selectedPlace(state: ConsoleState): Place | null {
    return state.selected === null ? null : (placeOf(state, state.selected) ?? null)
}

/** The place before somebody's eyes: not while its words are covered, nor during a break. */
export function lookedAt(state: ConsoleState): PlaceKey | null {
    const { selected, looking, onePane, pane } = state
    if (selected === null || isOnBreak(state) || isCovered(state, { key: selected })) return null
    return looking && (!onePane || pane === 'case') ? selected : null
}

export function countUnread(state: ConsoleState): number {
    return [...state.unread.values()].reduce((sum, count) => sum + count, 0)
}

/** Whether the desk's bell sounds between two states: for a new case, and for words of others nobody is looking at. */
export function rings(before: ConsoleState, after: ConsoleState): boolean {
    if (!after.bellOn || isOnBreak(after) || after.news.turn === before.news.turn) return false
    return after.news.what === 'arrived' || (after.news.what === 'message' && countUnread(after) > countUnread(before))
}

/** Whether closing the page now would lose something. */
export function hasUnkept(state: ConsoleState): boolean {
    const isKept = ([key, draft]: readonly [PlaceKey, ReplyDraft]): boolean => !isWritten(draft) || state.kept.get(key) === draft
    const isLockedHereOnly = state.locked !== null && !state.keeps
    return isLockedHereOnly || [...state.busy.values()].includes('sending') || ![...state.drafts].every(isKept)
}

/** Whether signing out, or leaving the page, would lose words or leave something unsent. */
export function hasUnsent(state: ConsoleState): boolean {
    return [...state.busy.values()].includes('sending') || [...state.drafts.values()].some(isWritten)
}

export function isWritten(draft: ReplyDraft): boolean {
    return draft.assessment.length > 0 || [draft.chat, draft.plain, draft.ticks, ...Object.values(draft.parts)].some((text) => text.trim() !== '')
}

/** The professions that the reporter of an opened case can be asked about: those without a part in it, once. SPEC 4.7 */
export function canJoin(state: ConsoleState, key: PlaceKey): readonly Profession[] {
    const view = state.cases.get(key)
    if (view === undefined) return []
    return PROFESSIONS.filter((who) => !view.queues.includes(QUEUE_OF[who]) && !view.asked.includes(QUEUE_OF[who]))
}
