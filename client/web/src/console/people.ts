/**
 * What coordinators do for people and keys: invite, compare, certify, let go, and keep directory and keys from growing
 * old. SPEC 5.7, 9.1, 9.2, 9.7
 */
import { equal } from '@lyhty/crypto/bytes'
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { TurnContent } from '@lyhty/crypto/contents'
import type { Expert } from '@lyhty/crypto/directories'
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { ProtocolError } from '@lyhty/crypto/errors'
import { hash } from '@lyhty/crypto/ids'
import { decodeApplication, introduction, Invitation, type Account, type Offer } from '@lyhty/crypto/invitations'
import type { WaitingInvitation, WaitingRenewal } from './api-types'
import { DeskError, type Desk } from './desk'
import { admission, departure, isRotationDue, renewal, rotation, withNewKeys, type EpochSeed, type MadeAct, type UnsignedAct } from './key-acts'
import type { Keyring } from './keyring'
import type { OwnEntries } from './own-entries'
import type { ConsoleEvent } from './state'
import { turnAll } from './turns'

/** Older than this, a coordinator's console signs the next directory by itself. SPEC 5.3 */
const RENEWED_AFTER_S = 86_400

/** An invitation as its coordinators see it. */
export interface WaitingView {
    readonly id: string
    /** Null when it cannot be opened: `alarm` says why. */
    readonly offer: Offer | null
    readonly expires: number
    /** The 43 characters of the link. */
    readonly secret: string | null
    /** What must be the same on the other screen, once somebody has applied. */
    readonly pictures: readonly number[] | null
    readonly alarm: ErrorCode | null
}

interface Opened { readonly invitation: Invitation; readonly offer: Offer; readonly account: Account | null }

interface Surroundings {
    readonly desk: Desk
    readonly entries: OwnEntries
    readonly keyring: () => Keyring | null
    readonly tell: (event: ConsoleEvent) => void
    readonly nowS: () => number
    /** Reads the newest directory and the seeds that came with it. */
    readonly renew: (keyring: Keyring) => Promise<void>
    /** Seeds that nobody has but this page: they are split at once, or lost. */
    readonly split: (keyring: Keyring, unowned: readonly EpochSeed[]) => Promise<void>
    readonly turn: (caseId: string, queue: number, reason: TurnContent['reason']) => Promise<void>
}

const MAX_TRIES = 5
const NOT_NOW: ReadonlySet<ErrorCode> = new Set(['operation-malformed', 'recovery-under-way', 'directory-outdated'])

export class People {
    readonly #around: Surroundings
    readonly #opened = new Map<string, Opened>()
    #isTurning = false

    constructor(around: Surroundings) {
        this.#around = around
    }

    /** A coordinator has signed in. */
    async begin(keyring: Keyring): Promise<void> {
        if (keyring.directoryKey === null) return
        await this.#renewDirectory(keyring)
        await this.read()
        await this.turnAll('schedule')
    }

    /** Their sign-ins end at once, and their queues get keys that they never had; then every open case gets one. */
    async depart(expert: Expert): Promise<void> {
        await this.#certify(this.#must(), (keyring) => (
            keyring.directory.claims.experts.some(({ id }) => equal(id, expert.id)) ? departure(keyring, expert.id, this.#around.nowS()) : null
        ))
        void this.turnAll('departure')
    }

    signOutEverywhere(expert: Expert): Promise<void> {
        return this.#around.desk.endSessionsOf(b64encode(expert.id))
    }

    /** Goes on where it stopped, or where another coordinator did. */
    async turnAll(reason: TurnContent['reason']): Promise<void> {
        const keyring = this.#must()
        if (this.#isTurning) return
        this.#isTurning = true
        try {
            await turnAll({
                desk: this.#around.desk,
                queues: () => keyring.self.queues,
                isIn: () => this.#around.keyring() === keyring,
                turn: (caseId, queue) => this.#around.turn(caseId, queue, reason),
                tell: (turning) => this.#around.tell({ type: 'turning', turning }),
            })
        } finally {
            this.#isTurning = false
        }
    }

    /** Every invitation that waits, opened and checked. */
    async read(): Promise<void> {
        const keyring = this.#around.keyring()
        if (keyring === null || keyring.directoryKey === null) return
        const { invitations } = await this.#around.desk.invitations()
        this.#opened.clear()
        const waiting: WaitingView[] = []
        for (const one of invitations) waiting.push(await this.#view(one, keyring))
        if (this.#around.keyring() === keyring) this.#around.tell({ type: 'waiting', waiting })
    }

    async invite(offer: Offer): Promise<void> {
        const keyring = this.#must()
        const invitation = Invitation.drawn(keyring.instance)
        const [sealed, kept] = [await invitation.sealOffer(offer), await invitation.keep(keyring.directorySeed)]
        await this.#around.desk.invite({ id: b64encode(invitation.id), offer: b64encode(sealed), kept: b64encode(kept) })
        await this.read()
    }

    async withdraw(id: string): Promise<void> {
        await this.#around.desk.withdraw(id)
        await this.read()
    }

    /** The pictures are the same: the applicant's keys get the offer's name, queues and role. */
    async admit(id: string): Promise<void> {
        const keyring = this.#must()
        const opened = this.#opened.get(id)
        if (opened === undefined || opened.account === null) throw new DeskError('invitation-unknown')
        const { offer, account } = opened
        const added: Expert = {
            id: account.expert, name: offer.name, queues: offer.queues, sign: account.sign, kem: account.kem,
            coordinator: offer.coordinator, languages: offer.languages,
        }
        await this.#certify(keyring, (mine) => admission(mine, added, id, this.#around.nowS()))
        await this.read()
        void this.turnAll('departure')
    }

    /** An act of somebody else's making, over the newest directory. */
    certify(act: (keyring: Keyring) => Promise<MadeAct>): Promise<void> {
        return this.#certify(this.#must(), act)
    }

    /** Once a day for another 14 days, and for new keys of experts; the first time in a month with new epochs. SPEC 9.7 */
    async #renewDirectory(keyring: Keyring): Promise<void> {
        const { desk, nowS } = this.#around
        const waiting = await desk.renewals()
        const isOld = (): boolean => nowS() - keyring.directory.claims.issued > RENEWED_AFTER_S
        if (!isOld() && !isRotationDue(keyring.directory, nowS()) && waiting.length === 0) return
        const inUse = await desk.epochsInUse()
        const act = (renewals: readonly WaitingRenewal[]) => (): Promise<MadeAct> | MadeAct | null => {
            const experts = withNewKeys(keyring.directory, renewals)
            if (isRotationDue(keyring.directory, nowS())) {
                return rotation(keyring, (queue, epoch) => inUse.some((one) => one.queue === queue && one.epoch === epoch), nowS(), experts)
            }
            const areNew = experts.some((expert, at) => expert !== keyring.directory.claims.experts[at])
            return isOld() || areNew ? renewal(keyring, nowS(), experts) : null
        }
        try {
            await this.#certify(keyring, act(waiting))
        } catch (error) {
            // What stands in the way of somebody's new keys must not keep the directory from being renewed.
            if (waiting.length === 0 || !(error instanceof DeskError && NOT_NOW.has(error.code))) throw error
            await this.#certify(keyring, act([]))
        }
    }

    /** An act over the newest directory, made anew when another coordinator was faster; null: nothing is left to do. */
    async #certify(keyring: Keyring, act: (keyring: Keyring) => Promise<MadeAct> | MadeAct | null): Promise<void> {
        const { renew, split } = this.#around
        for (let tries = 1; ; tries++) {
            const made = await act(keyring)
            if (made === null) return
            try {
                await this.#store(keyring, made.act)
                await renew(keyring)
                return await split(keyring, made.unowned)
            } catch (error) {
                if (!(error instanceof DeskError && error.code === 'directory-outdated') || tries === MAX_TRIES) throw error
                await renew(keyring)
            }
        }
    }

    /** With what we sign of it for the audit log. SPEC 9.10 */
    #store(keyring: Keyring, act: UnsignedAct): Promise<number> {
        const { desk, entries } = this.#around
        const subject = hash(b64decode(act.directory))
        const directoryVersion = keyring.directory.claims.version + 1
        return entries.store(keyring, { kind: 'key-act', subject, directoryVersion }, (entry) => desk.certify({ ...act, entry }))
    }

    async #view(one: WaitingInvitation, keyring: Keyring): Promise<WaitingView> {
        const base = { id: one.id, expires: one.expires }
        try {
            const invitation = await Invitation.kept(keyring.instance, b64decode(one.id), b64decode(one.kept), keyring.directorySeed)
            const offer = await invitation.openOffer(b64decode(one.offer))
            const account = one.application === null ? null : checked(invitation, one.application)
            this.#opened.set(one.id, { invitation, offer, account })
            const pictures = account === null ? null : [...introduction(keyring.instance, invitation.id, account.sign, account.kem)]
            return { ...base, offer, secret: invitation.text, pictures, alarm: null }
        } catch (error) {
            if (!(error instanceof ProtocolError)) throw error
            return { ...base, offer: null, secret: null, pictures: null, alarm: error.code }
        }
    }

    #must(): Keyring {
        const keyring = this.#around.keyring()
        if (keyring === null) throw new DeskError('not-signed-in')
        return keyring
    }
}

/** Whoever applied had the link, and nobody changed a byte on the way. SPEC 5.7 */
function checked(invitation: Invitation, application: string): Account {
    const decoded = decodeApplication(b64decode(application))
    invitation.check(decoded)
    return decoded.account
}
