/**
 * The desk's answers in the console's own words: what the rest of it is drawn from.
 *
 * A place is one case in one queue; `key` names it within this page, because a case may wait in two queues.
 */
import { ForgedError } from '@lyhty/crypto/errors'
import type * as Wire from './api-types'

export type PlaceKey = `${string}/${number}`
export type PlaceState = 'waiting' | 'held' | 'closed'

export const LAWYER = 1
export const PSYCHOLOGIST = 2
export const QUEUES: readonly number[] = [LAWYER, PSYCHOLOGIST]

export interface Place {
    readonly key: PlaceKey
    readonly case: string
    readonly queue: number
    readonly urgent: boolean
    readonly state: PlaceState
    readonly holder: string | null
    readonly leaseUntil: number | null
    readonly openedHour: number
    readonly seq: number
    readonly lastSeq: number
    readonly card: string
    readonly cardWrap: string
    /** An expert has written to the reporter from this queue. */
    readonly answered: boolean
    /** The promised time passed before anybody did. */
    readonly missed: boolean
    /** How often it came back to its queue because its holder had let it lie. */
    readonly lapses: number
    /** Until when its holder has put it aside, and the newest envelope they had seen then. */
    readonly snooze: { readonly until: number; readonly seq: number } | null
    /** Who closed it. */
    readonly closer: string | null
    readonly closedHour: number | null
    /** Order of closing in its queue. */
    readonly closedNth: number | null
    /** Of a closed case, its newest envelope when it was closed; null while any of its places is open. */
    readonly closedSeq: number | null
}

export interface QueuePage { readonly places: readonly Place[]; readonly next: string | null }
export interface ClosedPage { readonly places: readonly Place[]; readonly more: boolean }
export interface Opened {
    readonly place: Place
    readonly rosters: readonly string[]
    readonly wraps: readonly string[]
    /** For each roster, what leads from its key to the one before. */
    readonly links: readonly (string | null)[]
    readonly signPk: string
}
export interface Challenge {
    readonly challenge: string
    readonly salt: string
    readonly mKib: number
    readonly t: number
    readonly p: number
    readonly effort: number
}
/** The same for another password of the account that is signed in. */
export interface UnlockTerms extends Challenge {
    readonly name: string
    /** Since when the directory lists our `kem`; null: nobody has noted it. */
    readonly keysHour: number | null
    /** New keys of ours wait for a coordinator. */
    readonly renewing: boolean
}
export interface SignedIn {
    readonly token: string
    readonly expert: string
    readonly keys: string
    readonly queueWraps: readonly string[]
    readonly keysHour: number | null
}
export type FeedEvent =
    | { readonly type: 'ready' }
    | { readonly type: 'refused' }
    | { readonly type: 'place'; readonly place: Place }
    | { readonly type: 'envelope'; readonly case: string; readonly seq: number }
    | { readonly type: 'erased'; readonly case: string }
    /** Whether the reporter of a case we hold has the page open. */
    | { readonly type: 'here'; readonly case: string; readonly here: boolean }
    | { readonly type: 'trust'; readonly version: number }
    /** A room that we may read is new, has something new, has ended or was taken back. */
    | { readonly type: 'room'; readonly room: string; readonly case: string; readonly kind: 'notes' | 'consultation' | 'slip'; readonly seq: number }
    /** A template of one of our teams was written, changed or removed. */
    | { readonly type: 'shelf'; readonly queue: number; readonly seq: number }
    /** The holder of another place of a case we hold is writing in it. */
    | { readonly type: 'answering'; readonly case: string; readonly queue: number }
    /** To coordinators: somebody has answered an invitation. */
    | { readonly type: 'application'; readonly invitation: string }
    /** Shares of a queue were made, asked for or given, or a request was ended. */
    | { readonly type: 'recovery'; readonly queue: number }

export function placeKey(caseId: string, queue: number): PlaceKey {
    return `${caseId}/${queue}`
}

export function asPlace(place: Wire.Place): Place {
    return {
        key: placeKey(place.case, place.queue),
        case: place.case,
        queue: place.queue,
        urgent: place.urgent,
        state: place.state,
        holder: place.holder,
        leaseUntil: place.lease_until,
        openedHour: place.opened_hour,
        seq: place.seq,
        lastSeq: place.last_seq,
        card: place.card,
        cardWrap: place.card_wrap,
        answered: place.answered,
        missed: place.missed,
        lapses: place.lapses,
        snooze: place.snooze,
        closer: place.closer,
        closedHour: place.closed_hour,
        closedNth: place.closed_nth,
        closedSeq: place.closed_seq,
    }
}

export function asQueuePage(page: Wire.QueuePage): QueuePage {
    return { places: page.cases.map(asPlace), next: page.next }
}

export function asClosedPage(page: Wire.ClosedPage): ClosedPage {
    return { places: page.cases.map(asPlace), more: page.more }
}

/** Of the place that was asked for, and of no other. */
export function asOpened({ place, rosters, wraps, links, sign_pk }: Wire.OpenedPlace, asked: Place): Opened {
    const opened = { place: asPlace(place), rosters, wraps, links, signPk: sign_pk }
    if (opened.place.key !== asked.key) throw new ForgedError('another place than was asked for', 'wrap-tampered')
    return opened
}

export function asChallenge({ m_kib, ...same }: Wire.Challenge): Challenge {
    return { ...same, mKib: m_kib }
}

export function asUnlockTerms({ m_kib, keys_hour, ...same }: Wire.NewUnlockTerms): UnlockTerms {
    return { ...same, mKib: m_kib, keysHour: keys_hour }
}

export function asSignedIn({ queue_wraps, keys_hour, ...same }: Wire.SignedIn): SignedIn {
    return { ...same, queueWraps: queue_wraps, keysHour: keys_hour }
}

export function asFeedEvent(message: Wire.FeedMessage): FeedEvent {
    return message.type === 'place' ? { type: 'place', place: asPlace(message.place) } : message
}
