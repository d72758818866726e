/** Signed documents and the bundle in which a server hands them out. Nothing in here is believed yet. SPEC 5.1, 5.5 */
import { bytes32, compare, concat, Reader, u32, u8 } from './bytes.ts'
import { context } from './contexts.ts'
import { parseCanonicalJson } from './encoding.ts'
import type { Json } from './encoding.ts'
import { MalformedError } from './errors.ts'
import { asSignKey, SIGNATURE_BYTES } from './ids.ts'
import type { SignKey } from './ids.ts'
import { fromUtf8 } from './platform.ts'
import { verify } from './proofs.ts'

export const ROOT = 1
export const DIRECTORY = 2
export type DocumentKind = typeof ROOT | typeof DIRECTORY

export const MAGIC = 'LYHTY'
const MAX_SIGNERS = 8

export const toSign = (unsigned: Uint8Array): Uint8Array => concat(context('document'), unsigned)

export class UntrustedDocument {
    readonly bytes: Uint8Array
    readonly #body: Uint8Array
    readonly signers: readonly SignKey[]
    readonly #signatures: readonly Uint8Array[]
    readonly #unsigned: Uint8Array

    constructor(bytes: Uint8Array, kind: DocumentKind) {
        const reader = new Reader(bytes, 'directory-forged')
        if (fromUtf8(reader.take(MAGIC.length), 'directory-forged') !== MAGIC || reader.u8() !== 1)
            throw reader.malformed('not a document')
        if (reader.u8() !== kind) throw reader.malformed('another kind of document')
        this.#body = reader.bytes32()
        this.#unsigned = bytes.slice(0, bytes.length - reader.left)
        const count = reader.u8()
        if (count < 1 || count > MAX_SIGNERS) throw reader.malformed('number of signers')
        const signed = reader.list(count, () => ({
            key: asSignKey(reader.take(32)),
            signature: reader.take(SIGNATURE_BYTES),
        }))
        reader.end()
        this.signers = signed.map(({ key }) => key)
        this.#signatures = signed.map(({ signature }) => signature)
        this.signers.forEach((key, at) => {
            const before = this.signers[at - 1]
            if (before !== undefined && compare(before, key) >= 0) throw reader.malformed('signers are not sorted')
        })
        this.bytes = bytes.slice()
    }

    /** Every signature that is present must hold; who was entitled to sign is the next question. */
    verifySignatures(): void {
        this.signers.forEach((key, at) =>
            verify(key, this.#signatures[at] as Uint8Array, toSign(this.#unsigned), 'directory-forged'),
        )
    }

    /** Parsed only once the signatures hold. SPEC 5.1 */
    body(): Json {
        return parseCanonicalJson(this.#body, 'directory-forged')
    }
}

export interface TrustBundle {
    readonly roots: readonly Uint8Array[]
    readonly directory: Uint8Array
}

export const encodeTrustBundle = ({ roots, directory }: TrustBundle): Uint8Array =>
    concat(u8(roots.length), ...roots.map((root) => concat(u32(root.length), root)), bytes32(directory))

export function decodeTrustBundle(bytes: Uint8Array): TrustBundle {
    const reader = new Reader(bytes, 'directory-forged')
    const bundle: TrustBundle = { roots: reader.list(reader.u8(), () => reader.bytes32()), directory: reader.bytes32() }
    reader.end()
    if (bundle.roots.length === 0) throw new MalformedError('no root', 'directory-forged')
    return bundle
}
