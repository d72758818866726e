/** Reading and writing big-endian fields. A reader refuses what is too short or too long. SPEC 1.1, 1.4 */
import type { ErrorCode } from './codes.ts'
import { MalformedError } from './errors.ts'

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
        whole.set(part, at)
        at += part.length
    }
    return whole
}

/** Order of bytes; 0 means equal. For public values only: it takes as long as the common beginning. */
export function compare(a: Uint8Array, b: Uint8Array): number {
    const shorter = Math.min(a.length, b.length)
    for (let at = 0; at < shorter; at++) {
        const difference = (a[at] as number) - (b[at] as number)
        if (difference !== 0) return difference
    }
    return a.length - b.length
}

export const equal = (a: Uint8Array, b: Uint8Array): boolean => compare(a, b) === 0

export const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)

export const hex = (bytes: Uint8Array): string =>
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

function unsigned(value: number, bytes: number): Uint8Array {
    if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** (8 * bytes))
        throw new RangeError(`${value} does not fit ${bytes} bytes`)
    const field = new Uint8Array(bytes)
    for (let at = bytes - 1, left = value; at >= 0; at--) {
        field[at] = left % 256
        left = Math.floor(left / 256)
    }
    return field
}

export const u8 = (value: number): Uint8Array => unsigned(value, 1)
export const u16 = (value: number): Uint8Array => unsigned(value, 2)
export const u32 = (value: number): Uint8Array => unsigned(value, 4)
export const u64 = (value: number): Uint8Array => unsigned(value, 8)
export const bytes16 = (value: Uint8Array): Uint8Array => concat(u16(value.length), value)
export const bytes32 = (value: Uint8Array): Uint8Array => concat(u32(value.length), value)

/** Walks through untrusted bytes from the front. */
export class Reader {
    readonly #bytes: Uint8Array
    readonly #code: ErrorCode
    #at = 0

    constructor(bytes: Uint8Array, code: ErrorCode) {
        this.#bytes = bytes
        this.#code = code
    }

    get left(): number {
        return this.#bytes.length - this.#at
    }

    /** A copy of the next bytes, so that nobody can change them later. */
    take(length: number): Uint8Array {
        if (length > this.left) throw this.malformed('too short')
        this.#at += length
        return this.#bytes.slice(this.#at - length, this.#at)
    }

    #number(length: number): number {
        return this.take(length).reduce((value, byte) => value * 256 + byte, 0)
    }

    u8(): number {
        return this.#number(1)
    }

    u16(): number {
        return this.#number(2)
    }

    u32(): number {
        return this.#number(4)
    }

    u64(): number {
        const value = this.#number(8)
        if (!Number.isSafeInteger(value)) throw this.malformed('a number beyond 2^53')
        return value
    }

    bytes16(): Uint8Array {
        return this.take(this.u16())
    }

    bytes32(): Uint8Array {
        return this.take(this.u32())
    }

    list<T>(count: number, entry: () => T): T[] {
        return Array.from({ length: count }, entry)
    }

    rest(): Uint8Array {
        return this.take(this.left)
    }

    end(): void {
        if (this.left > 0) throw this.malformed('trailing bytes')
    }

    malformed(detail: string): MalformedError {
        return new MalformedError(detail, this.#code)
    }
}
