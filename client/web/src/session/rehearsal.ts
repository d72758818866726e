/**
 * A made-up case for lessons, behind the same face as a real one. It lives in the memory of the page that practices:
 * nothing here has a way to the channel, to a key or to the device.
 */
import { equal } from '@lyhty/crypto/bytes'
import type { Hours } from '@lyhty/crypto/hours'
import { problemOfText } from '@lyhty/crypto/texts'
import { SessionFailure } from './failure.ts'
import type { Opening } from './openings.ts'
import type {
    CaseView, Connection, Draft, HelpedView, Place, Progress, ReporterSession, ShownAnswer, ShownMessage, Slip,
} from './types.ts'

export interface RehearsalTools {
    readonly hours: () => Hours | null
    readonly nowMs: () => number
    readonly after: (delayMs: number, task: () => void) => () => void
    readonly drawPhrase: () => readonly number[]
}

/** Who plays the expert, and what they say to what the class writes back. */
export interface MadeUp { readonly expertName: string; readonly reply: string }

const SLOT_MS = 300
const SLOTS = 6
const REPLY_MS = 3_000
const HOUR_S = 3_600

export class Rehearsal implements ReporterSession {
    readonly #tools: RehearsalTools
    readonly #listeners = new Set<(view: CaseView) => void>()
    readonly #timers = new Set<() => void>()
    #phrase: readonly number[] | null = null
    #messages: readonly ShownMessage[] = []
    #openings: readonly Opening[] = []
    #slips: readonly Slip[] = []
    #helped: HelpedView | null = null
    #madeUp: MadeUp | null = null
    #openedHour = 0
    #isUrgent = false
    #count = 0

    constructor(tools: RehearsalTools) {
        this.#tools = tools
    }

    /** The pictures of the made-up case, as long as there is one. */
    get phrase(): readonly number[] | null {
        return this.#messages.length > 0 ? this.#phrase : null
    }

    get isAnswered(): boolean {
        return this.#messages.some(({ content }) => content.type === 'answer')
    }

    /** The class has written back, and was told more. */
    get isFollowedUp(): boolean {
        return this.#messages.some(({ author, content }) => author === 'expert' && content.type === 'chat')
    }

    start(): Promise<void> {
        return Promise.resolve()
    }

    readonly slotMs = (): number => SLOT_MS
    readonly hours = (): Hours | null => this.#tools.hours()

    onConnection(listener: (connection: Connection) => void): () => void {
        listener('open')
        return () => undefined
    }

    onClockOff(): () => void {
        return () => undefined
    }

    drawPhrase(): readonly number[] {
        return this.#tools.drawPhrase()
    }

    async sendReport({ text, inDanger }: Draft, phrase: readonly number[], onProgress: (progress: Progress) => void): Promise<void> {
        const problem = problemOfText(text.trim())
        if (problem !== null) throw new SessionFailure(problem)
        for (let done = 0; done <= SLOTS; done++) {
            onProgress({ stage: 'sending', done, total: SLOTS })
            await this.#pause(SLOT_MS)
        }
        this.#phrase = phrase
        this.#openedHour = Math.floor(this.#nowS() / HOUR_S)
        this.#isUrgent = inDanger === 'yes' || inDanger === 'not-sure'
        this.#add('reporter', { type: 'report', text: text.trim() })
    }

    async resume(phrase: readonly number[], onProgress: (progress: Progress) => void): Promise<void> {
        onProgress({ stage: 'opening', done: 0, total: 1 })
        await this.#pause(SLOT_MS)
        const own = this.phrase
        if (own === null || !equal(Uint8Array.from(own), Uint8Array.from(phrase))) throw new SessionFailure('mailbox-unknown')
        this.#tell()
    }

    /** Somebody has read it and answers; `madeUp` says what follows when the class writes back. */
    answer(answer: ShownAnswer, madeUp: MadeUp): void {
        this.#madeUp = madeUp
        this.#openings = [{ key: 'opened', profession: 'lawyer', hour: Math.floor(this.#nowS() / HOUR_S) }]
        this.#read()
        const answerId = this.#add('expert', answer)
        this.#helped = { asked: 'impact', answerId, answer: null, state: 'open' }
        this.#tell()
    }

    onCase(listener: (view: CaseView) => void): () => void {
        if (this.#messages.length > 0) listener(this.#view())
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
    }

    sendChat(text: string): Promise<void> {
        this.#add('reporter', { type: 'chat', text: text.trim() })
        const madeUp = this.#madeUp
        if (madeUp !== null) void this.#pause(REPLY_MS).then(() => this.#reply(madeUp))
        return Promise.resolve()
    }

    #reply({ reply }: MadeUp): void {
        this.#read()
        this.#add('expert', { type: 'chat', text: reply })
    }

    #read(): void {
        this.#messages = this.#messages.map((one) => (one.author === 'reporter' && one.state !== 'read' ? { ...one, state: 'read' } : one))
    }

    undo(): string | null {
        return null
    }

    sendNow(): void {
        // Nothing waits here.
    }

    answerAsk(): Promise<void> {
        return Promise.resolve()
    }

    sayHelped(answer: NonNullable<HelpedView['answer']>): void {
        this.#helped = this.#helped && { ...this.#helped, answer, state: 'sent' }
        this.#tell()
    }

    onScreen(): void {
        // Nobody is told.
    }

    loadOlder(): Promise<boolean> {
        return Promise.resolve(false)
    }

    slips(): Promise<readonly Slip[]> {
        return Promise.resolve(this.#slips)
    }

    giveSlip(text: string, queue: number): Promise<void> {
        this.#slips = [...this.#slips, { id: `slip-${++this.#count}`, text, queue }]
        return Promise.resolve()
    }

    takeBackSlip(id: string): Promise<void> {
        this.#slips = this.#slips.filter((slip) => slip.id !== id)
        return Promise.resolve()
    }

    /** A copy of something made up would look like a real one. */
    copying(): Promise<never> {
        return Promise.reject(new SessionFailure('not-resumed'))
    }

    erase(): Promise<void> {
        this.forget()
        return Promise.resolve()
    }

    forget(): void {
        for (const stop of this.#timers) stop()
        this.#timers.clear()
        this.#phrase = null
        this.#messages = []
        this.#openings = []
        this.#slips = []
        this.#helped = null
        this.#madeUp = null
    }

    #view(): CaseView {
        const place: Place = { profession: 'lawyer', state: this.isAnswered ? 'held' : 'waiting' }
        return {
            state: this.isAnswered ? 'held' : 'waiting',
            places: [place],
            opened: { hour: this.#openedHour, urgent: this.#isUrgent },
            here: [],
            messages: this.#messages,
            openings: this.#openings,
            helped: this.#helped,
            alarms: [],
            older: null,
        }
    }

    #add(author: 'reporter' | 'expert', content: ShownMessage['content']): string {
        const key = `made-up-${++this.#count}`
        const isExpert = author === 'expert'
        const message: ShownMessage = {
            key, author, content,
            expertName: isExpert ? (this.#madeUp?.expertName ?? null) : null,
            profession: isExpert ? 'lawyer' : null,
            at: this.#nowS(),
            state: isExpert ? 'received' : 'sent',
            leavesAtMs: null, left: null,
            isNew: isExpert,
        }
        this.#messages = [...this.#messages, message]
        this.#tell()
        return key
    }

    #tell(): void {
        for (const listener of this.#listeners) listener(this.#view())
    }

    readonly #nowS = (): number => Math.floor(this.#tools.nowMs() / 1000)

    /** Never ends when everything was forgotten meanwhile. */
    #pause(delayMs: number): Promise<void> {
        return new Promise((resolve) => {
            const stop = this.#tools.after(delayMs, () => {
                this.#timers.delete(stop)
                resolve()
            })
            this.#timers.add(stop)
        })
    }
}
