/** Gives a case its next key: for the queues' current epochs, the reporter, and whom the reporter lets in. SPEC 3.4 */
import { queuesOf } from './authors.ts'
import { equal } from './bytes.ts'
import { wrapToQueues } from './cases.ts'
import type { CardContent, ConsentContent, TurnContent } from './contents.ts'
import type { Directory } from './directories.ts'
import { RefusedError } from './errors.ts'
import { commitmentOf, hash } from './ids.ts'
import type { KemKey, QueueId } from './ids.ts'
import { KEY_BYTES } from './keys.ts'
import type { SigningKey } from './keys.ts'
import { draw } from './randomness.ts'
import type { Randomness } from './randomness.ts'
import { reporterEntry, signRoster, sortEntries, UntrustedRoster } from './rosters.ts'
import type { Roster } from './rosters.ts'
import { sealCard, sealMessage } from './sealing.ts'
import type { ChainPosition, Sealed } from './sealing.ts'
import { sealLink, wrapKey } from './wrapping.ts'
import { CASE_KEY, LINK_BYTES, TO_REPORTER } from './wraps.ts'

/** What whoever turns a case must have read of it. */
export interface KnownCase {
    /** Of the last generation. */
    readonly roster: Roster
    readonly caseKey: Uint8Array
    /** From the report. */
    readonly reporter: KemKey
    /** The ends of all chains. */
    readonly position: ChainPosition
    /** The reporter has none: the card stays as it is. */
    readonly cardKey: Uint8Array | null
}

export interface PreparedTurn {
    readonly roster: Roster
    readonly rosterBytes: Uint8Array
    readonly ownWrap: Uint8Array
    readonly link: Uint8Array
    readonly wraps: readonly Uint8Array[]
    readonly cardWraps: readonly Uint8Array[]
    readonly message: Sealed
    readonly caseKey: Uint8Array
}

export interface PreparedHandover extends PreparedTurn {
    /** Takes the place of the one there was. */
    readonly card: Sealed
}

/** The same queues at their current epochs. The turn message ends every chain of the generations before. */
export const prepareTurn = (
    author: SigningKey,
    known: KnownCase,
    directory: Directory,
    turn: TurnContent,
    randomness: Randomness = draw,
): Promise<PreparedTurn> => prepare(author, known, directory, turn, queuesOf(known.roster), randomness)

/** One queue more, by the reporter's will. From here on: with no way to what was before. SPEC 3.4, 4.7 */
export async function prepareHandover(
    author: SigningKey,
    known: KnownCase,
    directory: Directory,
    consent: ConsentContent,
    queue: QueueId,
    card: CardContent,
    randomness: Randomness = draw,
): Promise<PreparedHandover> {
    const key = randomness(KEY_BYTES)
    const { instance, version: directoryVersion } = directory
    const sealed = await sealCard({ instance, caseId: known.roster.caseId, key, author, directoryVersion }, card, randomness)
    const queues = [...queuesOf(known.roster), queue]
    const turn = await prepare(author, { ...known, cardKey: key }, directory, consent, queues, randomness)
    key.fill(0)
    return { ...turn, link: consent.what === 'all' ? turn.link : new Uint8Array(LINK_BYTES), card: sealed }
}

async function prepare(
    author: SigningKey,
    known: KnownCase,
    directory: Directory,
    first: TurnContent | ConsentContent,
    queues: readonly QueueId[],
    randomness: Randomness,
): Promise<PreparedTurn> {
    const { instance } = directory
    const { caseId, commitment, entries, generation: before } = known.roster
    const own = reporterEntry(entries)
    if (own === undefined || !equal(own.kemHash, hash(known.reporter)) || !equal(commitmentOf(known.caseKey), commitment))
        throw new RefusedError('not the keys that the roster names', 'wrap-tampered')
    const caseKey = randomness(KEY_BYTES)
    const generation = before + 1
    const wraps = await wrapToQueues(instance, caseId, directory, queues, generation, caseKey)
    const cardWraps = known.cardKey === null ? [] : await wrapToQueues(instance, caseId, directory, queues, 0, known.cardKey)
    const target = { kind: CASE_KEY, recipient: TO_REPORTER, queue: 0, epoch: 0, generation } as const
    const ownWrap = await wrapKey(instance, caseId, target, known.reporter, caseKey)
    const ownEntry = { recipient: TO_REPORTER, queue: 0, epoch: 0, kemHash: own.kemHash, wrapHash: hash(ownWrap) } as const
    const rosterBytes = signRoster(
        {
            instance,
            caseId,
            generation,
            commitment: commitmentOf(caseKey),
            previous: commitment,
            directoryVersion: directory.version,
            entries: sortEntries([...wraps.map(({ entry }) => entry), ownEntry]),
        },
        author,
    )
    const within = { instance, caseId, key: caseKey, author, directoryVersion: directory.version }
    return {
        caseKey,
        rosterBytes,
        ownWrap,
        roster: new UntrustedRoster(rosterBytes).verifyNext(instance, known.roster, author.publicKey, []),
        link: await sealLink(known.caseKey, caseKey, instance, caseId, generation),
        wraps: wraps.map(({ wrap }) => wrap),
        cardWraps: cardWraps.map(({ wrap }) => wrap),
        message: await sealMessage(within, generation, known.position, first, randomness),
    }
}
