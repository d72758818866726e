/** Places for the tests of the console: everything a place needs, and what a test cares about. */
import { placeKey, type Place } from '../../src/console/places.ts'

export function place(seq: number, changes: Partial<Place> = {}): Place {
    const made: Place = {
        key: placeKey(`case-${seq}`, 1), case: `case-${seq}`, queue: 1, urgent: false, state: 'waiting', holder: null, leaseUntil: null, answered: false, missed: false,
        openedHour: 490_000 + seq, seq, lastSeq: 1, card: '', cardWrap: '', lapses: 0,
        snooze: null, closer: null, closedHour: null, closedNth: null, closedSeq: null, ...changes,
    }
    return { ...made, key: placeKey(made.case, made.queue) }
}
