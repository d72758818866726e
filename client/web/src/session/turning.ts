/** The case's next key, when a queue's has passed: over everything that is written in it. SPEC 3.4, 6.4 */
import type { Directory } from '@lyhty/crypto/directories'
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import type { StoredEnvelope } from '@lyhty/crypto/records'
import { prepareTurn } from '@lyhty/crypto/turning'
import type { Conversation } from './conversation.ts'
import type { CaseTools } from './open-case.ts'

/** Asks once; the conversation must have been read from its beginning. Resolves to the turn message as it is stored. */
export async function requestTurn(
    { exchange, nowS, randomness }: CaseTools,
    conversation: Conversation,
    keys: ReporterKeys,
    directory: Directory,
): Promise<StoredEnvelope> {
    const { current, history, reporter } = conversation
    const lastSeq = history.newest
    const { caseKey, link, message, ownWrap, roster, rosterBytes, wraps } = await prepareTurn(
        keys.sign,
        {
            roster: current.roster,
            caseKey: current.key,
            reporter: keys.kem.publicKey,
            position: history.chains.chains.next(reporter),
            cardKey: null,
        },
        directory,
        { type: 'turn', at: nowS(), reason: 'schedule' },
        randomness,
    )
    const { envelope } = message
    const { seq } = await exchange.request(
        'turn',
        () => ({ operation: 'turn', lastSeq, roster: rosterBytes, ownWrap, link, wraps, envelope }),
        { patient: true },
    )
    conversation.generations.set(roster.generation, { roster, key: caseKey })
    return { seq, envelope }
}
