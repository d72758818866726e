/** Reads JSON objects with a closed set of fields: every field asked for once, none left over. SPEC 1.4 */
import type { ErrorCode } from './codes.ts'
import { b64decode } from './encoding.ts'
import type { Json } from './encoding.ts'
import { MalformedError } from './errors.ts'

type JsonObject = { readonly [key: string]: Json }

const isObject = (value: Json): value is JsonObject =>
    typeof value === 'object' && value !== null && !Array.isArray(value)

export class FieldReader {
    readonly #fields: JsonObject
    readonly #unread: Set<string>
    readonly #code: ErrorCode

    constructor(value: Json, code: ErrorCode) {
        this.#code = code
        if (!isObject(value)) throw this.malformed('not an object')
        this.#fields = value
        this.#unread = new Set(Object.keys(value))
    }

    malformed(detail: string): MalformedError {
        return new MalformedError(detail, this.#code)
    }

    any(name: string): Json {
        if (!this.#unread.delete(name)) throw this.malformed(`field ${name} is missing`)
        return this.#fields[name] as Json
    }

    checked<T extends Json>(name: string, holds: (value: Json) => value is T): T {
        const value = this.any(name)
        if (!holds(value)) throw this.malformed(`field ${name}`)
        return value
    }

    /** Integers are all that canonical JSON has; here they also count or tell time. */
    count(name: string, least = 0): number {
        return this.checked(name, (value): value is number => typeof value === 'number' && value >= least)
    }

    /** Versions, epochs and counters. SPEC 5.3 */
    u32(name: string): number {
        return this.checked(
            name,
            (value): value is number => typeof value === 'number' && value >= 1 && value <= 0xffff_ffff,
        )
    }

    flag(name: string): boolean {
        return this.checked(name, (value): value is boolean => typeof value === 'boolean')
    }

    text(name: string): string {
        return this.checked(name, (value): value is string => typeof value === 'string')
    }

    optionalText(name: string): string | null {
        return this.checked(name, (value): value is string | null => value === null || typeof value === 'string')
    }

    oneOf<T extends string>(name: string, choices: readonly T[]): T {
        return this.checked(name, (value): value is T => (choices as readonly Json[]).includes(value))
    }

    bytes<T extends Uint8Array>(name: string, sized: (bytes: Uint8Array, code: ErrorCode) => T): T {
        return sized(b64decode(this.text(name), this.#code), this.#code)
    }

    list<T>(name: string, entry: (item: Json) => T): T[] {
        const value = this.any(name)
        if (!Array.isArray(value)) throw this.malformed(`field ${name}`)
        return value.map((item: Json) => entry(item))
    }

    end(): void {
        if (this.#unread.size > 0) throw this.malformed('a field too many')
    }
}

/** One object, read whole. */
export function readFields<T>(value: Json, code: ErrorCode, reads: (fields: FieldReader) => T): T {
    const fields = new FieldReader(value, code)
    const result = reads(fields)
    fields.end()
    return result
}
