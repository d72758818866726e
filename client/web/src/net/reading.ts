/** What arrives from a server, read field by field: what is not as it was promised is not read at all. */

/** The server answered something that is not in SPEC 9. */
export class UnreadableAnswerError extends Error {}

export type Read<T> = (value: unknown, name: string) => T

export const text: Read<string> = (value, name) => {
    if (typeof value !== 'string') throw new UnreadableAnswerError(`${name} is not a text`)
    return value
}

/** A natural one. */
export const number: Read<number> = (value, name) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new UnreadableAnswerError(`${name} is not a number`)
    return value
}

export const decimal: Read<number> = (value, name) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new UnreadableAnswerError(`${name} is not a number`)
    return value
}

export const truth: Read<boolean> = (value, name) => {
    if (typeof value !== 'boolean') throw new UnreadableAnswerError(`${name} is neither true nor false`)
    return value
}

export const orNull = <T>(read: Read<T>): Read<T | null> => (value, name) => (value === null ? null : read(value, name))

export const list = <T>(read: Read<T>): Read<T[]> => (value, name) => {
    if (!Array.isArray(value)) throw new UnreadableAnswerError(`${name} is not a list`)
    return value.map((entry) => read(entry, name))
}

export const pair = <T>(read: Read<T>): Read<[T, T]> => (value, name) => {
    const [one, other, ...more] = list(read)(value, name)
    if (one === undefined || other === undefined || more.length > 0) throw new UnreadableAnswerError(`${name} is not a pair`)
    return [one, other]
}

export const oneOf = <T extends string>(...choices: readonly T[]): Read<T> => (value, name) => {
    const choice = choices.find((candidate) => candidate === value)
    if (choice === undefined) throw new UnreadableAnswerError(`${name} is ${String(value)}`)
    return choice
}

export const record: Read<Readonly<Record<string, unknown>>> = (value, name) => {
    if (typeof value !== 'object' || value === null) throw new UnreadableAnswerError(`${name} is not an object`)
    return value as Readonly<Record<string, unknown>>
}

export function object<T extends object>(fields: { readonly [Name in keyof T]-?: Read<T[Name]> }): Read<T> {
    return (value, name) => {
        const found = record(value, name)
        const read: Partial<T> = {}
        for (const field in fields) read[field] = fields[field](found[field], field)
        return read as T
    }
}
