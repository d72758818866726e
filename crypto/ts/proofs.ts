/**
 * What is signed to prove who returns, opens, erases or signs in, and the one way a signature is verified. SPEC 2.3,
 * 6.4
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, equal } from './bytes.ts'
import type { ErrorCode } from './codes.ts'
import { context } from './contexts.ts'
import { ForgedError } from './errors.ts'
import { hash, SIGNATURE_BYTES } from './ids.ts'
import type { CaseId, InstanceId, RoomId, SignKey } from './ids.ts'
import { ed25519Verify, utf8 } from './platform.ts'

/** `afterProof` is everything in the body of OPEN that follows the proof. */
export const toProveOpen = (instance: InstanceId, nonce: Uint8Array, afterProof: Uint8Array): Uint8Array =>
    context('open', instance, nonce, hash(afterProof))

export const toProveResume = (instance: InstanceId, nonce: Uint8Array): Uint8Array => context('resume', instance, nonce)

export const toProveErase = (instance: InstanceId, id: CaseId): Uint8Array => context('erase', instance, id)

export const toProveTakeBack = (instance: InstanceId, room: RoomId): Uint8Array => context('take-back', instance, room)

export const toProveSignIn = (instance: InstanceId, challenge: Uint8Array, name: string): Uint8Array =>
    context('sign-in', instance, challenge, hash(utf8(name)))

const HALF = 32
const FIELD = 2n ** 255n - 19n
const Y_MASK = 2n ** 255n - 1n
const Y_OF_ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n
/** With such a key one signature holds for many messages. */
const Y_OF_SMALL_ORDER: readonly bigint[] = [0n, 1n, FIELD - 1n, Y_OF_ORDER_8, FIELD - Y_OF_ORDER_8]

/** SPEC 1.3: not written in a second way, and not of small order. */
function canSign(key: SignKey): boolean {
    const y = bytesToNumberLE(key) & Y_MASK
    return y < FIELD && !Y_OF_SMALL_ORDER.includes(y)
}

/** Null where the bytes are no number or point that a signer writes. */
function decoded<T>(read: () => T): T | null {
    try {
        return read()
    } catch {
        // All that the library says of bytes from outside; nothing else happens in there.
        return null
    }
}

/**
 * SPEC 1.3: R = [S]B - [k]A, byte for byte. The library's own check multiplies by the cofactor first, and so accepts
 * signatures that OpenSSL, and with it the Python twin, refuses: one reader would believe what another does not see.
 */
function holds(key: SignKey, signature: Uint8Array, signed: Uint8Array): boolean {
    const { BASE, Fn } = ed25519.Point
    const r = signature.subarray(0, HALF)
    const a = decoded(() => ed25519.Point.fromBytes(key))
    const sB = decoded(() => BASE.multiplyUnsafe(bytesToNumberLE(signature.subarray(HALF))))
    if (a === null || sB === null) return false
    const k = Fn.create(bytesToNumberLE(sha512(concat(r, key, signed))))
    return equal(sB.subtract(a.multiplyUnsafe(k)).toBytes(), r)
}

const isSound = (key: SignKey, signature: Uint8Array): boolean =>
    signature.length === SIGNATURE_BYTES && canSign(key)

export function verify(
    key: SignKey,
    signature: Uint8Array,
    signed: Uint8Array,
    code: ErrorCode = 'signature-invalid',
): void {
    if (!isSound(key, signature) || !holds(key, signature, signed))
        throw new ForgedError('the signature does not hold', code)
}

/** As `verify`, by the platform's own code where it has any, beside the page's thread: for many in a row. */
export async function verifyBeside(
    key: SignKey,
    signature: Uint8Array,
    signed: Uint8Array,
    code: ErrorCode = 'signature-invalid',
): Promise<void> {
    const isGood = isSound(key, signature) && ((await ed25519Verify(key, signature, signed)) ?? holds(key, signature, signed))
    if (!isGood) throw new ForgedError('the signature does not hold', code)
}
