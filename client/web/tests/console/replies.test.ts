/** What may be sent of what was written, and what the writer is told otherwise. SPEC 4.4 */
import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/console/replies.ts'
import { NO_DRAFT, type ReplyDraft } from '../../src/console/state.ts'

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
