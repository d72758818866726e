/**
 * The audit log: what an expert signs of each act, and reading the log so that nothing can be taken out of it. No I/O.
 * SPEC 9.10
 */
import { concat, equal, hex, isZero, Reader, u32, u8 } from './bytes.ts'
import { expertContext as context } from './expertContexts.ts'
import type { Directory } from './directories.ts'
import { MalformedError, ProtocolError, RefusedError } from './errors.ts'
import { asExpertId, asHash, asHead, asInstanceId, hash, SIGNATURE_BYTES } from './ids.ts'
import type { ExpertId, Head, InstanceId, SignKey } from './ids.ts'
import type { SigningKey } from './keys.ts'
import { verifyBeside } from './proofs.ts'

export const ENTRY_BYTES = 194
export const KINDS = ['opening', 'handover', 'export', 'key-act', 'witness'] as const
/** What was done; its number in the protocol is its place, from 1. */
export type EntryKind = (typeof KINDS)[number]

const VERSION = 1
const HOUR_S = 3_600
const CODE = 'operation-malformed'
const NO_HEAD = asHead(new Uint8Array(32))

/** One act of one expert. */
export interface Entry {
    readonly instance: InstanceId
    readonly author: ExpertId
    readonly counter: number
    /** The directory its author went by; of a key act the one it makes. */
    readonly directoryVersion: number
    /** The author's own entry before this one. */
    readonly previousHead: Head
    /** Since 1970, by the author's clock. */
    readonly hour: number
    readonly kind: EntryKind
    /** The hash of what was done, or the log's head that a witness has seen. */
    readonly subject: Uint8Array
    /** Of the log that a witness has seen; 0 in other kinds. */
    readonly length: number
}

export function decodeEntry(encoded: Uint8Array): Entry {
    if (encoded.length !== ENTRY_BYTES) throw new MalformedError('length of an entry', CODE)
    const reader = new Reader(encoded, CODE)
    if (reader.u8() !== VERSION) throw reader.malformed('version of an entry')
    const entry = {
        instance: asInstanceId(reader.take(32)),
        author: asExpertId(reader.take(16)),
        counter: reader.u32(),
        directoryVersion: reader.u32(),
        previousHead: asHead(reader.take(32)),
        hour: reader.u32(),
        kind: KINDS[reader.u8() - 1],
        subject: asHash(reader.take(32)),
        length: reader.u32(),
    }
    const { kind } = entry
    if (kind === undefined) throw reader.malformed('kind of an entry')
    if (entry.counter < 1 || entry.directoryVersion < 1) throw reader.malformed('counters and versions are from 1')
    if ((entry.counter === 1) !== isZero(entry.previousHead)) throw reader.malformed('only the first entry has none before it')
    if (kind !== 'witness' && entry.length !== 0) throw reader.malformed('only a witness names the length')
    return { ...entry, kind }
}

const signedPart = (encoded: Uint8Array): Uint8Array => encoded.subarray(0, ENTRY_BYTES - SIGNATURE_BYTES)
const toSign = (signed: Uint8Array): Uint8Array => concat(context('audit'), signed)

/** Where an author's own entries end. */
export interface OwnChain { readonly counter: number; readonly head: Head }

export const NO_CHAIN: OwnChain = { counter: 0, head: NO_HEAD }

export const chainAfter = (encoded: Uint8Array): OwnChain =>
    ({ counter: decodeEntry(encoded).counter, head: asHead(hash(context('audit-head'), encoded)) })

/** Of a log with one entry more; an empty one has zeros. */
export const logHead = (before: Head, encoded: Uint8Array): Head => asHead(hash(context('audit-log'), before, encoded))

export interface Act {
    readonly kind: EntryKind
    readonly subject: Uint8Array
    readonly nowS: number
    readonly length?: number
}

/** The next entry of somebody's own chain. */
export function signEntry(
    sign: SigningKey, instance: InstanceId, author: ExpertId, directoryVersion: number, own: OwnChain, act: Act,
): Uint8Array {
    const signed = concat(
        u8(VERSION), instance, author, u32(own.counter + 1), u32(directoryVersion), own.head, u32(Math.floor(act.nowS / HOUR_S)),
        u8(KINDS.indexOf(act.kind) + 1), asHash(act.subject), u32(act.length ?? 0),
    )
    return concat(signed, sign.sign(toSign(signed)))
}

/** That somebody has signed it. */
export const verifyEntry = (sign: SignKey, encoded: Uint8Array): Promise<void> =>
    verifyBeside(sign, encoded.subarray(ENTRY_BYTES - SIGNATURE_BYTES), toSign(signedPart(encoded)))

/**
 * What is wrong with a log. `unreadable`: no entry of this instance; `stranger`: not by an expert, or by one who had
 * left; `forged`: a signature does not hold; `gap`: an author's entry is missing, moved or repeated; `disorder`: an
 * older directory after a newer one; `contradicted`: a witness saw another log; `shorter`, `changed`: not the log that
 * was seen here before.
 */
export const BREACHES = ['unreadable', 'stranger', 'forged', 'gap', 'disorder', 'contradicted', 'shorter', 'changed'] as const
export type Breach = (typeof BREACHES)[number]

export class BrokenLogError extends RefusedError {
    readonly breach: Breach
    /** The entry where it shows. */
    readonly seq: number

    constructor(breach: Breach, seq: number) {
        super(`${breach} at entry ${seq}`, 'audit-broken')
        this.breach = breach
        this.seq = seq
    }
}

/** Who may have signed: everybody in the directory, and who has left, until the version they left with. */
export interface Authors {
    readonly instance: InstanceId
    readonly experts: readonly { readonly id: ExpertId; readonly sign: SignKey }[]
    readonly former: readonly { readonly id: ExpertId; readonly sign: SignKey; readonly version: number }[]
}

export const authorsOf = ({ instance, claims: { experts, former } }: Directory): Authors => ({ instance, experts, former })

/** How far a log was read, and all that is needed to go on from there. */
export interface Point {
    readonly length: number
    readonly head: Head
    readonly directoryVersion: number
    /** The last entry; none of an empty log. */
    readonly last: Uint8Array | null
    /** By author, in hex. */
    readonly chains: ReadonlyMap<string, OwnChain>
}

export const START: Point = { length: 0, head: NO_HEAD, directoryVersion: 0, last: null, chains: new Map() }

/** Takes the log's entries in order, from the first or from `start` on. A log read from its first must still have `seen`. */
export class AuditLog {
    readonly #instance: InstanceId
    readonly #experts: ReadonlyMap<string, SignKey>
    readonly #former: ReadonlyMap<string, { readonly sign: SignKey; readonly version: number }>
    readonly #chains: Map<string, OwnChain>
    readonly #seen: Point | null
    #point: Point

    constructor({ instance, experts, former }: Authors, start: Point = START, seen: Point | null = null) {
        this.#instance = instance
        this.#experts = new Map(experts.map(({ id, sign }) => [hex(id), sign]))
        this.#former = new Map(former.map((one) => [hex(one.id), one]))
        this.#chains = new Map(start.chains)
        this.#point = start
        this.#seen = seen
    }

    get point(): Point {
        return { ...this.#point, chains: new Map(this.#chains) }
    }

    /** The last entry that was read before must still be there. */
    recall(encoded: Uint8Array): void {
        const { last, length } = this.#point
        if (last === null || !equal(last, encoded)) throw new BrokenLogError('changed', length)
    }

    /** Nothing from the first that does not hold on can be believed; those before it are in `added` when it throws. */
    async add(encoded: readonly Uint8Array[], added: Entry[] = []): Promise<Entry[]> {
        // The platform looks at all signatures side by side; what the entries say of each other, in their order.
        const first = this.#point.length + 1
        const checks = encoded.map((one, nth) => {
            const checked = this.#checked(one, first + nth)
            checked.catch(() => undefined)
            return checked
        })
        for (const [nth, check] of checks.entries()) added.push(this.#follow(await check, encoded[nth] as Uint8Array))
        return added
    }

    /** That was all of it. */
    end(): void {
        if (this.#seen !== null && this.#point.length < this.#seen.length) throw new BrokenLogError('shorter', this.#point.length + 1)
    }

    async #checked(encoded: Uint8Array, seq: number): Promise<Entry> {
        const entry = told(() => decodeEntry(encoded), 'unreadable', seq)
        if (!equal(entry.instance, this.#instance)) throw new BrokenLogError('unreadable', seq)
        const sign = this.#signOf(entry, seq)
        await verifyEntry(sign, encoded).catch((error: unknown) => told(() => { throw error }, 'forged', seq))
        return entry
    }

    #follow(entry: Entry, encoded: Uint8Array): Entry {
        const { length, head: before, directoryVersion } = this.#point
        const seq = length + 1
        const own = this.#chains.get(hex(entry.author)) ?? NO_CHAIN
        if (entry.counter !== own.counter + 1 || !equal(entry.previousHead, own.head)) throw new BrokenLogError('gap', seq)
        if (entry.directoryVersion < directoryVersion) throw new BrokenLogError('disorder', seq)
        if (entry.kind === 'witness' && (entry.length !== length || !equal(entry.subject, before))) throw new BrokenLogError('contradicted', seq)
        const head = logHead(before, encoded)
        if (this.#seen?.length === seq && !equal(this.#seen.head, head)) throw new BrokenLogError('changed', seq)
        this.#chains.set(hex(entry.author), chainAfter(encoded))
        this.#point = { length: seq, head, directoryVersion: entry.directoryVersion, last: encoded, chains: START.chains }
        return entry
    }

    #signOf({ author, directoryVersion, kind }: Entry, seq: number): SignKey {
        const expert = this.#experts.get(hex(author))
        if (expert !== undefined) return expert
        const former = this.#former.get(hex(author))
        // Whoever signs themselves out of the directory still acts under the one before.
        const wentBy = kind === 'key-act' ? directoryVersion - 1 : directoryVersion
        if (former === undefined || wentBy >= former.version) throw new BrokenLogError('stranger', seq)
        return former.sign
    }
}

function told<T>(read: () => T, breach: Breach, seq: number): T {
    try {
        return read()
    } catch (error) {
        throw error instanceof ProtocolError ? new BrokenLogError(breach, seq) : error
    }
}
