/** What is asked of the console's state: pure. */
import type { Profession } from '../session/types'
import { isCovered, isOnBreak } from './care'
import type { Place, PlaceKey } from './places'
import { inOrder } from './queues'
import { PROFESSIONS, QUEUE_OF, type ConsoleState, type Me, type ReplyDraft, type Tab } from './state'

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
    return [...state.busy.values()].includes('sending') || ![...state.drafts].every(isKept)
}

/** Whether signing out, or leaving the page, would lose words or leave something unsent. */
export function hasUnsent(state: ConsoleState): boolean {
    return [...state.busy.values()].includes('sending') || [...state.drafts.values()].some(isWritten)
}

export function isWritten(draft: ReplyDraft): boolean {
    return draft.assessment.length > 0 || [draft.chat, draft.plain, draft.ticks, ...Object.values(draft.parts)].some((text) => text.trim() !== '')
}
