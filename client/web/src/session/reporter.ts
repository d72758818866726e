/** The reporter's session: from a draft and a phrase to an open case. It holds the keys; the screens hold none. */
import { problemOfText } from '@lyhty/crypto/texts'
import { authKey, PHRASE_BYTES, reporterKeys } from '@lyhty/crypto/passphrase'
import type { QueueId } from '@lyhty/crypto/ids'
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import type { Hours } from '@lyhty/crypto/hours'
import { decodeDown } from '@lyhty/crypto/records'
import type { Down, Hello } from '@lyhty/crypto/records'
import type { ChannelNews } from '../net/messages.ts'
import type { Conversation } from './conversation.ts'
import { Exchange, shown } from './exchange.ts'
import { codeOf, SessionFailure } from './failure.ts'
import { loadHours } from './hours.ts'
import { Identity } from './identity.ts'
import { caseParts } from './case-parts.ts'
import type { OpenCase } from './open-case.ts'
import { OpeningWork } from './opening-work.ts'
import type { Sending, SendingTools } from './sending.ts'
import type { GivenSlip, Slips } from './slips.ts'
import type { Surroundings } from './surroundings.ts'
import { loadTrust } from './trust.ts'
import { TrustKeeper } from './trust-keeper.ts'
import type { Copying } from './copies.ts'
import type { CaseView, Connection, Consent, Draft, HelpedView, Progress, ReporterSession } from './types.ts'
import { Visit } from './visit.ts'

const CLOCK_TOLERANCE_S = 30 * 60
/** How long a person looks at a lost connection before being told that nothing was sent. */
const PATIENCE_MS = 45_000
const DEFAULT_SLOT_MS = 1000

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


export class Reporter implements ReporterSession {
    readonly #around: Surroundings
    readonly #connection = new Listeners<Connection>()
    readonly #clockOff = new Listeners<void>()
    readonly #views = new Listeners<CaseView>()
    readonly #exchange: Exchange
    #channel: ReturnType<Surroundings['openChannel']> | null = null
    #toiler: ReturnType<Surroundings['startToiler']> | null = null
    #work: OpeningWork | null = null
    #tools: SendingTools | null = null
    #sending: Sending | null = null
    #slotMs = DEFAULT_SLOT_MS
    #hours: Hours | null = null
    #state: Connection = 'connecting'
    #isClockOff = false
    #stopWaiting: (() => void) | null = null
    #case: OpenCase | null = null
    #slips: (() => Slips) | null = null
    #madeSlips: Slips | null = null
    #unsentCount = 0
    /** Of the open case; a copy may be locked with it. */
    #phrase: readonly number[] | null = null
    readonly #visit = new Visit()

    constructor(around: Surroundings) {
        this.#around = around
        this.#exchange = new Exchange((ticket, record) => this.#channel?.send(ticket, record), around.randomness)
    }

    readonly slotMs = (): number => this.#slotMs
    readonly hours = (): Hours | null => this.#hours

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
        if (this.#toiler === null) this.#toiler = this.#around.startToiler()
        const { derive } = this.#toiler
        const work = (this.#work ??= new OpeningWork(this.#toiler))
        this.#channel ??= this.#around.openChannel((news) => this.#hear(news))
        // Nobody waits for it, and everybody asks for it.
        void loadHours(this.#around.get).then((hours) => { this.#hours = hours })
        const trust = await loadTrust(this.#around.get, this.#around.fragment, this.#nowS())
        const { after, randomness } = this.#around
        const keeper = new TrustKeeper(trust, this.#exchange, this.#nowS)
        this.#tools = {
            exchange: this.#exchange,
            trust: keeper,
            identity: new Identity(keeper.instance, derive, randomness, this.#visit),
            work,
            visit: this.#visit,
            randomness,
            after,
            nowS: this.#nowS,
            nowMs: this.#around.nowMs,
            slotMs: this.slotMs,
            pause: (delayMs) => new Promise((resolve) => void after(delayMs, resolve)),
            startWaiting: this.#startWaiting,
        }
    }

    #started(): SendingTools {
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

    readonly #startWaiting = (): void => {
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
        const trust = this.#tools?.trust
        if (trust !== undefined && hello.directoryVersion > trust.version) this.#inBackground(trust.renew())
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

    /** While the person writes the words down, the work for the case they will open begins. */
    drawPhrase(): readonly number[] {
        const phrase = [...this.#around.randomness(PHRASE_BYTES)]
        const tools = this.#tools
        if (tools !== null) this.#inBackground(tools.identity.foresee(phrase).then((purpose) => tools.work.begin(purpose)))
        return phrase
    }

    async sendReport(draft: Draft, phrase: readonly number[], onProgress: (progress: Progress) => void): Promise<void> {
        const text = cleanText(draft.text)
        const tools = this.#started()
        const { Sending } = caseParts()
        const sending = (this.#sending ??= new Sending(tools))
        const root = await tools.identity.root(phrase, onProgress)
        const { conversation, keys, isSentAgain } = await sending.send({ draft, text, phrase, root }, onProgress)
        const open = this.#show(conversation, keys)
        this.#phrase = phrase
        if (isSentAgain) this.#inBackground(open.reattach())
    }

    #show(conversation: Conversation, keys: ReporterKeys): OpenCase {
        const tools = this.#started()
        const { OpenCase, Slips } = caseParts()
        this.#case = new OpenCase(conversation, keys, tools, this.#changed)
        this.#slips = () => new Slips(conversation, keys, tools)
        this.#changed()
        return this.#case
    }

    async resume(phrase: readonly number[], onProgress: (progress: Progress) => void): Promise<void> {
        const tools = this.#started()
        const { openResumedCase, requestResume } = caseParts()
        const root = await tools.identity.root(phrase, onProgress)
        onProgress({ stage: 'opening', done: 0, total: 1 })
        this.#startWaiting()
        const resumed = await this.#visit.during(requestResume(tools, authKey(root), {}))
        const keys = reporterKeys(root, resumed.caseSalt)
        const conversation = await this.#visit.during(openResumedCase(tools, resumed, keys))
        onProgress({ stage: 'opening', done: 1, total: 1 })
        const open = this.#show(conversation, keys)
        this.#phrase = phrase
        await open.readFirstPage(shown(onProgress))
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
        await open.sendChat({ key, at: this.#nowS(), text: clean, typed: text, leavesAtMs: null, left: null, isHeldUp: false })
    }

    undo(key: string): string | null {
        return this.#case?.undo(key) ?? null
    }

    sendNow(key: string): void {
        this.#case?.sendNow(key)
    }

    async copying(): Promise<Copying> {
        const tools = this.#started()
        // Renewed if its time is over: whoever reads the copy verifies with it.
        await tools.trust.directory()
        const { instance, bundle } = tools.trust
        const derive = this.#toiler?.derive
        if (derive === undefined) throw new SessionFailure('browser-unsupported')
        return {
            instance,
            bundle,
            derive,
            conversation: this.#case?.conversation ?? null,
            phrase: this.#phrase,
            randomness: this.#around.randomness,
            nowS: this.#nowS,
        }
    }

    async answerAsk(question: string, what: Consent): Promise<void> {
        this.#startWaiting()
        await this.#opened().answer(question, what)
    }

    sayHelped(answer: NonNullable<HelpedView['answer']>): void {
        this.#case?.helping.say(answer)
    }

    onScreen(isOn: boolean): void {
        this.#case?.onScreen(isOn)
    }

    async loadOlder(): Promise<boolean> {
        this.#startWaiting()
        return this.#opened().readOlder()
    }

    async slips(): Promise<readonly GivenSlip[]> {
        this.#startWaiting()
        return this.#openedSlips().read()
    }

    async giveSlip(text: string, queue: QueueId): Promise<void> {
        this.#startWaiting()
        await this.#openedSlips().give(cleanText(text), queue)
    }

    async takeBackSlip(id: string): Promise<void> {
        this.#startWaiting()
        await this.#openedSlips().takeBack(id)
    }

    #openedSlips(): Slips {
        if (this.#slips === null) throw new SessionFailure('not-resumed')
        return (this.#madeSlips ??= this.#slips())
    }

    async erase(): Promise<void> {
        const open = this.#opened()
        this.#startWaiting()
        await open.erase()
        if (open === this.#case) this.forget()
    }

    forget(): void {
        this.#visit.end()
        this.#case?.forget()
        this.#case = null
        this.#slips = null
        this.#madeSlips = null
        this.#phrase = null
        this.#sending?.drop()
        this.#tools?.identity.drop()
        this.#work?.drop()
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
