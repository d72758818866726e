/**
 * Opens the cards of a list, the first ones first and a few at a time: whoever looks at the list or presses a key
 * meanwhile does not wait for the rest.
 */
import { viewCard, type CardView } from './cards'
import type { Keyring } from './keyring'
import type { Place, PlaceKey } from './places'
import type { ConsoleEvent, ConsoleState } from './state'

/** Less than a frame of the screen, so that the next key press is not noticed to wait. */
const AT_A_TIME_MS = 12

export interface AroundCards {
    readonly state: () => ConsoleState
    readonly tell: (event: ConsoleEvent) => void
    readonly timeMs: () => number
    /** Ends the turn: what has come meanwhile is done, then this goes on. */
    readonly rest: () => Promise<void>
}

export class CardOpener {
    readonly #around: AroundCards
    #waiting: Place[] = []
    #work: Promise<void> | null = null
    #keyring: Keyring | null = null

    constructor(around: AroundCards) {
        this.#around = around
    }

    begin(keyring: Keyring): void {
        this.#keyring = keyring
    }

    end(): void {
        this.#keyring = null
        this.#waiting = []
    }

    /** Resolves when these, and those asked for before, are open. */
    open(places: readonly Place[]): Promise<void> {
        this.#waiting.push(...places)
        this.#work ??= this.#openAll().finally(() => { this.#work = null })
        return this.#work
    }

    async #openAll(): Promise<void> {
        const { state, tell, timeMs, rest } = this.#around
        while (this.#keyring !== null && this.#waiting.length > 0) {
            const keyring = this.#keyring
            const begun = timeMs()
            const cards: (readonly [PlaceKey, CardView])[] = []
            do {
                const place = this.#waiting.shift()
                // SPEC 4.4: a server that changes its mind about the urgent bit is noticed too.
                if (place === undefined) continue
                const known = state().cards.get(place.key)
                if (known?.urgent === place.urgent && known.sealed === place.card) continue
                cards.push([place.key, await viewCard(place, keyring)])
            } while (this.#waiting.length > 0 && timeMs() - begun < AT_A_TIME_MS)
            if (this.#keyring !== keyring) return
            if (cards.length > 0) tell({ type: 'cards', cards })
            await rest()
        }
    }
}
