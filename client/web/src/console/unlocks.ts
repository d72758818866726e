/** A way to open an expert's keys: what the server keeps of it, and the login key that goes with it. SPEC 2.3 */
import { passwordInput, sealKeyBlob, unlock as unlockKeys, type ExpertSeeds } from '@lyhty/crypto/experts'
import type { ExpertId, InstanceId } from '@lyhty/crypto/ids'
import type { SigningKey } from '@lyhty/crypto/keys'
import { draw } from '@lyhty/crypto/randomness'
import type { Unlock } from '@lyhty/crypto/unlocks'
import type { Toiler } from '../net/workers'

export const COST = { mKib: 65_536, t: 3, p: 1 } as const

/** Who asks wipes `login` and `seal`. */
export interface MadeUnlock { readonly unlock: Unlock; readonly login: SigningKey; readonly seal: Uint8Array }

/** Slow: the password is stretched, under a salt drawn for it. */
export async function makeUnlock(
    derive: Toiler['derive'], password: string, secret: Uint8Array, instance: InstanceId, expert: ExpertId, { signSeed, kemSeed }: ExpertSeeds,
): Promise<MadeUnlock> {
    const salt = draw(16)
    const stretched = await derive(passwordInput(password, salt, COST.mKib, COST.t, COST.p))
    const { login, seal } = unlockKeys(stretched, secret, instance)
    stretched.fill(0)
    const keys = await sealKeyBlob(seal, instance, expert, signSeed, kemSeed)
    return { unlock: { expert, salt, ...COST, loginKey: login.publicKey, keys }, login, seal }
}
