/**
 * The queue lists: what page reads and the feed's events add up to, and in which order they are shown.
 *
 * A page read takes time, and events may overtake it. What the feed said while a read was under way is newer than
 * the read; everything else the read knows better. So a missed event lasts only until the next read.
 */
import { placeKey, QUEUES, type Place, type PlaceKey } from './places'

export interface Queues {
    readonly places: ReadonlyMap<PlaceKey, Place>
    /** The number of the last change the feed, or an answer to us, made to a place; kept for places that are gone. */
    readonly changedAt: ReadonlyMap<PlaceKey, number>
    readonly changes: number
}

export const NO_QUEUES: Queues = { places: new Map(), changedAt: new Map(), changes: 0 }

/** What the feed, or the answer to a claim, release or close, says of one place. */
export function withPlace(queues: Queues, place: Place): Queues {
    const places = new Map(queues.places)
    const known = places.get(place.key)
    if (place.state === 'closed') places.delete(place.key)
    else places.set(place.key, known === undefined ? place : { ...place, lastSeq: Math.max(place.lastSeq, known.lastSeq) })
    return { places, ...changed(queues, [place.key]) }
}

/** A case that its reporter erased, also if it had not been seen yet: a read under way may still bring it. */
export function withoutCase(queues: Queues, caseId: string): Queues {
    const gone = QUEUES.map((queue) => placeKey(caseId, queue))
    const places = new Map(queues.places)
    gone.forEach((key) => places.delete(key))
    return { places, ...changed(queues, gone) }
}

export function withEnvelope(queues: Queues, caseId: string, seq: number): Queues {
    const places = new Map(queues.places)
    for (const place of queues.places.values()) {
        if (place.case === caseId && place.lastSeq < seq) places.set(place.key, { ...place, lastSeq: seq })
    }
    return { ...queues, places }
}

/** `begun` is `changes` when the read began; `whole` says that the read reached the queue's end. */
export function withRead(queues: Queues, queue: number, read: readonly Place[], begun: number, whole: boolean): Queues {
    const overtaken = (key: PlaceKey): boolean => (queues.changedAt.get(key) ?? 0) > begun
    const places = new Map(queues.places)
    for (const place of whole ? queues.places.values() : []) {
        if (place.queue === queue && !overtaken(place.key)) places.delete(place.key)
    }
    for (const place of read) {
        if (place.queue !== queue || place.state === 'closed' || overtaken(place.key)) continue
        const known = queues.places.get(place.key)
        places.set(place.key, { ...place, lastSeq: Math.max(place.lastSeq, known?.lastSeq ?? 0) })
    }
    // Reads of a queue follow one another: the next one begins later than all that this one knew.
    const isDone = (key: PlaceKey, at: number): boolean => at <= begun && key.endsWith(`/${queue}`)
    const changedAt = whole ? new Map([...queues.changedAt].filter(([key, at]) => !isDone(key, at))) : queues.changedAt
    return { ...queues, places, changedAt }
}

/** Urgent first, then the one that has waited longest. */
export function inOrder(places: Iterable<Place>): readonly Place[] {
    return [...places].sort(
        (a, b) => Number(b.urgent) - Number(a.urgent) || a.seq - b.seq || (a.key < b.key ? -1 : 1),
    )
}

const ordered = new WeakMap<Queues['places'], readonly Place[]>()

/** All open places in the order of every list; sorted once for each change, not for each key press. */
export function allInOrder({ places }: Queues): readonly Place[] {
    const known = ordered.get(places)
    if (known !== undefined) return known
    const sorted = inOrder(places.values())
    ordered.set(places, sorted)
    return sorted
}

function changed(queues: Queues, keys: readonly PlaceKey[]): Omit<Queues, 'places'> {
    const changes = queues.changes + 1
    const changedAt = new Map(queues.changedAt)
    keys.forEach((key) => changedAt.set(key, changes))
    return { changedAt, changes }
}
