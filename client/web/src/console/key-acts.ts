/** What a coordinator signs: the next directory, with the seeds that it brings. Values in, values out. SPEC 5.3, 9.1 */
import { compare, equal } from '@lyhty/crypto/bytes'
import type { Directory, DirectoryClaims, Expert, FormerExpert, Queue } from '@lyhty/crypto/directories'
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { ProtocolError } from '@lyhty/crypto/errors'
import type { Epoch, ExpertId, InstanceId, QueueId } from '@lyhty/crypto/ids'
import { signDirectory } from '@lyhty/crypto/key-acts'
import { KemKeyPair, type SigningKey } from '@lyhty/crypto/keys'
import { draw } from '@lyhty/crypto/randomness'
import { openRenewal } from '@lyhty/crypto/renewals'
import { wrapKey } from '@lyhty/crypto/wrapping'
import { DIRECTORY_SEED, QUEUE_SEED, TO_EXPERT } from '@lyhty/crypto/wraps'
import type { KeyAct, SealedSeed, WaitingRenewal } from './api-types'
import { DeskError } from './desk'
import type { Keyring } from './keyring'

/** SPEC 5.3 */
export const LIFE_S = 14 * 86_400
/** SPEC 9.7 */
const MONTH_S = 30 * 86_400

/** The same people and queues for another 14 days, but for `changes`. */
export function nextClaims({ claims }: Directory, nowS: number, changes: Partial<DirectoryClaims> = {}): DirectoryClaims {
    return { ...claims, version: claims.version + 1, issued: nowS, expires: nowS + LIFE_S, ...changes }
}

/** Before it has an entry of the audit log. */
export type UnsignedAct = Omit<KeyAct, 'entry'>

export function keyAct(keyring: Keyring, claims: DirectoryClaims, wraps: SealedSeed[] = [], accept: string | null = null): UnsignedAct {
    return { directory: b64encode(signDirectory(claims, directoryKeyOf(keyring))), wraps, accept }
}

/** A key act, and the seeds of what it opens for a queue that nobody is in: only its maker has them. SPEC 9.9 */
export interface MadeAct {
    readonly act: UnsignedAct
    readonly unowned: readonly EpochSeed[]
}

export interface EpochSeed { readonly queue: QueueId; readonly epoch: Epoch; readonly seed: Uint8Array }

/** The same people and queues for another 14 days. */
export const renewal = (keyring: Keyring, nowS: number, experts: readonly Expert[] = keyring.directory.claims.experts): MadeAct =>
    ({ act: keyAct(keyring, nextClaims(keyring.directory, nowS, { experts })), unowned: [] })

/** Everybody, with the new `kem` of whom `sign` vouches for one. What does not hold is passed over, and listed by nobody. SPEC 9.1 */
export function withNewKeys({ claims, instance }: Directory, waiting: readonly WaitingRenewal[]): readonly Expert[] {
    const vouchedFor = (listed: Expert): Expert => {
        const said = waiting.find(({ expert }) => expert === b64encode(listed.id))
        try {
            return said === undefined ? listed : { ...listed, kem: openRenewal(b64decode(said.renewal), instance, listed).kem }
        } catch (error) {
            if (error instanceof ProtocolError) return listed
            throw error
        }
    }
    return claims.experts.map(vouchedFor)
}

/** Whoever signs the first directory of a month opens new epochs, so its time of issue tells. SPEC 9.7 */
export function isRotationDue({ claims }: Directory, nowS: number): boolean {
    return Math.floor(nowS / MONTH_S) > Math.floor(claims.issued / MONTH_S)
}

/** A new epoch for every queue. Older ones that nothing is wrapped to any more are not listed again. SPEC 9.7 */
export async function rotation(
    keyring: Keyring, isInUse: (queue: QueueId, epoch: Epoch) => boolean, nowS: number, experts: readonly Expert[] = keyring.directory.claims.experts,
): Promise<MadeAct> {
    const { claims } = keyring.directory
    const kept = claims.queues.map((queue) => ({
        ...queue, epochs: queue.epochs.filter((one, at) => at === queue.epochs.length - 1 || isInUse(queue.id, one.epoch)),
    }))
    return withNewEpochs(keyring, nowS, kept, () => true, { experts })
}

/** Somebody leaves: they are among the former, and their queues get an epoch whose seed they never had. SPEC 9.7 */
export async function departure(keyring: Keyring, leaver: ExpertId, nowS: number): Promise<MadeAct> {
    const { claims } = keyring.directory
    const leaving = claims.experts.find((expert) => equal(expert.id, leaver))
    if (leaving === undefined) throw new DeskError('directory-outdated')
    const earlier = claims.former.find((former) => equal(former.id, leaver))
    const left: FormerExpert = {
        id: leaver, name: leaving.name, sign: leaving.sign, left: nowS, version: claims.version + 1,
        queues: [...new Set([...leaving.queues, ...(earlier?.queues ?? [])])].toSorted((a, b) => a - b),
    }
    const former = [...claims.former.filter((one) => one !== earlier), left].toSorted((a, b) => compare(a.id, b.id))
    const experts = claims.experts.filter((expert) => expert !== leaving)
    return withNewEpochs(keyring, nowS, claims.queues, ({ id }) => leaving.queues.includes(id), { experts, former })
}

/** Somebody joins, with every seed that we have. A queue whose current seed we lack gets a new epoch. SPEC 9.7 */
export async function admission(keyring: Keyring, added: Expert, accept: string, nowS: number): Promise<MadeAct> {
    const { claims } = keyring.directory
    const wraps = await everySeedFor(keyring, added)
    const experts = [...claims.experts, added].toSorted((a, b) => compare(a.id, b.id))
    const isRenewed = (queue: Queue): boolean => added.queues.includes(queue.id) && !hasCurrent(keyring, queue)
    return withNewEpochs(keyring, nowS, claims.queues, isRenewed, { experts }, wraps, accept)
}

/** Whoever has opened a queue with the coordinators' shares joins it, and all who are in it get its seeds. SPEC 9.9 */
export async function reopening(keyring: Keyring, queueId: QueueId, seeds: ReadonlyMap<Epoch, Uint8Array>, nowS: number): Promise<MadeAct> {
    const { claims } = keyring.directory
    const experts = claims.experts.map((expert) => (
        equal(expert.id, keyring.expert) ? { ...expert, queues: [...new Set([...expert.queues, queueId])].toSorted((a, b) => a - b) } : expert
    ))
    const wraps: SealedSeed[] = []
    for (const expert of experts.filter(({ queues }) => queues.includes(queueId))) {
        for (const [epoch, seed] of seeds) wraps.push(await sealQueueSeed(keyring.instance, expert, queueId, epoch, seed))
    }
    const isRenewed = (queue: Queue): boolean => queue.id === queueId && !seeds.has(currentOf(queue)) && !hasCurrent(keyring, queue)
    return withNewEpochs(keyring, nowS, claims.queues, isRenewed, { experts }, wraps)
}

const currentOf = ({ epochs }: Queue): Epoch => Math.max(...epochs.map(({ epoch }) => epoch))
const hasCurrent = (keyring: Keyring, queue: Queue): boolean => keyring.queueSeed(queue.id, currentOf(queue)) !== null

async function withNewEpochs(
    keyring: Keyring, nowS: number, queues: readonly Queue[], isRenewed: (queue: Queue) => boolean,
    changes: Pick<DirectoryClaims, 'experts'> & Partial<DirectoryClaims>, sealed: readonly SealedSeed[] = [], accept: string | null = null,
): Promise<MadeAct> {
    const wraps = [...sealed]
    const next: Queue[] = []
    const unowned: EpochSeed[] = []
    for (const queue of queues) {
        if (!isRenewed(queue)) {
            next.push(queue)
            continue
        }
        const seed = draw(32)
        const key = new KemKeyPair(seed)
        const epoch = currentOf(queue) + 1
        next.push({ ...queue, epochs: [...queue.epochs, { epoch, kem: key.publicKey }] })
        const members = changes.experts.filter((expert) => expert.queues.includes(queue.id))
        for (const expert of members) wraps.push(await sealQueueSeed(keyring.instance, expert, queue.id, epoch, seed))
        key.wipe()
        if (members.length === 0) unowned.push({ queue: queue.id, epoch, seed })
        else seed.fill(0)
    }
    return { act: keyAct(keyring, nextClaims(keyring.directory, nowS, { ...changes, queues: next }), wraps, accept), unowned }
}

/** That we have and they may. */
export async function everySeedFor(keyring: Keyring, to: Expert): Promise<SealedSeed[]> {
    const wraps = to.coordinator ? [await sealDirectorySeed(keyring.instance, to, keyring.directorySeed)] : []
    for (const queue of keyring.directory.claims.queues.filter(({ id }) => to.queues.includes(id))) {
        for (const { epoch } of queue.epochs) {
            const seed = keyring.queueSeed(queue.id, epoch)
            if (seed !== null) wraps.push(await sealQueueSeed(keyring.instance, to, queue.id, epoch, seed))
        }
    }
    return wraps
}

export async function sealQueueSeed(instance: InstanceId, to: Expert, queue: QueueId, epoch: Epoch, seed: Uint8Array): Promise<SealedSeed> {
    const target = { kind: QUEUE_SEED, recipient: TO_EXPERT, queue, epoch, generation: 0 } as const
    return { expert: b64encode(to.id), wrap: b64encode(await wrapKey(instance, to.sign, target, to.kem, seed)) }
}

export async function sealDirectorySeed(instance: InstanceId, to: Expert, seed: Uint8Array): Promise<SealedSeed> {
    const target = { kind: DIRECTORY_SEED, recipient: TO_EXPERT, queue: 0, epoch: 0, generation: 0 } as const
    return { expert: b64encode(to.id), wrap: b64encode(await wrapKey(instance, to.sign, target, to.kem, seed)) }
}

function directoryKeyOf(keyring: Keyring): SigningKey {
    const key = keyring.directoryKey
    if (key === null) throw new DeskError('not-coordinator')
    return key
}
