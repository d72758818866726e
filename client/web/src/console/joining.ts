/**
 * Somebody comes by an invitation's link: opens the offer, makes keys in this page, and applies. SPEC 5.7
 *
 * Nothing is stored but what the person keeps on paper; no key and no password leaves this page.
 */
import { equal } from '@lyhty/crypto/bytes'
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { accountName } from '@lyhty/crypto/experts'
import { asExpertId } from '@lyhty/crypto/ids'
import { encodeApplication, introduction, Invitation, type Account, type Offer } from '@lyhty/crypto/invitations'
import { KemKeyPair, SEED_BYTES, SigningKey } from '@lyhty/crypto/keys'
import { draw } from '@lyhty/crypto/randomness'
import type { Toiler } from '../net/workers'
import { loadTrust, renewTrust, type Get, type Trust } from '../session/trust'
import { DeskError, type Desk } from './desk'
import { makeUnlock } from './unlocks'

/** What goes on the sheet and what both people compare; `application` has not left yet. */
export interface Made {
    readonly name: string
    readonly deviceCode: string
    readonly pictures: readonly number[]
    readonly application: Uint8Array
    readonly account: Account
}

export type Standing = 'waiting' | 'certified' | 'gone'

/** What the page needs of whoever comes by a link, invited or first of all. */
export interface Arrival {
    /** Nobody certifies the first coordinator but themselves. */
    readonly isFounding: boolean
    open(): Promise<{ readonly offer: Offer; readonly applied: boolean }>
    make(typedName: string, password: string): Promise<Made>
    apply(made: Made): Promise<void>
    look(made: Made): Promise<Standing>
}

/** Slow: the password is stretched. Every key is made here, sealed, and wiped. */
export async function makeApplication(invitation: Invitation, derive: Toiler['derive'], typedName: string, password: string): Promise<Made> {
    const { instance } = invitation
    const [signSeed, kemSeed, secret] = [draw(SEED_BYTES), draw(SEED_BYTES), draw(32)]
    const expert = asExpertId(draw(16))
    const sign = new SigningKey(signSeed)
    const kem = new KemKeyPair(kemSeed)
    const { unlock, login, seal } = await makeUnlock(derive, password, secret, instance, expert, { signSeed, kemSeed })
    const account: Account = { ...unlock, name: accountName(typedName), sign: sign.publicKey, kem: kem.publicKey }
    const application = encodeApplication(invitation.apply(account, sign))
    const deviceCode = b64encode(secret)
    sign.wipe()
    kem.wipe()
    login.wipe()
    for (const bytes of [signSeed, kemSeed, secret, seal]) bytes.fill(0)
    return { name: account.name, deviceCode, pictures: [...introduction(instance, invitation.id, account.sign, account.kem)], application, account }
}

export class Joining implements Arrival {
    readonly isFounding = false
    readonly #desk: Desk
    readonly #get: Get
    readonly #derive: Toiler['derive']
    readonly #nowS: () => number
    readonly #secret: string
    #trust: Trust | null = null
    #invitation: Invitation | null = null

    constructor(desk: Desk, get: Get, derive: Toiler['derive'], nowS: () => number, secret: string) {
        this.#desk = desk
        this.#get = get
        this.#derive = derive
        this.#nowS = nowS
        this.#secret = secret
    }

    /** The offer, and whether somebody has answered it already. */
    async open(): Promise<{ readonly offer: Offer; readonly applied: boolean }> {
        this.#trust = await loadTrust(this.#get, '', this.#nowS())
        this.#invitation = Invitation.typed(this.#trust.instance, this.#secret)
        const { offer, applied } = await this.#desk.invitation(b64encode(this.#invitation.id))
        return { offer: await this.#invitation.openOffer(b64decode(offer)), applied }
    }

    make(typedName: string, password: string): Promise<Made> {
        return makeApplication(this.#must(), this.#derive, typedName, password)
    }

    async apply(made: Made): Promise<void> {
        await this.#desk.apply(b64encode(this.#must().id), { application: b64encode(made.application) })
    }

    /** Whether a coordinator has certified the keys, is still to do so, or has withdrawn the invitation. */
    async look(made: Made): Promise<Standing> {
        try {
            await this.#desk.invitation(b64encode(this.#must().id))
            return 'waiting'
        } catch (error) {
            if (!(error instanceof DeskError && error.code === 'invitation-unknown')) throw error
        }
        if (this.#trust === null) return 'gone'
        this.#trust = renewTrust(this.#trust, await this.#desk.trust(), this.#nowS())
        const { experts } = this.#trust.directory.claims
        const listed = experts.find(({ id }) => equal(id, made.account.expert))
        return listed !== undefined && equal(listed.sign, made.account.sign) && equal(listed.kem, made.account.kem) ? 'certified' : 'gone'
    }

    #must(): Invitation {
        if (this.#invitation === null) throw new DeskError('invitation-unknown')
        return this.#invitation
    }
}

/** The 43 characters behind `#i=` or `#f=`, or null. */
export function secretIn(fragment: string, field: 'i' | 'f'): string | null {
    return new URLSearchParams(fragment.replace(/^#/, '')).get(field)?.trim() || null
}
