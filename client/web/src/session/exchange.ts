/**
 * Operations and their answers over channels that come and go. SPEC 6.3
 *
 * An operation keeps its id until it is answered and is sent again on every new channel: at once if it proves itself
 * (its proof is made anew, for that channel's nonce), otherwise when the channel is bound to the case.
 */
import { hex } from '@lyhty/crypto/bytes'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { asOperationId } from '@lyhty/crypto/ids'
import type { OperationId } from '@lyhty/crypto/ids'
import { draw } from '@lyhty/crypto/randomness'
import type { Randomness } from '@lyhty/crypto/randomness'
import { encodeUp } from '@lyhty/crypto/records'
import type { Down, Operation, Result } from '@lyhty/crypto/records'
import type { Moved } from '../net/messages.ts'
import { SessionFailure } from './failure.ts'
import type { Progress } from './types.ts'

export type OperationName = Operation['operation']
export type ResultOf<Name extends OperationName> = Result extends infer One
    ? One extends { readonly operation: infer Names }
        ? Name extends Names
            ? One
            : never
        : never
    : never

/** These carry their own proof or need none; all others need a bound channel. */
const UNBOUND: readonly OperationName[] = ['open', 'resume', 'trust']

export interface RequestOptions {
    /** The id of an earlier try, when a person tries again. */
    readonly id?: OperationId
    readonly onMoved?: (direction: 'sending' | 'receiving', moved: Moved) => void
    /** Waits for the next channel however long that takes; others give up with `connection-lost`. */
    readonly patient?: boolean
}

/** Tells a person how a request is getting on. */
export const shown = (onProgress: (progress: Progress) => void): RequestOptions => ({
    onMoved: (stage, { done, total }) => {
        // An answer of one piece is no news.
        if (stage === 'sending' || total > 1) onProgress({ stage, done, total })
    },
})

interface Pending {
    readonly ticket: number
    readonly id: OperationId
    readonly name: OperationName
    readonly build: (nonce: Uint8Array) => Operation
    readonly options: RequestOptions
    readonly resolve: (result: Result) => void
    readonly reject: (reason: SessionFailure) => void
}

export class Exchange {
    readonly #send: (ticket: number, record: Uint8Array) => void
    readonly #randomness: Randomness
    readonly #pending = new Map<number, Pending>()
    #nonce: Uint8Array | null = null
    #bound = false
    /** Why this channel will never be bound to the case. */
    #refusal: ErrorCode | null = null
    #tickets = 0

    constructor(send: (ticket: number, record: Uint8Array) => void, randomness: Randomness = draw) {
        this.#send = send
        this.#randomness = randomness
    }

    newId(): OperationId {
        return asOperationId(this.#randomness(16))
    }

    get connected(): boolean {
        return this.#nonce !== null
    }

    request<Name extends OperationName>(
        name: Name,
        build: (nonce: Uint8Array) => Operation & { readonly operation: Name },
        options: RequestOptions = {},
    ): Promise<ResultOf<Name>> {
        if (this.#refusal !== null && !UNBOUND.includes(name)) return Promise.reject(new SessionFailure(this.#refusal))
        return new Promise((resolve, reject) => {
            const pending: Pending = {
                ticket: ++this.#tickets,
                id: options.id ?? this.newId(),
                name,
                build,
                options,
                resolve: (result) => resolve(result as ResultOf<Name>),
                reject,
            }
            this.#pending.set(pending.ticket, pending)
            this.#trySend(pending)
        })
    }

    #trySend({ ticket, id, name, build }: Pending): void {
        if (this.#nonce === null || !(this.#bound || UNBOUND.includes(name))) return
        this.#send(ticket, encodeUp(id, build(this.#nonce)))
    }

    /** A new channel greets: what proves itself goes first. */
    greeted(nonce: Uint8Array): void {
        this.#nonce = nonce
        this.#bound = false
        this.#refusal = null
        for (const pending of this.#pending.values()) this.#trySend(pending)
    }

    /** OPEN or RESUME was answered on this channel: everything that waited for it goes. */
    #bind(): void {
        if (this.#bound) return
        this.#bound = true
        this.#refusal = null
        for (const pending of this.#pending.values()) {
            if (!UNBOUND.includes(pending.name)) this.#trySend(pending)
        }
    }

    lost(): void {
        this.#nonce = null
        this.#bound = false
    }

    /** Whether an operation is on its way that will bind the channel itself. */
    get isBinding(): boolean {
        return [...this.#pending.values()].some(({ name }) => name === 'open' || name === 'resume')
    }

    answered(down: Down & { readonly kind: 'result' | 'error' }): void {
        const pending = [...this.#pending.values()].find(({ id }) => hex(id) === hex(down.id))
        // An answer to what was given up meanwhile.
        if (pending === undefined) return
        this.#pending.delete(pending.ticket)
        if (down.kind === 'error') {
            pending.reject(new SessionFailure(down.code))
            return
        }
        if (down.result.operation === 'open' || down.result.operation === 'resume') this.#bind()
        pending.resolve(down.result)
    }

    moved(direction: 'sending' | 'receiving', moved: Moved): void {
        this.#pending.get(moved.ticket)?.options.onMoved?.(direction, moved)
    }

    #give(up: (pending: Pending) => boolean): void {
        for (const pending of [...this.#pending.values()].filter(up)) {
            this.#pending.delete(pending.ticket)
            pending.reject(new SessionFailure('connection-lost'))
        }
    }

    /** Nobody should look at a still picture for ever. */
    giveUpImpatient(): void {
        this.#give(({ options }) => options.patient !== true)
    }

    /** The case is gone: what waits for a bound channel, or will on this one, is never answered. */
    refuseBound(code: ErrorCode): void {
        this.#refusal = code
        for (const pending of [...this.#pending.values()]) {
            if (UNBOUND.includes(pending.name)) continue
            this.#pending.delete(pending.ticket)
            pending.reject(new SessionFailure(code))
        }
    }

    forget(): void {
        this.#give(() => true)
        this.#bound = false
    }
}
