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
import type { Challenge, SignedIn } from './places'
import { workedFor, type OnWork } from './sign-in-work'

export interface Credentials { readonly name: string; readonly password: string; readonly deviceCode: string }

type Asked = Omit<Challenge, 'challenge'> & { readonly challenge: Uint8Array }

export interface SignedInKeys { readonly keyring: Keyring; readonly draftKey: Uint8Array }

export class SignInGate {
    readonly #desk: Desk
    readonly #get: Get
    readonly #toiler: Pick<Toiler, 'derive' | 'search'>
    readonly #nowS: () => number
    /** Kept across sign-ins: never back to a lower version. SPEC 5.3 */
    #trust: Trust | null = null

    constructor(desk: Desk, get: Get, toiler: Pick<Toiler, 'derive' | 'search'>, nowS: () => number) {
        this.#desk = desk
        this.#get = get
        this.#toiler = toiler
        this.#nowS = nowS
    }

    /** `onWork` is told how far it is when signing in takes longer, because somebody has failed to under this name. */
    async signIn(credentials: Credentials, onWork: OnWork): Promise<SignedInKeys> {
        const secret = deviceSecret(credentials.deviceCode)
        const name = accountName(credentials.name)
        const directory = await this.directory()
        const { instance } = directory
        const first = await this.#start(name)
        const stretched = await this.#toiler.derive(passwordInput(credentials.password, b64decode(first.salt), first.mKib, first.t, first.p))
        const { login, seal, drafts } = unlock(stretched, secret, instance)
        let asked: Asked | null = first
        const start = async (): Promise<Asked> => {
            const fresh = asked ?? await this.#start(name)
            asked = null
            return fresh
        }
        const finish = ({ challenge }: Asked, work: Uint8Array | null): Promise<SignedIn> =>
            this.#desk.finishSignIn(b64encode(challenge), name, b64encode(login.sign(toProveSignIn(instance, challenge, name))), work && b64encode(work))
        try {
            const signedIn = await workedFor(this.#toiler, { instance, name }, start, finish, onWork)
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

    async #start(name: string): Promise<Asked> {
        const asked = await this.#desk.startSignIn(name)
        return { ...asked, challenge: b64decode(asked.challenge) }
    }

    /** The directory as of now, verified from the anchor. */
    async directory(): Promise<Directory> {
        this.#trust = this.#trust === null
            ? await loadTrust(this.#get, '', this.#nowS())
            : renewTrust(this.#trust, await this.#desk.trust(), this.#nowS())
        return this.#trust.directory
    }
}
