/** What an expert does with their lists: puts a case aside, takes it up, opens a closed one again, is seen writing. SPEC 9 */
import type { Desk } from './desk'
import type { HeldCases } from './held-cases'
import type { Keyring } from './keyring'
import type { Opened, PlaceKey } from './places'
import { isClosedByMe, isMine, mustWake, placeOf } from './questions'
import type { Busy, ConsoleEvent, ConsoleState } from './state'

/** The server passes over what comes faster than every two seconds. */
const SAY_EVERY_MS = 3_000
/** A notice that somebody writes stays for one that is lost. */
const SHOWN_MS = 7_000

export interface AroundLists {
    readonly desk: Desk
    readonly held: HeldCases
    readonly state: () => ConsoleState
    readonly tell: (event: ConsoleEvent) => void
    readonly timeMs: () => number
    readonly doing: (key: PlaceKey, busy: Busy, work: (keyring: Keyring) => Promise<void>) => Promise<void>
    readonly open: (opened: Opened, keyring: Keyring) => Promise<void>
}

export class ListActs {
    readonly #around: AroundLists
    readonly #quiet = new Map<string, ReturnType<typeof setTimeout>>()
    #saidMs = -SAY_EVERY_MS

    constructor(around: AroundLists) {
        this.#around = around
    }

    /** Null takes it up again. */
    snooze(key: PlaceKey, until: number | null): void {
        const { desk, doing, held, state, tell } = this.#around
        const place = placeOf(state(), key)
        if (place === undefined || !isMine(state(), place)) return
        void doing(key, 'snoozing', async () => {
            const seq = held.get(key)?.newest ?? place.lastSeq
            const after = await desk.snooze(place, until === null ? null : { until, seq })
            tell({ type: 'place', place: after, by: until === null ? 'woken' : 'snoozed' })
        })
    }

    /** After a case of ours was read: what its reporter wrote ends the snooze at once. */
    async wakeIfWritten(key: PlaceKey): Promise<void> {
        const { desk, state, tell } = this.#around
        const place = placeOf(state(), key)
        if (place === undefined || !isMine(state(), place) || !mustWake(state(), place)) return
        tell({ type: 'place', place: await desk.snooze(place, null), by: 'feed' })
    }

    reopen(key: PlaceKey): void {
        const { desk, doing, open, state, tell } = this.#around
        const place = placeOf(state(), key)
        if (place === undefined || !isClosedByMe(state(), place)) return
        void doing(key, 'reopening', async (keyring) => {
            const opened = await desk.reopen(place)
            tell({ type: 'place', place: opened.place, by: 'reopened' })
            await open(opened, keyring)
        })
    }

    /** Something was written for this place. */
    written(key: PlaceKey): void {
        const { desk, state, timeMs } = this.#around
        const place = placeOf(state(), key)
        if (place === undefined || !isMine(state(), place) || timeMs() - this.#saidMs < SAY_EVERY_MS) return
        this.#saidMs = timeMs()
        desk.sayAnswering(place)
    }

    /** Somebody else writes in a case of ours; it is shown for a few seconds. */
    hear({ case: caseId, queue }: { readonly case: string; readonly queue: number }): void {
        const { tell } = this.#around
        tell({ type: 'answering', case: caseId, queue })
        clearTimeout(this.#quiet.get(caseId))
        this.#quiet.set(caseId, setTimeout(() => {
            this.#quiet.delete(caseId)
            tell({ type: 'quiet', case: caseId })
        }, SHOWN_MS))
    }

    end(): void {
        for (const timer of this.#quiet.values()) clearTimeout(timer)
        this.#quiet.clear()
    }
}
