/**
 * What has been read of a case, newest first, in the server's order: whether it holds together, and how far messages
 * have come. SPEC 4.3, 4.5
 */
import { equal, hex } from '@lyhty/crypto/bytes'
import { Chains } from '@lyhty/crypto/chains'
import { beginsGeneration } from '@lyhty/crypto/contents'
import { Ends } from '@lyhty/crypto/ends'
import { Questions } from '@lyhty/crypto/handovers'
import type { KnownAuthor } from '@lyhty/crypto/directories'
import { ForgedError, HistoryGapError } from '@lyhty/crypto/errors'
import type { Generation, QueueId, SignKey } from '@lyhty/crypto/ids'
import { isWritten, reachOf, readBy, receiptOwed } from '@lyhty/crypto/receipts'
import type { Reach } from '@lyhty/crypto/receipts'
import type { Opened } from '@lyhty/crypto/sealing'

export interface ReadMessage {
    readonly seq: number
    readonly opened: Opened
    readonly author: 'reporter' | KnownAuthor
    /** The queue that its generation let in. SPEC 4.7 */
    readonly added?: QueueId | undefined
}

interface Told {
    /** Of each own message, by its counter. */
    readonly reach: ReadonlyMap<number, Reach>
    /** What others wrote and nobody has said to have read with these eyes. */
    readonly unread: ReadonlySet<Opened>
    /** What has not been told the other side yet: of what is on the screen, and of what has only come. SPEC 4.5 */
    readonly owedSeen: 'delivered' | 'read' | null
    readonly owedUnseen: 'delivered' | 'read' | null
}

interface Checked {
    readonly chains: Chains
    readonly ends: Ends
    readonly questions: Questions
    readonly beginsAt: Generation
    readonly isComplete: boolean
    /** Oldest first, without what lies beyond the end of its generation. */
    readonly kept: ReadMessage[]
    gap: boolean
    isForged: boolean
}

export class History {
    readonly #own: SignKey
    readonly #reporter: SignKey
    /** Which object stands under which `seq`, and the other way round. */
    readonly #objects = new Map<number, string>()
    readonly #seqs = new Map<string, number>()
    #order: ReadMessage[] = []
    #isSorted = true
    #newest = 0
    #oldest = Number.MAX_SAFE_INTEGER
    #more = false
    #beginsAt: Generation = 1
    #checked: Checked | null = null
    #told: Told | null = null

    /** `own`: whose eyes this is read with. */
    constructor(own: SignKey, reporter: SignKey) {
        this.#own = own
        this.#reporter = reporter
    }

    /** The newest and oldest `seq` that have been read or found unreadable. */
    get newest(): number {
        return this.#newest
    }

    get oldest(): number {
        return this.#oldest
    }

    /** Counts a `seq` as fetched even if it could not be read. */
    passed(seq: number): void {
        this.#newest = Math.max(this.#newest, seq)
        this.#oldest = Math.min(this.#oldest, seq)
    }

    /** Whether the server has older messages than those read. */
    get more(): boolean {
        return this.#more
    }

    set more(more: boolean) {
        if (this.#more !== more) this.#checked = null
        this.#more = more
    }

    /** The first generation that this reader may read, if their queue was let in without what was before. SPEC 4.7 */
    get beginsAt(): Generation {
        return this.#beginsAt
    }

    set beginsAt(generation: Generation) {
        if (this.#beginsAt !== generation) this.#checked = null
        this.#beginsAt = generation
    }

    /** Whether just this has been read under just this `seq`. */
    has(seq: number, objectId: Uint8Array): boolean {
        return this.#objects.get(seq) === hex(objectId)
    }

    /** SPEC 4.3: one object under two numbers, or two under one, are of two histories. */
    contradicts(seq: number, objectId: Uint8Array): boolean {
        const id = hex(objectId)
        return (this.#objects.get(seq) ?? id) !== id || (this.#seqs.get(id) ?? seq) !== seq
    }

    /** Whether a message that is new can have been stored as `seq`: after all that has been read, if it was not read. */
    canBeStoredAs(seq: number, objectId: Uint8Array): boolean {
        return this.has(seq, objectId) || (seq > this.#newest && !this.contradicts(seq, objectId))
    }

    add(message: ReadMessage): void {
        const id = hex(message.opened.header.objectId)
        this.#objects.set(message.seq, id)
        this.#seqs.set(id, message.seq)
        this.#told = null
        const last = this.#order.at(-1)
        const isNext = this.#isSorted && (last === undefined || last.seq < message.seq)
        this.#order.push(message)
        this.#isSorted = isNext
        // A turn message is news about everything before it.
        if (!isNext || beginsGeneration(message.opened.content)) this.#checked = null
        else if (this.#checked !== null) take(this.#checked, message)
    }

    /** Oldest first. */
    get messages(): readonly ReadMessage[] {
        return this.chains.kept
    }

    get newestOfOthers(): number {
        return this.messages.findLast((message) => !this.#isOwn(message))?.seq ?? 0
    }

    /** SPEC 4.4: a case begins with its report, so when all of it is here there is never nothing. */
    get hasBeginning(): boolean {
        return this.more || this.messages.some(({ opened }) => opened.content.type === 'report' || begins(opened, this.#beginsAt))
    }

    /** All chains over what has been read; anew when something older was. */
    get chains(): Checked {
        this.#checked ??= this.#check()
        return this.#checked
    }

    #check(): Checked {
        if (!this.#isSorted) this.#order.sort((a, b) => a.seq - b.seq)
        this.#isSorted = true
        const chains = new Chains({ complete: !this.more && this.#beginsAt === 1 })
        const checked: Checked = {
            chains, ends: new Ends(), questions: new Questions(), beginsAt: this.#beginsAt, isComplete: !this.more, kept: [], gap: false, isForged: false,
        }
        const honest = this.#order.filter(({ opened }) => !beginsGeneration(opened.content) || learn(checked, opened))
        for (const message of honest) take(checked, message)
        return checked
    }

    /** Before one writes, one's own last message must have been read. */
    get knowsOwnChain(): boolean {
        return !this.more || this.messages.some((message) => this.#isOwn(message))
    }

    #isOwn({ opened }: ReadMessage): boolean {
        return equal(opened.header.author, this.#own)
    }

    get told(): Told {
        if (this.#told === null) {
            const history = this.messages.map(({ opened }) => opened)
            const read = readBy(history, this.#own)
            const isUnread = (opened: Opened): boolean =>
                isWritten(opened) && opened.header.counter > (read.get(hex(opened.header.author)) ?? 0)
            const unread = this.messages.filter((message) => !this.#isOwn(message) && isUnread(message.opened))
            this.#told = {
                reach: reachOf(history, this.#own, this.#reporter),
                unread: new Set(unread.map(({ opened }) => opened)),
                owedSeen: receiptOwed(history, this.#own, this.#reporter, true),
                owedUnseen: receiptOwed(history, this.#own, this.#reporter, false),
            }
        }
        return this.#told
    }

    clear(): void {
        this.#seqs.clear()
        this.#objects.clear()
        this.#order = []
        this.#isSorted = true
        this.#checked = null
        this.#told = null
    }
}

function learn(checked: Checked, turn: Opened): boolean {
    try {
        checked.ends.learn(turn)
        return true
    } catch (error) {
        if (!(error instanceof ForgedError)) throw error
        checked.isForged = true
        return false
    }
}

function take(checked: Checked, message: ReadMessage): void {
    if (checked.ends.isBeyond(message.opened) || !answers(checked, message)) {
        checked.isForged = true
        return
    }
    // The reporter let them read what is not handed out.
    const { content } = message.opened
    if (begins(message.opened, checked.beginsAt) && content.type === 'consent' && content.what === 'all') checked.gap = true
    // SPEC 4.3: a generation begins with its turn message.
    if (checked.isComplete && !checked.ends.hasBegun(message.opened.header.generation)) checked.gap = true
    checked.kept.push(message)
    follow(checked, message.opened)
}

/** Whether it is the first message that this reader may read, and not the first there is. */
const begins = ({ header, content }: Opened, beginsAt: Generation): boolean =>
    beginsAt > 1 && header.generation === beginsAt && beginsGeneration(content)

function answers({ beginsAt, isComplete, questions }: Checked, { opened, added }: ReadMessage): boolean {
    try {
        questions.accept(opened, added, isComplete && beginsAt === 1)
        return true
    } catch (error) {
        if (!(error instanceof ForgedError)) throw error
        return false
    }
}

function follow(checked: Checked, opened: Opened): void {
    try {
        checked.chains.accept(opened)
    } catch (error) {
        if (!(error instanceof HistoryGapError)) throw error
        checked.gap = true
        checked.chains.adopt(opened)
    }
}
