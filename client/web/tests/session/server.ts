/**
 * A small server for the session's tests: one case, in memory, behind the real records. It checks proofs, rosters and
 * counters as a server does, and it can be told to lie, to lose connections and to refuse.
 */
import { equal } from '@lyhty/crypto/bytes'
import type { ServerCode } from '@lyhty/crypto/codes'
import type { MessageContent, ReportContent } from '@lyhty/crypto/contents'
import { Chains } from '@lyhty/crypto/chains'
import type { TrustBundle } from '@lyhty/crypto/documents'
import { decodeHeader } from '@lyhty/crypto/envelopes'
import { caseId, commitmentOf, hash } from '@lyhty/crypto/ids'
import type { SignKey } from '@lyhty/crypto/ids'
import { toProveErase, toProveOpen, toProveResume, verify } from '@lyhty/crypto/proofs'
import { decodeUp, encodeDown, encodeOpenBody } from '@lyhty/crypto/records'
import type { Down, Event, Operation, PlaceState, Result } from '@lyhty/crypto/records'
import { signRoster, UntrustedRoster } from '@lyhty/crypto/rosters'
import type { Roster, RosterEntry } from '@lyhty/crypto/rosters'
import { openEnvelope, sealMessage } from '@lyhty/crypto/sealing'
import type { Opened } from '@lyhty/crypto/sealing'
import { sealLink, unwrapKey, wrapKey } from '@lyhty/crypto/wrapping'
import { CASE_KEY, decodeWrap, NO_LINK, TO_REPORTER } from '@lyhty/crypto/wraps'
import { checkWork } from '@lyhty/crypto/work'
import type { Terms, Work } from '@lyhty/crypto/work'
import {
    bundle,
    instance,
    lawyer,
    newerQueueKeys,
    NOW,
    psychologist,
    queueKeys,
} from '../../../../crypto/ts/tests/trusted.ts'
import type { ChannelNews } from '../../src/net/messages.ts'

interface Stored {
    readonly auth: SignKey
    readonly caseSalt: Uint8Array
    readonly generations: { roster: Uint8Array; ownWrap: Uint8Array; link: Uint8Array }[]
    readonly urgent: boolean
    readonly openedHour: number
    roster: Roster
    /** By generation: the wraps to the queues, and the key when somebody has unwrapped it. */
    readonly wraps: Map<number, readonly Uint8Array[]>
    readonly keys: Map<number, Uint8Array>
    readonly envelopes: Uint8Array[]
    places: PlaceState[]
}

interface Connection {
    readonly tell: (news: ChannelNews) => void
    nonce: Uint8Array
    bound: boolean
}

class Refusal extends Error {
    readonly code: ServerCode
    constructor(code: ServerCode) {
        super(code)
        this.code = code
    }
}

export class Server {
    stored: Stored | null = null
    isErased = false
    /** Operations as they arrived, with their ids, refused ones too. */
    readonly arrived: { id: string; operation: Operation }[] = []
    /** Codes to answer the next operations of a name with, first in, first out. */
    readonly refusals = new Map<Operation['operation'], ServerCode[]>()
    /** `seq` numbers that FETCH leaves out. */
    readonly withheld = new Set<number>()
    /** Does the work but loses the answer, as when a connection breaks in between. */
    losesAnswers = false
    /** The `seq` it says a message was stored under, if it lies about that. */
    acknowledges: number | null = null
    epochs: 1 | 2 = 1
    experts = [lawyer, psychologist]
    /** Seconds since 1970: when the directory it hands out was issued. */
    issued = NOW
    directoryVersion = 1
    serverTime = NOW
    /** What it asks for; `ask` changes it. */
    terms: Terms = { challenge: new Uint8Array(16), effort: 4 }
    readonly #opened = new Map<Uint8Array, Opened>()
    #nonces = 0
    /** The device that attached last; the others hear answers but no events. */
    #last: Connection | null = null

    attach(listener: (news: ChannelNews) => void): { send(ticket: number, record: Uint8Array): void } {
        const connection: Connection = { tell: listener, bound: false, nonce: new Uint8Array(32) }
        this.#last = connection
        return { send: (_ticket, record) => void queueMicrotask(() => this.#receive(connection, record)) }
    }

    #connection(): Connection {
        if (this.#last === null) throw new Error('nobody is attached')
        return this.#last
    }

    connect(): void {
        const connection = this.#connection()
        connection.nonce = new Uint8Array(32).fill(++this.#nonces)
        connection.bound = false
        this.#announceEvent({
            event: 'hello',
            nonce: connection.nonce,
            serverTime: this.serverTime,
            slotMs: 1000,
            directoryVersion: this.directoryVersion,
            terms: this.terms,
        })
    }

    ask(terms: Terms): void {
        this.terms = terms
        this.#announceEvent({ event: 'work', terms })
    }

    disconnect(): void {
        this.#connection().bound = false
        this.#connection().tell({ type: 'lost' })
    }

    #announceEvent(event: Event): void {
        this.#connection().tell({ type: 'record', record: encodeDown({ kind: 'event', event }) })
    }

    #receive(connection: Connection, record: Uint8Array): void {
        const answers = (down: Down): void => connection.tell({ type: 'record', record: encodeDown(down) })
        const { id, operation } = decodeUp(record)
        this.arrived.push({ id: id.join(), operation })
        try {
            const refused = this.refusals.get(operation.operation)?.shift()
            if (refused !== undefined) throw new Refusal(refused)
            const result = this.#apply(connection, operation)
            if (!this.losesAnswers) answers({ kind: 'result', id, result })
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            answers({ kind: 'error', id, code: error.code })
        }
    }

    #mine({ bound }: Connection): Stored {
        if (!bound || this.stored === null) throw new Refusal('not-resumed')
        return this.stored
    }

    #apply(connection: Connection, operation: Operation): Result {
        switch (operation.operation) {
            case 'open': {
                verify(
                    operation.auth,
                    operation.proof,
                    toProveOpen(instance, connection.nonce, encodeOpenBody(operation.body)),
                )
                return this.#open(connection, operation)
            }
            case 'resume': {
                verify(operation.auth, operation.proof, toProveResume(instance, connection.nonce))
                if (this.isErased || this.stored === null || !equal(this.stored.auth, operation.auth))
                    throw new Refusal('mailbox-unknown')
                connection.bound = true
                const { roster, generations, caseSalt, envelopes, places, urgent, openedHour } = this.stored
                return {
                    operation: 'resume',
                    caseId: roster.caseId,
                    caseSalt,
                    state: 'waiting',
                    urgent,
                    openedHour,
                    lastSeq: envelopes.length,
                    places,
                    generations,
                }
            }
            case 'give':
            case 'takeBack':
            case 'slips':
                // Proved in the browser, against the real server.
                throw new Refusal('operation-malformed')
            case 'put':
            case 'putLate': {
                const stored = this.#mine(connection)
                const known = stored.envelopes.findIndex((envelope) => equal(envelope, operation.envelope))
                if (known >= 0) return { operation: operation.operation, seq: known + 1 }
                if (operation.operation === 'put' && stored.places.every(({ state }) => state === 'closed')) throw new Refusal('case-closed')
                const { author, counter, generation } = decodeHeader(operation.envelope)
                if (generation < stored.generations.length) throw new Refusal('generation-stale')
                if (this.epochs === 2 && !stored.roster.entries.some(({ epoch }) => epoch === 2))
                    throw new Refusal('epoch-stale')
                if (
                    stored.envelopes.some(
                        (other) => equal(decodeHeader(other).author, author) && decodeHeader(other).counter === counter,
                    )
                ) {
                    throw new Refusal('counter-conflict')
                }
                stored.envelopes.push(operation.envelope)
                return { operation: operation.operation, seq: this.acknowledges ?? stored.envelopes.length }
            }
            case 'fetch':
                return this.#fetch(this.#mine(connection), operation)
            case 'erase': {
                const { roster } = this.#mine(connection)
                verify(roster.signer, operation.proof, toProveErase(instance, roster.caseId))
                this.isErased = true
                return { operation: 'erase' }
            }
            case 'turn':
            case 'handOver': {
                const stored = this.#mine(connection)
                if (stored.envelopes.length !== operation.lastSeq) throw new Refusal('case-changed')
                stored.roster = new UntrustedRoster(operation.roster).verifyNext(instance, stored.roster, stored.roster.signer, [])
                const { ownWrap, link, roster, wraps } = operation
                stored.generations.push({ roster, ownWrap, link })
                stored.wraps.set(stored.roster.generation, wraps)
                stored.envelopes.push(operation.envelope)
                return { operation: operation.operation, seq: this.acknowledges ?? stored.envelopes.length }
            }
            case 'trust':
                return { operation: 'trust', bundle: this.trust() }
        }
    }

    trust(): TrustBundle {
        return bundle({ version: this.directoryVersion, epochs: this.epochs, experts: this.experts, now: this.issued })
    }

    #open(connection: Connection, { work, auth, body }: Operation & { operation: 'open' }): Result {
        const untrusted = new UntrustedRoster(body.roster)
        if (this.stored === null) this.#checkWork(work, untrusted.claims)
        if (this.stored === null) {
            const id = caseId(untrusted.claims.signer, untrusted.claims.commitment)
            const roster = untrusted.verifyOpening(instance, id)
            this.stored = {
                auth,
                caseSalt: body.caseSalt,
                roster,
                generations: [{ roster: body.roster, ownWrap: body.selfWrap, link: NO_LINK }],
                urgent: decodeHeader(body.card).urgent,
                openedHour: Math.floor(NOW / 3_600),
                wraps: new Map([[1, body.caseKeyWraps]]),
                keys: new Map(),
                envelopes: [body.report],
                places: roster.entries
                    .filter(({ queue }) => queue > 0)
                    .map(({ queue }) => ({ queue, state: 'waiting' })),
            }
        } else if (!equal(this.stored.envelopes[0] as Uint8Array, body.report)) throw new Refusal('object-conflict')
        connection.bound = true
        return { operation: 'open', seq: 1 }
    }

    #checkWork(work: Work, { signer, commitment }: UntrustedRoster['claims']): void {
        if (!equal(work.challenge, this.terms.challenge)) throw new Refusal('work-insufficient')
        try {
            checkWork({ instance, caseId: caseId(signer, commitment) }, work, this.terms.effort)
        } catch {
            throw new Refusal('work-insufficient')
        }
    }

    #fetch({ envelopes }: Stored, { before, after, maxBytes }: Operation & { operation: 'fetch' }): Result {
        const chosen = envelopes
            .map((envelope, at) => ({ seq: at + 1, envelope }))
            .filter(({ seq }) => seq > after && (before === 0 || seq < before) && !this.withheld.has(seq))
            .toReversed()
        let bytes = 0
        const page = chosen.filter(({ envelope }, at) => (bytes += envelope.length) <= maxBytes || at === 0)
        return { operation: 'fetch', more: page.length < chosen.length, envelopes: page }
    }

    async #openOnce(envelope: Uint8Array): Promise<Opened> {
        const key = await this.#keyOf(decodeHeader(envelope).generation)
        const opened =
            this.#opened.get(envelope) ??
            (await openEnvelope(instance, (this.stored as Stored).roster.caseId, key, envelope))
        this.#opened.set(envelope, opened)
        return opened
    }

    async #keyOf(generation: number): Promise<Uint8Array> {
        const { keys, roster, wraps } = this.stored as Stored
        const known = keys.get(generation)
        if (known !== undefined) return known
        const [wrap] = wraps.get(generation) as readonly [Uint8Array]
        const { epoch, queue } = decodeWrap(wrap)
        const pairs = epoch === 2 ? newerQueueKeys : queueKeys
        const key = await unwrapKey(instance, roster.caseId, wrap, pairs[queue as 1 | 2])
        keys.set(generation, key)
        return key
    }

    /** An expert opens what there is and writes, with a key of a later generation if one is given. */
    async expertWrites(
        content: MessageContent,
        { announced = true, by = lawyer, newKey = null as Uint8Array | null } = {},
    ): Promise<void> {
        const stored = this.stored as Stored
        const chains = new Chains()
        for (const envelope of stored.envelopes) chains.accept(await this.#openOnce(envelope))
        const within = {
            instance,
            caseId: stored.roster.caseId,
            key: newKey ?? (await this.#keyOf(stored.generations.length)),
            author: by.sign,
            directoryVersion: this.directoryVersion,
        }
        const { envelope } = await sealMessage(
            within,
            stored.generations.length,
            chains.next(by.sign.publicKey),
            content,
        )
        stored.envelopes.push(envelope)
        if (announced) this.announce(stored.envelopes.length)
    }

    /** The lawyer makes a new case key and wraps it to the reporter, as at a handover. */
    async expertRenewsCaseKey({
        promised = null as Uint8Array | null,
        hands = 'the wrap' as 'the wrap' | 'another wrap',
        hasTurnMessage = true,
    } = {}): Promise<Uint8Array> {
        const stored = this.stored as Stored
        const { caseId: id, commitment, directoryVersion } = stored.roster
        const report = await this.#openOnce(stored.envelopes[0] as Uint8Array)
        const { kem } = report.content as ReportContent
        const newKey = new Uint8Array(32).fill(99)
        const wrap = (): Promise<Uint8Array> =>
            wrapKey(
                instance,
                id,
                { kind: CASE_KEY, recipient: TO_REPORTER, queue: 0, epoch: 0, generation: 2 },
                kem,
                newKey,
            )
        const ownWrap = await wrap()
        const entries = [
            stored.roster.entries[0] as RosterEntry,
            { recipient: TO_REPORTER, queue: 0, epoch: 0, kemHash: hash(kem), wrapHash: hash(ownWrap) } as const,
        ]
        const fields = {
            instance,
            caseId: id,
            generation: 2,
            commitment: commitmentOf(promised ?? newKey),
            previous: commitment,
            directoryVersion,
            entries,
        }
        stored.generations.push({
            roster: signRoster(fields, lawyer.sign),
            ownWrap: hands === 'the wrap' ? ownWrap : await wrap(),
            link: await sealLink(await this.#keyOf(1), newKey, instance, id, 2),
        })
        stored.keys.set(2, newKey)
        if (hasTurnMessage) await this.expertWrites({ type: 'turn', at: NOW, reason: 'departure' }, { announced: false })
        return newKey
    }

    /** As if the last message had never been stored. */
    swallow(): void {
        ;(this.stored as Stored).envelopes.pop()
    }

    announce(seq: number, envelope = (this.stored as Stored).envelopes[seq - 1] as Uint8Array): void {
        this.#announceEvent({ event: 'envelope', seq, envelope })
    }

    tellPresence(...here: number[]): void {
        this.#announceEvent({ event: 'presence', here })
    }

    /** What the reporter's client has said without words: whether each receipt said "read". */
    async receipts(): Promise<boolean[]> {
        const stored = this.stored as Stored
        const opened = await Promise.all(stored.envelopes.map((envelope) => this.#openOnce(envelope)))
        return opened.flatMap(({ header, content }) =>
            content.type === 'receipt' && equal(header.author, stored.roster.signer) ? [content.read] : [],
        )
    }

    setPlace(queue: number, state: PlaceState['state']): void {
        const stored = this.stored as Stored
        stored.places = stored.places.map((place) => (place.queue === queue ? { queue, state } : place))
        this.#announceEvent({ event: 'state', state: state === 'waiting-again' ? 'waiting' : state, places: stored.places })
    }

    /** What the expert opens of the case. */
    async contents(): Promise<MessageContent[]> {
        const opened = await Promise.all((this.stored as Stored).envelopes.map((envelope) => this.#openOnce(envelope)))
        return opened.map(({ content }) => content as MessageContent)
    }

    async report(): Promise<ReportContent> {
        return (await this.contents())[0] as ReportContent
    }

    /** What the expert can read of the case. */
    async texts(): Promise<string[]> {
        const stored = this.stored as Stored
        return Promise.all(
            stored.envelopes.map(async (envelope) => {
                const { content } = await this.#openOnce(envelope)
                return 'text' in content ? content.text : content.type
            }),
        )
    }
}
