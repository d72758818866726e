/** The queue lists stay true to the server, however reads and events cross on the way. */
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import type { Place } from '../../src/console/places.ts'
import { inOrder, NO_QUEUES, withEnvelope, withoutCase, withPlace, withRead, type Queues } from '../../src/console/queues.ts'
import { place } from './places.ts'

const names = (queues: Queues): string[] => inOrder(queues.places.values()).map((each) => each.case)

describe('a queue list', () => {
    test('shows urgent places first, then the one that has waited longest', () => {
        const shown = inOrder([place(3), place(4, { urgent: true }), place(1), place(2, { urgent: true })])
        expect(shown.map(({ seq }) => seq)).toEqual([2, 4, 1, 3])
    })

    test('forgets a place when it is closed', () => {
        const before = withPlace(NO_QUEUES, place(1))
        expect(names(withPlace(before, place(1, { state: 'closed' })))).toEqual([])
    })

    test('does not let an older read bring back a place that was closed meanwhile', () => {
        const begun = NO_QUEUES.changes
        const closed = withPlace(NO_QUEUES, place(1, { state: 'closed' }))
        expect(names(withRead(closed, 1, [place(1)], begun, true))).toEqual([])
    })

    test('remembers of what is gone no more than the read under way needs', () => {
        const gone = withPlace(withPlace(NO_QUEUES, place(1)), place(1, { state: 'closed' }))
        const later = withPlace(gone, place(2))
        expect([...withRead(later, 1, [place(2)], gone.changes, true).changedAt.keys()]).toEqual([place(2).key])
        expect([...withRead(later, 2, [], later.changes, true).changedAt.keys()]).toEqual([place(1).key, place(2).key])
    })

    test('does not let an older read take back a claim', () => {
        const known = withRead(NO_QUEUES, 1, [place(1)], 0, true)
        const claimed = withPlace(known, place(1, { state: 'held', holder: 'me' }))
        expect(inOrder(withRead(claimed, 1, [place(1)], known.changes, true).places.values())[0]?.state).toBe('held')
    })

    test('drops what a whole read does not show any more', () => {
        const known = withRead(NO_QUEUES, 1, [place(1), place(2)], 0, true)
        expect(names(withRead(known, 1, [place(2)], known.changes, true))).toEqual(['case-2'])
    })

    test('keeps what a read that did not reach the end may have left out', () => {
        const known = withRead(NO_QUEUES, 1, [place(1), place(2)], 0, true)
        expect(names(withRead(known, 1, [place(2)], known.changes, false))).toEqual(['case-1', 'case-2'])
    })

    test('does not mix up the places of one case in two queues', () => {
        const both = withPlace(withPlace(NO_QUEUES, place(1)), place(1, { queue: 2 }))
        const read = withRead(both, 2, [], both.changes, true)
        expect(inOrder(read.places.values()).map(({ queue }) => queue)).toEqual([1])
    })

    test('forgets all places of a case that was erased', () => {
        const both = withPlace(withPlace(NO_QUEUES, place(1)), place(1, { queue: 2 }))
        expect(names(withoutCase(both, 'case-1'))).toEqual([])
    })

    test('never goes back to an older last message', () => {
        const told = withEnvelope(withPlace(NO_QUEUES, place(1)), 'case-1', 7)
        const read = withRead(told, 1, [place(1, { lastSeq: 3 })], told.changes, true)
        expect(read.places.get('case-1/1')?.lastSeq).toBe(7)
    })
})

type Change = 'waiting' | 'held' | 'closed' | 'erased'

/** What can happen to a desk: the server changes a place, an event arrives, a read begins or ends, the line breaks. */
type Step =
    | { readonly do: 'change'; readonly seq: number; readonly to: Change }
    | { readonly do: 'hear' | 'begin' | 'snapshot' | 'end' | 'break' }

const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('change' as const), seq: fc.integer({ min: 1, max: 4 }), to: fc.constantFrom('waiting', 'held', 'closed', 'erased') }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('hear', 'begin', 'snapshot', 'end', 'break') }) },
)

/** A server that tells the truth, one line that keeps its order, and reads that take as long as they like. */
class Meeting {
    readonly truth = new Map<number, Place>()
    readonly #gone = new Set<number>()
    queues = NO_QUEUES
    #line: ((queues: Queues) => Queues)[] = []
    #read: { begun: number; places: Place[] | null } | null = null

    run(next: Step): void {
        switch (next.do) {
            case 'change': return this.#change(next.seq, next.to)
            case 'hear': return this.#hear()
            case 'begin': this.#read ??= { begun: this.queues.changes, places: null }; return
            case 'snapshot': if (this.#read !== null) this.#read.places ??= this.#listed(); return
            case 'end': return this.#end()
            case 'break': return this.reconnect()
        }
    }

    /** What was on the line is lost; a desk that comes back reads everything again. */
    reconnect(): void {
        this.#line = []
        this.#read = { begun: this.queues.changes, places: this.#listed() }
        this.#end()
    }

    /** Whatever is still on its way arrives. */
    settle(): void {
        while (this.#line.length > 0) this.#hear()
        this.#end()
    }

    get expected(): Place[] {
        return [...inOrder(this.#listed())]
    }

    #change(seq: number, to: Change): void {
        if (this.#gone.has(seq)) return
        if (to === 'closed' || to === 'erased') this.#gone.add(seq)
        if (to === 'erased') {
            this.truth.delete(seq)
            this.#line.push((queues) => withoutCase(queues, place(seq).case))
            return
        }
        const changed = place(seq, { state: to, holder: to === 'held' ? 'somebody' : null, urgent: seq % 2 === 0 })
        this.truth.set(seq, changed)
        this.#line.push((queues) => withPlace(queues, changed))
    }

    #hear(): void {
        this.queues = this.#line.shift()?.(this.queues) ?? this.queues
    }

    #end(): void {
        if (this.#read?.places == null) return
        this.queues = withRead(this.queues, 1, this.#read.places, this.#read.begun, true)
        this.#read = null
    }

    #listed(): Place[] {
        return [...this.truth.values()].filter(({ state }) => state !== 'closed')
    }
}

describe('events and reads in any order', () => {
    property.prop([fc.array(step, { maxLength: 40 })], { numRuns: 300 })('add up to what the server has, once all that is under way has arrived', (steps) => {
        const meeting = new Meeting()
        steps.forEach((next) => meeting.run(next))
        meeting.settle()
        meeting.reconnect()
        expect(inOrder(meeting.queues.places.values())).toEqual(meeting.expected)
    })

    property.prop([fc.array(step, { maxLength: 40 })], { numRuns: 300 })('need no further read while the line holds', (steps) => {
        const meeting = new Meeting()
        meeting.reconnect()
        steps.filter((next) => next.do !== 'break').forEach((next) => meeting.run(next))
        meeting.settle()
        expect(inOrder(meeting.queues.places.values())).toEqual(meeting.expected)
    })

    property.prop([fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 5 })])('give the same list for different places, whatever comes first', (order) => {
        const told = order.reduce((queues, seq) => withPlace(queues, place(seq)), NO_QUEUES)
        expect(names(told)).toEqual(['case-1', 'case-2', 'case-3', 'case-4', 'case-5'])
    })
})
