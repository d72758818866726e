/** A team's shelf of answer templates: read and checked, under one key after another. SPEC 3.6 */
import { concat, equal, hex, u16 } from './bytes.ts'
import { Chains } from './chains.ts'
import type { ErrorCode } from './codes.ts'
import { context } from './contexts.ts'
import type { Directory } from './directories.ts'
import { decodeHeader } from './envelopes.ts'
import { ForgedError, HistoryGapError, MalformedError, ProtocolError } from './errors.ts'
import { asCaseId, commitmentOf, hash } from './ids.ts'
import type { CaseId, Head, InstanceId, QueueId, RoomId, SignKey } from './ids.ts'
import type { KemKeyPair } from './keys.ts'
import { queuesOf } from './authors.ts'
import { decodeRoomContent } from './room-contents.ts'
import type { RoomContent, ShelfBefore, TemplateContent } from './room-contents.ts'
import { openRoomKey, ROOM_GENERATION, SHELF, verifyRoom } from './rooms.ts'
import { UntrustedRoster } from './rosters.ts'
import type { Roster } from './rosters.ts'
import { objectKeyOf, openObject } from './sealing.ts'
import type { Opened } from './sealing.ts'

/** What a server has of a shelf under one key. */
export interface StoredShelfRoom {
    readonly roster: Uint8Array
    /** Of the newest key; the older ones are found with it. */
    readonly wrap: Uint8Array | null
    readonly envelopes: readonly Uint8Array[]
}

/** One version of a template, and who wrote it. */
export interface WrittenVersion {
    readonly author: SignKey
    readonly content: TemplateContent
}

type OnShelf = Opened<RoomContent>

/** What holds of a shelf. `alarms`: something was left out, moved, forged or put back. */
export interface TeamShelf {
    readonly roster: Roster
    readonly key: Uint8Array
    readonly chains: Chains
    /** The versions of each template, first to last, by its id in hex. */
    readonly templates: ReadonlyMap<string, readonly WrittenVersion[]>
    readonly alarms: ReadonlySet<ErrorCode>
    /** What the first writing under the next key says. */
    readonly before: ShelfBefore
}

interface Read {
    readonly opened: readonly OnShelf[]
    readonly chains: Chains
}

/** Stands where the rooms beside a case have the case's. SPEC 3.6 */
export const shelfId = (instance: InstanceId, queue: QueueId): CaseId => asCaseId(hash(context('shelf', instance, u16(queue))))

const shelfEnd = (room: RoomId, opened: readonly OnShelf[]): Uint8Array =>
    hash(context('shelf-end', room), concat(...opened.map(({ head }): Head => head)))

/** `rooms`: first to last, at least one. Throws when the newest key is not one of this shelf, or does not open. */
export async function readShelf(
    queue: QueueId,
    rooms: readonly StoredShelfRoom[],
    directory: Directory,
    ownKey: (queue: QueueId, epoch: number) => KemKeyPair,
): Promise<TeamShelf> {
    const newest = rooms.at(-1)
    if (newest === undefined) throw new RangeError('a shelf without a key')
    const alarms = new Set<ErrorCode>()
    const roster = verified(queue, newest, directory)
    const key = await openRoomKey(roster, newest.wrap === null ? [] : [newest.wrap], queue, ownKey)
    const { opened, chains } = await readRoom(queue, roster, key, newest, directory, alarms)
    if (opened.length === 0) alarms.add('history-gap')
    const parts = [opened]
    let before = beforeIn(opened)
    for (const older of rooms.slice(0, -1).toReversed()) {
        if (before === null) break
        try {
            const part: readonly OnShelf[] = await readBefore(queue, older, before, directory)
            parts.unshift(part)
            before = beforeIn(part)
        } catch (error) {
            if (!(error instanceof ProtocolError)) throw error
            // What is older than what does not hold is not read.
            alarms.add(error.code)
            before = null
        }
    }
    if (before !== null) alarms.add('history-gap')
    const room = roster.caseId as RoomId
    return {
        roster, key, chains, alarms,
        templates: versionsOf(parts.slice(0, -1).flat(), opened, alarms),
        before: { room, key, count: opened.length, end: shelfEnd(room, opened) },
    }
}

function verified(queue: QueueId, room: StoredShelfRoom, directory: Directory): Roster {
    const { claims } = new UntrustedRoster(room.roster)
    directory.author(claims.signer, [queue], claims.directoryVersion)
    const { instance } = directory
    const roster = verifyRoom(room.roster, instance, shelfId(instance, queue), SHELF, [claims.signer])
    if (!queuesOf(roster).includes(queue)) throw new ForgedError('the shelf of another queue')
    return roster
}

/**
 * What was written before the key changed, up to where the next key's writing says that it ends. Whoever wrote that has
 * settled it: what does not count, or came later, is passed over in silence.
 */
async function readBefore(queue: QueueId, room: StoredShelfRoom, before: ShelfBefore, directory: Directory): Promise<readonly OnShelf[]> {
    const roster = verified(queue, room, directory)
    if (!equal(roster.caseId, before.room) || !equal(roster.commitment, commitmentOf(before.key)))
        throw new HistoryGapError('another key than the one that was followed')
    const opened = (await readRoom(queue, roster, before.key, room, directory, new Set())).opened.slice(0, before.count)
    if (!equal(shelfEnd(before.room, opened), before.end)) throw new HistoryGapError('it ended otherwise')
    return opened
}

async function readRoom(queue: QueueId, roster: Roster, key: Uint8Array, room: StoredShelfRoom, directory: Directory, alarms: Set<ErrorCode>): Promise<Read> {
    const chains = new Chains()
    const read: OnShelf[] = []
    const last = new Map<string, number>()
    for (const envelope of room.envelopes) {
        try {
            const objectKey = objectKeyOf(key, decodeHeader(envelope).objectId)
            const opened = await openObject(roster.instance, roster.caseId, objectKey, envelope, decodeRoomContent)
            checkAuthor(queue, roster, opened, directory)
            if ((opened.content.type === 'shelf') !== (read.length === 0)) throw new MalformedError('a shelf begins with where it stood before')
            if (!follows(chains, opened, last, alarms)) continue
            read.push(opened)
            last.set(hex(opened.header.author), opened.header.counter)
        } catch (error) {
            if (!(error instanceof ProtocolError)) throw error
            alarms.add(error.code)
        }
    }
    return { opened: read, chains }
}

/** Whether it counts; one that does not follow its author's last is told, and a repeated one is passed over. SPEC 4.3 */
function follows(chains: Chains, opened: OnShelf, last: ReadonlyMap<string, number>, alarms: Set<ErrorCode>): boolean {
    try {
        chains.accept(opened)
    } catch (error) {
        if (!(error instanceof HistoryGapError)) throw error
        alarms.add(error.code)
        if (opened.header.counter <= (last.get(hex(opened.header.author)) ?? 0)) return false
        chains.adopt(opened)
    }
    return true
}

function checkAuthor(queue: QueueId, roster: Roster, { header, content }: OnShelf, directory: Directory): void {
    directory.author(header.author, [queue], roster.directoryVersion)
    if (header.generation !== ROOM_GENERATION || (content.type === 'shelf' && !equal(header.author, roster.signer)))
        throw new ForgedError('begun by somebody else, or of another generation', 'envelope-tampered')
}

const beforeIn = ([first]: readonly OnShelf[]): ShelfBefore | null =>
    first?.content.type === 'shelf' ? first.content.before : null

function versionsOf(before: readonly OnShelf[], newest: readonly OnShelf[], alarms: Set<ErrorCode>): Map<string, readonly WrittenVersion[]> {
    const templates = new Map<string, readonly WrittenVersion[]>()
    for (const [nth, { header, content }] of [...before, ...newest].entries()) {
        if (content.type !== 'template') continue
        const id = hex(content.template)
        const versions = templates.get(id) ?? []
        // SPEC 3.6: what does not follow the last version was written over something that its author had not seen.
        if (content.version === versions.length + 1) templates.set(id, [...versions, { author: header.author, content }])
        else if (nth >= before.length) alarms.add('history-gap')
    }
    return templates
}
