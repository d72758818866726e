/** Records of the channel: operations up; results, errors and events down. SPEC 6.3, 6.4, 6.5 */
import { bytes16, bytes32, concat, isZero, Reader, u16, u32, u64, u8 } from './bytes.ts'
import { codeOfNumber, numberOfCode } from './codes.ts'
import type { ServerCode } from './codes.ts'
import { decodeTrustBundle, encodeTrustBundle } from './documents.ts'
import type { TrustBundle } from './documents.ts'
import { asCaseId, asOperationId, asSignKey, SIGNATURE_BYTES } from './ids.ts'
import type { CaseId, OperationId, QueueId, RoomId, SignKey } from './ids.ts'
import { CARD_BYTES } from './envelopes.ts'
import { CASE_SALT_BYTES } from './passphrase.ts'
import { CHALLENGE_BYTES, readTerms, SOLUTION_BYTES, writeTerms } from './work.ts'
import type { Terms, Work } from './work.ts'
import { LINK_BYTES, SELF_WRAP_BYTES, WRAP_BYTES } from './wraps.ts'

export const OPERATIONS = { open: 1, resume: 2, put: 3, fetch: 4, erase: 5, turn: 6, trust: 7, give: 8, takeBack: 9, slips: 10, handOver: 11, putLate: 12 } as const
export const EVENTS = { hello: 1, envelope: 2, state: 3, presence: 5, work: 6 } as const
const NO_OPERATION = new Uint8Array(16) as OperationId

/** Results and errors use their operation's stream; events have this bit. SPEC 6.3 */
export const EVENT_STREAM_BIT = 0x8000_0000

export type CaseState = 'waiting' | 'held' | 'closed'
const STATES: readonly CaseState[] = ['waiting', 'held', 'closed']
/** `waiting-again`: whoever held it let it lie; nobody holds it now. */
export type PlaceStanding = CaseState | 'waiting-again'
const STANDINGS: readonly PlaceStanding[] = [...STATES, 'waiting-again']

export interface PlaceState {
    readonly queue: QueueId
    readonly state: PlaceStanding
}

export interface OpenBody {
    readonly caseSalt: Uint8Array
    readonly roster: Uint8Array
    readonly selfWrap: Uint8Array
    readonly caseKeyWraps: readonly Uint8Array[]
    readonly cardKeyWraps: readonly Uint8Array[]
    readonly card: Uint8Array
    readonly report: Uint8Array
}

/** What the reporter gave to one queue, as they find it again. SPEC 3.5 */
export interface Slip {
    readonly roster: Uint8Array
    readonly selfWrap: Uint8Array
    readonly envelope: Uint8Array
}

/** The case's next key, and the first message under it. SPEC 3.4 */
export interface TurnBody {
    /** Of the newest message that the turn message knows of. */
    readonly lastSeq: number
    readonly roster: Uint8Array
    readonly ownWrap: Uint8Array
    readonly link: Uint8Array
    readonly wraps: readonly Uint8Array[]
    readonly envelope: Uint8Array
}

export type Operation =
    | {
          readonly operation: 'open'
          /** Not under the proof, and no part of what tells a retry from a conflict: a retry may bring more. */
          readonly work: Work
          readonly auth: SignKey
          readonly proof: Uint8Array
          readonly body: OpenBody
      }
    | { readonly operation: 'resume'; readonly auth: SignKey; readonly proof: Uint8Array }
    /** `putLate`: into a closed case too. SPEC 6.4 */
    | { readonly operation: 'put' | 'putLate'; readonly envelope: Uint8Array }
    | { readonly operation: 'fetch'; readonly before: number; readonly after: number; readonly maxBytes: number }
    | { readonly operation: 'erase'; readonly proof: Uint8Array }
    | ({ readonly operation: 'turn' } & TurnBody)
    | { readonly operation: 'trust' }
    | ({ readonly operation: 'give'; readonly wrap: Uint8Array } & Slip)
    | { readonly operation: 'takeBack'; readonly room: RoomId; readonly proof: Uint8Array }
    | { readonly operation: 'slips' }
    /** A turn that lets one more queue in, and the card that it finds. SPEC 3.4, 4.7 */
    | ({ readonly operation: 'handOver'; readonly cardWraps: readonly Uint8Array[]; readonly card: Uint8Array } & TurnBody)

const wrapList = (wraps: readonly Uint8Array[]): Uint8Array => concat(u8(wraps.length), ...wraps)
const readWrapList = (reader: Reader): Uint8Array[] => reader.list(reader.u8(), () => reader.take(WRAP_BYTES))

const encodeTurnBody = (turn: TurnBody): Uint8Array =>
    concat(u32(turn.lastSeq), bytes16(turn.roster), turn.ownWrap, turn.link, wrapList(turn.wraps), bytes32(turn.envelope))

const readTurnBody = (reader: Reader): TurnBody => ({
    lastSeq: reader.u32(),
    roster: reader.bytes16(),
    ownWrap: reader.take(WRAP_BYTES),
    link: reader.take(LINK_BYTES),
    wraps: readWrapList(reader),
    envelope: reader.bytes32(),
})

/** Everything in OPEN that follows the proof, which is what the proof is over. */
export const encodeOpenBody = (body: OpenBody): Uint8Array =>
    concat(
        body.caseSalt,
        bytes16(body.roster),
        body.selfWrap,
        wrapList(body.caseKeyWraps),
        wrapList(body.cardKeyWraps),
        body.card,
        bytes32(body.report),
    )

function encodeOperationBody(operation: Operation): Uint8Array {
    switch (operation.operation) {
        case 'open':
            return concat(
                operation.work.challenge,
                operation.work.solution,
                operation.auth,
                operation.proof,
                encodeOpenBody(operation.body),
            )
        case 'resume':
            return concat(operation.auth, operation.proof)
        case 'put':
        case 'putLate':
            return bytes32(operation.envelope)
        case 'fetch':
            return concat(u32(operation.before), u32(operation.after), u32(operation.maxBytes))
        case 'erase':
            return operation.proof
        case 'turn':
            return encodeTurnBody(operation)
        case 'handOver':
            return concat(encodeTurnBody(operation), wrapList(operation.cardWraps), operation.card)
        case 'trust':
        case 'slips':
            return new Uint8Array(0)
        case 'give':
            return concat(bytes16(operation.roster), operation.selfWrap, operation.wrap, bytes32(operation.envelope))
        case 'takeBack':
            return concat(operation.room, operation.proof)
    }
}

export const encodeUp = (id: OperationId, operation: Operation): Uint8Array =>
    concat(u8(1), u8(OPERATIONS[operation.operation]), id, encodeOperationBody(operation))

function readOperation(reader: Reader, number: number): Operation {
    switch (number) {
        case OPERATIONS.open:
            return {
                operation: 'open',
                work: { challenge: reader.take(CHALLENGE_BYTES), solution: reader.take(SOLUTION_BYTES) },
                auth: asSignKey(reader.take(32)),
                proof: reader.take(SIGNATURE_BYTES),
                body: {
                    caseSalt: reader.take(CASE_SALT_BYTES),
                    roster: reader.bytes16(),
                    selfWrap: reader.take(SELF_WRAP_BYTES),
                    caseKeyWraps: readWrapList(reader),
                    cardKeyWraps: readWrapList(reader),
                    card: reader.take(CARD_BYTES),
                    report: reader.bytes32(),
                },
            }
        case OPERATIONS.resume:
            return { operation: 'resume', auth: asSignKey(reader.take(32)), proof: reader.take(SIGNATURE_BYTES) }
        case OPERATIONS.put:
            return { operation: 'put', envelope: reader.bytes32() }
        case OPERATIONS.putLate:
            return { operation: 'putLate', envelope: reader.bytes32() }
        case OPERATIONS.fetch:
            return { operation: 'fetch', before: reader.u32(), after: reader.u32(), maxBytes: reader.u32() }
        case OPERATIONS.erase:
            return { operation: 'erase', proof: reader.take(SIGNATURE_BYTES) }
        case OPERATIONS.turn:
            return { operation: 'turn', ...readTurnBody(reader) }
        case OPERATIONS.handOver:
            return { operation: 'handOver', ...readTurnBody(reader), cardWraps: readWrapList(reader), card: reader.take(CARD_BYTES) }
        case OPERATIONS.trust:
            return { operation: 'trust' }
        case OPERATIONS.give:
            return {
                operation: 'give',
                roster: reader.bytes16(),
                selfWrap: reader.take(SELF_WRAP_BYTES),
                wrap: reader.take(WRAP_BYTES),
                envelope: reader.bytes32(),
            }
        case OPERATIONS.takeBack:
            return { operation: 'takeBack', room: asCaseId(reader.take(32)) as RoomId, proof: reader.take(SIGNATURE_BYTES) }
        case OPERATIONS.slips:
            return { operation: 'slips' }
        default:
            throw reader.malformed('an unknown operation')
    }
}

const readerOf = (record: Uint8Array): Reader => {
    const reader = new Reader(record, 'operation-malformed')
    if (reader.u8() !== 1) throw reader.malformed('version of a record')
    return reader
}

export function decodeUp(record: Uint8Array): { id: OperationId; operation: Operation } {
    const reader = readerOf(record)
    const number = reader.u8()
    const id = asOperationId(reader.take(16))
    if (isZero(id)) throw reader.malformed('an operation without an id')
    const operation = readOperation(reader, number)
    reader.end()
    return { id, operation }
}

/** `link` leads to the key before; zeros: none. */
export interface ResumedGeneration {
    readonly roster: Uint8Array
    readonly ownWrap: Uint8Array
    readonly link: Uint8Array
}
export interface Resumed {
    readonly caseId: CaseId
    readonly caseSalt: Uint8Array
    readonly state: CaseState
    readonly urgent: boolean
    /** Hours since 1970: with `urgent`, by when an answer is promised. SPEC 9.5 */
    readonly openedHour: number
    readonly lastSeq: number
    readonly places: readonly PlaceState[]
    readonly generations: readonly ResumedGeneration[]
}
export interface StoredEnvelope {
    readonly seq: number
    readonly envelope: Uint8Array
}
export interface Fetched {
    readonly more: boolean
    readonly envelopes: readonly StoredEnvelope[]
}
export interface Hello {
    readonly nonce: Uint8Array
    readonly serverTime: number
    readonly slotMs: number
    readonly directoryVersion: number
    readonly terms: Terms
}

export type Result =
    | { readonly operation: 'open' | 'put' | 'turn' | 'handOver' | 'putLate'; readonly seq: number }
    | ({ readonly operation: 'resume' } & Resumed)
    | ({ readonly operation: 'fetch' } & Fetched)
    | { readonly operation: 'erase' | 'give' | 'takeBack' }
    | { readonly operation: 'slips'; readonly slips: readonly Slip[] }
    | { readonly operation: 'trust'; readonly bundle: TrustBundle }

export type Event =
    | ({ readonly event: 'hello' } & Hello)
    | ({ readonly event: 'envelope' } & StoredEnvelope)
    | { readonly event: 'state'; readonly state: CaseState; readonly places: readonly PlaceState[] }
    /** The queues whose holder of this case is at a desk now. */
    | { readonly event: 'presence'; readonly here: readonly QueueId[] }
    | { readonly event: 'work'; readonly terms: Terms }

export type Down =
    | { readonly kind: 'result'; readonly id: OperationId; readonly result: Result }
    | { readonly kind: 'error'; readonly id: OperationId; readonly code: ServerCode }
    | { readonly kind: 'event'; readonly event: Event }
    /** The server is about to close the channel. */
    | { readonly kind: 'fault'; readonly code: ServerCode }

const writeState = (state: CaseState): Uint8Array => u8(STATES.indexOf(state) + 1)
const writePlaces = (places: readonly PlaceState[]): Uint8Array =>
    concat(u8(places.length), ...places.map(({ queue, state }) => concat(u16(queue), u8(STANDINGS.indexOf(state) + 1))))

function readOneOf<State>(states: readonly State[], reader: Reader): State {
    const state = states[reader.u8() - 1]
    if (state === undefined) throw reader.malformed('an unknown state')
    return state
}
const readState = (reader: Reader): CaseState => readOneOf(STATES, reader)
const readPlaces = (reader: Reader): PlaceState[] =>
    reader.list(reader.u8(), () => ({ queue: reader.u16(), state: readOneOf(STANDINGS, reader) }))

function encodeResult(result: Result): Uint8Array {
    switch (result.operation) {
        case 'open':
        case 'put':
        case 'turn':
        case 'handOver':
        case 'putLate':
            return u32(result.seq)
        case 'resume':
            return concat(
                result.caseId,
                result.caseSalt,
                writeState(result.state),
                u8(result.urgent ? 1 : 0),
                u32(result.openedHour),
                u32(result.lastSeq),
                writePlaces(result.places),
                u8(result.generations.length),
                ...result.generations.map(({ roster, ownWrap, link }) =>
                    concat(bytes16(roster), bytes16(ownWrap), link),
                ),
            )
        case 'fetch':
            return concat(
                u8(result.more ? 1 : 0),
                u16(result.envelopes.length),
                ...result.envelopes.map(({ seq, envelope }) => concat(u32(seq), bytes32(envelope))),
            )
        case 'erase':
        case 'give':
        case 'takeBack':
            return new Uint8Array(0)
        case 'slips':
            return concat(
                u8(result.slips.length),
                ...result.slips.map(({ roster, selfWrap, envelope }) => concat(bytes16(roster), selfWrap, bytes32(envelope))),
            )
        case 'trust':
            return encodeTrustBundle(result.bundle)
    }
}

function readFlag(reader: Reader): boolean {
    const flag = reader.u8()
    if (flag > 1) throw reader.malformed('not a flag')
    return flag === 1
}

function readFetched(reader: Reader): Fetched {
    const more = readFlag(reader)
    const envelopes = reader.list(reader.u16(), () => ({ seq: reader.u32(), envelope: reader.bytes32() }))
    envelopes.forEach(({ seq }, at) => {
        if (at > 0 && seq >= (envelopes[at - 1] as StoredEnvelope).seq) throw reader.malformed('not newest first')
    })
    return { more, envelopes }
}

function readResult(reader: Reader, number: number): Result {
    switch (number) {
        case OPERATIONS.open:
            return { operation: 'open', seq: reader.u32() }
        case OPERATIONS.put:
            return { operation: 'put', seq: reader.u32() }
        case OPERATIONS.resume:
            return {
                operation: 'resume',
                caseId: asCaseId(reader.take(32)),
                caseSalt: reader.take(CASE_SALT_BYTES),
                state: readState(reader),
                urgent: readFlag(reader),
                openedHour: reader.u32(),
                lastSeq: reader.u32(),
                places: readPlaces(reader),
                generations: reader.list(reader.u8(), () => ({
                    roster: reader.bytes16(),
                    ownWrap: reader.bytes16(),
                    link: reader.take(LINK_BYTES),
                })),
            }
        case OPERATIONS.fetch:
            return { operation: 'fetch', ...readFetched(reader) }
        case OPERATIONS.erase:
            return { operation: 'erase' }
        case OPERATIONS.turn:
            return { operation: 'turn', seq: reader.u32() }
        case OPERATIONS.handOver:
            return { operation: 'handOver', seq: reader.u32() }
        case OPERATIONS.putLate:
            return { operation: 'putLate', seq: reader.u32() }
        case OPERATIONS.give:
            return { operation: 'give' }
        case OPERATIONS.takeBack:
            return { operation: 'takeBack' }
        case OPERATIONS.slips:
            return {
                operation: 'slips',
                slips: reader.list(reader.u8(), () => ({
                    roster: reader.bytes16(),
                    selfWrap: reader.take(SELF_WRAP_BYTES),
                    envelope: reader.bytes32(),
                })),
            }
        case OPERATIONS.trust:
            return { operation: 'trust', bundle: decodeTrustBundle(reader.rest()) }
        default:
            throw reader.malformed('a result of an unknown operation')
    }
}

function encodeEvent(event: Event): Uint8Array {
    switch (event.event) {
        case 'hello':
            return concat(
                event.nonce,
                u64(event.serverTime),
                u32(event.slotMs),
                u32(event.directoryVersion),
                writeTerms(event.terms),
            )
        case 'envelope':
            return concat(u32(event.seq), bytes32(event.envelope))
        case 'state':
            return concat(writeState(event.state), writePlaces(event.places))
        case 'presence':
            return concat(u8(event.here.length), ...event.here.map(u16))
        case 'work':
            return writeTerms(event.terms)
    }
}

function readHere(reader: Reader): QueueId[] {
    const here = reader.list(reader.u8(), () => reader.u16())
    if (here.some((queue, at) => at > 0 && queue <= (here[at - 1] as QueueId))) throw reader.malformed('order of queues')
    return here
}

function readEvent(reader: Reader, number: number): Event {
    switch (number) {
        case EVENTS.hello:
            return {
                event: 'hello',
                nonce: reader.take(32),
                serverTime: reader.u64(),
                slotMs: reader.u32(),
                directoryVersion: reader.u32(),
                terms: readTerms(reader),
            }
        case EVENTS.envelope:
            return { event: 'envelope', seq: reader.u32(), envelope: reader.bytes32() }
        case EVENTS.state:
            return { event: 'state', state: readState(reader), places: readPlaces(reader) }
        case EVENTS.presence:
            return { event: 'presence', here: readHere(reader) }
        case EVENTS.work:
            return { event: 'work', terms: readTerms(reader) }
        default:
            throw reader.malformed('an unknown event')
    }
}

const KINDS = { result: 0, error: 1, event: 2 } as const

export function encodeDown(down: Down): Uint8Array {
    const record = (kind: number, id: OperationId, code: number, body: Uint8Array): Uint8Array =>
        concat(u8(1), u8(kind), id, u16(code), body)
    const nothing = new Uint8Array(0)
    switch (down.kind) {
        case 'result':
            return record(KINDS.result, down.id, OPERATIONS[down.result.operation], encodeResult(down.result))
        case 'error':
            return record(KINDS.error, down.id, numberOfCode(down.code), nothing)
        case 'fault':
            return record(KINDS.error, NO_OPERATION, numberOfCode(down.code), nothing)
        case 'event':
            return record(KINDS.event, NO_OPERATION, EVENTS[down.event.event], encodeEvent(down.event))
    }
}

function readDown(reader: Reader, kind: number, id: OperationId, number: number): Down {
    switch (kind) {
        case KINDS.result:
            if (isZero(id)) throw reader.malformed('a result of no operation')
            return { kind: 'result', id, result: readResult(reader, number) }
        case KINDS.error: {
            const code = codeOfNumber(number)
            if (code === undefined) throw reader.malformed('an unknown error')
            return isZero(id) ? { kind: 'fault', code } : { kind: 'error', id, code }
        }
        case KINDS.event:
            if (!isZero(id)) throw reader.malformed('an event of an operation')
            return { kind: 'event', event: readEvent(reader, number) }
        default:
            throw reader.malformed('an unknown kind of record')
    }
}

export function decodeDown(record: Uint8Array): Down {
    const reader = readerOf(record)
    const down = readDown(reader, reader.u8(), asOperationId(reader.take(16)), reader.u16())
    reader.end()
    return down
}
