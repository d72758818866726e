/**
 * From name, password and device code to a keyring: SPEC 2.3, 5, 9.
 *
 * The server gets a proof and never the password; what it gives back is believed only where the anchor vouches for it.
 */
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import type { Directory } from '@lyhty/crypto/directories'
import { accountName, deviceSecret, draftKey, openKeySeeds, passwordInput, unlock, type ExpertSeeds } from '@lyhty/crypto/experts'
import { asExpertId, type InstanceId } from '@lyhty/crypto/ids'
import { KemKeyPair, SigningKey } from '@lyhty/crypto/keys'
import { openPasskeyBlob, passkeySealKey } from '@lyhty/crypto/passkeys'
import { toProveSignIn } from '@lyhty/crypto/proofs'
import type { Toiler } from '../net/workers'
import { loadTrust, renewTrust, type Get, type Trust } from '../session/trust'
import type { Assertion } from './api-types'
import { codeOf } from './code-of'
import { DeskError, type Desk } from './desk'
import { Keyring } from './keyring'
import type { Challenge, SignedIn } from './places'
import { signWithPasskey } from './passkeys'
import { workedFor, type OnWork } from './sign-in-work'

export interface Credentials {
    readonly name: string
    readonly password: string
    readonly deviceCode: string
    /** A passkey goes with the password, where policy asks. */
    readonly withPasskey: boolean
}

type Asked = Omit<Challenge, 'challenge'> & { readonly challenge: Uint8Array }

export interface SignedInKeys { readonly keyring: Keyring; readonly draftKey: Uint8Array; readonly keysHour: number | null }

export class SignInGate {
    readonly #desk: Desk
    readonly #get: Get
    readonly toiler: Pick<Toiler, 'derive' | 'search'>
    readonly #nowS: () => number
    /** Kept across sign-ins: never back to a lower version. SPEC 5.3 */
    #trust: Trust | null = null

    constructor(desk: Desk, get: Get, toiler: Pick<Toiler, 'derive' | 'search'>, nowS: () => number) {
        this.#desk = desk
        this.#get = get
        this.toiler = toiler
        this.#nowS = nowS
    }

    /** `onWork` is told how far it is when signing in takes longer, because somebody has failed to under this name. */
    async signIn(credentials: Credentials, onWork: OnWork): Promise<SignedInKeys> {
        const secret = deviceSecret(credentials.deviceCode)
        const name = accountName(credentials.name)
        const directory = await this.directory()
        const { instance } = directory
        const first = await this.#start(name)
        const stretched = await this.toiler.derive(passwordInput(credentials.password, b64decode(first.salt), first.mKib, first.t, first.p))
        const { login, seal } = unlock(stretched, secret, instance)
        let asked: Asked | null = first
        const start = async (): Promise<Asked> => {
            const fresh = asked ?? await this.#start(name)
            asked = null
            return fresh
        }
        const finish = async ({ challenge }: Asked, work: Uint8Array | null): Promise<SignedIn> => {
            const proof = b64encode(login.sign(toProveSignIn(instance, challenge, name)))
            return this.#desk.finishSignIn(b64encode(challenge), name, proof, work && b64encode(work), credentials.withPasskey ? await this.#assertion(instance) : null)
        }
        try {
            const signedIn = await workedFor(this.toiler, { instance, name }, start, finish, onWork)
            const expert = asExpertId(b64decode(signedIn.expert))
            return await keysFrom(await openKeySeeds(seal, instance, expert, b64decode(signedIn.keys)), signedIn, directory)
        } finally {
            login.wipe()
            for (const bytes of [seal, stretched, secret]) bytes.fill(0)
        }
    }

    /** With a passkey alone: no name, no password, no device code. SPEC 9.8 */
    async signInByPasskey(): Promise<SignedInKeys> {
        const directory = await this.directory()
        const { instance } = directory
        const { assertion, credential, secret } = await signWithPasskey(instance, await this.#desk.startPasskey())
        const seal = passkeySealKey(secret, instance)
        try {
            const signedIn = await this.#desk.finishPasskey(assertion).catch(asPasskeyFailure)
            const expert = asExpertId(b64decode(signedIn.expert))
            return await keysFrom(await openPasskeyBlob(seal, instance, expert, credential, b64decode(signedIn.keys)), signedIn, directory)
        } finally {
            for (const bytes of [seal, secret]) bytes.fill(0)
        }
    }

    async #assertion(instance: InstanceId): Promise<Assertion> {
        const { assertion, secret } = await signWithPasskey(instance, await this.#desk.startPasskey())
        secret.fill(0)
        return assertion
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

/** What is said of a name, a password and a device code would lead astray who has typed none. */
function asPasskeyFailure(error: unknown): never {
    throw codeOf(error) === 'sign-in-failed' ? new DeskError('passkey-failed') : error
}

async function keysFrom({ signSeed, kemSeed }: ExpertSeeds, signedIn: SignedIn, directory: Directory): Promise<SignedInKeys> {
    try {
        const expert = asExpertId(b64decode(signedIn.expert))
        const keyring = await Keyring.open(directory, expert, new SigningKey(signSeed), new KemKeyPair(kemSeed), signedIn.queueWraps.map((wrap) => b64decode(wrap)))
        return { keyring, draftKey: draftKey(signSeed), keysHour: signedIn.keysHour }
    } finally {
        for (const bytes of [signSeed, kemSeed]) bytes.fill(0)
    }
}
