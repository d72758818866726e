/**
 * An open case as it has been read so far: its keys, its messages in the server's order, and what is wrong with them.
 * SPEC 4.3
 */
import { equal, hex } from '@lyhty/crypto/bytes'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { isWordless } from '@lyhty/crypto/contents'
import type { ConsentContent, TurnContent, WrittenContent } from '@lyhty/crypto/contents'
import { b64encode } from '@lyhty/crypto/encoding'
import { ForgedError } from '@lyhty/crypto/errors'
import type { CaseId, Generation, QueueId, SignKey } from '@lyhty/crypto/ids'
import type { CaseState, PlaceState } from '@lyhty/crypto/records'
import { queuesOf } from '@lyhty/crypto/rosters'
import type { Roster } from '@lyhty/crypto/rosters'
import { History } from './history.ts'
import type { ReadMessage } from './history.ts'
import { openingsIn, professionOf } from './openings.ts'
import type { CaseView, Consent, Profession, ShownMessage } from './types.ts'

export interface CaseGeneration {
    readonly roster: Roster
    readonly key: Uint8Array
}

/** A message of this page that the server has not acknowledged. */
export interface Unsent {
    readonly key: string
    readonly at: number
    readonly text: string
    /** As it stood in the field. */
    readonly typed: string
    /** Until then it can be taken back; null once it is on its way. */
    leavesAtMs: number | null
    left: ShownMessage['left']
    /** The server could not store it, and is asked again and again. */
    isHeldUp: boolean
}

/** By the head of the question, in base64url: the last answer to it. */
type Answers = ReadonlyMap<string, Consent>

const answersIn = (messages: readonly ReadMessage[]): Answers =>
    new Map(messages.flatMap(({ opened: { content } }) => (content.type === 'consent' ? [[b64encode(content.asked), content.what]] : [])))

/** Nothing but a question changes in the eyes of who looks at it. */
const saysTheSame = (before: ShownMessage['content'], now: ShownMessage['content']): boolean =>
    before.type === 'ask' && now.type === 'ask'
        ? before.answer === now.answer && before.canAnswer === now.canAnswer
        : before.type !== 'consent' || now.type !== 'consent' || before.profession === now.profession

export class Conversation {
    readonly caseId: CaseId
    readonly reporter: SignKey
    readonly generations = new Map<Generation, CaseGeneration>()
    readonly history: History
    /** What the server stored of each message that was read, by its `seq`. */
    readonly sealed = new Map<number, Uint8Array>()
    readonly #unsent: Unsent[] = []
    /** Keeps a message's key when it turns from unsent into sent, so that a screen can keep its row. */
    readonly #keys = new Map<string, string>()
    readonly #alarms = new Set<ErrorCode>()
    state: CaseState
    places: readonly PlaceState[]
    /** When it came, as the server knows it: what the promise counts from. SPEC 9.5 */
    opened: CaseView['opened'] = null
    /** The queues whose holder is at a desk. */
    here: readonly QueueId[] = []
    /** Whether a channel is bound to the case: what is written leaves at once. */
    isBound = true
    #bytes = 0
    readonly #shownBefore = new Map<number, ShownMessage>()

    constructor(caseId: CaseId, reporter: SignKey, state: CaseState, places: readonly PlaceState[]) {
        this.caseId = caseId
        this.reporter = reporter
        this.history = new History(reporter, reporter)
        this.state = state
        this.places = places
    }

    /** The generations as the server has them now. */
    learn(newer: ReadonlyMap<Generation, CaseGeneration>): void {
        for (const [generation, { roster }] of newer) {
            const known = this.generations.get(generation)
            if (known !== undefined && !equal(known.roster.commitment, roster.commitment))
                throw new ForgedError('another key of a known generation')
        }
        for (const [generation, one] of newer) this.generations.set(generation, one)
    }

    get current(): CaseGeneration {
        return this.generations.get(Math.max(...this.generations.keys())) as CaseGeneration
    }

    /** Counts what the server has sent of the history, to tell how long the rest will take. */
    arrivedBytes(bytes: number): void {
        this.#bytes += bytes
    }

    /** About how many bytes of envelopes are here, and are still to come. */
    get historyBytes(): { readonly here: number; readonly toCome: number } {
        const { more, newest, oldest } = this.history
        return { here: this.#bytes, toCome: more ? (this.#bytes / (newest - oldest + 1)) * (oldest - 1) : 0 }
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
        return this.#unsent.length > 0
    }

    view(): CaseView {
        const { history } = this
        const alarms = new Set(this.#alarms)
        if (history.chains.gap || !history.hasBeginning) alarms.add('history-gap')
        if (history.chains.isForged) alarms.add('envelope-tampered')
        const { reach, unread } = history.told
        const isUnreadKnown = history.knowsOwnChain
        const answers = answersIn(history.messages)
        const sent = history.messages
            .filter(({ opened }) => !isWordless(opened.content))
            .map((message) => {
                const { author, opened } = message
                const state = author === 'reporter' ? (reach.get(opened.header.counter) ?? 'sent') : 'received'
                return this.#shown(message, state, isUnreadKnown && unread.has(opened), answers)
            })
        const keys = new Set(sent.map(({ key }) => key))
        const unsent = this.#unsent.filter(({ key }) => !keys.has(key)).map((one) => this.#shownUnsent(one))
        return {
            state: this.state,
            opened: this.opened,
            places: this.places.map(({ queue, state }) => ({ profession: professionOf(queue), state })),
            here: this.places
                .filter(({ queue, state }) => state === 'held' && this.here.includes(queue))
                .map(({ queue }) => professionOf(queue)),
            messages: [...sent, ...unsent],
            openings: openingsIn(history.messages),
            alarms: [...alarms],
            helped: null,
            older: null,
        }
    }

    #shownUnsent({ key, at, text, leavesAtMs, left, isHeldUp }: Unsent): ShownMessage {
        return {
            key,
            at,
            author: 'reporter',
            expertName: null,
            profession: null,
            state: leavesAtMs !== null ? 'leaving' : !this.isBound ? 'waiting' : isHeldUp ? 'held-up' : 'sending',
            leavesAtMs,
            left,
            isNew: false,
            content: { type: 'chat', text },
        }
    }

    /** The same object as before while it says the same, so that a screen draws only what has changed. */
    #shown({ seq, opened, author }: ReadMessage, state: ShownMessage['state'], isNew: boolean, answers: Answers): ShownMessage {
        const id = hex(opened.header.objectId)
        const key = this.#keys.get(id) ?? id
        const before = this.#shownBefore.get(seq)
        const content = opened.content as WrittenContent | TurnContent
        const shownContent = this.#content(content, b64encode(opened.head), answers)
        if (before?.state === state && before.isNew === isNew && before.key === key && saysTheSame(before.content, shownContent)) return before
        const shown: ShownMessage = {
            key,
            author: author === 'reporter' ? 'reporter' : 'expert',
            expertName: author === 'reporter' ? null : author.name,
            profession: author === 'reporter' ? null : author.profession,
            at: content.at,
            state,
            leavesAtMs: null,
            left: null,
            isNew,
            content: shownContent,
        }
        this.#shownBefore.set(seq, shown)
        return shown
    }

    #content(content: WrittenContent | TurnContent, question: string, answers: Answers): ShownMessage['content'] {
        switch (content.type) {
            case 'answer':
                return content
            case 'turn':
                return { type: 'turn' }
            case 'ask': {
                const { queue, text } = content
                const canAnswer = this.state !== 'closed' && !queuesOf(this.current.roster).includes(queue)
                return { type: 'ask', text, profession: professionOf(queue), question, answer: answers.get(question) ?? null, canAnswer }
            }
            case 'consent':
                return { type: 'consent', what: content.what, profession: this.#askedFor(content) }
            default:
                return { type: content.type, text: content.text }
        }
    }

    #askedFor({ asked }: ConsentContent): Profession | null {
        const question = this.history.messages.find(({ opened }) => equal(opened.head, asked))?.opened.content
        return question?.type === 'ask' ? professionOf(question.queue) : null
    }

    wipe(): void {
        for (const { key } of this.generations.values()) key.fill(0)
        this.history.clear()
        this.sealed.clear()
        this.#shownBefore.clear()
        this.#unsent.length = 0
    }
}
