/** The client's end of a channel: one frame out for one frame in, and when it comes back after a loss. */
import { describe, expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from '@lyhty/crypto/frames'
import { Incoming, Outgoing } from '@lyhty/crypto/multiplex'
import { encodeDown } from '@lyhty/crypto/records'
import { answerDelayMs, ChannelEnd, reconnectDelayMs, silentMs } from '../../src/net/channel.ts'

const hello = (slotMs: number): Uint8Array =>
    encodeDown({
        kind: 'event',
        event: { event: 'hello', nonce: new Uint8Array(32), serverTime: 1, slotMs, directoryVersion: 1, terms: { challenge: new Uint8Array(16), effort: 1 } },
    })

/** A server that has said hello and can send frames. */
class ServerEnd {
    readonly #outgoing = new Outgoing('down')
    readonly incoming = new Incoming()
    #slot = 0

    constructor(slotMs = 1000) {
        this.#outgoing.add(0x8000_0001, hello(slotMs))
    }

    add(stream: number, record: Uint8Array): void {
        this.#outgoing.add(stream, record)
    }

    frame(): Uint8Array {
        return encodeFrame('down', { slot: this.#slot++, pieces: this.#outgoing.nextPieces() })
    }
}

describe('a channel with slots', () => {
    test('answers every frame with exactly one of the same slot, with or without anything to say', () => {
        const [server, end] = [new ServerEnd(), new ChannelEnd()]
        const answers = [0, 1, 2, 3].map((slot) => {
            if (slot === 2) end.send(1, new Uint8Array(100))
            return end.receive(server.frame()).frames.map((frame) => decodeFrame('up', frame))
        })
        expect(answers.map((frames) => frames.map(({ slot, pieces }) => [slot, pieces.length]))).toEqual([
            [[0, 0]],
            [[1, 0]],
            [[2, 1]],
            [[3, 0]],
        ])
    })

    test('rests each answer somewhere in the first quarter of the slot that the server keeps', () => {
        const end = new ChannelEnd()
        end.receive(new ServerEnd(800).frame())
        expect([0, 0.5, 255 / 256].map((chance) => answerDelayMs(end.slotMs, chance))).toEqual([0, 100, 199.21875])
    })

    test('sends nothing by itself', () => expect(new ChannelEnd().send(1, new Uint8Array(100))).toEqual([]))

    test('hands up records and counts slots both ways', () => {
        const [server, end] = [new ServerEnd(), new ChannelEnd()]
        expect(end.receive(server.frame()).records).toEqual([hello(1000)])
        end.send(7, new Uint8Array(4000).fill(1))
        const sent = [1, 2, 3].map(() => end.receive(server.frame()))
        expect(sent.flatMap(({ sending }) => sending)).toEqual([1, 2, 3].map((done) => ({ ticket: 7, done, total: 3 })))
        const whole = sent.flatMap(({ frames }) =>
            server.incoming.accept(decodeFrame('up', frames[0] as Uint8Array).pieces),
        )
        expect(whole).toEqual([{ stream: 1, record: new Uint8Array(4000).fill(1) }])
        server.add(1, new Uint8Array(5000))
        const back = [1, 2].map(() => end.receive(server.frame()))
        expect(back.flatMap(({ receiving }) => receiving)).toEqual([
            { ticket: 7, done: 1, total: 2 },
            { ticket: 7, done: 2, total: 2 },
        ])
        expect(back[1]?.records).toEqual([new Uint8Array(5000)])
    })

    test('a damaged frame is refused', () => {
        const frame = new ServerEnd().frame()
        frame[7] = (frame[7] as number) ^ 1
        expect(() => new ChannelEnd().receive(frame)).toThrow('frame-malformed')
    })
})

describe('a channel without slots', () => {
    test('sends at once, in slot 0, and answers nothing', () => {
        const [server, end] = [new ServerEnd(0), new ChannelEnd()]
        expect(end.receive(server.frame()).frames).toEqual([])
        expect(end.send(1, new Uint8Array(4000)).map((frame) => decodeFrame('up', frame).slot)).toEqual([0, 0, 0])
    })
})

describe('coming back', () => {
    test('waits longer after each failure, up to 15 seconds', () => {
        expect([0, 1, 2, 3, 4, 5, 50].map((failures) => reconnectDelayMs(failures, 0))).toEqual([
            1000, 2000, 4000, 8000, 15_000, 15_000, 15_000,
        ])
    })

    test('comes when nothing was heard for ten slots, and for ten seconds at least', () =>
        expect([0, 20, 1000, 3000].map(silentMs)).toEqual([10_000, 10_000, 10_000, 30_000]))

    test('is spread by at most a half', () => expect(reconnectDelayMs(0, 1)).toBe(1500))
})
