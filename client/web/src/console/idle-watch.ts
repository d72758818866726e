/**
 * Notices that nobody has touched the page for a while. The clock and its timer are passed in.
 *
 * A computer that slept wakes with its timers late: so the clock is looked at before a touch counts as one.
 */
export const IDLE_MS = 15 * 60_000

export interface IdleClock {
    readonly nowMs: () => number
    readonly after: (delayMs: number, task: () => void) => void
}

export class IdleWatch {
    readonly #clock: IdleClock
    readonly #onIdle: () => void
    #touchedMs: number

    constructor(clock: IdleClock, onIdle: () => void) {
        this.#clock = clock
        this.#onIdle = onIdle
        this.#touchedMs = clock.nowMs()
        this.#wait(IDLE_MS)
    }

    /** Somebody is there. */
    touched(): void {
        this.look()
        this.#touchedMs = this.#clock.nowMs()
    }

    /** Whether it has been too long. */
    look(): void {
        if (this.#leftMs() > 0) return
        this.#touchedMs = this.#clock.nowMs()
        this.#onIdle()
    }

    #leftMs(): number {
        return this.#touchedMs + IDLE_MS - this.#clock.nowMs()
    }

    #wait(delayMs: number): void {
        this.#clock.after(delayMs, () => {
            this.look()
            this.#wait(this.#leftMs())
        })
    }
}
