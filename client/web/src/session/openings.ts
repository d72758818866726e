/** Who has had a case shown, and in which hour, from verified messages alone. SPEC 4.6 */
import { hex } from '@lyhty/crypto/bytes'
import { LAWYER } from '@lyhty/crypto/ids'
import type { QueueId } from '@lyhty/crypto/ids'
import type { ReadMessage } from './history.ts'
import type { Profession } from './types.ts'

export const HOUR_S = 3_600

/** Since 1970. */
export const hourOf = (atS: number): number => Math.floor(atS / HOUR_S)

export const professionOf = (queue: QueueId): Profession => (queue === LAWYER ? 'lawyer' : 'psychologist')

export interface Opening {
    readonly key: string
    readonly profession: Profession
    readonly hour: number
}

export const openingsIn = (messages: readonly ReadMessage[]): readonly Opening[] =>
    messages.flatMap(({ opened: { header, content } }) =>
        content.type === 'opened'
            ? [{ key: hex(header.objectId), profession: professionOf(content.queue), hour: hourOf(content.at) }]
            : [],
    )
