/**
 * Words that were said and have not left: for ten seconds whoever said them may take them back. Nothing of them is
 * sealed or handed on before.
 */
export const UNDO_MS = 10_000

type After = (delayMs: number, task: () => void) => () => void

interface Waiting {
    readonly end: (leaves: boolean) => void
}

export class Leaving<Key> {
    readonly #after: After
    /** In the order in which they were said. */
    readonly #waiting = new Map<Key, Waiting>()

    constructor(after: After) {
        this.#after = after
    }

    has(key: Key): boolean {
        return this.#waiting.has(key)
    }

    /** Resolves to whether they leave: false when they were taken back, or everything was forgotten. */
    wait(key: Key): Promise<boolean> {
        return new Promise((resolve) => {
            const stop = this.#after(UNDO_MS, () => this.#waiting.get(key)?.end(true))
            this.#waiting.set(key, {
                end: (leaves) => {
                    stop()
                    this.#waiting.delete(key)
                    resolve(leaves)
                },
            })
        })
    }

    undo(key: Key): void {
        this.#waiting.get(key)?.end(false)
    }

    now(key: Key): void {
        this.#waiting.get(key)?.end(true)
    }

    /** With all that was said before it, so that words stay in their order. */
    nowInOrder(key: Key): void {
        if (!this.has(key)) return
        for (const [earlier, { end }] of this.#waiting) {
            end(true)
            if (earlier === key) return
        }
    }

    forget(): void {
        for (const { end } of [...this.#waiting.values()]) end(false)
    }
}
