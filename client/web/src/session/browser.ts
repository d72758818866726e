/** The session in a real browser: its address, clock, randomness, workers and the two files that everyone fetches. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { draw } from '@lyhty/crypto/randomness'
import { openChannel, startToiler } from '../net/workers.ts'
import { SessionFailure } from './failure.ts'
import { Reporter } from './reporter.ts'
import type { Get } from './trust.ts'
import type { ReporterSession } from './types.ts'

export function problemOfBrowser(): ErrorCode | null {
    // Outside a secure context there is no crypto.subtle; the two are told apart because the advice differs.
    if (!isSecureContext) return 'insecure-context'
    const needed = [
        globalThis.crypto?.subtle,
        globalThis.Worker,
        globalThis.WebSocket,
        globalThis.WebAssembly,
        Array.prototype.toSorted,
    ]
    return needed.every((part) => part !== undefined) ? null : 'browser-unsupported'
}

/** The fragment, taken out of the address and the history entry at once. SPEC 5.4 */
export function takeFragment(): string {
    const { hash, pathname, search } = location
    if (hash !== '') history.replaceState(history.state, '', pathname + search)
    return hash
}

export const get: Get = async (path) => {
    let response: Response
    try {
        response = await fetch(path, {
            credentials: 'omit',
            cache: 'no-store',
            redirect: 'error',
            referrerPolicy: 'no-referrer',
        })
    } catch (error) {
        // All that fetch says when the server cannot be reached.
        if (error instanceof TypeError) throw new SessionFailure('connection-lost')
        throw error
    }
    return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) }
}

const channelUrl = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/channel`

/** `fragment` is the address's, taken before anything else. */
export const createReporterSession = (fragment: string): ReporterSession =>
    new Reporter({
        problem: problemOfBrowser,
        fragment,
        get,
        openChannel: (listener) => openChannel(channelUrl(), listener),
        startToiler,
        nowMs: () => Date.now(),
        after: (delayMs, task) => {
            const timer = setTimeout(task, delayMs)
            return () => clearTimeout(timer)
        },
        randomness: draw,
    })
