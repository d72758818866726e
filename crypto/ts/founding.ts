/** The founding packet: the first seeds of an instance, sealed under the founding link. SPEC 5.8 */
import { expertContext as context } from './expertContexts.ts'
import { isText } from './contents.ts'
import { parseCanonicalJson } from './encoding.ts'
import { readFields } from './fields.ts'
import type { Epoch, InstanceId, QueueId } from './ids.ts'
import { open } from './invitations.ts'
import { expand, SEED_BYTES } from './keys.ts'
import { MalformedError } from './errors.ts'

const CODE = 'operation-malformed'
const IDENTIFIER = /^[a-z0-9-]{1,32}$/
const MAX_LANGUAGES = 8

export interface QueueSeed {
    readonly queue: QueueId
    readonly epoch: Epoch
    readonly seed: Uint8Array
}

/** For the first coordinator, who certifies themselves with it. */
export interface FoundingPacket {
    readonly name: string
    readonly languages: readonly string[]
    readonly directorySeed: Uint8Array
    readonly queues: readonly QueueSeed[]
}

const asSeed = (bytes: Uint8Array): Uint8Array => {
    if (bytes.length !== SEED_BYTES) throw new MalformedError('a seed has 32 bytes', CODE)
    return bytes
}

export async function openFounding(sealed: Uint8Array, secret: Uint8Array, instance: InstanceId): Promise<FoundingPacket> {
    const body = await open(expand(secret, context('founding-seal')), sealed, context('founding-packet', instance))
    return readFields(parseCanonicalJson(body, CODE), CODE, (fields) => {
        const packet: FoundingPacket = {
            directorySeed: fields.bytes('directory', asSeed),
            languages: fields.list('languages', (language) => {
                if (typeof language !== 'string' || !IDENTIFIER.test(language)) throw fields.malformed('a language')
                return language
            }),
            name: fields.checked('name', isText),
            queues: fields.list('queues', (entry) =>
                readFields(entry, CODE, (own) => ({ epoch: own.u32('epoch'), queue: own.u32('queue'), seed: own.bytes('seed', asSeed) })),
            ),
        }
        const ascends = (values: readonly (string | number)[]): boolean =>
            values.every((value, at) => at === 0 || (values[at - 1] as typeof value) < value)
        if (packet.languages.length > MAX_LANGUAGES || !ascends(packet.languages) || !ascends(packet.queues.map(({ queue }) => queue)))
            throw fields.malformed('a list is not sorted')
        return packet
    })
}
