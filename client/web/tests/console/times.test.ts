/** Days and hours as words. */
import { expect, test } from 'vitest'
import { clock } from '../../src/console/views/times.ts'

const FRIDAY_S = Date.UTC(2026, 10, 27, 8) / 1_000

test.each([['fi', /27\.11\. klo \d\d\.\d\d$/], ['sv', /27\.11 kl\. \d\d[.:]\d\d$/], ['en', /27\/11, \d\d:\d\d$/]] as const)('a day and its hour do not run together in %s', (language, words) => {
    expect(clock(FRIDAY_S, language)).toMatch(words)
})
