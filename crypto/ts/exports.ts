/**
 * A copy of one case that its reporter keeps: everything that was read, sealed under a phrase or a password. It brings
 * what anybody needs to verify it again. SPEC 11
 */
import { bytes16, bytes32, concat, Reader, u16, u32, u64, u8 } from './bytes.ts'
import { context } from './contexts.ts'
import { MalformedError } from './errors.ts'
import { asCaseId, asInstanceId } from './ids.ts'
import type { CaseId, InstanceId } from './ids.ts'
import { expand } from './keys.ts'
import { PHRASE_BYTES, PHRASE_COST } from './passphrase.ts'
import { aesGcmOpen, aesGcmSeal, utf8 } from './platform.ts'
import { draw } from './randomness.ts'
import type { Randomness } from './randomness.ts'
import type { Argon2idInput } from './stretching.ts'

const CODE = 'export-unreadable'
const MAGIC = utf8('LYHTY')
const VERSION = 1
/** 1 and 2 are signed documents, SPEC 5.1. */
const KIND = 3
const SALT_BYTES = 16
const NONCE_BYTES = 12
const HEADER_BYTES = MAGIC.length + 3 + SALT_BYTES + NONCE_BYTES
/** A file tells how long a conversation is only so finely. */
const STEP_BYTES = 4_096
const MAX_FILE_BYTES = 64 * 2 ** 20

/** What a file opens with. */
export type Secret = 'phrase' | 'password'
const SECRETS: readonly Secret[] = ['phrase', 'password']

/** One envelope, and the key that opens it and nothing else. */
export interface Kept {
    readonly seq: number
    readonly key: Uint8Array
    readonly envelope: Uint8Array
}

/** A case as its reporter had read it at `made`, seconds since 1970 by the reporter's clock. */
export interface Export {
    readonly instance: InstanceId
    readonly caseId: CaseId
    readonly made: number
    readonly trust: Uint8Array
    readonly rosters: readonly Uint8Array[]
    readonly kept: readonly Kept[]
}

export const encodeExport = ({ instance, caseId, made, trust, rosters, kept }: Export): Uint8Array =>
    concat(
        instance,
        caseId,
        u64(made),
        bytes32(trust),
        u16(rosters.length),
        ...rosters.map(bytes16),
        u32(kept.length),
        ...kept.map(({ seq, key, envelope }) => concat(u32(seq), key, bytes32(envelope))),
    )

/** Refuses envelopes out of order or listed twice, and fill that is not zero. SPEC 1.4 */
export function decodeExport(bytes: Uint8Array): Export {
    const reader = new Reader(bytes, CODE)
    const decoded: Export = {
        instance: asInstanceId(reader.take(32), CODE),
        caseId: asCaseId(reader.take(32), CODE),
        made: reader.u64(),
        trust: reader.bytes32(),
        rosters: reader.list(reader.u16(), () => reader.bytes16()),
        kept: many(reader.u32(), () => ({ seq: reader.u32(), key: reader.take(32), envelope: reader.bytes32() })),
    }
    const fill = reader.rest()
    if (fill.length >= STEP_BYTES || fill.some((byte) => byte !== 0)) throw reader.malformed('fill')
    decoded.kept.forEach(({ seq }, at) => {
        if (at > 0 && seq <= (decoded.kept[at - 1] as Kept).seq) throw reader.malformed('envelopes out of order')
    })
    return decoded
}

/** One by one, so that a count from outside reserves no memory. */
function many<T>(count: number, entry: () => T): T[] {
    const entries: T[] = []
    while (entries.length < count) entries.push(entry())
    return entries
}

/** A file, and what it takes to open it. */
export interface Locked {
    readonly secret: Secret
    readonly salt: Uint8Array
    readonly file: Uint8Array
}

export function decodeLocked(file: Uint8Array): Locked {
    if (file.length > MAX_FILE_BYTES) throw new MalformedError('larger than any export', CODE)
    const reader = new Reader(file, CODE)
    const begin = reader.take(MAGIC.length + 2)
    if (begin.some((byte, at) => byte !== [...MAGIC, VERSION, KIND][at])) throw reader.malformed('not an export of this version')
    const secret = SECRETS[reader.u8() - 1]
    if (secret === undefined) throw reader.malformed('no such secret')
    const salt = reader.take(SALT_BYTES)
    reader.take(NONCE_BYTES)
    return { secret, salt, file }
}

/** For Argon2id, with the cost of a phrase. A password is the same however a keyboard composes its letters. */
export function exportInput(typed: Uint8Array | string, salt: Uint8Array): Argon2idInput {
    const password = typeof typed === 'string' ? utf8(typed.normalize('NFC')) : typed
    if (typeof typed !== 'string' && typed.length !== PHRASE_BYTES) throw new RangeError('a phrase has eight bytes')
    return { password, salt, ...PHRASE_COST }
}

export const drawSalt = (randomness: Randomness = draw): Uint8Array => randomness(SALT_BYTES)

const keyOf = (stretched: Uint8Array): Uint8Array => expand(stretched, context('export-key'))

export async function sealExport(
    exported: Export,
    secret: Secret,
    salt: Uint8Array,
    stretched: Uint8Array,
    randomness: Randomness = draw,
): Promise<Uint8Array> {
    const nonce = randomness(NONCE_BYTES)
    const header = concat(MAGIC, u8(VERSION), u8(KIND), u8(SECRETS.indexOf(secret) + 1), salt, nonce)
    const plaintext = encodeExport(exported)
    const padded = new Uint8Array(Math.ceil(plaintext.length / STEP_BYTES) * STEP_BYTES)
    padded.set(plaintext)
    const file = concat(header, await aesGcmSeal(keyOf(stretched), nonce, padded, context('export', header)))
    if (file.length > MAX_FILE_BYTES) throw new MalformedError('a longer conversation than a file holds', 'too-large')
    return file
}

/** Another secret and a changed file look the same: `tampered`. */
export async function openExport({ file }: Locked, stretched: Uint8Array): Promise<Export> {
    const header = file.slice(0, HEADER_BYTES)
    const nonce = header.slice(-NONCE_BYTES)
    return decodeExport(
        await aesGcmOpen(keyOf(stretched), nonce, file.slice(HEADER_BYTES), context('export', header), CODE),
    )
}
