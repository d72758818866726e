/**
 * The shelves of our queues: read whole, sealed to the newest key, written. SPEC 3.6, 9
 *
 * What was read stays: a server that shows less afterwards, or something else, is told, and changes nothing here.
 */
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { equal, hex } from '@lyhty/crypto/bytes'
import { ProtocolError } from '@lyhty/crypto/errors'
import type { RoomId } from '@lyhty/crypto/ids'
import { encodeRoomContent, type RoomContent, type ShelfBefore } from '@lyhty/crypto/room-contents'
import { draw } from '@lyhty/crypto/randomness'
import { makeRoom, ROOM_GENERATION, SHELF } from '@lyhty/crypto/rooms'
import { sealMessage, type ChainPosition } from '@lyhty/crypto/sealing'
import { readShelf, shelfId, type StoredShelfRoom, type TeamShelf } from '@lyhty/crypto/shelves'
import { NO_HEAD } from '@lyhty/crypto/envelopes'
import type { ShelfRoom } from './api-types'
import { codeOf } from './code-of'
import { DeskError, type Desk } from './desk'
import type { Keyring } from './keyring'
import { contentOfTemplate, MAX_TEMPLATES, teamTemplate, type ShelfView, type TemplateDraft } from './shelf'
import type { ConsoleEvent } from './state'

/** The server takes no longer one. SPEC 3.6 */
const MAX_WRITING_BYTES = 16_384
const MAX_TRIES = 4
/** A colleague was faster: what they wrote is read first. */
const ANEW: ReadonlySet<ErrorCode> = new Set(['shelf-changed', 'counter-conflict'])

interface Around {
    readonly desk: Desk
    readonly tell: (event: ConsoleEvent) => void
    readonly nowS: () => number
    readonly keyring: () => Keyring | null
}

interface Held {
    readonly rooms: readonly ShelfRoom[]
    readonly envelopes: readonly Uint8Array[]
    /** Null: there is nothing, or nothing that can be read. */
    readonly shelf: TeamShelf | null
    readonly unreadable: ErrorCode | null
    /** The server has shown another shelf than before. */
    readonly contradicts: boolean
    /** By which directory it was read. */
    readonly version: number
}
const NOTHING: Held = { rooms: [], envelopes: [], shelf: null, unreadable: null, contradicts: false, version: 0 }

export class Shelves {
    readonly #around: Around
    readonly #held = new Map<number, Held>()
    #turn: Promise<unknown> = Promise.resolve()

    constructor(around: Around) {
        this.#around = around
    }

    /** Every shelf of ours; one that is sealed for a key that has passed is sealed for the newest one. */
    read(): Promise<void> {
        return this.#inTurn(async (keyring) => {
            for (const queue of keyring.self.queues) {
                await this.#catchUp(queue, keyring)
                if (this.#alarms(queue).length === 0) await this.#sealForNewest(queue, keyring)
            }
        })
    }

    /** The next version of a template. `shelf-changed`: somebody has written another one meanwhile. */
    save(draft: TemplateDraft): Promise<void> {
        return this.#inTurn(async (keyring) => {
            const stored = await this.#again(() => this.#save(draft, keyring))
            await this.#catchUp(draft.queue, keyring)
            // SPEC 4.3: what is stored is handed out again, and not as something else.
            if (stored !== null && !this.#of(draft.queue).envelopes.some((one) => equal(one, stored))) throw new DeskError('history-gap')
        })
    }

    /** Goes on from what could be verified, as somebody has decided who was told what is amiss. */
    goOn(queue: number): Promise<void> {
        return this.#inTurn(async (keyring) => {
            await this.#catchUp(queue, keyring)
            await this.#begin(queue, keyring, this.#of(queue).shelf?.before ?? null)
            // Only what follows is compared with what the server shows from now on.
            this.#held.delete(queue)
            await this.#catchUp(queue, keyring)
        })
    }

    wipe(): void {
        for (const { shelf } of this.#held.values()) shelf?.key.fill(0)
        this.#held.clear()
    }

    /** The writing; null: an earlier try was stored after all. */
    async #save(draft: TemplateDraft, keyring: Keyring): Promise<Uint8Array | null> {
        const { queue } = draft
        await this.#catchUp(queue, keyring)
        if (this.#of(queue).unreadable !== null) throw new DeskError(this.#of(queue).unreadable ?? 'internal')
        await this.#sealForNewest(queue, keyring)
        const id = b64decode(draft.id)
        const content = contentOfTemplate(draft, id, this.#around.nowS())
        const versions = this.#of(queue).shelf?.templates.get(hex(id)) ?? []
        const last = versions.at(-1)
        if (last?.content.version === content.version && equal(last.author, keyring.sign.publicKey) && isSame(last.content, content)) return null
        if (versions.length !== draft.version) throw new ChangedError()
        if (draft.version === 0 && this.#view(queue, keyring).templates.filter(({ removed }) => !removed).length >= MAX_TEMPLATES) throw new DeskError('shelf-full')
        if (this.#of(queue).shelf === null) await this.#begin(queue, keyring, null)
        const { shelf, envelopes } = this.#of(queue)
        if (shelf === null) throw new DeskError('room-unknown')
        const envelope = await seal(keyring, shelf.roster.caseId as RoomId, shelf.key, shelf.chains.next(keyring.sign.publicKey), content)
        if (envelope.length > MAX_WRITING_BYTES) throw new DeskError('too-large')
        await this.#around.desk.putOnShelf(queue, envelopes.length, envelope.slice())
        return envelope
    }

    /** SPEC 3.6: nothing is written under a key that has passed, or that somebody opened who has left. */
    async #sealForNewest(queue: number, keyring: Keyring): Promise<void> {
        const { shelf } = this.#of(queue)
        if (shelf === null) return
        const { directory } = keyring
        const isCurrent = shelf.roster.entries.every(({ epoch }) => directory.currentEpoch(queue)?.epoch === epoch)
        const isOfMember = directory.signersOf([queue], directory.version).some((sign) => equal(sign, shelf.roster.signer))
        if (isCurrent && isOfMember) return
        // SPEC 3.6: whoever seals it anew settles what was amiss; that is a person's decision.
        const [alarm] = this.#alarms(queue)
        if (alarm !== undefined) throw new DeskError(alarm)
        try {
            await this.#begin(queue, keyring, shelf.before)
        } catch (error) {
            // A colleague's console has done the same at this moment.
            if (codeOf(error) !== 'shelf-changed') throw error
        }
        await this.#catchUp(queue, keyring)
    }

    async #begin(queue: number, keyring: Keyring, before: ShelfBefore | null): Promise<void> {
        const made = await makeRoom(keyring.sign, keyring.directory, shelfId(keyring.instance, queue), SHELF, [queue])
        const first = { counter: 1, previousHead: NO_HEAD, seen: [] }
        const envelope = await seal(keyring, made.id, made.key, first, { type: 'shelf', at: this.#around.nowS(), before })
        const [wrap] = made.wraps
        if (wrap === undefined) throw new DeskError('queue-unknown')
        const asked = { after: this.#of(queue).envelopes.length, roster: b64encode(made.rosterBytes), wrap: b64encode(wrap), envelope: b64encode(envelope) }
        made.key.fill(0)
        await this.#around.desk.beginShelf(queue, asked)
        await this.#catchUp(queue, keyring)
    }

    async #catchUp(queue: number, keyring: Keyring): Promise<void> {
        const { desk } = this.#around
        const [held, listed] = [this.#of(queue), await desk.shelf(queue)]
        const isSame = held.rooms.every(({ room, first_seq: first }, nth) => listed.rooms[nth]?.room === room && listed.rooms[nth]?.first_seq === first)
        const envelopes = [...held.envelopes]
        let contradicts = held.contradicts || !isSame || listed.last_seq < envelopes.length
        for (let more = !contradicts && listed.last_seq > envelopes.length; more;) {
            const page = await desk.shelfEnvelopes(queue, envelopes.length)
            for (const { seq, envelope } of page.envelopes) {
                if (seq === envelopes.length + 1) envelopes.push(b64decode(envelope))
                else contradicts = true
            }
            more = page.more && page.envelopes.length > 0 && !contradicts
        }
        const { version } = keyring.directory
        const isNew = envelopes.length > held.envelopes.length || (!contradicts && listed.rooms.length > held.rooms.length) || version !== held.version
        const rooms = contradicts && !isSame ? held.rooms : listed.rooms
        this.#held.set(queue, isNew ? await this.#readAnew({ ...held, rooms, envelopes, contradicts, version }, queue, keyring) : { ...held, contradicts })
        if (this.#around.keyring() === keyring) this.#around.tell({ type: 'shelf', queue, view: this.#view(queue, keyring) })
    }

    async #readAnew(held: Held, queue: number, keyring: Keyring): Promise<Held> {
        if (held.rooms.length === 0) return { ...held, contradicts: held.contradicts || held.envelopes.length > 0 }
        const rooms = held.rooms.map(({ roster, wrap, first_seq: first }, nth): StoredShelfRoom => ({
            roster: b64decode(roster),
            wrap: wrap === null ? null : b64decode(wrap),
            envelopes: held.envelopes.slice(first - 1, (held.rooms[nth + 1]?.first_seq ?? held.envelopes.length + 1) - 1),
        }))
        try {
            const shelf = await readShelf(queue, rooms, keyring.directory, (each, epoch) => keyring.queueKey(each, epoch))
            return { ...held, shelf, unreadable: null }
        } catch (error) {
            if (!(error instanceof ProtocolError)) throw error
            return { ...held, shelf: null, unreadable: error.code }
        }
    }

    #view(queue: number, keyring: Keyring): ShelfView {
        const { shelf, unreadable } = this.#of(queue)
        const { experts, former } = keyring.directory.claims
        const nameOf = (key: Uint8Array): string => [...experts, ...former].find(({ sign }) => equal(sign, key))?.name ?? ''
        const newest = [...shelf?.templates.values() ?? []].flatMap((versions) => versions.slice(-1))
        return { templates: newest.map(({ author, content }) => teamTemplate(queue, content, nameOf(author))), alarms: this.#alarms(queue), unreadable }
    }

    #alarms(queue: number): readonly ErrorCode[] {
        const { shelf, contradicts } = this.#of(queue)
        return [...new Set<ErrorCode>([...shelf?.alarms ?? [], ...(contradicts ? ['history-gap' as const] : [])])]
    }

    #of(queue: number): Held {
        return this.#held.get(queue) ?? NOTHING
    }

    async #again<T>(task: () => Promise<T>): Promise<T> {
        for (let tries = 1; ; tries += 1) {
            try {
                return await task()
            } catch (error) {
                if (error instanceof ChangedError || !ANEW.has(codeOf(error)) || tries === MAX_TRIES) throw error
            }
        }
    }

    #inTurn(task: (keyring: Keyring) => Promise<void>): Promise<void> {
        const done = this.#turn.then(async () => {
            const keyring = this.#around.keyring()
            if (keyring !== null) await task(keyring)
        })
        this.#turn = done.catch(() => undefined)
        return done
    }
}

/** Somebody has changed this template: whoever writes it must read theirs first. */
class ChangedError extends DeskError {
    constructor() {
        super('shelf-changed')
    }
}

async function seal(keyring: Keyring, room: RoomId, key: Uint8Array, place: ChainPosition, content: RoomContent): Promise<Uint8Array> {
    const { instance, sign, directory } = keyring
    const within = { instance, caseId: room, key, author: sign, directoryVersion: directory.version }
    return (await sealMessage(within, ROOM_GENERATION, place, content, draw, encodeRoomContent)).envelope
}

/** All but when it was written. */
const isSame = (one: RoomContent, other: RoomContent): boolean =>
    equal(encodeRoomContent({ ...one, at: 0 }), encodeRoomContent({ ...other, at: 0 }))
