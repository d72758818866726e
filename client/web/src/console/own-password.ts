/**
 * Another password, and another device code if it is wanted, for who is signed in. SPEC 2.3, 9.4
 *
 * When no answer comes, the same bytes are sent again until it is known which password holds: nobody may be left to
 * find that out at a closed door.
 */
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { deviceSecret, passwordInput, sealKeyBlob, unlock as unlockKeys } from '@lyhty/crypto/experts'
import { hash } from '@lyhty/crypto/ids'
import { KemKeyPair, SEED_BYTES, type SigningKey } from '@lyhty/crypto/keys'
import { draw } from '@lyhty/crypto/randomness'
import { signRenewal } from '@lyhty/crypto/renewals'
import { signNewUnlock } from '@lyhty/crypto/unlocks'
import type { Toiler } from '../net/workers'
import type { ChangeUnlock, NewKeys } from './api-types'
import { codeOf } from './code-of'
import { DeskError, type Desk } from './desk'
import { everySeedFor } from './key-acts'
import type { Keyring } from './keyring'
import type { UnlockTerms } from './places'
import { workedFor, type OnWork, type Priced } from './sign-in-work'
import { makeUnlock } from './unlocks'

/** From then on their expert is reminded to make new ones. */
const OLD_H = 365 * 24
const TRIES = 3
const AGAIN_MS = 2_000
const NO_ANSWER: ReadonlySet<ErrorCode> = new Set(['connection-lost', 'internal'])
/** Of what was sent once already: it may have been stored before, or may yet be. */
const TELLS_NOTHING: ReadonlySet<ErrorCode> = new Set([...NO_ANSWER, 'busy', 'storage-failed', 'work-insufficient'])

export interface Codes {
    readonly code: string
    /** The same, unless another is wanted. */
    readonly nextCode: string
}

export interface Wanted extends Codes {
    readonly present: string
    readonly next: string
    /** Another `kem`, once a coordinator's client has listed it. */
    readonly newKeys: boolean
}

/** `unknown`: nobody has answered. */
export type Outcome = 'changed' | 'unchanged' | 'unknown'

/** `keysHour`: null when nobody has noted it. */
export const areKeysOld = (keysHour: number | null, nowS: number): boolean => keysHour !== null && Math.floor(nowS / 3_600) - keysHour >= OLD_H

interface Around {
    readonly desk: Pick<Desk, 'beginUnlock' | 'changeUnlock' | 'startSignIn'>
    readonly toiler: Pick<Toiler, 'derive' | 'search'>
    readonly keyring: () => Keyring | null
    /** The new one holds. */
    readonly changed: (codes: Codes) => void
    readonly rest: (ms: number) => Promise<void>
    readonly nowS: () => number
}

interface Sent { readonly codes: Codes; readonly name: string; readonly salt: string; readonly body: ChangeUnlock }
type Asked = Omit<UnlockTerms, 'challenge'> & Priced

export class OwnPassword {
    readonly #around: Around
    #sent: Sent | null = null

    constructor(around: Around) {
        this.#around = around
    }

    /** What was sent and not answered. */
    get pending(): Codes | null {
        return this.#sent?.codes ?? null
    }

    /** Somebody else may sign in here. */
    forget(): void {
        this.#sent = null
    }

    /** The account's name, for the sheet, and how old its keys are. */
    account(): Promise<Pick<UnlockTerms, 'name' | 'keysHour' | 'renewing'>> {
        return this.#around.desk.beginUnlock()
    }

    /** Slow. Rejects when it was refused: then the old password holds. */
    async change(wanted: Wanted, onWork: OnWork): Promise<Outcome> {
        const { toiler } = this.#around
        const { instance, expert } = this.#signedIn()
        const [present, next] = [deviceSecret(wanted.code), deviceSecret(wanted.nextCode)]
        const seeds = this.#signedIn().seeds()
        const { unlock, login, seal } = await makeUnlock(toiler.derive, wanted.next, next, instance, expert, seeds).finally(() => {
            for (const bytes of [seeds.signSeed, seeds.kemSeed, next]) bytes.fill(0)
        })
        let before: SigningKey | null = null
        try {
            const newKeys = wanted.newKeys ? await this.#newKeys(seal) : null
            const first = await this.#start()
            before = await this.#loginKey(wanted.present, present, first)
            const signer = before
            let asked: Asked | null = first
            const start = async (): Promise<Asked> => {
                const fresh = asked ?? await this.#start()
                asked = null
                return fresh
            }
            const finish = async ({ challenge, name }: Asked, work: Uint8Array | null): Promise<Outcome> => {
                const body = { challenge: b64encode(challenge), new: b64encode(signNewUnlock(unlock, login, signer, instance, challenge)), work: work && b64encode(work), new_keys: newKeys }
                this.#sent = { codes: { code: wanted.code, nextCode: wanted.nextCode }, name, salt: b64encode(unlock.salt), body }
                return this.#send(this.#sent)
            }
            return await workedFor(toiler, { instance, name: first.name }, start, finish, onWork)
        } finally {
            for (const key of [before, login]) key?.wipe()
            for (const bytes of [present, seal]) bytes.fill(0)
        }
    }

    /** Of what was sent last: which password holds. */
    async ask(): Promise<Outcome> {
        return this.#sent === null ? 'unchanged' : this.#findOut(this.#sent)
    }

    async #findOut(sent: Sent): Promise<Outcome> {
        for (let turn = 0; turn < TRIES; turn++) {
            if (turn > 0) await this.#around.rest(AGAIN_MS)
            const outcome = await this.#post(sent).catch((error: unknown) => TELLS_NOTHING.has(codeOf(error)) ? 'unknown' : this.#bySalt(sent))
            if (outcome !== 'unknown') return outcome
        }
        return 'unknown'
    }

    async #send(sent: Sent): Promise<Outcome> {
        try {
            return await this.#post(sent)
        } catch (error) {
            if (!NO_ANSWER.has(codeOf(error))) {
                this.#sent = null
                throw error
            }
            await this.#around.rest(AGAIN_MS)
            return this.#findOut(sent)
        }
    }

    async #post(sent: Sent): Promise<Outcome> {
        await this.#around.desk.changeUnlock(sent.body)
        return this.#holds(sent)
    }

    /** Refused for good, so that nothing of it is on its way any more: the salt was drawn for this change alone. */
    async #bySalt(sent: Sent): Promise<Outcome> {
        try {
            const { salt } = await this.#around.desk.startSignIn(sent.name)
            if (salt === sent.salt) return this.#holds(sent)
            this.#sent = null
            return 'unchanged'
        } catch (error) {
            if (TELLS_NOTHING.has(codeOf(error))) return 'unknown'
            throw error
        }
    }

    #holds({ codes }: Sent): Outcome {
        this.#sent = null
        this.#around.changed(codes)
        return 'changed'
    }

    /** Another `kem`, sealed as the account's keys are from now on, and every seed of ours sealed for it. SPEC 2.3 */
    async #newKeys(seal: Uint8Array): Promise<NewKeys> {
        const keyring = this.#signedIn()
        const { instance, expert, sign, self } = keyring
        const [signSeed, kemSeed] = [sign.seed(), draw(SEED_BYTES)]
        const kem = new KemKeyPair(kemSeed)
        try {
            const keys = await sealKeyBlob(seal, instance, expert, signSeed, kemSeed)
            const wraps = (await everySeedFor(keyring, { ...self, kem: kem.publicKey })).map(({ wrap }) => wrap)
            const renewal = signRenewal({ instance, expert, before: hash(self.kem), kem: kem.publicKey, blob: hash(keys), at: this.#around.nowS() }, sign)
            return { renewal: b64encode(renewal), keys: b64encode(keys), wraps }
        } finally {
            kem.wipe()
            for (const bytes of [signSeed, kemSeed]) bytes.fill(0)
        }
    }

    async #start(): Promise<Asked> {
        const terms = await this.#around.desk.beginUnlock()
        return { ...terms, challenge: b64decode(terms.challenge) }
    }

    async #loginKey(password: string, secret: Uint8Array, { salt, mKib, t, p }: Asked): Promise<SigningKey> {
        const stretched = await this.#around.toiler.derive(passwordInput(password, b64decode(salt), mKib, t, p))
        const { login, seal } = unlockKeys(stretched, secret, this.#signedIn().instance)
        for (const bytes of [seal, stretched]) bytes.fill(0)
        return login
    }

    #signedIn(): Keyring {
        const keyring = this.#around.keyring()
        if (keyring === null) throw new DeskError('not-signed-in')
        return keyring
    }
}
