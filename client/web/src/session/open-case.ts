/** A case while it is open: fetches and reads, writes, and comes back after the channel was lost. SPEC 6.4 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { ChatContent, ConsentContent, HelpedContent, ReceiptContent } from '@lyhty/crypto/contents'
import { b64decode } from '@lyhty/crypto/encoding'
import { decodeHeader } from '@lyhty/crypto/envelopes'
import { ForgedError, HistoryGapError, ProtocolError } from '@lyhty/crypto/errors'
import { payloadBytes } from '@lyhty/crypto/frames'
import { asHead } from '@lyhty/crypto/ids'
import type { QueueId } from '@lyhty/crypto/ids'
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import { wipe } from '@lyhty/crypto/passphrase'
import { toProveErase } from '@lyhty/crypto/proofs'
import type { Randomness } from '@lyhty/crypto/randomness'
import type { CaseState, Fetched, PlaceState, Resumed, StoredEnvelope } from '@lyhty/crypto/records'
import { sealMessage } from '@lyhty/crypto/sealing'
import type { Sealed } from '@lyhty/crypto/sealing'
import type { PreparedTurn } from '@lyhty/crypto/turning'
import type { Moved } from '../net/messages.ts'
import type { Conversation, Unsent } from './conversation.ts'
import type { Exchange, RequestOptions } from './exchange.ts'
import { codeOf, SessionFailure } from './failure.ts'
import { Helping, questionIn } from './helping.ts'
import { Leaving, UNDO_MS } from './leaving.ts'
import { isOfUnknownGeneration, readEnvelope } from './opening.ts'
import { Receipts } from './receipts.ts'
import { openResumedCase, requestResume } from './resuming.ts'
import type { TrustKeeper } from './trust-keeper.ts'
import { requestHandOver, requestTurn } from './turning.ts'
import type { RequestKey } from './turning.ts'
import type { CaseView, Consent } from './types.ts'

/** The first page shows something after a few slots; later ones may take longer. One slot brings 4 kB. */
const FIRST_PAGE_BYTES = 16_384
const LATER_PAGE_BYTES = 32_768
/** What is not loaded in one piece on coming back after a lost line. */
const MISSED_PAGE_BYTES = 65_536

const BUSY_PAUSE_MS = 2000
/** The server could not do it this time; nobody is wrong, and nobody knows whether it was stored. */
const PASSING: readonly (ErrorCode | undefined)[] = ['busy', 'storage-failed']
/**
 * The same person wrote from another device; an expert gave the case another key; the case needs one, because a queue's
 * key has passed.
 */
const SEALED_ANEW: readonly ErrorCode[] = ['counter-conflict', 'generation-stale', 'epoch-stale']
/** Renewing, resealing and waiting are each tried this often before the person is told. */
const MAX_TRIES = 5

export interface CaseTools {
    readonly exchange: Exchange
    readonly trust: TrustKeeper
    readonly randomness: Randomness
    readonly nowS: () => number
    readonly slotMs: () => number
    readonly pause: (delayMs: number) => Promise<void>
    readonly after: (delayMs: number, task: () => void) => () => void
    readonly nowMs: () => number
}

interface WriteOptions {
    readonly isLate?: boolean
    readonly onLeft?: (left: Moved) => void
    /** Somebody's words: they wait for as long as it takes. What has none is given up after a while. */
    readonly onHeldUp?: () => void
}

export class OpenCase {
    readonly conversation: Conversation
    readonly #keys: ReporterKeys
    readonly #tools: CaseTools
    readonly #changed: () => void
    /** Reading and writing each happen one after another: opening an envelope is asynchronous, its order is not. */
    #reading: Promise<unknown> = Promise.resolve()
    #writing: Promise<unknown> = Promise.resolve()
    readonly #receipts: Receipts
    readonly #leaving: Leaving<string>
    readonly helping: Helping
    #isForgotten = false
    #isComingBack = false
    #isOnScreen = false
    /** The newest `seq` that was before the person's eyes. */
    #seen = 0
    /** Slots of the page of older messages that is arriving now. */
    #slotsArrived = 0

    constructor(conversation: Conversation, keys: ReporterKeys, tools: CaseTools, changed: () => void) {
        this.conversation = conversation
        this.#keys = keys
        this.#tools = tools
        this.#leaving = new Leaving(tools.after)
        this.#changed = () => {
            changed()
            this.#receipts.weigh()
        }
        this.helping = new Helping(
            tools,
            () => questionIn(conversation.history, tools.nowS()),
            (tap) => this.#inWritingOrder(() => this.#write(() => this.#seal({ type: 'helped', at: tools.nowS(), ...tap }), { isLate: true })),
            () => this.#changed(),
        )
        this.#receipts = new Receipts(
            () => this.#receiptOwed(),
            () => this.#inWritingOrder(() => this.#write(() => this.#sealReceipt())),
            tools.pause,
        )
    }

    get view(): CaseView {
        return { ...this.conversation.view(), helped: this.helping.view(), older: this.#older }
    }

    /** Bytes say how far it is, because slots carry bytes. */
    get #older(): CaseView['older'] {
        const { more, newest } = this.conversation.history
        if (!more || newest === 0) return null
        const { here, toCome } = this.conversation.historyBytes
        const arrived = Math.min(toCome, this.#slotsArrived * payloadBytes('down'))
        const slots = Math.ceil((toCome - arrived) / payloadBytes('down'))
        return {
            percent: Math.floor((100 * (here + arrived)) / (here + toCome)),
            secondsLeft: Math.ceil((slots * this.#tools.slotMs()) / 1000),
        }
    }

    onScreen(isOn: boolean): void {
        this.#isOnScreen = isOn
        if (isOn) this.#seen = this.conversation.history.newest
        this.#receipts.weigh()
    }

    /** What waited in line when everything was wiped is not done any more, least of all with keys of zeros. */
    #checkNotForgotten(): void {
        if (this.#isForgotten) throw new SessionFailure('not-resumed')
    }

    #inReadingOrder<T>(task: () => Promise<T>): Promise<T> {
        const result = this.#reading.then(() => {
            this.#checkNotForgotten()
            return task()
        })
        // Whoever asked hears of the failure; the next in line starts all the same.
        this.#reading = result.catch(() => undefined)
        return result
    }

    #inWritingOrder<T>(task: () => Promise<T>): Promise<T> {
        const result = this.#writing.then(() => {
            this.#checkNotForgotten()
            return task()
        })
        this.#writing = result.catch(() => undefined)
        return result
    }

    #fetch(before: number, after: number, maxBytes: number, options: RequestOptions = {}): Promise<Fetched> {
        return this.#tools.exchange.request('fetch', () => ({ operation: 'fetch', before, after, maxBytes }), options)
    }

    async #read({ seq, envelope }: StoredEnvelope): Promise<void> {
        const { conversation } = this
        const { history } = conversation
        history.passed(seq)
        try {
            const { objectId } = decodeHeader(envelope)
            if (history.has(seq, objectId)) return
            if (isOfUnknownGeneration(conversation, envelope)) await this.#learnGenerations()
            const message = await this.#readVouched(seq, envelope)
            if (history.contradicts(seq, objectId)) throw new HistoryGapError('two histories')
            history.add(message)
            conversation.sealed.set(seq, envelope)
        } catch (error) {
            if (!(error instanceof ProtocolError)) throw error
            // What cannot be verified is not shown; the rest is.
            conversation.alarm(error instanceof HistoryGapError ? error.code : 'envelope-tampered')
        }
    }

    async #readVouched(seq: number, envelope: Uint8Array): ReturnType<typeof readEnvelope> {
        const { trust } = this.#tools
        try {
            return await readEnvelope(this.conversation, await trust.directory(), seq, envelope)
        } catch (error) {
            if (!(error instanceof ForgedError)) throw error
            return readEnvelope(this.conversation, await trust.renew(), seq, envelope)
        }
    }

    async #learnGenerations(): Promise<void> {
        this.#learn(await openResumedCase(this.#tools, await this.#resume(), this.#keys))
    }

    /** However long the server has no time: until it answers, what was written stays unsent. */
    async #resume(): Promise<Resumed> {
        for (let tries = 1; ; tries++) {
            this.#checkNotForgotten()
            try {
                return await requestResume(this.#tools, this.#keys.auth, { patient: true })
            } catch (error) {
                if (!PASSING.includes(codeOf(error))) throw error
                await this.#tools.pause(BUSY_PAUSE_MS * Math.min(tries, MAX_TRIES))
            }
        }
    }

    #learn(newer: Conversation): void {
        this.conversation.learn(newer.generations)
        this.conversation.state = newer.state
        this.conversation.places = newer.places
        this.conversation.opened = newer.opened
        this.#changed()
    }

    /** Newest first; `more` when they are the oldest so far, and is true when there are older ones. */
    async #readAll(envelopes: readonly StoredEnvelope[], more?: boolean): Promise<void> {
        for (const { envelope } of envelopes) this.conversation.arrivedBytes(envelope.length)
        // Oldest first within a page, so that alarms speak of the first thing that is wrong.
        for (const stored of envelopes.toReversed()) await this.#read(stored)
        if (more !== undefined) this.conversation.history.more = more
        this.#changed()
    }

    readFirstPage(options: RequestOptions): Promise<void> {
        return this.#inReadingOrder(async () => {
            const page = await this.#fetch(0, 0, FIRST_PAGE_BYTES, options)
            await this.#readAll(page.envelopes, page.more)
        })
    }

    readOlder(): Promise<boolean> {
        return this.#inReadingOrder(async () => {
            if (!this.conversation.history.more) return false
            const { newest, oldest } = this.conversation.history
            const page = await this.#fetch(newest === 0 ? 0 : oldest, 0, LATER_PAGE_BYTES, {
                onMoved: (direction, { done }) => {
                    if (direction !== 'receiving') return
                    this.#slotsArrived = done
                    this.#changed()
                },
            })
            this.#slotsArrived = 0
            // A server that says there is more and hands out nothing is not asked for ever.
            const more = page.more && page.envelopes.length > 0
            await this.#readAll(page.envelopes, more)
            return more
        })
    }

    /** Everything that came after the newest read message; pages come newest first, reading waits for all of them. */
    async #readNewer(): Promise<void> {
        const after = this.conversation.history.newest
        const envelopes: StoredEnvelope[] = []
        for (let before = 0, more = true; more;) {
            const page = await this.#fetch(before, after, MISSED_PAGE_BYTES, { patient: true })
            envelopes.push(...page.envelopes)
            before = page.envelopes.at(-1)?.seq ?? 0
            more = page.more && before > 0
        }
        await this.#readAll(envelopes)
    }

    /** An envelope arrived by itself. */
    arrived(stored: StoredEnvelope): Promise<void> {
        return this.#inReadingOrder(() => this.#readNext(stored))
    }

    /** One of the reporter's own was acknowledged. SPEC 4.3: under the number of another it was not stored. */
    #acknowledged(seq: number, { envelope, header }: Sealed, begun?: PreparedTurn): Promise<void> {
        return this.#inReadingOrder(async () => {
            if (!this.conversation.history.canBeStoredAs(seq, header.objectId)) {
                this.conversation.alarm('history-gap')
                this.#changed()
                throw new SessionFailure('history-gap')
            }
            if (begun !== undefined) this.conversation.generations.set(begun.roster.generation, { roster: begun.roster, key: begun.caseKey })
            await this.#readNext({ seq, envelope })
        })
    }

    async #readNext(stored: StoredEnvelope): Promise<void> {
        if (stored.seq > this.conversation.history.newest + 1) await this.#readNewer()
        else await this.#readAll([stored])
    }

    stateChanged(state: CaseState, places: readonly PlaceState[]): void {
        this.conversation.state = state
        this.conversation.places = places
        this.#changed()
    }

    presenceChanged(here: readonly QueueId[]): void {
        this.conversation.here = here
        this.#changed()
    }

    /** What is written now waits for the next channel. */
    lost(): void {
        this.conversation.isBound = false
        this.#changed()
    }

    /** After a new channel was opened: proves who is here, learns what changed, fetches what is new. */
    async reattach(): Promise<void> {
        // One that waits to try again does so on whatever channel there is by then.
        if (this.#isComingBack) return
        this.#isComingBack = true
        const resumed = this.#resume().finally(() => {
            this.#isComingBack = false
        })
        const read = this.#inReadingOrder(async () => {
            const newer = await openResumedCase(this.#tools, await resumed, this.#keys)
            this.conversation.isBound = true
            this.#learn(newer)
            await this.#readNewer()
        })
        // A refusal is told at once: what is read before may wait for the very channel that was refused.
        await Promise.all([resumed, read])
    }

    forget(): void {
        this.#isForgotten = true
        this.#leaving.forget()
        this.helping.forget()
        this.conversation.wipe()
        wipe(this.#keys)
    }

    /** Resolves when the server has the message for good, or when it was taken back. */
    async sendChat(unsent: Unsent): Promise<void> {
        unsent.leavesAtMs = this.#tools.nowMs() + UNDO_MS
        this.conversation.addUnsent(unsent)
        const leaving = this.#leaving.wait(unsent.key)
        this.#changed()
        const leaves = await leaving
        unsent.leavesAtMs = null
        if (leaves) return this.#deliver(unsent)
        this.conversation.dropUnsent(unsent)
        this.#changed()
    }

    undo(key: string): string | null {
        if (!this.#leaving.has(key)) return null
        const typed = this.conversation.unsent(key)?.typed ?? null
        this.#leaving.undo(key)
        return typed
    }

    sendNow(key: string): void {
        this.#leaving.nowInOrder(key)
    }

    async #deliver(unsent: Unsent): Promise<void> {
        this.#changed()
        try {
            await this.#inWritingOrder(() => this.#write(() => this.#sealChat(unsent), {
                onLeft: (left) => {
                    unsent.left = left
                    this.#changed()
                },
                onHeldUp: () => {
                    unsent.left = null
                    unsent.isHeldUp = true
                    this.#changed()
                },
            }))
        } finally {
            this.conversation.dropUnsent(unsent)
            this.#changed()
        }
    }

    async #sealChat(unsent: Unsent): Promise<Sealed> {
        while (!this.conversation.history.knowsOwnChain) await this.readOlder()
        const sealed = await this.#seal({ type: 'chat', at: this.#tools.nowS(), text: unsent.text })
        this.conversation.named(unsent, sealed.header.objectId)
        return sealed
    }

    /** SPEC 4.5: none in a closed case, none while something is written that says more. */
    #receiptOwed(): 'delivered' | 'read' | null {
        const { conversation } = this
        const isAble = conversation.isBound && conversation.history.knowsOwnChain && !this.#isForgotten
        if (!isAble || conversation.state === 'closed' || conversation.isWriting) return null
        const { history } = conversation
        return this.#isOnScreen || this.#seen >= history.newestOfOthers ? history.told.owedSeen : history.told.owedUnseen
    }

    async #sealReceipt(): Promise<Sealed | null> {
        const owed = this.#receiptOwed()
        return owed && this.#seal({ type: 'receipt', at: this.#tools.nowS(), read: owed === 'read' })
    }

    async #seal(content: ChatContent | ConsentContent | HelpedContent | ReceiptContent): Promise<Sealed> {
        const { conversation } = this
        const directory = await this.#tools.trust.directory()
        this.#checkNotForgotten()
        const { roster, key } = conversation.current
        return sealMessage(
            {
                instance: directory.instance,
                caseId: conversation.caseId,
                key,
                author: this.#keys.sign,
                directoryVersion: directory.version,
            },
            roster.generation,
            conversation.history.chains.chains.next(conversation.reporter),
            content,
            this.#tools.randomness,
        )
    }

    /** `seal` gives null when there is nothing to say any more. `isLate`: a closed case takes it too. SPEC 6.4 */
    async #write(seal: () => Promise<Sealed | null>, { isLate = false, onLeft, onHeldUp }: WriteOptions = {}): Promise<void> {
        let sealed = await seal()
        let [sealings, pauses] = [1, 0]
        while (sealed !== null) {
            const { envelope } = sealed
            this.#checkNotForgotten()
            try {
                const operation = isLate && this.conversation.state === 'closed' ? 'putLate' : 'put'
                const { seq } = await this.#tools.exchange.request(operation, () => ({ operation, envelope }), {
                    patient: true,
                    onMoved: (direction, moved) => {
                        if (direction === 'sending' && moved.total > 1) onLeft?.(moved)
                    },
                })
                return await this.#acknowledged(seq, sealed)
            } catch (error) {
                const code = codeOf(error)
                if (PASSING.includes(code) && (onHeldUp !== undefined || pauses + 1 < MAX_TRIES)) {
                    // The same bytes again.
                    onHeldUp?.()
                    pauses += 1
                    await this.#tools.pause(BUSY_PAUSE_MS * Math.min(pauses, MAX_TRIES))
                } else if (code !== undefined && SEALED_ANEW.includes(code) && sealings < MAX_TRIES) {
                    // It was refused, so it is nowhere: read what is newer, then say it as a new object.
                    sealings += 1
                    if (code === 'epoch-stale') await this.#turnKey()
                    if (code === 'generation-stale') await this.#learnGenerations()
                    await this.#inReadingOrder(() => this.#readNewer())
                    sealed = await seal()
                } else throw error
            }
        }
    }

    /** Resolves when the server has the answer for good. SPEC 4.7 */
    answer(question: string, what: Consent): Promise<void> {
        return this.#inWritingOrder(async () => {
            if (what === 'no') {
                const asked = asHead(b64decode(question))
                return this.#write(() => this.#seal({ type: 'consent', at: this.#tools.nowS(), asked, what, kem: null }))
            }
            const request = requestHandOver(question, what)
            for (let tries = 1; !(await this.#turnKey(request)); tries++) {
                if (tries === MAX_TRIES) throw new SessionFailure('case-changed')
                await this.#inReadingOrder(() => this.#readNewer())
            }
        })
    }

    /** Whether it is done; if not, what the server knows more has to be read first. */
    async #turnKey(request: RequestKey = requestTurn): Promise<boolean> {
        const directory = await this.#tools.trust.renew()
        while (this.conversation.history.more) await this.readOlder()
        this.#checkNotForgotten()
        try {
            const { seq, turn } = await request(this.#tools, this.conversation, this.#keys, directory)
            await this.#acknowledged(seq, turn.message, turn)
            return true
        } catch (error) {
            const code = codeOf(error)
            if (code === 'generation-stale') await this.#learnGenerations()
            // Somebody wrote meanwhile: the next try begins with that.
            // What was before must be nobody's but the present readers', before somebody else joins them.
            else if (code === 'epoch-stale') await this.#turnKey()
            else if (code !== 'case-changed' && code !== 'counter-conflict') throw error
            return false
        }
    }

    async erase(): Promise<void> {
        const proof = this.#keys.sign.sign(toProveErase(this.#tools.trust.instance, this.conversation.caseId))
        try {
            await this.#tools.exchange.request('erase', () => ({ operation: 'erase', proof }))
        } catch (error) {
            // Erased from another device, or by this very operation whose answer was lost: that is what was asked for.
            const code = codeOf(error)
            if (code !== 'case-erased' && code !== 'mailbox-unknown') throw error
        }
    }
}
