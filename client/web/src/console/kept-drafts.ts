/** An expert's unsent words and answered duties, kept on the device: when they are sealed, and when not. */
import type { DutyAnswers } from './answering/duties'
import { DraftKeeper, DRAFTS, DUTIES } from './draft-keeper'
import type { Keyring } from './keyring'
import type { PlaceKey } from './places'
import { isWritten } from './questions'
import { NO_DRAFT, type ConsoleEvent, type ConsoleState, type ReplyDraft } from './state'

const KEEP_AFTER_MS = 300

interface Kept {
    readonly drafts: ReadonlyMap<PlaceKey, ReplyDraft>
    readonly duties: ReadonlyMap<PlaceKey, DutyAnswers>
}
interface Keepers { readonly drafts: DraftKeeper<ReplyDraft>; readonly duties: DraftKeeper<DutyAnswers> }

export class KeptDrafts {
    readonly #storage: Storage | null
    readonly #state: () => ConsoleState
    readonly #tell: (event: ConsoleEvent) => void
    readonly #nowS: () => number
    #keepers: Keepers | null = null
    #kept: Kept = { drafts: new Map(), duties: new Map() }
    #soon: ReturnType<typeof setTimeout> | undefined

    constructor(storage: Storage | null, state: () => ConsoleState, tell: (event: ConsoleEvent) => void, nowS: () => number) {
        this.#storage = storage
        this.#state = state
        this.#tell = tell
        this.#nowS = nowS
    }

    /** What this device has kept for whoever has signed in. */
    async begin({ instance, expert }: Keyring, draftKey: Uint8Array): Promise<Kept> {
        const owner = { instance, expert, key: draftKey }
        const keepers: Keepers = {
            drafts: new DraftKeeper(this.#storage, owner, DRAFTS), duties: new DraftKeeper(this.#storage, { ...owner, key: draftKey.slice() }, DUTIES),
        }
        this.#keepers = keepers
        const drafts = await keepers.drafts.restore(this.#nowS())
        this.#kept = {
            // An older release kept fewer fields.
            drafts: new Map([...drafts].map(([place, draft]) => [place, { ...NO_DRAFT, ...draft }])),
            duties: await keepers.duties.restore(this.#nowS()),
        }
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
        this.#keepChanged(this.#keepers.duties, this.#kept.duties, duties, (answers) => Object.keys(answers).length > 0, () => undefined)
        this.#kept = { drafts, duties }
    }

    /** Whoever signs out throws the unsent words away; what was answered of the duties is still true tomorrow. */
    forgetAll(): void {
        void this.#keepers?.drafts.forgetAll()
    }

    end(): void {
        clearTimeout(this.#soon)
        void this.#keepers?.drafts.wipe()
        void this.#keepers?.duties.wipe()
        this.#keepers = null
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
