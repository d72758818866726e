/**
 * An expert at work: signs in, keeps the queues and the held cases up to date, claims, answers, closes. SPEC 2.3, 4, 9
 *
 * It tells what happened as events; the screen is a function of them. Nothing leaves unsealed, and sealed bytes whose
 * fate is unknown are sent again as they are, never sealed twice.
 */
import { b64encode } from '@lyhty/crypto/encoding'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { problemOfText, type AnswerContent, type ChatContent, type TurnContent } from '@lyhty/crypto/contents'
import { Asides } from './asides'
import { isCovered } from './care'
import { Audit } from './audit'
import { Contributing } from './contributing'
import { OrganisationBook } from './organisations'
import { ReleaseBook } from './releases'
import { Kits } from './kits'
import { ViewerBook } from './viewers'
import { CardOpener } from './card-opener'
import { Access } from './access'
import { AfterClosing } from './after-closing'
import { codeOf } from './code-of'
import { DeskError, type Desk } from './desk'
import type { DeviceCode } from './device-code'
import { Doors } from './doors'
import { HeldCases } from './held-cases'
import { KeptDrafts } from './kept-drafts'
import { LeavingReplies, type Clock } from './leaving-replies'
import type { Keyring } from './keyring'
import { ListActs } from './list-acts'
import { Outbox } from './outbox'
import { OwnEntries } from './own-entries'
import { OwnPassword } from './own-password'
import { People } from './people'
import { PeopleWatch } from './people-watch'
import type { FeedEvent, Opened, Place, PlaceKey } from './places'
import { QueueReader } from './queue-reader'
import { Recovering } from './recovery'
import { contentOf } from './replies'
import { Rooms } from './rooms'
import { Shelves } from './shelves'
import { isClosedByMe, isMine, placeOf } from './questions'
import { NO_DRAFT, type Busy, type ConsoleEvent, type ConsoleState } from './state'
import type { Credentials, SignedInKeys, SignInGate } from './sign-in'
import { turnCase } from './turning'

/** Besides the feed, so that not even a lost event can hide a case for longer. */
const READ_AGAIN_MS = 60_000

/** Somebody changed the place, and the feed has not said so yet. */
const OUTDATED: ReadonlySet<ErrorCode> = new Set(['case-already-claimed', 'case-not-held', 'case-closed'])

export class Session {
    readonly #desk: Desk
    readonly #gate: SignInGate
    readonly #tell: (event: ConsoleEvent) => void
    readonly #state: () => ConsoleState
    readonly #nowS: () => number

    #keyring: Keyring | null = null
    readonly #held: HeldCases
    readonly #outbox: Outbox
    /** What is being done to a place, one after another. */
    readonly #turns = new Map<PlaceKey, Promise<void>>()
    #isReading = false
    #shouldRead = false
    #readAgain: ReturnType<typeof setInterval> | undefined
    #askedVersion = 0
    readonly drafts: KeptDrafts
    readonly asides: Asides
    readonly #rooms: Rooms
    readonly lists: ListActs
    readonly #queues: QueueReader
    readonly #cards: CardOpener
    readonly people: People
    readonly recovery: Recovering
    readonly #watch: PeopleWatch
    readonly shelves: Shelves
    readonly audit: Audit
    readonly #contributing: Contributing
    readonly #afterClosing: AfterClosing
    readonly organisations: OrganisationBook
    readonly releases: ReleaseBook
    readonly kits: Kits
    readonly viewers: ViewerBook
    readonly leaving: LeavingReplies
    readonly access: Access
    readonly doors: Doors
    readonly password: OwnPassword

    constructor(desk: Desk, gate: SignInGate, storage: Storage | null, state: () => ConsoleState, tell: (event: ConsoleEvent) => void, clock: Clock, device: DeviceCode) {
        const nowS = (): number => Math.floor(clock.nowMs() / 1_000)
        this.#desk = desk
        this.#gate = gate
        this.access = new Access(desk, () => this.#keyring)
        this.drafts = new KeptDrafts(storage, state, tell, nowS)
        this.leaving = new LeavingReplies(clock, tell)
        this.doors = new Doors({ drafts: this.drafts, tell, isOpen: () => this.#keyring !== null, shut: () => this.#shut(), signIn: (credentials) => this.signIn(credentials) })
        this.password = new OwnPassword({
            desk, nowS, toiler: gate.toiler,
            keyring: () => this.#keyring,
            rest: (ms) => new Promise((rested) => clock.after(ms, () => rested())),
            changed: ({ code, nextCode }) => {
                this.doors.renew(code, nextCode)
                device.renew(code, nextCode)
            },
        })
        this.#state = state
        this.#tell = tell
        this.#nowS = nowS
        this.#rooms = new Rooms({ desk, tell, nowS, keyring: () => this.#keyring, reporterOf: (caseId) => this.#held.reporterOf(caseId) })
        this.asides = new Asides({ rooms: this.#rooms, state, tell, queuesOf: (caseId) => this.#held.queuesOf(caseId), failed: (error) => this.#told(error) })
        this.shelves = new Shelves({ desk, tell, nowS, keyring: () => this.#keyring })
        this.#contributing = new Contributing({ desk, storage, nowS, keyring: () => this.#keyring })
        this.#afterClosing = new AfterClosing({
            desk, storage, nowS,
            keyring: () => this.#keyring,
            renewTo: (version, keyring) => this.#renewTo(version, keyring),
            weigh: (place, said) => this.#contributing.weigh(place, said),
            tell: (keys) => tell({ type: 'late', keys }),
        })
        this.organisations = new OrganisationBook(desk)
        this.releases = new ReleaseBook(desk, () => this.#keyring)
        this.kits = new Kits(desk)
        this.viewers = new ViewerBook(desk, () => this.#keyring)
        const entries = new OwnEntries(desk, nowS)
        this.audit = new Audit({ desk, entries, storage, keyring: () => this.#keyring, renew: (keyring) => this.#renewTrust(keyring), tell: (audit) => tell({ type: 'audit', audit }) })
        this.people = new People({ desk, entries, tell, nowS, keyring: () => this.#keyring, renew: (keyring) => this.#renewTrust(keyring), split: (keyring, unowned) => this.recovery.split(keyring, unowned), turn: (caseId, queue, reason) => this.#turn(caseId, queue, reason) })
        this.#watch = new PeopleWatch(storage, tell)
        this.recovery = new Recovering({
            desk, storage, tell, nowS,
            keyring: () => this.#keyring,
            certify: (act) => this.people.certify(act),
            opened: () => {
                void this.readAll()
                void this.people.turnAll('departure')
            },
        })
        this.#held = new HeldCases({
            desk, state, tell, nowS,
            inTurn: (key, work) => this.#inTurn(key, work),
            isSending: (place) => this.#outbox.has(place.case) || state().busy.get(place.key) === 'sending',
            renewTo: (version, keyring) => this.#renewTo(version, keyring),
            storeSigned: (act, send) => entries.store(this.#must(), act, send),
            weigh: (place, held) => this.#contributing.weigh(place, held.forFigures),
            wakeIfWritten: (key) => this.lists.wakeIfWritten(key),
            renew: () => this.#renewed(),
            turn: ({ case: caseId, queue }) => this.#turn(caseId, queue, 'schedule'),
        })
        this.#outbox = new Outbox({ desk, tell, held: this.#held, place: (key) => this.#place(key), inTurn: (key, work) => this.#inTurn(key, work) })
        const timeMs = (): number => performance.now()
        this.lists = new ListActs({
            desk, state, tell, timeMs, held: this.#held,
            doing: (key, busy, work) => this.#doing(key, busy, work),
            open: (opened, keyring) => this.#open(opened, keyring),
        })
        this.#cards = new CardOpener({ state, tell, timeMs, rest: () => new Promise((rested) => setTimeout(rested)) })
        this.#queues = new QueueReader({ desk, state, tell, openCards: (places) => this.#openCards(places) })
    }

    signIn(credentials: Credentials): Promise<void> {
        return this.#enter(() => this.#gate.signIn(credentials, (percent) => this.#tell({ type: 'signing-in', percent })), credentials)
    }

    signInByPasskey(): Promise<void> {
        return this.#enter(() => this.#gate.signInByPasskey(), null)
    }

    async #enter(prove: () => Promise<SignedInKeys>, credentials: Credentials | null): Promise<void> {
        this.#tell({ type: 'signing-in', percent: null })
        try {
            const { keyring, draftKey, keysHour } = await prove()
            if (this.#state().writer !== b64encode(keyring.expert)) this.#outbox.clear()
            await this.#contributing.begin(keyring, draftKey.slice())
            await this.#afterClosing.begin(keyring, draftKey.slice())
            const kept = await this.drafts.begin(keyring, draftKey)
            this.doors.opened(credentials)
            this.#begin(keyring, keysHour)
            this.#tell({ type: 'restored', ...kept })
            void this.#contributing.bring()
            void this.#afterClosing.look()
        } catch (error) {
            this.#desk.signOut()
            this.#tell({ type: 'sign-in-failed', code: codeOf(error) })
        }
    }

    signOut(): void {
        this.drafts.forgetAll()
        this.doors.forget()
        this.#end()
        this.#outbox.clear()
        this.#tell({ type: 'signed-out' })
    }

    /** Shows a place; a case we hold is opened on the way. */
    select(key: PlaceKey, pane: 'list' | 'case' = 'case'): void {
        this.#tell({ type: 'select', key, pane })
        this.#tell({ type: 'advising', on: false })
        const place = this.#place(key)
        if (place === undefined || !(isMine(this.#state(), place) || isClosedByMe(this.#state(), place))) return
        if (this.#held.has(key)) return void this.#afterClosing.looked(key)
        void this.#doing(key, 'opening', async (keyring) => {
            await this.#openHeld(place, keyring)
            await this.#afterClosing.looked(key)
        })
    }

    claim(key: PlaceKey): void {
        const place = this.#place(key)
        if (place === undefined || place.state !== 'waiting') return
        void this.#doing(key, 'claiming', async (keyring) => {
            const opened = await this.#desk.claim(place)
            this.#tell({ type: 'place', place: opened.place, by: 'claimed' })
            await this.#open(opened, keyring)
            // Whoever claims is there to read, but for what is covered until they ask for it.
            if (!isCovered(this.#state(), opened.place)) await this.#held.recordOpening(key)
        })
    }

    release(key: PlaceKey): void {
        const place = this.#place(key)
        if (place === undefined) return
        void this.#doing(key, 'releasing', () => this.asides.afterwards(async () => this.#letGo(await this.#desk.release(place), 'released')))
    }

    close(key: PlaceKey): void {
        const place = this.#place(key)
        if (place === undefined) return
        void this.#doing(key, 'closing', () => this.asides.afterwards(async () => this.#letGo(await this.#desk.close(place), 'closed')))
    }

    /** Lets what is written leave soon, and until then be taken back. It stays a draft until the server has stored it. */
    async send(key: PlaceKey): Promise<void> {
        const [place, keyring] = [this.#place(key), this.#keyring]
        const { busy, shown } = this.#state()
        // SPEC 4.6: who cannot see the case yet answers nothing in it.
        if (place === undefined || keyring === null || busy.has(key) || this.#outbox.has(place.case) || shown !== key) return
        try {
            this.#written(place, keyring)
        } catch (error) {
            return this.#fail(key, error)
        }
        if (await this.leaving.wait(key)) this.#seal(place)
    }

    /** Asks the reporter whether another profession may help; what went wrong is told where it was written. */
    async askHandover(key: PlaceKey, queue: number, text: string): Promise<ErrorCode | null> {
        if (this.#state().busy.has(key)) return 'busy'
        const problem = problemOfText(text)
        if (problem !== null) return problem
        let failed: ErrorCode | null = null
        await this.#doing(key, 'asking', () => this.#held.ask(key, queue, text).catch((error: unknown) => { failed = this.#told(error) }))
        return failed
    }

    /** What is written for a place, if it can be sent. */
    #written({ key, queue }: Place, keyring: Keyring): AnswerContent | ChatContent {
        const profession = keyring.directory.queue(queue)?.profession
        if (!this.#held.has(key) || profession === undefined) throw new DeskError('case-not-held')
        return contentOf(this.#state().drafts.get(key) ?? NO_DRAFT, profession, this.#nowS())
    }

    #seal(place: Place): void {
        const { key } = place
        void this.#doing(key, 'sending', async (keyring) => {
            const content = this.#written(place, keyring)
            if (this.#nowS() > keyring.directory.claims.expires) await this.#renewTrust(keyring)
            await this.#outbox.put(place, content)
        })
    }

    /** Reads every queue of ours from the start, and what is new in the held cases. */
    async readAll(): Promise<void> {
        // A read that is under way may have begun before what we are asked to see.
        this.#shouldRead = true
        if (this.#isReading) return
        this.#isReading = true
        try {
            while (this.#shouldRead) {
                this.#shouldRead = false
                await this.#readEverything()
            }
        } finally {
            this.#isReading = false
        }
    }

    /** The next page of the closed cases. */
    async readClosed(): Promise<void> {
        const keyring = this.#keyring
        if (keyring === null) return
        await this.#queues.readClosed(keyring.self.queues, () => this.#keyring === keyring).catch((error: unknown) => this.#fail(null, error))
    }

    #begin(keyring: Keyring, keysHour: number | null): void {
        this.#keyring = keyring
        this.#cards.begin(keyring)
        const { self } = keyring
        this.#tell({ type: 'signed-in', me: { expert: b64encode(keyring.expert), name: self.name, queues: self.queues, coordinator: self.coordinator, keysHour } })
        this.#tellDirectory(keyring)
        this.people.begin(keyring).catch((error: unknown) => this.#fail(null, error)).finally(() => this.#readRecovery())
        this.audit.begin(keyring).catch((error: unknown) => this.#fail(null, error))
        this.#desk.startFeed({
            onConnection: (connection) => {
                this.#tell({ type: 'connection', connection })
                // A refused token looks like a lost connection; a call tells the difference.
                if (connection === 'lost') void this.readAll()
            },
            onEvent: (event) => this.#hear(event),
        })
        this.#readAgain = setInterval(() => void this.readAll(), READ_AGAIN_MS)
        void this.readAll()
    }

    #end(): void {
        clearInterval(this.#readAgain)
        this.leaving.forget()
        this.drafts.end()
        this.#contributing.end()
        this.#afterClosing.end()
        this.lists.end()
        this.#cards.end()
        this.#queues.forget()
        this.#outbox.stop()
        this.#desk.signOut()
        this.#held.wipe()
        this.#rooms.wipe()
        this.shelves.wipe()
        this.password.forget()
        this.#keyring?.wipe()
        this.#keyring = null
        this.#askedVersion = 0
    }

    /** For a lock. */
    #shut(): void {
        this.#outbox.forgetWords()
        this.#end()
    }

    #hear(event: FeedEvent): void {
        switch (event.type) {
            case 'ready':
                this.#tell({ type: 'nobody-here' })
                void this.readAll()
                return
            case 'refused':
                return this.#expire()
            case 'place':
                this.#tell({ type: 'place', place: event.place, by: 'feed' })
                this.#held.weigh(event.place.key)
                this.#held.forgetLost()
                if (event.place.state !== 'closed') this.#openCards([event.place])
                return this.#openMine()
            case 'erased':
                this.#tell({ type: 'erased', case: event.case })
                return this.#held.forgetLost()
            case 'here':
                return this.#tell(event)
            case 'trust':
                return this.#heardOf(event.version)
            case 'room':
                return this.asides.read(event.case)
            case 'shelf':
                return this.#readShelves()
            case 'answering':
                return this.lists.hear(event)
            case 'application':
                return void this.people.read().catch((error: unknown) => this.#fail(null, error))
            case 'recovery':
                return this.#readRecovery()
            case 'envelope':
                this.#tell({ type: 'envelope', case: event.case, seq: event.seq })
                for (const key of this.#held.keys()) {
                    if (this.#place(key)?.case === event.case) void this.#inTurn(key, () => this.#held.catchUp(key))
                }
                // Of a case that is nobody's any more, who closed it is told.
                if (![...this.#state().queues.places.values()].some((place) => place.case === event.case)) void this.#afterClosing.look()
        }
    }

    async #readEverything(): Promise<void> {
        const keyring = this.#keyring
        if (keyring === null) return
        try {
            for (const queue of keyring.self.queues) await this.#queues.read(queue, () => this.#keyring === keyring)
            this.#held.forgetLost()
            await this.#outbox.flush()
            this.asides.read(null)
            this.#readShelves()
            for (const key of this.#held.keys()) await this.#inTurn(key, () => this.#held.catchUp(key))
            this.#openMine()
        } catch (error) {
            if (this.#keyring === keyring) this.#fail(null, error)
        }
    }

    #readShelves(): void {
        this.shelves.read().catch((error: unknown) => this.#fail(null, error))
    }

    /** Every case of ours is read, looked at or not: what is new in it is known only to who has opened it. */
    #openMine(): void {
        const state = this.#state()
        for (const place of state.queues.places.values()) {
            const { key } = place
            if (!isMine(state, place) || this.#held.has(key) || state.busy.has(key) || state.errors.has(key)) continue
            void this.#inTurn(key, async () => {
                if (this.#keyring !== null) await this.#openHeld(place, this.#keyring)
            })
        }
    }

    async #openHeld(place: Place, keyring: Keyring): Promise<void> {
        if (!this.#held.has(place.key)) await this.#open(await this.#desk.opened(place), keyring)
    }

    #openCards(places: readonly Place[]): void {
        this.#cards.open(places).catch((error: unknown) => this.#fail(null, error))
    }

    #open(opened: Opened, keyring: Keyring): Promise<void> {
        return this.#held.open(opened, keyring, () => this.#keyring === keyring).then(() => this.asides.read(opened.place.case))
    }

    /** Somebody asks to see what is covered: they are there to read it. */
    uncover(key: PlaceKey): void {
        this.#tell({ type: 'uncover', key })
        if (this.#held.has(key)) void this.#inTurn(key, () => this.#held.recordOpening(key))
    }

    /** A case has come before somebody's eyes: its reporter may know. */
    looked(key: PlaceKey): void {
        if (this.#held.has(key)) void this.#inTurn(key, () => this.#held.acknowledge(key))
    }

    #letGo(place: Place, by: 'released' | 'closed'): void {
        this.#tell({ type: 'place', place, by })
        this.#held.weigh(place.key)
        this.#held.forgetLost()
    }

    async #renewTo(version: number, keyring: Keyring): Promise<void> {
        // Once for each version: an author can name any number.
        if (version <= keyring.directory.version || version <= this.#askedVersion) return
        this.#askedVersion = version
        await this.#renewTrust(keyring)
    }

    #heardOf(version: number): void {
        if (this.#keyring !== null) this.#renewTo(version, this.#keyring).catch((error: unknown) => this.#fail(null, error))
    }

    async #turn(caseId: string, queue: number, reason: TurnContent['reason']): Promise<void> {
        if (this.#keyring === null) return
        await turnCase({ desk: this.#desk, keyring: this.#keyring, nowS: this.#nowS, renew: () => this.#renewed() }, caseId, queue, reason)
    }

    async #renewed(): Promise<void> {
        if (this.#keyring !== null) await this.#renewTrust(this.#keyring)
    }

    async #renewTrust(keyring: Keyring): Promise<void> {
        const before = keyring.self.queues
        await keyring.renew(await this.#gate.directory(), await this.#desk.ownWraps())
        this.#tellDirectory(keyring)
        if (keyring.self.queues.some((queue) => !before.includes(queue))) void this.readAll()
        this.#readRecovery()
        this.#readShelves()
    }

    #readRecovery(): void {
        this.recovery.read().catch((error: unknown) => this.#fail(null, error))
    }

    /** Somebody has read what changed among the people. */
    readPeopleNews(): void {
        if (this.#keyring !== null) this.#watch.read(this.#keyring)
    }

    #tellDirectory(keyring: Keyring): void {
        const { names, directory } = keyring
        this.#watch.look(keyring)
        this.#tell({ type: 'names', names })
        this.#tell({ type: 'directory', experts: directory.claims.experts, expires: directory.claims.expires })
    }

    /** Does something to a place while the screen says so; a failure is told beside the case. */
    async #doing(key: PlaceKey, busy: Busy, work: (keyring: Keyring) => Promise<void> | void): Promise<void> {
        if (this.#state().busy.has(key)) return
        this.#tell({ type: 'busy', key, busy })
        await this.#inTurn(key, async () => {
            const keyring = this.#keyring
            if (keyring !== null) await work(keyring)
        })
        const place = this.#place(key)
        const isUnderWay = place !== undefined && this.#outbox.isFrom(place)
        if (!isUnderWay && this.#state().busy.get(key) === busy) this.#tell({ type: 'busy', key, busy: null })
    }

    #inTurn(key: PlaceKey, work: () => Promise<void>): Promise<void> {
        const turn = (this.#turns.get(key) ?? Promise.resolve()).then(work).catch((error: unknown) => this.#fail(key, error))
        this.#turns.set(key, turn)
        return turn
    }

    #fail(key: PlaceKey | null, error: unknown): void {
        if (this.#keyring === null) return
        const code = codeOf(error)
        if (code === 'not-signed-in') return this.#expire()
        // The connection line says it already; a read that failed comes again.
        if (code === 'connection-lost' && key === null) return
        if (key !== null && (code === 'case-erased' || code === 'case-unknown')) {
            this.#tell({ type: 'erased', case: key.slice(0, key.indexOf('/')) })
            this.#held.forgetLost()
        }
        this.#tell({ type: 'failed', key, code })
        // Not from inside a read, which would go round and round with a server that contradicts itself.
        if (!this.#isReading && OUTDATED.has(code)) void this.readAll()
    }

    /** For whoever tells it in a place of their own. */
    #told(error: unknown): ErrorCode {
        const code = codeOf(error)
        if (code === 'not-signed-in') this.#expire()
        return code
    }

    /** The token has run out: keys are wiped, words and unanswered envelopes stay for the next sign-in. */
    #expire(): void {
        if (this.#keyring === null) return
        this.#end()
        this.#tell({ type: 'expired' })
    }

    #must(): Keyring {
        if (this.#keyring === null) throw new DeskError('not-signed-in')
        return this.#keyring
    }

    #place(key: PlaceKey): Place | undefined {
        return placeOf(this.#state(), key)
    }
}
