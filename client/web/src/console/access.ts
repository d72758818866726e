/** Where one is signed in, and ending it. SPEC 9.4 */
import type { Session as SignedInHere } from './api-types'
import type { Desk } from './desk'

export type { SignedInHere }

export class Access {
    readonly #desk: Desk

    constructor(desk: Desk) {
        this.#desk = desk
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
}
