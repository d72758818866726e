/** The client's end of one channel, without a socket: a frame comes in, exactly one goes out. SPEC 6.1, 6.2 */
import { decodeFrame, encodeFrame, payloadBytes } from '@lyhty/crypto/frames'
import { Incoming, Outgoing } from '@lyhty/crypto/multiplex'
import { decodeDown } from '@lyhty/crypto/records'
import type { Moved } from './messages.ts'

export interface Received {
    /** One in answer to the frame; none where the server keeps no slots. */
    readonly frames: readonly Uint8Array[]
    readonly records: readonly Uint8Array[]
    readonly sending: readonly Moved[]
    readonly receiving: readonly Moved[]
}

export class ChannelEnd {
    readonly #outgoing = new Outgoing('up')
    readonly #incoming = new Incoming()
    /** A ticket's stream is its ticket's place in this list, counted from 1. */
    readonly #tickets: number[] = []
    #greeted = false
    #slotMs: number | null = null

    /** The server's slots, once it has told them; 0 where it keeps none. */
    get slotMs(): number {
        return this.#slotMs ?? 0
    }

    get isGreeted(): boolean {
        return this.#slotMs !== null
    }

    get #clocked(): boolean {
        return this.#slotMs !== 0
    }

    /** Frames to send at once: always none, except where the server keeps no slots. */
    send(ticket: number, record: Uint8Array): Uint8Array[] {
        this.#tickets.push(ticket)
        this.#outgoing.add(this.#tickets.length, record)
        return this.#clocked ? [] : this.#flush()
    }

    #flush(): Uint8Array[] {
        const frames: Uint8Array[] = []
        while (!this.#outgoing.isEmpty) frames.push(encodeFrame('up', { slot: 0, pieces: this.#outgoing.nextPieces() }))
        return frames
    }

    receive(bytes: Uint8Array): Received {
        const { slot, pieces } = decodeFrame('down', bytes)
        const records = this.#incoming.accept(pieces).map(({ record }) => record)
        this.#greet(records[0])
        const receiving = pieces.flatMap(({ stream, offset, total, data }) =>
            this.#moved(stream, offset + data.length, total, payloadBytes('down')),
        )
        if (!this.#clocked) return { frames: [], records, sending: [], receiving }
        // SPEC 6.2: one frame for one frame with the same slot, whether there is anything to say or not.
        const out = this.#outgoing.nextPieces()
        const sending = out.flatMap(({ stream, offset, total, data }) =>
            this.#moved(stream, offset + data.length, total, payloadBytes('up')),
        )
        return { frames: [encodeFrame('up', { slot, pieces: out })], records, sending, receiving }
    }

    /** The first record of a channel tells whether there are slots at all. */
    #greet(first: Uint8Array | undefined): void {
        if (this.#greeted || first === undefined) return
        this.#greeted = true
        const down = decodeDown(first)
        if (down.kind === 'event' && down.event.event === 'hello') this.#slotMs = down.event.slotMs
    }

    #moved(stream: number, bytes: number, totalBytes: number, perSlot: number): Moved[] {
        const ticket = this.#tickets[stream - 1]
        return ticket === undefined
            ? []
            : [{ ticket, done: Math.ceil(bytes / perSlot), total: Math.ceil(totalBytes / perSlot) }]
    }
}

/**
 * How long a frame's answer rests: anywhere in the first quarter of a slot. SPEC 6.2
 *
 * A browser at work on a key or a report answers later than an idle one. Beside this chance, that does not show; and
 * what an answer brings is acknowledged in the next slot all the same.
 */
export const answerDelayMs = (slotMs: number, chance: number): number => (chance * slotMs) / 4

const DELAYS_S = [1, 2, 4, 8, 15] as const

/**
 * When to open the next channel. It knows how often that failed and nothing else, above all not whether anything waits
 * to be sent; the spread keeps a thousand pages from coming back in the same moment.
 */
export function reconnectDelayMs(failures: number, spread: number): number {
    const delay_s = DELAYS_S[Math.min(failures, DELAYS_S.length - 1)] as number
    return Math.round(delay_s * 1000 * (1 + spread / 2))
}

/** For how long nothing may come before the line counts as dead. SPEC 6.2 */
export const silentMs = (slotMs: number): number => Math.max(10_000, 10 * slotMs)
