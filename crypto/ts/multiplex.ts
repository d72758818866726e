/** Cuts records into pieces for fixed frames and puts them together again; fair between records. SPEC 6.1 */
import { MalformedError } from './errors.ts'
import { MAX_PIECES, payloadBytes } from './frames.ts'
import type { Direction, Piece } from './frames.ts'

/** SPEC 6.1: records open at once in each direction. */
export const MAX_OPEN_RECORDS = 16

interface Waiting {
    readonly stream: number
    readonly record: Uint8Array
    offset: number
}

/**
 * Records on their way out. Every frame is shared evenly between the records that are open, shortest remainder first, so
 * that a chat message overtakes a long report and the long one still moves in every frame.
 */
export class Outgoing {
    readonly #direction: Direction
    readonly #open: Waiting[] = []
    readonly #queued: Waiting[] = []

    constructor(direction: Direction) {
        this.#direction = direction
    }

    get isEmpty(): boolean {
        return this.#open.length === 0
    }

    /** Bytes of a record that have not left yet; 0 when it has. */
    remaining(stream: number): number {
        const waiting = [...this.#open, ...this.#queued].find((candidate) => candidate.stream === stream)
        return waiting === undefined ? 0 : waiting.record.length - waiting.offset
    }

    add(stream: number, record: Uint8Array): void {
        const target = this.#open.length < MAX_OPEN_RECORDS ? this.#open : this.#queued
        target.push({ stream, record, offset: 0 })
    }

    /** The pieces of the next frame; none for a cover frame. */
    nextPieces(): Piece[] {
        const pieces: Piece[] = []
        let room = payloadBytes(this.#direction)
        const left = (waiting: Waiting): number => waiting.record.length - waiting.offset
        // Sorting is stable: of equal remainders the older record goes first.
        const chosen = this.#open.toSorted((a, b) => left(a) - left(b)).slice(0, MAX_PIECES)
        const oldest = this.#open[0]
        // The oldest record always gets a share, or short ones could starve it for ever.
        if (oldest !== undefined && !chosen.includes(oldest)) chosen[MAX_PIECES - 1] = oldest
        chosen.forEach((waiting, at) => {
            const share = Math.floor(room / (chosen.length - at))
            const data = waiting.record.slice(waiting.offset, waiting.offset + Math.min(share, left(waiting)))
            pieces.push({ stream: waiting.stream, offset: waiting.offset, total: waiting.record.length, data })
            waiting.offset += data.length
            room -= data.length
        })
        this.#dropFinished()
        return pieces
    }

    #dropFinished(): void {
        for (let at = this.#open.length - 1; at >= 0; at--) {
            const waiting = this.#open[at] as Waiting
            if (waiting.offset === waiting.record.length) this.#open.splice(at, 1)
        }
        while (this.#open.length < MAX_OPEN_RECORDS && this.#queued.length > 0)
            this.#open.push(this.#queued.shift() as Waiting)
    }
}

export interface CompleteRecord {
    readonly stream: number
    readonly record: Uint8Array
}

/** Records on their way in. */
export class Incoming {
    readonly #open = new Map<number, { readonly record: Uint8Array; filled: number }>()

    /** How much of a record is here already, if it is open. */
    progress(stream: number): { readonly filled: number; readonly total: number } | undefined {
        const open = this.#open.get(stream)
        return open && { filled: open.filled, total: open.record.length }
    }

    accept(pieces: readonly Piece[]): CompleteRecord[] {
        const complete: CompleteRecord[] = []
        for (const { stream, offset, total, data } of pieces) {
            const open = this.#open.get(stream) ?? this.#begin(stream, total)
            if (open.record.length !== total || open.filled !== offset)
                throw new MalformedError('a piece out of order', 'frame-malformed')
            open.record.set(data, offset)
            open.filled += data.length
            if (open.filled === total) {
                this.#open.delete(stream)
                complete.push({ stream, record: open.record })
            }
        }
        return complete
    }

    #begin(stream: number, total: number): { readonly record: Uint8Array; filled: number } {
        if (this.#open.size >= MAX_OPEN_RECORDS) throw new MalformedError('too many records at once', 'frame-malformed')
        const open = { record: new Uint8Array(total), filled: 0 }
        this.#open.set(stream, open)
        return open
    }
}
