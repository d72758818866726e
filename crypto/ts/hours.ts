/** When the service is open and by when it promises an answer: one public document, the same for everybody. SPEC 9.5 */
import { parseCanonicalJson } from './encoding.ts'
import type { Json } from './encoding.ts'
import { readFields } from './fields.ts'
import type { FieldReader } from './fields.ts'

const HOUR_S = 3_600
const MAX_OPENINGS = 500
const MAX_PROMISE_S = 1_000 * HOUR_S
const ZONE = /^[A-Za-z0-9_+/-]{1,64}$/

/** From and to, in seconds since 1970; `to` is not in it any more. */
export type Opening = readonly [from: number, to: number]

export interface Hours {
    /** In order; none touches the next. */
    readonly openings: readonly Opening[]
    /** Working time within which somebody answers. */
    readonly promiseS: number
    readonly urgentS: number
    /** Whose clock the hours are told by. */
    readonly zone: string
    /** How long a case is kept after the last thing that happened in it, a week more or less. SPEC 8.1 */
    readonly keepDays: number
}

export function decodeHours(bytes: Uint8Array): Hours {
    return readFields(parseCanonicalJson(bytes), 'operation-malformed', (fields) => ({
        openings: readOpenings(fields),
        promiseS: readBetween(fields, 'promise_s', 1, MAX_PROMISE_S),
        urgentS: readBetween(fields, 'urgent_s', 1, MAX_PROMISE_S),
        zone: readZone(fields),
        keepDays: readBetween(fields, 'keep_days', 30, 365),
    }))
}

export const isOpen = ({ openings }: Hours, atS: number): boolean => openings.some(([from, to]) => from <= atS && atS < to)

/** Now, or when it opens next; null: further on than the document reaches. */
export function opensAt({ openings }: Hours, atS: number): number | null {
    const next = openings.find(([, to]) => atS < to)
    return next === undefined ? null : Math.max(next[0], atS)
}

/** By when an answer is promised: counted from the beginning of the hour in which a case came. SPEC 9.5 */
export function promisedUntil({ openings, promiseS, urgentS }: Hours, openedHour: number, urgent: boolean): number | null {
    let leftS = urgent ? urgentS : promiseS
    for (const [from, to] of openings) {
        const begins = Math.max(from, openedHour * HOUR_S)
        if (to - begins >= leftS) return begins + leftS
        leftS -= Math.max(0, to - begins)
    }
    return null
}

/** Working seconds between two moments; 0 if they stand the other way round. */
export const workingBetween = ({ openings }: Hours, fromS: number, toS: number): number =>
    openings.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, toS) - Math.max(from, fromS)), 0)

function readOpenings(fields: FieldReader): readonly Opening[] {
    let before = -1
    const openings = fields.list('open', (item: Json): Opening => {
        const [from, to, ...more] = Array.isArray(item) ? (item as readonly Json[]) : []
        if (typeof from !== 'number' || typeof to !== 'number' || more.length > 0) throw fields.malformed('field open')
        if (from <= before || to <= from) throw fields.malformed('openings out of order')
        before = to
        return [from, to]
    })
    if (openings.length > MAX_OPENINGS) throw fields.malformed('too many openings')
    return openings
}

function readBetween(fields: FieldReader, name: string, least: number, most: number): number {
    const count = fields.count(name, least)
    if (count > most) throw fields.malformed(`field ${name}`)
    return count
}

function readZone(fields: FieldReader): string {
    const zone = fields.text('zone')
    if (!ZONE.test(zone)) throw fields.malformed('field zone')
    return zone
}
