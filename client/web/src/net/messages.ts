/** What the page and its two workers say to each other. Both run the same script; the first message gives the role. */
import type { Argon2idInput } from '@lyhty/crypto/stretching'
import type { Purpose, Terms, Work } from '@lyhty/crypto/work'

export type ToWorker =
    /** Own the channel at this address, for as long as the page lives. */
    | { readonly type: 'open-channel'; readonly url: string }
    /** Send a record as soon as slots have room; `ticket` names it in what comes back. */
    | { readonly type: 'send'; readonly ticket: number; readonly record: Uint8Array }
    | { readonly type: 'derive'; readonly ticket: number; readonly input: Argon2idInput }
    /** Search for the work of this opening, and of no other any more. SPEC 6.7 */
    | { readonly type: 'search'; readonly ticket: number; readonly purpose: Purpose; readonly terms: Terms }
    | { readonly type: 'terms'; readonly terms: Terms }
    | { readonly type: 'stop-search' }

/** Progress counts slots, which is what a person waits for. */
export interface Moved {
    readonly ticket: number
    readonly done: number
    readonly total: number
}

export type ChannelNews =
    | { readonly type: 'record'; readonly record: Uint8Array }
    /**
     * Records that were not answered are forgotten here; the page sends them again with proofs for the next channel.
     */
    | { readonly type: 'lost' }
    | ({ readonly type: 'sending' } & Moved)
    | ({ readonly type: 'receiving' } & Moved)

export type EffortNews =
    | { readonly type: 'derived'; readonly ticket: number; readonly key: Uint8Array }
    | { readonly type: 'derive-failed'; readonly ticket: number }
    | { readonly type: 'searching'; readonly ticket: number; readonly found: number }
    | { readonly type: 'searched'; readonly ticket: number; readonly work: Work; readonly by: Terms }
