/** Replies that were sent and have not left: until then their writer can take them back, and nothing is sealed. */
import { Leaving, UNDO_MS } from '../session/leaving'
import type { PlaceKey } from './places'
import type { ConsoleEvent } from './state'

export interface Clock {
    readonly nowMs: () => number
    /** Runs a task once, later; the answer takes it back. */
    readonly after: (delayMs: number, task: () => void) => () => void
}

export class LeavingReplies {
    readonly #clock: Clock
    readonly #tell: (event: ConsoleEvent) => void
    readonly #leaving: Leaving<PlaceKey>

    constructor(clock: Clock, tell: (event: ConsoleEvent) => void) {
        this.#clock = clock
        this.#tell = tell
        this.#leaving = new Leaving(clock.after)
    }

    /** Resolves to whether it leaves. Meanwhile the words stay a draft, which this device keeps sealed. */
    async wait(key: PlaceKey): Promise<boolean> {
        this.#tell({ type: 'leaving', key, leavesAtMs: this.#clock.nowMs() + UNDO_MS })
        const leaves = await this.#leaving.wait(key)
        this.#tell({ type: leaves ? 'leaves' : 'undone', key })
        return leaves
    }

    undo(key: PlaceKey): void {
        this.#leaving.undo(key)
    }

    sendNow(key: PlaceKey): void {
        this.#leaving.now(key)
    }

    forget(): void {
        this.#leaving.forget()
    }
}
