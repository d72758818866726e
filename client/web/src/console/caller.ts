/**
 * One call of the HTTP API at a time, with the token of whoever is signed in (SPEC 9, 12.2). No keys, no rules.
 *
 * The token lives in this object and nowhere else; forgetting it is signing out.
 */
import { isServerCode, type ErrorCode } from '@lyhty/crypto/codes'
import { ANSWERS, UnreadableAnswerError } from './answers'
import type { Routes } from './api-types'

const ANSWER_WITHIN_MS = 20_000

/** A call failed; `code` has three sentences in every language. `connection-lost` means nobody knows whether it arrived. */
export class DeskError extends Error {
    readonly code: ErrorCode
    constructor(code: ErrorCode) {
        super(code)
        this.code = code
    }
}

type InPath<R> = R extends `${string}{${infer Name}}${infer Rest}` ? Name | InPath<Rest> : never
/** A value for every name in the route's path, and for others in the query. */
export type Params<R> = { readonly [Name in InPath<R>]: string | number } & Readonly<Record<string, string | number>>
export type Asks<R extends keyof Routes> = Routes[R] extends { asks: infer Body extends object } ? Body : R extends `PUT ${string}` | 'POST /api/organisations/import' ? Uint8Array<ArrayBuffer> : never

export class Caller {
    token: string | null = null

    async ask<R extends keyof Routes>(route: R, params: Params<R>, body?: Asks<R>): Promise<Routes[R]['answers']> {
        const { method, path } = fill(route, params)
        const asks: object | undefined = body
        const response = await (asks instanceof Uint8Array
            ? this.call(method, path, 'application/octet-stream', asks as Uint8Array<ArrayBuffer>)
            : this.call(method, path, asks && 'application/json', asks && JSON.stringify(asks)))
        return ANSWERS[route](await bodyOf(response), 'answer')
    }

    async call(method: string, path: string, type: string | null | undefined, body: BodyInit | null | undefined): Promise<Response> {
        const headers: Record<string, string> = {}
        if (type) headers['Content-Type'] = type
        if (this.token !== null) headers['Authorization'] = `Bearer ${this.token}`
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
        // The server knows it no more: there is nobody to sign out.
        if (response.status === 401) this.token = null
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

/** Every `{name}` of the path; what is left over is the query. */
function fill(route: string, params: Readonly<Record<string, string | number>>): { readonly method: string; readonly path: string } {
    const query = new URLSearchParams()
    let path = route.slice(route.indexOf(' ') + 1)
    for (const [name, value] of Object.entries(params)) {
        const filled = path.replace(`{${name}}`, encodeURIComponent(value))
        if (filled === path) query.set(name, String(value))
        path = filled
    }
    return { method: route.slice(0, route.indexOf(' ')), path: query.size > 0 ? `${path}?${query}` : path }
}

export function lost(): never {
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
