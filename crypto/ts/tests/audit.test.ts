/** The audit log, read in parts and from what was seen before. SPEC 9.10 */
import { describe, expect, test } from 'vitest'
import { AuditLog, chainAfter, NO_CHAIN, signEntry, START } from '../audit.ts'
import type { Authors, Entry, OwnChain } from '../audit.ts'
import { asExpertId } from '../ids.ts'
import { instance, lawyer, psychologist, seed } from './trusted.ts'

const people = [lawyer, psychologist].map(({ id, sign }) => ({ id: asExpertId(id), sign }))
const authors: Authors = { instance, experts: people.map(({ id, sign }) => ({ id, sign: sign.publicKey })), former: [] }

/** Openings by these people in this order. */
function written(order: readonly number[]): Uint8Array[] {
    const own = new Map<number, OwnChain>()
    return order.map((who, nth) => {
        const { id, sign } = people[who] as (typeof people)[number]
        const entry = signEntry(sign, instance, id, 1, own.get(who) ?? NO_CHAIN, { kind: 'opening', subject: seed(nth), nowS: 1_800_000_000 })
        own.set(who, chainAfter(entry))
        return entry
    })
}

async function read(entries: readonly Uint8Array[]): Promise<AuditLog> {
    const log = new AuditLog(authors)
    await log.add(entries)
    return log
}

describe('a log', () => {
    const entries = written([0, 1, 0, 0, 1])

    test('that was read in parts is the one that was read at once', async () => {
        const rest = new AuditLog(authors, (await read(entries.slice(0, 2))).point)
        await rest.add(entries.slice(2))
        expect(rest.point).toEqual((await read(entries)).point)
    })

    test('from which something was taken since does not go on from where it was read to', async () => {
        const rest = new AuditLog(authors, (await read(entries.slice(0, 2))).point)
        await expect(rest.add(entries.slice(3))).rejects.toMatchObject({ breach: 'gap', seq: 3, code: 'audit-broken' })
    })

    test('whose last entry is another than it was is changed', async () => {
        const { point } = await read(entries)
        expect(() => new AuditLog(authors, point).recall(entries[4] as Uint8Array)).not.toThrow()
        expect(() => new AuditLog(authors, point).recall(entries[3] as Uint8Array)).toThrow(/changed at entry 5/)
    })

    test('that is shorter than what was seen is told at its end', async () => {
        const { point } = await read(entries)
        const log = new AuditLog(authors, START, point)
        await log.add(entries.slice(0, 3))
        expect(() => log.end()).toThrow(/shorter at entry 4/)
    })

    test('hands out what holds before it breaks', async () => {
        const log = new AuditLog(authors)
        const held: Entry[] = []
        await expect(log.add([entries[0] as Uint8Array, entries[2] as Uint8Array, entries[2] as Uint8Array], held)).rejects.toMatchObject({ breach: 'gap', seq: 3 })
        expect(held.map(({ counter }) => counter)).toEqual([1, 2])
    })
})
