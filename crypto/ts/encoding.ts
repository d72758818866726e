/** Base64url without padding and canonical JSON: one way to write each value, every other way refused. SPEC 1.1, 1.5 */
import { compare } from './bytes.ts'
import type { ErrorCode } from './codes.ts'
import { MalformedError } from './errors.ts'
import { fromUtf8, utf8 } from './platform.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const DIGITS = new Map(Array.from(ALPHABET, (letter, digit) => [letter, digit]))

export function b64encode(bytes: Uint8Array): string {
    let text = ''
    let bits = 0
    let count = 0
    for (const byte of bytes) {
        bits = ((bits << 8) | byte) & 0xffff
        for (count += 8; count >= 6; count -= 6) text += ALPHABET[(bits >> (count - 6)) & 63]
    }
    return count > 0 ? text + ALPHABET[(bits << (6 - count)) & 63] : text
}

export function b64decode(text: string, code: ErrorCode = 'operation-malformed'): Uint8Array {
    const bytes = new Uint8Array(Math.floor((text.length * 6) / 8))
    let bits = 0
    let count = 0
    let at = 0
    for (const letter of text) {
        const digit = DIGITS.get(letter)
        if (digit === undefined) throw new MalformedError('not base64url', code)
        bits = ((bits << 6) | digit) & 0xffff
        count += 6
        if (count >= 8) bytes[at++] = bits >> (count -= 8)
    }
    // SPEC 1.4: left-over bits are zero, and a single letter cannot hold a byte.
    if (count >= 6 || (bits & ((1 << count) - 1)) !== 0) throw new MalformedError('not canonical base64url', code)
    return bytes
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Arrays and objects inside each other. SPEC 1.5 */
const MAX_DEPTH = 16

const LONE_SURROGATE = /\p{Cs}/u

function writeText(text: string): string {
    if (LONE_SURROGATE.test(text)) throw new MalformedError('a lone surrogate')
    // JSON.stringify escapes exactly what SPEC 1.5 requires, with lower-case \u00xx.
    return JSON.stringify(text)
}

function write(value: Json, depth: number): string {
    if (value === null || typeof value === 'boolean') return String(value)
    if (typeof value === 'string') return writeText(value)
    if (typeof value === 'number') {
        if (!Number.isSafeInteger(value)) throw new MalformedError('not an integer below 2^53')
        return String(value === 0 ? 0 : value)
    }
    if (depth === MAX_DEPTH) throw new MalformedError('nested too deep')
    if (Array.isArray(value)) return `[${value.map((item: Json) => write(item, depth + 1)).join(',')}]`
    const fields = value as { readonly [key: string]: Json }
    // The order of code points is the order of UTF-8 bytes, not that of JavaScript's strings.
    const keys = Object.keys(fields).sort((a, b) => compare(utf8(a), utf8(b)))
    return `{${keys.map((key) => `${writeText(key)}:${write(fields[key] as Json, depth + 1)}`).join(',')}}`
}

export const canonicalJson = (value: Json): Uint8Array => utf8(write(value, 0))

export function parseCanonicalJson(bytes: Uint8Array, code: ErrorCode = 'operation-malformed'): Json {
    const text = fromUtf8(bytes, code)
    let value: Json
    try {
        value = JSON.parse(text) as Json
    } catch (error) {
        if (error instanceof SyntaxError) throw new MalformedError('not JSON', code)
        throw error
    }
    let again: string
    try {
        again = write(value, 0)
    } catch (error) {
        if (error instanceof MalformedError) throw new MalformedError('not canonical JSON', code)
        throw error
    }
    if (again !== text) throw new MalformedError('not canonical JSON', code)
    return value
}
