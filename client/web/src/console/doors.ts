/**
 * Locking the desk and opening it again. SPEC 9.4
 *
 * A locked page holds no key and no opened word, and its session has ended: whoever unlocks signs in anew, so that a
 * password is guessed at the lock no cheaper than anywhere else. What stays is who it was and the device code.
 */
import type { KeptDrafts } from './kept-drafts'
import type { Credentials } from './sign-in'
import type { ConsoleEvent } from './state'

interface Around {
    readonly drafts: KeptDrafts
    readonly tell: (event: ConsoleEvent) => void
    readonly isOpen: () => boolean
    /** Wipes the keys and ends the session. */
    readonly shut: () => void
    readonly signIn: (credentials: Credentials) => Promise<void>
}

/** Who came by password, and everything of their way in but the password. */
type Owner = Omit<Credentials, 'password'>

export class Doors {
    readonly #around: Around
    #owner: Owner | null = null

    constructor(around: Around) {
        this.#around = around
    }

    /** Null: they came by passkey, and go on by passkey. */
    get owner(): Owner | null {
        return this.#owner
    }

    opened(credentials: Credentials | null): void {
        this.#owner = credentials && { name: credentials.name, deviceCode: credentials.deviceCode, withPasskey: credentials.withPasskey }
    }

    /** Another device code belongs to the account. */
    renew(code: string, nextCode: string): void {
        if (this.#owner?.deviceCode === code) this.#owner = { ...this.#owner, deviceCode: nextCode }
    }

    lock(): void {
        const { drafts, tell, isOpen, shut } = this.#around
        if (!isOpen()) return
        void drafts.lock().then((kept) => void (kept || tell({ type: 'not-kept' })))
        shut()
        tell({ type: 'locked', byPassword: this.#owner !== null })
    }

    async unlock(password: string, withPasskey: boolean): Promise<void> {
        if (this.#owner !== null) await this.#around.signIn({ ...this.#owner, password, withPasskey: withPasskey || this.#owner.withPasskey })
    }

    /** From a locked desk: somebody else may sign in here. What was written stays, sealed for its writer. */
    leave(): void {
        this.forget()
        this.#around.tell({ type: 'signed-out' })
    }

    forget(): void {
        this.#owner = null
    }
}
