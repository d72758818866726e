/** The page's side of the two workers, started once, when the page loads, and by everybody. */
import type { Argon2idInput } from '@lyhty/crypto/stretching'
import type { Purpose, Terms, Work } from '@lyhty/crypto/work'
import type { ChannelNews, EffortNews, ToWorker } from './messages.ts'
import workerUrl from './worker.ts?worker&url'

interface ScriptUrlPolicy {
    createScriptURL(input: string): string
}
interface TrustedTypePolicies {
    createPolicy(name: 'lyhty-worker', rules: { createScriptURL: () => string }): ScriptUrlPolicy
}
const { trustedTypes } = globalThis as unknown as { readonly trustedTypes?: TrustedTypePolicies }

// The content security policy allows this one policy; whatever it is asked for, it answers with one constant address.
const policy: ScriptUrlPolicy = trustedTypes?.createPolicy('lyhty-worker', { createScriptURL: () => workerUrl }) ?? {
    createScriptURL: () => workerUrl,
}

const started: Worker[] = []

function startWorker(): Worker {
    const worker = new Worker(policy.createScriptURL(''), { type: 'module' })
    started.push(worker)
    return worker
}

/** For good: the channel closes, and whatever was being worked out is dropped. */
export function endWorkers(): void {
    for (const worker of started.splice(0)) worker.terminate()
}

const post = (worker: Worker, message: ToWorker): void => worker.postMessage(message)

export interface ChannelPort {
    send(ticket: number, record: Uint8Array): void
}

export function openChannel(url: string, listener: (news: ChannelNews) => void): ChannelPort {
    const worker = startWorker()
    worker.onmessage = ({ data }: MessageEvent<ChannelNews>) => listener(data)
    worker.onerror = () => listener({ type: 'lost' })
    post(worker, { type: 'open-channel', url })
    return { send: (ticket, record) => post(worker, { type: 'send', ticket, record }) }
}

export interface SearchNews {
    /** Parts found so far, of 16. */
    readonly onFound: (found: number) => void
    /** Found, by these terms: newer ones may have been told meanwhile. */
    readonly onWork: (work: Work, by: Terms) => void
}

/** What takes long, in a worker of its own. */
export interface Toiler {
    /** Argon2id. Rejects when the browser cannot do it. */
    readonly derive: (input: Argon2idInput) => Promise<Uint8Array>
    /** One search at a time: it takes the place of the one before. */
    readonly search: (purpose: Purpose, terms: Terms, news: SearchNews) => void
    readonly terms: (terms: Terms) => void
    readonly stopSearch: () => void
}

export function startToiler(): Toiler {
    const worker = startWorker()
    const waiting = new Map<number, { resolve: (key: Uint8Array) => void; reject: (reason: Error) => void }>()
    let searching: { readonly ticket: number; readonly news: SearchNews } | null = null
    let tickets = 0
    const hearOfSearch = (data: EffortNews & { type: 'searching' | 'searched' }): void => {
        if (searching?.ticket !== data.ticket) return
        const { news } = searching
        if (data.type === 'searching') return news.onFound(data.found)
        searching = null
        news.onWork(data.work, data.by)
    }
    worker.onmessage = ({ data }: MessageEvent<EffortNews>) => {
        if (data.type === 'searching' || data.type === 'searched') return hearOfSearch(data)
        const waits = waiting.get(data.ticket)
        waiting.delete(data.ticket)
        if (data.type === 'derived') waits?.resolve(data.key)
        else waits?.reject(new Error('Argon2id failed'))
    }
    worker.onerror = () => {
        for (const { reject } of waiting.values()) reject(new Error('the worker failed'))
        waiting.clear()
    }
    return {
        derive: (input) =>
            new Promise((resolve, reject) => {
                const ticket = ++tickets
                waiting.set(ticket, { resolve, reject })
                post(worker, { type: 'derive', ticket, input })
            }),
        search: (purpose, terms, news) => {
            searching = { ticket: ++tickets, news }
            post(worker, { type: 'search', ticket: searching.ticket, purpose, terms })
        },
        terms: (terms) => post(worker, { type: 'terms', terms }),
        stopSearch: () => {
            searching = null
            post(worker, { type: 'stop-search' })
        },
    }
}
