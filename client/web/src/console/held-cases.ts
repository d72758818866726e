/**
 * The cases we hold: opened, read newest first, kept up to date, and told to their reporters as opened, delivered and
 * read. SPEC 4
 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { b64decode } from '@lyhty/crypto/encoding'
import { hash, type SignKey } from '@lyhty/crypto/ids'
import { hourOf } from '../session/openings'
import type { EnvelopePage } from './api-types'
import { HeldCase, type Stored } from './conversation'
import { DeskError, type Desk } from './desk'
import type { Keyring } from './keyring'
import type { OwnAct } from './own-entries'
import type { Opened, Place, PlaceKey } from './places'
import { isClosedByMe, isMine, lookedAt, placeOf } from './questions'
import type { ConsoleEvent, ConsoleState } from './state'

/** Messages: what fills a screen, and what takes no longer to verify than somebody waits for a key press. */
const FIRST_PAGE = 30
const OLDER_PAGE = 50

/** Somebody had written meanwhile, or the case has or needs another key: what was refused is nowhere, and sealed anew. */
export const SEALED_ANEW: ReadonlySet<ErrorCode> = new Set(['counter-conflict', 'generation-stale', 'epoch-stale'])
export const MAX_TRIES = 5

export interface AroundCases {
    readonly desk: Desk
    readonly state: () => ConsoleState
    readonly tell: (event: ConsoleEvent) => void
    readonly nowS: () => number
    /** One after another for each place; a failure is told beside the case. */
    readonly inTurn: (key: PlaceKey, work: () => Promise<void>) => Promise<void>
    /** Whether a message of ours is on its way, which says more than a receipt. */
    readonly isSending: (place: Place) => boolean
    /** The newest directory and the seeds that came with it. */
    readonly renew: () => Promise<void>
    /** Gives a case its next key. */
    readonly turn: (place: Place) => Promise<void>
    readonly renewTo: (version: number, keyring: Keyring) => Promise<void>
    /** Has an act stored with what we sign of it for the audit log. SPEC 9.10 */
    readonly storeSigned: (act: OwnAct, send: (entry: string) => Promise<number>) => Promise<number>
    /** What has been read may count. */
    readonly weigh: (place: Place, held: HeldCase) => void
    /** What has been read may end a snooze. */
    readonly wakeIfWritten: (key: PlaceKey) => Promise<void>
}

export class HeldCases {
    readonly #around: AroundCases
    readonly #held = new Map<PlaceKey, HeldCase>()
    /** Whose older messages will be asked for in their turn. */
    readonly #readingOn = new WeakSet<HeldCase>()

    constructor(around: AroundCases) {
        this.#around = around
    }

    has(key: PlaceKey): boolean {
        return this.#held.has(key)
    }

    get(key: PlaceKey): HeldCase | undefined {
        return this.#held.get(key)
    }

    /** The key that a held case's reporter signs with. */
    reporterOf(caseId: string): SignKey | null {
        const key = this.keys().find((each) => this.#place(each)?.case === caseId)
        return (key && this.#held.get(key)?.reporter) ?? null
    }

    /** Whose experts a held case is for. */
    queuesOf(caseId: string): readonly number[] {
        const key = this.keys().find((each) => this.#place(each)?.case === caseId)
        return (key && this.#held.get(key)?.queues) ?? []
    }

    keys(): readonly PlaceKey[] {
        return [...this.#held.keys()]
    }

    /** Believes what the server hands out if it holds together, and shows the newest of it. */
    async open(opened: Opened, keyring: Keyring, isStillIn: () => boolean): Promise<void> {
        const { key } = opened.place
        const held = await HeldCase.open(opened, keyring, (version) => this.#around.renewTo(version, keyring))
        if (!isStillIn()) return held.wipe()
        this.#held.set(key, held)
        await this.catchUp(key)
        if (!this.#around.state().cases.has(key)) this.show(key)
    }

    /** The newest messages at first, and from then on what has come since. */
    async catchUp(key: PlaceKey): Promise<void> {
        const [held, place] = [this.#held.get(key), this.#place(key)]
        if (held === undefined || place === undefined) return
        if (held.newest === 0) await this.#takeOlder(place, held)
        else await this.#takeNewer(place, held)
        this.show(key)
        await this.acknowledge(key)
        await this.#around.wakeIfWritten(key)
        this.#readOn(key, held)
    }

    /** The case has, or needs, another key than the one we sealed with: nothing was stored, and it is sealed anew. */
    async refused(key: PlaceKey, code: ErrorCode): Promise<void> {
        const [held, place] = [this.#held.get(key), this.#place(key)]
        if (held === undefined || place === undefined) return
        if (code === 'epoch-stale') await this.#around.turn(place)
        if (code !== 'counter-conflict') await this.#learn(place, held)
        await this.catchUp(key)
    }

    /** Asks the reporter whether another queue may help, unless that is asked already. SPEC 4.7 */
    async ask(key: PlaceKey, queue: number, text: string): Promise<void> {
        const { desk, nowS, storeSigned } = this.#around
        for (let tries = 1; ; tries++) {
            await this.catchUp(key)
            await this.readOwnChain(key)
            const [held, place] = [this.#held.get(key), this.#place(key)]
            if (held === undefined || place === undefined) throw new DeskError('case-not-held')
            if (held.view.asked.includes(queue)) return
            const { envelope } = await held.seal({ type: 'ask', at: nowS(), queue, text })
            try {
                const seq = await storeSigned({ kind: 'handover', subject: hash(envelope) }, (entry) => desk.putSigned(place.case, envelope.slice(), entry))
                await held.adopt(seq, envelope)
                return this.show(key)
            } catch (error) {
                if (!(error instanceof DeskError) || !SEALED_ANEW.has(error.code) || tries === MAX_TRIES) throw error
                await this.refused(key, error.code)
            }
        }
    }

    async #learn(place: Place, held: HeldCase): Promise<void> {
        await this.#around.renew()
        await held.learn(await this.#around.desk.opened(place))
    }

    /** Until our own last message in this case is known, or there is none: before that, nothing can be sealed. */
    async readOwnChain(key: PlaceKey): Promise<void> {
        const [held, place] = [this.#held.get(key), this.#place(key)]
        if (held === undefined || place === undefined) return
        while (!held.knowsOwnChain) await this.#takeOlder(place, held)
    }

    async #takeNewer(place: Place, held: HeldCase): Promise<void> {
        for (let more = true; more;) {
            const page = await this.#around.desk.envelopes(place.case, held.newest)
            const stored = storedIn(page)
            if (stored.some(({ envelope }) => held.isNews(envelope))) await this.#learn(place, held)
            await held.take(stored)
            more = page.more && page.envelopes.length > 0
        }
    }

    #fetchOlder({ case: caseId }: Place, held: HeldCase): Promise<EnvelopePage> {
        const limit = held.newest === 0 ? FIRST_PAGE : OLDER_PAGE
        return this.#around.desk.envelopesBefore(caseId, held.oldest, limit)
    }

    async #takeOlder(place: Place, held: HeldCase): Promise<void> {
        const page = await this.#fetchOlder(place, held)
        await held.takeOlder(storedIn(page), page.more)
    }

    /** The older messages page by page; whatever else is done to the case goes on while a page is on its way. */
    #readOn(key: PlaceKey, held: HeldCase): void {
        const place = this.#place(key)
        if (place === undefined || !held.hasOlder || this.#readingOn.has(held)) return
        this.#readingOn.add(held)
        const { oldest } = held
        const fetched = this.#fetchOlder(place, held)
        const taken = (): Promise<void> => this.#around.inTurn(key, async () => {
            this.#readingOn.delete(held)
            const page = await fetched
            if (this.#held.get(key) !== held) return
            // Somebody who needed it at once may have taken the same page meanwhile.
            if (held.oldest === oldest) await held.takeOlder(storedIn(page), page.more)
            this.show(key)
            await this.acknowledge(key)
            this.#readOn(key, held)
        })
        void fetched.then(taken, taken)
    }

    /**
     * Has the server store that the case is shown to us, unless that is stored for this hour: before that it is not
     * shown. SPEC 4.6
     */
    async recordOpening(key: PlaceKey): Promise<void> {
        const { isSending, nowS, state } = this.#around
        const [held, place] = [this.#held.get(key), this.#place(key)]
        if (held === undefined || place === undefined || !isMine(state(), place) || isSending(place)) return
        const hour = hourOf(nowS())
        while (!held.knowsOpenings(hour)) await this.#takeOlder(place, held)
        for (let tries = 1; held.openedHour !== hour; tries++) {
            try {
                await this.#putOpening(place, held)
            } catch (error) {
                if (!(error instanceof DeskError)) throw error
                // The pane says that it waits; the next read tries again.
                if (error.code === 'connection-lost') return
                if (tries === MAX_TRIES) throw error
                if (error.code === 'directory-outdated') await this.#around.renew()
                // Another page of ours has written meanwhile, and may have said it.
                else if (error.code === 'counter-conflict') await this.#takeNewer(place, held)
                else throw error
            }
        }
        if (this.#held.get(key) === held) this.show(key)
    }

    async #putOpening(place: Place, held: HeldCase): Promise<void> {
        const { desk, nowS, storeSigned } = this.#around
        const { envelope } = await held.seal({ type: 'opened', at: nowS(), queue: place.queue })
        const seq = await storeSigned({ kind: 'opening', subject: hash(envelope) }, (entry) => desk.putSigned(place.case, envelope.slice(), entry))
        await held.adopt(seq, envelope)
    }

    /** Tells the reporter that it is opened, what has arrived and what has been read, unless a message does. SPEC 4.5 */
    async acknowledge(key: PlaceKey): Promise<void> {
        const { desk, isSending, nowS, state } = this.#around
        const [held, place] = [this.#held.get(key), this.#place(key)]
        if (held === undefined || place === undefined || !isMine(state(), place) || isSending(place)) return
        if (lookedAt(state()) === key) await this.recordOpening(key)
        const owed = held.owes(lookedAt(state()) === key && state().shown === key)
        if (owed === null) return
        const { envelope } = await held.seal({ type: 'receipt', at: nowS(), read: owed === 'read' })
        try {
            await held.adopt(await desk.put(place.case, envelope.slice()), envelope)
            if (this.#held.get(key) === held) this.show(key)
        } catch (error) {
            // It is weighed anew when the case is read again; whatever else is wrong, the next call says.
            if (!(error instanceof DeskError)) throw error
            if (error.code === 'not-signed-in') throw error
        }
    }

    show(key: PlaceKey): void {
        const held = this.#held.get(key)
        if (held !== undefined) this.#around.tell({ type: 'case', key, view: held.view })
        this.weigh(key)
    }

    /** For the figures: when more has been read, and when a place is answered or closed. */
    weigh(key: PlaceKey): void {
        const [held, place] = [this.#held.get(key), this.#place(key)]
        if (held !== undefined && place !== undefined) this.#around.weigh(place, held)
    }

    /** Wipes the keys of cases that are not ours any more, whoever let go of them. */
    forgetLost(): void {
        for (const [key, held] of this.#held) {
            const place = this.#place(key)
            const state = this.#around.state()
            if (place !== undefined && (isMine(state, place) || (isClosedByMe(state, place) && state.selected === key))) continue
            held.wipe()
            this.#held.delete(key)
        }
    }

    wipe(): void {
        for (const held of this.#held.values()) held.wipe()
        this.#held.clear()
    }

    #place(key: PlaceKey): Place | undefined {
        return placeOf(this.#around.state(), key)
    }
}

export const storedIn = (page: EnvelopePage): Stored[] => page.envelopes.map(({ seq, envelope }) => ({ seq, envelope: b64decode(envelope) }))
