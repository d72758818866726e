/** Lies of a malicious server about what is written beside a case, told to the console and to a reporter's page. SPEC 3.5 */
import { b64decode, b64encode } from '@lyhty/crypto/encoding.ts'
import { verifyTrust } from '@lyhty/crypto/directories.ts'
import { asCaseId, asExpertId, asHead, type CaseId } from '@lyhty/crypto/ids.ts'
import { SigningKey } from '@lyhty/crypto/keys.ts'
import { reporterKeys } from '@lyhty/crypto/passphrase.ts'
import type { Slip } from '@lyhty/crypto/records.ts'
import { makeRoom, ROOM_GENERATION, SLIP, type PreparedRoom } from '@lyhty/crypto/rooms.ts'
import { sealMessage } from '@lyhty/crypto/sealing.ts'
import { wrapKey } from '@lyhty/crypto/wrapping.ts'
import { QUEUE_SEED, TO_EXPERT } from '@lyhty/crypto/wraps.ts'
import { describe, expect, test } from 'vitest'
import { bundle, instance, lawyer, NOW, psychologist, queueKeys, seed } from '../../../../crypto/ts/tests/trusted.ts'
import type { SealedRoom } from '../../src/console/api-types.ts'
import type { Desk } from '../../src/console/desk.ts'
import { Keyring } from '../../src/console/keyring.ts'
import type { RoomView } from '../../src/console/room.ts'
import { Rooms } from '../../src/console/rooms.ts'
import type { Conversation } from '../../src/session/conversation.ts'
import type { CaseTools } from '../../src/session/open-case.ts'
import { Slips } from '../../src/session/slips.ts'
import { place } from './places.ts'

const { directory } = verifyTrust(bundle(), instance, NOW)
const [pupil, somebody] = [reporterKeys(seed(77), seed(79)), reporterKeys(seed(87), seed(89))]
const stranger = new SigningKey(seed(99))
const [CASE, OTHER] = [asCaseId(seed(31)), asCaseId(seed(32))]
const here = place(1, { case: b64encode(CASE), state: 'held' })
const there = place(2, { case: b64encode(OTHER), state: 'held' })
const flipped = (text: string, at: number): string => b64encode(b64decode(text).map((byte, nth) => (nth === at ? byte ^ 1 : byte)))

const keyringOf = async (who: typeof lawyer, queue: 1 | 2): Promise<Keyring> => {
    const target = { kind: QUEUE_SEED, recipient: TO_EXPERT, queue, epoch: 1, generation: 0 } as const
    return Keyring.open(directory, asExpertId(who.id), who.sign, who.kem, [await wrapKey(instance, who.sign.publicKey, target, who.kem.publicKey, queueKeys[queue].seed())])
}

/** What is written in a slip first, by whoever has its key. */
const wordsIn = async (room: PreparedRoom, author: SigningKey, text: string): Promise<Uint8Array> => {
    const within = { instance, caseId: room.id, key: room.key, author, directoryVersion: 1 }
    return (await sealMessage(within, ROOM_GENERATION, { counter: 1, previousHead: asHead(new Uint8Array(32)), seen: [] }, { type: 'chat', at: NOW, text })).envelope
}

/** Rooms as a server keeps them (SPEC 9), and what it lists of them. */
class RoomServer {
    readonly rooms: SealedRoom[] = []
    readonly written = new Map<string, string[]>()
    readonly asked: string[] = []
    listed: (rooms: readonly SealedRoom[]) => readonly SealedRoom[] = (rooms) => rooms.filter((room) => room.case === here.case)
    told: (envelopes: string[]) => string[] = (envelopes) => envelopes
    swallows = false
    /** Pages that never end. */
    endless = false

    readonly desk = {
        rooms: async () => this.listed(this.rooms),
        openRoom: async (caseId, { kind, roster, wraps, envelope }) => {
            const room = b64encode(b64decode(roster).subarray(33, 65))
            if (!this.swallows) this.keep({ room, case: caseId, kind, roster, wraps: [...wraps], last_seq: 1, ended: false }, envelope)
            else this.written.set(room, [])
            return 1
        },
        roomEnvelopes: async (room, after) => {
            this.asked.push(room)
            const all = this.told(this.written.get(room) ?? []).map((envelope, nth) => ({ seq: nth + 1, envelope }))
            return { envelopes: this.endless ? all : all.slice(after), more: this.endless }
        },
        putInRoom: async (room, envelope) => {
            const all = this.written.get(room) ?? []
            if (!this.swallows) this.written.set(room, [...all, b64encode(envelope)])
            return all.length + 1
        },
    } satisfies Pick<Desk, 'rooms' | 'openRoom' | 'roomEnvelopes' | 'putInRoom'>

    keep(room: SealedRoom, envelope: string): void {
        this.rooms.push(room)
        this.written.set(room.room, [envelope])
    }

    of(kind: SealedRoom['kind'], caseId = here.case): SealedRoom {
        return this.rooms.find((room) => room.kind === kind && room.case === caseId) as SealedRoom
    }
}

interface Desktop { readonly server: RoomServer; readonly rooms: Rooms; readonly reads: (caseId?: string) => Promise<readonly RoomView[]> }

function desktop(server: RoomServer, keyring: Keyring): Desktop {
    let views: readonly RoomView[] = []
    const rooms = new Rooms({
        desk: server.desk as unknown as Desk, nowS: () => NOW, keyring: () => keyring,
        tell: (event) => { if (event.type === 'rooms') views = event.rooms },
        reporterOf: (caseId) => (caseId === here.case ? pupil : somebody).sign.publicKey,
    })
    return { server, rooms, reads: async (caseId = here.case) => { await rooms.readBeside(caseId); return views } }
}

/** Two cases of one lawyer, each with notes, a question and a slip; and a console that has read neither. */
async function told(): Promise<Desktop & { readonly slip: PreparedRoom }> {
    const server = new RoomServer()
    const writer = desktop(server, await keyringOf(lawyer, 1))
    const slips: PreparedRoom[] = []
    for (const [at, within, of] of [[here, CASE, pupil], [there, OTHER, somebody]] as const) {
        await writer.rooms.note(at, `Notes ${at.seq}`, [])
        await writer.rooms.note(at, `More notes ${at.seq}`, await readOf(writer, server, at.case))
        await writer.rooms.ask(at, [1, 2], `Question ${at.seq}`)
        const slip = await makeRoom(of.sign, directory, within, SLIP, [1], of)
        slips.push(slip)
        const listed = { room: b64encode(slip.id), case: at.case, kind: 'slip', roster: b64encode(slip.rosterBytes), wraps: slip.wraps.map((wrap) => b64encode(wrap)), last_seq: 1, ended: false } as const
        server.keep(listed as unknown as SealedRoom, b64encode(await wordsIn(slip, of.sign, `040 ${at.seq}`)))
    }
    return { ...desktop(server, await keyringOf(lawyer, 1)), slip: slips[0] as PreparedRoom }
}

async function readOf(writer: Desktop, server: RoomServer, caseId: string): Promise<readonly RoomView[]> {
    const { listed } = server
    server.listed = (rooms) => rooms.filter((room) => room.case === caseId)
    const views = await writer.reads(caseId)
    server.listed = listed
    return views
}

const textsOf = (views: readonly RoomView[]): string[] => views.flatMap(({ notes }) => notes.map(({ text }) => text))

test('what is true is read, and raises nothing', async () => {
    const views = await (await told()).reads()
    expect(textsOf(views)).toEqual(['Notes 1', 'More notes 1', 'Question 1', '040 1'])
    expect(views.flatMap(({ alarms }) => alarms)).toEqual([])
})

describe('a lawyer to whom a room is listed that is', () => {
    const as = (room: SealedRoom, changes: Partial<SealedRoom>): SealedRoom => ({ ...room, ...changes })
    const lies: readonly (readonly [string, (server: RoomServer) => SealedRoom])[] = [
        ['the notes of another case', (server) => server.of('notes', there.case)],
        ['the notes of another case, said to be of this', (server) => as(server.of('notes', there.case), { case: here.case })],
        ['the slip of another case', (server) => server.of('slip', there.case)],
        ['the slip of another case, said to be of this', (server) => as(server.of('slip', there.case), { case: here.case })],
        ['notes called a consultation', (server) => as(server.of('notes'), { kind: 'consultation' })],
        ['a slip called notes', (server) => as(server.of('slip'), { kind: 'notes' })],
        ['notes under the name of another room', (server) => as(server.of('notes'), { room: server.of('slip').room })],
        ['notes with another roster', (server) => as(server.of('notes'), { roster: flipped(server.of('notes').roster, 150) })],
        ['notes with the key of another room', (server) => as(server.of('notes'), { wraps: server.of('slip').wraps })],
        ['notes without a key', (server) => as(server.of('notes'), { wraps: [] })],
    ]

    test.each(lies)('%s is told so, and reads nothing of it', async (_, lie) => {
        const { server, reads } = await told()
        server.listed = () => [lie(server)]
        const [view, ...others] = await reads()
        expect([others, view?.case, view?.alarms, textsOf([view as RoomView])]).toEqual([[], here.case, ['wrap-tampered'], []])
        expect(view?.isOpen).toBe(false)
    })

    test('of another case, which this console has read beside that case, reads nothing of it here either', async () => {
        const { server, reads } = await told()
        server.listed = (rooms) => rooms.filter((room) => room.case === there.case)
        expect(textsOf(await reads(there.case))).toContain('040 2')
        server.listed = () => [as(server.of('slip', there.case), { case: here.case })]
        const views = await reads()
        expect([textsOf(views), views.flatMap(({ alarms }) => alarms)]).toEqual([[], ['wrap-tampered']])
    })

    test('for another role is not read by this one', async () => {
        const { server } = await told()
        const { reads } = desktop(server, await keyringOf(psychologist, 2))
        server.listed = () => [server.of('slip')]
        const views = await reads()
        expect([textsOf(views), views.flatMap(({ alarms }) => alarms)]).toEqual([[], ['wrap-tampered']])
    })
})

describe('a lawyer to whom notes are handed out', () => {
    const lies: readonly (readonly [string, (all: string[], server: RoomServer) => string[], string, readonly string[]])[] = [
        ['without the first', (all) => all.slice(1), 'history-gap', ['More notes 1']],
        ['twice', (all) => [...all, all[0] as string], 'history-gap', ['Notes 1', 'More notes 1']],
        ['with a changed word', (all) => all.with(1, flipped(all[1] as string, 300)), 'envelope-tampered', ['Notes 1']],
        ['with words of another case', (all, server) => all.with(1, server.written.get(server.of('notes', there.case).room)?.[0] as string), 'envelope-tampered', ['Notes 1']],
        ['with words of another room', (all, server) => all.with(1, server.written.get(server.of('consultation').room)?.[0] as string), 'envelope-tampered', ['Notes 1']],
        ['empty', () => [], 'history-gap', []],
    ]

    test.each(lies)('%s is told so', async (_, lie, code, texts) => {
        const { server, reads } = await told()
        server.listed = () => [server.of('notes')]
        server.told = (all) => lie(all, server)
        const views = await reads()
        expect(views[0]?.alarms).toContain(code)
        expect(textsOf(views)).toEqual(texts)
    })

    test('over and over comes to an end', async () => {
        const { server, reads } = await told()
        server.listed = () => [server.of('notes')]
        server.endless = true
        expect(textsOf(await reads())).toEqual(['Notes 1', 'More notes 1'])
        expect(server.asked.length).toBeLessThan(20)
    })
})

describe('what a lawyer writes', () => {
    test('into notes, and is not handed out again, is not told as stored', async () => {
        const { server, reads, rooms } = await told()
        const views = await reads()
        server.swallows = true
        await expect(rooms.note(here, 'Is this stored?', views)).rejects.toMatchObject({ code: 'history-gap' })
    })

    test('into a new room, and is not handed out again, is not told as stored', async () => {
        const { server, rooms } = await told()
        server.swallows = true
        await expect(rooms.ask(here, [1, 2], 'Is this stored?')).rejects.toMatchObject({ code: 'history-gap' })
    })
})

describe('a reporter who is told of a slip', () => {
    const lies: readonly (readonly [string, (slip: Slip, room: PreparedRoom, others: PreparedRoom) => Slip | Promise<Slip>])[] = [
        ['with other words by its reader turned', async (slip, room) => ({ ...slip, envelope: await wordsIn(room, lawyer.sign, '112') })],
        ['with other words by nobody, with the stolen key', async (slip, room) => ({ ...slip, envelope: await wordsIn(room, stranger, '112') })],
        ['with the words of another slip', async (slip, _, others) => ({ ...slip, envelope: await wordsIn(others, somebody.sign, '112') })],
        ['that somebody else gave', (slip, _, others) => ({ ...slip, roster: others.rosterBytes })],
        ['with a changed roster', (slip) => ({ ...slip, roster: slip.roster.map((byte, nth) => (nth === 150 ? byte ^ 1 : byte)) })],
        ['with another key', (slip) => ({ ...slip, selfWrap: slip.selfWrap.map((byte, nth) => (nth === 3 ? byte ^ 1 : byte)) })],
    ]
    const read = (slip: Slip) => {
        const tools = { exchange: { request: async () => ({ slips: [slip] }) }, trust: { instance } } as unknown as CaseTools
        return new Slips({ caseId: CASE as CaseId, reporter: pupil.sign.publicKey } as unknown as Conversation, pupil, tools).read()
    }
    const given = async (): Promise<readonly [Slip, PreparedRoom, PreparedRoom]> => {
        const [room, others] = [await makeRoom(pupil.sign, directory, CASE, SLIP, [1], pupil), await makeRoom(somebody.sign, directory, OTHER, SLIP, [1], somebody)]
        return [{ roster: room.rosterBytes, selfWrap: room.selfWrap as Uint8Array, envelope: await wordsIn(room, pupil.sign, '040') }, room, others]
    }

    test('that is true reads it', async () => {
        expect((await read((await given())[0])).map(({ text }) => text)).toEqual(['040'])
    })

    test.each(lies)('%s is shown nothing of it', async (_, lie) => {
        const [slip, room, others] = await given()
        await expect(read(await lie(slip, room, others))).rejects.toThrow(Error)
    })
})
