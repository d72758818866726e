/**
 * Slips are no part of the first load: the views that show them bring what makes them, in a later file that every page
 * fetches.
 */
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import type { Conversation } from './conversation.ts'
import { SessionFailure } from './failure.ts'
import type { CaseTools } from './open-case.ts'
import type { Slips } from './slips.ts'

type Make = (conversation: Conversation, keys: ReporterKeys, tools: CaseTools) => Slips

let make: Make | null = null

export function provideSlips(maker: Make): void {
    make = maker
}

export const makeSlips: Make = (conversation, keys, tools) => {
    if (make === null) throw new SessionFailure('connection-lost')
    return make(conversation, keys, tools)
}
