/** What a phrase stands for: its root, derived once, and the keys of the case that a new phrase will open. SPEC 2.2 */
import { caseId, commitmentOf } from '@lyhty/crypto/ids'
import type { InstanceId } from '@lyhty/crypto/ids'
import { KEY_BYTES } from '@lyhty/crypto/keys'
import { drawCaseSalt, PHRASE_BYTES, phraseInput, reporterKeys, wipe } from '@lyhty/crypto/passphrase'
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import type { Randomness } from '@lyhty/crypto/randomness'
import type { Purpose } from '@lyhty/crypto/work'
import type { Toiler } from '../net/workers.ts'
import { SessionFailure } from './failure.ts'
import type { Progress } from './types.ts'
import type { Visit } from './visit.ts'

/** So that a second try need not derive again. */
interface Known {
    readonly phrase: string
    readonly root: Promise<Uint8Array>
}

/** Keys of a case that nothing is sealed for yet. */
interface Foreseen {
    readonly phrase: string
    readonly keys: ReporterKeys
    readonly caseKey: Uint8Array
}

export class Identity {
    readonly #instance: InstanceId
    readonly #derive: Toiler['derive']
    readonly #randomness: Randomness
    readonly #visit: Visit
    #known: Known | null = null
    #foreseen: Foreseen | null = null

    constructor(instance: InstanceId, derive: Toiler['derive'], randomness: Randomness, visit: Visit) {
        this.#instance = instance
        this.#derive = derive
        this.#randomness = randomness
        this.#visit = visit
    }

    async root(phrase: readonly number[], onProgress: (progress: Progress) => void): Promise<Uint8Array> {
        const words = phrase.join(' ')
        if (this.#known?.phrase === words) return this.#visit.during(this.#known.root)
        if (phrase.length !== PHRASE_BYTES) throw new SessionFailure('phrase-incomplete')
        onProgress({ stage: 'deriving', done: 0, total: 1 })
        this.#dropKnown()
        const known = { phrase: words, root: this.#derived(phrase) }
        this.#known = known
        try {
            return await this.#visit.during(known.root)
        } catch (error) {
            if (this.#known === known) this.#known = null
            throw error
        } finally {
            onProgress({ stage: 'deriving', done: 1, total: 1 })
        }
    }

    async #derived(phrase: readonly number[]): Promise<Uint8Array> {
        try {
            return await this.#derive(phraseInput(Uint8Array.from(phrase), this.#instance))
        } catch {
            // The worker only fails where WebAssembly or 64 MiB are not to be had.
            throw new SessionFailure('browser-unsupported')
        }
    }

    /** While the person writes the words down: the keys of the case they will open. Resolves to what its work is for. */
    async foresee(phrase: readonly number[]): Promise<Purpose> {
        const keys = reporterKeys(await this.root(phrase, () => undefined), drawCaseSalt(this.#randomness))
        this.#dropForeseen()
        const caseKey = this.#randomness(KEY_BYTES)
        this.#foreseen = { phrase: phrase.join(' '), keys, caseKey }
        return { instance: this.#instance, caseId: caseId(keys.sign.publicKey, commitmentOf(caseKey)) }
    }

    /** What was foreseen for this phrase, once: another report of the same person is another case. */
    takeForeseen(phrase: readonly number[]): Pick<Foreseen, 'keys' | 'caseKey'> | null {
        const foreseen = this.#foreseen
        if (foreseen?.phrase !== phrase.join(' ')) return null
        this.#foreseen = null
        return foreseen
    }

    #dropForeseen(): void {
        this.#foreseen?.caseKey.fill(0)
        if (this.#foreseen) wipe(this.#foreseen.keys)
        this.#foreseen = null
    }

    #dropKnown(): void {
        // One that failed holds nothing.
        this.#known?.root.then((root) => void root.fill(0), () => undefined)
        this.#known = null
    }

    drop(): void {
        this.#dropForeseen()
        this.#dropKnown()
    }
}
