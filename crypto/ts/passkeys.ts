/** What a passkey's PRF secret opens: the same keys as password and device secret, sealed once more. SPEC 2.3 */
import { extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { expertContext as context } from './expertContexts.ts'
import { openSeeds, sealSeeds } from './experts.ts'
import type { ExpertSeeds } from './experts.ts'
import { hash } from './ids.ts'
import type { ExpertId, InstanceId } from './ids.ts'
import { expand } from './keys.ts'
import { draw } from './randomness.ts'
import type { Randomness } from './randomness.ts'

/** What every passkey of an instance is asked for the secret of. */
export const prfInput = (instance: InstanceId): Uint8Array => hash(context('passkey-prf', instance))

export const passkeySealKey = (prfOutput: Uint8Array, instance: InstanceId): Uint8Array =>
    expand(extract(sha256, prfOutput, context('passkey-unlock', instance)), context('passkey-seal'))

const boundTo = (instance: InstanceId, expert: ExpertId, credential: Uint8Array): Uint8Array =>
    context('passkey-keys', instance, expert, hash(credential))

export const sealPasskeyBlob = (
    seal: Uint8Array,
    instance: InstanceId,
    expert: ExpertId,
    credential: Uint8Array,
    seeds: ExpertSeeds,
    randomness: Randomness = draw,
): Promise<Uint8Array> => sealSeeds(seal, seeds, boundTo(instance, expert, credential), randomness)

export const openPasskeyBlob = (
    seal: Uint8Array,
    instance: InstanceId,
    expert: ExpertId,
    credential: Uint8Array,
    blob: Uint8Array,
): Promise<ExpertSeeds> => openSeeds(seal, blob, boundTo(instance, expert, credential))
