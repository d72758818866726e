/** What the server keeps of recovery shares, checked, and as an expert sees it. Values in, values out. SPEC 9.9 */
import { equal } from '@lyhty/crypto/bytes'
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { Directory, Expert } from '@lyhty/crypto/directories'
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { ForgedError, ProtocolError } from '@lyhty/crypto/errors'
import type { Epoch, ExpertId, QueueId } from '@lyhty/crypto/ids'
import { decodeRequest, decodeSplit, positionOf, requestHash, thresholdOf, verifyRequest, verifySplit, WAIT_S, type RecoveryRequest, type Split } from '@lyhty/crypto/recovery'
import type { Recovery, SplitOfEpoch } from './api-types'

/** A split that verifies, with what came beside it. */
export interface KnownSplit {
    readonly split: Split
    readonly own: Uint8Array | null
    readonly used: boolean
    readonly givers: readonly string[]
    readonly given: readonly { readonly holder: ExpertId; readonly wrap: Uint8Array }[]
}

export interface KnownRequest {
    readonly request: RecoveryRequest
    readonly asker: Expert
    readonly hash: string
    readonly endedBy: string | null
}

export interface Known {
    readonly splits: readonly KnownSplit[]
    readonly requests: readonly KnownRequest[]
    /** What did not verify: a server's lie, or its broken disk. */
    readonly forged: readonly { readonly queue: QueueId; readonly code: ErrorCode }[]
}

export interface RequestView {
    readonly hash: string
    readonly queue: QueueId
    readonly asker: string
    readonly isMine: boolean
    readonly at: number
    readonly endedBy: string | null
    readonly givers: readonly string[]
    readonly needed: number
    /** We hold a share, and it is for somebody else. */
    readonly canGive: boolean
    readonly gave: boolean
    /** When this device may give; null: it does not remember when it first saw the request. */
    readonly from: number | null
    /** Enough shares are here to open with. */
    readonly isEnough: boolean
}

export interface QueueRecovery {
    readonly queue: QueueId
    readonly holders: readonly string[]
    readonly needed: number
    /** Coordinators without whom too few would be left for some key of it. */
    readonly vital: readonly string[]
    /** How many keys of the queue the coordinators hold, of how many. */
    readonly covered: number
    /** When the newest of them was split; null: none is. */
    readonly since: number | null
    readonly total: number
    /** A coordinator who lacks a seed that the shares would open. */
    readonly canAsk: boolean
    /** The server says something of it that does not hold. */
    readonly isForged: boolean
}

export interface RecoveryView {
    readonly queues: readonly QueueRecovery[]
    readonly requests: readonly RequestView[]
}

export const coordinatorsOf = ({ claims }: Directory): readonly ExpertId[] => claims.experts.filter(({ coordinator }) => coordinator).map(({ id }) => id)

/** Nothing that does not verify is believed, and none of it is passed over in silence. */
export function knownOf(answer: Recovery, directory: Directory): Known {
    const forged: { queue: QueueId; code: ErrorCode }[] = []
    const checked = <T>(queue: QueueId, read: () => T): T[] => {
        try {
            return [read()]
        } catch (error) {
            if (!(error instanceof ProtocolError)) throw error
            forged.push({ queue, code: error.code })
            return []
        }
    }
    const splits = answer.splits
        .flatMap((one) => checked(one.queue, () => knownSplit(one)))
        // Of a directory that is on its way to us: it is read again when that is here.
        .filter(({ split }) => split.directoryVersion <= directory.version)
        .flatMap((one) => checked(one.split.queue, () => {
            verifySplit(one.split, directory)
            return one
        }))
    const requests = answer.requests.flatMap(({ queue, request: encoded, ended_by: endedBy }) => checked(queue, () => {
        const request = decodeRequest(b64decode(encoded))
        return { request, asker: verifyRequest(request, directory), hash: b64encode(requestHash(request)), endedBy }
    }))
    return { splits, requests, forged }
}

function knownSplit({ queue, epoch, split: encoded, share, used, givers, given }: SplitOfEpoch): KnownSplit {
    const split = decodeSplit(b64decode(encoded))
    if (split.queue !== queue || split.epoch !== epoch) throw new ForgedError('a split of something else', 'signature-invalid')
    return {
        split, used, givers, own: share === null ? null : b64decode(share),
        given: given.map(({ expert, wrap }) => ({ holder: b64decode(expert) as ExpertId, wrap: b64decode(wrap) })),
    }
}

/** Epochs whose seed should be split, or split anew: never, for other holders than now, or after a share was given. */
export function uncovered({ splits, requests }: Known, directory: Directory, queue: QueueId): Epoch[] {
    const holders = coordinatorsOf(directory)
    if (holders.length < 2) return []
    const isAskedFor = requests.some(({ request, endedBy }) => request.queue === queue && endedBy === null)
    const covers = ({ split, used }: KnownSplit): boolean => (
        isAskedFor || (!used && split.holders.length === holders.length && holders.every((id) => positionOf(split, id) > 0))
    )
    const has = (epoch: Epoch): boolean => splits.some((one) => one.split.queue === queue && one.split.epoch === epoch && covers(one))
    return (directory.queue(queue)?.epochs ?? []).map(({ epoch }) => epoch).filter((epoch) => !has(epoch))
}

/** SPEC 9.9: whatever the asker's clock or the server says, this device waits from when it first saw it. */
export const mayGiveFrom = (request: RecoveryRequest, firstSeenS: number): number => Math.max(request.at, firstSeenS) + WAIT_S

interface Viewer {
    readonly self: Expert
    readonly hasSeed: (queue: QueueId, epoch: Epoch) => boolean
    readonly firstSeenS: (hash: string) => number | null
}

export function viewOf(known: Known, directory: Directory, viewer: Viewer): RecoveryView {
    const { self, hasSeed } = viewer
    const coordinators = new Set(coordinatorsOf(directory).map((id) => b64encode(id)))
    // Whoever has left holds nothing any more, and what too few hold is as good as lost.
    const left = ({ holders }: Split): string[] => holders.map(({ expert }) => b64encode(expert)).filter((id) => coordinators.has(id))
    const queues = directory.claims.queues.map(({ id, epochs }): QueueRecovery => {
        const splits = known.splits.filter(({ split }) => split.queue === id && left(split).length >= thresholdOf(split.holders.length))
        const newest = splits.at(-1)?.split
        return {
            queue: id, total: epochs.length, covered: splits.length, since: newest?.at ?? null,
            holders: newest === undefined ? [] : left(newest),
            needed: newest === undefined ? 0 : thresholdOf(newest.holders.length),
            vital: [...new Set(splits.filter(({ split }) => left(split).length === thresholdOf(split.holders.length)).flatMap(({ split }) => left(split)))],
            canAsk: self.coordinator && splits.some(({ split }) => !hasSeed(id, split.epoch)) && !known.requests.some(({ request, endedBy }) => request.queue === id && endedBy === null),
            isForged: known.forged.some(({ queue }) => queue === id),
        }
    })
    return { queues, requests: known.requests.map((one) => requestView(one, known, viewer)) }
}

function requestView({ request, hash, endedBy }: KnownRequest, known: Known, { self, firstSeenS }: Viewer): RequestView {
    const splits = known.splits.filter(({ split }) => split.queue === request.queue)
    const givers = [...new Set(splits.flatMap((one) => one.givers))]
    const me = b64encode(self.id)
    const isMine = equal(request.asker, self.id)
    const seen = firstSeenS(hash)
    const have = ({ own, given, split }: KnownSplit): boolean => given.length + (own === null ? 0 : 1) >= thresholdOf(split.holders.length)
    return {
        hash, queue: request.queue, asker: b64encode(request.asker), isMine, at: request.at, endedBy, givers,
        needed: Math.max(0, ...splits.map(({ split }) => thresholdOf(split.holders.length))),
        canGive: !isMine && splits.some(({ own }) => own !== null),
        gave: givers.includes(me),
        from: seen === null ? null : mayGiveFrom(request, seen),
        isEnough: isMine && splits.some(have),
    }
}
