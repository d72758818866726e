/** Opens a case: everything that OPEN carries but the proof. SPEC 2.1, 3, 6.4 */
import { MAX_FIRST_WORDS_BYTES } from './contents.ts'
import type { CardContent, ReportContent } from './contents.ts'
import { canonicalJson } from './encoding.ts'
import { RefusedError } from './errors.ts'
import type { Directory } from './directories.ts'
import { NO_HEAD } from './envelopes.ts'
import { caseId, commitmentOf, hash } from './ids.ts'
import type { CaseId, InstanceId, QueueId } from './ids.ts'
import { KEY_BYTES } from './keys.ts'
import type { ReporterKeys } from './passphrase.ts'
import { draw } from './randomness.ts'
import type { Randomness } from './randomness.ts'
import type { OpenBody } from './records.ts'
import { NO_PREVIOUS, signRoster, sortEntries, UntrustedRoster } from './rosters.ts'
import type { Roster, RosterEntry } from './rosters.ts'
import { sealCard, sealMessage } from './sealing.ts'
import type { Sealed } from './sealing.ts'
import { selfWrap, wrapKey } from './wrapping.ts'
import { CARD_KEY, CASE_KEY, TO_QUEUE, TO_REPORTER } from './wraps.ts'
import type { WrapKind } from './wraps.ts'

/** What the reporter says; the commitment and the reporter's key are added here. */
export interface Opening {
    readonly queues: readonly QueueId[]
    readonly card: Omit<CardContent, 'type' | 'commitment'>
    readonly report: Omit<ReportContent, 'type' | 'kem'>
}

export interface PreparedCase {
    readonly caseId: CaseId
    readonly caseKey: Uint8Array
    readonly roster: Roster
    readonly open: OpenBody
    readonly report: Sealed
    readonly card: Sealed
}

export interface QueueWrap {
    readonly entry: RosterEntry
    readonly wrap: Uint8Array
}

export async function wrapToQueues(
    instance: InstanceId,
    id: CaseId,
    directory: Directory,
    queues: readonly QueueId[],
    generation: number,
    key: Uint8Array,
    kind: WrapKind = generation === 0 ? CARD_KEY : CASE_KEY,
): Promise<QueueWrap[]> {
    return Promise.all(
        queues
            .toSorted((a, b) => a - b)
            .map(async (queue) => {
                const current = directory.currentEpoch(queue)
                if (current === undefined)
                    throw new RefusedError('a queue that is not in the directory', 'queue-unknown')
                const wrap = await wrapKey(
                    instance,
                    id,
                    { kind, recipient: TO_QUEUE, queue, epoch: current.epoch, generation },
                    current.kem,
                    key,
                )
                return {
                    wrap,
                    entry: {
                        recipient: TO_QUEUE,
                        queue,
                        epoch: current.epoch,
                        kemHash: hash(current.kem),
                        wrapHash: hash(wrap),
                    },
                }
            }),
    )
}

export async function prepareCase(
    keys: ReporterKeys,
    directory: Directory,
    opening: Opening,
    randomness: Randomness = draw,
    /** Drawn before, where the case's id had to be known before. */
    caseKey: Uint8Array = randomness(KEY_BYTES),
): Promise<PreparedCase> {
    const { instance } = directory
    if (opening.queues.length === 0) throw new RefusedError('a case needs a queue', 'queue-unknown')
    const cardKey = randomness(KEY_BYTES)
    const commitment = commitmentOf(caseKey)
    const id = caseId(keys.sign.publicKey, commitment)

    const own = await selfWrap(keys.wrap, instance, id, 1, caseKey)
    const wraps = await wrapToQueues(instance, id, directory, opening.queues, 1, caseKey)
    const cardWraps = await wrapToQueues(instance, id, directory, opening.queues, 0, cardKey)
    const ownEntry: RosterEntry = {
        recipient: TO_REPORTER,
        queue: 0,
        epoch: 0,
        kemHash: hash(keys.kem.publicKey),
        wrapHash: hash(own),
    }
    const rosterBytes = signRoster(
        {
            instance,
            caseId: id,
            generation: 1,
            commitment,
            previous: NO_PREVIOUS,
            directoryVersion: directory.version,
            entries: sortEntries([...wraps.map(({ entry }) => entry), ownEntry]),
        },
        keys.sign,
    )

    const within = { instance, caseId: id, author: keys.sign, directoryVersion: directory.version }
    const card = await sealCard({ ...within, key: cardKey }, { ...opening.card, type: 'card', commitment }, randomness)
    const report = await sealMessage(
        { ...within, key: caseKey },
        1,
        { counter: 1, previousHead: NO_HEAD, seen: [] },
        { ...opening.report, type: 'report', kem: keys.kem.publicKey },
        randomness,
    )
    cardKey.fill(0)
    return {
        caseId: id,
        caseKey,
        card,
        report,
        roster: new UntrustedRoster(rosterBytes).verifyOpening(instance, id),
        open: {
            caseSalt: keys.caseSalt,
            roster: rosterBytes,
            selfWrap: own,
            caseKeyWraps: wraps.map(({ wrap }) => wrap),
            cardKeyWraps: cardWraps.map(({ wrap }) => wrap),
            card: card.envelope,
            report: report.envelope,
        },
    }
}

/**
 * The beginning of a text for the card, cut between words or at least between characters. Measured as JSON writes it,
 * so that quotes and emoji cannot make a card too large.
 */
export function firstWords(text: string): string {
    const line = text.replace(/\s+/g, ' ').trim()
    const fits = (part: string): boolean => canonicalJson(part).length - 2 <= MAX_FIRST_WORDS_BYTES
    if (fits(line)) return line
    let cut = ''
    for (const character of line) {
        if (!fits(`${cut}${character}…`)) break
        cut += character
    }
    const lastSpace = cut.lastIndexOf(' ')
    return `${lastSpace > cut.length / 2 ? cut.slice(0, lastSpace) : cut}…`
}
