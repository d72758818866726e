/**
 * What is on its way from this desk to reporters: sealed over the newest heads, sent again as it is until its fate is
 * known, and never sealed twice. At most one for each case, because each message names the one before it. SPEC 4.3, 9
 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { AnswerContent, ChatContent } from '@lyhty/crypto/contents'
import { codeOf } from './code-of'
import { DeskError, type Desk } from './desk'
import { MAX_TRIES, SEALED_ANEW, type HeldCases } from './held-cases'
import type { Place, PlaceKey } from './places'
import type { ConsoleEvent } from './state'

const SEND_AGAIN_MS = 5_000
/** Nobody knows whether it was stored, or it was not this time: the same bytes are sent again. */
const SENT_AGAIN: ReadonlySet<ErrorCode> = new Set(['connection-lost', 'busy', 'storage-failed'])

interface Outgoing {
    readonly key: PlaceKey
    readonly envelope: Uint8Array
    /** Null after a lock: it is not sealed anew then, and its words are with the drafts. */
    readonly content: AnswerContent | ChatContent | null
    readonly tries: number
}

interface AroundOutbox {
    readonly desk: Desk
    readonly held: HeldCases
    readonly tell: (event: ConsoleEvent) => void
    readonly place: (key: PlaceKey) => Place | undefined
    /** One after another for each place; a failure is told beside the case. */
    readonly inTurn: (key: PlaceKey, work: () => Promise<void>) => Promise<void>
}

export class Outbox {
    readonly #around: AroundOutbox
    readonly #byCase = new Map<string, Outgoing>()
    #sendAgain: ReturnType<typeof setTimeout> | undefined

    constructor(around: AroundOutbox) {
        this.#around = around
    }

    has(caseId: string): boolean {
        return this.#byCase.has(caseId)
    }

    isFrom({ case: caseId, key }: Place): boolean {
        return this.#byCase.get(caseId)?.key === key
    }

    async put({ case: caseId, key }: Place, content: AnswerContent | ChatContent): Promise<void> {
        const { held } = this.#around
        try {
            // The newest heads, and our own counter even if an earlier try was stored after all.
            await held.catchUp(key)
        } catch (error) {
            // Without an answer it is sealed over what has been read, and waits.
            if (!SENT_AGAIN.has(codeOf(error))) throw error
        }
        await held.readOwnChain(key)
        const opened = held.get(key)
        if (opened === undefined) throw new DeskError('case-not-held')
        const { envelope } = await opened.seal(content)
        this.#byCase.set(caseId, { key, envelope, content, tries: 1 })
        await this.#post(caseId)
    }

    async flush(): Promise<void> {
        for (const [caseId, { key }] of this.#byCase) {
            await this.#around.inTurn(key, () => this.#post(caseId))
        }
    }

    /** What is sealed stays for the next sign-in. */
    stop(): void {
        clearTimeout(this.#sendAgain)
    }

    /** For a lock: what is sealed and on its way stays, its words do not. */
    forgetWords(): void {
        for (const [caseId, outgoing] of this.#byCase) this.#byCase.set(caseId, { ...outgoing, content: null })
    }

    clear(): void {
        this.#byCase.clear()
    }

    async #post(caseId: string): Promise<void> {
        const outgoing = this.#byCase.get(caseId)
        if (outgoing === undefined) return
        const { key, envelope, content, tries } = outgoing
        const { desk, held, tell, place } = this.#around
        try {
            const from = place(key)
            const seq = await desk.put(caseId, envelope.slice(), from?.answered === false ? from.queue : null)
            this.#byCase.delete(caseId)
            await held.get(key)?.adopt(seq, envelope)
            tell({ type: 'sent', key })
            held.show(key)
            await held.acknowledge(key)
        } catch (error) {
            const code = error instanceof DeskError ? error.code : null
            if (code !== null && SENT_AGAIN.has(code)) {
                clearTimeout(this.#sendAgain)
                this.#sendAgain = setTimeout(() => void this.flush(), SEND_AGAIN_MS)
                return
            }
            const opened = held.get(key)
            if (code !== null && SEALED_ANEW.has(code) && tries < MAX_TRIES && content !== null && opened !== undefined) {
                // It was refused, so it is nowhere: over what has come meanwhile it is sealed as a new object.
                await held.refused(key, code)
                this.#byCase.set(caseId, { key, envelope: (await opened.seal(content)).envelope, content, tries: tries + 1 })
                return this.#post(caseId)
            }
            // It waits for the next sign-in.
            if (code !== 'not-signed-in') this.#byCase.delete(caseId)
            throw error
        }
    }
}
