/**
 * HPKE base mode with the hybrid KEM, for single keys. SPEC 1.3
 *
 * The library's own hybrid KEM needs an engine with ML-KEM; this one runs everywhere, from the same curve code that
 * signs. Its private keys are seeds and nothing here generates or derives any.
 */
import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js'
import {
    AEAD_AES_256_GCM,
    CipherSuite,
    DecapError,
    DeserializeError,
    EncapError,
    KDF_HKDF_SHA256,
    OpenError,
} from 'hpke'
import type { KEM, Key } from 'hpke'
import { concat } from './bytes.ts'
import { RefusedError, TamperedError } from './errors.ts'
import { KEM_KEY_BYTES } from './ids.ts'
import type { KemKey } from './ids.ts'
import { SEED_BYTES } from './keys.ts'

export const ENCAPSULATION_BYTES = 1120

class HybridKey implements Key {
    readonly algorithm = { name: 'MLKEM768-X25519' }
    readonly extractable = false
    readonly type: 'private' | 'public'
    readonly bytes: Uint8Array

    constructor(type: 'private' | 'public', bytes: Uint8Array) {
        this.type = type
        this.bytes = bytes
    }
}

const never = (): never => {
    throw new Error('keys are made from seeds only')
}

const hybridKem = (): KEM<HybridKey> => ({
    id: 0x647a,
    type: 'KEM',
    name: 'MLKEM768-X25519',
    Nsecret: 32,
    Nenc: ENCAPSULATION_BYTES,
    Npk: KEM_KEY_BYTES,
    Nsk: SEED_BYTES,
    DeriveKeyPair: never,
    GenerateKeyPair: never,
    SerializePublicKey: never,
    SerializePrivateKey: never,
    DeserializePublicKey: async (bytes) => new HybridKey('public', bytes),
    DeserializePrivateKey: async (bytes) => new HybridKey('private', bytes),
    // SPEC 1.3: both throw when the X25519 result is all zero.
    Encap: async (recipient) => {
        const { sharedSecret, cipherText } = ml_kem768_x25519.encapsulate(recipient.bytes)
        return { shared_secret: sharedSecret, enc: cipherText }
    },
    Decap: async (enc, own) => ml_kem768_x25519.decapsulate(enc, own.bytes),
})

const suite = new CipherSuite<HybridKey>(hybridKem, KDF_HKDF_SHA256, AEAD_AES_256_GCM)

/** Kem keys come from the directory or from a case's first message; a usable one is the signer's duty. */
const unusable = (): RefusedError => new RefusedError('not a usable kem key', 'directory-forged')

/** enc || ciphertext || tag */
export async function hpkeSeal(recipient: KemKey, info: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
    if (recipient.length !== KEM_KEY_BYTES) throw unusable()
    try {
        const sealed = await suite.Seal(new HybridKey('public', recipient), plaintext, { info })
        return concat(sealed.encapsulatedSecret, sealed.ciphertext)
    } catch (error) {
        if (error instanceof EncapError || error instanceof DeserializeError) throw unusable()
        throw error
    }
}

export async function hpkeOpen(seed: Uint8Array, info: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
    const enc = sealed.subarray(0, ENCAPSULATION_BYTES)
    try {
        return await suite.Open(new HybridKey('private', seed), enc, sealed.subarray(ENCAPSULATION_BYTES), { info })
    } catch (error) {
        if (error instanceof DecapError || error instanceof OpenError)
            throw new TamperedError('the wrap does not open', 'wrap-tampered')
        throw error
    }
}
