/** What is written beside cases, as the console shows it: rooms, advice that is asked for, and unsent words. Pure. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { RoomView } from './room'
import type { AsideKey } from './rooms'
import type { ShelfView } from './shelf'

export interface Beside {
    /** Whether the notes stand where the reply is written. */
    readonly open: boolean
    /** By case. */
    readonly rooms: ReadonlyMap<string, readonly RoomView[]>
    /** Where our queues are asked for advice. */
    readonly advice: readonly RoomView[]
    /** Whether what others ask is shown, in the case's place. */
    readonly advising: boolean
    /** The templates that our teams wrote themselves, by queue. */
    readonly shelves: ReadonlyMap<number, ShelfView>
    readonly words: ReadonlyMap<AsideKey, string>
    readonly busy: ReadonlySet<AsideKey>
    readonly errors: ReadonlyMap<AsideKey, ErrorCode>
}

export const NOTHING_BESIDE: Beside = {
    open: false, rooms: new Map(), advice: [], advising: false, shelves: new Map(), words: new Map(), busy: new Set(), errors: new Map(),
}

export type BesideEvent =
    | { readonly type: 'beside'; readonly open: boolean }
    | { readonly type: 'rooms'; readonly case: string; readonly rooms: readonly RoomView[] }
    | { readonly type: 'advice'; readonly rooms: readonly RoomView[] }
    | { readonly type: 'advising'; readonly on: boolean }
    | { readonly type: 'shelf'; readonly queue: number; readonly view: ShelfView }
    | { readonly type: 'aside-words'; readonly key: AsideKey; readonly text: string }
    | { readonly type: 'aside-busy'; readonly key: AsideKey }
    | { readonly type: 'aside-sent'; readonly key: AsideKey }
    | { readonly type: 'aside-failed'; readonly key: AsideKey; readonly code: ErrorCode }

export function besideNext(beside: Beside, event: BesideEvent): Beside {
    switch (event.type) {
        case 'beside':
            return { ...beside, open: event.open }
        case 'rooms':
            return { ...beside, rooms: new Map(beside.rooms).set(event.case, event.rooms) }
        case 'advice':
            return { ...beside, advice: event.rooms }
        case 'advising':
            return { ...beside, advising: event.on }
        case 'shelf':
            return { ...beside, shelves: new Map(beside.shelves).set(event.queue, event.view) }
        case 'aside-words':
            return { ...beside, words: new Map(beside.words).set(event.key, event.text), errors: without(beside.errors, event.key) }
        case 'aside-busy':
            return { ...beside, busy: new Set(beside.busy).add(event.key), errors: without(beside.errors, event.key) }
        case 'aside-sent':
            return { ...beside, busy: lacking(beside.busy, event.key), words: without(beside.words, event.key) }
        case 'aside-failed':
            return { ...beside, busy: lacking(beside.busy, event.key), errors: new Map(beside.errors).set(event.key, event.code) }
    }
}

/** What stays when keys are wiped: words that nobody else has. */
export const unsentBeside = ({ words, open }: Beside): Beside => ({ ...NOTHING_BESIDE, words, open })

export const hasUnsentBeside = ({ words }: Beside): boolean => [...words.values()].some((text) => text.trim() !== '')

function without<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
    const copy = new Map(map)
    copy.delete(key)
    return copy
}

function lacking<Key>(set: ReadonlySet<Key>, key: Key): ReadonlySet<Key> {
    const copy = new Set(set)
    copy.delete(key)
    return copy
}
