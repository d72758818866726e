/** How far a message has come, from signed heads alone, and when a client owes the other side a receipt. SPEC 4.5 */
import { equal, hex } from './bytes.ts'
import type { Head, SignKey } from './ids.ts'
import type { Opened } from './sealing.ts'

/**
 * `sent`: the server has it. `delivered`: the other side's client has verified it. `read`: it has been on the other
 * side's screen.
 */
export type Reach = 'sent' | 'delivered' | 'read'

type Signed = Pick<Opened, 'header' | 'seen' | 'head' | 'content'>

/** What experts see of one another says nothing about the reporter. */
const areTwoSides = (one: SignKey, other: SignKey, reporter: SignKey): boolean =>
    equal(one, reporter) !== equal(other, reporter)

/** Whoever writes has the conversation on the screen. */
const hasRead = ({ content }: Signed): boolean => content.type !== 'receipt' || content.read

/** The reach of each message of `author`, by its counter. Only the other side's heads count, and only true ones. */
export function reachOf(history: readonly Signed[], author: SignKey, reporter: SignKey): ReadonlyMap<number, Reach> {
    const own = new Map<number, Head>()
    for (const { header, head } of history) if (equal(header.author, author)) own.set(header.counter, head)
    let [delivered, read] = [0, 0]
    for (const signed of history) {
        if (!areTwoSides(signed.header.author, author, reporter)) continue
        for (const seen of signed.seen) {
            const head = equal(seen.author, author) ? own.get(seen.counter) : undefined
            if (head === undefined || !equal(head, seen.head)) continue
            delivered = Math.max(delivered, seen.counter)
            if (hasRead(signed)) read = Math.max(read, seen.counter)
        }
    }
    const reach = (counter: number): Reach => (counter <= read ? 'read' : counter <= delivered ? 'delivered' : 'sent')
    return new Map([...own.keys()].map((counter) => [counter, reach(counter)]))
}

/** Up to which counter of each other author `author` has said to have read, by the author's key in hexadecimal. */
export function readBy(history: readonly Signed[], author: SignKey): ReadonlyMap<string, number> {
    const read = new Map<string, number>()
    for (const signed of history) {
        if (!equal(signed.header.author, author) || !hasRead(signed)) continue
        for (const seen of signed.seen) read.set(hex(seen.author), Math.max(seen.counter, read.get(hex(seen.author)) ?? 0))
    }
    return read
}

/** What `author` has not told the other side yet, or null. A receipt is never owed a receipt. */
export function receiptOwed(
    history: readonly Signed[],
    author: SignKey,
    reporter: SignKey,
    onScreen: boolean,
): 'delivered' | 'read' | null {
    const [written, told, toldRead] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()]
    const raise = (map: Map<string, number>, who: SignKey, counter: number): void => {
        map.set(hex(who), Math.max(counter, map.get(hex(who)) ?? 0))
    }
    for (const signed of history) {
        const { author: who, counter } = signed.header
        if (areTwoSides(who, author, reporter) && signed.content.type !== 'receipt') raise(written, who, counter)
        else if (equal(who, author)) {
            for (const seen of signed.seen) {
                raise(told, seen.author, seen.counter)
                if (hasRead(signed)) raise(toldRead, seen.author, seen.counter)
            }
        }
    }
    const owes = (to: Map<string, number>): boolean => [...written].some(([who, counter]) => counter > (to.get(who) ?? 0))
    return onScreen && owes(toldRead) ? 'read' : owes(told) ? 'delivered' : null
}
