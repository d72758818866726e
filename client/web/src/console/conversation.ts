/**
 * One held case: its keys, verified; its messages, opened and checked; and the next message, sealed. No I/O.
 *
 * What cannot be verified is never shown as a message: it becomes an alarm, and the rest stays readable. SPEC 3.3, 4
 */
import { authorOf, queuesOf } from '@lyhty/crypto/authors'
import { equal, hex } from '@lyhty/crypto/bytes'
import { Chains } from '@lyhty/crypto/chains'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { ANSWER_PARTS, type AnswerContent, type ChatContent, type ReceiptContent, type WrittenContent } from '@lyhty/crypto/contents'
import { b64decode } from '@lyhty/crypto/encoding'
import { decodeHeader } from '@lyhty/crypto/envelopes'
import { ForgedError, HistoryGapError, MalformedError, ProtocolError, RefusedError, TamperedError } from '@lyhty/crypto/errors'
import { asCaseId, hash, type CaseId, type Generation } from '@lyhty/crypto/ids'
import { readBy, reachOf, receiptOwed, type Reach } from '@lyhty/crypto/receipts'
import { UntrustedRoster, type Roster } from '@lyhty/crypto/rosters'
import { openEnvelope, sealMessage, type Opened as OpenedEnvelope, type Sealed } from '@lyhty/crypto/sealing'
import { unwrapKey } from '@lyhty/crypto/wrapping'
import { CASE_KEY, decodeWrap, TO_REPORTER } from '@lyhty/crypto/wraps'
import type { Profession } from '../session/types'
import type { Keyring } from './keyring'
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
    readonly lastSeq: number
    /** How many of the last messages are of others and not read by us, as our own signed heads say. */
    readonly unread: number
}

export interface Stored { readonly seq: number; readonly envelope: Uint8Array }

/** Gets a directory of at least this version, if there is one: a new colleague may have written. */
export type RenewDirectory = (version: number) => Promise<void>

export class HeldCase {
    readonly id: CaseId
    readonly #keyring: Keyring
    readonly #renew: RenewDirectory
    readonly #rosters: readonly [Roster, ...Roster[]]
    readonly #keys: ReadonlyMap<Generation, Uint8Array>
    readonly #chains = new Chains()
    /** Everything that was verified, receipts too, by object id. */
    readonly #opened = new Map<string, OpenedEnvelope>()
    readonly #messages = new Map<string, DeskMessage>()
    readonly #alarms = new Set<ErrorCode>()
    #lastSeq = 0
    #isWiped = false

    private constructor(
        id: CaseId, keyring: Keyring, renew: RenewDirectory, rosters: readonly [Roster, ...Roster[]], keys: ReadonlyMap<Generation, Uint8Array>,
    ) {
        this.id = id
        this.#keyring = keyring
        this.#renew = renew
        this.#rosters = rosters
        this.#keys = keys
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
        return new HeldCase(id, keyring, renew, rosters, await unwrapCaseKeys(opened, id, rosters, keyring))
    }

    get view(): CaseView {
        const me = this.#keyring.sign.publicKey
        const history = [...this.#opened.values()]
        const reach = reachOf(history, me, this.#rosters[0].signer)
        const read = readBy(history, me)
        let unread = 0
        const messages = [...this.#messages.values()].sort((a, b) => a.seq - b.seq).map((message) => {
            const header = this.#opened.get(message.key)?.header
            if (header === undefined) return message
            if (message.state === 'received') {
                if (header.counter > (read.get(hex(header.author)) ?? 0)) unread += 1
                return message
            }
            const come = reach.get(header.counter) ?? null
            return come === message.reach ? message : this.#marked(message, come)
        })
        return { messages, alarms: [...this.#alarms], lastSeq: this.#lastSeq, unread }
    }

    /** What we have not told the reporter yet of what we have got, and seen. SPEC 4.5 */
    owes(onScreen: boolean): 'delivered' | 'read' | null {
        return receiptOwed([...this.#opened.values()], this.#keyring.sign.publicKey, this.#rosters[0].signer, onScreen)
    }

    /** Kept, so that a message is the same object until something about it changes. */
    #marked(message: DeskMessage, reach: Reach | null): DeskMessage {
        const marked = { ...message, reach }
        this.#messages.set(message.key, marked)
        return marked
    }

    /** Where the next read begins. */
    get lastSeq(): number {
        return this.#lastSeq
    }

    /** Adds what the server has after `lastSeq`, in its order. */
    async take(stored: readonly Stored[]): Promise<void> {
        for (const { seq, envelope } of stored) {
            if (this.#isWiped) return
            if (seq <= this.#lastSeq) continue
            await this.#takeOne(seq, envelope)
            this.#lastSeq = seq
        }
        // SPEC 4.4: a case begins with its report, so there is never nothing.
        if (!this.#hasReport()) this.#alarms.add('history-gap')
    }

    /** Adds what we sent, once it is stored; reading it back later changes nothing. */
    async adopt(seq: number, envelope: Uint8Array): Promise<void> {
        await this.#takeOne(seq, envelope)
    }

    /** The next message of our own. The caller sends it, and the same bytes again until it is answered. */
    async seal(content: ChatContent | AnswerContent | ReceiptContent): Promise<Sealed> {
        const { generation } = this.#newest
        const { instance, sign, directory } = this.#keyring
        const within = { instance, caseId: this.id, key: this.#key(generation), author: sign, directoryVersion: directory.version }
        return sealMessage(within, generation, this.#chains.next(sign.publicKey), content)
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

    #hasReport(): boolean {
        return [...this.#messages.values()].some(({ content }) => content.type === 'report')
    }

    async #takeOne(seq: number, envelope: Uint8Array): Promise<void> {
        try {
            const { generation, objectId } = decodeHeader(envelope)
            if (this.#opened.has(hex(objectId))) return
            const opened = await openEnvelope(this.#keyring.instance, this.id, this.#key(generation), envelope)
            await this.#renew(opened.directoryVersion)
            const message = this.#checked(seq, opened)
            try {
                this.#chains.accept(opened)
            } catch (error) {
                if (!(error instanceof HistoryGapError)) throw error
                this.#alarms.add('history-gap')
                this.#chains.adopt(opened)
            }
            this.#opened.set(hex(objectId), opened)
            if (message !== null) this.#messages.set(message.key, message)
        } catch (error) {
            if (!(error instanceof ProtocolError)) throw error
            this.#alarms.add('envelope-tampered')
        }
    }

    /** Who wrote it, and whether they may have written this; null for a receipt. SPEC 4.3, 4.4 */
    #checked(seq: number, opened: OpenedEnvelope): DeskMessage | null {
        const { header, content } = opened
        if (content.type === 'card') throw new MalformedError('a card among the messages')
        const roster = this.#rosters.find(({ generation }) => generation === header.generation) ?? this.#newest
        const author = authorOf(opened, this.id, this.#rosters[0].signer, roster, this.#keyring.directory)
        if (content.type === 'report') this.#checkReporterKey(hash(content.kem))
        if (content.type === 'receipt') return null
        const common = { key: hex(header.objectId), seq, at: content.at, content, reach: null }
        if (author === 'reporter') return { ...common, author, expertName: null, profession: null, state: 'received' }
        const state = equal(header.author, this.#keyring.sign.publicKey) ? 'sent' : 'received'
        return { ...common, author: 'expert', expertName: author.name, profession: author.profession, state }
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
