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

/** What is kept, under which name, and for how long nobody has to come back to it. */
export interface Kind { readonly what: string; readonly named: string; readonly longestS: number }

export const DRAFTS: Kind = { what: 'draft', named: 'lyhty-draft-', longestS: 72 * 3_600 }
/** As long as a case is held; nobody should have to remember what they have thought through already. */
export const DUTIES: Kind = { what: 'duties', named: 'lyhty-duty-', longestS: 60 * 86_400 }

const NAME_BYTES = 9

export interface DraftOwner { readonly instance: InstanceId; readonly expert: ExpertId; readonly key: Uint8Array }

interface Kept<T> { readonly what?: string; readonly case: string; readonly queue: number; readonly at: number; readonly draft: T }

export class DraftKeeper<T extends object> {
    readonly #storage: Storage | null
    readonly #owner: DraftOwner
    readonly #kind: Kind
    readonly #names = new Map<PlaceKey, string>()
    /** One after another, so that an older text never overwrites a newer one. */
    #turn: Promise<unknown> = Promise.resolve()

    constructor(storage: Storage | null, owner: DraftOwner, kind: Kind) {
        this.#storage = storage
        this.#owner = owner
        this.#kind = kind
    }

    /** What this expert wrote here and never sent. Drafts of others stay as they are. */
    async restore(nowS: number): Promise<ReadonlyMap<PlaceKey, T>> {
        const newest = new Map<PlaceKey, Kept<T>>()
        const { what, longestS } = this.#kind
        const { instance, expert, key } = this.#owner
        for (const name of this.#allNames()) {
            try {
                const kept = JSON.parse(await openDraft(key, instance, expert, b64decode(this.#storage?.getItem(name) ?? ''))) as Kept<T>
                // Sealed under another name, and moved to this one.
                if ((kept.what ?? DRAFTS.what) !== what) continue
                const place = placeKey(kept.case, kept.queue)
                if (kept.at + longestS < nowS || kept.at < (newest.get(place)?.at ?? 0)) this.#storage?.removeItem(name)
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
        return new Map([...newest].map(([place, { draft }]) => [place, draft]))
    }

    /** Whether the words are on the device now. */
    keep(place: PlaceKey, draft: T, nowS: number): Promise<boolean> {
        return this.#inTurn(async () => {
            if (this.#storage === null) return false
            const [caseId = '', queue] = place.split('/')
            const kept: Kept<T> = { what: this.#kind.what, case: caseId, queue: Number(queue), at: nowS, draft }
            const { instance, expert, key } = this.#owner
            const sealed = await sealDraft(key, instance, expert, JSON.stringify(kept))
            const name = this.#names.get(place) ?? `${this.#kind.named}${b64encode(crypto.getRandomValues(new Uint8Array(NAME_BYTES)))}`
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
        return this.#storage === null ? [] : Object.keys(this.#storage).filter((name) => name.startsWith(this.#kind.named))
    }

    #inTurn<T>(work: () => Promise<T>): Promise<T> {
        const turn = this.#turn.then(work)
        this.#turn = turn.catch(() => undefined)
        return turn
    }
}
