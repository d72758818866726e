/**
 * Where the generations of a case end: what a turn message says of everything before it. SPEC 4.3
 *
 * An old key must not sign into the past. Whatever order messages come in, one that lies beyond the end of its
 * generation is nobody's.
 */
import { equal } from './bytes.ts'
import { beginsGeneration } from './contents.ts'
import { NO_HEAD } from './envelopes.ts'
import { ForgedError } from './errors.ts'
import type { Generation, Head, SignKey } from './ids.ts'
import type { Roster } from './rosters.ts'
import type { Opened } from './sealing.ts'

type Link = Pick<Opened, 'header' | 'previousHead' | 'seen' | 'head'>

const forged = (detail: string): ForgedError => new ForgedError(detail, 'envelope-tampered')

/** A turn message is by whoever signed its generation's roster, and the first generation has none. */
export function checkTurn({ header, content }: Pick<Opened, 'header' | 'content'>, roster: Pick<Roster, 'generation' | 'signer'>): void {
    if (beginsGeneration(content) && (roster.generation === 1 || !equal(header.author, roster.signer)))
        throw forged("a turn that its generation's roster does not know of")
}

/** The turn messages of one case, as far as they have been read. */
export class Ends {
    readonly #turns = new Map<Generation, Link>()

    learn(turn: Link): void {
        const known = this.#turns.get(turn.header.generation)
        if (known !== undefined && !equal(known.head, turn.head)) throw forged('a generation begins once')
        this.#turns.set(turn.header.generation, known ?? turn)
    }

    /** Whether this generation's turn message has been read; the first needs none. */
    hasBegun(generation: Generation): boolean {
        return generation === 1 || this.#turns.has(generation)
    }

    /** Whether it stands behind the end of its generation, or in the place of the last message before it. */
    isBeyond({ header, head }: Link): boolean {
        const following = Math.min(...[...this.#turns.keys()].filter((each) => each > header.generation))
        if (following === Infinity) return false
        const end = this.#end(following, header.author)
        return header.counter > end.counter || (header.counter === end.counter && !equal(head, end.head))
    }

    /** By the turn of `generation`, or, of somebody it does not name, by the newest one before it that does. */
    #end(generation: Generation, author: SignKey): { readonly counter: number; readonly head: Head } {
        const numbers = [...this.#turns.keys()].filter((each) => each <= generation).sort((a, b) => b - a)
        for (const number of numbers) {
            const { header, previousHead, seen } = this.#turns.get(number) as Link
            if (equal(header.author, author)) return { counter: header.counter - 1, head: previousHead }
            const named = seen.find((one) => equal(one.author, author))
            if (named !== undefined) return named
        }
        return { counter: 0, head: NO_HEAD }
    }
}
