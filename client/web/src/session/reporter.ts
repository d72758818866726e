/** The reporter's session: from a draft and a phrase to an open case. It holds the keys; the screens hold none. */
import { decodeDown, encodeOpenBody } from '@lyhty/crypto/records'
import type { Down, Hello } from '@lyhty/crypto/records'
import { firstWords, prepareCase } from '@lyhty/crypto/cases'
import type { Opening, PreparedCase } from '@lyhty/crypto/cases'
import { MAX_SERVICES, problemOfText } from '@lyhty/crypto/contents'
import type { Directory } from '@lyhty/crypto/directories'
import { payloadBytes } from '@lyhty/crypto/frames'
import { queuesOf } from '@lyhty/crypto/authors'
import { caseId, commitmentOf } from '@lyhty/crypto/ids'
import type { InstanceId, OperationId } from '@lyhty/crypto/ids'
import { KEY_BYTES } from '@lyhty/crypto/keys'
import { authKey, drawCaseSalt, PHRASE_BYTES, phraseInput, reporterKeys, wipe } from '@lyhty/crypto/passphrase'
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import { toProveOpen } from '@lyhty/crypto/proofs'
import { PARTS } from '@lyhty/crypto/work'
import type { Purpose, Work } from '@lyhty/crypto/work'
import type { ChannelNews } from '../net/messages.ts'
import type { Toiler } from '../net/workers.ts'
import { Conversation } from './conversation.ts'
import { Exchange } from './exchange.ts'
import type { RequestOptions } from './exchange.ts'
import { codeOf, SessionFailure } from './failure.ts'
import { OpenCase, openResumedCase, requestResume } from './open-case.ts'
import type { CaseTools } from './open-case.ts'
import { OpeningWork } from './opening-work.ts'
import { readEnvelope } from './opening.ts'
import { queuesFor } from './queues.ts'
import type { Surroundings } from './surroundings.ts'
import { loadTrust } from './trust.ts'
import { TrustKeeper } from './trust-keeper.ts'
import type { CaseView, Connection, Draft, Progress, ReporterSession } from './types.ts'

const CLOCK_TOLERANCE_S = 30 * 60
/** How long a person looks at a lost connection before being told that nothing was sent. */
const PATIENCE_MS = 45_000
const DEFAULT_SLOT_MS = 1000
const LONG_WORK_MS = 1_500
/** Version, operation and id before the body of a record, and the key and proof before OPEN's. */
const OPEN_OVERHEAD_BYTES = 18 + 96

class Listeners<T> {
    readonly #listeners = new Set<(news: T) => void>()

    add(listener: (news: T) => void): () => void {
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
    }

    tell(news: T): void {
        for (const listener of this.#listeners) listener(news)
    }
}

/** What a phrase alone stands for, so that a second try need not derive again. */
interface Identity {
    readonly phrase: string
    readonly root: Promise<Uint8Array>
}
/** Keys of a case that nothing is sealed for yet. */
interface Foreseen {
    readonly phrase: string
    readonly keys: ReporterKeys
    readonly caseKey: Uint8Array
}
/** A sealed report, kept until the server has it: a second try sends the same bytes under the same id. */
interface Ready {
    readonly draft: string
    readonly id: OperationId
    readonly keys: ReporterKeys
    readonly prepared: PreparedCase
    timesSent: number
}

export class Reporter implements ReporterSession {
    readonly #around: Surroundings
    readonly #connection = new Listeners<Connection>()
    readonly #clockOff = new Listeners<void>()
    readonly #views = new Listeners<CaseView>()
    readonly #exchange: Exchange
    #channel: ReturnType<Surroundings['openChannel']> | null = null
    #toiler: Toiler | null = null
    #work: OpeningWork | null = null
    #tools: CaseTools | null = null
    #slotMs = DEFAULT_SLOT_MS
    #state: Connection = 'connecting'
    #isClockOff = false
    #stopWaiting: (() => void) | null = null
    #identity: Identity | null = null
    #foreseen: Foreseen | null = null
    #ready: Ready | null = null
    #case: OpenCase | null = null
    #unsentCount = 0
    /** Counts what was forgotten: nothing that began before goes on after. */
    #visit = 0

    constructor(around: Surroundings) {
        this.#around = around
        this.#exchange = new Exchange((ticket, record) => this.#channel?.send(ticket, record), around.randomness)
    }

    readonly slotMs = (): number => this.#slotMs

    onConnection(listener: (connection: Connection) => void): () => void {
        listener(this.#state)
        return this.#connection.add(listener)
    }

    onClockOff(listener: () => void): () => void {
        if (this.#isClockOff) listener()
        return this.#clockOff.add(listener)
    }

    onCase(listener: (view: CaseView) => void): () => void {
        if (this.#case !== null) listener(this.#case.view)
        return this.#views.add(listener)
    }

    readonly #nowS = (): number => Math.floor(this.#around.nowMs() / 1000)

    async start(): Promise<void> {
        const problem = this.#around.problem()
        if (problem !== null) throw new SessionFailure(problem)
        this.#toiler ??= this.#around.startToiler()
        this.#work ??= new OpeningWork(this.#toiler)
        this.#channel ??= this.#around.openChannel((news) => this.#hear(news))
        const trust = await loadTrust(this.#around.get, this.#around.fragment, this.#nowS())
        this.#tools = {
            exchange: this.#exchange,
            trust: new TrustKeeper(trust, this.#exchange, this.#nowS),
            randomness: this.#around.randomness,
            nowS: this.#nowS,
            slotMs: this.slotMs,
            pause: (delayMs) => new Promise((resolve) => void this.#around.after(delayMs, resolve)),
        }
    }

    #started(): CaseTools {
        if (this.#tools === null) throw new SessionFailure('directory-missing')
        return this.#tools
    }

    #hear(news: ChannelNews): void {
        switch (news.type) {
            case 'record':
                this.#receive(decodeDown(news.record))
                return
            case 'lost':
                this.#exchange.lost()
                this.#case?.lost()
                if (this.#state !== 'full') this.#connectionIs('lost')
                this.#startWaiting()
                return
            case 'sending':
            case 'receiving':
                this.#exchange.moved(news.type, news)
                return
        }
    }

    #connectionIs(state: Connection): void {
        if (state === this.#state) return
        this.#state = state
        this.#connection.tell(state)
    }

    #startWaiting(): void {
        if (this.#exchange.connected) return
        this.#stopWaiting ??= this.#around.after(PATIENCE_MS, () => {
            this.#stopWaiting = null
            this.#exchange.giveUpImpatient()
        })
    }

    #receive(down: Down): void {
        if (down.kind === 'result' || down.kind === 'error') this.#exchange.answered(down)
        if (down.kind === 'fault' && down.code === 'busy') this.#connectionIs('full')
        if (down.kind !== 'event') return
        const { event } = down
        switch (event.event) {
            case 'hello':
                this.#greet(event)
                return
            case 'envelope':
                this.#inBackground(this.#case?.arrived(event))
                return
            case 'state':
                this.#case?.stateChanged(event.state, event.places)
                return
            case 'presence':
                this.#case?.presenceChanged(event.here)
                return
            case 'work':
                this.#work?.hear(event.terms)
                return
        }
    }

    #greet(hello: Hello): void {
        this.#stopWaiting?.()
        this.#stopWaiting = null
        this.#slotMs = hello.slotMs
        this.#work?.hear(hello.terms)
        this.#exchange.greeted(hello.nonce)
        this.#connectionIs('open')
        if (Math.abs(hello.serverTime - this.#nowS()) > CLOCK_TOLERANCE_S) {
            this.#isClockOff = true
            this.#clockOff.tell()
        }
        // Every page does this, so it says nothing about who reads and who writes.
        if (this.#tools !== null && hello.directoryVersion > this.#tools.trust.version)
            this.#inBackground(this.#tools.trust.renew())
        if (this.#case !== null && !this.#exchange.isBinding) this.#inBackground(this.#case.reattach())
    }

    /** Nobody waits for this task: what the protocol says about it becomes an alarm of the open case. */
    #inBackground(task: Promise<unknown> | undefined): void {
        const open = this.#case
        task?.catch((error: unknown) => {
            const code = codeOf(error)
            if (code === undefined) throw error
            if (code === 'connection-lost' || open === null || open !== this.#case) return
            if (code === 'mailbox-unknown' || code === 'case-erased') this.#exchange.refuseBound(code)
            open.conversation.alarm(code)
            this.#changed()
        })
    }

    readonly #changed = (): void => {
        if (this.#case !== null) this.#views.tell(this.#case.view)
    }

    drawPhrase(): readonly number[] {
        const phrase = [...this.#around.randomness(PHRASE_BYTES)]
        if (this.#tools !== null) this.#inBackground(this.#foresee(phrase, this.#tools.trust.instance))
        return phrase
    }

    /** While the person writes the words down: derives the keys, and begins the work for the case they will open. */
    async #foresee(phrase: readonly number[], instance: InstanceId): Promise<void> {
        const keys = reporterKeys(await this.#identify(phrase, () => undefined), drawCaseSalt(this.#around.randomness))
        this.#dropForeseen()
        const caseKey = this.#around.randomness(KEY_BYTES)
        this.#foreseen = { phrase: phrase.join(' '), keys, caseKey }
        this.#work?.begin({ instance, caseId: caseId(keys.sign.publicKey, commitmentOf(caseKey)) })
    }

    #dropForeseen(): void {
        this.#foreseen?.caseKey.fill(0)
        if (this.#foreseen) wipe(this.#foreseen.keys)
        this.#foreseen = null
    }

    /** What was foreseen for this phrase, once: another report of the same person is another case. */
    #takeForeseen(phrase: string): Pick<Foreseen, 'keys' | 'caseKey'> | null {
        const foreseen = this.#foreseen
        if (foreseen?.phrase !== phrase) return null
        this.#foreseen = null
        return foreseen
    }

    async #identify(phrase: readonly number[], onProgress: (progress: Progress) => void): Promise<Uint8Array> {
        const tools = this.#started()
        const words = phrase.join(' ')
        if (this.#identity?.phrase === words) return this.#unlessForgotten(this.#identity.root)
        if (phrase.length !== PHRASE_BYTES) throw new SessionFailure('phrase-incomplete')
        onProgress({ stage: 'deriving', done: 0, total: 1 })
        this.#dropIdentity()
        const root = this.#derived(phraseInput(Uint8Array.from(phrase), tools.trust.instance))
        const identity = { phrase: words, root }
        this.#identity = identity
        try {
            return await this.#unlessForgotten(root)
        } catch (error) {
            if (this.#identity === identity) this.#identity = null
            throw error
        } finally {
            onProgress({ stage: 'deriving', done: 1, total: 1 })
        }
    }

    #dropIdentity(): void {
        // One that failed holds nothing.
        this.#identity?.root.then((root) => void root.fill(0), () => undefined)
        this.#identity = null
    }

    async #unlessForgotten<T>(work: Promise<T>): Promise<T> {
        const visit = this.#visit
        const done = await work
        if (visit !== this.#visit) throw new SessionFailure('not-resumed')
        return done
    }

    async #derived(input: ReturnType<typeof phraseInput>): Promise<Uint8Array> {
        if (this.#toiler === null) throw new SessionFailure('directory-missing')
        try {
            return await this.#toiler.derive(input)
        } catch {
            // The worker only fails where WebAssembly or 64 MiB are not to be had.
            throw new SessionFailure('browser-unsupported')
        }
    }

    async #prepare(draft: Draft, text: string, phrase: readonly number[], root: Uint8Array, directory: Directory): Promise<Omit<Ready, 'draft'>> {
        const { age, device, help, language, role, topic } = draft
        const situation = {
            age,
            language,
            role,
            topic,
            services: draft.services.slice(0, MAX_SERVICES),
            at: this.#nowS(),
        }
        const opening: Opening = {
            queues: queuesFor(
                help,
                topic,
                directory.claims.queues.map(({ id }) => id),
            ),
            card: {
                ...situation,
                firstWords: firstWords(text),
                urgent: draft.inDanger === 'yes' || draft.inDanger === 'not-sure',
            },
            report: { ...situation, device, help, text },
        }
        const { randomness } = this.#around
        const foreseen = this.#takeForeseen(phrase.join(' '))
        const keys = foreseen?.keys ?? reporterKeys(root, drawCaseSalt(randomness))
        return {
            id: this.#exchange.newId(),
            keys,
            prepared: await prepareCase(keys, directory, opening, randomness, foreseen?.caseKey),
            timesSent: 0,
        }
    }

    async sendReport(draft: Draft, phrase: readonly number[], onProgress: (progress: Progress) => void): Promise<void> {
        const text = cleanText(draft.text)
        const tools = this.#started()
        const root = await this.#identify(phrase, onProgress)
        const draftKey = JSON.stringify([phrase, draft])
        let ready = this.#ready
        if (ready?.draft !== draftKey) {
            onProgress({ stage: 'sealing', done: 0, total: 1 })
            ready = await this.#sealed(draftKey, draft, text, phrase, root, tools.trust.directory())
            onProgress({ stage: 'sealing', done: 1, total: 1 })
        }
        try {
            await this.#open(ready, onProgress)
        } catch (error) {
            if (codeOf(error) !== 'epoch-stale') throw error
            // Nothing was stored: the queues have newer keys, so this becomes another case.
            await this.#open(await this.#sealed(draftKey, draft, text, phrase, root, tools.trust.renew()), onProgress)
        }
    }

    /** Takes the place of whatever was sealed before. */
    async #sealed(
        draftKey: string,
        draft: Draft,
        text: string,
        phrase: readonly number[],
        root: Uint8Array,
        trusted: Promise<Directory>,
    ): Promise<Ready> {
        this.#dropReady()
        const directory = await this.#unlessForgotten(trusted)
        const ready = { draft: draftKey, ...(await this.#unlessForgotten(this.#prepare(draft, text, phrase, root, directory))) }
        this.#ready = ready
        return ready
    }

    async #open(ready: Ready, onProgress: (progress: Progress) => void): Promise<void> {
        const { keys, prepared } = ready
        const { trust } = this.#started()
        const afterProof = encodeOpenBody(prepared.open)
        onProgress({
            stage: 'sending',
            done: 0,
            total: Math.ceil((OPEN_OVERHEAD_BYTES + afterProof.length) / payloadBytes('up')),
        })
        this.#startWaiting()
        const seq = await this.#askToOpen(ready, afterProof, onProgress)
        const places = queuesOf(prepared.roster).map((queue) => ({ queue, state: 'waiting' }) as const)
        const conversation = new Conversation(prepared.caseId, keys.sign.publicKey, 'waiting', places)
        conversation.generations.set(1, { roster: prepared.roster, key: prepared.caseKey })
        conversation.history.passed(seq)
        conversation.history.add(await readEnvelope(conversation, await trust.directory(), seq, prepared.report.envelope))
        this.#ready = null
        this.#work?.drop()
        const open = this.#show(conversation, keys)
        // It may have been stored long ago, and answered since.
        if (ready.timesSent > 1) this.#inBackground(open.reattach())
    }

    /** Until it is stored. A server that has more to do than a moment ago may ask for more work. SPEC 6.7 */
    async #askToOpen(ready: Ready, afterProof: Uint8Array, onProgress: (progress: Progress) => void): Promise<number> {
        const { id, keys, prepared } = ready
        const { exchange, trust } = this.#started()
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
            this.#work?.refused(work)
            return await this.#askToOpen(ready, afterProof, onProgress)
        }
    }

    /** Told to the person only when it takes long enough to wonder. */
    async #worked(purpose: Purpose, onProgress: (progress: Progress) => void): Promise<Work> {
        if (this.#work === null) throw new SessionFailure('directory-missing')
        let isLong = false
        const stop = this.#around.after(LONG_WORK_MS, () => {
            isLong = true
            onProgress({ stage: 'working', done: 0, total: PARTS })
        })
        try {
            return await this.#work.of(purpose, (done) => {
                if (isLong) onProgress({ stage: 'working', done, total: PARTS })
            })
        } finally {
            stop()
        }
    }

    #show(conversation: Conversation, keys: ReporterKeys): OpenCase {
        this.#case = new OpenCase(conversation, keys, this.#started(), this.#changed)
        this.#changed()
        return this.#case
    }

    async resume(phrase: readonly number[], onProgress: (progress: Progress) => void): Promise<void> {
        const tools = this.#started()
        const root = await this.#identify(phrase, onProgress)
        onProgress({ stage: 'opening', done: 0, total: 1 })
        this.#startWaiting()
        const resumed = await this.#unlessForgotten(requestResume(tools, authKey(root), {}))
        const keys = reporterKeys(root, resumed.caseSalt)
        const conversation = await this.#unlessForgotten(openResumedCase(tools, resumed, keys))
        onProgress({ stage: 'opening', done: 1, total: 1 })
        await this.#show(conversation, keys).readFirstPage(shown(onProgress))
    }

    #opened(): OpenCase {
        if (this.#case === null) throw new SessionFailure('not-resumed')
        return this.#case
    }

    async sendChat(text: string): Promise<void> {
        const open = this.#opened()
        const clean = cleanText(text)
        if (open.conversation.state === 'closed') throw new SessionFailure('case-closed')
        const key = `unsent-${++this.#unsentCount}`
        await open.sendChat({ key, at: this.#nowS(), text: clean, left: null, problem: null })
    }

    sendAgain(key: string): Promise<void> {
        return this.#opened().sendAgain(key)
    }

    onScreen(isOn: boolean): void {
        this.#case?.onScreen(isOn)
    }

    async loadOlder(): Promise<boolean> {
        this.#startWaiting()
        return this.#opened().readOlder()
    }

    async erase(): Promise<void> {
        const open = this.#opened()
        this.#startWaiting()
        await open.erase()
        if (open === this.#case) this.forget()
    }

    /** Wipes a sealed report that was not stored. */
    #dropReady(): void {
        if (this.#ready === null) return
        this.#ready.prepared.caseKey.fill(0)
        wipe(this.#ready.keys)
        this.#ready = null
    }

    forget(): void {
        this.#visit += 1
        this.#case?.forget()
        this.#case = null
        this.#dropReady()
        this.#dropForeseen()
        this.#work?.drop()
        this.#dropIdentity()
        this.#exchange.forget()
    }
}

/** What is sent: line ends as one line feed, no blank margins; refused before anything is sealed. */
function cleanText(typed: string): string {
    const text = typed.replace(/\r\n?/g, '\n').trim()
    const problem = problemOfText(text)
    if (problem !== null) throw new SessionFailure(problem)
    return text
}

const shown = (onProgress: (progress: Progress) => void): RequestOptions => ({
    onMoved: (stage, { done, total }) => {
        // A report's answer is one piece long and no news to the person.
        if (stage === 'sending' || total > 1) onProgress({ stage, done, total })
    },
})
