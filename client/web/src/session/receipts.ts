/** Tells the experts what has arrived and what was on the screen, when nothing else has said it. SPEC 4.5 */

/** What comes within this time is told with one receipt, and what is read within it is not told as delivered first. */
const BATCH_MS = 2000

export type Owed = 'delivered' | 'read' | null

export class Receipts {
    readonly #owed: () => Owed
    readonly #say: () => Promise<void>
    readonly #pause: (delayMs: number) => Promise<void>
    #isWaiting = false

    /** `say` weighs once more itself: a message may have said it meanwhile. */
    constructor(owed: () => Owed, say: () => Promise<void>, pause: (delayMs: number) => Promise<void>) {
        this.#owed = owed
        this.#say = say
        this.#pause = pause
    }

    /** After anything has changed. */
    weigh(): void {
        if (this.#isWaiting || this.#owed() === null) return
        this.#isWaiting = true
        void this.#pause(BATCH_MS)
            .then(() => this.#say())
            // A receipt is nobody's words: one that is refused waits for the next change.
            .then(() => true, () => false)
            .then((isSaid) => {
                this.#isWaiting = false
                if (isSaid) this.weigh()
            })
    }
}
