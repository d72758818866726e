/**
 * Opens a queue again whose members are all lost: splits the seeds that we have among the coordinators, shows who asks
 * for them, and gives, stops and opens when somebody presses a button. SPEC 5.9, 9.9
 */
import { equal } from '@lyhty/crypto/bytes'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { b64encode } from '@lyhty/crypto/encoding'
import { ProtocolError } from '@lyhty/crypto/errors'
import type { Epoch, QueueId } from '@lyhty/crypto/ids'
import { encodeRequest, encodeSplit, giveShare, openShare, positionOf, recoverSeed, requestHash, signRequest, splitHash, splitSeed } from '@lyhty/crypto/recovery'
import type { RecoveryRequest } from '@lyhty/crypto/recovery'
import { DeskError, type Desk } from './desk'
import { DeviceMemory } from './device-memory'
import { reopening, type EpochSeed, type MadeAct } from './key-acts'
import type { Keyring } from './keyring'
import { coordinatorsOf, knownOf, mayGiveFrom, uncovered, viewOf, type Known, type KnownSplit } from './recovery-view'
import type { ConsoleEvent } from './state'

interface Surroundings {
    readonly desk: Pick<Desk, 'recovery' | 'putSplit' | 'askForShares' | 'stopRequest' | 'giveShares'>
    readonly storage: Storage | null
    readonly keyring: () => Keyring | null
    readonly tell: (event: ConsoleEvent) => void
    readonly nowS: () => number
    readonly certify: (act: (keyring: Keyring) => Promise<MadeAct>) => Promise<void>
    /** Reads the queues anew and turns what waits for it. */
    readonly opened: () => void
}

/** Another console was faster, or somebody asks: the next reading finds what is left to do. */
const LATER: ReadonlySet<ErrorCode> = new Set(['recovery-under-way', 'directory-outdated'])

/** Kept of a request: when this device first saw it; or that it has ended; or that somebody has read so. */
const ENDED = 0
const READ = -1

export class Recovering {
    readonly #around: Surroundings
    #known: Known = { splits: [], requests: [], forged: [] }
    /** One reading after another, or two would split the same seed. */
    #turn: Promise<void> = Promise.resolve()

    constructor(around: Surroundings) {
        this.#around = around
    }

    /** After signing in, and when a key act or somebody's act at a request has changed something. */
    read(): Promise<void> {
        const turn = this.#turn.then(() => this.#readAndCover())
        this.#turn = turn.catch(() => undefined)
        return turn
    }

    async #readAndCover(): Promise<void> {
        const keyring = this.#around.keyring()
        if (keyring === null) return
        await this.#readOnce(keyring)
        if (await this.#cover(keyring)) await this.#readOnce(keyring)
    }

    async #readOnce(keyring: Keyring): Promise<void> {
        this.#known = this.#remembered(keyring, knownOf(await this.#around.desk.recovery(), keyring.directory))
        this.#show(keyring)
    }

    /** Seeds that nobody else has: without shares of them, what is written to that queue would be lost. */
    async split(keyring: Keyring, unowned: readonly EpochSeed[]): Promise<void> {
        for (const { queue, epoch, seed } of unowned) {
            if (coordinatorsOf(keyring.directory).length >= 2) await this.#put(keyring, queue, epoch, seed)
            seed.fill(0)
        }
    }

    async ask(queue: QueueId): Promise<void> {
        const keyring = this.#must()
        const fields = { instance: keyring.instance, queue, asker: keyring.expert, at: this.#around.nowS() }
        await this.#around.desk.askForShares(queue, b64encode(encodeRequest(signRequest(fields, keyring.sign))))
        await this.read()
    }

    async stop(queue: QueueId, hash: string): Promise<void> {
        await this.#around.desk.stopRequest(queue, hash)
        await this.read()
    }

    /** Our shares for whoever asks, and never before this device has waited. */
    async give(hash: string): Promise<void> {
        const keyring = this.#must()
        const known = this.#known.requests.find((one) => one.hash === hash && one.endedBy === null)
        const seen = this.#firstSeen(keyring)(hash)
        if (known === undefined || equal(known.request.asker, keyring.expert)) throw new DeskError('recovery-unknown')
        // SPEC 9.9: this device decides, whatever the server says.
        if (seen === null || this.#around.nowS() < mayGiveFrom(known.request, seen)) return
        const shares = []
        for (const { split, own } of this.#splitsOf(known.request.queue)) {
            if (own === null) continue
            const wrap = await giveShare(split, keyring.expert, own, keyring.kem, known.request, known.asker)
            shares.push({ epoch: split.epoch, wrap: b64encode(wrap) })
        }
        if (shares.length === 0) throw new DeskError('recovery-unknown')
        await this.#around.desk.giveShares(known.request.queue, { request: hash, shares })
        await this.read()
    }

    /** With enough shares: we join the queue with its seeds, everybody hears of it, and the shares are made anew. */
    async open(hash: string): Promise<void> {
        const keyring = this.#must()
        const known = this.#known.requests.find((one) => one.hash === hash && one.endedBy === null)
        if (known === undefined) throw new DeskError('recovery-unknown')
        const { request } = known
        const seeds = new Map<Epoch, Uint8Array>()
        let failure: unknown = new DeskError('recovery-unusable')
        for (const one of this.#splitsOf(request.queue)) {
            try {
                seeds.set(one.split.epoch, await this.#recovered(keyring, one, request))
            } catch (error) {
                if (!(error instanceof ProtocolError)) throw error
                failure = error
            }
        }
        if (seeds.size === 0) throw failure
        await this.#around.certify((mine) => reopening(mine, request.queue, seeds, this.#around.nowS()))
        for (const seed of seeds.values()) seed.fill(0)
        await this.stop(request.queue, hash)
        this.#around.opened()
    }

    /** Somebody has read that a request has ended. */
    seen(hash: string): void {
        const keyring = this.#around.keyring()
        if (keyring === null) return
        this.#remember(keyring, hash, READ)
        this.#show(keyring)
    }

    /** A share that is not what the split names counts as none. */
    async #recovered(keyring: Keyring, { split, own, given }: KnownSplit, request: RecoveryRequest): Promise<Uint8Array> {
        const shares = new Map<number, Uint8Array>()
        const take = async (holder: typeof keyring.expert, wrap: Uint8Array, bound: ReturnType<typeof splitHash>): Promise<void> => {
            try {
                shares.set(positionOf(split, holder), await openShare(split, holder, wrap, bound, keyring.kem))
            } catch (error) {
                if (!(error instanceof ProtocolError)) throw error
            }
        }
        if (own !== null) await take(keyring.expert, own, splitHash(split))
        for (const { holder, wrap } of given) await take(holder, wrap, requestHash(request))
        const expected = keyring.directory.queue(split.queue)?.epochs.find(({ epoch }) => epoch === split.epoch)
        if (expected === undefined) throw new DeskError('recovery-unknown')
        return recoverSeed(split, shares, expected.kem)
    }

    /** Whether anything was put: the seeds that we have and that the present coordinators do not hold yet. */
    async #cover(keyring: Keyring): Promise<boolean> {
        let isPut = false
        for (const queue of keyring.self.queues) {
            for (const epoch of uncovered(this.#known, keyring.directory, queue)) {
                const seed = keyring.queueSeed(queue, epoch)
                if (seed === null) continue
                isPut = (await this.#put(keyring, queue, epoch, seed)) || isPut
                seed.fill(0)
            }
        }
        return isPut
    }

    async #put(keyring: Keyring, queue: QueueId, epoch: Epoch, seed: Uint8Array): Promise<boolean> {
        const { split, shares } = await splitSeed(seed, queue, epoch, keyring.directory, keyring.sign, this.#around.nowS())
        try {
            await this.#around.desk.putSplit(queue, { split: b64encode(encodeSplit(split)), shares: shares.map((wrap) => b64encode(wrap)) })
            return true
        } catch (error) {
            if (error instanceof DeskError && LATER.has(error.code)) return false
            throw error
        }
    }

    #show(keyring: Keyring): void {
        if (this.#around.keyring() !== keyring) return
        const kept = this.#kept(keyring)
        const requests = this.#known.requests.filter(({ hash }) => kept[hash] !== READ)
        const hasSeed = (queue: QueueId, epoch: Epoch): boolean => keyring.queueSeed(queue, epoch) !== null
        const viewer = { self: keyring.self, hasSeed, firstSeenS: this.#firstSeen(keyring) }
        this.#around.tell({ type: 'recovery', recovery: viewOf({ ...this.#known, requests }, keyring.directory, viewer) })
    }

    /** Each request is dated by this device, and one that it has seen ended never opens again, whoever says so. */
    #remembered(keyring: Keyring, known: Known): Known {
        const kept = this.#kept(keyring)
        const isRevived = ({ hash, endedBy }: Known['requests'][number]): boolean => endedBy === null && (kept[hash] ?? 1) <= ENDED
        for (const { hash, endedBy } of known.requests) {
            if (endedBy !== null && (kept[hash] ?? 1) > ENDED) this.#remember(keyring, hash, ENDED)
            if (endedBy === null && kept[hash] === undefined) this.#remember(keyring, hash, this.#around.nowS())
        }
        const revived = known.requests.filter(isRevived).map(({ request: { queue } }) => ({ queue, code: 'recovery-unknown' as const }))
        return { ...known, requests: known.requests.filter((one) => !isRevived(one)), forged: [...known.forged, ...revived] }
    }

    /** Null where the device keeps nothing: then it never gives. */
    #firstSeen(keyring: Keyring): (hash: string) => number | null {
        const kept = this.#kept(keyring)
        return (hash) => ((kept[hash] ?? ENDED) > ENDED ? kept[hash] as number : null)
    }

    #kept(keyring: Keyring): Readonly<Record<string, number>> {
        const kept = this.#memory(keyring).read() ?? {}
        return Object.fromEntries(Object.entries(kept).filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
    }

    #remember(keyring: Keyring, hash: string, value: number): void {
        this.#memory(keyring).write({ ...this.#kept(keyring), [hash]: value })
    }

    #memory({ expert }: Keyring): DeviceMemory {
        return new DeviceMemory(this.#around.storage, 'asked', b64encode(expert))
    }

    #splitsOf(queue: QueueId): readonly KnownSplit[] {
        return this.#known.splits.filter(({ split }) => split.queue === queue)
    }

    #must(): Keyring {
        const keyring = this.#around.keyring()
        if (keyring === null) throw new DeskError('not-signed-in')
        return keyring
    }
}
