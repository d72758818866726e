/** The audit log for coordinators. What reads it is fetched when somebody does. SPEC 9.10 */
import type { AroundLog, AuditRow, AuditStanding } from './audit-log'
import { DeskError } from './desk'
import type { Keyring } from './keyring'

export type { AuditRow, AuditStanding }

export interface AroundAudit extends Omit<AroundLog, 'isStillIn'> {
    readonly keyring: () => Keyring | null
}

const fetchReader = () => import('./audit-log')

export class Audit {
    readonly #around: AroundAudit
    /** One after another: both move what the device remembers. */
    #turn: Promise<unknown> = Promise.resolve()

    constructor(around: AroundAudit) {
        this.#around = around
    }

    /** A coordinator has signed in. */
    async begin(keyring: Keyring): Promise<void> {
        if (keyring.directoryKey === null) return
        await this.#inTurn(async () => (await fetchReader()).watchLog(this.#within(keyring), keyring))
    }

    /** All of it, newest first. */
    read(): Promise<readonly AuditRow[]> {
        const keyring = this.#must()
        return this.#inTurn(async () => (await fetchReader()).readWholeLog(this.#within(keyring), keyring))
    }

    /** Takes the log as it is now. */
    async forget(): Promise<readonly AuditRow[]> {
        const keyring = this.#must()
        ;(await fetchReader()).forgetLog(this.#around.storage, keyring)
        return this.read()
    }

    #inTurn<T>(work: () => Promise<T>): Promise<T> {
        const done = this.#turn.then(work)
        this.#turn = done.catch(() => undefined)
        return done
    }

    #within(keyring: Keyring): AroundLog {
        const isStillIn = (): boolean => this.#around.keyring() === keyring
        return { ...this.#around, isStillIn, tell: (standing) => { if (isStillIn()) this.#around.tell(standing) } }
    }

    #must(): Keyring {
        const keyring = this.#around.keyring()
        if (keyring === null) throw new DeskError('not-signed-in')
        return keyring
    }
}
