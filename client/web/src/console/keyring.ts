/**
 * What a signed-in expert can open and sign with: their own keys, the queues' keys, and the directory that vouches for
 * everybody. Lives in memory from sign-in to sign-out. SPEC 2, 3.1, 5
 */
import { equal } from '@lyhty/crypto/bytes'
import type { Directory, Expert } from '@lyhty/crypto/directories'
import { b64encode } from '@lyhty/crypto/encoding'
import { ForgedError, RefusedError, TamperedError } from '@lyhty/crypto/errors'
import type { ExpertSeeds } from '@lyhty/crypto/experts'
import type { Epoch, ExpertId, InstanceId, QueueId } from '@lyhty/crypto/ids'
import { KemKeyPair, SigningKey } from '@lyhty/crypto/keys'
import { unwrapKey } from '@lyhty/crypto/wrapping'
import { decodeWrap, DIRECTORY_SEED, QUEUE_SEED } from '@lyhty/crypto/wraps'

export class Keyring {
    readonly instance: InstanceId
    readonly sign: SigningKey
    readonly expert: ExpertId
    readonly #kem: KemKeyPair
    #seeds: Seeds
    #directory: Directory

    private constructor(directory: Directory, expert: ExpertId, sign: SigningKey, kem: KemKeyPair, seeds: Seeds) {
        this.instance = directory.instance
        this.expert = expert
        this.sign = sign
        this.#kem = kem
        this.#seeds = seeds
        this.#directory = directory
    }

    static async open(directory: Directory, expert: ExpertId, sign: SigningKey, kem: KemKeyPair, queueWraps: readonly Uint8Array[]): Promise<Keyring> {
        checkSelf(directory, expert, sign, kem)
        return new Keyring(directory, expert, sign, kem, await openSeeds(directory, sign, kem, queueWraps))
    }

    get directory(): Directory {
        return this.#directory
    }

    get self(): Expert {
        return selfIn(this.#directory, this.expert)
    }

    /** Names by expert id, as the directory has them. */
    get names(): ReadonlyMap<string, string> {
        const { experts, former } = this.#directory.claims
        return new Map([...former, ...experts].map(({ id, name }) => [b64encode(id), name]))
    }

    /** Coordinators have it. */
    get directoryKey(): SigningKey | null {
        return this.#seeds.directory?.key ?? null
    }

    /** For other coordinators, and for what all of them keep. */
    get directorySeed(): Uint8Array {
        if (this.#seeds.directory === null) throw new RefusedError('no directory key', 'not-coordinator')
        return this.#seeds.directory.seed
    }

    /** For the one module that opens shares. */
    get kem(): KemKeyPair {
        return this.#kem
    }

    /** For somebody who joins. Null: this epoch's seed was never sealed for us. */
    queueSeed(queue: QueueId, epoch: Epoch): Uint8Array | null {
        return this.#seeds.queues.get(slot(queue, epoch))?.seed() ?? null
    }

    /** Goes on with a newer directory and the seeds that came with it. `Directory` values exist only verified. */
    async renew(directory: Directory, queueWraps: readonly Uint8Array[]): Promise<void> {
        checkSelf(directory, this.expert, this.sign, this.#kem)
        const before = this.#seeds
        this.#seeds = await openSeeds(directory, this.sign, this.#kem, queueWraps)
        this.#directory = directory
        // What is being opened at this moment has taken its key already.
        for (const [name, key] of before.queues) if (!this.#seeds.queues.has(name)) key.wipe()
    }

    queueKey(queue: QueueId, epoch: Epoch): KemKeyPair {
        const key = this.#seeds.queues.get(slot(queue, epoch))
        if (key === undefined) throw new TamperedError('no key for this epoch', 'wrap-tampered')
        return key
    }

    /** For sealing them once more, for another way in. The caller wipes them. */
    seeds(): ExpertSeeds {
        return { signSeed: this.sign.seed(), kemSeed: this.#kem.seed() }
    }

    wipe(): void {
        this.sign.wipe()
        this.#kem.wipe()
        this.#seeds.directory?.key.wipe()
        this.#seeds.directory?.seed.fill(0)
        for (const key of this.#seeds.queues.values()) key.wipe()
    }
}

interface Seeds {
    readonly queues: ReadonlyMap<string, KemKeyPair>
    readonly directory: { readonly key: SigningKey; readonly seed: Uint8Array } | null
}

async function openSeeds(directory: Directory, sign: SigningKey, kem: KemKeyPair, wraps: readonly Uint8Array[]): Promise<Seeds> {
    const queues = new Map<string, KemKeyPair>()
    let directoryKey: Seeds['directory'] = null
    for (const bytes of wraps) {
        const wrap = decodeWrap(bytes)
        if (wrap.kind !== QUEUE_SEED && wrap.kind !== DIRECTORY_SEED) throw new TamperedError('not a seed', 'wrap-tampered')
        const seed = await unwrapKey(directory.instance, sign.publicKey, bytes, kem)
        if (wrap.kind === DIRECTORY_SEED) {
            const key = new SigningKey(seed)
            // What coordinators seal with it for one another, whoever made another one could open.
            if (!directory.signers.some((signer) => equal(signer, key.publicKey))) throw new ForgedError('the root names other directory keys', 'directory-forged')
            directoryKey = { key, seed }
            continue
        }
        const key = new KemKeyPair(seed)
        const epoch = directory.queue(wrap.queue)?.epochs.find((candidate) => candidate.epoch === wrap.epoch)
        // An epoch the directory does not list any more has no cases left.
        if (epoch === undefined) continue
        if (!equal(epoch.kem, key.publicKey)) throw new TamperedError('the seed of another key', 'wrap-tampered')
        queues.set(slot(wrap.queue, wrap.epoch), key)
    }
    return { queues, directory: directoryKey }
}

/** Whoever swapped our keys in the directory could read what others send us. */
function checkSelf(directory: Directory, expert: ExpertId, sign: SigningKey, kem: KemKeyPair): void {
    const listed = selfIn(directory, expert)
    if (!equal(listed.sign, sign.publicKey) || !equal(listed.kem, kem.publicKey)) throw new ForgedError('the directory lists other keys', 'directory-forged')
}

function slot(queue: QueueId, epoch: Epoch): string {
    return `${queue}/${epoch}`
}

function selfIn(directory: Directory, id: ExpertId): Expert {
    const self = directory.claims.experts.find((expert) => equal(expert.id, id))
    if (self === undefined) throw new ForgedError('the directory does not list us', 'directory-forged')
    return self
}
