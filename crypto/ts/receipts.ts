/** How far a message has come, from signed heads alone, and when a client owes the other side a receipt. SPEC 4.5 */
import { equal, hex } from './bytes.ts'
import { isWordless } from './contents.ts'
import type { Head, SignKey } from './ids.ts'
import type { Opened } from './sealing.ts'

/**
 * `sent`: the server has it. `delivered`: the other side's client has verified it. `read`: it has been on the other
 * side's screen.
 */
export type Reach = 'sent' | 'delivered' | 'read'

export type Signed = Pick<Opened, 'header' | 'seen' | 'head' | 'content'>

/** What experts see of one another says nothing about the reporter. */
const areTwoSides = (one: SignKey, other: SignKey, reporter: SignKey): boolean =>
    equal(one, reporter) !== equal(other, reporter)

/** Whether a message is owed a receipt: not one that says nothing. */
export const isWritten = ({ content }: Pick<Signed, 'content'>): boolean =>
    !isWordless(content) && content.type !== 'turn'

/** Whoever writes has the conversation on the screen; a new key is made without a look at it. */
const hasRead = ({ content }: Signed): boolean =>
    content.type === 'receipt' ? content.read : content.type !== 'turn'

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

interface Told {
    /** By the author's key in hex: the last counter that `author`'s own messages named. */
    readonly delivered: ReadonlyMap<string, number>
    readonly read: ReadonlyMap<string, number>
}

function toldBy(history: readonly Signed[], author: SignKey): Told {
    const [delivered, read] = [new Map<string, number>(), new Map<string, number>()]
    for (const signed of history) {
        if (!equal(signed.header.author, author)) continue
        for (const { author: who, counter } of signed.seen) {
            for (const map of hasRead(signed) ? [delivered, read] : [delivered])
                map.set(hex(who), Math.max(counter, map.get(hex(who)) ?? 0))
        }
    }
    return { delivered, read }
}

const owes = (history: readonly Signed[], author: SignKey, reporter: SignKey, told: Told['read']): Signed[] =>
    history.filter(
        (signed) =>
            areTwoSides(signed.header.author, author, reporter) &&
            isWritten(signed) &&
            signed.header.counter > (told.get(hex(signed.header.author)) ?? 0),
    )

/** Up to which counter of each other author `author` has said to have read, by the author's key in hexadecimal. */
export const readBy = (history: readonly Signed[], author: SignKey): ReadonlyMap<string, number> =>
    toldBy(history, author).read

/** What `author` has not told the other side yet, or null. Only words are owed a receipt. */
export function receiptOwed(
    history: readonly Signed[],
    author: SignKey,
    reporter: SignKey,
    onScreen: boolean,
): 'delivered' | 'read' | null {
    const told = toldBy(history, author)
    if (onScreen && owes(history, author, reporter, told.read).length > 0) return 'read'
    return owes(history, author, reporter, told.delivered).length > 0 ? 'delivered' : null
}
