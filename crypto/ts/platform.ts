/**
 * What the protocol uses of the platform, which is the same in pages, workers and Node: AES-256-GCM, Ed25519 where there
 * is any, randomness and UTF-8. Declared here because this folder is compiled without the DOM library.
 */
import { MalformedError, TamperedError } from './errors.ts'
import type { ErrorCode } from './codes.ts'

interface AesKey {
    readonly brand: 'AesKey'
}
interface Ed25519Key {
    readonly brand: 'Ed25519Key'
}
interface AesGcm {
    readonly name: 'AES-GCM'
    readonly iv: Uint8Array
    readonly additionalData: Uint8Array
}
interface Platform {
    readonly crypto: {
        getRandomValues(into: Uint8Array): Uint8Array
        readonly subtle: {
            importKey(
                format: 'raw',
                key: Uint8Array,
                name: 'AES-GCM',
                extractable: false,
                usages: readonly string[],
            ): Promise<AesKey>
            importKey(
                format: 'raw',
                key: Uint8Array,
                name: 'Ed25519',
                extractable: false,
                usages: readonly ['verify'],
            ): Promise<Ed25519Key>
            verify(name: 'Ed25519', key: Ed25519Key, signature: Uint8Array, data: Uint8Array): Promise<boolean>
            encrypt(algorithm: AesGcm, key: AesKey, data: Uint8Array): Promise<ArrayBuffer>
            decrypt(algorithm: AesGcm, key: AesKey, data: Uint8Array): Promise<ArrayBuffer>
        }
    }
    readonly TextEncoder: new () => { encode(text: string): Uint8Array }
    readonly TextDecoder: new (
        label: 'utf-8',
        options: { fatal: true; ignoreBOM: true },
    ) => { decode(bytes: Uint8Array): string }
}
const platform = globalThis as unknown as Platform

export const fillRandom = (into: Uint8Array): Uint8Array => platform.crypto.getRandomValues(into)

export const utf8 = (text: string): Uint8Array => new platform.TextEncoder().encode(text)

export function fromUtf8(bytes: Uint8Array, code: ErrorCode = 'envelope-malformed'): string {
    try {
        return new platform.TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch (error) {
        if (error instanceof TypeError) throw new MalformedError('not UTF-8', code)
        throw error
    }
}

export async function aesGcmSeal(
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    aad: Uint8Array,
): Promise<Uint8Array> {
    const { subtle } = platform.crypto
    const imported = await subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt'])
    return new Uint8Array(
        await subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: aad }, imported, plaintext),
    )
}

export async function aesGcmOpen(
    key: Uint8Array,
    nonce: Uint8Array,
    ciphertext: Uint8Array,
    aad: Uint8Array,
    code: ErrorCode = 'envelope-tampered',
): Promise<Uint8Array> {
    const { subtle } = platform.crypto
    const imported = await subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt'])
    try {
        return new Uint8Array(
            await subtle.decrypt({ name: 'AES-GCM', iv: nonce, additionalData: aad }, imported, ciphertext),
        )
    } catch (error) {
        // The only name WebCrypto gives to a tag that does not match.
        if (error instanceof Error && error.name === 'OperationError')
            throw new TamperedError('the seal does not open', code)
        throw error
    }
}

/** Without the cofactor. Null where the platform has no Ed25519: browsers before 2025. */
export async function ed25519Verify(
    key: Uint8Array,
    signature: Uint8Array,
    data: Uint8Array,
): Promise<boolean | null> {
    const { subtle } = platform.crypto
    try {
        return await subtle.verify('Ed25519', await subtle.importKey('raw', key, 'Ed25519', false, ['verify']), signature, data)
    } catch (error) {
        if (error instanceof Error && error.name === 'NotSupportedError') return null
        // A key that is no point: some platforms say so on import, others refuse every signature.
        if (error instanceof Error && error.name === 'DataError') return false
        throw error
    }
}
