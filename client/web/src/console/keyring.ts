/**
 * What a signed-in expert can open and sign with: their own keys, the queues' keys, and the directory that vouches for
 * everybody. Lives in memory from sign-in to sign-out. SPEC 2, 3.1, 5
 */
import { equal } from '@lyhty/crypto/bytes'
import type { Directory, Expert } from '@lyhty/crypto/directories'
import { b64encode } from '@lyhty/crypto/encoding'
import { ForgedError, TamperedError } from '@lyhty/crypto/errors'
import type { Epoch, ExpertId, InstanceId, QueueId } from '@lyhty/crypto/ids'
import { KemKeyPair, type SigningKey } from '@lyhty/crypto/keys'
import { unwrapKey } from '@lyhty/crypto/wrapping'
import { decodeWrap, QUEUE_SEED } from '@lyhty/crypto/wraps'

export class Keyring {
    readonly instance: InstanceId
    readonly sign: SigningKey
    readonly expert: ExpertId
    readonly #kem: KemKeyPair
    readonly #queueKeys: ReadonlyMap<string, KemKeyPair>
    #directory: Directory

    private constructor(directory: Directory, expert: ExpertId, sign: SigningKey, kem: KemKeyPair, queueKeys: ReadonlyMap<string, KemKeyPair>) {
        this.instance = directory.instance
        this.expert = expert
        this.sign = sign
        this.#kem = kem
        this.#queueKeys = queueKeys
        this.#directory = directory
    }

    static async open(directory: Directory, expert: ExpertId, sign: SigningKey, kem: KemKeyPair, queueWraps: readonly Uint8Array[]): Promise<Keyring> {
        const listed = selfIn(directory, expert)
        // Whoever swapped our keys in the directory could read what others send us.
        if (!equal(listed.sign, sign.publicKey) || !equal(listed.kem, kem.publicKey)) throw new ForgedError('the directory lists other keys', 'directory-forged')
        const queueKeys = new Map<string, KemKeyPair>()
        for (const bytes of queueWraps) {
            const wrap = decodeWrap(bytes)
            if (wrap.kind !== QUEUE_SEED) throw new TamperedError('not a queue seed', 'wrap-tampered')
            const key = new KemKeyPair(await unwrapKey(directory.instance, sign.publicKey, bytes, kem))
            const epoch = directory.queue(wrap.queue)?.epochs.find((candidate) => candidate.epoch === wrap.epoch)
            // An epoch the directory does not list any more has no cases left.
            if (epoch === undefined) continue
            if (!equal(epoch.kem, key.publicKey)) throw new TamperedError('the seed of another key', 'wrap-tampered')
            queueKeys.set(slot(wrap.queue, wrap.epoch), key)
        }
        return new Keyring(directory, expert, sign, kem, queueKeys)
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

    /** Goes on with a newer directory. `Directory` values exist only verified. */
    renew(directory: Directory): void {
        selfIn(directory, this.expert)
        this.#directory = directory
    }

    queueKey(queue: QueueId, epoch: Epoch): KemKeyPair {
        const key = this.#queueKeys.get(slot(queue, epoch))
        if (key === undefined) throw new TamperedError('no key for this epoch', 'wrap-tampered')
        return key
    }

    wipe(): void {
        this.sign.wipe()
        this.#kem.wipe()
        for (const key of this.#queueKeys.values()) key.wipe()
    }
}

function slot(queue: QueueId, epoch: Epoch): string {
    return `${queue}/${epoch}`
}

function selfIn(directory: Directory, id: ExpertId): Expert {
    const self = directory.claims.experts.find((expert) => equal(expert.id, id))
    if (self === undefined) throw new ForgedError('the directory does not list us', 'directory-forged')
    return self
}
