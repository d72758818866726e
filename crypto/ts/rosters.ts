/** Who can read one generation of a case: the signed list, and when it is believed. SPEC 3.3 */
import { compare, concat, equal, isZero, Reader, u16, u32, u8 } from './bytes.ts'
import { context } from './contexts.ts'
import { ForgedError, MalformedError } from './errors.ts'
import { asCaseId, asCommitment, asInstanceId, asSignKey, caseId } from './ids.ts'
import type { CaseId, Commitment, Epoch, Generation, InstanceId, QueueId, SignKey } from './ids.ts'
import type { SigningKey } from './keys.ts'
import { verify } from './proofs.ts'
import { TO_QUEUE, TO_REPORTER } from './wraps.ts'

const MAX_ENTRIES = 16
const FIXED_BYTES = 234
const ENTRY_BYTES = 71

export interface RosterEntry {
    readonly recipient: typeof TO_QUEUE | typeof TO_REPORTER
    readonly queue: QueueId
    readonly epoch: Epoch
    readonly kemHash: Uint8Array
    readonly wrapHash: Uint8Array
}

export interface RosterFields {
    readonly instance: InstanceId
    readonly caseId: CaseId
    readonly generation: Generation
    readonly commitment: Commitment
    readonly previous: Commitment
    readonly directoryVersion: number
    readonly entries: readonly RosterEntry[]
    readonly signer: SignKey
}

export const NO_PREVIOUS = new Uint8Array(32) as Commitment

/** A roster whose signature and place in the case have been checked. */
export interface Roster extends RosterFields {
    readonly verified: true
    /** As it was signed. */
    readonly bytes: Uint8Array
}

const sortKey = (entry: RosterEntry): Uint8Array => concat(u8(entry.recipient), u16(entry.queue), u32(entry.epoch))

export const sortEntries = (entries: readonly RosterEntry[]): RosterEntry[] =>
    entries.toSorted((a, b) => compare(sortKey(a), sortKey(b)))

function checkFields(roster: RosterFields): void {
    if (roster.generation < 1) throw new MalformedError('generations count from 1')
    if (roster.generation === 1 && !isZero(roster.previous)) throw new MalformedError('previous commitment of a roster')
    if (roster.entries.length < 1 || roster.entries.length > MAX_ENTRIES) throw new MalformedError('number of entries')
    roster.entries.forEach((entry, at) => {
        const toQueue = entry.recipient === TO_QUEUE
        if (!toQueue && entry.recipient !== TO_REPORTER) throw new MalformedError('recipient of a roster entry')
        if ((entry.queue !== 0) !== toQueue || (entry.epoch !== 0) !== toQueue)
            throw new MalformedError('queue and epoch of a roster entry')
        const before = roster.entries[at - 1]
        if (before !== undefined && compare(sortKey(before), sortKey(entry)) >= 0)
            throw new MalformedError('entries are not sorted')
    })
}

function encodeUnsigned(roster: RosterFields): Uint8Array {
    checkFields(roster)
    return concat(
        u8(1),
        roster.instance,
        roster.caseId,
        u32(roster.generation),
        roster.commitment,
        roster.previous,
        u32(roster.directoryVersion),
        u8(roster.entries.length),
        ...roster.entries.map((entry) => concat(sortKey(entry), entry.kemHash, entry.wrapHash)),
        roster.signer,
    )
}

const toSign = (unsigned: Uint8Array): Uint8Array => concat(context('roster'), unsigned)

export function signRoster(fields: Omit<RosterFields, 'signer'>, key: SigningKey): Uint8Array {
    const unsigned = encodeUnsigned({ ...fields, signer: key.publicKey })
    return concat(unsigned, key.sign(toSign(unsigned)))
}

export const reporterEntry = (entries: readonly RosterEntry[]): RosterEntry | undefined =>
    entries.find(({ recipient }) => recipient === TO_REPORTER)

type Entries = Pick<RosterFields, 'entries'>

export const queuesOf = (roster: Entries): QueueId[] => [
    ...new Set(roster.entries.filter(({ recipient }) => recipient === TO_QUEUE).map(({ queue }) => queue)),
]

const newQueues = (before: Entries, after: Entries): QueueId[] =>
    queuesOf(after).filter((queue) => !queuesOf(before).includes(queue))

/** The queue that the reporter let in with this generation, if any. SPEC 3.4 */
export const addedQueue = (before: Entries | undefined, after: Entries): QueueId | undefined =>
    before && newQueues(before, after)[0]

export class UntrustedRoster {
    readonly claims: RosterFields
    readonly #bytes: Uint8Array

    constructor(bytes: Uint8Array) {
        const reader = new Reader(bytes, 'envelope-malformed')
        if (reader.u8() !== 1) throw new MalformedError('version of a roster')
        this.claims = {
            instance: asInstanceId(reader.take(32)),
            caseId: asCaseId(reader.take(32)),
            generation: reader.u32(),
            commitment: asCommitment(reader.take(32)),
            previous: asCommitment(reader.take(32)),
            directoryVersion: reader.u32(),
            entries: reader.list(reader.u8(), () => ({
                recipient: reader.u8() as RosterEntry['recipient'],
                queue: reader.u16(),
                epoch: reader.u32(),
                kemHash: reader.take(32),
                wrapHash: reader.take(32),
            })),
            signer: asSignKey(reader.take(32)),
        }
        checkFields(this.claims)
        if (bytes.length !== FIXED_BYTES + ENTRY_BYTES * this.claims.entries.length)
            throw new MalformedError('length of a roster')
        this.#bytes = bytes.slice()
    }

    #verifySigned(instance: InstanceId, id: CaseId): void {
        if (!equal(this.claims.instance, instance) || !equal(this.claims.caseId, id))
            throw new ForgedError('a roster of another case')
        const signatureAt = this.#bytes.length - 64
        verify(this.claims.signer, this.#bytes.subarray(signatureAt), toSign(this.#bytes.subarray(0, signatureAt)))
    }

    /** Instance, case and signature alone: the caller has a rule of its own for who may sign. SPEC 3.5 */
    verifySigned(instance: InstanceId, id: CaseId): Roster {
        this.#verifySigned(instance, id)
        return { ...this.claims, verified: true, bytes: this.#bytes }
    }

    /** Generation 1: signed by the reporter, whose key and first commitment make the case id. */
    verifyOpening(instance: InstanceId, id: CaseId): Roster {
        if (this.claims.generation !== 1) throw new ForgedError('not the first generation')
        this.#verifySigned(instance, id)
        // SPEC 3.3
        if (!equal(caseId(this.claims.signer, this.claims.commitment), id))
            throw new ForgedError('the signer did not open this case')
        return { ...this.claims, verified: true, bytes: this.#bytes }
    }

    /** A later generation: it follows the one before and its signer was entitled by that one. */
    verifyNext(instance: InstanceId, previous: Roster, reporter: SignKey, experts: readonly SignKey[]): Roster {
        if (this.claims.generation !== previous.generation + 1) throw new ForgedError('not the next generation')
        if (!equal(this.claims.previous, previous.commitment))
            throw new ForgedError('does not follow the generation before')
        const isReporters = equal(reporter, this.claims.signer)
        if (!isReporters && !experts.some((key) => equal(key, this.claims.signer)))
            throw new ForgedError('the signer was not entitled')
        // SPEC 3.4: nobody loses a case, and only its reporter lets one more queue in.
        if (newQueues(this.claims, previous).length > 0 || newQueues(previous, this.claims).length > (isReporters ? 1 : 0))
            throw new ForgedError('other queues than before')
        // SPEC 3.3: who has left by the directory of one generation signs no later one.
        if (this.claims.directoryVersion < previous.directoryVersion) throw new ForgedError('an older directory')
        // SPEC 3.3: the reporter stays a reader, with the same key.
        const [before, now] = [previous.entries, this.claims.entries].map((entries) => reporterEntry(entries))
        if (before === undefined || now === undefined || !equal(before.kemHash, now.kemHash))
            throw new ForgedError("not the reporter's key")
        this.#verifySigned(instance, previous.caseId)
        return { ...this.claims, verified: true, bytes: this.#bytes }
    }
}
