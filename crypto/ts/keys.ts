/** Private keys: each is its 32-byte seed, kept where printing and JSON do not reach it. SPEC 1.3, 2 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { expand as hkdfExpand } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js'
import { asKemKey, asSignKey } from './ids.ts'
import type { KemKey, SignKey } from './ids.ts'

export const SEED_BYTES = 32
export const KEY_BYTES = 32

/** expand(key, info) of the specification. SPEC 1.3 */
export const expand = (key: Uint8Array, info: Uint8Array): Uint8Array => hkdfExpand(sha256, key, info, KEY_BYTES)

export class SigningKey {
    readonly #seed: Uint8Array
    readonly publicKey: SignKey

    constructor(seed: Uint8Array) {
        if (seed.length !== SEED_BYTES) throw new RangeError('a seed has 32 bytes')
        this.#seed = seed.slice()
        this.publicKey = asSignKey(ed25519.getPublicKey(this.#seed))
    }

    sign(message: Uint8Array): Uint8Array {
        return ed25519.sign(message, this.#seed)
    }

    /** For the one module that seals it for its owner. */
    seed(): Uint8Array {
        return this.#seed.slice()
    }

    /** Overwrites what can be overwritten; the key signs nothing useful afterwards. */
    wipe(): void {
        this.#seed.fill(0)
    }
}

export class KemKeyPair {
    readonly #seed: Uint8Array
    readonly publicKey: KemKey

    constructor(seed: Uint8Array) {
        if (seed.length !== SEED_BYTES) throw new RangeError('a seed has 32 bytes')
        this.#seed = seed.slice()
        // SPEC 1.3: the seed is the private key; DeriveKeyPair differs between libraries.
        this.publicKey = asKemKey(ml_kem768_x25519.getPublicKey(this.#seed))
    }

    /** For the one module that unwraps. */
    seed(): Uint8Array {
        return this.#seed.slice()
    }

    wipe(): void {
        this.#seed.fill(0)
    }
}
