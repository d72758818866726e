/** The closed cases as far as they have been read, and what happens to them meanwhile: pure. */
import type { Place, PlaceKey } from './places'
import { isClosedByMe } from './questions'
import type { ClosedList, ConsoleState } from './state'

/** The pages come newest first; what the feed said since is in front of them. */
export function withClosedRead({ closed }: ConsoleState, places: readonly Place[], hasMore: boolean): ClosedList {
    return { places: new Map([...closed.places, ...places.map((place) => [place.key, place] as const)]), isRead: true, hasMore }
}

/** A place that was closed by me joins the list; one that is open again leaves it. */
export function withClosed(state: ConsoleState, place: Place): ClosedList {
    if (isClosedByMe(state, place)) return { ...state.closed, places: new Map(state.closed.places).set(place.key, place) }
    return place.state === 'closed' ? state.closed : without(state.closed, (key) => key === place.key)
}

export function withoutErased(closed: ClosedList, caseId: string): ClosedList {
    return without(closed, (key) => key.startsWith(`${caseId}/`))
}

function without(closed: ClosedList, isGone: (key: PlaceKey) => boolean): ClosedList {
    if (![...closed.places.keys()].some(isGone)) return closed
    return { ...closed, places: new Map([...closed.places].filter(([key]) => !isGone(key))) }
}
