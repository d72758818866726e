/**
 * One sealed room beside a case: its key, verified; what is written in it, opened and checked; the next words, sealed.
 * No I/O. What cannot be verified is never shown: it becomes an alarm. SPEC 3.5
 */
import { queuesOf } from '@lyhty/crypto/authors'
import { equal, hex } from '@lyhty/crypto/bytes'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { ForgedError, HistoryGapError, MalformedError, ProtocolError, RefusedError } from '@lyhty/crypto/errors'
import { asCaseId, asSignKey, type CaseId, type SignKey } from '@lyhty/crypto/ids'
import { CONSULTATION, makeRoom, NOTES, openRoomKey, ROOM_GENERATION, SLIP, verifyRoom, type RoomKind } from '@lyhty/crypto/rooms'
import type { Roster } from '@lyhty/crypto/rosters'
import { decodeHeader } from '@lyhty/crypto/envelopes'
import type { KnownAuthor } from '@lyhty/crypto/directories'
import { draw } from '@lyhty/crypto/randomness'
import { decodeAside, encodeAside, type AsideContent } from '@lyhty/crypto/room-contents'
import { objectKeyOf, openObject, sealMessage, type Opened } from '@lyhty/crypto/sealing'
import type { SealedRoom } from './api-types'
import type { Stored } from './conversation'
import type { Keyring } from './keyring'
import { RoomLog } from './room-log'

export type RoomName = SealedRoom['kind']
const KINDS: Readonly<Record<RoomName, RoomKind>> = { notes: NOTES, consultation: CONSULTATION, slip: SLIP }
/** Nobody's key: in notes and consultations no reporter writes. */
const NO_REPORTER = asSignKey(new Uint8Array(32))

export interface RoomNote {
    readonly key: string
    readonly at: number
    readonly author: 'reporter' | 'you' | 'colleague'
    readonly name: string | null
    readonly text: string
}

/** What an expert wrote, with all that says what it is worth. SPEC 3.7 */
export interface RoomMark {
    readonly at: number
    readonly isOwn: boolean
    readonly name: string
    /** In hex. */
    readonly author: string
    /** Of this writing, base64url. */
    readonly head: string
    readonly counter: number
    /** The directory that its author went by, and the first one that lists its author as gone. */
    readonly version: number
    readonly leftIn: number | null
    /** By author the last counter that its author had read. */
    readonly seen: ReadonlyMap<string, number>
    readonly content: AsideContent
}

export interface RoomView {
    readonly id: string
    readonly case: string
    readonly kind: RoomName
    readonly queues: readonly number[]
    readonly notes: readonly RoomNote[]
    readonly marks: readonly RoomMark[]
    readonly alarms: readonly ErrorCode[]
    readonly ended: boolean
    /** Whether it is for today's keys, and was opened by somebody who still belongs here. SPEC 3.5 */
    readonly isOpen: boolean
}

/** What the server is given of a room that is being opened. Kept, and sent again as it is. */
export interface Opening {
    readonly kind: 'notes' | 'consultation'
    readonly roster: string
    readonly wraps: string[]
    readonly envelope: string
}

export class Room {
    readonly id: string
    readonly case: string
    readonly kind: RoomName
    ended: boolean
    readonly #keyring: Keyring
    readonly #roster: Roster
    readonly #key: Uint8Array
    readonly #reporter: SignKey
    readonly #log = new RoomLog()
    readonly #alarms = new Set<ErrorCode>()
    #isWiped = false

    private constructor(listed: Pick<SealedRoom, 'room' | 'case' | 'kind' | 'ended'>, keyring: Keyring, roster: Roster, key: Uint8Array, reporter: SignKey) {
        this.id = listed.room
        this.case = listed.case
        this.kind = listed.kind
        this.ended = listed.ended
        this.#keyring = keyring
        this.#roster = roster
        this.#key = key
        this.#reporter = listed.kind === 'slip' ? reporter : NO_REPORTER
    }

    /** `reporter`: the sign key of the case, null where the case is not known (in a consultation). */
    static async open(listed: SealedRoom, keyring: Keyring, reporter: SignKey | null): Promise<Room> {
        const kind = KINDS[listed.kind]
        const { experts, former } = keyring.directory.claims
        // SPEC 3.5: who may have opened it.
        const allowed = kind === SLIP ? (reporter === null ? [] : [reporter]) : [...experts, ...former].map(({ sign }) => sign)
        const roster = verifyRoom(b64decode(listed.roster), keyring.instance, asCaseId(b64decode(listed.case)), kind, allowed)
        if (b64encode(roster.caseId) !== listed.room) throw new MalformedError('another room than it is listed as', 'wrap-tampered')
        const own = queuesOf(roster).find((queue) => keyring.self.queues.includes(queue))
        const key = await openRoomKey(roster, listed.wraps.map((wrap) => b64decode(wrap)), own ?? 0, (queue, epoch) => keyring.queueKey(queue, epoch))
        return new Room(listed, keyring, roster, key, reporter ?? NO_REPORTER)
    }

    /** A new one, with what is written in it first: a room is never empty. */
    static async make(within: CaseId, kind: 'notes' | 'consultation', queues: readonly number[], content: AsideContent, keyring: Keyring): Promise<{ room: Room; opening: Opening }> {
        const made = await makeRoom(keyring.sign, keyring.directory, within, KINDS[kind], queues)
        const listed = { room: b64encode(made.id), case: b64encode(within), kind, ended: false }
        const room = new Room(listed, keyring, made.roster, made.key, NO_REPORTER)
        const envelope = await room.seal(content)
        return { room, opening: { kind, roster: b64encode(made.rosterBytes), wraps: made.wraps.map((wrap) => b64encode(wrap)), envelope: b64encode(envelope) } }
    }

    get newest(): number {
        return this.#log.newest
    }

    get view(): RoomView {
        const { written, gap } = this.#log
        const alarms = new Set(this.#alarms)
        // SPEC 3.5: a room begins with what was written when it was opened.
        if (gap || (written.length === 0 && alarms.size === 0)) alarms.add('history-gap')
        const notes = written.flatMap(({ opened, author }): RoomNote[] => {
            const { content, header } = opened
            if (content.type !== 'chat') return []
            const common = { key: hex(header.objectId), at: content.at, text: content.text }
            if (author === 'reporter') return [{ ...common, author, name: null }]
            return [{ ...common, author: this.#isOwn(opened) ? 'you' : 'colleague', name: author.name }]
        })
        const marks = written.flatMap(({ opened, author }) => (author === 'reporter' ? [] : [this.#mark(opened, author)]))
        const { id, case: caseId, kind, ended } = this
        return { id, case: caseId, kind, ended, notes, marks, alarms: [...alarms], queues: queuesOf(this.#roster), isOpen: this.#isOpen }
    }

    get #isOpen(): boolean {
        const { directory } = this.#keyring
        const isCurrent = this.#roster.entries.every(({ queue, epoch }) => queue === 0 || directory.currentEpoch(queue)?.epoch === epoch)
        return !this.ended && isCurrent && directory.signersOf(queuesOf(this.#roster), directory.version).some((sign) => equal(sign, this.#roster.signer))
    }

    async take(stored: readonly Stored[]): Promise<void> {
        for (const { seq, envelope } of stored) {
            if (seq <= this.newest || this.#isWiped) continue
            try {
                const { instance, caseId } = this.#roster
                const opened = await openObject(instance, caseId, objectKeyOf(this.#key, decodeHeader(envelope).objectId), envelope, decodeAside)
                this.#log.add({ opened, author: this.kind === 'slip' ? this.#giver(opened) : this.#author(opened) })
            } catch (error) {
                if (!(error instanceof ProtocolError)) throw error
                this.#alarms.add(error instanceof HistoryGapError ? error.code : 'envelope-tampered')
            }
            this.#log.newest = Math.max(this.#log.newest, seq)
        }
    }

    /** A slip is the reporter's word alone, and no report begins it. */
    #giver({ header, content }: Opened<AsideContent>): 'reporter' {
        if (!equal(header.author, this.#reporter) || content.type !== 'chat') throw new ForgedError('a slip of somebody else', 'envelope-tampered')
        return 'reporter'
    }

    #author({ header }: Opened<AsideContent>): KnownAuthor {
        if (header.generation !== ROOM_GENERATION) throw new ForgedError('sealed for another generation', 'envelope-tampered')
        return this.#keyring.directory.author(header.author, queuesOf(this.#roster), this.#roster.directoryVersion)
    }

    #isOwn({ header }: Opened<AsideContent>): boolean {
        return equal(header.author, this.#keyring.sign.publicKey)
    }

    #mark(opened: Opened<AsideContent>, { name }: KnownAuthor): RoomMark {
        const { header, content, head, directoryVersion, seen } = opened
        const { experts, former } = this.#keyring.directory.claims
        const queues = queuesOf(this.#roster)
        const isHere = experts.some((one) => equal(one.sign, header.author) && one.queues.some((queue) => queues.includes(queue)))
        const left = isHere ? undefined : former.find(({ sign }) => equal(sign, header.author))
        return {
            at: content.at, isOwn: this.#isOwn(opened), name, author: hex(header.author), head: b64encode(head), counter: header.counter,
            version: directoryVersion, leftIn: left?.version ?? null, content,
            seen: new Map(seen.map(({ author, counter }) => [hex(author), counter])),
        }
    }

    /** Whether it was read here; what was let go of is asked for nothing more. */
    has(envelope: Uint8Array): boolean {
        return this.#isWiped || this.#log.has(decodeHeader(envelope).objectId)
    }

    async seal(content: AsideContent): Promise<Uint8Array> {
        // What zeros have sealed, everybody could open.
        if (this.#isWiped) throw new RefusedError('let go of meanwhile', 'case-not-held')
        const { instance, sign, directory } = this.#keyring
        const within = { instance, caseId: this.#roster.caseId, key: this.#key, author: sign, directoryVersion: directory.version }
        const place = this.#log.chains.next(sign.publicKey)
        return (await sealMessage(within, ROOM_GENERATION, place, content, draw, encodeAside)).envelope
    }

    wipe(): void {
        this.#isWiped = true
        this.#key.fill(0)
    }
}
