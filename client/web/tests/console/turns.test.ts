/** Every open case gets its next key; where it was cut short, it goes on. SPEC 9.7 */
import { expect, test } from 'vitest'
import { DeskError } from '../../src/console/desk.ts'
import { turnAll, type Turning } from '../../src/console/turns.ts'
import type { QueueId } from '@lyhty/crypto/ids.ts'

interface Told { readonly turned: string[]; readonly said: (Turning | null)[] }

/** A server with these cases, two a page, that are unturned until somebody turns them. */
async function turning(cases: readonly string[], fate: (caseId: string) => 'turned' | DeskError = () => 'turned', leavesAfter = Infinity): Promise<Told> {
    const waiting = new Set(cases)
    const told: Told = { turned: [], said: [] }
    await turnAll({
        queues: () => [1 as QueueId],
        desk: {
            unturned: async (_queue, after) => {
                const left = [...waiting].filter((one) => after === null || one > after)
                return { cases: left.slice(0, 2), next: left.length > 2 ? left[1] as string : null }
            },
        },
        isIn: () => told.turned.length < leavesAfter,
        turn: async (caseId) => {
            const end = fate(caseId)
            if (end !== 'turned') {
                if (end.code === 'case-erased') waiting.delete(caseId)
                throw end
            }
            waiting.delete(caseId)
            told.turned.push(caseId)
        },
        tell: (said) => void told.said.push(said),
    })
    return told
}

test('all are turned, page by page, and the last word says how many', async () => {
    const { turned, said } = await turning(['a', 'b', 'c', 'd', 'e'])
    expect(turned).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(said[0]).toEqual({ done: 0, total: 5, failed: 0, stopped: null })
    expect(said.at(-1)).toEqual({ done: 5, total: 5, failed: 0, stopped: null })
})

test('where nothing waits nothing is said', async () => {
    expect((await turning([])).said).toEqual([null])
})

test('one that does not hold together is counted, and the others go on', async () => {
    const { turned, said } = await turning(['a', 'b', 'c'], (one) => (one === 'b' ? new DeskError('wrap-tampered') : 'turned'))
    expect(turned).toEqual(['a', 'c'])
    expect(said.at(-1)).toEqual({ done: 2, total: 3, failed: 1, stopped: null })
})

test('one that is erased meanwhile is as good as turned', async () => {
    const { said } = await turning(['a', 'b'], (one) => (one === 'a' ? new DeskError('case-erased') : 'turned'))
    expect(said.at(-1)).toEqual({ done: 2, total: 2, failed: 0, stopped: null })
})

test('one that a server lists again after it was turned is turned once', async () => {
    const { turned, said } = await turning(['a', 'b'], (one) => (one === 'a' ? new DeskError('case-not-held') : 'turned'))
    expect(turned).toEqual(['b'])
    expect(said.at(-1)).toEqual({ done: 2, total: 2, failed: 0, stopped: null })
})

test('without a line it stops and says so', async () => {
    const { turned, said } = await turning(['a', 'b', 'c'], (one) => (one === 'b' ? new DeskError('connection-lost') : 'turned'))
    expect(turned).toEqual(['a'])
    expect(said.at(-1)).toEqual({ done: 1, total: 3, failed: 0, stopped: 'connection-lost' })
})

test('nothing is turned or said once the coordinator has gone', async () => {
    const { turned, said } = await turning(['a', 'b', 'c'], () => 'turned', 1)
    expect(turned).toEqual(['a'])
    expect(said.at(-1)).toEqual({ done: 0, total: 3, failed: 0, stopped: null })
})
