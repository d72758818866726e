/** Makes a copy of the open case that its reporter keeps, and reads one again by the same rules. SPEC 11 */
import { authorOf, queuesOf } from '@lyhty/crypto/authors'
import { equal } from '@lyhty/crypto/bytes'
import { verifyTrust } from '@lyhty/crypto/directories'
import type { Directory } from '@lyhty/crypto/directories'
import { decodeTrustBundle, encodeTrustBundle } from '@lyhty/crypto/documents'
import type { TrustBundle } from '@lyhty/crypto/documents'
import { checkTurn } from '@lyhty/crypto/ends'
import { decodeHeader } from '@lyhty/crypto/envelopes'
import { MalformedError, ProtocolError, TamperedError } from '@lyhty/crypto/errors'
import { checkHandover } from '@lyhty/crypto/handovers'
import { decodeLocked, drawSalt, exportInput, openExport, sealExport } from '@lyhty/crypto/exports'
import type { Export, Kept, Secret } from '@lyhty/crypto/exports'
import type { CaseId, InstanceId } from '@lyhty/crypto/ids'
import type { Randomness } from '@lyhty/crypto/randomness'
import { addedQueue, UntrustedRoster } from '@lyhty/crypto/rosters'
import type { Roster } from '@lyhty/crypto/rosters'
import { objectKeyOf, openObject } from '@lyhty/crypto/sealing'
import type { Toiler } from '../net/workers.ts'
import { Conversation } from './conversation.ts'
import { evidenceOf } from './evidence.ts'
import type { Evidence } from './evidence.ts'
import { SessionFailure } from './failure.ts'

export interface Copying {
    readonly instance: InstanceId
    readonly bundle: TrustBundle
    readonly derive: Toiler['derive']
    /** The open case and its phrase, if there is one. */
    readonly conversation: Conversation | null
    readonly phrase: readonly number[] | null
    readonly randomness: Randomness
    readonly nowS: () => number
}

function openedIn({ conversation }: Copying): Conversation {
    if (conversation === null) throw new SessionFailure('not-resumed')
    return conversation
}

/** The open case as it has been read. */
export const evidenceIn = (copying: Copying): Evidence => evidenceOf(openedIn(copying), copying.instance, copying.nowS())

function exportOf({ bundle, instance, nowS }: Copying, conversation: Conversation): Export {
    const generations = [...conversation.generations].toSorted(([a], [b]) => a - b)
    return {
        instance,
        caseId: conversation.caseId,
        made: nowS(),
        trust: encodeTrustBundle(bundle),
        rosters: generations.map(([, { roster }]) => roster.bytes),
        kept: [...conversation.sealed].toSorted(([a], [b]) => a - b).map(([seq, envelope]): Kept => {
            const { generation, objectId } = decodeHeader(envelope)
            const key = conversation.generations.get(generation)?.key
            if (key === undefined) throw new RangeError('read without a key')
            return { seq, key: objectKeyOf(key, objectId), envelope }
        }),
    }
}

/** Locked with the phrase of the case, or with a password of its own. */
export async function sealCopy(copying: Copying, password: string | null): Promise<Uint8Array> {
    const { derive, phrase, randomness } = copying
    const conversation = openedIn(copying)
    if (password === null && phrase === null) throw new SessionFailure('not-resumed')
    const exported = exportOf(copying, conversation)
    const salt = drawSalt(randomness)
    const typed = password ?? Uint8Array.from(phrase ?? [])
    const stretched = await derive(exportInput(typed, salt))
    return sealExport(exported, password === null ? 'phrase' : 'password', salt, stretched, randomness)
}

/** What a file asks for. Throws `export-unreadable` for what is none. */
export const secretOf = (file: Uint8Array): Secret => decodeLocked(file).secret

/** `typed`: the phrase, or the password. */
export async function openCopy(
    { derive, instance }: Copying,
    file: Uint8Array,
    typed: readonly number[] | string,
): Promise<Evidence> {
    const locked = decodeLocked(file)
    const secret = typeof typed === 'string' ? typed : Uint8Array.from(typed)
    const exported = await openExport(locked, await derive(exportInput(secret, locked.salt)))
    // Another site's: its experts are not known here.
    if (!equal(exported.instance, instance)) throw new MalformedError('of another instance', 'export-unreadable')
    return evidenceOf(await read(exported), instance, exported.made)
}

async function read(exported: Export): Promise<Conversation> {
    const { caseId, instance, kept, made, trust } = exported
    // As it was when the copy was made: by now another directory may have taken its place.
    const { directory } = verifyTrust(decodeTrustBundle(trust), instance, made)
    const rosters = verifyRosters(exported, directory)
    const conversation = new Conversation(caseId, rosters[0].signer, 'closed', [])
    for (const roster of rosters) conversation.generations.set(roster.generation, { roster, key: new Uint8Array(32) })
    conversation.history.more = false
    for (const one of kept) await readOne(conversation, one, instance, caseId, directory)
    return conversation
}

function verifyRosters({ caseId, instance, rosters }: Export, directory: Directory): readonly [Roster, ...Roster[]] {
    const [first, ...later] = rosters.map((bytes) => new UntrustedRoster(bytes))
    if (first === undefined) throw new MalformedError('a case without a roster', 'export-unreadable')
    const opening = first.verifyOpening(instance, caseId)
    const verified: [Roster, ...Roster[]] = [opening]
    let last = opening
    for (const roster of later) {
        last = roster.verifyNext(instance, last, opening.signer, directory.signersOf(queuesOf(last), roster.claims.directoryVersion))
        verified.push(last)
    }
    return verified
}

/** What does not hold is not shown, and told: the rest stays readable. */
async function readOne(
    conversation: Conversation,
    { seq, key, envelope }: Kept,
    instance: InstanceId,
    caseId: CaseId,
    directory: Directory,
): Promise<void> {
    conversation.history.passed(seq)
    try {
        const opened = await openObject(instance, caseId, key, envelope)
        const roster = conversation.generations.get(opened.header.generation)?.roster
        if (roster === undefined) throw new TamperedError('of a generation without a roster')
        const author = authorOf(opened, conversation.reporter, roster, directory)
        checkTurn(opened, roster)
        const previous = conversation.generations.get(roster.generation - 1)?.roster
        checkHandover(opened, roster, previous, conversation.reporter)
        conversation.history.add({ seq, opened, author, added: addedQueue(previous, roster) })
        conversation.sealed.set(seq, envelope)
    } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        conversation.alarm('envelope-tampered')
    }
}
