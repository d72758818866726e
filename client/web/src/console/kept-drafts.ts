/** An expert's unsent words, kept on the device while they are being written: when they are sealed, and when not. */
import { DraftKeeper } from './draft-keeper'
import type { Keyring } from './keyring'
import type { PlaceKey } from './places'
import { isWritten } from './questions'
import type { ConsoleEvent, ConsoleState, ReplyDraft } from './state'

const KEEP_AFTER_MS = 300

type Drafts = ReadonlyMap<PlaceKey, ReplyDraft>

export class KeptDrafts {
    readonly #storage: Storage | null
    readonly #state: () => ConsoleState
    readonly #tell: (event: ConsoleEvent) => void
    readonly #nowS: () => number
    #keeper: DraftKeeper | null = null
    #kept: Drafts = new Map()
    #soon: ReturnType<typeof setTimeout> | undefined

    constructor(storage: Storage | null, state: () => ConsoleState, tell: (event: ConsoleEvent) => void, nowS: () => number) {
        this.#storage = storage
        this.#state = state
        this.#tell = tell
        this.#nowS = nowS
    }

    /** What this device has kept for whoever has signed in. */
    async begin({ instance, expert }: Keyring, draftKey: Uint8Array): Promise<Drafts> {
        this.#keeper = new DraftKeeper(this.#storage, { instance, expert, key: draftKey })
        this.#kept = await this.#keeper.restore(this.#nowS())
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
        const keeper = this.#keeper
        if (keeper === null) return
        const { drafts } = this.#state()
        for (const [key, draft] of drafts) {
            if (this.#kept.get(key) === draft) continue
            if (!isWritten(draft)) void keeper.forget(key)
            else void keeper.keep(key, draft, this.#nowS()).then((kept) => this.#tell(kept ? { type: 'kept', key, draft } : { type: 'not-kept' }))
        }
        for (const key of this.#kept.keys()) if (!drafts.has(key)) void keeper.forget(key)
        this.#kept = drafts
    }

    forgetAll(): void {
        void this.#keeper?.forgetAll()
    }

    end(): void {
        clearTimeout(this.#soon)
        void this.#keeper?.wipe()
        this.#keeper = null
    }
}
