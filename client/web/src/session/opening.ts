/**
 * Reads what the server answers to RESUME and FETCH: rosters, own wraps and envelopes, believed only when they verify.
 * SPEC 3, 4
 */
import { equal } from '@lyhty/crypto/bytes'
import { authorOf, queuesOf } from '@lyhty/crypto/authors'
import { checkTurn } from '@lyhty/crypto/ends'
import type { Directory } from '@lyhty/crypto/directories'
import { decodeHeader } from '@lyhty/crypto/envelopes'
import { ForgedError, TamperedError } from '@lyhty/crypto/errors'
import { checkHandover } from '@lyhty/crypto/handovers'
import { caseId, commitmentOf, hash } from '@lyhty/crypto/ids'
import type { Generation, InstanceId } from '@lyhty/crypto/ids'
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import type { Resumed, ResumedGeneration } from '@lyhty/crypto/records'
import { addedQueue, UntrustedRoster } from '@lyhty/crypto/rosters'
import type { Roster } from '@lyhty/crypto/rosters'
import { openEnvelope } from '@lyhty/crypto/sealing'
import { openLink, selfUnwrap, unwrapKey } from '@lyhty/crypto/wrapping'
import { TO_REPORTER } from '@lyhty/crypto/wraps'
import { Conversation } from './conversation.ts'
import type { CaseGeneration } from './conversation.ts'
import type { ReadMessage } from './history.ts'

function verifyRoster(
    resumed: Resumed,
    bytes: Uint8Array,
    previous: Roster | undefined,
    keys: ReporterKeys,
    directory: Directory,
): Roster {
    const untrusted = new UntrustedRoster(bytes)
    if (previous === undefined) return untrusted.verifyOpening(directory.instance, resumed.caseId)
    const experts = directory.signersOf(queuesOf(previous), untrusted.claims.directoryVersion)
    return untrusted.verifyNext(directory.instance, previous, keys.sign.publicKey, experts)
}

async function ownKey(
    instance: InstanceId,
    roster: Roster,
    ownWrap: Uint8Array,
    keys: ReporterKeys,
): Promise<Uint8Array> {
    const own = roster.entries.find(({ recipient }) => recipient === TO_REPORTER)
    if (own === undefined || !equal(own.wrapHash, hash(ownWrap)))
        throw new TamperedError('not the wrap that the roster names', 'wrap-tampered')
    const key =
        roster.generation === 1
            ? await selfUnwrap(keys.wrap, instance, roster.caseId, 1, roster.commitment, ownWrap)
            : await unwrapKey(instance, roster.caseId, ownWrap, keys.kem)
    // SPEC 3.3: the wrap's own commitment is not enough, the roster must have promised this key.
    if (!equal(commitmentOf(key), roster.commitment))
        throw new TamperedError('not the key that the roster names', 'wrap-tampered')
    return key
}

/** Newest first: the own copy of a key, or what the link from the newer key leads to. SPEC 3.4 */
async function ownKeys(
    resumed: Resumed,
    rosters: readonly Roster[],
    keys: ReporterKeys,
    { instance }: Directory,
): Promise<Map<Generation, CaseGeneration>> {
    const generations = new Map<Generation, CaseGeneration>()
    let newer: CaseGeneration | undefined
    for (const [at, roster] of [...rosters.entries()].reverse()) {
        const { ownWrap } = resumed.generations[at] as ResumedGeneration
        const link = resumed.generations[at + 1]?.link
        let key: Uint8Array
        if (ownWrap.length > 0) key = await ownKey(instance, roster, ownWrap, keys)
        else if (newer !== undefined && link !== undefined)
            key = await openLink(link, newer.key, instance, roster.caseId, newer.roster.generation, roster.commitment)
        else throw new TamperedError('no key of this generation', 'wrap-tampered')
        newer = { roster, key }
        generations.set(roster.generation, newer)
    }
    return generations
}

/** A case with its keys and no messages yet. */
export async function openResumed(resumed: Resumed, keys: ReporterKeys, directory: Directory): Promise<Conversation> {
    const conversation = new Conversation(resumed.caseId, keys.sign.publicKey, resumed.state, resumed.places)
    conversation.opened = { hour: resumed.openedHour, urgent: resumed.urgent }
    conversation.history.more = true
    const rosters: Roster[] = []
    for (const { roster } of resumed.generations)
        rosters.push(verifyRoster(resumed, roster, rosters.at(-1), keys, directory))
    conversation.learn(await ownKeys(resumed, rosters, keys, directory))
    const first = conversation.generations.get(1)
    if (first === undefined || !equal(caseId(keys.sign.publicKey, first.roster.commitment), resumed.caseId))
        throw new ForgedError('not a case of this phrase')
    return conversation
}

/** A generation whose key this page does not have yet. */
export const isOfUnknownGeneration = (conversation: Conversation, envelope: Uint8Array): boolean =>
    !conversation.generations.has(decodeHeader(envelope).generation)

export async function readEnvelope(
    conversation: Conversation,
    directory: Directory,
    seq: number,
    envelope: Uint8Array,
): Promise<ReadMessage> {
    const generation = conversation.generations.get(decodeHeader(envelope).generation)
    if (generation === undefined) throw new TamperedError('sealed for a generation without a roster')
    const opened = await openEnvelope(directory.instance, conversation.caseId, generation.key, envelope)
    checkTurn(opened, generation.roster)
    const previous = conversation.generations.get(generation.roster.generation - 1)?.roster
    checkHandover(opened, generation.roster, previous, conversation.reporter)
    return {
        seq,
        opened,
        added: addedQueue(previous, generation.roster),
        author: authorOf(opened, conversation.reporter, generation.roster, directory),
    }
}
