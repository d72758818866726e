/**
 * What reporters added to cases that we have closed: whether it helped is handed on to the figures and shown to nobody;
 * for anything else the place says that there is something new. SPEC 4.8, 6.4, 9
 */
import { b64encode } from '@lyhty/crypto/encoding'
import { ProtocolError } from '@lyhty/crypto/errors'
import { UnreadableAnswerError } from './answers'
import type { ForFigures } from './contributing'
import { HeldCase } from './conversation'
import { DeskError, type Desk } from './desk'
import { DraftKeeper, type Kind } from './draft-keeper'
import { storedIn } from './held-cases'
import type { Keyring } from './keyring'
import { placeKey, type ClosedPage, type Place, type PlaceKey } from './places'

/** Who comes back to say that it helped does so within weeks. */
export const LONGEST_H = 60 * 24
/** Of a queue's closed cases; a coordinator's list holds what colleagues closed too. */
const MOST_PAGES = 10
const PAGE = 50
const AFTERWARDS: Kind = { what: 'after-closing', named: 'lyhty-after-', longestS: LONGEST_H * 3_600 }
const ALL = placeKey('after-closing', 0)

/** The newest envelope that was read of a closed case, and whether there is something that nobody has looked at. */
interface Seen { readonly seq: number; readonly isNew: boolean }
type Rows = readonly (readonly [PlaceKey, Seen])[]

interface Around {
    readonly desk: Pick<Desk, 'closed' | 'envelopesBefore' | 'opened'>
    readonly storage: Storage | null
    readonly nowS: () => number
    readonly keyring: () => Keyring | null
    readonly renewTo: (version: number, keyring: Keyring) => Promise<void>
    readonly weigh: (place: Place, said: ForFigures | null) => void
    /** The places with something new. */
    readonly tell: (keys: readonly PlaceKey[]) => void
}

export class AfterClosing {
    readonly #around: Around
    #seen = new Map<PlaceKey, Seen>()
    #keeper: DraftKeeper<Rows> | null = null
    #looking: Promise<void> = Promise.resolve()

    constructor(around: Around) {
        this.#around = around
    }

    /** What this device has kept for whoever has signed in. `key`: of their drafts; it is wiped at the end. */
    async begin({ instance, expert }: Keyring, key: Uint8Array): Promise<void> {
        const keeper = new DraftKeeper<Rows>(this.#around.storage, { instance, expert, key }, AFTERWARDS)
        this.#seen = new Map((await keeper.restore(this.#around.nowS())).get(ALL) ?? [])
        this.#keeper = keeper
    }

    /** Nobody waits for it: what could not be read is read the next time. */
    look(): Promise<void> {
        this.#looking = this.#looking.then(() => this.#look()).catch(passedOver)
        return this.#looking
    }

    async #look(): Promise<void> {
        const keyring = this.#around.keyring()
        if (keyring === null) return
        const places = await this.#closedBy(keyring)
        const before = this.#seen
        this.#seen = new Map(places.flatMap(({ key, closedSeq }) => {
            const seen = before.get(key)
            return seen !== undefined && closedSeq !== null && seen.seq > closedSeq ? [[key, seen]] : []
        }))
        try {
            for (const place of places) {
                if (!this.#hasNews(place)) continue
                const isNew = await this.#readNews(place, keyring)
                this.#seen.set(place.key, { seq: place.lastSeq, isNew: isNew || this.#seen.get(place.key)?.isNew === true })
            }
        } finally {
            await this.#changed()
        }
    }

    async #closedBy(keyring: Keyring): Promise<Place[]> {
        const [own, since] = [b64encode(keyring.expert), this.#around.nowS() / 3_600 - LONGEST_H]
        const found: Place[] = []
        for (const queue of keyring.self.queues) {
            let before: number | null = null
            for (let page = 0; page < MOST_PAGES; page++) {
                const { places, more }: ClosedPage = await this.#asked(keyring, this.#around.desk.closed(queue, before))
                found.push(...places.filter(({ closer, closedHour }) => closer === own && closedHour !== null && closedHour >= since))
                const last = places.at(-1)
                before = last?.closedNth ?? null
                if (!more || before === null || (last?.closedHour ?? 0) < since) break
            }
        }
        return found
    }

    /** Whoever has signed out meanwhile asks nothing more. */
    async #asked<T>(keyring: Keyring, answer: Promise<T>): Promise<T> {
        const answered = await answer
        if (this.#around.keyring() !== keyring) throw new DeskError('not-signed-in')
        return answered
    }

    #hasNews({ key, closedSeq, lastSeq }: Place): boolean {
        return closedSeq !== null && lastSeq > Math.max(closedSeq, this.#seen.get(key)?.seq ?? 0)
    }

    /** Whether somebody has to look at it: words, or what does not hold. */
    async #readNews(place: Place, keyring: Keyring): Promise<boolean> {
        const { desk, renewTo, weigh } = this.#around
        try {
            const held = await HeldCase.open(await this.#asked(keyring, desk.opened(place)), keyring, (version) => renewTo(version, keyring))
            try {
                do {
                    const page = await this.#asked(keyring, desk.envelopesBefore(place.case, held.oldest, PAGE))
                    await held.takeOlder(storedIn(page), page.more)
                } while (held.hasOlder)
                const { alarms, messages } = held.view
                if (alarms.length > 0) return true
                weigh(place, held.forFigures)
                return messages.some(({ author, content, seq }) => author === 'reporter' && content.type !== 'turn' && seq > (place.closedSeq ?? 0))
            } finally {
                held.wipe()
            }
        } catch (error) {
            // Of who has signed out, the keys are zeros.
            if (!(error instanceof ProtocolError) || this.#around.keyring() !== keyring) throw error
            return true
        }
    }

    /** Somebody has read the closed case. */
    async looked(key: PlaceKey): Promise<void> {
        const seen = this.#seen.get(key)
        if (seen?.isNew !== true) return
        this.#seen.set(key, { ...seen, isNew: false })
        await this.#changed()
    }

    async #changed(): Promise<void> {
        const keeper = this.#keeper
        if (keeper === null) return
        this.#around.tell([...this.#seen].flatMap(([key, { isNew }]) => (isNew ? [key] : [])))
        await keeper.keep(ALL, [...this.#seen], this.#around.nowS())
    }

    end(): void {
        void this.#keeper?.wipe()
        this.#keeper = null
        this.#seen.clear()
    }
}

function passedOver(error: unknown): void {
    if (!(error instanceof DeskError || error instanceof ProtocolError || error instanceof UnreadableAnswerError)) throw error
}
