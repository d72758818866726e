/** What we sign of our own acts for the audit log, one after another. SPEC 9.10 */
import { BrokenLogError, chainAfter, decodeEntry, NO_CHAIN, signEntry, verifyEntry, type EntryKind, type OwnChain } from '@lyhty/crypto/audit'
import { equal } from '@lyhty/crypto/bytes'
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { DeskError, type Desk } from './desk'
import type { Keyring } from './keyring'

/** Another device of ours may add entries between two tries. */
const MAX_TRIES = 5

export interface OwnAct {
    readonly kind: EntryKind
    readonly subject: Uint8Array
    /** The directory we go by, unless the act makes a newer one. */
    readonly directoryVersion?: number
    readonly length?: number
}

export class OwnEntries {
    readonly #desk: Desk
    readonly #nowS: () => number
    /** Whose chain it is, and where it ends as far as we know. */
    #known: { readonly keyring: Keyring; readonly chain: OwnChain; readonly isNewest: boolean } | null = null
    #last: Promise<unknown> = Promise.resolve()

    constructor(desk: Desk, nowS: () => number) {
        this.#desk = desk
        this.#nowS = nowS
    }

    /** Signs an act, and has it stored with its entry by `send`; signed anew when another device of ours was faster. */
    store<T>(keyring: Keyring, act: OwnAct, send: (entry: string) => Promise<T>): Promise<T> {
        const stored = this.#last.then(() => this.#store(keyring, act, send))
        this.#last = stored.catch(() => undefined)
        return stored
    }

    async #store<T>(keyring: Keyring, act: OwnAct, send: (entry: string) => Promise<T>): Promise<T> {
        let chain = await this.#chain(keyring)
        for (let tries = 1; ; tries++) {
            const version = act.directoryVersion ?? keyring.directory.claims.version
            const entry = signEntry(keyring.sign, keyring.instance, keyring.expert, version, chain, { ...act, nowS: this.#nowS() })
            try {
                const answer = await send(b64encode(entry))
                this.#known = { keyring, chain: chainAfter(entry), isNewest: true }
                return answer
            } catch (error) {
                // Nobody knows whether it was stored.
                this.#known = { keyring, chain, isNewest: false }
                if (!(error instanceof DeskError && error.code === 'counter-conflict') || tries === MAX_TRIES) throw error
                const newest = await this.#chain(keyring)
                if (newest.counter === chain.counter) throw error
                chain = newest
            }
        }
    }

    async #chain(keyring: Keyring): Promise<OwnChain> {
        const known = this.#known?.keyring === keyring ? this.#known : null
        if (known?.isNewest) return known.chain
        const text = await this.#desk.ownEntry()
        const chain = text === null ? NO_CHAIN : await ownChain(keyring, b64decode(text))
        const before = known?.chain ?? NO_CHAIN
        // What was stored once must still be there.
        if (chain.counter < before.counter || (chain.counter === before.counter && !equal(chain.head, before.head))) throw new BrokenLogError('shorter', 0)
        this.#known = { keyring, chain, isNewest: true }
        return chain
    }
}

async function ownChain(keyring: Keyring, encoded: Uint8Array): Promise<OwnChain> {
    const { author, instance } = decodeEntry(encoded)
    if (!equal(author, keyring.expert) || !equal(instance, keyring.instance)) throw new BrokenLogError('stranger', 0)
    await verifyEntry(keyring.sign.publicKey, encoded)
    return chainAfter(encoded)
}
