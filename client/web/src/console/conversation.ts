/**
 * One held case: its keys, verified; its messages, opened and checked; and the next message, sealed. No I/O.
 *
 * What cannot be verified is never shown as a message: it becomes an alarm, and the rest stays readable. SPEC 3.3, 4
 */
import { authorOf, queuesOf } from '@lyhty/crypto/authors'
import { equal, hex } from '@lyhty/crypto/bytes'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { ANSWER_PARTS, isWordless, type AnswerContent, type ChatContent, type WordlessContent, type WrittenContent } from '@lyhty/crypto/contents'
import { b64decode } from '@lyhty/crypto/encoding'
import { decodeHeader } from '@lyhty/crypto/envelopes'
import { ForgedError, HistoryGapError, MalformedError, ProtocolError, RefusedError, TamperedError } from '@lyhty/crypto/errors'
import { asCaseId, hash, type CaseId, type Generation, type QueueId, type SignKey } from '@lyhty/crypto/ids'
import type { Reach } from '@lyhty/crypto/receipts'
import { UntrustedRoster, type Roster } from '@lyhty/crypto/rosters'
import { openEnvelope, sealMessage, type Opened as OpenedEnvelope, type Sealed } from '@lyhty/crypto/sealing'
import { unwrapKey } from '@lyhty/crypto/wrapping'
import { CASE_KEY, decodeWrap, TO_REPORTER } from '@lyhty/crypto/wraps'
import { History, type ReadMessage } from '../session/history'
import type { Profession } from '../session/types'
import type { Keyring } from './keyring'
import { lastOpenedHour, reachesBefore } from './own-openings'
import type { Opened } from './places'

export { ANSWER_PARTS }

export interface DeskMessage {
    readonly key: string
    readonly seq: number
    readonly author: 'reporter' | 'expert'
    readonly expertName: string | null
    readonly profession: Profession | null
    readonly at: number
    /** `sent` is our own. */
    readonly state: 'sent' | 'received'
    readonly content: WrittenContent
    /** How far an own message has come; null for those of others. */
    readonly reach: Reach | null
}

export interface CaseView {
    readonly messages: readonly DeskMessage[]
    readonly alarms: readonly ErrorCode[]
    /** How many of the last messages are of others and not read by us, as our own signed heads say. */
    readonly unread: number
    /** How much of it is here, in percent, while older messages are still to come. */
    readonly older: number | null
    /** The last hour for which our opening of it is recorded. SPEC 4.6 */
    readonly openedHour: number | null
}

export interface Stored { readonly seq: number; readonly envelope: Uint8Array }

/** Gets a directory of at least this version, if there is one: a new colleague may have written. */
export type RenewDirectory = (version: number) => Promise<void>

export class HeldCase {
    readonly id: CaseId
    readonly #queue: QueueId
    readonly #keyring: Keyring
    readonly #renew: RenewDirectory
    readonly #rosters: readonly [Roster, ...Roster[]]
    readonly #keys: ReadonlyMap<Generation, Uint8Array>
    readonly #history: History
    readonly #alarms = new Set<ErrorCode>()
    readonly #shownBefore = new Map<number, DeskMessage>()
    #isWiped = false

    private constructor(
        id: CaseId, queue: QueueId, keyring: Keyring, renew: RenewDirectory, rosters: readonly [Roster, ...Roster[]],
        keys: ReadonlyMap<Generation, Uint8Array>,
    ) {
        this.id = id
        this.#queue = queue
        this.#keyring = keyring
        this.#renew = renew
        this.#rosters = rosters
        this.#keys = keys
        this.#history = new History(keyring.sign.publicKey, rosters[0].signer)
        this.#history.more = true
    }

    /** Believes the answer to a claim only if the rosters, the wraps and the commitments hold together. */
    static async open(opened: Opened, keyring: Keyring, renew: RenewDirectory): Promise<HeldCase> {
        try {
            return await HeldCase.#verified(opened, keyring, renew)
        } catch (error) {
            // Whichever check it was, one thing is told: this case cannot be opened as it is.
            if (error instanceof ProtocolError) throw new ProtocolError(error.failure, 'wrap-tampered', error.message)
            throw error
        }
    }

    static async #verified(opened: Opened, keyring: Keyring, renew: RenewDirectory): Promise<HeldCase> {
        const id = asCaseId(b64decode(opened.place.case))
        const untrusted = opened.rosters.map((text) => new UntrustedRoster(b64decode(text)))
        await renew(Math.max(0, ...untrusted.map(({ claims }) => claims.directoryVersion)))
        const rosters = verifyRosters(untrusted, id, keyring)
        if (!equal(rosters[0].signer, b64decode(opened.signPk))) throw new ForgedError('another reporter')
        return new HeldCase(id, opened.place.queue, keyring, renew, rosters, await unwrapCaseKeys(opened, id, rosters, keyring))
    }

    /** The key that the reporter signs with. */
    get reporter(): SignKey {
        return this.#rosters[0].signer
    }

    /** Whose experts the case is for. */
    get queues(): readonly QueueId[] {
        return queuesOf(this.#newest)
    }

    get view(): CaseView {
        const { chains, hasBeginning, messages, more, newest, oldest, told } = this.#history
        const shown = messages.filter(({ opened }) => !isWordless(opened.content)).map((message) => this.#shown(message))
        const alarms = new Set(this.#alarms)
        if (chains.gap || !hasBeginning) alarms.add('history-gap')
        const older = more ? Math.floor((100 * Math.max(0, newest - oldest + 1)) / Math.max(1, newest)) : null
        return { messages: shown, alarms: [...alarms], unread: told.unread.size, older, openedHour: this.openedHour }
    }

    /** The last hour for which our opening of this case is recorded. SPEC 4.6 */
    get openedHour(): number | null {
        return lastOpenedHour(this.#history.messages, this.#keyring.sign.publicKey, this.#queue)
    }

    /** Whether all that we may have recorded in this hour has been read. */
    knowsOpenings(hour: number): boolean {
        return !this.hasOlder || this.openedHour === hour || reachesBefore(this.#history.messages, this.#keyring.sign.publicKey, hour)
    }

    /** What we have not told the reporter yet of what we have got, and seen. SPEC 4.5 */
    owes(onScreen: boolean): 'delivered' | 'read' | null {
        if (!this.knowsOwnChain) return null
        return onScreen ? this.#history.told.owedSeen : this.#history.told.owedUnseen
    }

    /** Whether anything can be sealed: our own last message has been read, or there is none. */
    get knowsOwnChain(): boolean {
        return this.#history.knowsOwnChain
    }

    get hasOlder(): boolean {
        return this.#history.more
    }

    /** Where reading goes on: what has come since is after `newest`; what was before, before `oldest`, 0 at the start. */
    get newest(): number {
        return this.#history.newest
    }

    get oldest(): number {
        return this.newest === 0 ? 0 : this.#history.oldest
    }

    /** Adds what the server has after `newest`, in its order. */
    async take(stored: readonly Stored[]): Promise<void> {
        await this.#takeAll(stored.filter(({ seq }) => seq > this.newest))
    }

    /** Adds what the server has before `oldest`, newest first. */
    async takeOlder(stored: readonly Stored[], more: boolean): Promise<void> {
        const older = stored.filter(({ seq }) => this.oldest === 0 || seq < this.oldest)
        await this.#takeAll(older.toReversed())
        // A server that says there is more and hands out nothing is not asked for ever.
        if (!this.#isWiped) this.#history.more = more && older.length > 0
    }

    /** Adds what we sent, once it is stored; reading it back later changes nothing. */
    async adopt(seq: number, envelope: Uint8Array): Promise<void> {
        // SPEC 4.3: under the number of another it was not stored.
        if (!this.#history.canBeStoredAs(seq, decodeHeader(envelope).objectId)) {
            this.#alarms.add('history-gap')
            throw new HistoryGapError('stored as something else')
        }
        await this.#takeOne(seq, this.#open(envelope))
    }

    /** The next message of our own. The caller sends it, and the same bytes again until it is answered. */
    async seal(content: ChatContent | AnswerContent | WordlessContent): Promise<Sealed> {
        if (!this.knowsOwnChain) throw new RangeError('sealed before our own chain was read')
        const { generation } = this.#newest
        const { instance, sign, directory } = this.#keyring
        const within = { instance, caseId: this.id, key: this.#key(generation), author: sign, directoryVersion: directory.version }
        return sealMessage(within, generation, this.#history.chains.chains.next(sign.publicKey), content)
    }

    wipe(): void {
        this.#isWiped = true
        for (const key of this.#keys.values()) key.fill(0)
    }

    get #newest(): Roster {
        return this.#rosters.at(-1) ?? this.#rosters[0]
    }

    #key(generation: Generation): Uint8Array {
        // A place may be lost while a call is under way; what zeros have sealed, everybody could open.
        if (this.#isWiped) throw new RefusedError('let go of meanwhile', 'case-not-held')
        const key = this.#keys.get(generation)
        if (key === undefined) throw new TamperedError('no key for this generation')
        return key
    }

    async #takeAll(stored: readonly Stored[]): Promise<void> {
        // The platform opens all of them side by side; what they say of each other is looked at in their order.
        const openings = stored.map(({ envelope }) => this.#open(envelope))
        for (const [nth, { seq }] of stored.entries()) {
            if (this.#isWiped) return
            await this.#takeOne(seq, openings[nth] as Promise<OpenedEnvelope>)
            this.#history.passed(seq)
        }
    }

    #open(envelope: Uint8Array): Promise<OpenedEnvelope> {
        const opening = (async () => openEnvelope(this.#keyring.instance, this.id, this.#key(decodeHeader(envelope).generation), envelope))()
        // Looked at when it is its turn.
        opening.catch(() => undefined)
        return opening
    }

    async #takeOne(seq: number, opening: Promise<OpenedEnvelope>): Promise<void> {
        try {
            const opened = await opening
            const { objectId } = opened.header
            if (this.#history.contradicts(seq, objectId)) throw new HistoryGapError('two histories')
            if (this.#history.has(seq, objectId)) return
            await this.#renew(opened.directoryVersion)
            this.#history.add({ seq, opened, author: this.#checked(opened) })
        } catch (error) {
            if (!(error instanceof ProtocolError)) throw error
            this.#alarms.add(error instanceof HistoryGapError ? error.code : 'envelope-tampered')
        }
    }

    /** Who wrote it, and whether they may have written this. SPEC 4.3, 4.4 */
    #checked(opened: OpenedEnvelope): ReadMessage['author'] {
        const { header, content } = opened
        if (content.type === 'card') throw new MalformedError('a card among the messages')
        const roster = this.#rosters.find(({ generation }) => generation === header.generation) ?? this.#newest
        const author = authorOf(opened, this.#rosters[0].signer, roster, this.#keyring.directory)
        if (content.type === 'report') this.#checkReporterKey(hash(content.kem))
        return author
    }

    /** The same object as before while it says the same. */
    #shown({ seq, opened, author }: ReadMessage): DeskMessage {
        const { header } = opened
        const isOwn = equal(header.author, this.#keyring.sign.publicKey)
        const reach = isOwn ? (this.#history.told.reach.get(header.counter) ?? null) : null
        const before = this.#shownBefore.get(seq)
        if (before?.reach === reach) return before
        const content = opened.content as WrittenContent
        const common = { key: hex(header.objectId), seq, at: content.at, content, reach, state: isOwn ? 'sent' : 'received' } as const
        const shown: DeskMessage = author === 'reporter'
            ? { ...common, author, expertName: null, profession: null }
            : { ...common, author: 'expert', expertName: author.name, profession: author.profession }
        this.#shownBefore.set(seq, shown)
        return shown
    }

    /** New case keys go to the key in the report; it is the one the roster names, or somebody else would get them. */
    #checkReporterKey(kemHash: Uint8Array): void {
        const reporter = this.#rosters[0].entries.find(({ recipient }) => recipient === TO_REPORTER)
        if (reporter === undefined || !equal(reporter.kemHash, kemHash)) throw new ForgedError('another kem key than in the roster', 'envelope-tampered')
    }
}

function verifyRosters([first, ...later]: readonly UntrustedRoster[], id: CaseId, { instance, directory }: Keyring): readonly [Roster, ...Roster[]] {
    if (first === undefined) throw new MalformedError('no roster', 'wrap-tampered')
    const opening = first.verifyOpening(instance, id)
    const rosters: [Roster, ...Roster[]] = [opening]
    let last = opening
    for (const roster of later) {
        last = roster.verifyNext(instance, last, [opening.signer, ...directory.signersOf(queuesOf(last))])
        rosters.push(last)
    }
    return rosters
}

async function unwrapCaseKeys(opened: Opened, id: CaseId, rosters: readonly Roster[], keyring: Keyring): Promise<Map<Generation, Uint8Array>> {
    const keys = new Map<Generation, Uint8Array>()
    for (const text of opened.wraps) {
        const bytes = b64decode(text)
        const wrap = decodeWrap(bytes)
        const roster = rosters.find(({ generation }) => generation === wrap.generation)
        const isNamed = roster?.entries.some(({ queue, epoch, wrapHash }) => queue === wrap.queue && epoch === wrap.epoch && equal(wrapHash, hash(bytes)))
        if (wrap.kind !== CASE_KEY || wrap.queue !== opened.place.queue || roster === undefined || isNamed !== true) {
            throw new TamperedError('a wrap that the roster does not name', 'wrap-tampered')
        }
        // SPEC 3.3: the opened key is the one the roster commits to; `unwrapKey` compares it with the wrap's own commitment.
        if (!equal(wrap.commitment, roster.commitment)) throw new TamperedError('another key than the roster commits to', 'wrap-tampered')
        keys.set(wrap.generation, await unwrapKey(keyring.instance, id, bytes, keyring.queueKey(wrap.queue, wrap.epoch)))
    }
    const newest = rosters.at(-1)
    if (newest === undefined || !keys.has(newest.generation)) throw new TamperedError('no key to this case', 'wrap-tampered')
    return keys
}
