/** What the reporter gives to one role alone: a name, a number. Sealed for that queue, and taken back with its key. SPEC 3.5 */
import { equal } from '@lyhty/crypto/bytes'
import { b64encode } from '@lyhty/crypto/encoding'
import { ForgedError, MalformedError } from '@lyhty/crypto/errors'
import { asHead, type CaseId, type QueueId, type RoomId } from '@lyhty/crypto/ids'
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import { toProveTakeBack } from '@lyhty/crypto/proofs'
import type { Operation, Slip } from '@lyhty/crypto/records'
import { makeRoom, openOwnRoomKey, ROOM_GENERATION, SLIP, verifyRoom } from '@lyhty/crypto/rooms'
import { openEnvelope, sealMessage } from '@lyhty/crypto/sealing'
import { TO_QUEUE } from '@lyhty/crypto/wraps'
import type { CaseTools } from './open-case.ts'
import type { Conversation } from './conversation.ts'
import { codeOf } from './failure.ts'

export interface GivenSlip {
    readonly id: string
    readonly queue: QueueId
    readonly text: string
}

const NO_HEAD = asHead(new Uint8Array(32))

export class Slips {
    readonly #tools: CaseTools
    readonly #keys: ReporterKeys
    readonly #caseId: CaseId
    readonly #reporter: Conversation['reporter']
    readonly #rooms = new Map<string, RoomId>()
    /** Sealed, and of unknown fate: the same bytes are sent again for the same words. */
    #unsure: { readonly text: string; readonly queue: QueueId; readonly give: Operation & { readonly operation: 'give' } } | null = null

    constructor(conversation: Conversation, keys: ReporterKeys, tools: CaseTools) {
        this.#tools = tools
        this.#keys = keys
        this.#caseId = conversation.caseId
        this.#reporter = conversation.reporter
    }

    async read(): Promise<readonly GivenSlip[]> {
        const { slips } = await this.#tools.exchange.request('slips', () => ({ operation: 'slips' }))
        return Promise.all(slips.map((slip) => this.#open(slip)))
    }

    /** Resolves when the server has it for good. */
    async give(text: string, queue: QueueId): Promise<void> {
        const unsure = this.#unsure
        const give = unsure !== null && unsure.text === text && unsure.queue === queue ? unsure.give : await this.#seal(text, queue)
        this.#unsure = { text, queue, give }
        try {
            await this.#tools.exchange.request('give', () => give)
        } catch (error) {
            if (codeOf(error) !== 'connection-lost') this.#unsure = null
            throw error
        }
        this.#unsure = null
    }

    async takeBack(id: string): Promise<void> {
        const room = this.#rooms.get(id)
        if (room === undefined) return
        const proof = this.#keys.sign.sign(toProveTakeBack(this.#tools.trust.instance, room))
        await this.#tools.exchange.request('takeBack', () => ({ operation: 'takeBack', room, proof }))
    }

    async #seal(text: string, queue: QueueId): Promise<Operation & { readonly operation: 'give' }> {
        // The newest keys: what is sealed for an old one nobody could open.
        const directory = await this.#tools.trust.renew()
        const room = await makeRoom(this.#keys.sign, directory, this.#caseId, SLIP, [queue], this.#keys, this.#tools.randomness)
        const [wrap] = room.wraps
        if (wrap === undefined || room.selfWrap === null) throw new MalformedError('a slip is for one queue and its reporter')
        const { envelope } = await sealMessage(
            { instance: directory.instance, caseId: room.id, key: room.key, author: this.#keys.sign, directoryVersion: directory.version },
            ROOM_GENERATION,
            { counter: 1, previousHead: NO_HEAD, seen: [] },
            { type: 'chat', at: this.#tools.nowS(), text },
            this.#tools.randomness,
        )
        room.key.fill(0)
        return { operation: 'give', roster: room.rosterBytes, selfWrap: room.selfWrap, wrap, envelope }
    }

    async #open({ roster: bytes, selfWrap, envelope }: Slip): Promise<GivenSlip> {
        const roster = verifyRoom(bytes, this.#tools.trust.instance, this.#caseId, SLIP, [this.#reporter])
        const key = await openOwnRoomKey(roster, selfWrap, this.#keys.wrap)
        const { content, header } = await openEnvelope(roster.instance, roster.caseId, key, envelope)
        key.fill(0)
        // SPEC 3.5: its readers have its key too.
        if (!equal(header.author, this.#reporter)) throw new ForgedError('a slip of somebody else', 'envelope-tampered')
        const queue = roster.entries.find(({ recipient }) => recipient === TO_QUEUE)?.queue
        if (content.type !== 'chat' || queue === undefined) throw new MalformedError('a slip holds a few words')
        const id = b64encode(roster.caseId)
        this.#rooms.set(id, roster.caseId as RoomId)
        return { id, queue, text: content.text }
    }
}
