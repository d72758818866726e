/**
 * New keys are no part of the first load: the views of an open case bring what makes them, in a later file that every page
 * fetches.
 */
import type { Directory } from '@lyhty/crypto/directories'
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import type { StoredEnvelope } from '@lyhty/crypto/records'
import type { Conversation } from './conversation.ts'
import { SessionFailure } from './failure.ts'
import type { CaseTools } from './open-case.ts'
import type { Consent } from './types.ts'

/** Asks once; the conversation must have been read from its beginning. Resolves to the first message under the new key. */
export type RequestKey = (
    tools: CaseTools,
    conversation: Conversation,
    keys: ReporterKeys,
    directory: Directory,
) => Promise<StoredEnvelope>

export interface Turns {
    readonly turn: RequestKey
    /** Lets one more queue in. SPEC 4.7 */
    readonly handOver: (question: string, what: Exclude<Consent, 'no'>) => RequestKey
}

let turns: Turns | null = null

export function provideTurns(maker: Turns): void {
    turns = maker
}

export function makeTurns(): Turns {
    if (turns === null) throw new SessionFailure('connection-lost')
    return turns
}
