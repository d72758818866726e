/**
 * The rim of the console: the desk's HTTP calls and its feed (SPEC 9). No keys, no rules.
 *
 * The token lives in this object and nowhere else; forgetting it is signing out.
 */
import { isServerCode, type ErrorCode } from '@lyhty/crypto/codes'
import {
    readChallenge, readEnvelopePage, readFeedEvent, readOpened, readPlace, readQueuePage, readSeq, readSignedIn, UnreadableAnswerError,
    type Challenge, type EnvelopePage, type FeedEvent, type Opened, type Place, type QueuePage, type SignedIn,
} from './places'

const ANSWER_WITHIN_MS = 20_000
/** The feed comes back after 1, 2, 4 ... 30 seconds, each shortened by up to half so that desks do not return in step. */
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 30_000
const PAGE_LIMIT = 100

/** A call failed; `code` has three sentences in every language. `connection-lost` means nobody knows whether it arrived. */
export class DeskError extends Error {
    readonly code: ErrorCode
    constructor(code: ErrorCode) {
        super(code)
        this.code = code
    }
}

export interface FeedListener {
    onEvent(event: FeedEvent): void
    onConnection(connection: 'connecting' | 'open' | 'lost'): void
}

export class Desk {
    #token: string | null = null
    #stopFeed: (() => void) | null = null

    async startSignIn(name: string): Promise<Challenge> {
        return readChallenge(await this.#json('POST', '/api/sign-in/start', { name }))
    }

    async finishSignIn(challenge: string, name: string, proof: string): Promise<SignedIn> {
        const signedIn = readSignedIn(await this.#json('POST', '/api/sign-in/finish', { challenge, name, proof }))
        this.#token = signedIn.token
        return signedIn
    }

    /** Forgets the token at once; the server is told if it can be reached. */
    signOut(): void {
        this.stopFeed()
        const farewell = this.#token === null ? null : this.#json('POST', '/api/sign-out', {})
        this.#token = null
        // The token runs out by itself if this does not arrive.
        farewell?.catch(() => undefined)
    }

    async queue(queue: number, after: string | null): Promise<QueuePage> {
        const cursor = after === null ? '' : `after=${encodeURIComponent(after)}&`
        return readQueuePage(await this.#json('GET', `/api/queues/${queue}?${cursor}limit=${PAGE_LIMIT}`))
    }

    async claim(place: Place): Promise<Opened> {
        return readOpened(await this.#json('POST', `${address(place)}/claim`, {}))
    }

    async opened(place: Place): Promise<Opened> {
        return readOpened(await this.#json('GET', address(place)))
    }

    async release(place: Place): Promise<Place> {
        return readPlace(await this.#json('POST', `${address(place)}/release`, {}))
    }

    async close(place: Place): Promise<Place> {
        return readPlace(await this.#json('POST', `${address(place)}/close`, {}))
    }

    async envelopes(caseId: string, after: number): Promise<EnvelopePage> {
        return readEnvelopePage(await this.#json('GET', `/api/cases/${caseId}/envelopes?after=${after}&limit=${PAGE_LIMIT}`))
    }

    async put(caseId: string, envelope: Uint8Array<ArrayBuffer>): Promise<number> {
        const response = await this.#call('PUT', `/api/cases/${caseId}/envelopes`, 'application/octet-stream', envelope)
        return readSeq(await bodyOf(response))
    }

    async trust(): Promise<Uint8Array<ArrayBuffer>> {
        const response = await this.#call('GET', '/api/trust', null, null)
        return new Uint8Array(await response.arrayBuffer().catch(lost))
    }

    /** Keeps the feed open until `stopFeed`; says `ready` each time it is, so that the reader can catch up. */
    startFeed(listener: FeedListener): void {
        this.stopFeed()
        let socket: WebSocket | null = null
        let retry: ReturnType<typeof setTimeout> | undefined
        let wait_ms = FIRST_RETRY_MS
        let stopped = false
        const open = (): void => {
            listener.onConnection('connecting')
            socket = new WebSocket(`${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/feed`)
            socket.onopen = () => socket?.send(JSON.stringify({ token: this.#token }))
            socket.onmessage = (message) => {
                const event = readFeedEvent(JSON.parse(String(message.data)))
                if (event === null || stopped) return
                if (event.type === 'ready') {
                    wait_ms = FIRST_RETRY_MS
                    listener.onConnection('open')
                }
                listener.onEvent(event)
            }
            socket.onclose = () => {
                if (stopped) return
                listener.onConnection('lost')
                retry = setTimeout(open, wait_ms * (1 - Math.random() / 2))
                wait_ms = Math.min(wait_ms * 2, LONGEST_RETRY_MS)
            }
        }
        this.#stopFeed = () => {
            stopped = true
            clearTimeout(retry)
            socket?.close()
        }
        open()
    }

    stopFeed(): void {
        this.#stopFeed?.()
        this.#stopFeed = null
    }

    async #json(method: string, path: string, body?: object): Promise<unknown> {
        const response = await this.#call(method, path, body && 'application/json', body && JSON.stringify(body))
        return bodyOf(response)
    }

    async #call(method: string, path: string, type: string | null | undefined, body: BodyInit | null | undefined): Promise<Response> {
        const headers: Record<string, string> = {}
        if (type) headers['Content-Type'] = type
        if (this.#token !== null) headers['Authorization'] = `Bearer ${this.#token}`
        const response = await fetch(path, {
            method,
            headers,
            body: body ?? null,
            cache: 'no-store',
            credentials: 'omit',
            redirect: 'error',
            referrerPolicy: 'no-referrer',
            signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        }).catch(lost)
        if (!response.ok) throw new DeskError(await codeOf(response))
        return response
    }
}

/** The two files of trust, for whoever verifies them. */
export async function getFile(path: string): Promise<{ readonly status: number; readonly body: Uint8Array }> {
    const response = await fetch(path, { cache: 'no-store', credentials: 'omit', redirect: 'error', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).catch(lost)
    return { status: response.status, body: new Uint8Array(await response.arrayBuffer().catch(lost)) }
}

async function codeOf(response: Response): Promise<ErrorCode> {
    const answer: unknown = await response.json().catch(() => null)
    const code = typeof answer === 'object' && answer !== null && 'code' in answer ? answer.code : null
    if (isServerCode(code)) return code
    // A proxy in between answers in its own words, and only when it cannot reach the server.
    return response.status >= 502 ? 'connection-lost' : 'internal'
}

function address(place: Place): string {
    return `/api/cases/${place.case}/places/${place.queue}`
}

function lost(): never {
    throw new DeskError('connection-lost')
}

async function bodyOf(response: Response): Promise<unknown> {
    const body = await response.text().catch(lost)
    try {
        return JSON.parse(body)
    } catch (error) {
        if (error instanceof SyntaxError) throw new UnreadableAnswerError('not JSON')
        throw error
    }
}
