/** What an expert's client has recorded of its own openings. SPEC 4.6 */
import { equal } from '@lyhty/crypto/bytes'
import type { QueueId, SignKey } from '@lyhty/crypto/ids'
import type { ReadMessage } from '../session/history'
import { hourOf } from '../session/openings'

/** The last hour in which `own` has recorded an opening as a member of `queue`. */
export function lastOpenedHour(messages: readonly ReadMessage[], own: SignKey, queue: QueueId): number | null {
    const hours = messages.flatMap(({ opened: { header, content } }) =>
        content.type === 'opened' && content.queue === queue && equal(header.author, own) ? [hourOf(content.at)] : [],
    )
    return hours.length === 0 ? null : Math.max(...hours)
}

/** Whether something of `own` is here that was written before this hour: whatever they recorded in it, is here too. */
export const reachesBefore = (messages: readonly ReadMessage[], own: SignKey, hour: number): boolean =>
    messages.some(({ opened: { header, content } }) => equal(header.author, own) && hourOf(content.at) < hour)
