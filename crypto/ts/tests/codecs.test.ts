/** Properties of the codecs and the multiplexer that must hold for every input, not only for the vectors'. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { equal } from '../bytes.ts'
import { Chains } from '../chains.ts'
import { b64decode, b64encode, canonicalJson, parseCanonicalJson } from '../encoding.ts'
import type { Json } from '../encoding.ts'
import { encodeBody, NO_HEAD, pad, unpad } from '../envelopes.ts'
import type { EnvelopeHeader } from '../envelopes.ts'
import { ProtocolError } from '../errors.ts'
import { decodeFrame, encodeFrame, WAYS } from '../frames.ts'
import type { Direction } from '../frames.ts'
import { asHead, asObjectId, asSignKey } from '../ids.ts'
import { Incoming, Outgoing } from '../multiplex.ts'
import type { CompleteRecord } from '../multiplex.ts'
import { decodeDown, decodeUp } from '../records.ts'
import { UntrustedRoster } from '../rosters.ts'
import { decodeWrap } from '../wraps.ts'

const wholeText = fc.string({ unit: 'grapheme' })
const { json } = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        fc.maxSafeInteger(),
        wholeText,
        fc.array(tie('json'), { maxLength: 4 }),
        fc.dictionary(wholeText, tie('json'), { maxKeys: 4, noNullPrototype: true }),
    ),
}))

describe('encodings', () => {
    test.prop([fc.uint8Array()])('base64url gives back what was written', (bytes) => {
        expect(equal(b64decode(b64encode(bytes)), bytes)).toBe(true)
    })

    test.prop([json])('canonical JSON gives back what was written', (value) => {
        expect(parseCanonicalJson(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    })

    test.prop([json, fc.nat(), fc.integer({ min: 1, max: 255 })])(
        'a changed byte never reads as the same value',
        (value, place, change) => {
            const bytes = canonicalJson(value)
            const changed = bytes.slice()
            const at = place % bytes.length
            changed[at] = (changed[at] as number) ^ change
            let again: Json
            try {
                again = parseCanonicalJson(changed)
            } catch (error) {
                if (error instanceof ProtocolError) return
                throw error
            }
            expect(equal(canonicalJson(again), bytes)).toBe(false)
        },
    )
})

describe('padding', () => {
    const header: EnvelopeHeader = {
        kind: 2,
        urgent: false,
        generation: 1,
        counter: 1,
        objectId: asObjectId(new Uint8Array(32)),
        author: asSignKey(new Uint8Array(32)),
    }
    test.prop([fc.uint8Array({ maxLength: 20_000 })])('gives back the body, whatever its length', (content) => {
        const body = encodeBody(header, { previousHead: NO_HEAD, directoryVersion: 1, seen: [], content })
        expect(equal(unpad(header, pad(2, new Uint8Array(64), body)).body.content, content)).toBe(true)
    })
})

describe('decoders of untrusted bytes', () => {
    const decoders = {
        'a record up': decodeUp,
        'a record down': decodeDown,
        'a wrap': decodeWrap,
        'a roster': (bytes: Uint8Array) => new UntrustedRoster(bytes),
        'a frame': (bytes: Uint8Array) => decodeFrame('up', bytes),
    }
    for (const [what, decode] of Object.entries(decoders)) {
        test.prop([fc.uint8Array({ maxLength: 2100, size: 'max' })])(
            `${what}: fails by name or not at all`,
            (bytes) => {
                try {
                    decode(bytes)
                } catch (error) {
                    expect(error).toBeInstanceOf(ProtocolError)
                }
            },
        )
    }
})

const direction = fc.constantFrom<Direction>('up', 'down')
const lengths = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 40 })

/** Sends everything through real frames. */
function carry(
    way: Direction,
    records: readonly Uint8Array[],
): { readonly arrived: CompleteRecord[]; readonly frames: number } {
    const [outgoing, incoming] = [new Outgoing(way), new Incoming()]
    records.forEach((record, at) => outgoing.add(at + 1, record))
    const arrived: CompleteRecord[] = []
    let frames = 0
    for (; !outgoing.isEmpty; frames++) {
        const bytes = encodeFrame(way, { slot: frames, pieces: outgoing.nextPieces() })
        expect(bytes.length).toBe(WAYS[way].frameBytes)
        arrived.push(...incoming.accept(decodeFrame(way, bytes).pieces))
    }
    return { arrived, frames }
}

describe('the multiplexer', () => {
    test.prop([direction, lengths])('delivers every record once and whole', (way, sizes) => {
        const records = sizes.map((size, at) => new Uint8Array(size).fill(at + 1))
        const { arrived } = carry(way, records)
        expect(arrived.map(({ stream }) => stream).toSorted((a, b) => a - b)).toEqual(records.map((_, at) => at + 1))
        for (const { stream, record } of arrived) expect(equal(record, records[stream - 1] as Uint8Array)).toBe(true)
    })

    test.prop([fc.integer({ min: 1, max: 98_304 })])('one record leaves in as few frames as its bytes need', (size) => {
        expect(carry('up', [new Uint8Array(size)]).frames).toBe(Math.ceil(size / 1980))
    })

    test('a short record overtakes a long one, which still moves in every frame', () => {
        const outgoing = new Outgoing('up')
        outgoing.add(1, new Uint8Array(50_000))
        outgoing.nextPieces()
        outgoing.add(2, new Uint8Array(900))
        expect(outgoing.nextPieces().map(({ stream, data }) => [stream, data.length])).toEqual([
            [2, 900],
            [1, 1080],
        ])
    })

    test('short ones that never stop cannot starve the oldest', () => {
        const outgoing = new Outgoing('up')
        outgoing.add(1, new Uint8Array(5000))
        for (let stream = 2; outgoing.remaining(1) > 0; stream += 8) {
            expect(stream).toBeLessThan(200)
            for (let more = 0; more < 8; more++) outgoing.add(stream + more, new Uint8Array(600))
            outgoing.nextPieces()
        }
    })

    test('nothing to say is a frame without pieces', () => {
        expect(new Outgoing('down').nextPieces()).toEqual([])
    })
})

describe('a reader who begins in the middle', () => {
    const [ann, bob] = [asSignKey(new Uint8Array(32).fill(1)), asSignKey(new Uint8Array(32).fill(2))]
    const head = (byte: number): ReturnType<typeof asHead> => asHead(new Uint8Array(32).fill(byte))
    const link = (
        author: typeof ann,
        counter: number,
        own: number,
        previous: number,
        seen: [typeof ann, number, number][] = [],
    ): Parameters<Chains['accept']>[0] => ({
        header: { kind: 2, urgent: false, generation: 1, counter, objectId: asObjectId(new Uint8Array(32)), author },
        previousHead: previous === 0 ? NO_HEAD : head(previous),
        head: head(own),
        seen: seen.map(([key, count, byte]) => ({ author: key, counter: count, head: head(byte) })),
    })
    const partial = (): Chains => new Chains({ complete: false })

    test('takes an author’s first message as it stands', () => {
        expect(() => partial().accept(link(ann, 5, 50, 40))).not.toThrow()
    })

    test('a complete history begins at the beginning', () => {
        expect(() => new Chains().accept(link(ann, 5, 50, 40))).toThrow('history-gap')
    })

    test('goes on from there without gaps', () => {
        const chains = partial()
        chains.accept(link(ann, 5, 50, 40))
        expect(() => chains.accept(link(ann, 7, 70, 60))).toThrow('history-gap')
        expect(() => chains.accept(link(ann, 6, 60, 50))).not.toThrow()
    })

    test('believes what others saw before it began', () => {
        const chains = partial()
        chains.accept(link(bob, 3, 130, 120, [[ann, 4, 40]]))
        expect(() => chains.accept(link(ann, 5, 50, 41))).toThrow('history-gap')
        expect(() => chains.accept(link(ann, 4, 40, 30))).toThrow('history-gap')
        expect(() => chains.accept(link(ann, 5, 50, 40))).not.toThrow()
    })

    test('notices that somebody saw another history of what it has', () => {
        const chains = partial()
        chains.accept(link(ann, 5, 50, 40))
        expect(() => chains.accept(link(bob, 3, 130, 120, [[ann, 6, 60]]))).toThrow('history-gap')
        expect(() => chains.accept(link(bob, 3, 130, 120, [[ann, 5, 51]]))).toThrow('history-gap')
        expect(() => chains.accept(link(bob, 3, 130, 120, [[ann, 3, 30]]))).not.toThrow()
    })
})
