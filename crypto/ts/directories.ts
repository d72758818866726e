/** The directory of queues, epochs and experts: verified against a root, then looked things up in. SPEC 5.3, 4.3 */
import { compare, equal } from './bytes.ts'
import { DIRECTORY, UntrustedDocument } from './documents.ts'
import type { TrustBundle } from './documents.ts'
import { isText } from './texts.ts'
import type { Json } from './encoding.ts'
import { ForgedError, StaleError } from './errors.ts'
import { readFields } from './fields.ts'
import type { FieldReader } from './fields.ts'
import { asExpertId, asHash, asInstanceId, asKemKey, asSignKey } from './ids.ts'
import type { Epoch, ExpertId, InstanceId, KemKey, QueueId, SignKey } from './ids.ts'
import { verifyRoots } from './roots.ts'
import type { Root } from './roots.ts'

export type Profession = 'lawyer' | 'psychologist'
export interface QueueEpoch {
    readonly epoch: Epoch
    readonly kem: KemKey
}
export interface Queue {
    readonly id: QueueId
    readonly profession: Profession
    readonly epochs: readonly QueueEpoch[]
}
export interface Expert {
    readonly id: ExpertId
    readonly name: string
    readonly queues: readonly QueueId[]
    readonly sign: SignKey
    readonly kem: KemKey
    readonly coordinator: boolean
    /** Identifiers, sorted. */
    readonly languages: readonly string[]
}
export interface FormerExpert {
    readonly id: ExpertId
    readonly name: string
    readonly queues: readonly QueueId[]
    readonly sign: SignKey
    readonly left: number
    /** Of the first directory without them. */
    readonly version: number
}
export interface DirectoryClaims {
    readonly version: number
    readonly issued: number
    readonly expires: number
    readonly instance: InstanceId
    readonly root: Uint8Array
    readonly queues: readonly Queue[]
    readonly experts: readonly Expert[]
    readonly former: readonly FormerExpert[]
}

const CODE = 'directory-forged'
const MAX_LANGUAGES = 8
const IDENTIFIER = /^[a-z0-9-]{1,32}$/
const MAX_LIFETIME_S = 14 * 86_400
/** A device's clock may be hours off. SPEC 5.3 */
const EARLY_S = 24 * 3600

function sorted<T>(items: T[], key: (item: T) => Uint8Array | number | string, fields: FieldReader): T[] {
    items.forEach((item, at) => {
        if (at === 0) return
        const [a, b] = [key(items[at - 1] as T), key(item)]
        const isAfter = a instanceof Uint8Array ? compare(b as Uint8Array, a) > 0 : b > a
        if (!isAfter) throw fields.malformed('a list is not sorted')
    })
    return items
}

const isQueueId = (value: Json): value is QueueId => typeof value === 'number' && value >= 1 && value <= 0xffff

function readQueueIds(fields: FieldReader): QueueId[] {
    const ids = fields.list('queues', (item) => {
        if (!isQueueId(item)) throw fields.malformed('a queue id')
        return item
    })
    return sorted(ids, (id) => id, fields)
}

function readLanguages(fields: FieldReader): string[] {
    const languages = fields.list('languages', (item) => {
        if (typeof item !== 'string' || !IDENTIFIER.test(item)) throw fields.malformed('a language')
        return item
    })
    if (languages.length > MAX_LANGUAGES) throw fields.malformed('too many languages')
    return sorted(languages, (language) => language, fields)
}

const readQueue = (item: Json): Queue =>
    readFields(item, CODE, (fields) => {
        const epochs = fields.list('epochs', (epoch) =>
            readFields(epoch, CODE, (own) => ({ epoch: own.u32('epoch'), kem: own.bytes('kem', asKemKey) })),
        )
        if (epochs.length === 0) throw fields.malformed('a queue without epochs')
        return {
            id: fields.checked('id', isQueueId),
            profession: fields.oneOf('profession', ['lawyer', 'psychologist'] as const),
            epochs: sorted(epochs, ({ epoch }) => epoch, fields),
        }
    })

const readExpert = (item: Json): Expert =>
    readFields(item, CODE, (fields) => ({
        id: fields.bytes('id', asExpertId),
        name: fields.checked('name', isText),
        queues: readQueueIds(fields),
        sign: fields.bytes('sign', asSignKey),
        kem: fields.bytes('kem', asKemKey),
        coordinator: fields.flag('coordinator'),
        languages: readLanguages(fields),
    }))

const readFormer = (item: Json): FormerExpert =>
    readFields(item, CODE, (fields) => ({
        id: fields.bytes('id', asExpertId),
        name: fields.checked('name', isText),
        queues: readQueueIds(fields),
        sign: fields.bytes('sign', asSignKey),
        left: fields.count('left'),
        version: fields.u32('version'),
    }))

export const readDirectory = (body: Json): DirectoryClaims =>
    readFields(body, CODE, (fields) => {
        const claims: DirectoryClaims = {
            version: fields.u32('version'),
            issued: fields.count('issued'),
            expires: fields.count('expires'),
            instance: fields.bytes('instance', asInstanceId),
            root: fields.bytes('root', asHash),
            queues: sorted(fields.list('queues', readQueue), ({ id }) => id, fields),
            experts: sorted(fields.list('experts', readExpert), ({ id }) => id, fields),
            former: sorted(fields.list('former', readFormer), ({ id }) => id, fields),
        }
        if (claims.expires < claims.issued || claims.expires - claims.issued > MAX_LIFETIME_S)
            throw fields.malformed('lifetime of a directory')
        if (claims.former.some(({ version }) => version > claims.version))
            throw fields.malformed('somebody left with a directory that is still to come')
        return claims
    })

/** Who wrote an envelope, as far as the directory vouches for it. */
export interface KnownAuthor {
    readonly name: string
    readonly profession: Profession
    readonly id: ExpertId
}

/** A directory that a root's key has signed and whose time is now. */
export class Directory {
    readonly claims: DirectoryClaims
    /** Who may sign the next one. */
    readonly signers: readonly SignKey[]

    constructor(claims: DirectoryClaims, signers: readonly SignKey[]) {
        this.claims = claims
        this.signers = signers
    }

    get version(): number {
        return this.claims.version
    }

    get instance(): InstanceId {
        return this.claims.instance
    }

    queue(id: QueueId): Queue | undefined {
        return this.claims.queues.find((queue) => queue.id === id)
    }

    /** The epoch that new wraps go to. SPEC 5.3 */
    currentEpoch(id: QueueId): QueueEpoch | undefined {
        return this.queue(id)?.epochs.at(-1)
    }

    #author(expert: Expert | FormerExpert, queue: QueueId | undefined): KnownAuthor | undefined {
        const profession = queue === undefined ? undefined : this.queue(queue)?.profession
        return profession === undefined ? undefined : { name: expert.name, profession, id: expert.id }
    }

    /** The expert who may have written in a generation whose roster names `queues` and a directory version. SPEC 4.3 */
    author(key: SignKey, queues: readonly QueueId[], rosterVersion: number): KnownAuthor {
        const isOfCase = (queue: QueueId): boolean => queues.includes(queue)
        const isAuthor = (expert: Expert | FormerExpert): boolean => equal(expert.sign, key) && expert.queues.some(isOfCase)
        const current = this.claims.experts.find(isAuthor)
        // SPEC 4.3: in a generation that is older than their leaving.
        const left = this.claims.former.find((former) => isAuthor(former) && rosterVersion < former.version)
        const expert = current ?? left
        const author = expert && this.#author(expert, expert.queues.find(isOfCase))
        if (author === undefined) throw new ForgedError('the author is not in the directory', 'envelope-tampered')
        return author
    }

    /** Who may have signed the next roster of a case under the directory of this version. SPEC 3.3 */
    signersOf(queues: readonly QueueId[], version: number): SignKey[] {
        const left = this.claims.former.filter((former) => version < former.version)
        return [...this.claims.experts, ...left]
            .filter((person) => person.queues.some((id) => queues.includes(id)))
            .map(({ sign }) => sign)
    }
}

export class UntrustedDirectory {
    readonly #document: UntrustedDocument

    constructor(bytes: Uint8Array) {
        this.#document = new UntrustedDocument(bytes, DIRECTORY)
    }

    /** `now` in seconds; `atLeast` is the version that was trusted before. */
    verify(root: Root, now: number, atLeast = 0): Directory {
        const [signer, ...others] = this.#document.signers
        // SPEC 5.3: exactly one of the root's directory keys.
        if (signer === undefined || others.length > 0 || !root.directoryKeys.some((key) => equal(key, signer))) {
            throw new ForgedError('the directory was signed by somebody else', CODE)
        }
        this.#document.verifySignatures()
        const claims = readDirectory(this.#document.body())
        if (!equal(claims.instance, root.instance) || !equal(claims.root, root.hash))
            throw new ForgedError('a directory of another root', CODE)
        if (claims.version < atLeast) throw new StaleError('an older directory than before')
        if (now < claims.issued - EARLY_S)
            throw new StaleError('a directory of the future: this clock is wrong', 'clock-off')
        if (now > claims.expires || now > root.expires) throw new StaleError('the directory or its root has expired')
        return new Directory(claims, root.directoryKeys)
    }
}

/** What a client does with the answer of `GET /api/trust` and of TRUST. */
export function verifyTrust(
    { roots, directory }: TrustBundle,
    anchor: InstanceId,
    now: number,
    atLeast = 0,
    atLeastRoot = 0,
): { root: Root; directory: Directory } {
    const root = verifyRoots(roots, anchor)
    // SPEC 5.3: a key withdrawn since could sign again.
    if (root.version < atLeastRoot) throw new StaleError('an older root than before')
    return { root, directory: new UntrustedDirectory(directory).verify(root, now, atLeast) }
}
