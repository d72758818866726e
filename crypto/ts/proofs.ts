/**
 * What is signed to prove who returns, opens, erases or signs in, and the one way a signature is verified. SPEC 2.3,
 * 6.4
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import type { ErrorCode } from './codes.ts'
import { context } from './contexts.ts'
import { ForgedError } from './errors.ts'
import { hash, SIGNATURE_BYTES } from './ids.ts'
import type { CaseId, InstanceId, SignKey } from './ids.ts'
import { utf8 } from './platform.ts'

/** `afterProof` is everything in the body of OPEN that follows the proof. */
export const toProveOpen = (instance: InstanceId, nonce: Uint8Array, afterProof: Uint8Array): Uint8Array =>
    context('open', instance, nonce, hash(afterProof))

export const toProveResume = (instance: InstanceId, nonce: Uint8Array): Uint8Array => context('resume', instance, nonce)

export const toProveErase = (instance: InstanceId, id: CaseId): Uint8Array => context('erase', instance, id)

export const toProveSignIn = (instance: InstanceId, challenge: Uint8Array, name: string): Uint8Array =>
    context('sign-in', instance, challenge, hash(utf8(name)))

export function verify(
    key: SignKey,
    signature: Uint8Array,
    signed: Uint8Array,
    code: ErrorCode = 'signature-invalid',
): void {
    // zip215 would accept encodings that RFC 8032 and the Python twin refuse.
    const holds = signature.length === SIGNATURE_BYTES && ed25519.verify(signature, signed, key, { zip215: false })
    if (!holds) throw new ForgedError('the signature does not hold', code)
}
