/**
 * What our cases add to the figures: made once for each, kept sealed on this device like unsent words, and brought in
 * shuffled batches, so that nobody can tell which case has just been read. Nobody waits for it. SPEC 12.3
 */
import type { HelpedContent, ReportContent } from '@lyhty/crypto/contents'
import { contributionToken, countedAs, sealContribution, verifyStatisticsKey, type Counted, type StatisticsKey } from '@lyhty/crypto/contributions'
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { ProtocolError } from '@lyhty/crypto/errors'
import { hash } from '@lyhty/crypto/ids'
import { draw } from '@lyhty/crypto/randomness'
import { UnreadableAnswerError } from './answers'
import type { Contributed } from './api-types'
import { DeskError, type Desk } from './desk'
import { DraftKeeper, type Kind } from './draft-keeper'
import type { Keyring } from './keyring'
import { placeKey, type Place } from './places'

/** That have gathered: fewer wait for the next sign-in. */
export const ENOUGH = 5
/** Of one batch. SPEC 12.3 */
const MOST_IN_BATCH = 100
/** After a server that had no key, or not the one its root vouches for. */
const ASK_AGAIN_S = 600
const FIGURES: Kind = { what: 'figures', named: 'lyhty-figures-', longestS: 400 * 86_400 }
const ALL = placeKey('figures', 0)

/** By token; null for what was brought: nothing is said twice. */
type Rows = readonly (readonly [token: string, counted: Counted | null])[]

/** What a held case says to the figures. `firstKey`: of its first generation. */
export interface ForFigures {
    readonly report: ReportContent
    readonly helped: readonly HelpedContent[]
    readonly firstKey: Uint8Array
}

const HELSINKI = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Helsinki', year: 'numeric', month: '2-digit' })

/** The month of an hour since 1970, by Helsinki's clock: 2026-11. */
export function monthOf(hour: number): string {
    const parts = new Map(HELSINKI.formatToParts(hour * 3_600_000).map(({ type, value }) => [type, value]))
    return `${parts.get('year')}-${parts.get('month')}`
}

/** Of a case that is answered or closed. Of several words on the same question the first counts. SPEC 4.8 */
export function countedIn({ report, helped }: Omit<ForFigures, 'firstKey'>, { missed, openedHour }: Pick<Place, 'missed' | 'openedHour'>): Counted[] {
    const common = { school: report.school, month: monthOf(openedHour) }
    const asked = new Map(helped.toReversed().map((said) => [said.asked, said.answer]))
    return [
        {
            kind: 'case', ...common,
            topic: report.topic ?? 'other', service: report.services[0] ?? 'none', role: report.role ?? 'other', promise: missed ? 'missed' : 'kept',
        },
        ...[...asked].map(([which, answer]) => ({ kind: 'reply', ...common, asked: which, answer }) as const),
    ]
}

interface Around {
    readonly desk: Pick<Desk, 'contribute' | 'statisticsKeys'>
    readonly storage: Storage | null
    readonly nowS: () => number
    readonly keyring: () => Keyring | null
}

export class Contributing {
    readonly #around: Around
    readonly #rows = new Map<string, Counted | null>()
    #keeper: DraftKeeper<Rows> | null = null
    #bringing: Promise<void> | null = null
    #askedAtS = 0

    constructor(around: Around) {
        this.#around = around
    }

    /** What this device has kept for whoever has signed in. `key`: of their drafts; it is wiped at the end. */
    async begin({ instance, expert }: Keyring, key: Uint8Array): Promise<void> {
        const keeper = new DraftKeeper<Rows>(this.#around.storage, { instance, expert, key }, FIGURES)
        const kept = await keeper.restore(this.#around.nowS())
        this.#rows.clear()
        for (const [token, counted] of kept.get(ALL) ?? []) this.#rows.set(token, counted)
        this.#keeper = keeper
        this.#askedAtS = 0
    }

    /** Of a case that is answered or closed, once for each thing it says. */
    weigh(place: Place, said: ForFigures | null): void {
        const keyring = this.#around.keyring()
        if (said === null || keyring === null || this.#keeper === null || !(place.answered || place.state === 'closed')) return
        const before = this.#rows.size
        for (const counted of countedIn(said, place)) {
            const token = b64encode(contributionToken(said.firstKey, keyring.instance, countedAs(counted)))
            if (!this.#rows.has(token)) this.#rows.set(token, counted)
        }
        if (this.#rows.size > before) void this.#keep()
        if (this.#waiting.length >= ENOUGH) this.bring()
    }

    get #waiting(): (readonly [string, Counted])[] {
        return [...this.#rows].flatMap(([token, counted]) => (counted === null ? [] : [[token, counted] as const]))
    }

    /** All that waits, if there is a key that the root vouches for. What could not be brought waits on. */
    bring(): Promise<void> {
        this.#bringing ??= this.#bring().catch(passedOver).finally(() => { this.#bringing = null })
        return this.#bringing
    }

    async #bring(): Promise<void> {
        const { desk, keyring, nowS } = this.#around
        if (this.#waiting.length === 0 || nowS() < this.#askedAtS + ASK_AGAIN_S) return
        this.#askedAtS = nowS()
        while (this.#waiting.length > 0) {
            const ours = keyring()
            const key = ours && await this.#keyInUse(ours)
            // Signed out meanwhile, its keys are zeros.
            if (!key || keyring() !== ours) return
            const batch = shuffled(this.#waiting).slice(0, MOST_IN_BATCH)
            await desk.contribute(await sealed(batch, key, ours))
            for (const [token] of batch) this.#rows.set(token, null)
            await this.#keep()
        }
        this.#askedAtS = 0
    }

    async #keyInUse({ directory }: Keyring): Promise<StatisticsKey | null> {
        const stated = (await this.#around.desk.statisticsKeys()).at(-1)
        // SPEC 12.3: nothing is sealed to a key that no directory key of the root in use has signed.
        return stated === undefined ? null : verifyStatisticsKey(stated, { instance: directory.instance, directoryKeys: directory.signers })
    }

    async #keep(): Promise<void> {
        await this.#keeper?.keep(ALL, [...this.#rows], this.#around.nowS())
    }

    end(): void {
        void this.#keeper?.wipe()
        this.#keeper = null
        this.#rows.clear()
    }
}

async function sealed(batch: readonly (readonly [string, Counted])[], key: StatisticsKey, { sign }: Keyring): Promise<Contributed> {
    const contributions = await Promise.all(batch.map(async ([token, counted]) => ({
        token, sealed: b64encode(await sealContribution(counted, b64decode(token), key, sign)),
    })))
    return { key: b64encode(hash(key.kem)), contributions: contributions as Contributed['contributions'] }
}

/** By the dice, not by when they came. */
function shuffled<T>(items: readonly T[]): T[] {
    const left = [...items]
    const dice = new DataView(draw(4 * items.length).buffer)
    return items.map((_, nth) => left.splice(dice.getUint32(4 * nth) % left.length, 1)[0] as T)
}

/** Nobody waits for figures; it is tried again. A bug is still one. */
function passedOver(error: unknown): void {
    if (!(error instanceof DeskError || error instanceof ProtocolError || error instanceof UnreadableAnswerError)) throw error
}
