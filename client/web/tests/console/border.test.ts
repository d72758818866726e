/** What comes into the console from outside: the server's JSON, the device code in an address, and times. */
import { describe, expect, test } from 'vitest'
import { deviceCodeIn, isDeviceCode } from '../../src/console/device-code.ts'
import { ANSWERS, readFeedMessage, UnreadableAnswerError } from '../../src/console/answers.ts'
import { asPlace, asQueuePage } from '../../src/console/places.ts'
import { ago, clock, moment } from '../../src/console/views/times.ts'

const readPlace = (value: unknown) => asPlace(ANSWERS['POST /api/cases/{case}/places/{queue}/release'](value, 'answer'))
const readQueuePage = (value: unknown) => asQueuePage(ANSWERS['GET /api/queues/{queue}'](value, 'answer'))

const wire = {
    case: 'abc', queue: 2, urgent: true, state: 'held', holder: 'me', lease_until: 9, opened_hour: 8, seq: 7, last_seq: 6, card: 'c', card_wrap: 'w', answered: true, missed: false,
    lapses: 1, snooze: { until: 5, seq: 4 }, closer: null, closed_hour: null, closed_nth: null, closed_seq: null,
}

describe('an answer of the desk', () => {
    test('becomes a place with a name of its own', () => {
        expect(readPlace(wire)).toEqual({
            key: 'abc/2', case: 'abc', queue: 2, urgent: true, state: 'held', holder: 'me', leaseUntil: 9, openedHour: 8, seq: 7, lastSeq: 6, card: 'c', cardWrap: 'w', answered: true, missed: false,
            lapses: 1, snooze: { until: 5, seq: 4 }, closer: null, closedHour: null, closedNth: null, closedSeq: null,
        })
    })

    test.each([
        ['a field is missing', { ...wire, card: undefined }],
        ['a state is unknown', { ...wire, state: 'open' }],
        ['a number is a text', { ...wire, queue: '2' }],
        ['a truth is a number', { ...wire, urgent: 1 }],
        ['a snooze has no end', { ...wire, snooze: { seq: 4 } }],
        ['it is nothing', null],
    ])('is refused when %s', (_why, value) => expect(() => readPlace(value)).toThrow(UnreadableAnswerError))

    test('tells the last page by its missing cursor', () => {
        expect([readQueuePage({ cases: [], next: null }).next, readQueuePage({ cases: [wire], next: '1-7' }).next]).toEqual([null, '1-7'])
    })

    test('of a kind that a later server may send is passed over', () => expect(readFeedMessage({ type: 'weather' })).toBeNull())
})

describe('a device code', () => {
    const code = `${'aB3_-'.repeat(8)}zzE`

    test('is taken from the fragment of an address', () => expect(deviceCodeIn(`#device=${code}`)).toBe(code))

    test('is not taken from a fragment that says something else', () => expect(deviceCodeIn(`#a=${code}`)).toBeNull())

    test.each(['', code.slice(1), `${code}A`, `${code.slice(0, 42)}B`, `${code.slice(0, 42)}=`])('of another form is none: %s', (text) => expect(isDeviceCode(text)).toBe(false))
})

describe('the age of a case', () => {
    const nowS = 1_000 * 3_600 + 1_800

    test.each([[1_000, 'this hour'], [999, '1 hour ago'], [953, '47 hours ago'], [952, '2 days ago'], [1_001, 'this hour']])('opened in hour %i is told as %s', (hour, words) => {
        expect(ago(hour, nowS, 'en')).toBe(words)
    })
})

describe('the time of a message', () => {
    test('is shown by day, month and hour', () => expect(clock(Date.UTC(2026, 10, 22, 12) / 1_000, 'en')).toMatch(/22\/11/))

    test('that lies beyond the calendar does not stop the page', () => {
        expect(moment(Number.MAX_SAFE_INTEGER).toISOString()).toBe('9999-12-31T00:00:00.000Z')
        expect(() => clock(Number.MAX_SAFE_INTEGER, 'fi')).not.toThrow()
    })
})
