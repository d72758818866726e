/**
 * What the desk's JSON must look like (SPEC 9), checked once at the border.
 *
 * A place is one case in one queue; `key` names it within this page, because a case may wait in two queues.
 */
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
}

export interface QueuePage { readonly places: readonly Place[]; readonly next: string | null }
export interface Opened {
    readonly place: Place
    readonly rosters: readonly string[]
    readonly wraps: readonly string[]
    readonly signPk: string
}
export interface EnvelopePage {
    readonly envelopes: readonly { readonly seq: number; readonly envelope: string }[]
    readonly more: boolean
}
export interface Challenge {
    readonly challenge: string
    readonly salt: string
    readonly mKib: number
    readonly t: number
    readonly p: number
}
export interface SignedIn {
    readonly token: string
    readonly expert: string
    readonly keys: string
    readonly queueWraps: readonly string[]
}
export type FeedEvent =
    | { readonly type: 'ready' }
    | { readonly type: 'refused' }
    | { readonly type: 'place'; readonly place: Place }
    | { readonly type: 'envelope'; readonly case: string; readonly seq: number }
    | { readonly type: 'erased'; readonly case: string }

/** The server answered something that is not in SPEC 9. */
export class UnreadableAnswerError extends Error {}

export function placeKey(caseId: string, queue: number): PlaceKey {
    return `${caseId}/${queue}`
}

export function readPlace(value: unknown): Place {
    const caseId = text(value, 'case')
    const queue = number(value, 'queue')
    return {
        key: placeKey(caseId, queue),
        case: caseId,
        queue,
        urgent: truth(value, 'urgent'),
        state: oneOf(value, 'state', ['waiting', 'held', 'closed']),
        holder: orNull(value, 'holder', text),
        leaseUntil: orNull(value, 'lease_until', number),
        openedHour: number(value, 'opened_hour'),
        seq: number(value, 'seq'),
        lastSeq: number(value, 'last_seq'),
        card: text(value, 'card'),
        cardWrap: text(value, 'card_wrap'),
    }
}

export function readQueuePage(value: unknown): QueuePage {
    return { places: list(value, 'cases').map(readPlace), next: orNull(value, 'next', text) }
}

export function readOpened(value: unknown): Opened {
    return {
        place: readPlace(member(value, 'place')),
        rosters: list(value, 'rosters').map(asText),
        wraps: list(value, 'wraps').map(asText),
        signPk: text(value, 'sign_pk'),
    }
}

export function readEnvelopePage(value: unknown): EnvelopePage {
    const envelopes = list(value, 'envelopes').map((entry) => ({ seq: number(entry, 'seq'), envelope: text(entry, 'envelope') }))
    return { envelopes, more: truth(value, 'more') }
}

export function readChallenge(value: unknown): Challenge {
    return {
        challenge: text(value, 'challenge'),
        salt: text(value, 'salt'),
        mKib: number(value, 'm_kib'),
        t: number(value, 't'),
        p: number(value, 'p'),
    }
}

export function readSignedIn(value: unknown): SignedIn {
    return {
        token: text(value, 'token'),
        expert: text(value, 'expert'),
        keys: text(value, 'keys'),
        queueWraps: list(value, 'queue_wraps').map(asText),
    }
}

export function readSeq(value: unknown): number {
    return number(value, 'seq')
}

/** Null for an event this version does not know. */
export function readFeedEvent(value: unknown): FeedEvent | null {
    switch (text(value, 'type')) {
        case 'ready':
            return { type: 'ready' }
        case 'refused':
            return { type: 'refused' }
        case 'place':
            return { type: 'place', place: readPlace(member(value, 'place')) }
        case 'erased':
            return { type: 'erased', case: text(value, 'case') }
        case 'envelope':
            return { type: 'envelope', case: text(value, 'case'), seq: number(value, 'seq') }
        default:
            return null
    }
}

function member(value: unknown, name: string): unknown {
    if (typeof value !== 'object' || value === null || !(name in value)) throw new UnreadableAnswerError(`${name} is missing`)
    return (value as Record<string, unknown>)[name]
}

function asText(value: unknown): string {
    if (typeof value !== 'string') throw new UnreadableAnswerError('not a text')
    return value
}

function text(value: unknown, name: string): string {
    return asText(member(value, name))
}

function number(value: unknown, name: string): number {
    const found = member(value, name)
    if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < 0) throw new UnreadableAnswerError(`${name} is not a number`)
    return found
}

function truth(value: unknown, name: string): boolean {
    const found = member(value, name)
    if (typeof found !== 'boolean') throw new UnreadableAnswerError(`${name} is neither true nor false`)
    return found
}

function list(value: unknown, name: string): readonly unknown[] {
    const found = member(value, name)
    if (!Array.isArray(found)) throw new UnreadableAnswerError(`${name} is not a list`)
    return found
}

function orNull<T>(value: unknown, name: string, read: (value: unknown, name: string) => T): T | null {
    return member(value, name) === null ? null : read(value, name)
}

function oneOf<T extends string>(value: unknown, name: string, choices: readonly T[]): T {
    const found = text(value, name)
    const choice = choices.find((candidate) => candidate === found)
    if (choice === undefined) throw new UnreadableAnswerError(`${name} is ${found}`)
    return choice
}
