/** Seals and opens messages and cards. The order of the checks is fixed. SPEC 4.2 */
import { concat, equal, isZero } from './bytes.ts'
import { context } from './contexts.ts'
import { decodeContent, encodeContent } from './contents.ts'
import type { CardContent, Content, MessageContent } from './contents.ts'
import {
    CARD,
    decodeHeader,
    encodeBody,
    encodeHeader,
    headOf,
    HEADER_BYTES,
    MESSAGE,
    NO_HEAD,
    pad,
    toSign,
    unpad,
} from './envelopes.ts'
import type { EnvelopeHeader, SeenHead } from './envelopes.ts'
import { ForgedError, MalformedError } from './errors.ts'
import { asObjectId, caseId } from './ids.ts'
import type { CaseId, Generation, Head, InstanceId, ObjectId } from './ids.ts'
import { expand } from './keys.ts'
import type { SigningKey } from './keys.ts'
import { aesGcmOpen, aesGcmSeal } from './platform.ts'
import { draw } from './randomness.ts'
import type { Randomness } from './randomness.ts'
import { verifyBeside } from './proofs.ts'

const NONCE = new Uint8Array(12)

/** Where a message stands in its author's chain. */
export interface ChainPosition {
    readonly counter: number
    readonly previousHead: Head
    readonly seen: readonly SeenHead[]
}

export interface Sealed {
    /** Kept and sent again verbatim until it is answered. */
    readonly envelope: Uint8Array
    readonly header: EnvelopeHeader
    readonly head: Head
}

export interface Opened<C = Content> {
    readonly header: EnvelopeHeader
    readonly previousHead: Head
    readonly directoryVersion: number
    readonly seen: readonly SeenHead[]
    readonly content: C
    readonly head: Head
}

/** The case (or card) key with everything its envelopes are bound to. */
export interface SealingContext {
    readonly instance: InstanceId
    readonly caseId: CaseId
    readonly key: Uint8Array
    readonly author: SigningKey
    readonly directoryVersion: number
}

const aad = (instance: InstanceId, id: CaseId, header: Uint8Array): Uint8Array =>
    context('object', instance, id, header)

async function sealObject(
    within: SealingContext,
    header: EnvelopeHeader,
    previousHead: Head,
    seen: readonly SeenHead[],
    content: Uint8Array,
): Promise<Sealed> {
    // The last line against a key that was wiped meanwhile: everybody could open what zeros have sealed.
    if (isZero(within.key)) throw new RangeError('a key that was wiped')
    const body = encodeBody(header, {
        previousHead,
        directoryVersion: within.directoryVersion,
        seen,
        content,
    })
    const signed = toSign(within.instance, within.caseId, header, body)
    const headerBytes = encodeHeader(header)
    const objectKey = objectKeyOf(within.key, header.objectId)
    // The zero nonce is safe: the object id, and with it the key, is fresh and used once.
    const sealed = await aesGcmSeal(
        objectKey,
        NONCE,
        pad(header.kind, within.author.sign(signed), body),
        aad(within.instance, within.caseId, headerBytes),
    )
    return { envelope: concat(headerBytes, sealed), header, head: headOf(signed) }
}

export function sealCard(within: SealingContext, content: CardContent, randomness: Randomness = draw): Promise<Sealed> {
    const header: EnvelopeHeader = {
        kind: CARD,
        urgent: content.urgent,
        generation: 0,
        counter: 0,
        objectId: asObjectId(randomness(32)),
        author: within.author.publicKey,
    }
    return sealObject(within, header, NO_HEAD, [], encodeContent(content))
}

/** Draws a fresh object id and takes none: an edit or a second try with other content is another object. */
export function sealMessage<C = MessageContent>(
    within: SealingContext,
    generation: Generation,
    position: ChainPosition,
    content: C,
    randomness: Randomness = draw,
    encode = encodeContent as (content: C) => Uint8Array,
): Promise<Sealed> {
    const header: EnvelopeHeader = {
        kind: MESSAGE,
        urgent: false,
        generation,
        counter: position.counter,
        objectId: asObjectId(randomness(32)),
        author: within.author.publicKey,
    }
    return sealObject(within, header, position.previousHead, position.seen, encode(content))
}

/**
 * Opens an envelope with the case key (messages) or the card key (cards). Whether its author may write here is decided
 * elsewhere.
 */
export async function openEnvelope(
    instance: InstanceId,
    id: CaseId,
    key: Uint8Array,
    envelope: Uint8Array,
): Promise<Opened> {
    return openObject(instance, id, objectKeyOf(key, decodeHeader(envelope).objectId), envelope)
}

/** Opens one object and, unlike the case key it is made from, nothing that is written later. */
export const objectKeyOf = (key: Uint8Array, objectId: ObjectId): Uint8Array => expand(key, context('object-key', objectId))

/** The same with the key of this one object. `decode`: for what is written where no reporter reads. SPEC 3.6 */
export async function openObject<C extends { readonly type: string } = Content>(
    instance: InstanceId,
    id: CaseId,
    objectKey: Uint8Array,
    envelope: Uint8Array,
    decode = decodeContent as (bytes: Uint8Array) => Content | C as (bytes: Uint8Array) => C,
): Promise<Opened<C>> {
    const header = decodeHeader(envelope)
    const headerBytes = envelope.slice(0, HEADER_BYTES)
    const plaintext = await aesGcmOpen(objectKey, NONCE, envelope.slice(HEADER_BYTES), aad(instance, id, headerBytes))
    const { signature, bodyBytes, body } = unpad(header, plaintext)
    const signed = toSign(instance, id, header, bodyBytes)
    await verifyBeside(header.author, signature, signed, 'envelope-tampered')
    const content = decode(body.content)
    // SPEC 4.4
    if (content.type === 'report' && (header.generation !== 1 || header.counter !== 1))
        throw new MalformedError('a report that is not the first message')
    if ((header.kind === CARD) !== (content.type === 'card')) throw new MalformedError('content of another kind')
    if (isCard(content) && !equal(caseId(header.author, content.commitment), id))
        throw new ForgedError('a card of another case', 'envelope-tampered')
    return {
        header,
        previousHead: body.previousHead,
        directoryVersion: body.directoryVersion,
        seen: body.seen,
        content,
        head: headOf(signed),
    }
}

const isCard = (content: { readonly type: string }): content is CardContent => content.type === 'card'
