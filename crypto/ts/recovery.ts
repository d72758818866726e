/**
 * Recovery shares: an epoch's seed, split among the coordinators, and the request for them. Loaded by the console only.
 * SPEC 5.9
 */
import { compare, concat, equal, Reader, u16, u32, u64, u8 } from './bytes.ts'
import { expertContext as context } from './expertContexts.ts'
import type { Directory, Expert } from './directories.ts'
import { ForgedError, TamperedError } from './errors.ts'
import { asCommitment, asExpertId, asInstanceId, asSignKey, commitmentOf, hash, SIGNATURE_BYTES } from './ids.ts'
import type { Commitment, Epoch, ExpertId, InstanceId, KemKey, QueueId, ShareOf, SignKey } from './ids.ts'
import { KemKeyPair } from './keys.ts'
import type { SigningKey } from './keys.ts'
import { verify } from './proofs.ts'
import { draw } from './randomness.ts'
import type { Randomness } from './randomness.ts'
import { combineShares, splitSecret } from './shamir.ts'
import { unwrapKey, wrapKey } from './wrapping.ts'
import { GIVEN_SHARE, SEED_SHARE, TO_EXPERT } from './wraps.ts'

/** From when a holder's device first saw a request until it gives its share. */
export const WAIT_S = 48 * 3600
const CODE = 'operation-malformed'

/** More than half, and never one alone. */
export const thresholdOf = (holders: number): number => Math.max(2, Math.floor(holders / 2) + 1)

export interface Holder {
    readonly expert: ExpertId
    readonly commitment: Commitment
}

/** An epoch's seed in shares, as signed by somebody who had it. `verifySplit` says whether to believe it. */
export interface Split {
    readonly instance: InstanceId
    readonly queue: QueueId
    readonly epoch: Epoch
    readonly directoryVersion: number
    /** Seconds, by the signer's clock: for people to read. */
    readonly at: number
    readonly holders: readonly Holder[]
    readonly signer: SignKey
    readonly signature: Uint8Array
}

/** `at`: seconds, by the asker's clock. */
export interface RecoveryRequest {
    readonly instance: InstanceId
    readonly queue: QueueId
    readonly asker: ExpertId
    readonly at: number
    readonly signature: Uint8Array
}

const unsignedSplit = ({ instance, queue, epoch, directoryVersion, at, holders, signer }: Omit<Split, 'signature'>): Uint8Array =>
    concat(
        u8(1),
        instance,
        u16(queue),
        u32(epoch),
        u32(directoryVersion),
        u64(at),
        u8(thresholdOf(holders.length)),
        u8(holders.length),
        ...holders.flatMap(({ expert, commitment }) => [expert, commitment]),
        signer,
    )

export const encodeSplit = (split: Split): Uint8Array => concat(unsignedSplit(split), split.signature)

/** What every share of it is bound to. */
export const splitHash = (split: Split): ShareOf => hash(encodeSplit(split)) as ShareOf

export function decodeSplit(bytes: Uint8Array): Split {
    const reader = new Reader(bytes, CODE)
    if (reader.u8() !== 1) throw reader.malformed('version of a split')
    const start = {
        instance: asInstanceId(reader.take(32)),
        queue: reader.u16(),
        epoch: reader.u32(),
        directoryVersion: reader.u32(),
        at: reader.u64(),
    }
    const [threshold, count] = [reader.u8(), reader.u8()]
    const holders = reader.list(count, () => ({
        expert: asExpertId(reader.take(16)),
        commitment: asCommitment(reader.take(32)),
    }))
    const split = { ...start, holders, signer: asSignKey(reader.take(32)), signature: reader.take(SIGNATURE_BYTES) }
    reader.end()
    const isSorted = holders.every(({ expert }, at) => at === 0 || compare((holders[at - 1] as Holder).expert, expert) < 0)
    if (count < 2 || !isSorted) throw reader.malformed('holders: at least two, sorted and distinct')
    if (Math.min(split.queue, split.epoch, split.directoryVersion) < 1) throw reader.malformed('they count from 1')
    // SPEC 5.9: whoever splits a seed does not choose how few can open it.
    if (threshold !== thresholdOf(count)) throw reader.malformed('a threshold that is not more than half')
    return split
}

const forged = (detail: string): ForgedError => new ForgedError(detail, 'signature-invalid')

/** Of an epoch that the directory lists, by somebody of the queue, or a coordinator. */
export function verifySplit(split: Split, directory: Directory): void {
    const epoch = directory.queue(split.queue)?.epochs.find((one) => one.epoch === split.epoch)
    if (!equal(split.instance, directory.instance) || epoch === undefined)
        throw forged('a split of another instance, queue or epoch')
    const coordinators = directory.claims.experts.filter(({ coordinator }) => coordinator).map(({ sign }) => sign)
    const signers = [...directory.signersOf([split.queue], split.directoryVersion), ...coordinators]
    if (!signers.some((sign) => equal(sign, split.signer)))
        throw forged('a split by somebody who could not have the seed')
    verify(split.signer, split.signature, concat(context('recovery-split'), unsignedSplit(split)))
}

const unsignedRequest = ({ instance, queue, asker, at }: Omit<RecoveryRequest, 'signature'>): Uint8Array =>
    concat(u8(1), instance, u16(queue), asker, u64(at))

export const encodeRequest = (request: RecoveryRequest): Uint8Array =>
    concat(unsignedRequest(request), request.signature)

/** What every share given for it is bound to. */
export const requestHash = (request: RecoveryRequest): ShareOf => hash(encodeRequest(request)) as ShareOf

export function decodeRequest(bytes: Uint8Array): RecoveryRequest {
    const reader = new Reader(bytes, CODE)
    if (reader.u8() !== 1) throw reader.malformed('version of a request')
    const request = {
        instance: asInstanceId(reader.take(32)),
        queue: reader.u16(),
        asker: asExpertId(reader.take(16)),
        at: reader.u64(),
        signature: reader.take(SIGNATURE_BYTES),
    }
    reader.end()
    if (request.queue < 1) throw reader.malformed('a queue id')
    return request
}

/** By a coordinator of the directory, for a queue of it: the asker, as the directory names them. */
export function verifyRequest(request: RecoveryRequest, directory: Directory): Expert {
    if (!equal(request.instance, directory.instance) || directory.queue(request.queue) === undefined)
        throw forged('a request of another instance or queue')
    const asker = directory.claims.experts.find(({ id, coordinator }) => coordinator && equal(id, request.asker))
    if (asker === undefined) throw forged('a request by somebody who may not ask')
    verify(asker.sign, request.signature, concat(context('recovery-request'), unsignedRequest(request)))
    return asker
}

export function signRequest(fields: Omit<RecoveryRequest, 'signature'>, signer: SigningKey): RecoveryRequest {
    return { ...fields, signature: signer.sign(concat(context('recovery-request'), unsignedRequest(fields))) }
}

/** For all coordinators of the directory, at least two; a wrap for each, in the order of the split. */
export async function splitSeed(
    seed: Uint8Array,
    queue: QueueId,
    epoch: Epoch,
    directory: Directory,
    signer: SigningKey,
    at: number,
    randomness: Randomness = draw,
): Promise<{ readonly split: Split; readonly shares: readonly Uint8Array[] }> {
    const to = directory.claims.experts.filter(({ coordinator }) => coordinator)
    const parts = splitSecret(seed, thresholdOf(to.length), to.length, randomness)
    const holders = to.map(({ id }, place) => ({ expert: id, commitment: commitmentOf(parts[place] as Uint8Array) }))
    const { instance, version: directoryVersion } = directory
    const fields = { instance, queue, epoch, directoryVersion, at, holders, signer: signer.publicKey }
    const split = { ...fields, signature: signer.sign(concat(context('recovery-split'), unsignedSplit(fields))) }
    const shares: Uint8Array[] = []
    for (const [place, { kem }] of to.entries())
        shares.push(await sealShare(split, SEED_SHARE, splitHash(split), kem, parts[place] as Uint8Array))
    for (const part of parts) part.fill(0)
    return { split, shares }
}

/** Ours, or one that was given to us: `bound` is the split's hash or the request's. Checked against the split. */
export async function openShare(
    split: Split,
    holder: ExpertId,
    wrap: Uint8Array,
    bound: ShareOf,
    own: KemKeyPair,
): Promise<Uint8Array> {
    const share = await unwrapKey(split.instance, bound, wrap, own)
    const named = split.holders.find(({ expert }) => equal(expert, holder))
    // SPEC 5.9: else nobody could tell whose share was the wrong one.
    if (named === undefined || !equal(named.commitment, commitmentOf(share)))
        throw new TamperedError('another share than the split names', 'recovery-unusable')
    return share
}

/** Our share, for the asker alone: the expert whom the verified directory names. */
export async function giveShare(
    split: Split,
    holder: ExpertId,
    wrap: Uint8Array,
    own: KemKeyPair,
    request: RecoveryRequest,
    asker: Expert,
): Promise<Uint8Array> {
    const share = await openShare(split, holder, wrap, splitHash(split), own)
    const given = await sealShare(split, GIVEN_SHARE, requestHash(request), asker.kem, share)
    share.fill(0)
    return given
}

/** From opened shares, by position in the split. `expected`: the epoch's key in the directory. */
export function recoverSeed(split: Split, shares: ReadonlyMap<number, Uint8Array>, expected: KemKey): Uint8Array {
    const seed = combineShares(new Map([...shares].slice(0, thresholdOf(split.holders.length))))
    const key = new KemKeyPair(seed)
    // SPEC 5.9: whoever split the seed may not have split this one.
    if (!equal(key.publicKey, expected)) throw new TamperedError('the shares make another key', 'recovery-unusable')
    key.wipe()
    return seed
}

/** Where the holder's share lies on the polynomial, from 1; 0 for who holds none. */
export const positionOf = (split: Split, holder: ExpertId): number =>
    split.holders.findIndex(({ expert }) => equal(expert, holder)) + 1

function sealShare(
    split: Split,
    kind: typeof SEED_SHARE | typeof GIVEN_SHARE,
    bound: ShareOf,
    to: KemKey,
    share: Uint8Array,
): Promise<Uint8Array> {
    const target = { kind, recipient: TO_EXPERT, queue: split.queue, epoch: split.epoch, generation: 0 } as const
    return wrapKey(split.instance, bound, target, to, share)
}
