/**
 * An open case as it has been read so far: its keys, its messages in the server's order, and what is wrong with them.
 * SPEC 4.3
 */
import { hex } from '@lyhty/crypto/bytes'
import { Chains } from '@lyhty/crypto/chains'
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { WrittenContent } from '@lyhty/crypto/contents'
import type { KnownAuthor } from '@lyhty/crypto/directories'
import { HistoryGapError } from '@lyhty/crypto/errors'
import { LAWYER } from '@lyhty/crypto/ids'
import type { CaseId, Generation, QueueId, SignKey } from '@lyhty/crypto/ids'
import { reachOf, receiptOwed, unreadBy } from '@lyhty/crypto/receipts'
import type { CaseState, PlaceState } from '@lyhty/crypto/records'
import type { Roster } from '@lyhty/crypto/rosters'
import type { Opened } from '@lyhty/crypto/sealing'
import type { CaseView, Profession, ShownMessage } from './types.ts'

export interface CaseGeneration {
    readonly roster: Roster
    readonly key: Uint8Array
}

export interface ReadMessage {
    readonly seq: number
    readonly opened: Opened
    readonly author: 'reporter' | KnownAuthor
}

/** A message of this page that the server has not acknowledged. */
export interface Unsent {
    readonly key: string
    readonly at: number
    readonly text: string
    left: ShownMessage['left']
    problem: ErrorCode | null
}

export class Conversation {
    readonly caseId: CaseId
    readonly reporter: SignKey
    readonly generations = new Map<Generation, CaseGeneration>()
    readonly #read = new Map<number, ReadMessage>()
    readonly #unsent: Unsent[] = []
    /** Keeps a message's key when it turns from unsent into sent, so that a screen can keep its row. */
    readonly #keys = new Map<string, string>()
    readonly #alarms = new Set<ErrorCode>()
    #newest = 0
    #oldest = Number.MAX_SAFE_INTEGER
    state: CaseState
    places: readonly PlaceState[]
    /** The queues whose holder is at a desk. */
    here: readonly QueueId[] = []
    /** Whether a channel is bound to the case: what is written leaves at once. */
    isBound = true
    #more = false
    #bytes = 0
    #order: readonly ReadMessage[] | null = null
    #checked: { readonly chains: Chains; readonly gap: boolean } | null = null
    readonly #shownBefore = new Map<number, ShownMessage>()

    constructor(caseId: CaseId, reporter: SignKey, state: CaseState, places: readonly PlaceState[]) {
        this.caseId = caseId
        this.reporter = reporter
        this.state = state
        this.places = places
    }

    get current(): CaseGeneration {
        return this.generations.get(Math.max(...this.generations.keys())) as CaseGeneration
    }

    /** The newest and oldest `seq` that have been read or found unreadable. */
    get newest(): number {
        return this.#newest
    }

    get oldest(): number {
        return this.#oldest
    }

    /** Whether the server has older messages than those read. */
    get more(): boolean {
        return this.#more
    }

    set more(more: boolean) {
        this.#more = more
        this.#checked = null
    }

    has(seq: number): boolean {
        return this.#read.has(seq)
    }

    add(message: ReadMessage): void {
        this.#read.set(message.seq, message)
        this.#order = null
        this.#checked = null
        this.passed(message.seq)
    }

    /** Counts what the server has sent of the history, to tell how long the rest will take. */
    arrivedBytes(bytes: number): void {
        this.#bytes += bytes
    }

    /** About how many bytes of envelopes are here, and are still to come. */
    get historyBytes(): { readonly here: number; readonly toCome: number } {
        const fetched = this.#newest - this.#oldest + 1
        return { here: this.#bytes, toCome: this.more ? (this.#bytes / fetched) * (this.#oldest - 1) : 0 }
    }

    /** Counts a `seq` as fetched even if it could not be read. */
    passed(seq: number): void {
        this.#newest = Math.max(this.#newest, seq)
        this.#oldest = Math.min(this.#oldest, seq)
    }

    alarm(code: ErrorCode): void {
        this.#alarms.add(code)
    }

    addUnsent(unsent: Unsent): void {
        this.#unsent.push(unsent)
    }

    /** The unsent message is sealed now and will come back under this object id. */
    named(unsent: Unsent, objectId: Uint8Array): void {
        this.#keys.set(hex(objectId), unsent.key)
    }

    dropUnsent(unsent: Unsent): void {
        const at = this.#unsent.indexOf(unsent)
        if (at >= 0) this.#unsent.splice(at, 1)
    }

    unsent(key: string): Unsent | undefined {
        return this.#unsent.find((unsent) => unsent.key === key)
    }

    /** What the person wrote and is still on its way will say more than a receipt. */
    get isWriting(): boolean {
        return this.#unsent.some(({ problem }) => problem === null)
    }

    #inOrder(): readonly ReadMessage[] {
        this.#order ??= [...this.#read.values()].sort((a, b) => a.seq - b.seq)
        return this.#order
    }

    get #history(): readonly Opened[] {
        return this.#inOrder().map(({ opened }) => opened)
    }

    get newestOfOthers(): number {
        return this.#inOrder().findLast(({ author }) => author !== 'reporter')?.seq ?? 0
    }

    /** SPEC 4.5 */
    receiptOwed(onScreen: boolean): 'delivered' | 'read' | null {
        return receiptOwed(this.#history, this.reporter, this.reporter, onScreen)
    }

    /** All chains over what has been read; rebuilt when anything was. */
    chains(): { readonly chains: Chains; readonly gap: boolean } {
        this.#checked ??= this.#check()
        return this.#checked
    }

    #check(): { readonly chains: Chains; readonly gap: boolean } {
        const chains = new Chains({ complete: !this.more })
        let gap = false
        for (const { opened } of this.#inOrder()) {
            try {
                chains.accept(opened)
            } catch (error) {
                if (!(error instanceof HistoryGapError)) throw error
                gap = true
                chains.adopt(opened)
            }
        }
        return { chains, gap }
    }

    /** Before writing, the reporter's own last message must have been read. */
    get knowsOwnChain(): boolean {
        return !this.more || this.#inOrder().some(({ author }) => author === 'reporter')
    }

    view(): CaseView {
        const alarms = new Set(this.#alarms)
        if (this.chains().gap) alarms.add('history-gap')
        const reach = reachOf(this.#history, this.reporter, this.reporter)
        const unread = new Set(this.knowsOwnChain ? unreadBy(this.#history, this.reporter, this.reporter) : [])
        const sent = this.#inOrder()
            .filter(({ opened }) => opened.content.type !== 'receipt')
            .map((message) => {
                const { author, opened } = message
                const state = author === 'reporter' ? (reach.get(opened.header.counter) ?? 'sent') : 'received'
                return this.#shown(message, state, unread.has(opened))
            })
        const keys = new Set(sent.map(({ key }) => key))
        const unsent = this.#unsent.filter(({ key }) => !keys.has(key)).map((one) => this.#shownUnsent(one))
        return {
            state: this.state,
            places: this.places.map(({ queue, state }) => ({ profession: professionOf(queue), state })),
            here: this.places
                .filter(({ queue, state }) => state === 'held' && this.here.includes(queue))
                .map(({ queue }) => professionOf(queue)),
            messages: [...sent, ...unsent],
            alarms: [...alarms],
            older: null,
        }
    }

    #shownUnsent({ key, at, text, left, problem }: Unsent): ShownMessage {
        return {
            key,
            at,
            author: 'reporter',
            expertName: null,
            profession: null,
            state: problem !== null ? 'failed' : this.isBound ? 'sending' : 'waiting',
            left,
            problem,
            isNew: false,
            content: { type: 'chat', text },
        }
    }

    /** The same object as before while it says the same, so that a screen draws only what has changed. */
    #shown({ seq, opened, author }: ReadMessage, state: ShownMessage['state'], isNew: boolean): ShownMessage {
        const id = hex(opened.header.objectId)
        const key = this.#keys.get(id) ?? id
        const before = this.#shownBefore.get(seq)
        if (before?.state === state && before.isNew === isNew && before.key === key) return before
        const content = opened.content as WrittenContent
        const shown: ShownMessage = {
            key,
            author: author === 'reporter' ? 'reporter' : 'expert',
            expertName: author === 'reporter' ? null : author.name,
            profession: author === 'reporter' ? null : author.profession,
            at: content.at,
            state,
            left: null,
            problem: null,
            isNew,
            content:
                content.type === 'answer'
                    ? { type: 'answer', parts: content.parts }
                    : { type: content.type, text: content.text },
        }
        this.#shownBefore.set(seq, shown)
        return shown
    }

    wipe(): void {
        for (const { key } of this.generations.values()) key.fill(0)
        this.#read.clear()
        this.#order = null
        this.#checked = null
        this.#shownBefore.clear()
        this.#unsent.length = 0
    }
}

const professionOf = (queue: QueueId): Profession => (queue === LAWYER ? 'lawyer' : 'psychologist')
