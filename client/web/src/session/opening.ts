/**
 * Reads what the server answers to RESUME and FETCH: rosters, own wraps and envelopes, believed only when they verify.
 * SPEC 3, 4
 */
import { equal } from '@lyhty/crypto/bytes'
import { authorOf, queuesOf } from '@lyhty/crypto/authors'
import type { Directory } from '@lyhty/crypto/directories'
import { decodeHeader } from '@lyhty/crypto/envelopes'
import { ForgedError, TamperedError } from '@lyhty/crypto/errors'
import { caseId, commitmentOf, hash } from '@lyhty/crypto/ids'
import type { InstanceId } from '@lyhty/crypto/ids'
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import type { Resumed } from '@lyhty/crypto/records'
import { UntrustedRoster } from '@lyhty/crypto/rosters'
import type { Roster } from '@lyhty/crypto/rosters'
import { openEnvelope } from '@lyhty/crypto/sealing'
import { selfUnwrap, unwrapKey } from '@lyhty/crypto/wrapping'
import { TO_REPORTER } from '@lyhty/crypto/wraps'
import { Conversation } from './conversation.ts'
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
    return untrusted.verifyNext(directory.instance, previous, [
        keys.sign.publicKey,
        ...directory.signersOf(queuesOf(previous)),
    ])
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

/** A case with its keys and no messages yet. */
export async function openResumed(resumed: Resumed, keys: ReporterKeys, directory: Directory): Promise<Conversation> {
    const conversation = new Conversation(resumed.caseId, keys.sign.publicKey, resumed.state, resumed.places)
    conversation.opened = { hour: resumed.openedHour, urgent: resumed.urgent }
    conversation.history.more = true
    let previous: Roster | undefined
    for (const { roster: rosterBytes, ownWrap } of resumed.generations) {
        const roster = verifyRoster(resumed, rosterBytes, previous, keys, directory)
        const key = await ownKey(directory.instance, roster, ownWrap, keys)
        conversation.generations.set(roster.generation, { roster, key })
        previous = roster
    }
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
    return {
        seq,
        opened,
        author: authorOf(opened, conversation.reporter, generation.roster, directory),
    }
}
