/** The state line of a case, and the promise of an answer. */
import { describe, expect, test } from 'vitest'
import type { Hours } from '@lyhty/crypto/hours'
import type { CaseView, Place, Profession, ShownMessage } from '../../src/session/types.ts'
import { hasComeBack, keptUntilS, promiseOf, stateLine } from '../../src/ui/waiting.ts'

const HOUR_S = 3_600
/** A Friday from 8 to 16 and the Monday after it, in Helsinki. */
const FRIDAY_S = Date.UTC(2026, 10, 27, 6) / 1_000
const MONDAY_S = FRIDAY_S + 72 * HOUR_S
const HOURS: Hours = {
    openings: [[FRIDAY_S, FRIDAY_S + 8 * HOUR_S], [MONDAY_S, MONDAY_S + 8 * HOUR_S]],
    promiseS: 8 * HOUR_S,
    urgentS: 2 * HOUR_S,
    keepDays: 90,
    zone: 'Europe/Helsinki',
}

const message = (author: ShownMessage['author'], profession: Profession | null = null): ShownMessage => ({
    key: author, author, expertName: null, profession, at: FRIDAY_S, state: 'sent', leavesAtMs: null, left: null, isNew: false,
    content: { type: 'chat', text: 'Hei' },
})
const lawyer = (state: Place['state']): Place => ({ profession: 'lawyer', state })
const psychologist = (state: Place['state']): Place => ({ profession: 'psychologist', state })
/** Came on Friday between two and three. */
const view = (places: readonly Place[], ...messages: readonly ShownMessage[]): CaseView => ({
    state: 'waiting', places, opened: { hour: FRIDAY_S / HOUR_S + 6, urgent: false }, here: [], messages, openings: [], helped: null, alarms: [], older: null,
})
const asked = message('reporter')

describe('the state line', () => {
    test('names the one profession that is waited for', () => {
        expect(stateLine(view([psychologist('waiting')], asked))).toBe('case.state.waitingPsychologist')
    })

    test('names nobody when two are waited for', () => {
        expect(stateLine(view([lawyer('waiting'), psychologist('waiting')], asked))).toBe('case.state.waiting')
    })

    test('says who reads when one of two has the case', () => {
        expect(stateLine(view([lawyer('held'), psychologist('waiting')], asked))).toBe('case.state.heldLawyer')
    })

    test('says that there is an answer when an expert wrote last', () => {
        expect(stateLine(view([lawyer('held')], asked, message('expert')))).toBe('case.state.answered')
    })

    test('does not take a question for an answer', () => {
        const ask = { ...message('expert', 'lawyer'), content: { type: 'ask', profession: 'psychologist', text: 'x', question: 'q', answer: null, canAnswer: true } } as const
        expect(stateLine(view([lawyer('held')], asked, ask))).toBe('case.state.heldLawyer')
        expect(promiseOf(view([lawyer('held')], asked, ask), HOURS, FRIDAY_S + 7 * HOUR_S)).toMatchObject({ by: null })
    })

    test('says that the case is closed, whoever wrote last', () => {
        expect(stateLine({ ...view([lawyer('closed')], message('expert')), state: 'closed' })).toBe('case.state.closed')
    })
})

describe('how long it is kept', () => {
    const DAY_S = 86_400

    test('counts from the newest writing, and from no older one', () => {
        const newest = { ...message('expert'), at: FRIDAY_S + 5 * DAY_S }
        expect(keptUntilS(view([], asked, newest, asked), HOURS)).toBe(FRIDAY_S + (5 + 83) * DAY_S)
    })

    test('is not known of a case without any', () => {
        expect(keptUntilS(view([]), HOURS)).toBeNull()
    })
})

describe('a case that was let lie', () => {
    test('waits as before, and says that it came back', () => {
        const back = view([psychologist('waiting-again')], asked)
        expect([stateLine(back), hasComeBack(back)]).toEqual(['case.state.waitingPsychologist', true])
    })

    test('says so also when it was answered', () => {
        const back = view([lawyer('waiting-again')], asked, message('expert'))
        expect([stateLine(back), hasComeBack(back)]).toEqual(['case.state.answered', true])
    })

    test('says nothing of it once somebody has it again', () => {
        expect(hasComeBack(view([lawyer('held'), psychologist('waiting')], asked))).toBe(false)
    })
})

describe('the promise', () => {
    test('of whom the person let in later counts from that hour', () => {
        const yes = { ...asked, at: MONDAY_S + HOUR_S + 60, content: { type: 'consent', what: 'from-here', profession: 'psychologist' } } as const
        const places = [lawyer('held'), psychologist('waiting')]
        const urgent = { opened: { hour: FRIDAY_S / HOUR_S, urgent: true } }
        const letIn = { ...view(places, asked, message('expert', 'lawyer'), yes), ...urgent }
        expect(promiseOf(letIn, HOURS, MONDAY_S + 2 * HOUR_S)).toEqual({ untilS: MONDAY_S + 3 * HOUR_S, isLate: false, by: 'psychologist' })
    })

    const due = MONDAY_S + 6 * HOUR_S

    test('over a weekend is as long as the working hours say', () => {
        expect(promiseOf(view([lawyer('waiting')], asked), HOURS, FRIDAY_S)).toEqual({ untilS: due, isLate: false, by: null })
    })

    test('is late from its moment on, and not a second before', () => {
        const late = (nowS: number) => promiseOf(view([lawyer('held')], asked), HOURS, nowS)?.isLate
        expect([late(due - 1), late(due)]).toEqual([false, true])
    })

    test('to who may be in danger is shorter', () => {
        const urgent = { ...view([lawyer('waiting')], asked), opened: { hour: FRIDAY_S / HOUR_S + 6, urgent: true } }
        expect(promiseOf(urgent, HOURS, FRIDAY_S)?.untilS).toBe(FRIDAY_S + 8 * HOUR_S)
    })

    test('is kept once the only profession asked has written', () => {
        expect(promiseOf(view([lawyer('held')], asked, message('expert', 'lawyer')), HOURS, due + 1)).toBeNull()
    })

    test('of two professions is owed by the one that has not written', () => {
        const half = view([lawyer('held'), psychologist('waiting')], asked, message('expert', 'lawyer'))
        expect(promiseOf(half, HOURS, due + 1)).toEqual({ untilS: due, isLate: true, by: 'psychologist' })
    })

    test('of a place that is closed is owed by nobody', () => {
        const done = view([lawyer('held'), psychologist('closed')], asked, message('expert', 'lawyer'))
        expect(promiseOf(done, HOURS, due + 1)).toBeNull()
    })

    test('is not spoken of while an answer may stand among older messages', () => {
        const loading = { ...view([lawyer('held')], asked), older: { percent: 10, secondsLeft: 5 } }
        expect(promiseOf(loading, HOURS, due + 1)).toBeNull()
    })

    test('is not made up when the opening hours could not be had, or do not reach so far', () => {
        expect(promiseOf(view([lawyer('waiting')], asked), null, FRIDAY_S)).toBeNull()
        expect(promiseOf(view([lawyer('waiting')], asked), { ...HOURS, openings: [] }, FRIDAY_S)).toBeNull()
    })
})
