/** Choosing among a thousand schools, and the address that remembers the choice. */
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { addressIn, fragmentOf } from '../../src/figures/address.ts'
import { byKind, found } from '../../src/figures/choosing.ts'

const mine = [
    { id: '06', kind: 'county', name: 'Pirkanmaa' },
    { id: '837', kind: 'municipality', name: 'Koskikaupunki' },
    { id: '83701', kind: 'school', name: 'Ylä-Lammin koulu' },
    { id: '83702', kind: 'school', name: 'ÄHTÄRIN koulu' },
    { id: '83703', kind: 'school', name: 'Äijälän lukio' },
]
const names = (typed: string): string[] => found(mine, typed).map(({ name }) => name)

describe('a body is found', () => {
    test.each([
        ['', mine.map(({ name }) => name)], ['  ', mine.map(({ name }) => name)], ['lam', ['Ylä-Lammin koulu']], ['koulu äht', ['ÄHTÄRIN koulu']], ['KOSK', ['Koskikaupunki']],
        ['ammin', []], ['koulu koulut', []],
    ])('by the beginning of each word: %j', (typed, expected) => expect(names(typed)).toEqual(expected))

    test('and an ä is not an a', () => expect(names('aht')).toEqual([]))
})

test('bodies of one kind stand together, in the order in which they came', () => {
    expect([...byKind(mine)].map(([kind, ones]) => [kind, ones.length])).toEqual([['county', 1], ['municipality', 1], ['school', 3]])
})

const name = fc.option(fc.string({ minLength: 1 }))
property.prop([name, name, fc.boolean()])('an address is read as it was written', (organisation, period, methods) => {
    expect(addressIn(fragmentOf({ organisation, period, methods }))).toEqual({ organisation, period, methods })
})

test('an address that says nothing is the viewer\'s own, at the newest', () => {
    expect(addressIn('')).toEqual({ organisation: null, period: null, methods: false })
    expect(addressIn('#what')).toEqual({ organisation: null, period: null, methods: false })
})
