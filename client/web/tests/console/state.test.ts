/** What the console shows after what has happened. */
import { describe, expect, test } from 'vitest'
import type { CaseView, DeskMessage } from '../../src/console/conversation.ts'
import { next } from '../../src/console/next.ts'
import { countOf, hasUnkept, hasUnsent, listOf, rings, selectedPlace, stepFrom, tabsOf } from '../../src/console/questions.ts'
import { AT_START, NO_DRAFT, type ConsoleEvent, type ConsoleState, type Me } from '../../src/console/state.ts'
import { place } from './places.ts'

const me: Me = { expert: 'me', name: 'Lawyer', queues: [1], coordinator: false }
const after = (...events: readonly ConsoleEvent[]): ConsoleState => events.reduce(next, next(AT_START, { type: 'signed-in', me }))
const then = (state: ConsoleState, ...events: readonly ConsoleEvent[]): ConsoleState => events.reduce(next, state)

const mine = place(1, { state: 'held', holder: 'me' })
const fed = (changed: ReturnType<typeof place>): ConsoleEvent => ({ type: 'place', place: changed, by: 'feed' })
const read = (...places: readonly ReturnType<typeof place>[]): ConsoleEvent => ({ type: 'queue-read', queue: 1, places, begun: 0, whole: true })
const written: ConsoleEvent = { type: 'draft', key: mine.key, draft: { ...NO_DRAFT, parts: { legal: 'Tämä on rikos.' } } }

const message = (seq: number, state: 'sent' | 'received'): DeskMessage => ({
    key: `${seq}`, seq, author: state === 'sent' ? 'expert' : 'reporter', expertName: null, profession: null, at: 0, state, content: { type: 'chat', at: 0, text: 'hei' }, reach: null,
})
const view = (...messages: readonly DeskMessage[]): CaseView => ({
    messages, alarms: [], older: null, openedHour: null, queues: [1], asked: [], beginsLater: false, unread: messages.length - 1 - messages.findLastIndex(({ state }) => state === 'sent'),
})
const opened = (...messages: readonly DeskMessage[]): ConsoleEvent => ({ type: 'case', key: mine.key, view: view(...messages) })

describe('the lists', () => {
    test('put what can be claimed before what somebody holds', () => {
        const state = after(read(place(1, { state: 'held', holder: 'other', urgent: true }), place(2), place(3, { urgent: true })))
        expect(listOf(state, 'lawyer').map(({ seq }) => seq)).toEqual([3, 2, 1])
    })

    test('keep the cards of what stands in them, and of no case that is gone', () => {
        const card = { facts: null, alarm: null, urgent: false, sealed: '' }
        const cards: ConsoleEvent = { type: 'cards', cards: [place(1), place(2), place(3)].map(({ key }) => [key, card] as const) }
        const closed: ConsoleEvent = { type: 'closed-read', places: [place(3, { state: 'closed' })], hasMore: false }
        const state = after(read(place(1), place(2)), cards, closed, read(place(2)))
        expect([...state.cards.keys()]).toEqual([place(2).key, place(3).key])
    })

    test('count on a tab what waits there, and on mine what I hold', () => {
        const state = after(read(mine, place(2), place(3, { state: 'held', holder: 'other' })))
        expect([countOf(state, 'lawyer'), countOf(state, 'mine')]).toEqual([1, 1])
    })

    test('have a tab for each queue of the expert, and four for their own cases', () => {
        expect(tabsOf(me)).toEqual(['lawyer', 'mine', 'awaiting', 'snoozed', 'closed'])
        expect(tabsOf({ ...me, queues: [1, 2] }).slice(0, 3)).toEqual(['lawyer', 'psychologist', 'mine'])
    })

    test('are walked one by one, and not past their ends', () => {
        const state = after(read(place(1), place(2)))
        const first = then(state, { type: 'select', key: 'case-1/1', pane: 'list' })
        const last = then(state, { type: 'select', key: 'case-2/1', pane: 'list' })
        expect([stepFrom(state, 1), stepFrom(first, 1), stepFrom(last, 1), stepFrom(first, -1)]).toEqual(['case-1/1', 'case-2/1', 'case-2/1', 'case-1/1'])
    })
})

describe('a case of ours', () => {
    const HOUR_S = 3_600
    const at = (hour: number): ConsoleEvent => ({ type: 'tick', nowS: hour * HOUR_S + 60 })
    const recorded = (hour: number | null): ConsoleEvent => ({ type: 'case', key: mine.key, view: { ...view(message(1, 'received')), openedHour: hour } })
    const select: ConsoleEvent = { type: 'select', key: mine.key, pane: 'case' }
    const look = (on: boolean): ConsoleEvent => ({ type: 'looking', on })
    const begun = after(at(10), read(mine), select)

    test('is not shown before its opening is recorded', () => expect(then(begun, recorded(null)).shown).toBe(null))

    test('is not shown for what was recorded in an hour that is over', () => expect(then(begun, recorded(9)).shown).toBe(null))

    test('is shown once its opening is recorded', () => expect(then(begun, recorded(null), recorded(10)).shown).toBe(mine.key))

    test('stays in sight when the hour turns', () => expect(then(begun, recorded(10), at(11)).shown).toBe(mine.key))

    test('stays drawn while nobody looks, and waits for the record of whoever comes back later', () => {
        const away = then(begun, recorded(10), look(false), at(11))
        expect([away.shown, then(away, look(true)).shown]).toEqual([mine.key, null])
        expect(then(away, look(true), recorded(11)).shown).toBe(mine.key)
    })

    test('is shown at once to who comes back within the hour', () => {
        expect(then(begun, recorded(10), look(false), look(true)).shown).toBe(mine.key)
    })

    test('waits again when another one was shown meanwhile and the hour has turned', () => {
        const other = place(2, { state: 'held', holder: 'me' })
        const elsewhere = then(begun, recorded(10), read(mine, other), { type: 'select', key: other.key, pane: 'case' }, at(11))
        expect([elsewhere.shown, then(elsewhere, select).shown]).toEqual([null, null])
    })

    test('is not shown any more when it is not ours', () => {
        expect(then(begun, recorded(10), fed({ ...mine, state: 'waiting', holder: null })).shown).toBe(null)
    })
})

describe('a locked desk', () => {
    const busy = after(read(mine), { type: 'select', key: mine.key, pane: 'case' }, opened(message(1, 'received')), written)
    const locked = then(busy, { type: 'locked', byPassword: true })

    test('holds no case, no card, no draft and no name of a colleague', () => {
        expect([locked.cases.size, locked.cards.size, locked.drafts.size, locked.kept.size, locked.queues.places.size, locked.names.size, locked.duties.size, locked.beside.words.size, locked.beside.rooms.size]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0])
    })

    test('knows whose it is, what was selected, and that nobody has signed out', () => {
        expect([locked.me, locked.locked, locked.selected, locked.signIn.left, locked.signIn.error]).toEqual([null, { name: 'Lawyer', byPassword: true }, mine.key, false, null])
    })

    test('is where it was when its owner comes back, with what the device has kept', () => {
        const back = then(locked, { type: 'signed-in', me }, { type: 'restored', drafts: busy.drafts, duties: new Map() })
        expect([back.locked, back.selected, back.drafts]).toEqual([null, mine.key, busy.drafts])
    })

    test('forgets what was selected when somebody else signs in', () => {
        expect(then(locked, { type: 'signed-in', me: { ...me, expert: 'other' } }).selected).toBeNull()
    })

    test('may not be closed without a question while its draft is in this page only', () => {
        expect([hasUnkept(locked), hasUnkept(then(locked, { type: 'not-kept' }))]).toEqual([false, true])
    })
})

describe('a new case', () => {
    test('is announced and leaves what is selected as it is', () => {
        const state = after(read(place(1)), { type: 'select', key: 'case-1/1', pane: 'case' }, fed(place(2, { urgent: true })))
        expect(state.news.what).toBe('arrived')
        expect(selectedPlace(state)?.case).toBe('case-1')
    })

    test('is not announced twice when a released case comes back', () => {
        const state = after(read(place(1)), fed(place(1, { state: 'held', holder: 'other' })))
        expect(then(state, fed(place(1))).news).toBe(state.news)
    })

    test('is announced again although the words are the same', () => {
        const state = after(fed(place(1)))
        expect(then(state, fed(place(2))).news.turn).toBe(state.news.turn + 1)
    })
})

describe('a case that is not mine any more', () => {
    const working = after(read(mine), { type: 'select', key: mine.key, pane: 'case' }, opened(message(1, 'received')), written)

    test('keeps my words when its lease ran out, because I may claim it again', () => {
        const state = then(working, fed(place(1)))
        expect(state.loss).toBe('lapsed')
        expect(state.cases.has(mine.key)).toBe(false)
        expect(state.drafts.get(mine.key)?.parts.legal).toBe('Tämä on rikos.')
    })

    test('takes my words with it when its reporter erased it', () => {
        const state = then(working, { type: 'erased', case: mine.case })
        expect(state.loss).toBe('erased')
        expect([state.cases.size, state.drafts.size, selectedPlace(state)]).toEqual([0, 0, null])
    })

    test('is seen to be erased by a read, too', () => {
        expect(then(working, { type: 'queue-read', queue: 1, places: [], begun: working.queues.changes, whole: true }).loss).toBe('erased')
    })

    test('is not called lost when I released it myself', () => {
        const state = then(working, { type: 'place', place: place(1), by: 'released' })
        expect([state.loss, state.news.what, state.drafts.size]).toEqual([null, 'released', 0])
    })

    test('is not called lost when the feed tells first what I released', () => {
        const state = then(working, { type: 'busy', key: mine.key, busy: 'releasing' }, fed(place(1)))
        expect(state.loss).toBeNull()
    })

    test('is not called erased when the feed tells first what I closed', () => {
        const state = then(working, { type: 'busy', key: mine.key, busy: 'closing' }, fed({ ...mine, state: 'closed', holder: null }), { type: 'place', place: { ...mine, state: 'closed', holder: null }, by: 'closed' })
        expect([state.loss, state.news.what, state.selected]).toEqual([null, 'closed', null])
    })
})

describe('what is written', () => {
    test('stays when another case is looked at', () => {
        const state = after(read(mine, place(2)), written, { type: 'select', key: 'case-2/1', pane: 'case' }, { type: 'select', key: mine.key, pane: 'case' })
        expect(state.drafts.get(mine.key)?.parts.legal).toBe('Tämä on rikos.')
    })

    test('stays when sending failed', () => {
        const state = after(read(mine), written, { type: 'busy', key: mine.key, busy: 'sending' }, { type: 'failed', key: mine.key, code: 'case-not-held' })
        expect([state.drafts.get(mine.key)?.parts.legal, state.busy.size, state.errors.get(mine.key)]).toEqual(['Tämä on rikos.', 0, 'case-not-held'])
    })

    test('is gone once it is sent, and only the part that was sent', () => {
        const chat: ConsoleEvent = { type: 'draft', key: mine.key, draft: { ...NO_DRAFT, chat: 'kesken', parts: { legal: 'valmis' }, plain: 'Et ole yksin.', ticks: 'Kerro' } }
        expect(after(read(mine), chat, { type: 'sent', key: mine.key }).drafts.get(mine.key)).toEqual({ ...NO_DRAFT, mode: 'chat', chat: 'kesken' })
    })

    test('survives a sign-in that ran out, for the same expert', () => {
        const expired = after(read(mine), written, { type: 'expired' })
        expect(expired.signIn.error).toBe('not-signed-in')
        expect(then(expired, { type: 'signed-in', me }).drafts.size).toBe(1)
    })

    test('is not shown to another expert', () => {
        const other = after(read(mine), written, { type: 'expired' }, { type: 'signed-in', me: { ...me, expert: 'other' } })
        expect(other.drafts.size).toBe(0)
    })

    test('is gone after signing out', () => expect(after(read(mine), written, { type: 'signed-out' }).drafts.size).toBe(0))

    test('counts as unsent, unless it is only white space', () => {
        expect(hasUnsent(after(read(mine), written))).toBe(true)
        expect(hasUnsent(after({ type: 'draft', key: mine.key, draft: { ...NO_DRAFT, chat: ' \n' } }))).toBe(false)
    })
})

describe('a draft that the device keeps', () => {
    const kept = (state: ConsoleState): ConsoleState => then(state, { type: 'kept', key: mine.key, draft: state.drafts.get(mine.key) ?? NO_DRAFT })
    const restored: ConsoleEvent = { type: 'restored', drafts: new Map([[mine.key, { ...NO_DRAFT, chat: 'eilen' }]]), duties: new Map() }

    test('is not lost by closing the page, and one letter more is', () => {
        const state = kept(after(read(mine), written))
        expect(hasUnkept(state)).toBe(false)
        expect(hasUnkept(then(state, { type: 'draft', key: mine.key, draft: { ...NO_DRAFT, chat: 'a' } }))).toBe(true)
    })

    test('comes back after a reload', () => expect(after(restored).drafts.get(mine.key)?.chat).toBe('eilen'))

    test('does not come back over newer words', () => expect(after(written, restored).drafts.get(mine.key)?.parts.legal).toBe('Tämä on rikos.'))

    test('goes when its case was closed or erased while nobody was here', () => {
        expect(after(restored, read(place(2))).drafts.size).toBe(0)
    })

    test('is marked in the list without drawing the list for each letter', () => {
        const begun = after(written)
        expect(begun.drafted.has(mine.key)).toBe(true)
        expect(then(begun, { type: 'draft', key: mine.key, draft: { ...NO_DRAFT, chat: 'toinen' } }).drafted).toBe(begun.drafted)
    })
})

describe('a reporter who is here', () => {
    const here: ConsoleEvent = { type: 'here', case: mine.case, here: true }

    test('is shown until they go', () => {
        expect(after(here).here.has(mine.case)).toBe(true)
        expect(after(here, { ...here, here: false }).here.size).toBe(0)
    })

    test('is not taken for granted after a lost line', () => expect(after(here, { type: 'nobody-here' }).here.size).toBe(0))
})

describe('the bell', () => {
    const elsewhere = after(read(mine, place(2)), { type: 'select', key: mine.key, pane: 'case' }, opened(message(1, 'received')), { type: 'select', key: 'case-2/1', pane: 'case' })
    const ringsAfter = (...events: readonly ConsoleEvent[]): boolean => rings(elsewhere, then(elsewhere, ...events))

    test('rings for a new case', () => expect(ringsAfter(fed(place(3)))).toBe(true))

    test('rings for a message nobody is looking at', () => expect(ringsAfter(opened(message(1, 'received'), message(2, 'received')))).toBe(true))

    test('keeps still for a message that is read as it comes', () => {
        const looking = then(elsewhere, { type: 'select', key: mine.key, pane: 'case' })
        expect(rings(looking, then(looking, opened(message(1, 'received'), message(2, 'received'))))).toBe(false)
    })

    test('keeps still for what I send, claim, release or close', () => {
        expect(ringsAfter(opened(message(1, 'received'), message(2, 'sent')))).toBe(false)
        expect(ringsAfter({ type: 'sent', key: mine.key })).toBe(false)
        for (const by of ['claimed', 'released', 'closed'] as const) expect(ringsAfter({ type: 'place', place: place(2), by })).toBe(false)
    })

    test('keeps still when it is switched off', () => expect(ringsAfter({ type: 'bell', on: false }, fed(place(3)))).toBe(false))
})

describe('an expert who signed out', () => {
    test('leaves nothing of any case on the screen', () => {
        const state = after(read(mine), opened(message(1, 'received')), { type: 'signed-out' })
        expect([state.me, state.cases.size, state.cards.size, state.queues.places.size, state.names.size]).toEqual([null, 0, 0, 0, 0])
    })
})

describe('a new message', () => {
    const elsewhere = after(read(mine, place(2)), { type: 'select', key: mine.key, pane: 'case' }, opened(message(1, 'received')), { type: 'select', key: 'case-2/1', pane: 'case' })

    test('marks a case that is not being looked at', () => {
        expect(then(elsewhere, opened(message(1, 'sent'), message(2, 'received'))).unread.get(mine.key)).toBe(1)
    })

    test('of my own marks nothing', () => {
        expect(then(elsewhere, opened(message(1, 'received'), message(2, 'sent'))).unread.size).toBe(0)
    })

    test('in the case being looked at is only announced', () => {
        const looking = then(elsewhere, { type: 'select', key: mine.key, pane: 'case' })
        const state = then(looking, opened(message(1, 'received'), message(2, 'received')))
        expect([state.unread.size, state.news.what]).toEqual([0, 'message'])
    })

    test('is counted on a phone while the list is shown, though its case is selected', () => {
        const phone = then(elsewhere, { type: 'room', onePane: true }, { type: 'select', key: mine.key, pane: 'case' })
        const listed = then(phone, { type: 'to-list' }, opened(message(1, 'sent'), message(2, 'received')))
        expect(listed.unread.get(mine.key)).toBe(1)
    })

    test('is counted while nobody is there, even in the case that is open', () => {
        const away = then(elsewhere, { type: 'select', key: mine.key, pane: 'case' }, { type: 'looking', on: false }, opened(message(1, 'sent'), message(2, 'received')))
        expect(away.unread.get(mine.key)).toBe(1)
        expect(then(away, { type: 'looking', on: true }).unread.size).toBe(0)
    })

    test('that waited when the case was opened counts, as our own signed heads say', () => {
        const state = after(read(mine), opened(message(1, 'received'), message(2, 'sent'), message(3, 'received'), message(4, 'received')))
        expect(state.unread.get(mine.key)).toBe(2)
    })

    test('is not marked any more once it is looked at', () => {
        const state = then(elsewhere, opened(message(1, 'received'), message(2, 'received')), { type: 'select', key: mine.key, pane: 'case' })
        expect(state.unread.size).toBe(0)
    })
})
