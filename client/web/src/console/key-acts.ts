/** What a coordinator signs: the next directory, with the seeds that it brings. Values in, values out. SPEC 5.3, 9.1 */
import type { Directory, DirectoryClaims, Expert } from '@lyhty/crypto/directories'
import { b64encode } from '@lyhty/crypto/encoding'
import type { Epoch, InstanceId, QueueId } from '@lyhty/crypto/ids'
import { signDirectory } from '@lyhty/crypto/key-acts'
import type { SigningKey } from '@lyhty/crypto/keys'
import { wrapKey } from '@lyhty/crypto/wrapping'
import { DIRECTORY_SEED, QUEUE_SEED, TO_EXPERT } from '@lyhty/crypto/wraps'
import type { KeyAct, SealedSeed } from './api-types'
import { DeskError } from './desk'
import type { Keyring } from './keyring'

/** SPEC 5.3 */
export const LIFE_S = 14 * 86_400

/** The same people and queues for another 14 days, but for `changes`. */
export function nextClaims({ claims }: Directory, nowS: number, changes: Partial<DirectoryClaims> = {}): DirectoryClaims {
    return { ...claims, version: claims.version + 1, issued: nowS, expires: nowS + LIFE_S, ...changes }
}

export function keyAct(keyring: Keyring, claims: DirectoryClaims, wraps: SealedSeed[] = [], accept: string | null = null): KeyAct {
    return { directory: b64encode(signDirectory(claims, directoryKeyOf(keyring))), wraps, accept }
}

/** The same people and queues for another 14 days. */
export const renewal = (keyring: Keyring, nowS: number): KeyAct => keyAct(keyring, nextClaims(keyring.directory, nowS))

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
