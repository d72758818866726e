/**
 * What opening a case costs its sender: a search that anybody checks with sixteen hashes. SPEC 6.7
 *
 * Sixteen small searches instead of one large one: the time they take together varies little, so that the slow phone's
 * worst case is near its average.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, equal, u32 } from './bytes.ts'
import type { Reader } from './bytes.ts'
import { context } from './contexts.ts'
import { ForgedError } from './errors.ts'
import { asCaseId, hash } from './ids.ts'
import type { CaseId, InstanceId } from './ids.ts'
import { utf8 } from './platform.ts'

export const CHALLENGE_BYTES = 16
export const PARTS = 16
export const SOLUTION_BYTES = 4 * PARTS
/** No server may ask more of a phone than this, about eleven seconds of a slow one. */
export const MAX_EFFORT = 65_536
/** And no more than this of an expert's computer, who has failed to sign in again and again: about three seconds. */
export const MAX_SIGN_IN_EFFORT = 131_072
const VALUES = 2 ** 32
const SEED_BYTES = 32

/** What the server asks for at present: `effort` is how many tries each part takes on average. */
export interface Terms {
    readonly challenge: Uint8Array
    readonly effort: number
}
/** What OPEN shows for it. */
export interface Work {
    readonly challenge: Uint8Array
    readonly solution: Uint8Array
}
/** What the work is for: it holds for one case of one instance. */
export interface Purpose {
    readonly instance: InstanceId
    readonly caseId: CaseId
}

export const writeTerms = ({ challenge, effort }: Terms): Uint8Array => concat(challenge, u32(effort))

/** Enough for a price that still climbs: a phone is rather refused once than at each step. SPEC 6.7 */
export const dearer = ({ challenge, effort }: Terms): Terms => ({ challenge, effort: Math.min(4 * effort, MAX_EFFORT) })

export function readTerms(reader: Reader): Terms {
    const terms = { challenge: reader.take(CHALLENGE_BYTES), effort: reader.u32() }
    if (terms.effort < 1 || terms.effort > MAX_EFFORT) throw reader.malformed('an effort that nobody may ask for')
    return terms
}

/** Of a sign-in: `challenge` is the one that its proof is made of. */
export const signInTerms = (challenge: Uint8Array, effort: number): Terms => ({ challenge: challenge.slice(0, CHALLENGE_BYTES), effort })

/** What stands in the place of the case id when somebody signs in. `name` as `accountName` returns it. */
export const signInPurpose = (instance: InstanceId, challenge: Uint8Array, name: string): Purpose =>
    ({ instance, caseId: asCaseId(hash(context('sign-in-work', challenge, hash(utf8(name))))) })

const limitOf = (effort: number): number => Math.floor(VALUES / effort)
const first32 = (digest: Uint8Array): number => new DataView(digest.buffer, digest.byteOffset).getUint32(0)

/** Hashes seed || part || nonce; one buffer for all tries. */
class Tries {
    readonly #input = new Uint8Array(SEED_BYTES + 8)
    readonly #numbers = new DataView(this.#input.buffer)

    constructor({ instance, caseId }: Purpose, challenge: Uint8Array) {
        this.#input.set(hash(context('work', instance, challenge, caseId)))
    }

    value(part: number, nonce: number): number {
        this.#numbers.setUint32(SEED_BYTES, part)
        this.#numbers.setUint32(SEED_BYTES + 4, nonce)
        return first32(sha256(this.#input))
    }
}

/** Returns when each part took an effort like this. */
export function checkWork(purpose: Purpose, { challenge, solution }: Work, effort: number): void {
    const tries = new Tries(purpose, challenge)
    const nonces = new DataView(solution.buffer, solution.byteOffset)
    for (let part = 0; part < PARTS; part++) {
        if (tries.value(part, nonces.getUint32(4 * part)) >= limitOf(effort))
            throw new ForgedError('no search led to this', 'work-insufficient')
    }
}

/** Looks for the work of one case, a few tries at a time. More effort asked for meanwhile loses nothing found. */
export class Search {
    readonly #purpose: Purpose
    #terms: Terms
    #tries: Tries
    #nonces = new Array<number>(PARTS).fill(0)
    #part = 0

    constructor(purpose: Purpose, terms: Terms) {
        this.#purpose = purpose
        this.#terms = terms
        this.#tries = new Tries(purpose, terms.challenge)
    }

    /** What the server asks for now. Whether what was found for it before may be too little. */
    ask(terms: Terms): boolean {
        const isSame = equal(terms.challenge, this.#terms.challenge)
        if (isSame && terms.effort <= this.#terms.effort) return false
        this.#terms = terms
        this.#part = 0
        if (!isSame) {
            this.#tries = new Tries(this.#purpose, terms.challenge)
            this.#nonces.fill(0)
        }
        return true
    }

    get terms(): Terms {
        return this.#terms
    }

    /** Parts found so far, of PARTS. */
    get found(): number {
        return this.#part
    }

    /** The work, if `count` more tries were enough to find all of it. */
    run(count: number): Work | null {
        const limit = limitOf(this.#terms.effort)
        for (let left = count; this.#part < PARTS; this.#part++) {
            let nonce = this.#nonces[this.#part] as number
            while (this.#tries.value(this.#part, nonce) >= limit) {
                if (left-- <= 0) {
                    this.#nonces[this.#part] = nonce
                    return null
                }
                nonce += 1
            }
            this.#nonces[this.#part] = nonce
        }
        return { challenge: this.#terms.challenge, solution: concat(...this.#nonces.map(u32)) }
    }
}
