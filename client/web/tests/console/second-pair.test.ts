/** When two have seen a notice to an authority, and what is never taken for it. SPEC 3.7 */
import { b64encode } from '@lyhty/crypto/encoding.ts'
import { asHead } from '@lyhty/crypto/ids.ts'
import type { AsideContent } from '@lyhty/crypto/room-contents.ts'
import { describe, expect, test } from 'vitest'
import { DUTIES } from '../../src/console/answering/books.ts'
import { needsTwo, owesSecond, owesWitness, secondPair, sharedAnswers } from '../../src/console/answering/second-pair.ts'
import type { RoomMark, RoomView } from '../../src/console/room.ts'

const hashOf = (nth: number) => asHead(new Uint8Array(32).fill(nth))
const ASKED = 1
const request: AsideContent = { type: 'notice', at: 10, duty: 'police', reason: 'Epäilen rikosta.' }
const seen = (notice: number, reason: string | null = null, at = 20): AsideContent => ({ type: 'seen', at, notice: hashOf(notice), agree: reason === null, reason })

interface Given extends Partial<Omit<RoomMark, 'content' | 'head'>> { readonly nth?: number }
const mark = (author: string, content: AsideContent, { nth = 99, ...given }: Given = {}): RoomMark =>
    ({ at: content.at, isOwn: author === 'me', name: author, author, head: b64encode(hashOf(nth)), counter: 1, version: 5, leftIn: null, seen: new Map(), content, ...given })
const asked = (author = 'me'): RoomMark => mark(author, request, { nth: ASKED })

const room = (marks: readonly RoomMark[], given: Partial<RoomView> = {}): RoomView =>
    ({ id: 'room', case: 'case', kind: 'consultation', queues: [1], notes: [], alarms: [], ended: false, isOpen: true, marks, ...given })
const eyes = (...rooms: readonly RoomView[]): string => secondPair('police', rooms).eyes

/** Wrote in directory 5, and is gone by directory 7. */
const gone = { leftIn: 7, version: 5 }
const witness = (given: Given = {}): RoomMark => mark('me', { type: 'receipt', at: 30, read: true }, { version: 6, seen: new Map([['colleague', 1]]), ...given })

describe('two have seen a notice', () => {
    const cases: readonly (readonly [string, readonly RoomMark[], string])[] = [
        ['nobody has asked', [], 'not-asked'],
        ['nobody has answered', [asked()], 'asked'],
        ['a colleague agrees', [asked(), mark('colleague', seen(ASKED))], 'agreed'],
        ['a colleague does not agree', [asked(), mark('colleague', seen(ASKED, 'Kysy ensin.'))], 'refused'],
        ['one agrees and another does not', [asked(), mark('one', seen(ASKED, 'Ei.')), mark('other', seen(ASKED))], 'agreed'],
        ['a colleague has changed their mind', [asked(), mark('colleague', seen(ASKED)), mark('colleague', seen(ASKED, 'Ei sittenkään.'))], 'refused'],
        ['who asked agrees with themselves', [asked(), mark('me', seen(ASKED))], 'asked'],
        ['the agreement is to another request', [asked(), mark('colleague', seen(2))], 'asked'],
        ['the agreement is to an earlier request, and another was made since', [asked(), mark('colleague', seen(ASKED)), mark('me', { ...request, at: 15 }, { nth: 3 })], 'asked'],
        ['the request is for another duty', [mark('me', { ...request, duty: 'child-welfare' }, { nth: ASKED }), mark('colleague', seen(ASKED))], 'not-asked'],
        ['somebody who has left agreed, and nobody signed to have read it', [asked(), mark('colleague', seen(ASKED), gone)], 'asked'],
        ['they agreed, and who asked read it while they were here', [asked(), mark('colleague', seen(ASKED), gone), witness()], 'agreed'],
        ['it was read only after they had left', [asked(), mark('colleague', seen(ASKED), gone), witness({ version: 7 })], 'asked'],
        ['it was read by somebody who has left too', [asked(), mark('colleague', seen(ASKED), gone), witness({ leftIn: 8 })], 'asked'],
        ['an earlier word of theirs was read, and not this', [asked(), mark('colleague', seen(ASKED), { ...gone, counter: 2 }), witness()], 'asked'],
        ['it names a directory that lists them as gone', [asked(), mark('colleague', seen(ASKED), { ...gone, version: 7 }), witness()], 'asked'],
    ]
    test.each(cases.map(([when, marks, due]) => [when, due, marks] as const))('when %s: %s', (_, due, marks) => expect(eyes(room(marks))).toBe(due))

    test('only as far as a room is whole', () => expect(eyes(room([asked(), mark('colleague', seen(ASKED))], { alarms: ['history-gap'] }))).toBe('not-asked'))
    test('when the agreement stands in another room than the request, not', () => expect(eyes(room([asked()]), room([mark('colleague', seen(ASKED))]))).toBe('asked'))
    test('in whatever order the server lists the rooms, by the newest request', () => {
        const old = room([asked(), mark('colleague', seen(ASKED))])
        const newer = room([mark('me', { ...request, at: 50 }, { nth: 3 })])
        expect([eyes(old, newer), eyes(newer, old)]).toEqual(['asked', 'asked'])
    })
    test('and what they answered is told with their names', () => {
        expect(secondPair('police', [room([asked('other'), mark('me', seen(ASKED, 'Kysy ensin.'))])])).toMatchObject({
            request: { name: 'other', isOwn: false, reason: 'Epäilen rikosta.' }, answers: [{ name: 'me', reason: 'Kysy ensin.' }],
        })
    })
})

describe('a second pair of eyes is owed', () => {
    const police = DUTIES.duties.find(({ id }) => id === 'police')
    if (police === undefined) throw new RangeError('police')
    const pair = (marks: readonly RoomMark[]) => secondPair('police', [room(marks)])

    test('for notices to authorities and nothing else', () => {
        expect(DUTIES.duties.filter(needsTwo).map(({ id }) => id)).toEqual(['child-welfare', 'police'])
    })
    test('once a notice is made, at once or by a client that did not ask, until somebody agrees', () => {
        for (const made of ['yes', 'at-once'] as const) {
            expect(owesSecond(police, made, pair([]))).toBe(true)
            expect(owesSecond(police, made, pair([asked(), mark('colleague', seen(ASKED, 'Ei.'))]))).toBe(true)
            expect(owesSecond(police, made, pair([asked(), mark('colleague', seen(ASKED))]))).toBe(false)
        }
    })
    test('not while none is made', () => {
        for (const made of ['no', null, undefined] as const) expect(owesSecond(police, made, pair([]))).toBe(false)
    })
})

describe('who asked signs to have read the answer', () => {
    const answer = mark('colleague', seen(ASKED))
    test('once', () => {
        expect(owesWitness(room([asked(), answer]))).toBe(true)
        expect(owesWitness(room([asked(), answer, witness()]))).toBe(false)
    })
    test('and nobody else does', () => expect(owesWitness(room([asked('other'), answer]))).toBe(false))
    test('and not where nothing may be written any more', () => expect(owesWitness(room([asked(), answer], { isOpen: false }))).toBe(false))
})

describe('the answers of a case\'s holders', () => {
    const duty = (answer: 'yes' | 'no' | null, at: number): AsideContent => ({ type: 'duty', at, duty: 'police', step: 'told', answer })
    test('are the newest, with who gave them, from all notes that one may read', () => {
        const rooms = [room([mark('me', duty('yes', 1))], { kind: 'notes' }), room([mark('psychologist', duty('no', 2))], { kind: 'notes', queues: [1, 2] })]
        expect(sharedAnswers(rooms).get('police.told')).toEqual({ answer: 'no', name: 'psychologist', isOwn: false, at: 2 })
    })
    test('are taken back by saying so', () => {
        expect(sharedAnswers([room([mark('me', duty('yes', 1)), mark('me', duty(null, 2))], { kind: 'notes' })]).get('police.told')?.answer).toBeNull()
    })
    test('are not what a colleague writes who was only asked', () => expect(sharedAnswers([room([mark('colleague', duty('yes', 1))])]).size).toBe(0))
})
