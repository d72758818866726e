/**
 * From name, password and device code to a keyring: SPEC 2.3, 5, 9.
 *
 * The server gets a proof and never the password; what it gives back is believed only where the anchor vouches for it.
 */
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import type { Directory } from '@lyhty/crypto/directories'
import { accountName, deviceSecret, openKeyBlob, passwordInput, unlock } from '@lyhty/crypto/experts'
import { asExpertId } from '@lyhty/crypto/ids'
import { toProveSignIn } from '@lyhty/crypto/proofs'
import type { Toiler } from '../net/workers'
import { loadTrust, renewTrust, type Get, type Trust } from '../session/trust'
import type { Desk } from './desk'
import { Keyring } from './keyring'

export interface Credentials { readonly name: string; readonly password: string; readonly deviceCode: string }

export interface SignedInKeys { readonly keyring: Keyring; readonly draftKey: Uint8Array }

export class SignInGate {
    readonly #desk: Desk
    readonly #get: Get
    readonly #derive: Toiler['derive']
    readonly #nowS: () => number
    /** Kept across sign-ins: never back to a lower version. SPEC 5.3 */
    #trust: Trust | null = null

    constructor(desk: Desk, get: Get, derive: Toiler['derive'], nowS: () => number) {
        this.#desk = desk
        this.#get = get
        this.#derive = derive
        this.#nowS = nowS
    }

    async signIn(credentials: Credentials): Promise<SignedInKeys> {
        const secret = deviceSecret(credentials.deviceCode)
        const name = accountName(credentials.name)
        const directory = await this.directory()
        const { instance } = directory
        const { challenge, salt, mKib, t, p } = await this.#desk.startSignIn(name)
        const stretched = await this.#derive(passwordInput(credentials.password, b64decode(salt), mKib, t, p))
        const { login, seal, drafts } = unlock(stretched, secret, instance)
        try {
            const proof = login.sign(toProveSignIn(instance, b64decode(challenge), name))
            const signedIn = await this.#desk.finishSignIn(challenge, name, b64encode(proof))
            const expert = asExpertId(b64decode(signedIn.expert))
            const { sign, kem } = await openKeyBlob(seal, instance, expert, b64decode(signedIn.keys))
            const keyring = await Keyring.open(directory, expert, sign, kem, signedIn.queueWraps.map((wrap) => b64decode(wrap)))
            return { keyring, draftKey: drafts }
        } catch (error) {
            drafts.fill(0)
            throw error
        } finally {
            login.wipe()
            for (const bytes of [seal, stretched, secret]) bytes.fill(0)
        }
    }

    /** The directory as of now, verified from the anchor. */
    async directory(): Promise<Directory> {
        this.#trust = this.#trust === null
            ? await loadTrust(this.#get, '', this.#nowS())
            : renewTrust(this.#trust, await this.#desk.trust(), this.#nowS())
        return this.#trust.directory
    }
}
