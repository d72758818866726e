/** Reads the lists of the desk page by page: the open places of a queue, and what has been closed. */
import type { Desk } from './desk'
import type { Place } from './places'
import type { ConsoleEvent, ConsoleState } from './state'

/** A queue longer than this is read in part; its oldest are the ones to answer. */
const MAX_PAGES = 20

export interface AroundQueues {
    readonly desk: Desk
    readonly state: () => ConsoleState
    readonly tell: (event: ConsoleEvent) => void
    readonly openCards: (places: readonly Place[]) => void
}

export class QueueReader {
    readonly #around: AroundQueues
    /** Where the next page of a queue's closed cases begins; a queue without more is not in it. */
    #closedBefore: Map<number, number | null> | null = null

    constructor(around: AroundQueues) {
        this.#around = around
    }

    forget(): void {
        this.#closedBefore = null
    }

    async read(queue: number, isStillIn: () => boolean): Promise<void> {
        const { desk, openCards, state, tell } = this.#around
        const begun = state().queues.changes
        const places: Place[] = []
        let cursor: string | null = null
        let pages = 0
        do {
            const page = await desk.queue(queue, cursor)
            if (!isStillIn()) return
            // What is most urgent is on the screen before the rest has come.
            tell({ type: 'queue-read', queue, places: page.places, begun, whole: false })
            openCards(page.places)
            places.push(...page.places)
            cursor = page.next
            pages += 1
        } while (cursor !== null && pages < MAX_PAGES)
        if (cursor === null) tell({ type: 'queue-read', queue, places, begun, whole: true })
        const count = cursor === null ? 0 : await desk.waitingIn(queue)
        if (isStillIn()) tell({ type: 'waiting-in', queue, count })
    }

    /** The next page of closed cases, of each queue that has more. */
    async readClosed(queues: readonly number[], isStillIn: () => boolean): Promise<void> {
        const { desk, openCards, tell } = this.#around
        const before = this.#closedBefore ??= new Map(queues.map((queue) => [queue, null]))
        for (const [queue, last] of before) {
            const page = await desk.closed(queue, last)
            if (!isStillIn()) return
            const oldest = page.places.at(-1)?.closedNth ?? null
            if (page.more && oldest !== null) before.set(queue, oldest)
            else before.delete(queue)
            tell({ type: 'closed-read', places: page.places, hasMore: before.size > 0 })
            openCards(page.places)
        }
    }
}
