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
import type { CaseId, Generation, SignKey } from '@lyhty/crypto/ids'
import type { CaseState, PlaceState } from '@lyhty/crypto/records'
import type { Roster } from '@lyhty/crypto/rosters'
import type { Opened } from '@lyhty/crypto/sealing'
import type { CaseView, Place, ShownMessage } from './types.ts'

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
    /** Whether the server has older messages than those read. */
    more = false

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

    has(seq: number): boolean {
        return this.#read.has(seq)
    }

    add(message: ReadMessage): void {
        this.#read.set(message.seq, message)
        this.passed(message.seq)
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

    #inOrder(): ReadMessage[] {
        return [...this.#read.values()].sort((a, b) => a.seq - b.seq)
    }

    /** All chains over what has been read. Rebuilt each time: it costs a comparison per message and cannot go stale. */
    chains(): { readonly chains: Chains; readonly gap: boolean } {
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
        const sent = this.#inOrder()
            .filter(({ opened }) => opened.content.type !== 'receipt')
            .map((message) => this.#shown(message))
        const keys = new Set(sent.map(({ key }) => key))
        const unsent = this.#unsent
            .filter(({ key }) => !keys.has(key))
            .map(({ key, at, text }): ShownMessage => ({
                key,
                at,
                author: 'reporter',
                expertName: null,
                profession: null,
                state: 'sending',
                content: { type: 'chat', text },
            }))
        return {
            state: this.state,
            places: this.places.map(shownPlace),
            messages: [...sent, ...unsent],
            alarms: [...alarms],
        }
    }

    #shown({ opened, author }: ReadMessage): ShownMessage {
        const id = hex(opened.header.objectId)
        const content = opened.content as WrittenContent
        return {
            key: this.#keys.get(id) ?? id,
            author: author === 'reporter' ? 'reporter' : 'expert',
            expertName: author === 'reporter' ? null : author.name,
            profession: author === 'reporter' ? null : author.profession,
            at: content.at,
            state: author === 'reporter' ? 'sent' : 'received',
            content:
                content.type === 'answer'
                    ? { type: 'answer', parts: content.parts }
                    : { type: content.type, text: content.text },
        }
    }

    wipe(): void {
        for (const { key } of this.generations.values()) key.fill(0)
        this.#read.clear()
        this.#unsent.length = 0
    }
}

const shownPlace = ({ queue, state }: PlaceState): Place => ({
    profession: queue === LAWYER ? 'lawyer' : 'psychologist',
    state,
})
