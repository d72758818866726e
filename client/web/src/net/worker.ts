/**
 * The one worker script. One instance owns the channel, so that a hidden page, whose timers run once a minute, still
 * answers every frame at once; another runs Argon2id, which would freeze the page.
 */
import { MalformedError } from '@lyhty/crypto/errors'
import { stretch } from '@lyhty/crypto/stretching'
import { ChannelEnd, reconnectDelayMs } from './channel.ts'
import type { ChannelNews, DeriveNews, ToWorker } from './messages.ts'

interface WorkerScope {
    onmessage: ((event: { readonly data: ToWorker }) => void) | null
    postMessage(news: ChannelNews | DeriveNews): void
}
const scope = self as unknown as WorkerScope

class Channel {
    readonly #url: string
    #end = new ChannelEnd()
    #socket: WebSocket | null = null
    #failures = 0

    constructor(url: string) {
        this.#url = url
        this.#connect()
    }

    #connect(): void {
        const socket = new WebSocket(this.#url)
        socket.binaryType = 'arraybuffer'
        socket.onmessage = ({ data }) => this.#receive(socket, data as unknown)
        // An error is always followed by a close, which is the one place that opens the next channel.
        socket.onclose = () => this.#lose()
        this.#end = new ChannelEnd()
        this.#socket = socket
    }

    #receive(socket: WebSocket, data: unknown): void {
        try {
            if (!(data instanceof ArrayBuffer)) throw new MalformedError('not a binary frame', 'frame-malformed')
            const { frames, records, sending, receiving } = this.#end.receive(new Uint8Array(data))
            for (const frame of frames) socket.send(frame as Uint8Array<ArrayBuffer>)
            this.#failures = 0
            for (const moved of sending) scope.postMessage({ type: 'sending', ...moved })
            for (const moved of receiving) scope.postMessage({ type: 'receiving', ...moved })
            for (const record of records) scope.postMessage({ type: 'record', record })
        } catch (error) {
            socket.close(1000)
            if (!(error instanceof MalformedError)) throw error
        }
    }

    send(ticket: number, record: Uint8Array): void {
        const frames = this.#end.send(ticket, record)
        for (const frame of frames) this.#socket?.send(frame as Uint8Array<ArrayBuffer>)
    }

    #lose(): void {
        scope.postMessage({ type: 'lost' })
        // Records sent into the gap must not reach the next channel, whose nonce their proofs do not know.
        this.#end = new ChannelEnd()
        this.#socket = null
        setTimeout(() => this.#connect(), reconnectDelayMs(this.#failures++, Math.random()))
    }
}

let channel: Channel | null = null

scope.onmessage = ({ data }) => {
    switch (data.type) {
        case 'open-channel':
            channel ??= new Channel(data.url)
            return
        case 'send':
            channel?.send(data.ticket, data.record)
            return
        case 'derive': {
            const { ticket, input } = data
            stretch(input).then(
                (key) => scope.postMessage({ type: 'derived', ticket, key }),
                () => scope.postMessage({ type: 'derive-failed', ticket }),
            )
            return
        }
    }
}
