/** Questions whether another profession may help, and the reporter's answers: what holds and what is forged. SPEC 4.7 */
import { equal, hex } from './bytes.ts'
import { beginsGeneration } from './contents.ts'
import { ForgedError } from './errors.ts'
import { hash } from './ids.ts'
import type { QueueId, SignKey } from './ids.ts'
import { addedQueue, queuesOf, reporterEntry } from './rosters.ts'
import type { RosterFields } from './rosters.ts'
import type { Opened } from './sealing.ts'

type Entries = Pick<RosterFields, 'entries'>

const forged = (detail: string): ForgedError => new ForgedError(detail, 'envelope-tampered')

/** By whom, and under which roster. `previous`: of the generation before. */
export function checkHandover(
    { header, content }: Pick<Opened, 'header' | 'content'>,
    roster: Entries,
    previous: Entries | undefined,
    reporter: SignKey,
): void {
    const isReporters = equal(header.author, reporter)
    const isYes = content.type === 'consent'
    if (content.type === 'ask' && (isReporters || queuesOf(roster).includes(content.queue)))
        throw forged('asks for a queue that has the case, or not by an expert')
    if (isYes) {
        if (!isReporters) throw forged("an answer that is not the reporter's")
        const own = reporterEntry(roster.entries)
        if (content.kem !== null && (own === undefined || !equal(own.kemHash, hash(content.kem))))
            throw forged('another kem key than in the roster')
    }
    if (beginsGeneration(content) && isYes !== (addedQueue(previous, roster) !== undefined))
        throw forged('a queue let in without a yes, or a yes that lets none in')
}

/** Those that have been read, oldest first. */
export class Questions {
    readonly #asked = new Map<string, QueueId>()

    /** `added`: the queue that the message's generation let in; `isWhole`: everything before it has been read. */
    accept({ content, head }: Pick<Opened, 'content' | 'head'>, added: QueueId | undefined, isWhole: boolean): void {
        if (content.type === 'ask') this.#asked.set(hex(head), content.queue)
        if (content.type !== 'consent') return
        const queue = this.#asked.get(hex(content.asked))
        if (queue === undefined ? isWhole : content.what !== 'no' && queue !== added) throw forged('an answer to no question')
    }
}
