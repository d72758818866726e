/**
 * Joining by a link: the offer inside it, the application that answers it, and the pictures both people compare.
 * The link's secret never reaches the server. SPEC 5.7
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytes16, concat, Reader, u8 } from './bytes.ts'
import { expertContext as context } from './expertContexts.ts'
import { isText } from './contents.ts'
import { b64decode, b64encode, canonicalJson, parseCanonicalJson } from './encoding.ts'
import { ForgedError, MalformedError, TamperedError } from './errors.ts'
import { accountName } from './experts.ts'
import { readFields } from './fields.ts'
import type { FieldReader } from './fields.ts'
import { asKemKey, asSignKey, hash, KEM_KEY_BYTES, SIGNATURE_BYTES } from './ids.ts'
import type { InstanceId, KemKey, QueueId, SignKey } from './ids.ts'
import { expand } from './keys.ts'
import type { SigningKey } from './keys.ts'
import { aesGcmOpen, aesGcmSeal, fromUtf8, utf8 } from './platform.ts'
import { verify } from './proofs.ts'
import { draw } from './randomness.ts'
import type { Randomness } from './randomness.ts'
import { encodeUnlock, readUnlock } from './unlocks.ts'
import type { Unlock } from './unlocks.ts'

export const SECRET_BYTES = 32
const ID_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEPT_BYTES = 61
const MAC_BYTES = 32
const PICTURES = 6
export const MAX_NAME_CODE_POINTS = 200
const MAX_LANGUAGES = 8
const IDENTIFIER = /^[a-z0-9-]{1,32}$/
const CODE = 'operation-malformed'

/** Who is invited, as the directory will name them. */
export interface Offer {
    readonly name: string
    readonly queues: readonly QueueId[]
    readonly languages: readonly string[]
    readonly coordinator: boolean
}

/** What the server keeps of an expert (SPEC 2.3), with the keys that the directory will name. */
export interface Account extends Unlock {
    readonly name: string
    readonly sign: SignKey
    readonly kem: KemKey
}

/** An account, signed by its own key. Only who knows the invitation's secret can tell whether `mac` holds. */
export interface Application {
    readonly account: Account
    readonly signature: Uint8Array
    readonly mac: Uint8Array
}

const codePoints = (text: string): number => [...text].length
const ascends = <T>(items: readonly T[]): boolean => items.every((item, at) => at === 0 || (items[at - 1] as T) < item)

export const encodeOffer = ({ coordinator, languages, name, queues }: Offer): Uint8Array =>
    canonicalJson({ coordinator, languages: [...languages], name, queues: [...queues] })

export function decodeOffer(body: Uint8Array): Offer {
    const offer = readFields(parseCanonicalJson(body, CODE), CODE, (fields): Offer => ({
        coordinator: fields.flag('coordinator'),
        languages: identifiers(fields),
        name: fields.checked('name', isText),
        queues: fields.list('queues', (queue) => {
            if (typeof queue !== 'number' || queue < 1 || queue > 0xffff) throw fields.malformed('a queue id')
            return queue
        }),
    }))
    if (!ascends(offer.queues) || offer.queues.length === 0 || codePoints(offer.name) > MAX_NAME_CODE_POINTS)
        throw new MalformedError('a name that is too long, or nothing to do', CODE)
    return offer
}

function identifiers(fields: FieldReader): string[] {
    const languages = fields.list('languages', (language) => {
        if (typeof language !== 'string' || !IDENTIFIER.test(language)) throw fields.malformed('a language')
        return language
    })
    if (languages.length > MAX_LANGUAGES || !ascends(languages)) throw fields.malformed('languages')
    return languages
}

export function encodeAccount(account: Account): Uint8Array {
    checkName(account.name)
    return concat(encodeUnlock(account), account.sign, account.kem, bytes16(utf8(account.name)))
}

function checkName(name: string): void {
    const length = codePoints(name)
    if (length < 1 || length > MAX_NAME_CODE_POINTS || accountName(name) !== name)
        throw new MalformedError('not an account name', CODE)
}

export const encodeApplication = ({ account, signature, mac }: Application): Uint8Array =>
    concat(encodeAccount(account), signature, mac)

export function decodeApplication(bytes: Uint8Array): Application {
    const reader = new Reader(bytes, CODE)
    const account: Account = {
        ...readUnlock(reader),
        sign: asSignKey(reader.take(32)),
        kem: asKemKey(reader.take(KEM_KEY_BYTES)),
        name: fromUtf8(reader.bytes16(), CODE),
    }
    checkName(account.name)
    const application = { account, signature: reader.take(SIGNATURE_BYTES), mac: reader.take(MAC_BYTES) }
    reader.end()
    return application
}

const toSign = (instance: InstanceId, account: Account): Uint8Array =>
    concat(context('application', instance), encodeAccount(account))

/** The pictures that both people must see: who swapped a key on the way cannot make them the same. */
export const introduction = (instance: InstanceId, invitation: Uint8Array, sign: SignKey, kem: KemKey): Uint8Array =>
    hash(context('introduction', instance, invitation, sign, kem)).slice(0, PICTURES)

/** One link, and what can be done with it. */
export class Invitation {
    readonly instance: InstanceId
    readonly id: Uint8Array
    readonly #secret: Uint8Array

    constructor(instance: InstanceId, secret: Uint8Array) {
        if (secret.length !== SECRET_BYTES)
            throw new MalformedError("an invitation's secret has 32 bytes", 'invitation-unknown')
        this.instance = instance
        this.#secret = secret.slice()
        this.id = hash(context('invitation', instance, secret)).slice(0, ID_BYTES)
    }

    static drawn(instance: InstanceId, randomness: Randomness = draw): Invitation {
        return new Invitation(instance, randomness(SECRET_BYTES))
    }

    /** The 43 characters of the link. */
    static typed(instance: InstanceId, text: string): Invitation {
        return new Invitation(instance, b64decode(text.trim(), 'invitation-unknown'))
    }

    /** What `keep` sealed under this id. */
    static async kept(instance: InstanceId, id: Uint8Array, kept: Uint8Array, directorySeed: Uint8Array): Promise<Invitation> {
        if (kept.length !== KEPT_BYTES) throw new MalformedError('length of a kept invitation', CODE)
        const key = expand(directorySeed, context('invitation-keep'))
        const opened = new Invitation(instance, await open(key, kept, context('invitation-kept', instance, id)))
        if (opened.id.some((byte, at) => byte !== id[at]))
            throw new TamperedError('the secret of another invitation', 'wrap-tampered')
        return opened
    }

    get text(): string {
        return b64encode(this.#secret)
    }

    sealOffer(offer: Offer, randomness: Randomness = draw): Promise<Uint8Array> {
        const key = expand(this.#secret, context('invitation-seal'))
        return seal(key, encodeOffer(offer), context('invitation-offer', this.instance, this.id), randomness)
    }

    async openOffer(sealed: Uint8Array): Promise<Offer> {
        const key = expand(this.#secret, context('invitation-seal'))
        return decodeOffer(await open(key, sealed, context('invitation-offer', this.instance, this.id)))
    }

    /** The secret for the other coordinators: all of them have the directory key. */
    keep(directorySeed: Uint8Array, randomness: Randomness = draw): Promise<Uint8Array> {
        const key = expand(directorySeed, context('invitation-keep'))
        return seal(key, this.#secret, context('invitation-kept', this.instance, this.id), randomness)
    }

    apply(account: Account, sign: SigningKey): Application {
        const signature = sign.sign(toSign(this.instance, account))
        return { account, signature, mac: this.#mac(account, signature) }
    }

    /** Whoever applied had the link, and every byte is theirs. */
    check({ account, signature, mac }: Application): void {
        verify(account.sign, signature, toSign(this.instance, account))
        const expected = this.#mac(account, signature)
        const differing = expected.reduce((bits, byte, at) => bits | (byte ^ (mac[at] as number)), 0)
        if (differing !== 0)
            throw new ForgedError('made by somebody who does not know the invitation', 'signature-invalid')
    }

    #mac(account: Account, signature: Uint8Array): Uint8Array {
        const key = expand(this.#secret, context('invitation-mac'))
        return hmac(sha256, key, concat(encodeAccount(account), signature))
    }
}

export async function seal(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array, randomness: Randomness): Promise<Uint8Array> {
    const nonce = randomness(NONCE_BYTES)
    return concat(u8(1), nonce, await aesGcmSeal(key, nonce, plaintext, aad))
}

export async function open(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    if (sealed.length < 1 + NONCE_BYTES + TAG_BYTES || sealed[0] !== 1)
        throw new MalformedError('length or version of something sealed', CODE)
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
    return aesGcmOpen(key, nonce, sealed.subarray(1 + NONCE_BYTES), aad, 'wrap-tampered')
}
