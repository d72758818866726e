/** The shape of a wrap: one key sealed for one recipient, 1,213 bytes. SPEC 3.1 */
import { concat, Reader, u16, u32, u8 } from './bytes.ts'
import { context } from './contexts.ts'
import { MalformedError } from './errors.ts'
import { asCommitment } from './ids.ts'
import type { CaseId, Commitment, Epoch, Generation, InstanceId, QueueId, ShareOf, SignKey } from './ids.ts'

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
export const SEED_SHARE = 7
export const GIVEN_SHARE = 8
export type WrapKind =
    | typeof CASE_KEY
    | typeof CARD_KEY
    | typeof QUEUE_SEED
    | typeof DIRECTORY_SEED
    | typeof ROOM_KEY
    | typeof SEED_SHARE
    | typeof GIVEN_SHARE

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

// SPEC 3.1: for each kind the recipients it may have. Only the reporter and the directory key name no queue.
const LEGAL: Readonly<Record<number, readonly Recipient[]>> = { 1: [1, 2], 2: [1], 3: [3], 4: [3], 5: [1], 7: [3], 8: [3] }

function checkHeader(header: WrapHeader): void {
    if (LEGAL[header.kind]?.includes(header.recipient) !== true)
        throw new MalformedError('a wrap of this kind has no such recipient')
    const namesQueue = header.recipient !== TO_REPORTER && header.kind !== DIRECTORY_SEED
    if ((header.queue !== 0) !== namesQueue || (header.epoch !== 0) !== namesQueue)
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

/** What a wrap is bound to: the case or room id, the expert's sign key for a seed, for a share a hash (5.9). SPEC 3.1 */
export type Subject = CaseId | SignKey | ShareOf

export const wrapInfo = (instance: InstanceId, subject: Subject, header: WrapHeader): Uint8Array =>
    context('wrap', instance, subject, encodeWrapHeader(header))
