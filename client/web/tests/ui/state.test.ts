/** What the reporter's pages show next, and when leaving would lose something. */
import { describe, expect, test } from 'vitest'
import { ASK_STEPS, begin, reduce, stepFrom, unsaved, type Action, type State } from '../../src/ui/state.ts'

const after = (...actions: Action[]): State => actions.reduce(reduce, begin('fi-simple'))
const writing: Action[] = [{ type: 'go', to: 'what' }, { type: 'fill', part: { text: 'Joku uhkaa minua.' } }]
const sent: Action[] = [...writing, { type: 'go', to: 'phrase' }, { type: 'draw', phrase: [1, 2, 3, 4, 5, 6, 7, 8] }, { type: 'go', to: 'sending' }, { type: 'sent' }]

describe('asking for help', () => {
    test('the steps follow each other and end in sending', () => {
        const walked = ASK_STEPS.map((step) => stepFrom(step, 1))
        expect(walked).toEqual([...ASK_STEPS.slice(1), 'sending'])
    })

    test('the step before the first one is home', () => {
        expect(stepFrom('device', -1)).toBe('home')
    })

    test('moving between the steps keeps what was written', () => {
        const state = after(...writing, { type: 'go', to: 'help' }, { type: 'pop', to: 'what' })
        expect([state.view, state.draft.text]).toEqual(['what', 'Joku uhkaa minua.'])
    })

    test('changing the language keeps what was written', () => {
        const state = after(...writing, { type: 'fill', part: { language: 'en' } })
        expect(state.draft).toMatchObject({ text: 'Joku uhkaa minua.', language: 'en' })
    })

    test('a step that needs the text leads home without one', () => {
        expect(after({ type: 'go', to: 'practice' }).view).toBe('home')
    })

    test('no more services than a reader accepts: the ninth drops the first', () => {
        const nine = ['tiktok', 'snapchat', 'whatsapp', 'instagram', 'discord', 'roblox', 'youtube', 'telegram', 'wilma'] as const
        const { services } = after(...nine.map((service) => ({ type: 'service', service, chosen: true }) as const)).draft
        expect(services).toEqual(nine.slice(1))
    })

    test('a service that is tapped again is taken back', () => {
        const state = after({ type: 'service', service: 'wilma', chosen: true }, { type: 'service', service: 'wilma', chosen: false })
        expect(state.draft.services).toEqual([])
    })

    test('asking again after a report begins with an empty draft and no phrase', () => {
        const state = after(...sent, { type: 'save' }, { type: 'go', to: 'device' })
        expect([state.view, state.draft.topic, state.phrase, state.caseOpen]).toEqual(['device', null, null, false])
    })
})

describe('the school of the poster', () => {
    const fromPoster = (...actions: Action[]): State => actions.reduce(reduce, begin('fi-simple', null, '03095'))

    test('is part of what will be sent', () => {
        expect(fromPoster(...writing).draft.school).toBe('03095')
    })

    test('is still known when somebody starts again', () => {
        expect(fromPoster(...sent, { type: 'go', to: 'device' }).draft.school).toBe('03095')
    })

    test('once taken away it does not come back', () => {
        const state = fromPoster(...writing, { type: 'fill', part: { school: null } }, { type: 'go', to: 'home' }, { type: 'leave' }, ...writing)
        expect(state.draft.school).toBe(null)
    })
})

describe('leaving', () => {
    test('nothing is asked when nothing was written', () => {
        expect(after({ type: 'go', to: 'danger' }, { type: 'go', to: 'home' })).toMatchObject({ view: 'home', leavingFor: null })
    })

    test('an unsent text is asked about, and stays until the person decides', () => {
        const state = after(...writing, { type: 'go', to: 'home' })
        expect([state.view, state.leavingFor, state.draft.text]).toEqual(['what', 'home', 'Joku uhkaa minua.'])
    })

    test('staying keeps view and text', () => {
        expect(after(...writing, { type: 'go', to: 'lesson-bullying' }, { type: 'stay' })).toMatchObject({ view: 'what', leavingFor: null, draft: { text: 'Joku uhkaa minua.' } })
    })

    test('leaving anyway goes there and forgets the text', () => {
        expect(after(...writing, { type: 'go', to: 'lesson-bullying' }, { type: 'leave' })).toMatchObject({ view: 'lesson-bullying', leavingFor: null, draft: { text: '' } })
    })

    test('white space alone is nothing to lose', () => {
        expect(unsaved(after({ type: 'fill', part: { text: ' \n ' } }))).toBeNull()
    })

    test('after sending the text is gone from memory and no longer asked about', () => {
        const state = after(...sent, { type: 'save' })
        expect([state.draft.text, unsaved(state)]).toEqual(['', null])
    })

    test('a phrase nobody has saved is asked about after sending', () => {
        expect(unsaved(after(...sent))).toBe('phrase')
    })

    test('words in the composer are asked about', () => {
        const state = after(...sent, { type: 'save' }, { type: 'go', to: 'case' }, { type: 'writing', on: true }, { type: 'go', to: 'home' })
        expect([state.view, state.leavingFor]).toEqual(['case', 'home'])
    })

    test('the browser\'s Back does not close an open case unasked', () => {
        expect(after({ type: 'resumed' }, { type: 'pop', to: 'home' })).toMatchObject({ view: 'case', leavingFor: 'home' })
    })

    test('the button that leaves a case closes it at once', () => {
        expect(after({ type: 'resumed' }, { type: 'go', to: 'home' })).toMatchObject({ view: 'home', caseOpen: false, leavingFor: null })
    })

    test('the browser\'s Back does not interrupt sending unasked', () => {
        expect(after(...writing, { type: 'go', to: 'sending' }, { type: 'pop', to: 'practice' })).toMatchObject({ view: 'sending', leavingFor: 'practice' })
    })

    test('a text that is refused while sending can be corrected without being asked', () => {
        expect(after(...writing, { type: 'go', to: 'sending' }, { type: 'go', to: 'what' })).toMatchObject({ view: 'what', draft: { text: 'Joku uhkaa minua.' } })
    })

    test('Back into a case that was left leads home', () => {
        expect(after({ type: 'resumed' }, { type: 'go', to: 'home' }, { type: 'pop', to: 'case' }).view).toBe('home')
    })
})

describe('stopping', () => {
    test('a stop forgets the text, and no button leads away from it', () => {
        const state = after(...writing, { type: 'stop', code: 'directory-forged' }, { type: 'go', to: 'home' })
        expect([state.view, state.stopCode, state.draft.text]).toEqual(['stop', 'directory-forged', ''])
    })

    test('the language of a stop screen can still be changed', () => {
        expect(after({ type: 'stop', code: 'anchor-mismatch' }, { type: 'fill', part: { language: 'en' } }).draft.language).toBe('en')
    })
})

test('erasing ends in its own view, with nothing left', () => {
    expect(after({ type: 'resumed' }, { type: 'erased' })).toMatchObject({ view: 'erased', caseOpen: false, phrase: null })
})
