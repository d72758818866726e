/** What a coordinator is told before they remove somebody. SPEC 5.9, 9.9 */
import { b64encode } from '@lyhty/crypto/encoding.ts'
import { asExpertId } from '@lyhty/crypto/ids.ts'
import { describe, expect, test } from 'vitest'
import { lossesOf } from '../../src/console/losses.ts'
import type { QueueRecovery, RecoveryView } from '../../src/console/recovery-view.ts'

const LAWYERS = 1
const PSYCHOLOGISTS = 2
const person = (byte: number, queues: readonly number[], coordinator = false) => ({ id: asExpertId(new Uint8Array(16).fill(byte)), queues, coordinator })
const psychologist = person(1, [PSYCHOLOGISTS])
const lawyer = person(2, [LAWYERS])
const [first, second, third] = [person(11, [LAWYERS], true), person(12, [LAWYERS], true), person(13, [LAWYERS], true)] as const
const everybody = [psychologist, lawyer, first, second, third]

const told = (changes: Partial<QueueRecovery> = {}): RecoveryView => ({
    queues: [{ queue: PSYCHOLOGISTS, holders: [], needed: 2, vital: [], covered: 1, since: 0, total: 1, canAsk: false, isForged: false, ...changes }], requests: [],
})

describe('whoever leaves', () => {
    test('takes nothing along while somebody else is in the queue', () => {
        expect(lossesOf(lawyer, everybody, told())).toEqual([])
        expect(lossesOf(psychologist, [...everybody, person(3, [PSYCHOLOGISTS])], null)).toEqual([])
    })

    test('and is the last one leaves the queue to the coordinators, if they hold parts of all its keys', () => {
        expect(lossesOf(psychologist, everybody, told())).toEqual([{ queue: PSYCHOLOGISTS, what: 'waits' }])
    })

    test('and is the last one, and holds a part that is needed, closes the queue', () => {
        const both = person(11, [LAWYERS, PSYCHOLOGISTS], true)
        expect(lossesOf(both, [lawyer, both, second, third], told({ vital: [b64encode(both.id)] }))).toEqual([{ queue: PSYCHOLOGISTS, what: 'closed' }])
    })

    test.each([
        ['a key of it was never split', told({ total: 2 })],
        ['nobody knows yet whether it was', null],
    ])('and is the last one closes the queue when %s', (_, recovery) => {
        expect(lossesOf(psychologist, everybody, recovery)).toEqual([{ queue: PSYCHOLOGISTS, what: 'closed' }])
    })

    test('and is the last one leaves nobody to read what comes, if fewer than two coordinators stay', () => {
        expect(lossesOf(psychologist, [psychologist, lawyer, first], told({ covered: 0 }))).toEqual([
            { queue: PSYCHOLOGISTS, what: 'closed' }, { queue: PSYCHOLOGISTS, what: 'blind' },
        ])
    })

    test('and holds a part without which too few are left closes a queue that has nobody else', () => {
        const without = everybody.slice(1)
        expect(lossesOf(first, without, told({ vital: [b64encode(first.id)] }))).toEqual([{ queue: PSYCHOLOGISTS, what: 'closed' }])
        expect(lossesOf(first, without, told({ vital: [b64encode(second.id)] }))).toEqual([])
        expect(lossesOf(first, everybody, told({ vital: [b64encode(first.id)] }))).toEqual([])
    })
})
