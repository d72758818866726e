/**
 * What an expert's client says of one case for the figures, sealed to the statistics key; and that key. Loaded by the
 * console only. SPEC 12.3
 */
import { concat, equal, Reader, u16, u8 } from './bytes.ts'
import type { Directory } from './directories.ts'
import { canonicalJson, parseCanonicalJson } from './encoding.ts'
import { ForgedError, MalformedError, TamperedError } from './errors.ts'
import { expertContext as context } from './expertContexts.ts'
import { readFields } from './fields.ts'
import { hpkeOpen, hpkeSeal } from './hpke.ts'
import { asHash, asInstanceId, asKemKey, asSignKey, hash, KEM_KEY_BYTES, SIGNATURE_BYTES } from './ids.ts'
import type { InstanceId, KemKey, SignKey } from './ids.ts'
import { expand, KemKeyPair, SigningKey } from './keys.ts'
import { verify } from './proofs.ts'
import type { Root } from './roots.ts'

export const TOKEN_BYTES = 16
const CODE = 'operation-malformed'
const PLAINTEXT_BYTES = 384
const SEALED_BYTES = 1120 + PLAINTEXT_BYTES + 16
const LINK_SEALED_BYTES = 1120 + 32 + 16

/** What a token is for: of one case each is taken once. */
const COUNTED_AS = { case: 1, impact: 2, later: 3 } as const
export type CountedAs = keyof typeof COUNTED_AS
const PROMISES = ['kept', 'missed'] as const
const ASKED = ['impact', 'later'] as const
const ANSWERS = ['helped', 'somewhat', 'no'] as const
const IDENTIFIER = /^[a-z0-9-]{1,32}$/
const MONTH = /^2[0-9]{3}-(0[1-9]|1[0-2])$/

/** One case, as the figures see it. `month`: of its opening, in Helsinki, as 2026-11. */
export interface CaseCounted {
    readonly kind: 'case'
    /** Null where the reporter's page knew none. */
    readonly school: string | null
    readonly month: string
    readonly topic: string
    readonly service: string
    readonly role: string
    readonly promise: (typeof PROMISES)[number]
}

/** What one reporter said when asked whether it had helped: with the answer, or later. */
export interface ReplyCounted {
    readonly kind: 'reply'
    readonly school: string | null
    readonly month: string
    readonly asked: (typeof ASKED)[number]
    readonly answer: (typeof ANSWERS)[number]
}

export type Counted = CaseCounted | ReplyCounted

/** What its token is for. */
export const countedAs = (counted: Counted): CountedAs => (counted.kind === 'case' ? 'case' : counted.asked)

const isIdentifier = (value: unknown): value is string => typeof value === 'string' && IDENTIFIER.test(value)
const isSchool = (value: unknown): value is string | null => value === null || isIdentifier(value)
const isMonth = (value: unknown): value is string => typeof value === 'string' && MONTH.test(value)

function decodeCounted(bytes: Uint8Array): Counted {
    return readFields(parseCanonicalJson(bytes, CODE), CODE, (fields): Counted => {
        const kind = fields.oneOf('kind', ['case', 'reply'] as const)
        const common = { school: fields.checked('school', isSchool), month: fields.checked('month', isMonth) }
        if (kind === 'reply')
            return { kind, ...common, asked: fields.oneOf('asked', ASKED), answer: fields.oneOf('answer', ANSWERS) }
        return {
            kind,
            ...common,
            topic: fields.checked('topic', isIdentifier),
            service: fields.checked('service', isIdentifier),
            role: fields.checked('role', isIdentifier),
            promise: fields.oneOf('promise', PROMISES),
        }
    })
}

/** A value that does not fit is refused as its reader would. */
function encodeCounted(counted: Counted): Uint8Array {
    const encoded = canonicalJson({ ...counted })
    decodeCounted(encoded)
    return encoded
}

/** The key that contributions are sealed to. `verifyStatisticsKey` says whether to believe it. */
export interface StatisticsKey {
    readonly instance: InstanceId
    readonly kem: KemKey
    readonly signer: SignKey
    readonly signature: Uint8Array
}

const unsignedKey = ({ instance, kem, signer }: Omit<StatisticsKey, 'signature'>): Uint8Array =>
    concat(u8(1), instance, kem, signer)

export const encodeStatisticsKey = (key: StatisticsKey): Uint8Array => concat(unsignedKey(key), key.signature)

export function decodeStatisticsKey(bytes: Uint8Array): StatisticsKey {
    const reader = new Reader(bytes, CODE)
    if (reader.u8() !== 1) throw reader.malformed('version of a statistics key')
    const key = {
        instance: asInstanceId(reader.take(32)),
        kem: asKemKey(reader.take(KEM_KEY_BYTES)),
        signer: asSignKey(reader.take(32)),
        signature: reader.take(SIGNATURE_BYTES),
    }
    reader.end()
    return key
}

/** The key in these bytes, if a directory key of the root in use has signed it. */
export function verifyStatisticsKey(bytes: Uint8Array, root: Pick<Root, 'instance' | 'directoryKeys'>): StatisticsKey {
    const key = decodeStatisticsKey(bytes)
    if (!equal(key.instance, root.instance) || !root.directoryKeys.some((one) => equal(one, key.signer)))
        throw new ForgedError('a statistics key of another instance, or of a directory key not in use')
    verify(key.signer, key.signature, concat(context('statistics-key'), unsignedKey(key)))
    return key
}

/** Whoever coordinates has it, and nobody needs to store it. */
export const statisticsSeed = (directorySeed: Uint8Array): Uint8Array => expand(directorySeed, context('statistics'))

export function signStatisticsKey(directorySeed: Uint8Array, instance: InstanceId): StatisticsKey {
    const signer = new SigningKey(directorySeed)
    const { publicKey: kem } = new KemKeyPair(statisticsSeed(directorySeed))
    const unsigned = { instance, kem, signer: signer.publicKey }
    return { ...unsigned, signature: signer.sign(concat(context('statistics-key'), unsignedKey(unsigned))) }
}

/** The seed of the statistics key before, for whoever has the one that is in use: what was sealed to it stays readable. */
export async function sealStatisticsLink(before: KemKeyPair, after: StatisticsKey): Promise<Uint8Array> {
    const named = [hash(before.publicKey), hash(after.kem)] as const
    const sealed = await hpkeSeal(after.kem, context('statistics-link', after.instance, ...named), before.seed())
    return concat(u8(1), ...named, sealed)
}

export async function openStatisticsLink(link: Uint8Array, own: KemKeyPair, instance: InstanceId): Promise<KemKeyPair> {
    const reader = new Reader(link, CODE)
    if (reader.u8() !== 1) throw reader.malformed('version of a link')
    const [before, after, sealed] = [asHash(reader.take(32)), asHash(reader.take(32)), reader.take(LINK_SEALED_BYTES)]
    reader.end()
    if (!equal(after, hash(own.publicKey))) throw new TamperedError('a link to another key', 'wrap-tampered')
    const opened = new KemKeyPair(await hpkeOpen(own.seed(), context('statistics-link', instance, before, after), sealed))
    // SPEC 12.3
    if (!equal(before, hash(opened.publicKey))) throw new TamperedError('another key than the link says', 'wrap-tampered')
    return opened
}

/** The same for everybody who reads the case. `firstKey`: of its first generation. */
export const contributionToken = (firstKey: Uint8Array, instance: InstanceId, of: CountedAs): Uint8Array =>
    expand(firstKey, context('contribution-token', instance, u8(COUNTED_AS[of]))).slice(0, TOKEN_BYTES)

const boundTo = (instance: InstanceId, kem: KemKey, token: Uint8Array) => [instance, hash(kem), token] as const

const toSign = (instance: InstanceId, kem: KemKey, token: Uint8Array, body: Uint8Array): Uint8Array =>
    concat(context('contribution-signature', ...boundTo(instance, kem, token)), body)

/** What is inside the seal. */
export function signCounted(counted: Counted, token: Uint8Array, { instance, kem }: StatisticsKey, sign: SigningKey): Uint8Array {
    const body = encodeCounted(counted)
    const signature = sign.sign(toSign(instance, kem, token, body))
    const plaintext = new Uint8Array(PLAINTEXT_BYTES)
    plaintext.set(concat(u8(1), sign.publicKey, signature, u16(body.length), body))
    return plaintext
}

/** `key`: from `verifyStatisticsKey`; `token`: from `contributionToken` of what `countedAs` says. */
export async function sealContribution(
    counted: Counted,
    token: Uint8Array,
    key: StatisticsKey,
    sign: SigningKey,
): Promise<Uint8Array> {
    const info = context('contribution', ...boundTo(key.instance, key.kem, token))
    return hpkeSeal(key.kem, info, signCounted(counted, token, key, sign))
}

/** For coordinators, who alone have the key. */
export async function openContribution(
    sealed: Uint8Array,
    token: Uint8Array,
    own: KemKeyPair,
    instance: InstanceId,
    directory: Directory,
): Promise<Counted> {
    if (sealed.length !== SEALED_BYTES || token.length !== TOKEN_BYTES)
        throw new MalformedError('length of a contribution or its token', CODE)
    const { publicKey: kem } = own
    const info = context('contribution', ...boundTo(instance, kem, token))
    const reader = new Reader(await hpkeOpen(own.seed(), info, sealed), CODE)
    if (reader.left !== PLAINTEXT_BYTES || reader.u8() !== 1) throw reader.malformed('length or version of a contribution')
    const [author, signature] = [asSignKey(reader.take(32)), reader.take(SIGNATURE_BYTES)]
    const body = reader.bytes16()
    const counted = decodeCounted(body)
    if (reader.rest().some((byte) => byte !== 0)) throw reader.malformed('fill that is not zero')
    const people = [...directory.claims.experts, ...directory.claims.former]
    if (!people.some((person) => equal(person.sign, author)))
        throw new ForgedError('a contribution by nobody in the directory')
    verify(author, signature, toSign(instance, kem, token, body))
    return counted
}
