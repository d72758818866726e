/** Sealed rooms beside a case, each with a key of its own: notes, consultations, slips. SPEC 3.5 */
import { equal } from './bytes.ts'
import { wrapToQueues } from './cases.ts'
import type { Directory } from './directories.ts'
import { ForgedError, MalformedError, TamperedError } from './errors.ts'
import { commitmentOf, hash, roomId } from './ids.ts'
import type { CaseId, InstanceId, QueueId, RoomId, SignKey } from './ids.ts'
import { KEY_BYTES } from './keys.ts'
import type { KemKeyPair, SigningKey } from './keys.ts'
import type { ReporterKeys } from './passphrase.ts'
import { draw } from './randomness.ts'
import type { Randomness } from './randomness.ts'
import { NO_PREVIOUS, signRoster, sortEntries, UntrustedRoster } from './rosters.ts'
import type { Roster, RosterEntry } from './rosters.ts'
import { selfUnwrap, selfWrap, unwrapKey } from './wrapping.ts'
import { decodeWrap, ROOM_KEY, TO_QUEUE, TO_REPORTER } from './wraps.ts'

/** What the holders of a case write: of one profession for itself, or of several for one another. */
export const NOTES = 1
/** Where a colleague advises. */
export const CONSULTATION = 2
/** What the reporter gives to one queue alone, and may take back: a name, a telephone number. */
export const SLIP = 3
/** The answer templates that a queue's experts wrote: beside no case. SPEC 3.6 */
export const SHELF = 4
export type RoomKind = typeof NOTES | typeof CONSULTATION | typeof SLIP | typeof SHELF

/** A room has one key for all of its life. */
export const ROOM_GENERATION = 1

/** What the server is given of a new room, and the key it is not given. Kept and sent again verbatim. */
export interface PreparedRoom {
    readonly id: RoomId
    readonly roster: Roster
    readonly rosterBytes: Uint8Array
    readonly wraps: readonly Uint8Array[]
    /** The reporter's own copy: of a slip. */
    readonly selfWrap: Uint8Array | null
    readonly key: Uint8Array
}

/** `reporter`: of a slip; then the signer is theirs. */
export async function makeRoom(
    signer: SigningKey,
    directory: Directory,
    within: CaseId,
    kind: RoomKind,
    queues: readonly QueueId[],
    reporter: ReporterKeys | null = null,
    randomness: Randomness = draw,
): Promise<PreparedRoom> {
    const { instance } = directory
    const key = randomness(KEY_BYTES)
    const commitment = commitmentOf(key)
    const id = roomId(within, kind, commitment)
    const wraps = await wrapToQueues(instance, id, directory, [...new Set(queues)], 0, key, ROOM_KEY)
    const own = reporter === null ? null : await selfWrap(reporter.wrap, instance, id, ROOM_GENERATION, key)
    const entries: RosterEntry[] = wraps.map(({ entry }) => entry)
    if (reporter !== null && own !== null) {
        entries.push({ recipient: TO_REPORTER, queue: 0, epoch: 0, kemHash: hash(reporter.kem.publicKey), wrapHash: hash(own) })
    }
    const rosterBytes = signRoster(
        {
            instance,
            caseId: id,
            generation: ROOM_GENERATION,
            commitment,
            previous: NO_PREVIOUS,
            directoryVersion: directory.version,
            entries: sortEntries(entries),
        },
        signer,
    )
    return {
        id,
        key,
        rosterBytes,
        roster: new UntrustedRoster(rosterBytes).verifySigned(instance, id),
        wraps: wraps.map(({ wrap }) => wrap),
        selfWrap: own,
    }
}

/** The roster of this room, signed by one of these: for a slip the reporter, else experts of the case's queues. */
export function verifyRoom(
    rosterBytes: Uint8Array,
    instance: InstanceId,
    within: CaseId,
    kind: RoomKind,
    allowedSigners: readonly SignKey[],
): Roster {
    const untrusted = new UntrustedRoster(rosterBytes)
    const { claims } = untrusted
    // SPEC 3.5: the room's id stands where a case has its own; it contains the case, the kind and the key.
    const id = roomId(within, kind, claims.commitment)
    if (claims.generation !== ROOM_GENERATION || !equal(claims.caseId, id) || !equal(claims.instance, instance))
        throw new ForgedError('not the roster of this room')
    const queues = new Set(claims.entries.filter(({ recipient }) => recipient === TO_QUEUE).map(({ queue }) => queue))
    if (claims.entries.some(({ recipient }) => recipient === TO_REPORTER) !== (kind === SLIP))
        throw new MalformedError('a slip is for its reporter too, other rooms are not')
    if (queues.size === 0 || ((kind === SLIP || kind === SHELF) && queues.size !== 1))
        throw new MalformedError('slips and shelves are for one queue')
    if (!allowedSigners.some((key) => equal(key, claims.signer))) throw new ForgedError('signed by somebody who may not')
    return untrusted.verifySigned(instance, id)
}

/** The room's key from the wrap to this queue that the roster names; `ownKey` finds the queue's private half. */
export async function openRoomKey(
    roster: Roster,
    wraps: readonly Uint8Array[],
    queue: QueueId,
    ownKey: (queue: QueueId, epoch: number) => KemKeyPair,
): Promise<Uint8Array> {
    for (const bytes of wraps) {
        const wrap = decodeWrap(bytes)
        const isNamed = roster.entries.some(
            (entry) => entry.queue === queue && wrap.queue === queue && entry.epoch === wrap.epoch && equal(entry.wrapHash, hash(bytes)),
        )
        if (!isNamed) continue
        if (wrap.kind !== ROOM_KEY || !equal(wrap.commitment, roster.commitment))
            throw new TamperedError('another key than the roster commits to', 'wrap-tampered')
        return unwrapKey(roster.instance, roster.caseId, bytes, ownKey(wrap.queue, wrap.epoch))
    }
    throw new TamperedError('no wrap of this room that its roster names', 'wrap-tampered')
}

/** The reporter's, of a slip. */
export const openOwnRoomKey = (roster: Roster, sealed: Uint8Array, ownWrapKey: Uint8Array): Promise<Uint8Array> =>
    selfUnwrap(ownWrapKey, roster.instance, roster.caseId, ROOM_GENERATION, roster.commitment, sealed)
