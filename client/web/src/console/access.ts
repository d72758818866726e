/** Where one is signed in, one's passkeys, and ending either. SPEC 9.4, 9.8 */
import { b64encode } from '@lyhty/crypto/encoding'
import { passkeySealKey, sealPasskeyBlob } from '@lyhty/crypto/passkeys'
import type { Passkey, Session as SignedInHere } from './api-types'
import { DeskError, type Desk } from './desk'
import type { Keyring } from './keyring'
import { makePasskey } from './passkeys'

export type { Passkey, SignedInHere }

export class Access {
    readonly #desk: Desk
    readonly #keyring: () => Keyring | null

    constructor(desk: Desk, keyring: () => Keyring | null) {
        this.#desk = desk
        this.#keyring = keyring
    }

    /** The oldest first. */
    sessions(): Promise<readonly SignedInHere[]> {
        return this.#desk.sessions()
    }

    endSession(session: string): Promise<void> {
        return this.#desk.endSession(session)
    }

    endOthers(): Promise<void> {
        return this.#desk.endOtherSessions()
    }

    passkeys(): Promise<readonly Passkey[]> {
        return this.#desk.passkeys()
    }

    removePasskey(credential: string): Promise<readonly Passkey[]> {
        return this.#desk.removePasskey(credential)
    }

    /** Made by this device, or one that it finds; what it opens is sealed here and its secret goes nowhere. */
    async addPasskey(): Promise<readonly Passkey[]> {
        const { instance, expert } = this.#signedIn()
        const terms = await this.#desk.beginPasskey()
        const { credential, attestation, clientData, secret } = await makePasskey(instance, expert, terms)
        const seal = passkeySealKey(secret, instance)
        // Asked for only now: the desk may have been locked meanwhile, and wiped keys must not be sealed.
        const seeds = this.#signedIn().seeds()
        try {
            const keys = await sealPasskeyBlob(seal, instance, expert, credential, seeds)
            return await this.#desk.addPasskey({
                challenge: terms.challenge,
                credential: b64encode(credential),
                attestation: b64encode(attestation),
                client_data: b64encode(clientData),
                keys: b64encode(keys),
            })
        } finally {
            for (const bytes of [seal, secret, seeds.signSeed, seeds.kemSeed]) bytes.fill(0)
        }
    }

    #signedIn(): Keyring {
        const keyring = this.#keyring()
        if (keyring === null) throw new DeskError('not-signed-in')
        return keyring
    }
}
