/** Wraps and unwraps keys; what comes out is always checked against its commitment. SPEC 3.1, 3.2, 3.4 */
import { equal, u32 } from './bytes.ts'
import { context } from './contexts.ts'
import { MalformedError, TamperedError } from './errors.ts'
import { hpkeOpen, hpkeSeal } from './hpke.ts'
import { commitmentOf } from './ids.ts'
import type { CaseId, Commitment, Generation, InstanceId, KemKey } from './ids.ts'
import { expand } from './keys.ts'
import type { KemKeyPair } from './keys.ts'
import { aesGcmOpen, aesGcmSeal } from './platform.ts'
import { decodeWrap, encodeWrap, LINK_BYTES, SELF_WRAP_BYTES, wrapInfo } from './wraps.ts'
import type { Subject, WrapHeader } from './wraps.ts'

const NONCE = new Uint8Array(12)
const NO_AAD = new Uint8Array(0)

/** Who a wrap is for, without the commitment, which follows from the key. */
export type WrapTarget = Omit<WrapHeader, 'commitment'>

export async function wrapKey(
    instance: InstanceId,
    subject: Subject,
    target: WrapTarget,
    recipient: KemKey,
    key: Uint8Array,
): Promise<Uint8Array> {
    const header: WrapHeader = { ...target, commitment: commitmentOf(key) }
    return encodeWrap({ ...header, body: await hpkeSeal(recipient, wrapInfo(instance, subject, header), key) })
}

function checkCommitment(key: Uint8Array, commitment: Commitment): Uint8Array {
    // SPEC 3.1: AES-GCM alone does not commit to a key.
    if (!equal(commitmentOf(key), commitment)) throw new TamperedError('not the committed key', 'wrap-tampered')
    return key
}

export async function unwrapKey(
    instance: InstanceId,
    subject: Subject,
    bytes: Uint8Array,
    own: KemKeyPair,
): Promise<Uint8Array> {
    const wrap = decodeWrap(bytes)
    const seed = own.seed()
    try {
        return checkCommitment(await hpkeOpen(seed, wrapInfo(instance, subject, wrap), wrap.body), wrap.commitment)
    } finally {
        seed.fill(0)
    }
}

const selfWrapKey = (
    wrapKeyBytes: Uint8Array,
    instance: InstanceId,
    id: CaseId,
    generation: Generation,
    commitment: Commitment,
): Uint8Array => expand(wrapKeyBytes, context('self-wrap', instance, id, u32(generation), commitment))

/** The reporter's own copy. The zero nonce is safe: the key is bound to the one plaintext's commitment. SPEC 3.2 */
export const selfWrap = (
    ownWrapKey: Uint8Array,
    instance: InstanceId,
    id: CaseId,
    generation: Generation,
    key: Uint8Array,
): Promise<Uint8Array> =>
    aesGcmSeal(selfWrapKey(ownWrapKey, instance, id, generation, commitmentOf(key)), NONCE, key, NO_AAD)

export async function selfUnwrap(
    ownWrapKey: Uint8Array,
    instance: InstanceId,
    id: CaseId,
    generation: Generation,
    commitment: Commitment,
    sealed: Uint8Array,
): Promise<Uint8Array> {
    if (sealed.length !== SELF_WRAP_BYTES) throw new MalformedError(`a self-wrap has ${SELF_WRAP_BYTES} bytes`)
    const key = await aesGcmOpen(
        selfWrapKey(ownWrapKey, instance, id, generation, commitment),
        NONCE,
        sealed,
        NO_AAD,
        'wrap-tampered',
    )
    return checkCommitment(key, commitment)
}

const linkKey = (
    key: Uint8Array,
    instance: InstanceId,
    id: CaseId,
    generation: Generation,
    previous: Commitment,
): Uint8Array => expand(key, context('previous-key', instance, id, u32(generation), previous))

/** The key before, for whoever has the key of `generation`. The zero nonce is safe as in a self-wrap. SPEC 3.4 */
export const sealLink = (
    previousKey: Uint8Array,
    newKey: Uint8Array,
    instance: InstanceId,
    id: CaseId,
    generation: Generation,
): Promise<Uint8Array> =>
    aesGcmSeal(linkKey(newKey, instance, id, generation, commitmentOf(previousKey)), NONCE, previousKey, NO_AAD)

/** The key before that of `generation`; `previous` is its commitment in the verified roster. */
export async function openLink(
    link: Uint8Array,
    key: Uint8Array,
    instance: InstanceId,
    id: CaseId,
    generation: Generation,
    previous: Commitment,
): Promise<Uint8Array> {
    if (link.length !== LINK_BYTES) throw new MalformedError(`a link has ${LINK_BYTES} bytes`)
    const opened = await aesGcmOpen(
        linkKey(key, instance, id, generation, previous),
        NONCE,
        link,
        NO_AAD,
        'wrap-tampered',
    )
    return checkCommitment(opened, previous)
}
