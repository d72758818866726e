/** Keeps the directory that is trusted now, and renews it over the channel. SPEC 5.3 */
import type { Directory } from '@lyhty/crypto/directories'
import type { TrustBundle } from '@lyhty/crypto/documents'
import type { InstanceId } from '@lyhty/crypto/ids'
import type { Exchange } from './exchange.ts'
import { renewTrustWith } from './trust.ts'
import type { Trust } from './trust.ts'

export class TrustKeeper {
    #trust: Trust
    readonly #exchange: Exchange
    readonly #nowS: () => number

    constructor(trust: Trust, exchange: Exchange, nowS: () => number) {
        this.#trust = trust
        this.#exchange = exchange
        this.#nowS = nowS
    }

    get instance(): InstanceId {
        return this.#trust.instance
    }

    /** The directory that is trusted now, with its roots, as it came. */
    get bundle(): TrustBundle {
        return this.#trust.bundle
    }

    get version(): number {
        return this.#trust.directory.version
    }

    /** The directory, renewed first if its time is over; rejects if the server has no valid one. */
    async directory(): Promise<Directory> {
        if (this.#nowS() > this.#trust.directory.claims.expires) await this.renew()
        return this.#trust.directory
    }

    async renew(): Promise<Directory> {
        const { bundle } = await this.#exchange.request('trust', () => ({ operation: 'trust' }))
        this.#trust = renewTrustWith(this.#trust, bundle, this.#nowS())
        return this.#trust.directory
    }
}
