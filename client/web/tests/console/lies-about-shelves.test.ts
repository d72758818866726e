/** Lies of a malicious server about a team's shelf, each under the name of what is wrong. SPEC 3.6 */
import { b64decode, b64encode } from '@lyhty/crypto/encoding.ts'
import { asHead, hash, type RoomId } from '@lyhty/crypto/ids.ts'
import { SigningKey } from '@lyhty/crypto/keys.ts'
import { draw } from '@lyhty/crypto/randomness.ts'
import { encodeRoomContent, type RoomContent } from '@lyhty/crypto/room-contents.ts'
import { makeRoom, NOTES, openRoomKey, ROOM_GENERATION, SHELF } from '@lyhty/crypto/rooms.ts'
import { UntrustedRoster } from '@lyhty/crypto/rosters.ts'
import { sealMessage } from '@lyhty/crypto/sealing.ts'
import { shelfId } from '@lyhty/crypto/shelves.ts'
import { describe, expect, test } from 'vitest'
import { instance, lawyer, NOW, psychologist, queueKeys, seed } from '../../../../crypto/ts/tests/trusted.ts'
import type { Shelf, ShelfRoom } from '../../src/console/api-types.ts'
import { contentOfTemplate } from '../../src/console/shelf.ts'
import { before, draft, Member, QUEUE, ShelfServer, together, two } from './shelf-server.ts'

const server = new SigningKey(seed(201))
const flipped = (text: string, at: number): string => b64encode(b64decode(text).map((byte, nth) => (nth === at ? byte ^ 1 : byte)))

/** A, B, and B once more, as one colleague wrote them; `first`: where a shelf begins. */
const [FIRST, A, B, B2] = [0, 1, 2, 3] as const

/** The next words of `author`, with the stolen key of the shelf. */
async function forged(of: ShelfServer, author: SigningKey, counter: number, content: RoomContent): Promise<string> {
    const room = of.rooms.at(-1) as ShelfRoom
    const { claims } = new UntrustedRoster(b64decode(room.roster))
    const roster = new UntrustedRoster(b64decode(room.roster)).verifySigned(instance, claims.caseId)
    const key = await openRoomKey(roster, [b64decode(room.wrap ?? '')], QUEUE, () => queueKeys[QUEUE])
    const within = { instance, caseId: claims.caseId as unknown as RoomId, key, author, directoryVersion: 1 }
    const place = { counter, previousHead: asHead(counter === 1 ? new Uint8Array(32) : hash(seed(9))), seen: [] }
    return b64encode((await sealMessage(within, ROOM_GENERATION, place, content, draw, encodeRoomContent)).envelope)
}
const template = (title: string): RoomContent => contentOfTemplate(draft(title), draw(16), NOW)

/** A shelf that a colleague has written on, and another queue's or instance's words to take from. */
async function told(): Promise<{ of: ShelfServer; one: Member; others: string }> {
    const { server: of, one } = await two()
    await one.shelves.save(draft('A'))
    await one.shelves.save(draft('B'))
    await one.shelves.save({ ...one.named('B'), title: 'B, better' })
    const other = await two()
    await other.one.shelves.save(draft('Elsewhere'))
    return { of, one, others: other.server.envelopes[1] as string }
}

describe('somebody who signs in and is told', () => {
    const lies: readonly (readonly [string, (all: string[], of: ShelfServer, others: string) => string[] | Promise<string[]>, string, readonly string[]])[] = [
        ['a template less', (all) => all.toSpliced(A, 1), 'history-gap', ['B, better']],
        ['a version less', (all) => all.toSpliced(B, 1), 'history-gap', ['A']],
        ['a writing twice', (all) => [...all, all[A] as string], 'history-gap', ['A', 'B, better']],
        ['an older version in the place of a newer one', (all) => all.with(B2, all[B] as string), 'history-gap', ['A', 'B']],
        ['two writings in another order', (all) => all.with(A, all[B] as string).with(B, all[A] as string), 'history-gap', ['B, better']],
        ['a changed writing', (all) => all.with(A, flipped(all[A] as string, 300)), 'envelope-tampered', ['B, better']],
        ['a writing of another shelf', (all, _, others) => all.with(A, others), 'envelope-tampered', ['B, better']],
        ['a shelf that begins nowhere', (all) => all.toSpliced(FIRST, 1), 'envelope-malformed', []],
        ['a template by nobody, with the stolen key', async (all, of) => [...all, await forged(of, server, 1, template('Forged'))], 'envelope-tampered', ['A', 'B, better']],
        ['a template by another profession, with it', async (all, of) => [...all, await forged(of, psychologist.sign, 1, template('Forged'))], 'envelope-tampered', ['A', 'B, better']],
        ['another writing under one number, by a colleague turned', async (all, of) => [...all, await forged(of, lawyer.sign, 2, template('Forged'))], 'history-gap', ['A', 'B, better']],
        ['a second beginning, by a colleague turned', async (all, of) => [...all, await forged(of, lawyer.sign, 5, { type: 'shelf', at: NOW, before: null })], 'envelope-malformed', ['A', 'B, better']],
    ]

    test.each(lies)('%s is told so, and offered nothing that is false', async (_, lie, code, titles) => {
        const { of, others } = await told()
        of.envelopes = await lie([...of.envelopes], of, others)
        const late = await Member.of(of, lawyer, before)
        await late.shelves.read()
        expect(late.view.alarms).toContain(code)
        expect(late.titles).toEqual(titles)
    })

    test('nothing at all of a shelf that was begun is told so', async () => {
        const { of } = await told()
        of.envelopes = []
        const late = await Member.of(of, lawyer, before)
        of.shown = (shelf) => ({ ...shelf, last_seq: 0 })
        await late.shelves.read()
        expect([late.titles, late.view.alarms]).toEqual([[], ['history-gap']])
    })
})

describe('a shelf of which somebody is told', () => {
    const changed = (change: (room: ShelfRoom) => Partial<ShelfRoom>) => (shelf: Shelf): Shelf => ({ ...shelf, rooms: shelf.rooms.map((room) => ({ ...room, ...change(room) })) })
    const made = async (kind: typeof NOTES | typeof SHELF, queue: number, signer: SigningKey): Promise<(shelf: Shelf) => Shelf> => {
        const { rosterBytes, wraps } = await makeRoom(signer, before, shelfId(instance, queue), kind, [queue])
        return changed(() => ({ roster: b64encode(rosterBytes), wrap: b64encode(wraps[0] as Uint8Array) }))
    }
    const lies: readonly (readonly [string, () => Promise<(shelf: Shelf) => Shelf>])[] = [
        ['another roster', async () => changed(({ roster }) => ({ roster: flipped(roster, 150) }))],
        ['a roster by nobody', () => made(SHELF, QUEUE, server)],
        ['a roster by another profession', () => made(SHELF, QUEUE, psychologist.sign)],
        ['the shelf of another queue', () => made(SHELF, 2, lawyer.sign)],
        ['notes in its place', () => made(NOTES, QUEUE, lawyer.sign)],
        ['no key', async () => changed(() => ({ wrap: null }))],
        ['a changed key', async () => changed(({ wrap }) => ({ wrap: flipped(wrap ?? '', 700) }))],
    ]

    test.each(lies)('%s is not read, and not written on', async (_, lie) => {
        const { of } = await told()
        of.shown = await lie()
        const late = await Member.of(of, lawyer, before)
        const stored = of.envelopes.length
        await late.shelves.read()
        expect(late.view).toMatchObject({ templates: [] })
        expect(late.view.unreadable).not.toBeNull()
        await expect(late.shelves.save(draft('C'))).rejects.toMatchObject({ code: late.view.unreadable })
        expect(of.envelopes.length).toBe(stored)
    })
})

describe('under a newer key', () => {
    /** The newcomer has read it; then the queues have newer keys, and the lawyer's console seals the shelf for them. */
    async function sealedAnew(): Promise<{ of: ShelfServer; one: Member }> {
        const { of, one } = await told()
        await one.renews(together, [1, 2])
        expect(of.rooms.length).toBe(2)
        await one.shelves.save(draft('C'))
        return { of, one }
    }

    const lies: readonly (readonly [string, (of: ShelfServer) => void])[] = [
        ['without what was before', (of) => { of.rooms = of.rooms.slice(-1) }],
        ['with less before than there was', (of) => { of.envelopes = of.envelopes.toSpliced(B2, 1); of.rooms = of.rooms.map((room, nth) => (nth === 1 ? { ...room, first_seq: room.first_seq - 1 } : room)) }],
        ['with a changed writing before', (of) => { of.envelopes = of.envelopes.with(A, flipped(of.envelopes[A] as string, 300)) }],
        ['with what was before in another order', (of) => { of.envelopes = of.envelopes.with(A, of.envelopes[B] as string).with(B, of.envelopes[A] as string) }],
        ['with the newer writings told as older ones', (of) => { of.rooms = of.rooms.map((room, nth) => (nth === 1 ? { ...room, first_seq: room.first_seq + 1 } : room)) }],
    ]

    test.each(lies)('a shelf %s is told so', async (_, lie) => {
        const { of } = await sealedAnew()
        lie(of)
        const late = await Member.of(of, lawyer, together, [2])
        await late.shelves.read()
        expect(late.view.alarms.length).toBeGreaterThan(0)
    })

    test('the older key served on to who has read under the newer one is told so, and what was read stays', async () => {
        const { of, one } = await sealedAnew()
        of.shown = ({ rooms: [first] }) => ({ rooms: first === undefined ? [] : [first], last_seq: 4 })
        await one.shelves.read()
        expect([one.titles, one.view.alarms]).toEqual([['A', 'B, better', 'C'], ['history-gap']])
    })

    test('the older state shown to who signs in anew does not show, and is what was true once', async () => {
        const { of } = await told()
        const [rooms, envelopes] = [of.rooms, [...of.envelopes]]
        const late = await Member.of(Object.assign(new ShelfServer(), { rooms, envelopes: envelopes.slice(0, B2) }), lawyer, before)
        await late.shelves.read()
        expect([late.titles, late.view.alarms]).toEqual([['A', 'B'], []])
    })
})

describe('a shelf that somebody has read in this run', () => {
    const lies: readonly (readonly [string, (shelf: Shelf) => Shelf])[] = [
        ['shorter than it was', (shelf) => ({ ...shelf, last_seq: shelf.last_seq - 1 })],
        ['empty', () => ({ rooms: [], last_seq: 0 })],
        ['under another key', (shelf) => ({ ...shelf, rooms: shelf.rooms.map((room) => ({ ...room, room: b64encode(draw(32)) })) })],
        ['begun later', (shelf) => ({ ...shelf, rooms: shelf.rooms.map((room) => ({ ...room, first_seq: room.first_seq + 1 })) })],
    ]

    test.each(lies)('is told to be %s: that is an alarm, and what was read stays', async (_, lie) => {
        const { of, one } = await told()
        of.shown = lie
        await one.shelves.read()
        expect([one.titles, one.view.alarms]).toEqual([['A', 'B, better'], ['history-gap']])
    })
})

describe('what is written', () => {
    test('and is not handed out again is not told as saved', async () => {
        const { of, one } = await told()
        of.swallows = true
        await expect(one.shelves.save(draft('C'))).rejects.toMatchObject({ code: 'history-gap' })
        expect(one.titles).toEqual(['A', 'B, better'])
    })

    test('is not sealed for a newer key over what is amiss, before somebody has said so', async () => {
        const { of } = await told()
        of.envelopes = of.envelopes.toSpliced(A, 1)
        const late = await Member.of(of, lawyer, together, [1, 2])
        await expect(late.shelves.save(draft('C'))).rejects.toMatchObject({ code: 'history-gap' })
        expect(of.rooms.length).toBe(1)
        await late.shelves.goOn(QUEUE)
        await late.shelves.save(draft('C'))
        expect([of.rooms.length, late.titles]).toEqual([2, ['B, better', 'C']])
    })
})
