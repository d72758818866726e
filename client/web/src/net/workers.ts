/** The page's side of the two workers, started once, when the page loads, and by everybody. */
import type { Argon2idInput } from '@lyhty/crypto/stretching'
import type { ChannelNews, DeriveNews, ToWorker } from './messages.ts'
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

const startWorker = (): Worker => new Worker(policy.createScriptURL(''), { type: 'module' })

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

export type Derive = (input: Argon2idInput) => Promise<Uint8Array>

/** Argon2id in a worker of its own. Rejects when the browser cannot do it. */
export function startDeriver(): Derive {
    const worker = startWorker()
    const waiting = new Map<number, { resolve: (key: Uint8Array) => void; reject: (reason: Error) => void }>()
    let tickets = 0
    worker.onmessage = ({ data }: MessageEvent<DeriveNews>) => {
        const waits = waiting.get(data.ticket)
        waiting.delete(data.ticket)
        if (data.type === 'derived') waits?.resolve(data.key)
        else waits?.reject(new Error('Argon2id failed'))
    }
    worker.onerror = () => {
        for (const { reject } of waiting.values()) reject(new Error('the worker failed'))
        waiting.clear()
    }
    return (input) =>
        new Promise((resolve, reject) => {
            const ticket = ++tickets
            waiting.set(ticket, { resolve, reject })
            post(worker, { type: 'derive', ticket, input })
        })
}
