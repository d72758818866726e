/** An expert's next `kem`, said by their `sign`: what a coordinator's client lists by itself. SPEC 2.3, 9.1 */
import { concat, equal, Reader, u64, u8 } from './bytes.ts'
import type { Expert } from './directories.ts'
import { ForgedError } from './errors.ts'
import { expertContext as context } from './expertContexts.ts'
import { asExpertId, asInstanceId, asKemKey, hash, KEM_KEY_BYTES, SIGNATURE_BYTES } from './ids.ts'
import type { ExpertId, InstanceId, KemKey } from './ids.ts'
import type { SigningKey } from './keys.ts'
import { verify } from './proofs.ts'

/** `before`: H(the kem that the directory lists). `blob`: H(the key blob that holds the new one). */
export interface Renewal {
    readonly instance: InstanceId
    readonly expert: ExpertId
    readonly before: Uint8Array
    readonly kem: KemKey
    readonly blob: Uint8Array
    /** Seconds. */
    readonly at: number
}

const encode = ({ instance, expert, before, kem, blob, at }: Renewal): Uint8Array =>
    concat(u8(1), instance, expert, before, kem, blob, u64(at))

const toSign = (renewal: Renewal): Uint8Array => concat(context('kem-renewal'), encode(renewal))

export const signRenewal = (renewal: Renewal, sign: SigningKey): Uint8Array =>
    concat(encode(renewal), sign.sign(toSign(renewal)))

/** Of who is listed, going on from what is listed of them. */
export function openRenewal(bytes: Uint8Array, instance: InstanceId, listed: Expert): Renewal {
    const reader = new Reader(bytes, 'operation-malformed')
    if (reader.u8() !== 1) throw reader.malformed('version of a renewal')
    const renewal: Renewal = {
        instance: asInstanceId(reader.take(32)),
        expert: asExpertId(reader.take(16)),
        before: reader.take(32),
        kem: asKemKey(reader.take(KEM_KEY_BYTES)),
        blob: reader.take(32),
        at: reader.u64(),
    }
    const signature = reader.take(SIGNATURE_BYTES)
    reader.end()
    if (!equal(renewal.instance, instance) || !equal(renewal.expert, listed.id) || !equal(renewal.before, hash(listed.kem)))
        throw new ForgedError('a renewal of other keys', 'signature-invalid')
    verify(listed.sign, signature, toSign(renewal))
    return renewal
}
