/** The shape of a wrap: one key sealed for one recipient, 1,213 bytes. SPEC 3.1 */
import { concat, Reader, u16, u32, u8 } from './bytes.ts'
import { context } from './contexts.ts'
import { MalformedError } from './errors.ts'
import { asCommitment } from './ids.ts'
import type { CaseId, Commitment, Epoch, Generation, InstanceId, QueueId, SignKey } from './ids.ts'

export const WRAP_BYTES = 1213
export const WRAP_HEADER_BYTES = 45
export const SELF_WRAP_BYTES = 48
export const LINK_BYTES = 48
export const NO_LINK = new Uint8Array(LINK_BYTES)

export const CASE_KEY = 1
export const CARD_KEY = 2
export const QUEUE_SEED = 3
export const DIRECTORY_SEED = 4
export const ROOM_KEY = 5
export type WrapKind =
    typeof CASE_KEY | typeof CARD_KEY | typeof QUEUE_SEED | typeof DIRECTORY_SEED | typeof ROOM_KEY

export const TO_QUEUE = 1
export const TO_REPORTER = 2
export const TO_EXPERT = 3
export type Recipient = typeof TO_QUEUE | typeof TO_REPORTER | typeof TO_EXPERT

export interface WrapHeader {
    readonly kind: WrapKind
    readonly recipient: Recipient
    readonly queue: QueueId
    readonly epoch: Epoch
    readonly generation: Generation
    readonly commitment: Commitment
}

export interface Wrap extends WrapHeader {
    readonly body: Uint8Array
}

// SPEC 3.1: the legal combinations of kind and recipient, and which fields each one fills.
const LEGAL: readonly { kind: WrapKind; recipient: Recipient; namesQueue: boolean }[] = [
    { kind: CASE_KEY, recipient: TO_QUEUE, namesQueue: true },
    { kind: CASE_KEY, recipient: TO_REPORTER, namesQueue: false },
    { kind: CARD_KEY, recipient: TO_QUEUE, namesQueue: true },
    { kind: QUEUE_SEED, recipient: TO_EXPERT, namesQueue: true },
    { kind: DIRECTORY_SEED, recipient: TO_EXPERT, namesQueue: false },
    { kind: ROOM_KEY, recipient: TO_QUEUE, namesQueue: true },
]

function checkHeader(header: WrapHeader): void {
    const legal = LEGAL.find(({ kind, recipient }) => kind === header.kind && recipient === header.recipient)
    if (legal === undefined) throw new MalformedError('a wrap of this kind has no such recipient')
    if ((header.queue !== 0) !== legal.namesQueue || (header.epoch !== 0) !== legal.namesQueue)
        throw new MalformedError('queue and epoch of a wrap')
    if ((header.generation !== 0) !== (header.kind === CASE_KEY)) throw new MalformedError('generation of a wrap')
}

export function encodeWrapHeader(header: WrapHeader): Uint8Array {
    checkHeader(header)
    return concat(
        u8(1),
        u8(header.kind),
        u8(header.recipient),
        u16(header.queue),
        u32(header.epoch),
        u32(header.generation),
        header.commitment,
    )
}

export const encodeWrap = (wrap: Wrap): Uint8Array => concat(encodeWrapHeader(wrap), wrap.body)

export function decodeWrap(bytes: Uint8Array): Wrap {
    if (bytes.length !== WRAP_BYTES) throw new MalformedError(`a wrap has ${WRAP_BYTES} bytes`)
    const reader = new Reader(bytes, 'envelope-malformed')
    if (reader.u8() !== 1) throw new MalformedError('version of a wrap')
    const wrap: Wrap = {
        kind: reader.u8() as WrapKind,
        recipient: reader.u8() as Recipient,
        queue: reader.u16(),
        epoch: reader.u32(),
        generation: reader.u32(),
        commitment: asCommitment(reader.take(32)),
        body: reader.rest(),
    }
    checkHeader(wrap)
    return wrap
}

/** What the sealed key is bound to. `subject`: the case or room id, or the expert's sign key for a seed. SPEC 3.1 */
export const wrapInfo = (instance: InstanceId, subject: CaseId | SignKey, header: WrapHeader): Uint8Array =>
    context('wrap', instance, subject, encodeWrapHeader(header))
