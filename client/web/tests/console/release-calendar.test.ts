/** Which figures are due, as the coordinator's client reckons it: tests/client/statistics holds the example true. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { calendar, dayInHelsinki, dueIn, periodsOf } from '../../src/console/release-calendar.ts'

interface Example {
    readonly periods: Readonly<Record<string, string>>
    readonly due: readonly { readonly begins: readonly string[]; readonly published: readonly string[]; readonly today: string; readonly due: readonly string[] }[]
}

const example = JSON.parse(readFileSync(new URL('./release-calendar.json', import.meta.url), 'utf8')) as Example

test('a period is named, and goes out, as in the coordinator\'s client', () => {
    const found = [2024, 2025, 2026].flatMap((year) => periodsOf(year).map(({ name, published }) => [name, published] as const))
    expect(Object.fromEntries(found)).toEqual(example.periods)
})

test.each(example.due.map((one) => [one.today, one.begins.join(), one.published.length, one] as const))('on %s with agreements from %s and %i published, the same is due', (_today, _begins, _count, { begins, published, today, due }) => {
    expect(dueIn(calendar(begins, published, today)).map(({ name }) => name)).toEqual(due)
})

test('the examples have days with nothing due, and with much', () => {
    expect(new Set(example.due.map(({ due }) => Math.sign(due.length)))).toEqual(new Set([0, 1]))
    expect(example.due.length).toBeGreaterThan(50)
})

describe('the calendar', () => {
    test('is empty while no agreement has begun', () => {
        expect(calendar([], [], '2026-11-27')).toEqual([])
        expect(calendar(['2026-12-01'], [], '2026-11-27')).toEqual([])
    })

    test('shows each school year since, newest first, and what is published, due and to come', () => {
        const years = calendar(['2025-09-01'], ['2025-08'], '2026-09-20')
        expect(years.map(({ name }) => name)).toEqual(['2026–2027', '2025–2026'])
        expect(years[1]?.slots.map(({ is }) => is)).toEqual(['published', ...Array<string>(14).fill('due')])
        expect(years[0]?.slots.slice(0, 2).map(({ is }) => is)).toEqual(['due', 'coming'])
    })
})

test('a day is Helsinki\'s, where it begins before midnight in Greenwich', () => {
    expect(dayInHelsinki(Date.UTC(2026, 10, 14, 21, 59) / 1_000)).toBe('2026-11-14')
    expect(dayInHelsinki(Date.UTC(2026, 10, 14, 22, 0) / 1_000)).toBe('2026-11-15')
})
