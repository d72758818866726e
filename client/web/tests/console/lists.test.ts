/** The lists of the desk: mine, waiting for the reporter, put aside, closed; and a search over what is open. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CardView } from '../../src/console/cards.ts'
import type { CaseView, DeskMessage } from '../../src/console/conversation.ts'
import { next } from '../../src/console/next.ts'
import type { Place } from '../../src/console/places.ts'
import { countOf, listOf, mustWake, ownListOf, selectedPlace } from '../../src/console/questions.ts'
import { search } from '../../src/console/search.ts'
import { asFieldTime, fromFieldTime, isSnooze, snoozeChoices } from '../../src/console/snooze-times.ts'
import { AT_START, OWN_LISTS, type ConsoleEvent, type ConsoleState, type Me } from '../../src/console/state.ts'
import { place } from './places.ts'

const NOW_S = 1_800_000_000
const me: Me = { expert: 'me', name: 'Lawyer', queues: [1], coordinator: false }
const then = (state: ConsoleState, ...events: readonly ConsoleEvent[]): ConsoleState => events.reduce(next, state)
const after = (...events: readonly ConsoleEvent[]): ConsoleState => then(AT_START, { type: 'tick', nowS: NOW_S }, { type: 'signed-in', me }, ...events)
const read = (...places: readonly Place[]): ConsoleEvent => ({ type: 'queue-read', queue: 1, places, begun: 0, whole: true })
const fed = (changed: Place): ConsoleEvent => ({ type: 'place', place: changed, by: 'feed' })
const mine = (seq: number, changes: Partial<Place> = {}): Place => place(seq, { state: 'held', holder: 'me', ...changes })
const closed = (seq: number, nth: number, changes: Partial<Place> = {}): Place =>
    place(seq, { state: 'closed', closer: 'me', closedHour: 500_000 + Math.floor(nth / 10), closedNth: nth, ...changes })
const asleep = { until: NOW_S + 60, seq: 3 }

const message = (seq: number, by: 'reporter' | 'me' | 'colleague', text = 'hei'): DeskMessage => ({
    key: `${seq}`, seq, author: by === 'reporter' ? 'reporter' : 'expert', expertName: null, profession: null, at: 0,
    state: by === 'me' ? 'sent' : 'received', content: { type: 'chat', at: 0, text }, reach: null,
})
const opened = (of: Place, ...messages: readonly DeskMessage[]): ConsoleEvent => {
    const view: CaseView = { messages, alarms: [], older: null, openedHour: null, unread: 0, queues: [1], asked: [], beginsLater: false }
    return { type: 'case', key: of.key, view }
}
const seqs = (places: readonly Place[]): readonly number[] => places.map(({ seq }) => seq)

describe('what has come into closed cases', () => {
    const marked = after({ type: 'closed-read', places: [closed(1, 1), closed(2, 2)], hasMore: false }, { type: 'late', keys: [closed(1, 1).key, closed(2, 2).key] })

    test('is counted at their list, and rings no bell', () => {
        expect(countOf(marked, 'closed')).toBe(2)
        expect(marked.news).toEqual(AT_START.news)
        expect(countOf(then(marked, { type: 'late', keys: [] }), 'closed')).toBe(null)
    })

    test('is no news of a case that is open again, or erased', () => {
        expect([...then(marked, fed(mine(1))).late]).toEqual([closed(2, 2).key])
        expect([...then(marked, { type: 'erased', case: closed(2, 2).case }).late]).toEqual([closed(1, 1).key])
        expect(then(marked, fed(closed(1, 1))).late.size).toBe(2)
    })
})

describe('my lists', () => {
    test('hold each case of mine once, urgent first and then the oldest', () => {
        const state = after(
            read(mine(1), mine(2, { urgent: true }), mine(3), mine(4, { snooze: asleep }), place(5), mine(6, { holder: 'other' })),
            opened(mine(3), message(1, 'reporter'), message(2, 'me')),
        )
        expect(OWN_LISTS.map((list) => seqs(listOf(state, list)))).toEqual([[2, 1], [3], [4], []])
        expect(OWN_LISTS.map((list) => countOf(state, list))).toEqual([2, 1, 1, null])
    })

    test('know whose turn it is by who wrote last, and a colleague of the other profession does not write for me', () => {
        const at = (...messages: readonly DeskMessage[]) => ownListOf(after(read(mine(1)), opened(mine(1), ...messages)), mine(1))
        expect(at(message(1, 'reporter'))).toBe('mine')
        expect(at(message(1, 'reporter'), message(2, 'me'))).toBe('awaiting')
        expect(at(message(1, 'reporter'), message(2, 'me'), message(3, 'colleague'))).toBe('awaiting')
        expect(at(message(1, 'reporter'), message(2, 'colleague'))).toBe('mine')
        expect(at(message(1, 'reporter'), message(2, 'me'), message(3, 'reporter'))).toBe('mine')
    })

    test('a case that is put aside comes back when its time has come', () => {
        const state = after(read(mine(1, { snooze: asleep })))
        expect(countOf(then(state, { type: 'tick', nowS: asleep.until - 1 }), 'snoozed')).toBe(1)
        expect(countOf(then(state, { type: 'tick', nowS: asleep.until }), 'mine')).toBe(1)
    })

    test('a case wakes when its reporter has written since, and for nothing else', () => {
        const sleeping = mine(1, { snooze: asleep })
        const wakes = (...messages: readonly DeskMessage[]) => mustWake(after(read(sleeping), opened(sleeping, ...messages)), sleeping)
        expect(wakes(message(3, 'reporter'))).toBe(false)
        expect(wakes(message(3, 'reporter'), message(5, 'me'), message(6, 'colleague'))).toBe(false)
        expect(wakes(message(3, 'reporter'), message(5, 'reporter'))).toBe(true)
    })

    test('that a case has woken by itself is said, and what I took up myself is not said twice', () => {
        const state = after(read(mine(1, { snooze: asleep })))
        expect(then(state, fed(mine(1))).news.what).toBe('woken')
        const busy = then(state, { type: 'busy', key: 'case-1/1', busy: 'snoozing' })
        expect(then(busy, fed(mine(1))).news).toBe(busy.news)
    })
})

describe('the closed cases', () => {
    const list = (state: ConsoleState): readonly number[] => seqs(listOf(state, 'closed'))

    test('come newest closed first, whatever page they came on', () => {
        const state = after(
            { type: 'closed-read', places: [closed(1, 32), closed(5, 31)], hasMore: true }, { type: 'closed-read', places: [closed(2, 4)], hasMore: false },
        )
        expect([list(state), state.closed.hasMore]).toEqual([[1, 5, 2], false])
    })

    test('are joined by the one I close, and left by the one that is opened again', () => {
        const state = after(read(mine(1)), { type: 'closed-read', places: [closed(2, 4)], hasMore: false }, { type: 'place', place: closed(1, 5), by: 'closed' })
        expect(list(state)).toEqual([1, 2])
        const again = then(state, { type: 'place', place: mine(2), by: 'reopened' })
        expect([list(again), countOf(again, 'mine')]).toEqual([[1], 1])
    })

    test('of others are not mine', () => expect(list(after(fed(closed(1, 5, { closer: 'other' }))))).toEqual([]))

    test('that are erased are gone', () => {
        expect(list(after({ type: 'closed-read', places: [closed(1, 5)], hasMore: false }, { type: 'erased', case: 'case-1' }))).toEqual([])
    })

    test('can be looked at, and their words are not kept when something else is', () => {
        const select = (key: Place['key']): ConsoleEvent => ({ type: 'select', key, pane: 'case' })
        const state = after(read(mine(2)), { type: 'closed-read', places: [closed(1, 5)], hasMore: false }, select('case-1/1'), opened(closed(1, 5), message(1, 'reporter')))
        expect(selectedPlace(state)?.seq).toBe(1)
        expect(state.cases.has('case-1/1')).toBe(true)
        expect(then(state, select('case-2/1')).cases.has('case-1/1')).toBe(false)
    })
})

describe('a queue that is too long to be read whole', () => {
    test('says how many wait in it', () => {
        expect(countOf(after(read(place(1)), { type: 'waiting-in', queue: 1, count: 9_000 }), 'lawyer')).toBe(9_000)
    })
})

describe('a time to put a case aside until', () => {
    const at = (day: number, hour: number): number => new Date(2026, 10, day, hour).getTime() / 1_000
    const names = (nowS: number): readonly string[] => snoozeChoices(nowS).map(({ name }) => name)

    test('is this afternoon, tomorrow morning or Monday', () => {
        expect(snoozeChoices(at(25, 10))).toEqual([
            { name: 'afternoon', until: at(25, 15) }, { name: 'tomorrow', until: at(26, 8) }, { name: 'monday', until: at(30, 8) },
        ])
    })

    test('is no afternoon that is nearly over', () => expect([names(at(25, 14)), names(at(25, 15))].map(([first]) => first)).toEqual(['afternoon', 'tomorrow']))

    test('names Monday once on a Sunday, and next week on a Monday', () => {
        expect(names(at(29, 16))).toEqual(['tomorrow'])
        expect(snoozeChoices(at(30, 16)).at(-1)?.until).toBe(new Date(2026, 11, 7, 8).getTime() / 1_000)
    })

    test('is one the server takes, whenever it is asked for', () => {
        fc.assert(fc.property(fc.integer({ min: 1_700_000_000, max: 2_000_000_000 }), (nowS) => snoozeChoices(nowS).every(({ until }) => isSnooze(until, nowS))))
    })

    test('goes through a field of the form and comes back, to the minute', () => {
        fc.assert(fc.property(fc.integer({ min: 28_000_000, max: 33_000_000 }), (minutes) => {
            // Where the clocks are set back an hour comes twice, and a field cannot say which.
            expect(asFieldTime(fromFieldTime(asFieldTime(minutes * 60)) ?? 0)).toBe(asFieldTime(minutes * 60))
        }))
        expect(fromFieldTime('')).toBeNull()
    })
})

describe('a search', () => {
    const card = (firstWords: string): CardView => ({ alarm: null, urgent: false, sealed: '', facts: { topic: 'bullying', services: [], role: null, age: null, language: 'fi', firstWords } })
    const cards = (...all: readonly (readonly [Place, string])[]): ConsoleEvent => ({ type: 'cards', cards: all.map(([of, words]) => [of.key, card(words)]) })
    const found = (state: ConsoleState, words: string) => search(state, words, () => []).map(({ place: { seq }, passage, count }) => [seq, passage.words, count])

    test('finds the first words of cards, and every message of a case of mine, whatever the case of its letters', () => {
        const state = after(
            read(place(1), mine(2), place(3, { urgent: true })), cards([place(1), 'Minua KIUSATAAN'], [mine(2), 'Hei'], [place(3), 'Joku kiusaa']),
            opened(mine(2), message(1, 'reporter', 'Hei'), message(2, 'me', 'Kuka kiusaa?'), message(3, 'reporter', 'Kaikki kiusaavat')),
        )
        expect(found(state, 'kiusa')).toEqual([[3, 'kiusa', 1], [1, 'KIUSA', 1], [2, 'kiusa', 2]])
    })

    test('takes what somebody types for those letters and nothing else', () => {
        const state = after(read(place(1), place(2)), cards([place(1), 'a.c (hei) *'], [place(2), 'abc']))
        expect([found(state, 'a.c'), found(state, '(HEI) *'), found(state, ' a.c   (hei) ')].flat().map(([seq]) => seq)).toEqual([1, 1, 1])
    })

    test('for nothing finds nothing', () => expect(found(after(read(place(1)), cards([place(1), 'hei'])), '  ')).toEqual([]))

    test('shows what stands around the words', () => {
        const state = after(read(place(1)), cards([place(1), `${'a '.repeat(60)}SIINÄ${' b'.repeat(60)}`]))
        const [hit] = search(state, 'siinä', () => [])
        expect(hit?.passage).toEqual({ before: `…${'a '.repeat(20)}`, words: 'SIINÄ', after: `${' b'.repeat(20)}…` })
    })

    test('never fails, whatever is typed, and what it marks is what was typed', () => {
        fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (text, typed) => {
            const state = after(read(place(1)), cards([place(1), text]))
            const [hit] = search(state, typed, () => [])
            if (hit === undefined) return
            expect(text).toContain(hit.passage.words)
        }))
    })
})
