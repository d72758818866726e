/** How an expert's password and device secret open the expert's keys. SPEC 2.3 */
import { extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, Reader, u8 } from './bytes.ts'
import { expertContext as context } from './expertContexts.ts'
import { b64decode } from './encoding.ts'
import { MalformedError, RefusedError } from './errors.ts'
import type { ExpertId, InstanceId } from './ids.ts'
import { expand, SEED_BYTES, SigningKey } from './keys.ts'
import { aesGcmOpen, aesGcmSeal, fromUtf8, utf8 } from './platform.ts'
import { draw } from './randomness.ts'
import type { Randomness } from './randomness.ts'
import type { Argon2idInput } from './stretching.ts'

const NONCE_BYTES = 12
const SALT_BYTES = 16
const BLOB_BYTES = 93
const LEAST_MEMORY_KIB = 65_536
const LEAST_PASSES = 3

/** Trimmed of spaces, tabs, CR and LF only; composed; ASCII letters lowered and no others. */
export const accountName = (typed: string): string =>
    typed
        .replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
        .normalize('NFC')
        .replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** The 43 characters from the recovery sheet. */
export function deviceSecret(typed: string): Uint8Array {
    const secret = b64decode(typed.replace(/\s/g, ''), 'device-secret-missing')
    if (secret.length !== 32) throw new MalformedError('a device secret has 32 bytes', 'device-secret-missing')
    return secret
}

export function passwordInput(
    password: string,
    salt: Uint8Array,
    memoryKib: number,
    passes: number,
    lanes: number,
): Argon2idInput {
    // SPEC 2.3: whatever the server says. A weak cost would let it guess the password from the proof.
    if (memoryKib < LEAST_MEMORY_KIB || passes < LEAST_PASSES || lanes !== 1)
        throw new RefusedError('too cheap a cost', 'sign-in-failed')
    if (salt.length !== SALT_BYTES) throw new MalformedError('a salt has 16 bytes', 'sign-in-failed')
    return { password: utf8(password.normalize('NFC')), salt, memoryKib, passes, lanes }
}

export interface UnlockKeys {
    readonly login: SigningKey
    readonly seal: Uint8Array
}

export function unlock(stretched: Uint8Array, secret: Uint8Array, instance: InstanceId): UnlockKeys {
    const prk = extract(sha256, concat(stretched, secret), context('expert-unlock', instance))
    return {
        login: new SigningKey(expand(prk, context('expert-login'))),
        seal: expand(prk, context('expert-seal')),
    }
}

export interface ExpertSeeds {
    readonly signSeed: Uint8Array
    readonly kemSeed: Uint8Array
}

export const sealKeyBlob = (
    seal: Uint8Array,
    instance: InstanceId,
    expert: ExpertId,
    signSeed: Uint8Array,
    kemSeed: Uint8Array,
    randomness: Randomness = draw,
): Promise<Uint8Array> => sealSeeds(seal, { signSeed, kemSeed }, context('expert-keys', instance, expert), randomness)

export const openKeySeeds = (seal: Uint8Array, instance: InstanceId, expert: ExpertId, blob: Uint8Array): Promise<ExpertSeeds> =>
    openSeeds(seal, blob, context('expert-keys', instance, expert))

export async function sealSeeds(
    seal: Uint8Array,
    { signSeed, kemSeed }: ExpertSeeds,
    boundTo: Uint8Array,
    randomness: Randomness,
): Promise<Uint8Array> {
    const nonce = randomness(NONCE_BYTES)
    return concat(u8(1), nonce, await aesGcmSeal(seal, nonce, concat(signSeed, kemSeed), boundTo))
}

export async function openSeeds(seal: Uint8Array, blob: Uint8Array, boundTo: Uint8Array): Promise<ExpertSeeds> {
    if (blob.length !== BLOB_BYTES)
        throw new MalformedError(`a key blob has ${BLOB_BYTES} bytes`, 'operation-malformed')
    const reader = new Reader(blob, 'operation-malformed')
    if (reader.u8() !== 1) throw reader.malformed('version of a key blob')
    const nonce = reader.take(NONCE_BYTES)
    const seeds = await aesGcmOpen(seal, nonce, reader.rest(), boundTo, 'wrap-tampered')
    return { signSeed: seeds.slice(0, SEED_BYTES), kemSeed: seeds.slice(SEED_BYTES) }
}

/** Seals what is being written, on this device only: the same key however the expert has signed in, and when `kem` is renewed. */
export const draftKey = (signSeed: Uint8Array): Uint8Array => expand(signSeed, context('expert-drafts'))

const DRAFT_VERSION = 1
const DRAFT_STEP_BYTES = 4_096

/** `text` padded with zeros to a multiple of 4,096 bytes, so that the disk does not tell how far a draft has come. */
export async function sealDraft(
    drafts: Uint8Array,
    instance: InstanceId,
    expert: ExpertId,
    text: string,
    randomness: Randomness = draw,
): Promise<Uint8Array> {
    const body = concat(utf8(text), u8(0))
    const padded = new Uint8Array(Math.ceil(body.length / DRAFT_STEP_BYTES) * DRAFT_STEP_BYTES)
    padded.set(body)
    const nonce = randomness(NONCE_BYTES)
    return concat(
        u8(DRAFT_VERSION),
        nonce,
        await aesGcmSeal(drafts, nonce, padded, context('expert-draft', instance, expert)),
    )
}

export async function openDraft(
    drafts: Uint8Array,
    instance: InstanceId,
    expert: ExpertId,
    sealed: Uint8Array,
): Promise<string> {
    const reader = new Reader(sealed, 'envelope-malformed')
    if (reader.u8() !== DRAFT_VERSION) throw reader.malformed('version of a draft')
    const nonce = reader.take(NONCE_BYTES)
    const padded = await aesGcmOpen(drafts, nonce, reader.rest(), context('expert-draft', instance, expert))
    const end = padded.indexOf(0)
    if (end < 0) throw new MalformedError('a draft without an end')
    return fromUtf8(padded.subarray(0, end))
}
