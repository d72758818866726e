/** What coordinators sign. Apart from the reading of directories, which every page loads. SPEC 5.3 */
import { bytes32, compare, concat, u8 } from './bytes.ts'
import type { DirectoryClaims } from './directories.ts'
import { DIRECTORY, MAGIC, toSign } from './documents.ts'
import type { DocumentKind } from './documents.ts'
import { b64encode, canonicalJson } from './encoding.ts'
import type { Json } from './encoding.ts'
import type { SigningKey } from './keys.ts'
import { utf8 } from './platform.ts'

/** SPEC 5.1 */
export function signDocument(kind: DocumentKind, body: Json, keys: readonly SigningKey[]): Uint8Array {
    const unsigned = concat(utf8(MAGIC), u8(1), u8(kind), bytes32(canonicalJson(body)))
    const sorted = keys.toSorted((a, b) => compare(a.publicKey, b.publicKey))
    return concat(
        unsigned,
        u8(sorted.length),
        ...sorted.map((key) => concat(key.publicKey, key.sign(toSign(unsigned)))),
    )
}

/** `key` is one of the root's directory keys. */
export const signDirectory = (claims: DirectoryClaims, key: SigningKey): Uint8Array =>
    signDocument(DIRECTORY, directoryBody(claims), [key])

export const directoryBody = (claims: DirectoryClaims): Json => ({
    experts: claims.experts.map(({ coordinator, id, kem, languages, name, queues, sign }) => ({
        coordinator,
        id: b64encode(id),
        kem: b64encode(kem),
        languages: [...languages],
        name,
        queues: [...queues],
        sign: b64encode(sign),
    })),
    expires: claims.expires,
    former: claims.former.map(({ id, left, name, queues, sign, version }) => ({
        id: b64encode(id),
        left,
        name,
        queues: [...queues],
        sign: b64encode(sign),
        version,
    })),
    instance: b64encode(claims.instance),
    issued: claims.issued,
    queues: claims.queues.map(({ epochs, id, profession }) => ({
        epochs: epochs.map(({ epoch, kem }) => ({ epoch, kem: b64encode(kem) })),
        id,
        profession,
    })),
    root: b64encode(claims.root),
    version: claims.version,
})
