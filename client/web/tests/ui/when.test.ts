/** Moments as somebody would say them. */
import { beforeAll, expect, test } from 'vitest'
import { loadOtherWords, translator } from '../../src/i18n/text.ts'
import type { Language } from '../../src/session/types.ts'
import { when } from '../../src/ui/when.ts'

beforeAll(() => loadOtherWords())

const zone = 'Europe/Helsinki'
/** By the clock in Helsinki, in winter. */
const at = (day: number, hour: number, minute = 0): number => Date.UTC(2026, 10, day, hour - 2, minute) / 1_000
const FRIDAY = at(27, 15)
const said = (atS: number, language: Language = 'fi'): string => when(atS, FRIDAY, { t: translator(language), language, zone })

test.each([
    [at(27, 16), 'tänään klo 16'],
    [at(28, 8, 30), 'huomenna klo 8.30'],
    [at(26, 9), 'eilen klo 9'],
    [at(30, 8), 'maanantaina klo 8'],
    [at(24, 8), '24. marraskuuta klo 8'],
    [at(34, 8), '4. joulukuuta klo 8'],
])('%i is said as %s', (atS, words) => {
    expect(said(atS)).toBe(words)
})

test.each([
    ['fi-simple', 'maanantaina kello 8'],
    ['sv', 'på måndag klockan 8'],
    ['en', 'Monday at 08:00'],
] as const)('in %s it is %s', (language, words) => {
    expect(said(at(30, 8), language)).toBe(words)
})

test('the day is that of the service, whatever the device thinks', () => {
    expect(said(at(28, 0, 30))).toBe('huomenna klo 0.30')
    expect(said(at(27, 23, 59))).toBe('tänään klo 23.59')
})

test('a night in which the clocks change moves nothing to another day', () => {
    const before = Date.UTC(2027, 2, 27, 20) / 1_000
    const t = translator('en')
    expect(when(Date.UTC(2027, 2, 28, 5) / 1_000, before, { t, language: 'en', zone })).toBe('tomorrow at 08:00')
})
