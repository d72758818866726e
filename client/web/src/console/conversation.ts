/**
 * One held case: its keys, verified; its messages, opened and checked; and the next message, sealed. No I/O.
 *
 * What cannot be verified is never shown as a message: it becomes an alarm, and the rest stays readable. SPEC 3.3, 4
 */
import { authorOf, queuesOf } from '@lyhty/crypto/authors'
import { equal, hex } from '@lyhty/crypto/bytes'
import type { ErrorCode } from '@lyhty/crypto/codes'
import {
    ANSWER_PARTS, isWordless, type AnswerContent, type AskContent, type ChatContent, type HelpedContent, type ReportContent, type TurnContent, type WordlessContent,
    type WrittenContent,
} from '@lyhty/crypto/contents'
import { b64decode } from '@lyhty/crypto/encoding'
import { checkTurn } from '@lyhty/crypto/ends'
import { checkHandover } from '@lyhty/crypto/handovers'
import { decodeHeader } from '@lyhty/crypto/envelopes'
import { ForgedError, HistoryGapError, MalformedError, ProtocolError, RefusedError, TamperedError } from '@lyhty/crypto/errors'
import { asCaseId, hash, type CaseId, type Generation, type KemKey, type QueueId, type SignKey } from '@lyhty/crypto/ids'
import type { Reach } from '@lyhty/crypto/receipts'
import { addedQueue, UntrustedRoster, type Roster } from '@lyhty/crypto/rosters'
import { openEnvelope, sealMessage, type Opened as OpenedEnvelope, type Sealed } from '@lyhty/crypto/sealing'
import { prepareTurn, type PreparedTurn } from '@lyhty/crypto/turning'
import { openLink, unwrapKey } from '@lyhty/crypto/wrapping'
import { CASE_KEY, decodeWrap, TO_REPORTER } from '@lyhty/crypto/wraps'
import { History, type ReadMessage } from '../session/history'
import type { Profession } from '../session/types'
import type { ForFigures } from './contributing'
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
    readonly content: WrittenContent | TurnContent
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
    /** Who has a part in the case, and who is asked for without an answer yet. SPEC 4.7 */
    readonly queues: readonly QueueId[]
    readonly asked: readonly QueueId[]
    /** Whether what was written before was left to the others. */
    readonly beginsLater: boolean
}

/** What the server hands out of a case besides the envelopes. */
export type Given = Pick<Opened, 'rosters' | 'wraps' | 'links' | 'signPk'> & { readonly place: Pick<Opened['place'], 'case' | 'queue'> }

export interface Stored { readonly seq: number; readonly envelope: Uint8Array }

/** Gets a directory of at least this version, if there is one: a new colleague may have written. */
export type RenewDirectory = (version: number) => Promise<void>

export class HeldCase {
    readonly id: CaseId
    readonly #queue: QueueId
    readonly #keyring: Keyring
    readonly #renew: RenewDirectory
    #rosters: readonly [Roster, ...Roster[]]
    #keys: ReadonlyMap<Generation, Uint8Array>
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
        this.#history.beginsAt = beginningOf(rosters, keys, queue)
    }

    /** Believes the answer to a claim only if the rosters, the wraps and the commitments hold together. */
    static async open(given: Given, keyring: Keyring, renew: RenewDirectory): Promise<HeldCase> {
        try {
            const { id, keys, rosters } = await verified(given, keyring, renew)
            return new HeldCase(id, given.place.queue, keyring, renew, rosters, keys)
        } catch (error) {
            throw untellable(error)
        }
    }

    /** The generations as the server has them now. */
    async learn(given: Given): Promise<void> {
        try {
            const { keys, rosters } = await verified(given, this.#keyring, this.#renew)
            const isSame = this.#rosters.every(({ commitment }, at) => rosters[at] !== undefined && equal(rosters[at].commitment, commitment))
            if (!isSame) throw new ForgedError('another key of a known generation')
            if (this.#isWiped) return keys.forEach((key) => key.fill(0))
            this.#rosters = rosters
            this.#keys = keys
            this.#history.beginsAt = beginningOf(rosters, keys, this.#queue)
        } catch (error) {
            throw untellable(error)
        }
    }

    /** Whether it is of a generation whose roster is not here yet. */
    isNews(envelope: Uint8Array): boolean {
        try {
            return decodeHeader(envelope).generation > this.#newest.generation
        } catch (error) {
            if (error instanceof ProtocolError) return false
            throw error
        }
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
        if (chains.isForged) alarms.add('envelope-tampered')
        const older = more ? Math.floor((100 * Math.max(0, newest - oldest + 1)) / Math.max(1, newest)) : null
        return {
            messages: shown, alarms: [...alarms], unread: told.unread.size, older, openedHour: this.openedHour,
            queues: queuesOf(this.#newest), asked: this.#asked, beginsLater: this.#history.beginsAt > 1,
        }
    }

    get #asked(): readonly QueueId[] {
        const asked = new Map<string, QueueId>()
        for (const { opened: { content, head } } of this.#history.messages) {
            if (content.type === 'ask') asked.set(hex(head), content.queue)
            if (content.type === 'consent') asked.delete(hex(content.asked))
        }
        return [...asked.values()]
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
        // What was written before we were let in is not ours to read: there our case begins.
        const isAllOurs = !older.some(({ envelope }) => this.#isHidden(envelope))
        if (!this.#isWiped) this.#history.more = more && older.length > 0 && isAllOurs
    }

    /** Everything before `oldest` has been read too: reading began at the first. */
    reachedBeginning(): void {
        this.#history.more = false
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
    async seal(content: ChatContent | AnswerContent | AskContent | WordlessContent): Promise<Sealed> {
        if (!this.knowsOwnChain) throw new RangeError('sealed before our own chain was read')
        const { generation } = this.#newest
        const { instance, sign, directory } = this.#keyring
        const within = { instance, caseId: this.id, key: this.#key(generation), author: sign, directoryVersion: directory.version }
        return sealMessage(within, generation, this.#history.chains.chains.next(sign.publicKey), content)
    }

    /** The case's next key, over everything in it: all of it has been read. SPEC 3.4 */
    async prepareTurn(turn: TurnContent, cardKey: Uint8Array): Promise<PreparedTurn> {
        const reporter = this.#history.messages.map(({ opened }) => reporterKey(opened.content)).find((kem) => kem !== null)
        if (this.#history.more || reporter === undefined) throw new RefusedError('a case not read from its beginning', 'history-gap')
        const { sign, directory } = this.#keyring
        const position = this.#history.chains.chains.next(sign.publicKey)
        const known = { roster: this.#newest, caseKey: this.#key(this.#newest.generation), reporter, position, cardKey }
        return prepareTurn(sign, known, directory, turn)
    }

    /** Null until all of it has been read, and for ever where the report is not ours to read. SPEC 12.3 */
    get forFigures(): ForFigures | null {
        const firstKey = this.#keys.get(1)
        const contents = this.#history.messages.map(({ opened }) => opened.content)
        const report = contents.find((content): content is ReportContent => content.type === 'report')
        if (this.#isWiped || this.#history.more || firstKey === undefined || report === undefined) return null
        return { report, firstKey, helped: contents.filter((content): content is HelpedContent => content.type === 'helped') }
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
        for (const [nth, { seq, envelope }] of stored.entries()) {
            if (this.#isWiped) return
            if (!this.#isHidden(envelope)) await this.#takeOne(seq, openings[nth] as Promise<OpenedEnvelope>)
            this.#history.passed(seq)
        }
    }

    #isHidden(envelope: Uint8Array): boolean {
        try {
            return decodeHeader(envelope).generation < this.#history.beginsAt
        } catch (error) {
            if (error instanceof ProtocolError) return false
            throw error
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
            this.#history.add({ seq, opened, ...this.#checked(opened) })
        } catch (error) {
            if (!(error instanceof ProtocolError)) throw error
            this.#alarms.add(error instanceof HistoryGapError ? error.code : 'envelope-tampered')
        }
    }

    /** Who wrote it, and whether they may have written this. SPEC 4.3, 4.4 */
    #checked(opened: OpenedEnvelope): Pick<ReadMessage, 'author' | 'added'> {
        const { header, content } = opened
        if (content.type === 'card') throw new MalformedError('a card among the messages')
        const roster = this.#rosters.find(({ generation }) => generation === header.generation) ?? this.#newest
        const author = authorOf(opened, this.#rosters[0].signer, roster, this.#keyring.directory)
        checkTurn(opened, roster)
        const previous = this.#rosters.find(({ generation }) => generation === roster.generation - 1)
        checkHandover(opened, roster, previous, this.#rosters[0].signer)
        if (content.type === 'report') this.#checkReporterKey(hash(content.kem))
        return { author, added: addedQueue(previous, roster) }
    }

    /** The same object as before while it says the same. */
    #shown({ seq, opened, author }: ReadMessage): DeskMessage {
        const { header } = opened
        const isOwn = equal(header.author, this.#keyring.sign.publicKey)
        const reach = isOwn ? (this.#history.told.reach.get(header.counter) ?? null) : null
        const before = this.#shownBefore.get(seq)
        if (before?.reach === reach) return before
        const content = opened.content as WrittenContent | TurnContent
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

/** Where new case keys go: the report says it, or the yes that lets one read from there on. */
const reporterKey = (content: OpenedEnvelope['content']): KemKey | null =>
    content.type === 'report' || content.type === 'consent' ? content.kem : null

/** The generation that let `queue` in, if no way leads to what was before; else the first. SPEC 4.7 */
function beginningOf(rosters: readonly Roster[], keys: ReadonlyMap<Generation, Uint8Array>, queue: QueueId): Generation {
    const letIn = rosters.find((roster, at) => addedQueue(rosters[at - 1], roster) === queue)
    return letIn === undefined || keys.has(letIn.generation - 1) ? 1 : letIn.generation
}

/** Whichever check it was, one thing is told: this case cannot be opened as it is. */
const untellable = (error: unknown): unknown =>
    error instanceof ProtocolError ? new ProtocolError(error.failure, 'wrap-tampered', error.message) : error

interface Verified {
    readonly id: CaseId
    readonly rosters: readonly [Roster, ...Roster[]]
    readonly keys: ReadonlyMap<Generation, Uint8Array>
}

async function verified(given: Given, keyring: Keyring, renew: RenewDirectory): Promise<Verified> {
    const id = asCaseId(b64decode(given.place.case))
    const untrusted = given.rosters.map((text) => new UntrustedRoster(b64decode(text)))
    await renew(Math.max(0, ...untrusted.map(({ claims }) => claims.directoryVersion)))
    const rosters = verifyRosters(untrusted, id, keyring)
    if (!equal(rosters[0].signer, b64decode(given.signPk))) throw new ForgedError('another reporter')
    return { id, rosters, keys: await unwrapCaseKeys(given, id, rosters, keyring) }
}

function verifyRosters([first, ...later]: readonly UntrustedRoster[], id: CaseId, { instance, directory }: Keyring): readonly [Roster, ...Roster[]] {
    if (first === undefined) throw new MalformedError('no roster', 'wrap-tampered')
    const opening = first.verifyOpening(instance, id)
    const rosters: [Roster, ...Roster[]] = [opening]
    let last = opening
    for (const roster of later) {
        last = roster.verifyNext(instance, last, opening.signer, directory.signersOf(queuesOf(last), roster.claims.directoryVersion))
        rosters.push(last)
    }
    return rosters
}

async function unwrapCaseKeys(given: Given, id: CaseId, rosters: readonly Roster[], keyring: Keyring): Promise<Map<Generation, Uint8Array>> {
    const keys = new Map<Generation, Uint8Array>()
    for (const text of given.wraps) {
        const bytes = b64decode(text)
        const wrap = decodeWrap(bytes)
        const roster = rosters.find(({ generation }) => generation === wrap.generation)
        const isNamed = roster?.entries.some(({ queue, epoch, wrapHash }) => queue === wrap.queue && epoch === wrap.epoch && equal(wrapHash, hash(bytes)))
        if (wrap.kind !== CASE_KEY || wrap.queue !== given.place.queue || roster === undefined || isNamed !== true) {
            throw new TamperedError('a wrap that the roster does not name', 'wrap-tampered')
        }
        // SPEC 3.3: the opened key is the one the roster commits to; `unwrapKey` compares it with the wrap's own commitment.
        if (!equal(wrap.commitment, roster.commitment)) throw new TamperedError('another key than the roster commits to', 'wrap-tampered')
        keys.set(wrap.generation, await unwrapKey(keyring.instance, id, bytes, keyring.queueKey(wrap.queue, wrap.epoch)))
    }
    const newest = rosters.at(-1)
    if (newest === undefined || !keys.has(newest.generation)) throw new TamperedError('no key to this case', 'wrap-tampered')
    await followLinks(given, rosters, keys, keyring)
    return keys
}

/** From the newest key to those before. What no link leads to stays closed, and the newest messages can be read. SPEC 3.4 */
async function followLinks(given: Given, rosters: readonly Roster[], keys: Map<Generation, Uint8Array>, { instance }: Keyring): Promise<void> {
    for (const [at, { caseId, generation }] of [...rosters.entries()].reverse()) {
        const [link, before, key] = [given.links[at], rosters[at - 1], keys.get(generation)]
        if (before === undefined || key === undefined || link == null || keys.has(before.generation)) continue
        try {
            keys.set(before.generation, await openLink(b64decode(link), key, instance, caseId, generation, before.commitment))
        } catch (error) {
            if (!(error instanceof ProtocolError)) throw error
        }
    }
}
