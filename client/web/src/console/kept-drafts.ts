/** An expert's unsent words and answered duties, kept on the device: when they are sealed, and when not. */
import type { DutyAnswers } from './answering/duties'
import { DraftKeeper, DRAFTS, DUTIES } from './draft-keeper'
import type { Keyring } from './keyring'
import { placeKey, type PlaceKey } from './places'
import type { AsideKey } from './rooms'
import { isWritten } from './questions'
import { NO_DRAFT, type ConsoleEvent, type ConsoleState, type ReplyDraft } from './state'

const KEEP_AFTER_MS = 300

interface Kept {
    readonly drafts: ReadonlyMap<PlaceKey, ReplyDraft>
    readonly duties: ReadonlyMap<PlaceKey, DutyAnswers>
    /** Written beside cases: kept over a lock, and in the page only. */
    readonly words: ReadonlyMap<AsideKey, string>
}
type Asides = readonly (readonly [AsideKey, string])[]
interface Keepers { readonly drafts: DraftKeeper<ReplyDraft>; readonly duties: DraftKeeper<DutyAnswers> }

const NOTHING: Kept = { drafts: new Map(), duties: new Map(), words: new Map() }
/** All of them together, under a name that is no case's. */
const ASIDES = { what: 'asides', named: 'lyhty-asides-', longestS: 72 * 3_600 }
const ALL_ASIDES = placeKey('asides', 0)

/** For a device that keeps nothing: what a lock has sealed stays in the page, until its writer unlocks it. */
class PageStorage {
    readonly [name: string]: unknown

    static make(): Storage {
        return new PageStorage() as unknown as Storage
    }

    getItem(name: string): string | null {
        return Object.hasOwn(this, name) ? String(this[name]) : null
    }

    setItem(name: string, value: string): void {
        Object.assign(this, { [name]: value })
    }

    removeItem(name: string): void {
        Reflect.deleteProperty(this, name)
    }
}

export class KeptDrafts {
    readonly #storage: Storage | null
    readonly #state: () => ConsoleState
    readonly #tell: (event: ConsoleEvent) => void
    readonly #nowS: () => number
    #keepers: Keepers | null = null
    /** The same, for what the device would not keep. */
    #elsewhere: (Keepers & { readonly asides: DraftKeeper<Asides> }) | null = null
    readonly #page = PageStorage.make()
    #locking: Promise<unknown> = Promise.resolve()
    #kept: Kept = NOTHING
    #soon: ReturnType<typeof setTimeout> | undefined

    constructor(storage: Storage | null, state: () => ConsoleState, tell: (event: ConsoleEvent) => void, nowS: () => number) {
        this.#storage = storage
        this.#state = state
        this.#tell = tell
        this.#nowS = nowS
    }

    /** What this device has kept for whoever has signed in. */
    async begin({ instance, expert }: Keyring, draftKey: Uint8Array): Promise<Kept> {
        await this.#locking
        const keepersIn = (storage: Storage | null): Keepers => {
            const owner = { instance, expert, key: draftKey.slice() }
            return { drafts: new DraftKeeper(storage, owner, DRAFTS), duties: new DraftKeeper(storage, { ...owner, key: draftKey.slice() }, DUTIES) }
        }
        const keepers = keepersIn(this.#storage)
        const elsewhere = { ...keepersIn(this.#page), asides: new DraftKeeper<Asides>(this.#page, { instance, expert, key: draftKey.slice() }, ASIDES) }
        draftKey.fill(0)
        this.#keepers = keepers
        this.#elsewhere = elsewhere
        const drafts = [...await keepers.drafts.restore(this.#nowS()), ...await elsewhere.drafts.restore(this.#nowS())]
        this.#kept = {
            // An older release kept fewer fields.
            drafts: new Map(drafts.map(([place, draft]) => [place, { ...NO_DRAFT, ...draft }])),
            duties: new Map([...await keepers.duties.restore(this.#nowS()), ...await elsewhere.duties.restore(this.#nowS())]),
            words: new Map((await elsewhere.asides.restore(this.#nowS())).get(ALL_ASIDES) ?? []),
        }
        await Promise.all([elsewhere.drafts.forgetAll(), elsewhere.duties.forgetAll(), elsewhere.asides.forgetAll()])
        return this.#kept
    }

    /** After the next letters; a text is sealed as a whole each time. */
    soon(): void {
        clearTimeout(this.#soon)
        this.#soon = setTimeout(() => this.now(), KEEP_AFTER_MS)
    }

    /** Puts what was written since the last time on the device, and takes off it what is not there any more. */
    now(): void {
        clearTimeout(this.#soon)
        if (this.#keepers === null) return
        const { drafts, duties } = this.#state()
        this.#keepChanged(this.#keepers.drafts, this.#kept.drafts, drafts, isWritten, (key, draft, kept) => this.#tell(kept ? { type: 'kept', key, draft } : { type: 'not-kept' }))
        this.#keepChanged(this.#keepers.duties, this.#kept.duties, duties, says, () => undefined)
        this.#kept = { drafts, duties, words: NOTHING.words }
    }

    /** Whoever signs out throws the unsent words away; what was answered of the duties is still true tomorrow. */
    forgetAll(): void {
        void this.#keepers?.drafts.forgetAll()
    }

    /** Seals all that is written and lets go of it. Whether all of it is on the device is known only after a moment. */
    async lock(): Promise<boolean> {
        clearTimeout(this.#soon)
        const [keepers, elsewhere, { drafts, duties, beside }, before] = [this.#keepers, this.#elsewhere, this.#state(), this.#kept]
        if (keepers === null || elsewhere === null) return true
        this.#keepers = this.#elsewhere = null
        this.#kept = NOTHING
        const locking = Promise.all([
            this.#sealAll(keepers.drafts, elsewhere.drafts, before.drafts, drafts, isWritten),
            this.#sealAll(keepers.duties, elsewhere.duties, before.duties, duties, says),
            this.#sealAsides(elsewhere.asides, [...beside.words].filter(([, text]) => text.trim() !== '')),
        ])
        this.#locking = locking
        return (await locking).every((kept) => kept)
    }

    end(): void {
        clearTimeout(this.#soon)
        for (const keepers of [this.#keepers, this.#elsewhere]) {
            void keepers?.drafts.wipe()
            void keepers?.duties.wipe()
        }
        void this.#elsewhere?.asides.wipe()
        this.#keepers = this.#elsewhere = null
    }

    async #sealAsides(elsewhere: DraftKeeper<Asides>, words: Asides): Promise<boolean> {
        if (words.length > 0) await elsewhere.keep(ALL_ASIDES, words, this.#nowS())
        await elsewhere.wipe()
        return words.length === 0
    }

    async #sealAll<T extends object>(
        keeper: DraftKeeper<T>, elsewhere: DraftKeeper<T>, before: ReadonlyMap<PlaceKey, T>, now: ReadonlyMap<PlaceKey, T>, isSaid: (value: T) => boolean,
    ): Promise<boolean> {
        let all = true
        for (const key of before.keys()) if (!now.has(key)) await keeper.forget(key)
        for (const [key, value] of now) {
            if (!isSaid(value)) await keeper.forget(key)
            else if (!await keeper.keep(key, value, this.#nowS())) {
                await elsewhere.keep(key, value, this.#nowS())
                all = false
            }
        }
        await Promise.all([keeper.wipe(), elsewhere.wipe()])
        return all
    }

    #keepChanged<T extends object>(
        keeper: DraftKeeper<T>, before: ReadonlyMap<PlaceKey, T>, after: ReadonlyMap<PlaceKey, T>, says: (value: T) => boolean,
        told: (key: PlaceKey, value: T, kept: boolean) => void,
    ): void {
        for (const [key, value] of after) {
            if (before.get(key) === value) continue
            if (!says(value)) void keeper.forget(key)
            else void keeper.keep(key, value, this.#nowS()).then((kept) => told(key, value, kept))
        }
        for (const key of before.keys()) if (!after.has(key)) void keeper.forget(key)
    }
}

const says = (answers: DutyAnswers): boolean => Object.keys(answers).length > 0
