/** Files of figures: a report that is still being made is waited for, with news of how long. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FiguresDesk } from '../../src/figures/desk.ts'
import { UnreadableAnswerError } from '../../src/net/reading.ts'

const ASKED = { organisation: '837', period: '2026-2027', language: 'fi' }

/** Says one after another how many seconds are left, and then gives the file. */
function desk(lefts: unknown[]): { readonly figures: FiguresDesk; readonly paths: string[] } {
    const paths: string[] = []
    const waiting = [...lefts]
    const call = (path: string): Promise<Response> => {
        paths.push(path)
        return Promise.resolve(path.includes('/report?') ? Response.json({ left_s: waiting.shift() }) : new Response('%PDF'))
    }
    return { figures: new FiguresDesk(call), paths }
}

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

test('a report that is being made is asked for again until it is there, and each time says how long', async () => {
    const { figures, paths } = desk([9, 4, 0])
    const told: number[] = []
    const file = figures.file(ASKED, 'report.pdf', (left) => told.push(left))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await (await file).text()).toBe('%PDF')
    expect(told).toEqual([9, 4])
    expect(paths.map((path) => path.split('?')[0])).toEqual([...Array<string>(3).fill('/api/figures/837/report'), '/api/figures/837/files/report.pdf'])
})

test('a report that lies ready comes without a word', async () => {
    const { figures } = desk([0])
    const told: number[] = []
    await figures.file(ASKED, 'report.pdf', (left) => told.push(left))
    expect(told).toEqual([])
})

test('other files are not waited for', async () => {
    const { figures, paths } = desk([])
    await figures.file(ASKED, 'report.xlsx', () => undefined)
    expect(paths.map((path) => path.split('?')[0])).toEqual(['/api/figures/837/files/report.xlsx'])
})

test('who answers something else than seconds is not asked for ever', async () => {
    const { figures } = desk(['soon'])
    await expect(figures.file(ASKED, 'report.pdf', () => undefined)).rejects.toThrow(UnreadableAnswerError)
})
