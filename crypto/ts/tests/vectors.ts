/** Reads the shared vector files and holds an implementation to them, tampered copies included. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hex } from '../bytes.ts'
import { ProtocolError } from '../errors.ts'

export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain }
export type Fields = { [key: string]: Plain }
interface Vector {
    readonly name: string
    readonly do: string
    readonly inputs: Fields
    readonly expect: Fields
}
interface Range {
    readonly from: number
    readonly to: number
    readonly failure: string
    readonly code: string
}

export const unhex = (text: string): Uint8Array =>
    Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** Typed access to a vector's fields: a wrong type is a mistake in the vector or the test. */
export class Inputs {
    readonly fields: Fields

    constructor(fields: Fields) {
        this.fields = fields
    }

    bytes(name: string): Uint8Array {
        return unhex(this.text(name))
    }

    text(name: string): string {
        const value = this.fields[name]
        if (typeof value !== 'string') throw new TypeError(`${name} is not a text`)
        return value
    }

    number(name: string): number {
        const value = this.fields[name]
        if (typeof value !== 'number') throw new TypeError(`${name} is not a number`)
        return value
    }

    list(name: string): Plain[] {
        const value = this.fields[name]
        if (!Array.isArray(value)) throw new TypeError(`${name} is not a list`)
        return value
    }

    items(name: string): Inputs[] {
        return this.list(name).map((item) => new Inputs(item as Fields))
    }

    item(name: string): Inputs {
        return new Inputs(this.fields[name] as Fields)
    }

    byteList(name: string): Uint8Array[] {
        return this.list(name).map((item) => unhex(item as string))
    }
}

/** Bytes as hex, everything else as it is. */
export function plain(value: unknown): Plain {
    if (value instanceof Uint8Array) return hex(value)
    if (Array.isArray(value)) return value.map(plain)
    if (typeof value === 'object' && value !== null)
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
    return value as Plain
}

export type Action = (inputs: Inputs) => unknown

async function outcome(action: Action, fields: Fields): Promise<Fields> {
    try {
        return plain(await action(new Inputs(fields))) as Fields
    } catch (error) {
        if (error instanceof ProtocolError) return { failure: error.failure, code: error.code }
        throw error
    }
}

async function tampered(action: Action, { inputs, expect: expected }: Vector): Promise<void> {
    const [field, from, to, step, xor] = ['field', 'from', 'to', 'step', 'xor'].map((name) => inputs[name]) as [
        string,
        number,
        number,
        number,
        number,
    ]
    const data = unhex(inputs[field] as string)
    const ranges: Range[] = []
    for (let at = from; at < to; at += step) {
        const changed = data.slice()
        changed[at] = (changed[at] as number) ^ xor
        const { failure, code } = (await outcome(action, { ...inputs, [field]: hex(changed) })) as {
            failure: string
            code: string
        }
        const last = ranges.at(-1)
        if (last?.failure === failure && last.code === code)
            ranges[ranges.length - 1] = { ...last, to: Math.min(at + step, to) }
        else ranges.push({ from: at, to: Math.min(at + step, to), failure, code })
    }
    expect(ranges).toEqual(expected['ranges'])
}

export const readVectors = (file: string): Vector[] =>
    (JSON.parse(readFileSync(new URL(`../../vectors/${file}`, import.meta.url), 'utf8')) as { cases: Vector[] }).cases

/** One test per case of a file. An action must exist for every kind of case, so that none is passed over. */
export function runVectors(file: string, actions: { readonly [name: string]: Action }): void {
    test.each(readVectors(file))('$do: $name', { timeout: 60_000 }, async (vector) => {
        const action = actions[vector.do]
        if (action === undefined) throw new Error(`no action for ${vector.do}`)
        if ('tamper' in vector.inputs) await tampered(action, vector)
        else expect(await outcome(action, vector.inputs)).toEqual(vector.expect)
    })
}
