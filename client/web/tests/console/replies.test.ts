/** What may be sent of what was written, and what the writer is told otherwise. SPEC 4.4 */
import type { Provision } from '@lyhty/crypto/contents.ts'
import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/console/replies.ts'
import { NO_DRAFT, type ReplyDraft } from '../../src/console/state.ts'

const PROVISION: Provision = {
    law: 'defamation', version: '2026-11-27', name: 'Kunnianloukkaus', section: 'Rikoslaki 39/1889, 24 luku 9 §',
    explained: 'Kukaan ei saa levittää sinusta valheita.', likely: 'may-fulfil', wording: null, words: null,
}

const sealed = (draft: Partial<ReplyDraft>) => contentOf({ ...NO_DRAFT, ...draft }, 'lawyer', 1_800_000_000)

describe('an answer', () => {
    test('has its parts in the fixed order, whatever was filled in first', () => {
        const content = sealed({ parts: { tell: 'Äidille.', 'did-right': 'Kerroit.', legal: 'Rikos.' } })
        expect(content).toMatchObject({ type: 'answer', profession: 'lawyer', parts: [{ part: 'did-right' }, { part: 'legal' }, { part: 'tell' }] })
    })

    test('leaves out parts of white space only', () => {
        expect(sealed({ parts: { legal: 'Rikos.', now: ' \n ' } })).toMatchObject({ parts: [{ part: 'legal', text: 'Rikos.' }] })
    })

    test.each([{}, { legal: ' ' }])('with nothing in it is not sent', (parts) => {
        expect(() => sealed({ parts })).toThrow(expect.objectContaining({ code: 'answer-empty' }))
    })

    test('with a part beyond 10,000 characters is not sent', () => {
        expect(() => sealed({ parts: { legal: 'a'.repeat(10_001) } })).toThrow(expect.objectContaining({ code: 'message-too-long' }))
    })
})

describe('the top layer of an answer', () => {
    const parts = { now: 'x' }

    test('is a line for each line that was written, without bullets and empty lines', () => {
        expect(sealed({ parts, plain: '- Et ole yksin.\n\n  • Tähän saa apua. \n', ticks: 'Ota kuvakaappaus' }))
            .toMatchObject({ plain: ['Et ole yksin.', 'Tähän saa apua.'], ticks: ['Ota kuvakaappaus'] })
    })

    test.each(['plain', 'ticks'] as const)('with six lines as %s is not sent', (name) => {
        expect(() => sealed({ parts, [name]: 'a\nb\nc\nd\ne\nf' })).toThrow(expect.objectContaining({ code: 'lines-too-many' }))
    })

    test('with a line of 281 letters is not sent', () => {
        expect(() => sealed({ parts, plain: 'a'.repeat(281) })).toThrow(expect.objectContaining({ code: 'line-too-long' }))
    })

    test('is not enough for an answer: the whole text is what stays', () => {
        expect(() => sealed({ plain: 'Et ole yksin.' })).toThrow(expect.objectContaining({ code: 'answer-empty' }))
    })
})

describe('a place in braces that nobody has filled in', () => {
    test.each<[string, Partial<ReplyDraft>]>([
        ['a part', { parts: { now: 'Palaan {date}.' } }],
        ['a line on top', { parts: { now: 'x' }, plain: 'Palaan {date}.' }],
        ['a thing to tick', { parts: { now: 'x' }, ticks: 'Ilmoita: {service}' }],
        ['own words on the law', { parts: { now: 'x' }, assessment: [{ ...PROVISION, words: 'Katso {date}.' }] }],
        ['a message', { mode: 'chat', chat: 'Hei {nimi}' }],
    ])('in %s keeps everything from being sent', (_, draft) => {
        expect(() => sealed(draft)).toThrow(expect.objectContaining({ code: 'variable-unfilled' }))
    })

    test('is no other word in braces', () => {
        expect(sealed({ mode: 'chat', chat: 'Kirjoita {} tai { sana }.' })).toMatchObject({ text: 'Kirjoita {} tai { sana }.' })
    })
})

describe('a legal assessment', () => {
    test('travels as it was put together, own words of white space as none', () => {
        expect(sealed({ parts: { now: 'x' }, assessment: [{ ...PROVISION, words: ' \n' }] })).toMatchObject({ assessment: [PROVISION] })
    })
})

describe('a chat message', () => {
    test('keeps its lines and loses the space around it', () => {
        expect(sealed({ mode: 'chat', chat: '\nHei\n\nmoi ' })).toEqual({ type: 'chat', at: 1_800_000_000, text: 'Hei\n\nmoi' })
    })

    test('of white space is not sent', () => {
        expect(() => sealed({ mode: 'chat', chat: ' \n' })).toThrow(expect.objectContaining({ code: 'message-empty' }))
    })

    test('with a character that no screen shows is not sent', () => {
        expect(() => sealed({ mode: 'chat', chat: 'a\u0007b' })).toThrow(expect.objectContaining({ code: 'message-forbidden-character' }))
    })
})
