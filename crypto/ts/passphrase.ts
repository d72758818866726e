/** From eight bytes to a reporter's keys. The slow step is named here and taken elsewhere, in a worker. SPEC 2.2 */
import { isZero } from './bytes.ts'
import { context } from './contexts.ts'
import { hash } from './ids.ts'
import type { InstanceId } from './ids.ts'
import { expand, KemKeyPair, SigningKey } from './keys.ts'
import { draw } from './randomness.ts'
import type { Randomness } from './randomness.ts'
import type { Argon2idInput } from './stretching.ts'

export const PHRASE_BYTES = 8
export const CASE_SALT_BYTES = 32

/** Memory in KiB, passes and lanes; RFC 9106's second choice. */
export const PHRASE_COST = { memoryKib: 65_536, passes: 3, lanes: 1 } as const

export function phraseInput(phrase: Uint8Array, instance: InstanceId): Argon2idInput {
    if (phrase.length !== PHRASE_BYTES) throw new RangeError('a phrase has eight bytes')
    return { password: phrase, salt: hash(context('phrase', instance)), ...PHRASE_COST }
}

/** What phrase and case salt stand for. `wrap` seals the reporter's own copies of case keys. */
export interface ReporterKeys {
    readonly caseSalt: Uint8Array
    readonly auth: SigningKey
    readonly sign: SigningKey
    readonly kem: KemKeyPair
    readonly wrap: Uint8Array
}

/** For a new case. Only the server's sealed mailbox row keeps it; without it no guessed phrase can be tested. */
export const drawCaseSalt = (randomness: Randomness = draw): Uint8Array => randomness(CASE_SALT_BYTES)

/** All that is needed to come back: RESUME answers with the case salt. `root` is what Argon2id made of the phrase. */
export function authKey(root: Uint8Array): SigningKey {
    // Keys of zeros are everybody's.
    if (isZero(root)) throw new RangeError('a root that was wiped')
    return new SigningKey(expand(root, context('reporter-auth')))
}

export const reporterKeys = (root: Uint8Array, caseSalt: Uint8Array): ReporterKeys => ({
    caseSalt,
    auth: authKey(root),
    sign: new SigningKey(expand(root, context('reporter-sign', caseSalt))),
    kem: new KemKeyPair(expand(root, context('reporter-kem', caseSalt))),
    wrap: expand(root, context('reporter-wrap', caseSalt)),
})

export function wipe(keys: ReporterKeys): void {
    keys.auth.wipe()
    keys.sign.wipe()
    keys.kem.wipe()
    keys.wrap.fill(0)
}
