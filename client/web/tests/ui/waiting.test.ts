/** The state line of a case, and when an answer is late. */
import { describe, expect, test } from 'vitest'
import type { CaseView, Place, ShownMessage } from '../../src/session/types.ts'
import { isLate, stateLine, workingDaysBetween } from '../../src/ui/waiting.ts'

const FRIDAY_NOON_S = new Date(2026, 10, 20, 12).getTime() / 1_000
const DAY_S = 86_400

const message = (author: ShownMessage['author']): ShownMessage => ({
    key: author, author, expertName: null, profession: null, at: FRIDAY_NOON_S, state: 'sent', left: null, problem: null, isNew: false,
    content: { type: 'chat', text: 'Hei' },
})
const view = (places: readonly Place[], ...messages: readonly ShownMessage[]): CaseView => ({ state: 'waiting', places, here: [], messages, alarms: [], older: null })
const lawyer = (state: Place['state']): Place => ({ profession: 'lawyer', state })
const psychologist = (state: Place['state']): Place => ({ profession: 'psychologist', state })

describe('the state line', () => {
    test('names the one profession that is waited for', () => {
        expect(stateLine(view([psychologist('waiting')], message('reporter')))).toBe('case.state.waitingPsychologist')
    })

    test('names nobody when two are waited for', () => {
        expect(stateLine(view([lawyer('waiting'), psychologist('waiting')], message('reporter')))).toBe('case.state.waiting')
    })

    test('says who reads when one of two has the case', () => {
        expect(stateLine(view([lawyer('held'), psychologist('waiting')], message('reporter')))).toBe('case.state.heldLawyer')
    })

    test('says that there is an answer when an expert wrote last', () => {
        expect(stateLine(view([lawyer('held')], message('reporter'), message('expert')))).toBe('case.state.answered')
    })

    test('says that the case is closed, whoever wrote last', () => {
        expect(stateLine({ ...view([lawyer('closed')], message('expert')), state: 'closed' })).toBe('case.state.closed')
    })
})

describe('working days', () => {
    test('a weekend does not count', () => {
        expect(workingDaysBetween(FRIDAY_NOON_S, FRIDAY_NOON_S + 3 * DAY_S)).toBe(1)
    })

    test('an answer on the second working day is not late', () => {
        expect(isLate(view([lawyer('waiting')], message('reporter')), FRIDAY_NOON_S + 4 * DAY_S)).toBe(false)
    })

    test('without an answer on the third working day it is late', () => {
        expect(isLate(view([lawyer('waiting')], message('reporter')), FRIDAY_NOON_S + 5 * DAY_S)).toBe(true)
    })

    test('nothing is late once an expert has written', () => {
        expect(isLate(view([lawyer('held')], message('reporter'), message('expert')), FRIDAY_NOON_S + 30 * DAY_S)).toBe(false)
    })
})
