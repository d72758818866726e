/** A small provider with real keys for the tests: a root, a directory with two queues and their experts. */
import { b64encode } from '../encoding.ts'
import type { Json } from '../encoding.ts'
import { DIRECTORY, ROOT } from '../documents.ts'
import type { TrustBundle } from '../documents.ts'
import { hash, instanceId } from '../ids.ts'
import { signDocument } from '../key-acts.ts'
import { KemKeyPair, SigningKey } from '../keys.ts'

export const NOW = 1_800_000_000

/** Seeds that differ and repeat from run to run. */
export const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)

export const rootKey = new SigningKey(seed(1))
export const directoryKey = new SigningKey(seed(2))
export const queueKeys = { 1: new KemKeyPair(seed(11)), 2: new KemKeyPair(seed(12)) } as const
export const newerQueueKeys = { 1: new KemKeyPair(seed(21)), 2: new KemKeyPair(seed(22)) } as const
export const lawyer = {
    id: new Uint8Array(16).fill(1),
    sign: new SigningKey(seed(31)),
    kem: new KemKeyPair(seed(32)),
    name: 'the lawyer',
    queue: 1,
}
export const psychologist = {
    id: new Uint8Array(16).fill(2),
    sign: new SigningKey(seed(33)),
    kem: new KemKeyPair(seed(34)),
    name: 'the psychologist',
    queue: 2,
}

/** A lawyer who is not in the first directory. */
export const newcomer = {
    id: new Uint8Array(16).fill(3),
    sign: new SigningKey(seed(35)),
    kem: new KemKeyPair(seed(36)),
    name: 'the new lawyer',
    queue: 1,
}

const root = signDocument(
    ROOT,
    {
        directory_keys: [b64encode(directoryKey.publicKey)],
        expires: NOW + 10_000_000,
        issued: NOW - 1000,
        keys: [b64encode(rootKey.publicKey)],
        previous: null,
        threshold: 1,
        version: 1,
    },
    [rootKey],
)
export const instance = instanceId(root)

/** The next root withdraws the directory key. */
export const nextDirectoryKey = new SigningKey(seed(3))
const nextRoot = signDocument(
    ROOT,
    {
        directory_keys: [b64encode(nextDirectoryKey.publicKey)],
        expires: NOW + 10_000_000,
        issued: NOW - 500,
        keys: [b64encode(rootKey.publicKey)],
        previous: b64encode(hash(root)),
        threshold: 1,
        version: 2,
    },
    [rootKey],
)

const person = ({ id, sign, kem, name, queue }: typeof lawyer): Json => ({
    coordinator: false,
    id: b64encode(id),
    kem: b64encode(kem.publicKey),
    languages: ['fi'],
    name,
    queues: [queue],
    sign: b64encode(sign.publicKey),
})

/** A trust bundle; `epochs: 2` adds a newer epoch to both queues, as after somebody has left. */
export function bundle({
    version = 1,
    epochs = 1,
    now = NOW,
    signer = directoryKey,
    experts = [lawyer, psychologist],
    roots = 1,
}: {
    version?: number
    epochs?: 1 | 2
    now?: number
    signer?: SigningKey
    experts?: readonly (typeof lawyer)[]
    roots?: 1 | 2
} = {}): TrustBundle {
    const epochsOf = (queue: 1 | 2): Json =>
        [queueKeys[queue], newerQueueKeys[queue]]
            .slice(0, epochs)
            .map((pair, at) => ({ epoch: at + 1, kem: b64encode(pair.publicKey) }))
    const directory = signDocument(
        DIRECTORY,
        {
            experts: experts.map(person),
            expires: now + 86_400,
            former: [],
            instance: b64encode(instance),
            issued: now - 3600,
            queues: [
                { epochs: epochsOf(1), id: 1, profession: 'lawyer' },
                { epochs: epochsOf(2), id: 2, profession: 'psychologist' },
            ],
            root: b64encode(hash(roots === 1 ? root : nextRoot)),
            version,
        },
        [signer],
    )
    return { roots: [root, nextRoot].slice(0, roots), directory }
}
