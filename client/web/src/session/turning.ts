/** The case's next key: when a queue's has passed, or for one queue more. Over everything that is written. SPEC 3.4, 4.7 */
import { firstWords } from '@lyhty/crypto/cases'
import type { CardContent } from '@lyhty/crypto/contents'
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { asHead } from '@lyhty/crypto/ids'
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import { prepareHandover, prepareTurn } from '@lyhty/crypto/turning'
import type { KnownCase, PreparedTurn } from '@lyhty/crypto/turning'
import type { Conversation } from './conversation.ts'
import { SessionFailure } from './failure.ts'
import type { Directory } from '@lyhty/crypto/directories'
import type { CaseTools } from './open-case.ts'
import type { Consent } from './types.ts'

/** Asks once; the conversation must have been read from its beginning. Resolves to what the server says it stored. */
export type RequestKey = (tools: CaseTools, conversation: Conversation, keys: ReporterKeys, directory: Directory) => Promise<StoredTurn>

export interface StoredTurn { readonly seq: number; readonly turn: PreparedTurn }

const knownOf = ({ current, history, reporter }: Conversation, keys: ReporterKeys): KnownCase => ({
    roster: current.roster,
    caseKey: current.key,
    reporter: keys.kem.publicKey,
    position: history.chains.chains.next(reporter),
    cardKey: null,
})

const bodyOf = ({ link, message, ownWrap, rosterBytes, wraps }: PreparedTurn, lastSeq: number) =>
    ({ lastSeq, roster: rosterBytes, ownWrap, link, wraps, envelope: message.envelope }) as const

export const requestTurn: RequestKey = async ({ exchange, nowS, randomness }, conversation, keys, directory) => {
    const lastSeq = conversation.history.newest
    const known = knownOf(conversation, keys)
    const turn = await prepareTurn(keys.sign, known, directory, { type: 'turn', at: nowS(), reason: 'schedule' }, randomness)
    const body = bodyOf(turn, lastSeq)
    const { seq } = await exchange.request('turn', () => ({ operation: 'turn', ...body }), { patient: true })
    return { seq, turn }
}

/** Lets one more queue in. */
export const requestHandOver = (question: string, what: Exclude<Consent, 'no'>): RequestKey => async ({ exchange, nowS, randomness }, conversation, keys, directory) => {
    const lastSeq = conversation.history.newest
    const ask = conversation.history.messages.find(({ opened }) => b64encode(opened.head) === question)?.opened.content
    if (ask?.type !== 'ask') throw new SessionFailure('history-gap')
    const kem = what === 'from-here' ? keys.kem.publicKey : null
    const consent = { type: 'consent', at: nowS(), asked: asHead(b64decode(question)), what, kem } as const
    const card = cardOf(conversation, what === 'all' ? null : ask.text)
    const turn = await prepareHandover(keys.sign, knownOf(conversation, keys), directory, consent, ask.queue, card, randomness)
    const body = { ...bodyOf(turn, lastSeq), cardWraps: turn.cardWraps, card: turn.card.envelope }
    const { seq } = await exchange.request('handOver', () => ({ operation: 'handOver', ...body }), { patient: true })
    return { seq, turn }
}

/** What the new queue finds in its list. `why`: instead of anything that the reporter wrote before. */
function cardOf({ generations, history, opened }: Conversation, why: string | null): CardContent {
    const report = history.messages.find((message) => message.opened.content.type === 'report')?.opened.content
    const commitment = generations.get(1)?.roster.commitment
    if (report?.type !== 'report' || commitment === undefined || opened === null) throw new SessionFailure('history-gap')
    const { age, at, language, role, topic } = report
    const [services, words] = why === null ? [report.services, report.text] : [[], why]
    return { type: 'card', age, at, language, role, topic, services, commitment, urgent: opened.urgent, firstWords: firstWords(words) }
}
