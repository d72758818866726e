/** What is covered until somebody wants to read it, and what a break keeps still. */
import { describe, expect, test } from 'vitest'
import type { CardView } from '../../src/console/cards.ts'
import { ALL_TOPICS, HEAVY_TOPICS, isCovered, isOnBreak } from '../../src/console/care.ts'
import type { CaseView } from '../../src/console/conversation.ts'
import { next } from '../../src/console/next.ts'
import { lookedAt, rings } from '../../src/console/questions.ts'
import { AT_START, type ConsoleEvent, type ConsoleState } from '../../src/console/state.ts'
import { place } from './places.ts'

const mine = place(1, { state: 'held', holder: 'me' })
const card = (topic: string | null): CardView => ({
    facts: { topic, services: [], role: null, age: null, language: 'fi', firstWords: 'x' }, alarm: null, urgent: false, sealed: '',
})
const cards = (topic: string | null): ConsoleEvent => ({ type: 'cards', cards: [[mine.key, card(topic)]] })
const seen: ConsoleEvent = { type: 'select', key: mine.key, pane: 'case' }
const then = (state: ConsoleState, ...events: readonly ConsoleEvent[]): ConsoleState => events.reduce(next, state)
const after = (...events: readonly ConsoleEvent[]): ConsoleState => then(
    AT_START, { type: 'signed-in', me: { expert: 'me', name: 'x', queues: [1], coordinator: false } },
    { type: 'queue-read', queue: 1, places: [mine], begun: 0, whole: true }, ...events,
)
const onBreak: ConsoleEvent = { type: 'dialog', dialog: 'break' }

describe('the words of a case', () => {
    test.each(HEAVY_TOPICS)('about %s are covered until somebody asks to see them', (topic) => {
        const state = after(cards(topic))
        expect(isCovered(state, mine)).toBe(true)
        expect(isCovered(then(state, { type: 'uncover', key: mine.key }), mine)).toBe(false)
    })

    test.each(['scam', 'left-out', null])('about %s are not covered', (topic) => expect(isCovered(after(cards(topic)), mine)).toBe(false))

    test('are covered topic by topic as somebody likes', () => {
        expect(isCovered(after(cards('threats'), { type: 'warn', topic: 'threats', on: false }), mine)).toBe(false)
        expect(isCovered(after(cards('scam'), { type: 'warn', topic: 'scam', on: true }), mine)).toBe(true)
    })

    test('that are covered have not been read', () => {
        const state = after(cards('threats'), seen)
        expect(lookedAt(state)).toBe(null)
        expect(lookedAt(then(state, { type: 'uncover', key: mine.key }))).toBe(mine.key)
    })

    test('are covered anew after signing in again', () => {
        const state = after(cards('threats'), { type: 'uncover', key: mine.key }, { type: 'signed-out' })
        expect(state.uncovered.size).toBe(0)
    })

    test('can be covered for every topic, and for no other', () => {
        expect(HEAVY_TOPICS.filter((topic) => !(ALL_TOPICS as readonly string[]).includes(topic))).toEqual([])
    })
})

describe('a break', () => {
    const message = { key: '2', seq: 2, author: 'reporter', expertName: null, profession: null, at: 0, state: 'received', content: { type: 'chat', at: 0, text: 'x' }, reach: null } as const
    const view = (...messages: CaseView['messages']): ConsoleEvent => ({ type: 'case', key: mine.key, view: { messages, alarms: [], unread: messages.length - 1, older: null, openedHour: null, queues: [1], asked: [], beginsLater: false } })
    const first = { ...message, key: '1', seq: 1 }

    test('keeps the bell still', () => {
        const state = after(onBreak)
        const arrived: ConsoleEvent = { type: 'place', place: place(3), by: 'feed' }
        expect(isOnBreak(state)).toBe(true)
        expect(rings(state, then(state, arrived))).toBe(false)
        const working = then(state, { type: 'dialog', dialog: null })
        expect(rings(working, then(working, { type: 'place', place: place(4), by: 'feed' }))).toBe(true)
    })

    test('reads nothing for whoever is away: what came is new when they are back', () => {
        const state = after(cards('scam'), seen, view(first), onBreak, view(first, message))
        expect(lookedAt(state)).toBe(null)
        expect(state.unread.get(mine.key)).toBe(1)
        expect(then(state, { type: 'dialog', dialog: null }).unread.size).toBe(0)
    })
})
