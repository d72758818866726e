/**
 * Coordinators read the audit log: after signing in from where they last were, and all of it when they look at it. What
 * they have verified is kept on the device, so that no server can hand out a shorter or another log unseen. SPEC 9.10
 */
import { AuditLog, authorsOf, BrokenLogError, decodeEntry, START, type Breach, type Entry, type EntryKind, type Point } from '@lyhty/crypto/audit'
import { equal } from '@lyhty/crypto/bytes'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { asHead } from '@lyhty/crypto/ids'
import { ProtocolError } from '@lyhty/crypto/errors'
import { DeskError, type Desk } from './desk'
import type { Keyring } from './keyring'
import type { OwnEntries } from './own-entries'

const MAX_TRIES = 5
const AGAIN: ReadonlySet<ErrorCode> = new Set(['counter-conflict', 'directory-outdated'])

export interface AuditRow {
    readonly seq: number
    readonly hour: number
    /** The author's expert id. */
    readonly author: string
    readonly kind: EntryKind
}

/** `reading`: how many entries hold so far. */
export type AuditStanding =
    | { readonly is: 'unread' }
    | { readonly is: 'reading'; readonly count: number }
    | { readonly is: 'whole'; readonly count: number }
    | { readonly is: 'broken'; readonly breach: Breach; readonly seq: number }

export interface AroundLog {
    readonly desk: Desk
    readonly entries: OwnEntries
    readonly storage: Storage | null
    /** The newest directory: whoever has joined since may have signed. */
    readonly renew: (keyring: Keyring) => Promise<void>
    readonly isStillIn: () => boolean
    readonly tell: (standing: AuditStanding) => void
}

/** Since the last time; then signs where the log ends. In the background, page by page. */
export async function watchLog(around: AroundLog, keyring: Keyring): Promise<void> {
    let start = remembered(around.storage, keyring)
    await toldBroken(around, async () => {
        for (let tries = 1; tries <= MAX_TRIES; tries++) {
            const read = await readFrom(around, keyring, start, null, () => undefined)
            if (read === null) return
            start = read
            keep(around.storage, keyring, read)
            around.tell({ is: 'whole', count: read.length })
            if (await witness(around, keyring, read)) return
        }
    })
}

/** All of it, from the first entry; the newest row comes first. */
export async function readWholeLog(around: AroundLog, keyring: Keyring): Promise<readonly AuditRow[]> {
    const rows: AuditRow[] = []
    await toldBroken(around, async () => {
        around.tell({ is: 'reading', count: 0 })
        const read = await readFrom(around, keyring, START, remembered(around.storage, keyring), (entries, upTo) => {
            for (const [nth, { author, hour, kind }] of entries.entries()) {
                rows.push({ seq: upTo - entries.length + nth + 1, hour, kind, author: b64encode(author) })
            }
            around.tell({ is: 'reading', count: upTo })
        })
        if (read === null) return
        keep(around.storage, keyring, read)
        around.tell({ is: 'whole', count: read.length })
    })
    return rows.toReversed()
}

/** For when a server was set back to a backup and everybody knows why: the log is taken as it is now. */
export const forgetLog = (storage: Storage | null, keyring: Keyring): void => storage?.removeItem(nameOf(keyring))

async function readFrom(
    { desk, renew, isStillIn }: AroundLog, keyring: Keyring, start: Point, seen: Point | null,
    onPage: (entries: readonly Entry[], upTo: number) => void,
): Promise<Point | null> {
    let log = new AuditLog(authorsOf(keyring.directory), start, seen)
    // The last entry is asked for again: a log that ends before it is shorter than it was.
    let mustRecall = start.last !== null
    for (let more = true; more;) {
        const page = await desk.audit(log.point.length - (mustRecall ? 1 : 0))
        if (!isStillIn()) return null
        const entries = page.entries.map((entry) => b64decode(entry))
        if (mustRecall) {
            const recalled = entries.shift()
            if (recalled === undefined) throw new BrokenLogError('shorter', start.length)
            log.recall(recalled)
            mustRecall = false
        }
        if (newestVersion(entries) > keyring.directory.claims.version) {
            await renew(keyring)
            log = new AuditLog(authorsOf(keyring.directory), log.point, seen)
        }
        const added: Entry[] = []
        await log.add(entries, added).finally(() => onPage(added, log.point.length))
        // A server that says there is more and hands out nothing is not asked for ever.
        more = page.more && entries.length > 0
    }
    log.end()
    return log.point
}

/** Unless nothing has happened since we did. False: somebody has done something meanwhile, which is to be read first. */
async function witness({ desk, entries }: AroundLog, keyring: Keyring, { length, head, last }: Point): Promise<boolean> {
    if (last === null) return true
    const { author, kind } = decodeEntry(last)
    if (kind === 'witness' && equal(author, keyring.expert)) return true
    try {
        await entries.store(keyring, { kind: 'witness', subject: head, length }, (entry) => desk.witness(entry))
        return true
    } catch (error) {
        if (error instanceof DeskError && AGAIN.has(error.code)) return false
        throw error
    }
}

async function toldBroken({ tell }: AroundLog, read: () => Promise<void>): Promise<void> {
    try {
        await read()
    } catch (error) {
        if (!(error instanceof BrokenLogError)) throw error
        tell({ is: 'broken', breach: error.breach, seq: error.seq })
    }
}

const newestVersion = (entries: readonly Uint8Array[]): number => Math.max(0, ...entries.map((entry) => {
    try {
        return decodeEntry(entry).directoryVersion
    } catch (error) {
        if (error instanceof ProtocolError) return 0
        throw error
    }
}))

const nameOf = ({ instance, expert }: Keyring): string => `lyhty-audit/${b64encode(instance)}/${b64encode(expert)}`

function keep(storage: Storage | null, keyring: Keyring, { length, head, directoryVersion, last, chains }: Point): void {
    const kept = {
        length, head: b64encode(head), directoryVersion, last: last && b64encode(last),
        chains: [...chains].map(([author, chain]) => [author, chain.counter, b64encode(chain.head)]),
    }
    try {
        storage?.setItem(nameOf(keyring), JSON.stringify(kept))
    } catch (error) {
        // The device keeps no more: the log is read from its beginning the next time.
        if (!(error instanceof DOMException)) throw error
    }
}

interface Kept {
    readonly length: number
    readonly head: string
    readonly directoryVersion: number
    readonly last: string | null
    readonly chains: readonly (readonly [string, number, string])[]
}

function remembered(storage: Storage | null, keyring: Keyring): Point {
    const text = storage?.getItem(nameOf(keyring)) ?? null
    if (text === null) return START
    // Written by `keep` on this device, and by nobody else.
    const { length, head, directoryVersion, last, chains } = JSON.parse(text) as Kept
    return {
        length, directoryVersion, head: asHead(b64decode(head)), last: last === null ? null : b64decode(last),
        chains: new Map(chains.map(([author, counter, own]) => [author, { counter, head: asHead(b64decode(own)) }])),
    }
}
