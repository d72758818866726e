/** The shape of an envelope: header, padded plaintext, body and head. Seals nothing and opens nothing. SPEC 4.1, 4.2 */
import { compare, concat, isZero, Reader, u32, u8 } from './bytes.ts'
import { context } from './contexts.ts'
import { MalformedError } from './errors.ts'
import { asHead, asObjectId, asSignKey, hash } from './ids.ts'
import type { CaseId, Generation, Head, InstanceId, ObjectId, SignKey } from './ids.ts'

export const CARD = 1
export const MESSAGE = 2
export type EnvelopeKind = typeof CARD | typeof MESSAGE

export const HEADER_BYTES = 75
export const TAG_BYTES = 16
export const CARD_BYTES = 1024
/** Every legal length of an envelope, in bytes. SPEC 4.2 */
export const ENVELOPE_SIZES = [1024, 4096, 16_384, 65_536] as const
export const MAX_HEADS = 8

const URGENT = 1

export interface EnvelopeHeader {
    readonly kind: EnvelopeKind
    readonly urgent: boolean
    readonly generation: Generation
    readonly counter: number
    readonly objectId: ObjectId
    readonly author: SignKey
}

/** The last message of another author that a message's author had seen. */
export interface SeenHead {
    readonly author: SignKey
    readonly counter: number
    readonly head: Head
}

export interface EnvelopeBody {
    readonly previousHead: Head
    readonly directoryVersion: number
    readonly seen: readonly SeenHead[]
    readonly content: Uint8Array
}

export const NO_HEAD = new Uint8Array(32) as Head

function checkHeader(header: EnvelopeHeader): void {
    const isCard = header.kind === CARD
    if (!isCard && header.kind !== MESSAGE) throw new MalformedError('kind of an envelope')
    if (header.urgent && !isCard) throw new MalformedError('only a card is urgent')
    if ((header.generation === 0) !== isCard || (header.counter === 0) !== isCard)
        throw new MalformedError('generation and counter of an envelope')
}

export function encodeHeader(header: EnvelopeHeader): Uint8Array {
    checkHeader(header)
    return concat(
        u8(1),
        u8(header.kind),
        u8(header.urgent ? URGENT : 0),
        u32(header.generation),
        u32(header.counter),
        header.objectId,
        header.author,
    )
}

/** Reads the header of a whole envelope, whose length must be legal. */
export function decodeHeader(envelope: Uint8Array): EnvelopeHeader {
    if (envelope.length > 65_536) throw new MalformedError('longer than any envelope', 'too-large')
    if (!(ENVELOPE_SIZES as readonly number[]).includes(envelope.length))
        throw new MalformedError('length of an envelope')
    const reader = new Reader(envelope, 'envelope-malformed')
    if (reader.u8() !== 1) throw new MalformedError('version of an envelope')
    const kind = reader.u8() as EnvelopeKind
    const flags = reader.u8()
    if (flags > URGENT) throw new MalformedError('flags of an envelope')
    const header: EnvelopeHeader = {
        kind,
        urgent: flags === URGENT,
        generation: reader.u32(),
        counter: reader.u32(),
        objectId: asObjectId(reader.take(32)),
        author: asSignKey(reader.take(32)),
    }
    checkHeader(header)
    if (kind === CARD && envelope.length !== CARD_BYTES) throw new MalformedError('length of a card')
    return header
}

function checkSeen(kind: EnvelopeKind, author: SignKey, seen: readonly SeenHead[]): void {
    if (seen.length > (kind === CARD ? 0 : MAX_HEADS)) throw new MalformedError('number of heads seen')
    seen.forEach((head, at) => {
        const before = seen[at - 1]
        if (before !== undefined && compare(before.author, head.author) >= 0)
            throw new MalformedError('heads seen are not sorted')
        // SPEC 4.2: heads of all *other* authors, whose counters begin at 1.
        if (compare(head.author, author) === 0 || head.counter === 0)
            throw new MalformedError('a head seen that cannot be')
    })
}

function checkPreviousHead(header: EnvelopeHeader, previousHead: Head): void {
    if (header.counter <= 1 && !isZero(previousHead)) throw new MalformedError('the first message has no previous head')
}

export function encodeBody(header: EnvelopeHeader, body: EnvelopeBody): Uint8Array {
    checkSeen(header.kind, header.author, body.seen)
    checkPreviousHead(header, body.previousHead)
    return concat(
        body.previousHead,
        u32(body.directoryVersion),
        u8(body.seen.length),
        ...body.seen.map(({ author, counter, head }) => concat(author, u32(counter), head)),
        u32(body.content.length),
        body.content,
    )
}

const overhead = HEADER_BYTES + TAG_BYTES

/** The smallest legal envelope for a plaintext of this length. SPEC 4.2 */
function smallestSize(kind: EnvelopeKind, plaintextBytes: number): number {
    const sizes = kind === CARD ? [CARD_BYTES] : ENVELOPE_SIZES
    const size = sizes.find((candidate) => candidate >= plaintextBytes + overhead)
    if (size === undefined) throw new MalformedError('longer than the largest envelope', 'too-large')
    return size
}

export function pad(kind: EnvelopeKind, signature: Uint8Array, body: Uint8Array): Uint8Array {
    const size = smallestSize(kind, signature.length + body.length)
    const plaintext = new Uint8Array(size - overhead)
    plaintext.set(signature)
    plaintext.set(body, signature.length)
    return plaintext
}

/** Takes a padded plaintext apart; a longer padding than needed and non-zero fill are refused. */
export function unpad(
    header: EnvelopeHeader,
    plaintext: Uint8Array,
): { signature: Uint8Array; bodyBytes: Uint8Array; body: EnvelopeBody } {
    const reader = new Reader(plaintext, 'envelope-malformed')
    const signature = reader.take(64)
    const body: EnvelopeBody = {
        previousHead: asHead(reader.take(32)),
        directoryVersion: reader.u32(),
        seen: reader.list(reader.u8(), () => ({
            author: asSignKey(reader.take(32)),
            counter: reader.u32(),
            head: asHead(reader.take(32)),
        })),
        content: reader.bytes32(),
    }
    const used = plaintext.length - reader.left
    if (!isZero(reader.rest())) throw new MalformedError('the padding is not zero')
    if (smallestSize(header.kind, used) !== plaintext.length + overhead)
        throw new MalformedError('a longer padding than needed')
    checkSeen(header.kind, header.author, body.seen)
    checkPreviousHead(header, body.previousHead)
    return { signature, bodyBytes: plaintext.slice(64, used), body }
}

export const toSign = (instance: InstanceId, id: CaseId, header: EnvelopeHeader, body: Uint8Array): Uint8Array =>
    concat(context('object-signature', instance, id, encodeHeader(header)), body)

export const headOf = (signed: Uint8Array): Head => asHead(hash(context('head'), signed))
