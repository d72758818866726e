/** Shifts as people type them. */
import { describe, expect, test } from 'vitest'
import { isAddress, minutesOf, timeOf, withoutShift, withShift } from '../../src/console/duty.ts'

describe('a time', () => {
    test.each([['8', 480], ['08:30', 510], ['8.30', 510], [' 0:00 ', 0], ['24:00', 1_440]])('%s is read', (typed, minutes) => {
        expect(minutesOf(typed)).toBe(minutes)
    })

    test.each(['', '8:60', '24:01', '25', 'noon', '8:3', '-1'])('%s is none', (typed) => {
        expect(minutesOf(typed)).toBeNull()
    })

    test('is written with two digits each', () => {
        expect([timeOf(0), timeOf(510), timeOf(1_440)]).toEqual(['00:00', '08:30', '24:00'])
    })
})

describe('an address', () => {
    test.each(['juristi@example.fi', 'a.b+c@posti.example.fi'])('%s is one', (typed) => {
        expect(isAddress(typed)).toBe(true)
    })

    test.each(['juristi', 'juristi@', '@example.fi', 'juristi@example', 'juristi@example.', 'a b@example.fi', 'a@b@example.fi'])('%s is none', (typed) => {
        expect(isAddress(typed)).toBe(false)
    })
})

describe('the list of who is on call', () => {
    const friday = { expert: 'a', weekday: 4, from_min: 480, to_min: 960 }
    const monday = { expert: 'b', weekday: 0, from_min: 480, to_min: 960 }

    test('is by weekday and time', () => {
        expect(withShift([friday], monday)).toEqual([monday, friday])
    })

    test('holds one shift of an expert at one beginning', () => {
        expect(withShift([friday], { ...friday, to_min: 600 })).toEqual([{ ...friday, to_min: 600 }])
    })

    test('loses the shift that is taken out, and no other', () => {
        expect(withoutShift([monday, friday], { ...friday })).toEqual([monday])
    })
})
