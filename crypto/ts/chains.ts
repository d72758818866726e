/** Each author's chain of messages, and what the others had seen of it: nothing missing, moved or forked. SPEC 4.3 */
import { compare, equal, hex } from './bytes.ts'
import { MAX_HEADS, NO_HEAD } from './envelopes.ts'
import type { SeenHead } from './envelopes.ts'
import { HistoryGapError } from './errors.ts'
import type { Head, SignKey } from './ids.ts'
import type { ChainPosition, Opened } from './sealing.ts'

type Link = Pick<Opened, 'header' | 'previousHead' | 'seen' | 'head'>

interface Author {
    readonly key: SignKey
    counter: number
    head: Head
    /** Every head by its counter, to compare with what others say they saw. */
    readonly heads: Map<number, Head>
}

/**
 * Accepts messages in the order of the server's `seq`.
 *
 * A reader who begins in the middle (newest messages first) passes `complete: false`: an author's first message is then
 * taken as it stands, unless somebody else's message says otherwise.
 */
export class Chains {
    readonly #authors = new Map<string, Author>()
    readonly #complete: boolean

    constructor({ complete = true }: { readonly complete?: boolean } = {}) {
        this.#complete = complete
    }

    #gapInOwnChain(link: Link): boolean {
        const { author, counter } = link.header
        const known = this.#authors.get(hex(author))
        if (known === undefined) return this.#complete && (counter !== 1 || !equal(link.previousHead, NO_HEAD))
        if (
            counter !== known.counter + 1 &&
            (this.#complete || known.heads.has(known.counter) || counter <= known.counter)
        )
            return true
        return counter === known.counter + 1 && !equal(link.previousHead, known.head)
    }

    #gapInSeen(seen: SeenHead): boolean {
        const known = this.#authors.get(hex(seen.author))
        if (known === undefined) return this.#complete
        if (seen.counter > known.counter) return this.#complete || known.heads.has(known.counter)
        const head = seen.counter === known.counter ? known.head : known.heads.get(seen.counter)
        return head !== undefined && !equal(head, seen.head)
    }

    /** Changes nothing when it throws; `adopt` then goes on from the message all the same. */
    accept(link: Link): void {
        if (this.#gapInOwnChain(link)) throw new HistoryGapError('not the next message of its author')
        if (link.seen.some((seen) => this.#gapInSeen(seen))) throw new HistoryGapError('somebody saw another history')
        this.adopt(link)
    }

    adopt(link: Link): void {
        const { author, counter } = link.header
        for (const seen of link.seen) this.#hearOf(seen)
        const known = this.#authors.get(hex(author)) ?? {
            key: author,
            counter,
            head: link.head,
            heads: new Map<number, Head>(),
        }
        known.heads.set(counter, link.head)
        known.counter = counter
        known.head = link.head
        this.#authors.delete(hex(author))
        this.#authors.set(hex(author), known)
    }

    /** In the middle of a history another author's word is all there is about messages not loaded yet. */
    #hearOf(seen: SeenHead): void {
        const known = this.#authors.get(hex(seen.author))
        if (this.#complete || (known !== undefined && known.counter >= seen.counter)) return
        this.#authors.set(hex(seen.author), {
            key: seen.author,
            counter: seen.counter,
            head: seen.head,
            heads: known?.heads ?? new Map(),
        })
    }

    /** Where the author's next message stands, with the last heads seen of all others. */
    next(author: SignKey): ChainPosition {
        const own = this.#authors.get(hex(author))
        const seen = [...this.#authors.values()]
            .filter(({ key }) => !equal(key, author))
            // SPEC 4.2: of more than a message can name, the last who wrote.
            .slice(-MAX_HEADS)
            .map(({ key, counter, head }) => ({ author: key, counter, head }))
            .sort((a, b) => compare(a.author, b.author))
        return { counter: (own?.counter ?? 0) + 1, previousHead: own?.head ?? NO_HEAD, seen }
    }
}
