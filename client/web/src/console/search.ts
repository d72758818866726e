/** Search over what is open on this desk: the messages of one's own cases, and the cards of the lists. Nothing leaves the page. */
import type { DeskMessage } from './conversation'
import type { Place } from './places'
import { allInOrder } from './queues'
import type { ConsoleState } from './state'

/** Where the words stand: what is before them, they themselves, what follows. */
export interface Passage { readonly before: string; readonly words: string; readonly after: string }
export interface Hit {
    readonly place: Place
    readonly passage: Passage
    /** How many of its texts have the words. */
    readonly count: number
}

const AROUND_LETTERS = 40
/** Nobody reads more; who must narrow the search down is told how many there are. */
export const HITS_AT_MOST = 50

export function search(state: ConsoleState, sought: string, namesOf: (place: Place) => readonly string[]): readonly Hit[] {
    const pattern = patternOf(sought)
    if (pattern === null) return []
    const hits: Hit[] = []
    for (const place of allInOrder(state.queues)) {
        const passages = textsOf(state, place, namesOf).flatMap((text) => passageIn(text, pattern) ?? [])
        const [passage] = passages
        if (passage !== undefined) hits.push({ place, passage, count: passages.length })
    }
    return hits
}

/** Every word of it, anywhere in this order, whatever their case: what somebody half remembers. Null when there is none. */
function patternOf(sought: string): RegExp | null {
    const words = sought.trim().split(/\s+/).filter((word) => word !== '')
    return words.length === 0 ? null : new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('\\s+'), 'iu')
}

function textsOf(state: ConsoleState, place: Place, namesOf: (place: Place) => readonly string[]): readonly string[] {
    const messages = state.cases.get(place.key)?.messages
    const written = messages === undefined ? [state.cards.get(place.key)?.facts?.firstWords ?? ''] : messages.flatMap(wordsOf)
    return [...namesOf(place), ...written]
}

const wordsOf = ({ content }: DeskMessage): readonly string[] =>
    content.type === 'answer' ? content.parts.map(({ text }) => text) : 'text' in content ? [content.text] : []

function passageIn(text: string, pattern: RegExp): Passage | null {
    const found = pattern.exec(text)
    if (found === null) return null
    const [begin, end] = [found.index, found.index + found[0].length]
    const from = Math.max(0, begin - AROUND_LETTERS)
    const to = Math.min(text.length, end + AROUND_LETTERS)
    return {
        before: `${from > 0 ? '…' : ''}${text.slice(from, begin)}`,
        words: found[0],
        after: `${text.slice(end, to)}${to < text.length ? '…' : ''}`,
    }
}
