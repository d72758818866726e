/**
 * Unsent words, kept on this device so that a reload or a crash does not take them. SPEC 2.3
 *
 * They lie in the browser's storage sealed under a key that only this expert's password and device code give, padded,
 * and under names that say nothing; whose case they belong to stands inside the seal. They go when they are sent, when
 * the case is let go of or erased, when the writer signs out, and when nobody came back to them within a lease.
 */
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { ProtocolError } from '@lyhty/crypto/errors'
import { openDraft, sealDraft } from '@lyhty/crypto/experts'
import type { ExpertId, InstanceId } from '@lyhty/crypto/ids'
import { placeKey, type PlaceKey } from './places'
import { NO_DRAFT, type ReplyDraft } from './state'

const NAMED = 'lyhty-draft-'
const LONGEST_S = 72 * 3_600
const NAME_BYTES = 9

export interface DraftOwner { readonly instance: InstanceId; readonly expert: ExpertId; readonly key: Uint8Array }

interface Kept { readonly case: string; readonly queue: number; readonly at: number; readonly draft: ReplyDraft }

export class DraftKeeper {
    readonly #storage: Storage | null
    readonly #owner: DraftOwner
    readonly #names = new Map<PlaceKey, string>()
    /** One after another, so that an older text never overwrites a newer one. */
    #turn: Promise<unknown> = Promise.resolve()

    constructor(storage: Storage | null, owner: DraftOwner) {
        this.#storage = storage
        this.#owner = owner
    }

    /** What this expert wrote here and never sent. Drafts of others stay as they are. */
    async restore(nowS: number): Promise<ReadonlyMap<PlaceKey, ReplyDraft>> {
        const newest = new Map<PlaceKey, Kept>()
        const { instance, expert, key } = this.#owner
        for (const name of this.#allNames()) {
            try {
                const kept = JSON.parse(await openDraft(key, instance, expert, b64decode(this.#storage?.getItem(name) ?? ''))) as Kept
                const place = placeKey(kept.case, kept.queue)
                if (kept.at + LONGEST_S < nowS || kept.at < (newest.get(place)?.at ?? 0)) this.#storage?.removeItem(name)
                else {
                    this.#forgetNow(place)
                    newest.set(place, kept)
                    this.#names.set(place, name)
                }
            } catch (error) {
                // Sealed by somebody else who works here, or damaged.
                if (!(error instanceof ProtocolError)) throw error
            }
        }
        // An older release kept fewer fields.
        return new Map([...newest].map(([place, { draft }]) => [place, { ...NO_DRAFT, ...draft }]))
    }

    /** Whether the words are on the device now. */
    keep(place: PlaceKey, draft: ReplyDraft, nowS: number): Promise<boolean> {
        return this.#inTurn(async () => {
            if (this.#storage === null) return false
            const [caseId = '', queue] = place.split('/')
            const kept: Kept = { case: caseId, queue: Number(queue), at: nowS, draft }
            const { instance, expert, key } = this.#owner
            const sealed = await sealDraft(key, instance, expert, JSON.stringify(kept))
            const name = this.#names.get(place) ?? `${NAMED}${b64encode(crypto.getRandomValues(new Uint8Array(NAME_BYTES)))}`
            this.#names.set(place, name)
            try {
                this.#storage.setItem(name, b64encode(sealed))
                return true
            } catch (error) {
                if (error instanceof DOMException) return false
                throw error
            }
        })
    }

    forget(place: PlaceKey): Promise<void> {
        return this.#inTurn(async () => this.#forgetNow(place))
    }

    async forgetAll(): Promise<void> {
        await Promise.all([...this.#names.keys()].map((place) => this.forget(place)))
    }

    /** Once what is under way is done. */
    wipe(): Promise<void> {
        return this.#inTurn(async () => { this.#owner.key.fill(0) })
    }

    #forgetNow(place: PlaceKey): void {
        const name = this.#names.get(place)
        if (name !== undefined) this.#storage?.removeItem(name)
        this.#names.delete(place)
    }

    #allNames(): string[] {
        return this.#storage === null ? [] : Object.keys(this.#storage).filter((name) => name.startsWith(NAMED))
    }

    #inTurn<T>(work: () => Promise<T>): Promise<T> {
        const turn = this.#turn.then(work)
        this.#turn = turn.catch(() => undefined)
        return turn
    }
}
