/** The chain of root documents from the anchor to the keys that may sign directories. SPEC 5.2 */
import { compare, equal } from './bytes.ts'
import { ROOT, UntrustedDocument } from './documents.ts'
import { ForgedError } from './errors.ts'
import { readFields } from './fields.ts'
import type { FieldReader } from './fields.ts'
import { b64decode } from './encoding.ts'
import type { Json } from './encoding.ts'
import { asHash, asSignKey, hash, instanceId } from './ids.ts'
import type { InstanceId, SignKey } from './ids.ts'

interface RootClaims {
    readonly version: number
    readonly previous: Uint8Array | null
    readonly keys: readonly SignKey[]
    readonly threshold: number
    readonly directoryKeys: readonly SignKey[]
    readonly issued: number
    readonly expires: number
}

/** The last root of a chain that holds from the anchor. */
export interface Root extends RootClaims {
    readonly verified: true
    readonly instance: InstanceId
    readonly hash: Uint8Array
}

function readKeys(fields: FieldReader, name: string): SignKey[] {
    const keys = fields.list(name, (item) => {
        if (typeof item !== 'string') throw fields.malformed(`field ${name}`)
        return asSignKey(b64decode(item, 'directory-forged'), 'directory-forged')
    })
    if (keys.length === 0) throw fields.malformed(`${name} are missing`)
    keys.forEach((key, at) => {
        const before = keys[at - 1]
        if (before !== undefined && compare(before, key) >= 0) throw fields.malformed(`${name} are not sorted`)
    })
    return keys
}

const readRoot = (body: Json): RootClaims =>
    readFields(body, 'directory-forged', (fields) => {
        const previous = fields.optionalText('previous')
        const claims: RootClaims = {
            version: fields.u32('version'),
            previous: previous === null ? null : asHash(b64decode(previous, 'directory-forged'), 'directory-forged'),
            keys: readKeys(fields, 'keys'),
            threshold: fields.count('threshold', 1),
            directoryKeys: readKeys(fields, 'directory_keys'),
            issued: fields.count('issued'),
            expires: fields.count('expires'),
        }
        if (claims.threshold > claims.keys.length) throw fields.malformed('a threshold beyond the keys')
        if ((claims.version === 1) !== (claims.previous === null)) throw fields.malformed('previous root')
        if (claims.expires < claims.issued) throw fields.malformed('expires before it is issued')
        return claims
    })

const has = (keys: readonly SignKey[], key: SignKey): boolean => keys.some((candidate) => equal(candidate, key))

function checkSigned(document: UntrustedDocument, entitled: readonly RootClaims[]): void {
    if (!document.signers.every((signer) => entitled.some(({ keys }) => has(keys, signer)))) {
        throw new ForgedError('a signer of a root was not entitled', 'directory-forged')
    }
    for (const { keys, threshold } of entitled) {
        // SPEC 5.2: enough of the old keys and enough of the new ones.
        if (document.signers.filter((signer) => has(keys, signer)).length < threshold)
            throw new ForgedError('too few signers of a root', 'directory-forged')
    }
}

/** Walks the whole chain. Times come last and with the directory: only the last root's expiry counts. */
export function verifyRoots(chain: readonly Uint8Array[], anchor: InstanceId): Root {
    const first = chain[0]
    if (first === undefined) throw new ForgedError('no root', 'directory-forged')
    let last: { claims: RootClaims; hash: Uint8Array } | undefined
    for (const bytes of chain) {
        // SPEC 5.1: the order of the checks.
        const document = new UntrustedDocument(bytes, ROOT)
        if (bytes === first && !equal(instanceId(first), anchor))
            throw new ForgedError('not the anchored root', 'directory-forged')
        document.verifySignatures()
        const claims = readRoot(document.body())
        checkSigned(document, last === undefined ? [claims] : [last.claims, claims])
        const follows =
            last === undefined
                ? claims.version === 1
                : claims.version === last.claims.version + 1 &&
                  claims.previous !== null &&
                  equal(claims.previous, last.hash)
        if (!follows) throw new ForgedError('a root does not follow the one before', 'directory-forged')
        last = { claims, hash: hash(bytes) }
    }
    const { claims, hash: lastHash } = last as NonNullable<typeof last>
    return { ...claims, verified: true, instance: anchor, hash: lastHash }
}
