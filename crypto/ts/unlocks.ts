/** How password and device code open an expert's keys, as the server keeps it, and the step to another. SPEC 2.3 */
import { concat, Reader, u32, u8 } from './bytes.ts'
import { MalformedError } from './errors.ts'
import { expertContext as context } from './expertContexts.ts'
import { asExpertId, asSignKey, SIGNATURE_BYTES } from './ids.ts'
import type { ExpertId, InstanceId, SignKey } from './ids.ts'
import type { SigningKey } from './keys.ts'
import { verify } from './proofs.ts'

const SALT_BYTES = 16
const BLOB_BYTES = 93
const CODE = 'operation-malformed'

/** Of one expert: salt and cost of the password, what checks a sign-in, and the sealed keys. */
export interface Unlock {
    readonly expert: ExpertId
    readonly salt: Uint8Array
    readonly mKib: number
    readonly t: number
    readonly p: number
    readonly loginKey: SignKey
    readonly keys: Uint8Array
}

export function encodeUnlock(unlock: Unlock): Uint8Array {
    const { expert, salt, mKib, t, p, loginKey, keys } = checked(unlock)
    return concat(u8(1), expert, salt, u32(mKib), u32(t), u32(p), loginKey, keys)
}

export function readUnlock(reader: Reader): Unlock {
    if (reader.u8() !== 1) throw reader.malformed('version of an unlock')
    return checked({
        expert: asExpertId(reader.take(16)),
        salt: reader.take(SALT_BYTES),
        mKib: reader.u32(),
        t: reader.u32(),
        p: reader.u32(),
        loginKey: asSignKey(reader.take(32)),
        keys: reader.take(BLOB_BYTES),
    })
}

/** What signing in accepts (2.3), and nothing that no device could do. */
function checked(unlock: Unlock): Unlock {
    const { mKib, t, p } = unlock
    if (mKib < 65_536 || mKib > 1_048_576 || t < 3 || t > 64 || p !== 1)
        throw new MalformedError('not a derivation that signing in accepts', CODE)
    return unlock
}

const toSign = (instance: InstanceId, challenge: Uint8Array, before: SignKey, unlock: Uint8Array): Uint8Array =>
    concat(context('new-unlock', instance, challenge, before), unlock)

/** `login` is the key that `unlock` names, `before` the one that the account has until then. */
export function signNewUnlock(
    unlock: Unlock,
    login: SigningKey,
    before: SigningKey,
    instance: InstanceId,
    challenge: Uint8Array,
): Uint8Array {
    const encoded = encodeUnlock(unlock)
    const signed = toSign(instance, challenge, before.publicKey, encoded)
    return concat(encoded, before.sign(signed), login.sign(signed))
}

/** As the server does. */
export function checkNewUnlock(bytes: Uint8Array, instance: InstanceId, challenge: Uint8Array, before: SignKey): Unlock {
    const reader = new Reader(bytes, CODE)
    const unlock = readUnlock(reader)
    const [proof, signature] = [reader.take(SIGNATURE_BYTES), reader.take(SIGNATURE_BYTES)]
    reader.end()
    const signed = toSign(instance, challenge, before, encodeUnlock(unlock))
    verify(before, proof, signed, 'sign-in-failed')
    verify(unlock.loginKey, signature, signed)
    return unlock
}
