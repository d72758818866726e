/** From one forgetting to the next: nothing that began before it goes on after. */
import { SessionFailure } from './failure.ts'

export class Visit {
    #nth = 0

    end(): void {
        this.#nth += 1
    }

    /** Rejects with `not-resumed` if everything was forgotten meanwhile. */
    async during<T>(work: Promise<T>): Promise<T> {
        const began = this.#nth
        const done = await work
        if (began !== this.#nth) throw new SessionFailure('not-resumed')
        return done
    }
}
