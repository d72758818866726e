/** Frames of one size: a checked header that names up to four pieces of records. SPEC 6.1 */
import { concat, equal, isZero, Reader, u16, u32, u8 } from './bytes.ts'
import { MalformedError } from './errors.ts'
import { hash } from './ids.ts'

export type Direction = 'up' | 'down'

export const FRAME_HEADER_BYTES = 68
export const MAX_PIECES = 4
const CHECKED_BYTES = 64
const ENTRY_BYTES = 14

interface Way {
    readonly mark: number
    readonly frameBytes: number
    readonly maxRecordBytes: number
    readonly maxStream: number
}
export const WAYS: { readonly [direction in Direction]: Way } = {
    up: { mark: 0x55, frameBytes: 2048, maxRecordBytes: 98_304, maxStream: 0x7fff_ffff },
    down: { mark: 0x44, frameBytes: 4096, maxRecordBytes: 393_216, maxStream: 0xffff_ffff },
}

export const payloadBytes = (direction: Direction): number => WAYS[direction].frameBytes - FRAME_HEADER_BYTES

/** A part of a record: `total` is the record's length, `offset` where this part begins. */
export interface Piece {
    readonly stream: number
    readonly offset: number
    readonly total: number
    readonly data: Uint8Array
}

export interface Frame {
    readonly slot: number
    readonly pieces: readonly Piece[]
}

const malformed = (detail: string): MalformedError => new MalformedError(detail, 'frame-malformed')

function checkPiece(direction: Direction, piece: Omit<Piece, 'data'>, length: number): void {
    const { total, offset, stream } = piece
    if (stream < 1 || stream > WAYS[direction].maxStream) throw malformed('number of a stream')
    if (total < 1 || total > WAYS[direction].maxRecordBytes) throw malformed('length of a record')
    if (length < 1 || offset + length > total) throw malformed('a piece outside its record')
}

export function encodeFrame(direction: Direction, { slot, pieces }: Frame): Uint8Array {
    if (pieces.length > MAX_PIECES) throw malformed('too many pieces')
    const { mark, frameBytes } = WAYS[direction]
    const entries = pieces.map((piece) => {
        checkPiece(direction, piece, piece.data.length)
        return concat(u32(piece.stream), u32(piece.offset), u32(piece.total), u16(piece.data.length))
    })
    const unused = new Uint8Array(ENTRY_BYTES * (MAX_PIECES - pieces.length))
    const checked = concat(u8(1), u8(mark), u32(slot), u8(pieces.length), ...entries, unused, u8(0))
    const used = concat(checked, hash(checked).subarray(0, 4), ...pieces.map(({ data }) => data))
    if (used.length > frameBytes) throw malformed('too much for a frame')
    const frame = new Uint8Array(frameBytes)
    frame.set(used)
    return frame
}

export function decodeFrame(direction: Direction, bytes: Uint8Array): Frame {
    const { mark, frameBytes } = WAYS[direction]
    if (bytes.length !== frameBytes) throw malformed('length of a frame')
    const reader = new Reader(bytes, 'frame-malformed')
    if (reader.u8() !== 1 || reader.u8() !== mark) throw malformed('version or direction')
    const slot = reader.u32()
    const count = reader.u8()
    if (count > MAX_PIECES) throw malformed('number of pieces')
    const entries = reader.list(count, () => ({
        stream: reader.u32(),
        offset: reader.u32(),
        total: reader.u32(),
        length: reader.u16(),
    }))
    if (!isZero(reader.take(ENTRY_BYTES * (MAX_PIECES - count) + 1))) throw malformed('an unused field is not zero')
    if (!equal(reader.take(4), hash(bytes.subarray(0, CHECKED_BYTES)).subarray(0, 4)))
        throw malformed('the check does not match')
    const pieces = entries.map(({ length, ...piece }) => {
        checkPiece(direction, piece, length)
        return { ...piece, data: reader.take(length) }
    })
    if (!isZero(reader.rest())) throw malformed('the fill is not zero')
    return { slot, pieces }
}
