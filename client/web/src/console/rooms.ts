/**
 * What experts write for one another beside cases: read, written, ended. SPEC 3.5, 9
 *
 * Sealed bytes whose fate is unknown are sent again as they are, before anything else is written in their place.
 */
import { b64decode } from '@lyhty/crypto/encoding'
import { ForgedError, ProtocolError } from '@lyhty/crypto/errors'
import { asCaseId, asHead, type SignKey } from '@lyhty/crypto/ids'
import type { AsideContent, DutyContent } from '@lyhty/crypto/room-contents'
import type { SealedRoom } from './api-types'
import { DeskError, type Desk } from './desk'
import type { Keyring } from './keyring'
import type { Place } from './places'
import { Room, type Opening, type RoomView } from './room'
import type { ConsoleEvent } from './state'

export interface AroundRooms {
    readonly desk: Desk
    readonly tell: (event: ConsoleEvent) => void
    readonly nowS: () => number
    readonly keyring: () => Keyring | null
    /** Who signs a held case's slips; null for a case that is not held. */
    readonly reporterOf: (caseId: string) => SignKey | null
}

/** Where words are written: the notes of a case, a question beside it, the duties, a room that is there, or a template's form. */
export type AsideKey = `${string}/notes` | `${string}/ask` | `${string}/duties` | `room/${string}` | `${string}/notice/${string}` | 'shelf'

interface Waiting {
    readonly room: Room
    /** What was meant: all but its time. */
    readonly said: string
    /** The case and the opening of a room that is not there yet; else what is put into one that is. */
    readonly sealed: { readonly case: string; readonly opening: Opening } | { readonly envelope: Uint8Array }
}

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never
type Said = WithoutTime<AsideContent>

const isSameSet = (one: readonly number[], other: readonly number[]): boolean =>
    one.length === other.length && one.every((queue) => other.includes(queue))

/** A room that is not what it says it is. */
const UNREADABLE = { queues: [], notes: [], marks: [], alarms: ['wrap-tampered'], ended: true, isOpen: false } as const

/** The server has an answer for these bytes, or somebody must look: they are not sent again. */
const isUnknown = (error: unknown): boolean => error instanceof DeskError && (error.code === 'connection-lost' || error.code === 'busy')

export class Rooms {
    readonly #around: AroundRooms
    readonly #rooms = new Map<string, Room>()
    readonly #waiting = new Map<AsideKey, Waiting>()

    constructor(around: AroundRooms) {
        this.#around = around
    }

    /** All rooms beside a case that we may read. */
    async readBeside(caseId: string): Promise<void> {
        const keyring = this.#around.keyring()
        if (keyring === null) return
        const listed = await this.#around.desk.rooms(caseId)
        const views = await this.#readAll(listed, keyring, caseId)
        if (this.#around.keyring() === keyring) this.#around.tell({ type: 'rooms', case: caseId, rooms: views })
    }

    /** Where our queues are asked for advice. */
    async readAdvice(queues: readonly number[]): Promise<void> {
        const keyring = this.#around.keyring()
        if (keyring === null) return
        const listed = new Map<string, SealedRoom>()
        for (const queue of queues) {
            for (let after: string | null = '0'; after !== null;) {
                const page = await this.#around.desk.consultations(queue, after)
                // Listed for each of our queues, with the wrap to that queue; one is enough.
                page.rooms.forEach((room) => listed.set(room.room, listed.get(room.room) ?? room))
                after = page.next
            }
        }
        const views = await this.#readAll([...listed.values()], keyring)
        if (this.#around.keyring() === keyring) this.#around.tell({ type: 'advice', rooms: views })
    }

    /** Into the notes of one's profession; a new room where there is none that may be written in. */
    note(place: Place, text: string, rooms: readonly RoomView[]): Promise<void> {
        return this.#intoNotes(`${place.case}/notes`, place, [place.queue], { type: 'chat', text }, rooms)
    }

    /** For all holders of the case. SPEC 3.7 */
    answerDuty(place: Place, queues: readonly number[], said: Pick<DutyContent, 'duty' | 'step' | 'answer'>, rooms: readonly RoomView[]): Promise<void> {
        return this.#intoNotes(`${place.case}/duties`, place, queues, { type: 'duty', ...said }, rooms)
    }

    ask(place: Place, queues: readonly number[], text: string): Promise<void> {
        return this.#open(`${place.case}/ask`, place, 'consultation', queues, { type: 'chat', text })
    }

    /** For a second pair of eyes. SPEC 3.7 */
    askToSee(place: Place, queues: readonly number[], duty: string, reason: string): Promise<void> {
        return this.#open(`${place.case}/notice/${duty}`, place, 'consultation', queues, { type: 'notice', duty, reason })
    }

    reply(roomId: string, text: string): Promise<void> {
        return this.#write(`room/${roomId}`, roomId, { type: 'chat', text })
    }

    /** `reason`: why not; null: agreed. */
    answerNotice(roomId: string, notice: Uint8Array, reason: string | null): Promise<void> {
        return this.#write(`room/${roomId}`, roomId, { type: 'seen', notice: asHead(notice), agree: reason === null, reason })
    }

    /** Signs what has been read here, so that it is known to have been written before now. SPEC 3.7 */
    witness(roomId: string): Promise<void> {
        return this.#write(`room/${roomId}`, roomId, { type: 'receipt', read: true })
    }

    async end(roomId: string): Promise<void> {
        await this.#around.desk.endRoom(roomId)
        const room = this.#rooms.get(roomId)
        if (room !== undefined) room.ended = true
    }

    wipe(): void {
        this.#rooms.forEach((room) => room.wipe())
        this.#rooms.clear()
        this.#waiting.clear()
    }

    /** `within`: beside which case they are listed. */
    async #readAll(listed: readonly SealedRoom[], keyring: Keyring, within: string | null = null): Promise<RoomView[]> {
        const views: RoomView[] = []
        for (const each of listed) {
            const beside = within ?? each.case
            try {
                const room = this.#rooms.get(each.room) ?? (await Room.open(each, keyring, this.#around.reporterOf(each.case)))
                this.#rooms.set(each.room, room)
                // SPEC 3.5: a room's id contains its case.
                if (room.case !== beside) throw new ForgedError('a room of another case', 'wrap-tampered')
                room.ended = each.ended
                await this.#catchUp(room)
                views.push(room.view)
            } catch (error) {
                if (!(error instanceof ProtocolError)) throw error
                // The others stay readable.
                views.push({ ...UNREADABLE, id: each.room, case: beside, kind: each.kind })
            }
        }
        return views
    }

    async #catchUp(room: Room): Promise<void> {
        for (let more = true; more;) {
            const before = room.newest
            const page = await this.#around.desk.roomEnvelopes(room.id, before)
            await room.take(page.envelopes.map(({ seq, envelope }) => ({ seq, envelope: b64decode(envelope) })))
            more = page.more && room.newest > before
        }
    }

    #intoNotes(key: AsideKey, place: Place, queues: readonly number[], said: Said, rooms: readonly RoomView[]): Promise<void> {
        const room = rooms.findLast((one) => one.kind === 'notes' && one.isOpen && isSameSet(one.queues, queues))
        return room === undefined ? this.#open(key, place, 'notes', queues, said) : this.#write(key, room.id, said)
    }

    async #open(key: AsideKey, place: Place, kind: 'notes' | 'consultation', queues: readonly number[], said: Said): Promise<void> {
        if (await this.#sentBefore(key, said)) return
        const keyring = this.#around.keyring()
        if (keyring === null) return
        const { room, opening } = await Room.make(asCaseId(b64decode(place.case)), kind, queues, this.#now(said), keyring)
        this.#waiting.set(key, { room, said: JSON.stringify(said), sealed: { case: place.case, opening } })
        await this.#flush(key)
    }

    async #write(key: AsideKey, roomId: string, said: Said): Promise<void> {
        if (await this.#sentBefore(key, said)) return
        const room = this.#rooms.get(roomId)
        if (room === undefined) throw new DeskError('room-unknown')
        await this.#catchUp(room)
        const seal = async (): Promise<void> => void this.#waiting.set(key, { room, said: JSON.stringify(said), sealed: { envelope: await room.seal(this.#now(said)) } })
        await seal()
        try {
            await this.#flush(key)
        } catch (error) {
            // A colleague or another page of ours was faster: it is nowhere, and sealed anew over what has come.
            if (!(error instanceof DeskError) || error.code !== 'counter-conflict') throw error
            await this.#catchUp(room)
            await seal()
            await this.#flush(key)
        }
    }

    #now(said: Said): AsideContent {
        return { ...said, at: this.#around.nowS() } as AsideContent
    }

    /** What waited goes first; whether that was this very thing. */
    async #sentBefore(key: AsideKey, said: Said): Promise<boolean> {
        const waiting = this.#waiting.get(key)
        await this.#flush(key)
        return waiting?.said === JSON.stringify(said)
    }

    async #flush(key: AsideKey): Promise<void> {
        const waiting = this.#waiting.get(key)
        if (waiting === undefined) return
        const { room, sealed } = waiting
        try {
            if ('opening' in sealed) await this.#around.desk.openRoom(sealed.case, sealed.opening)
            else await this.#around.desk.putInRoom(room.id, sealed.envelope.slice())
        } catch (error) {
            if (!isUnknown(error)) this.#waiting.delete(key)
            throw error
        }
        this.#waiting.delete(key)
        this.#rooms.set(room.id, room)
        await this.#catchUp(room)
        // SPEC 4.3: what is stored is handed out again, and not as something else.
        if (!room.has('opening' in sealed ? b64decode(sealed.opening.envelope) : sealed.envelope)) throw new DeskError('history-gap')
    }
}
