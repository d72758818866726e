/** From a draft to a stored case: sealed once, and the same bytes sent until the server has them. SPEC 6.4, 6.7 */
import { queuesOf } from '@lyhty/crypto/authors'
import { firstWords, prepareCase } from '@lyhty/crypto/cases'
import type { Opening, PreparedCase } from '@lyhty/crypto/cases'
import { MAX_SERVICES } from '@lyhty/crypto/contents'
import type { Directory } from '@lyhty/crypto/directories'
import { payloadBytes } from '@lyhty/crypto/frames'
import type { OperationId } from '@lyhty/crypto/ids'
import { drawCaseSalt, reporterKeys, wipe } from '@lyhty/crypto/passphrase'
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import { toProveOpen } from '@lyhty/crypto/proofs'
import { encodeOpenBody } from '@lyhty/crypto/records'
import { PARTS } from '@lyhty/crypto/work'
import type { Purpose, Work } from '@lyhty/crypto/work'
import { Conversation } from './conversation.ts'
import { shown } from './exchange.ts'
import { codeOf } from './failure.ts'
import type { Identity } from './identity.ts'
import type { CaseTools } from './open-case.ts'
import type { OpeningWork } from './opening-work.ts'
import { readEnvelope } from './opening.ts'
import { isUrgent, queuesFor } from './queues.ts'
import type { Draft, Progress } from './types.ts'
import type { Visit } from './visit.ts'

const LONG_WORK_MS = 1_500
/** Version, operation and id before the body of a record, and the key and proof before OPEN's. */
const OPEN_OVERHEAD_BYTES = 18 + 96

/** A sealed report, kept until the server has it: a second try sends the same bytes under the same id. */
interface Ready {
    readonly draft: string
    readonly id: OperationId
    readonly keys: ReporterKeys
    readonly prepared: PreparedCase
    readonly opened: NonNullable<Conversation['opened']>
    timesSent: number
}

/** What a person says, as they said it, with the root of the phrase that leads back to it. */
export interface Said {
    readonly draft: Draft
    /** The draft's, cleaned. */
    readonly text: string
    readonly phrase: readonly number[]
    readonly root: Uint8Array
}

export interface StoredCase {
    readonly conversation: Conversation
    readonly keys: ReporterKeys
    /** It may have been stored long ago, and answered since. */
    readonly isSentAgain: boolean
}

export interface SendingTools extends CaseTools {
    readonly identity: Identity
    readonly work: OpeningWork
    readonly visit: Visit
    /** From now on the person waits for the server. */
    readonly startWaiting: () => void
}

export class Sending {
    readonly #tools: SendingTools
    #ready: Ready | null = null

    constructor(tools: SendingTools) {
        this.#tools = tools
    }

    async send(said: Said, onProgress: (progress: Progress) => void): Promise<StoredCase> {
        const { trust } = this.#tools
        const key = JSON.stringify([said.phrase, said.draft])
        let ready = this.#ready
        if (ready?.draft !== key) {
            onProgress({ stage: 'sealing', done: 0, total: 1 })
            ready = await this.#sealed(key, said, trust.directory())
            onProgress({ stage: 'sealing', done: 1, total: 1 })
        }
        try {
            return await this.#open(ready, onProgress)
        } catch (error) {
            if (codeOf(error) !== 'epoch-stale') throw error
            // Nothing was stored: the queues have newer keys, so this becomes another case.
            return this.#open(await this.#sealed(key, said, trust.renew()), onProgress)
        }
    }

    /** Takes the place of whatever was sealed before. */
    async #sealed(key: string, said: Said, trusted: Promise<Directory>): Promise<Ready> {
        const { visit } = this.#tools
        this.drop()
        const directory = await visit.during(trusted)
        const ready = { draft: key, ...(await visit.during(this.#prepare(said, directory))) }
        this.#ready = ready
        return ready
    }

    async #prepare({ draft, text, phrase, root }: Said, directory: Directory): Promise<Omit<Ready, 'draft'>> {
        const { exchange, identity, nowS, randomness } = this.#tools
        const { age, device, help, language, role, school, topic } = draft
        const situation = { age, language, role, topic, services: draft.services.slice(0, MAX_SERVICES), at: nowS() }
        const opening: Opening = {
            queues: queuesFor(help, topic, directory.claims.queues.map(({ id }) => id)),
            card: {
                ...situation,
                firstWords: firstWords(text),
                urgent: isUrgent(draft),
            },
            report: { ...situation, device, help, school, text },
        }
        const foreseen = identity.takeForeseen(phrase)
        const keys = foreseen?.keys ?? reporterKeys(root, drawCaseSalt(randomness))
        const prepared = await prepareCase(keys, directory, opening, randomness, foreseen?.caseKey)
        const opened = { hour: Math.floor(situation.at / 3_600), urgent: isUrgent(draft) }
        return { id: exchange.newId(), keys, prepared, opened, timesSent: 0 }
    }

    async #open(ready: Ready, onProgress: (progress: Progress) => void): Promise<StoredCase> {
        const { keys, prepared } = ready
        const { startWaiting, trust, work } = this.#tools
        const afterProof = encodeOpenBody(prepared.open)
        onProgress({
            stage: 'sending',
            done: 0,
            total: Math.ceil((OPEN_OVERHEAD_BYTES + afterProof.length) / payloadBytes('up')),
        })
        startWaiting()
        const seq = await this.#askToOpen(ready, afterProof, onProgress)
        const places = queuesOf(prepared.roster).map((queue) => ({ queue, state: 'waiting' }) as const)
        const conversation = new Conversation(prepared.caseId, keys.sign.publicKey, 'waiting', places)
        conversation.opened = ready.opened
        conversation.generations.set(1, { roster: prepared.roster, key: prepared.caseKey })
        conversation.history.passed(seq)
        conversation.history.add(await readEnvelope(conversation, await trust.directory(), seq, prepared.report.envelope))
        conversation.sealed.set(seq, prepared.report.envelope)
        this.#ready = null
        work.drop()
        return { conversation, keys, isSentAgain: ready.timesSent > 1 }
    }

    /** Until it is stored. A server that has more to do than a moment ago may ask for more work. SPEC 6.7 */
    async #askToOpen(ready: Ready, afterProof: Uint8Array, onProgress: (progress: Progress) => void): Promise<number> {
        const { id, keys, prepared } = ready
        const { exchange, trust } = this.#tools
        const work = await this.#worked({ instance: trust.instance, caseId: prepared.caseId }, onProgress)
        try {
            const { seq } = await exchange.request(
                'open',
                (nonce) => {
                    ready.timesSent += 1
                    return {
                        operation: 'open',
                        work,
                        auth: keys.auth.publicKey,
                        proof: keys.auth.sign(toProveOpen(trust.instance, nonce, afterProof)),
                        body: prepared.open,
                    }
                },
                { id, ...shown(onProgress) },
            )
            return seq
        } catch (error) {
            if (codeOf(error) !== 'work-insufficient') throw error
            ready.timesSent = 0
            this.#tools.work.refused(work)
            return await this.#askToOpen(ready, afterProof, onProgress)
        }
    }

    /** Told to the person only when it takes long enough to wonder. */
    async #worked(purpose: Purpose, onProgress: (progress: Progress) => void): Promise<Work> {
        let isLong = false
        const stop = this.#tools.after(LONG_WORK_MS, () => {
            isLong = true
            onProgress({ stage: 'working', done: 0, total: PARTS })
        })
        try {
            return await this.#tools.work.of(purpose, (done) => {
                if (isLong) onProgress({ stage: 'working', done, total: PARTS })
            })
        } finally {
            stop()
        }
    }

    /** Wipes a sealed report that was not stored. */
    drop(): void {
        if (this.#ready === null) return
        this.#ready.prepared.caseKey.fill(0)
        wipe(this.#ready.keys)
        this.#ready = null
    }
}
