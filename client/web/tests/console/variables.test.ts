/** What stands in braces in a template, and what becomes of it. */
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { filled, firstUnfilled, unfilledIn, VARIABLES } from '../../src/console/variables.ts'

describe('a variable', () => {
    test('that is known is filled in wherever it stands', () => {
        expect(filled('{service} ja {service}', new Map([['service', 'TikTok']]))).toBe('TikTok ja TikTok')
    })

    test('that is not known stays open', () => {
        expect(filled('Palaan {date}.', new Map([['service', 'TikTok']]))).toBe('Palaan {date}.')
    })

    test('of a name that nobody knows counts as open too', () => {
        expect(unfilledIn('{servise} {date} {date} {constructor}')).toEqual(['{servise}', '{date}', '{constructor}'])
    })

    test('is found where it stands first', () => {
        const text = 'Palaan {date} ja {service}.'
        const open = firstUnfilled(text)
        expect(text.slice(open?.start, open?.end)).toBe('{date}')
    })

    const written = fc.array(fc.oneof(fc.constantFrom(...VARIABLES.map((name) => `{${name}}`)), fc.constantFrom('a', ' ', '\n', 'ä'))).map((all) => all.join(''))
    property.prop([written])('with a value for each leaves nothing open, whatever else the text says', (text) => {
        expect(unfilledIn(filled(text, new Map(VARIABLES.map((name) => [name, 'x'] as const))))).toEqual([])
    })

    property.prop([fc.string()])('is open exactly when there is a first open one', (text) => {
        expect(unfilledIn(text).length === 0).toBe(firstUnfilled(text) === null)
    })
})
