/**
 * The one worker script. One instance owns the channel, so that a hidden page, whose timers run once a minute, still
 * answers every frame at once; another does what would freeze the page: Argon2id, and the search that opening a case
 * costs.
 */
import { MalformedError } from '@lyhty/crypto/errors'
import { draw } from '@lyhty/crypto/randomness'
import { stretch } from '@lyhty/crypto/stretching'
import { Search } from '@lyhty/crypto/work'
import { answerDelayMs, ChannelEnd, reconnectDelayMs, silentMs } from './channel.ts'
import type { ChannelNews, EffortNews, ToWorker } from './messages.ts'

interface WorkerScope {
    onmessage: ((event: { readonly data: ToWorker }) => void) | null
    postMessage(news: ChannelNews | EffortNews): void
}
const scope = self as unknown as WorkerScope

/** At least 0, below 1; nobody can work it out from what came before. */
const chance = (): number => (draw(1)[0] as number) / 256

class Channel {
    readonly #url: string
    #end = new ChannelEnd()
    #socket: WebSocket | null = null
    #failures = 0
    /** Ends a line that has died without a word. */
    #silence: ReturnType<typeof setTimeout> | undefined
    /** Sends the answer that rests now, if there is one. */
    #answer: (() => void) | null = null

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
        this.#watch(socket)
    }

    /** SPEC 6.2: frames come whatever anybody does. A close that nobody answers takes a browser long, so it is not
     * waited for. */
    #watch(socket: WebSocket): void {
        clearTimeout(this.#silence)
        if (this.#end.isGreeted && this.#end.slotMs === 0) return
        this.#silence = setTimeout(() => {
            socket.onmessage = socket.onclose = null
            socket.close(1000)
            this.#lose()
        }, silentMs(this.#end.slotMs))
    }

    #receive(socket: WebSocket, data: unknown): void {
        try {
            if (!(data instanceof ArrayBuffer)) throw new MalformedError('not a binary frame', 'frame-malformed')
            // A browser may hold timers back: an answer never waits for the frame after its own.
            this.#answer?.()
            const { frames, records, sending, receiving } = this.#end.receive(new Uint8Array(data))
            for (const frame of frames) this.#rest(socket, frame)
            // A server without room greets nobody: it is not asked every second.
            if (this.#end.isGreeted) this.#failures = 0
            this.#watch(socket)
            for (const moved of sending) scope.postMessage({ type: 'sending', ...moved })
            for (const moved of receiving) scope.postMessage({ type: 'receiving', ...moved })
            for (const record of records) scope.postMessage({ type: 'record', record })
        } catch (error) {
            socket.close(1000)
            if (!(error instanceof MalformedError)) throw error
        }
    }

    #rest(socket: WebSocket, frame: Uint8Array): void {
        const answer = (): void => {
            clearTimeout(timer)
            this.#answer = null
            socket.send(frame as Uint8Array<ArrayBuffer>)
        }
        const timer = setTimeout(answer, answerDelayMs(this.#end.slotMs, chance()))
        this.#answer = answer
    }

    send(ticket: number, record: Uint8Array): void {
        const frames = this.#end.send(ticket, record)
        for (const frame of frames) this.#socket?.send(frame as Uint8Array<ArrayBuffer>)
    }

    #lose(): void {
        clearTimeout(this.#silence)
        scope.postMessage({ type: 'lost' })
        this.#answer?.() // into a closed socket, which drops it
        // Records sent into the gap must not reach the next channel, whose nonce their proofs do not know.
        this.#end = new ChannelEnd()
        this.#socket = null
        setTimeout(() => this.#connect(), reconnectDelayMs(this.#failures++, Math.random()))
    }
}

let channel: Channel | null = null

/** Tries between two looks at what the page has said meanwhile: 3 ms on a computer, 20 ms on a slow phone. */
const TRIES = 2_500

let search: { readonly ticket: number; readonly search: Search } | null = null
// A timer would wait 4 ms each time.
const turn = new MessageChannel()
turn.port1.onmessage = () => {
    if (search === null) return
    const { ticket, search: running } = search
    const before = running.found
    const work = running.run(TRIES)
    if (work !== null) {
        search = null
        scope.postMessage({ type: 'searched', ticket, work, by: running.terms })
        return
    }
    if (running.found !== before) scope.postMessage({ type: 'searching', ticket, found: running.found })
    turn.port2.postMessage(0)
}

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
        case 'search':
            if (search === null) turn.port2.postMessage(0)
            search = { ticket: data.ticket, search: new Search(data.purpose, data.terms) }
            return
        case 'terms':
            search?.search.ask(data.terms)
            return
        case 'stop-search':
            search = null
            return
    }
}
