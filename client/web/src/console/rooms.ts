/**
 * What experts write for one another beside cases: read, written, ended. SPEC 3.5, 9
 *
 * Sealed bytes whose fate is unknown are sent again as they are, before anything else is written in their place.
 */
import { b64decode } from '@lyhty/crypto/encoding'
import { ProtocolError } from '@lyhty/crypto/errors'
import { asCaseId, type SignKey } from '@lyhty/crypto/ids'
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

/** Where words are written: the notes of a case, a question beside it, a room that is there, or a template's form. */
export type AsideKey = `${string}/notes` | `${string}/ask` | `room/${string}` | 'shelf'

interface Waiting {
    readonly room: Room
    readonly text: string
    /** The case and the opening of a room that is not there yet; else what is put into one that is. */
    readonly sealed: { readonly case: string; readonly opening: Opening } | { readonly envelope: Uint8Array }
}

/** A room that is not what it says it is. */
const UNREADABLE = { queues: [], notes: [], alarms: ['wrap-tampered'], ended: true, isOpen: false } as const

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
        const views = await this.#readAll(listed, keyring)
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
    async note(place: Place, text: string, rooms: readonly RoomView[]): Promise<void> {
        const room = rooms.findLast(({ kind, isOpen, queues }) => kind === 'notes' && isOpen && queues.includes(place.queue))
        if (room === undefined) return this.#open(`${place.case}/notes`, place, 'notes', [place.queue], text)
        return this.#write(`${place.case}/notes`, room.id, text)
    }

    ask(place: Place, queues: readonly number[], text: string): Promise<void> {
        return this.#open(`${place.case}/ask`, place, 'consultation', queues, text)
    }

    reply(roomId: string, text: string): Promise<void> {
        return this.#write(`room/${roomId}`, roomId, text)
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

    async #readAll(listed: readonly SealedRoom[], keyring: Keyring): Promise<RoomView[]> {
        const views: RoomView[] = []
        for (const each of listed) {
            try {
                const room = this.#rooms.get(each.room) ?? (await Room.open(each, keyring, this.#around.reporterOf(each.case)))
                this.#rooms.set(each.room, room)
                room.ended = each.ended
                await this.#catchUp(room)
                views.push(room.view)
            } catch (error) {
                if (!(error instanceof ProtocolError)) throw error
                // The others stay readable.
                views.push({ ...UNREADABLE, id: each.room, case: each.case, kind: each.kind })
            }
        }
        return views
    }

    async #catchUp(room: Room): Promise<void> {
        for (let more = true; more;) {
            const page = await this.#around.desk.roomEnvelopes(room.id, room.newest)
            await room.take(page.envelopes.map(({ seq, envelope }) => ({ seq, envelope: b64decode(envelope) })))
            more = page.more && page.envelopes.length > 0
        }
    }

    async #open(key: AsideKey, place: Place, kind: 'notes' | 'consultation', queues: readonly number[], text: string): Promise<void> {
        if (await this.#sentBefore(key, text)) return
        const keyring = this.#around.keyring()
        if (keyring === null) return
        const { room, opening } = await Room.make(asCaseId(b64decode(place.case)), kind, queues, text, this.#around.nowS(), keyring)
        this.#waiting.set(key, { room, text, sealed: { case: place.case, opening } })
        await this.#flush(key)
    }

    async #write(key: AsideKey, roomId: string, text: string): Promise<void> {
        if (await this.#sentBefore(key, text)) return
        const room = this.#rooms.get(roomId)
        if (room === undefined) throw new DeskError('room-unknown')
        await this.#catchUp(room)
        this.#waiting.set(key, { room, text, sealed: { envelope: await room.seal(text, this.#around.nowS()) } })
        try {
            await this.#flush(key)
        } catch (error) {
            // A colleague or another page of ours was faster: it is nowhere, and sealed anew over what has come.
            if (!(error instanceof DeskError) || error.code !== 'counter-conflict') throw error
            await this.#catchUp(room)
            this.#waiting.set(key, { room, text, sealed: { envelope: await room.seal(text, this.#around.nowS()) } })
            await this.#flush(key)
        }
    }

    /** What waited goes first; whether that was these very words. */
    async #sentBefore(key: AsideKey, text: string): Promise<boolean> {
        const waiting = this.#waiting.get(key)
        await this.#flush(key)
        return waiting?.text === text
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
    }
}
