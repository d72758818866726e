/** Everything the session needs from outside itself; the browser's own is in `browser.ts`, tests bring theirs. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { Randomness } from '@lyhty/crypto/randomness'
import type { ChannelNews } from '../net/messages.ts'
import type { Toiler } from '../net/workers.ts'
import type { Get } from './trust.ts'

export interface Surroundings {
    /** Why this browser cannot be used at all, or null. */
    readonly problem: () => ErrorCode | null
    /** The address's fragment, which is gone from the address already. */
    readonly fragment: string
    readonly get: Get
    readonly openChannel: (listener: (news: ChannelNews) => void) => { send(ticket: number, record: Uint8Array): void }
    readonly startToiler: () => Toiler
    readonly nowMs: () => number
    /** Runs a task once, later; the answer takes it back. */
    readonly after: (delayMs: number, task: () => void) => () => void
    readonly randomness: Randomness
}
