/** The tree of schools as a coordinator looks at it. */
import { describe, expect, test } from 'vitest'
import type { Imported, Organisation, Organisations } from '../../src/console/api-types.ts'
import { agreementsOf, dayIn, isSame, lastDay, matching, treeOf } from '../../src/console/organisations.ts'

const body = (id: string, kind: Organisation['kind'], name: string, parent: string | null = null): Organisation => ({ id, kind, name, parent })
const ALL: Organisations = {
    organisations: [
        body('06', 'county', 'Pirkanmaa'), body('837', 'municipality', 'Tampere', '06'), body('980', 'municipality', 'Ylöjärvi', '06'),
        body('00001', 'school', 'Äijälän koulu', '837'), body('00002', 'school', 'Rantakoulu 10', '837'), body('00003', 'school', 'Rantakoulu 9', '837'),
    ],
    agreements: [
        { funder: '837', organisation: '837', percent: 60, begins: '2026-08-01', ends: null },
        { funder: '06', organisation: '837', percent: 40, begins: '2026-08-01', ends: '2027-08-01' },
    ],
}

describe('the tree', () => {
    test('has every body below its own, by name as the language sorts them', () => {
        const [county] = treeOf(ALL, 'fi')
        expect(county?.below.map((one) => one.body.name)).toEqual(['Tampere', 'Ylöjärvi'])
        expect(county?.below[0]?.below.map((one) => one.body.name)).toEqual(['Rantakoulu 9', 'Rantakoulu 10', 'Äijälän koulu'])
        expect(county?.below[1]?.below).toEqual([])
    })

    test.each([['ranta', 2], ['  RANTA ', 2], ['äijä', 1], ['837', 1], ['0000', 3], ['37', 0], ['nothing', 0]])('is searched for "%s"', (typed, count) => {
        expect(matching(ALL, typed)).toHaveLength(count)
    })

    test('knows who pays for whom', () => {
        expect(agreementsOf(ALL).get('837')?.map((one) => one.percent)).toEqual([60, 40])
        expect(agreementsOf(ALL).get('06')).toBeUndefined()
    })

    test('of five thousand schools is made and searched in a moment', () => {
        const schools = Array.from({ length: 5_000 }, (_, nth) => body(String(nth).padStart(5, '0'), 'school', `Koulu ${nth}`, '837'))
        const many = { ...ALL, organisations: [...ALL.organisations.slice(0, 3), ...schools] }
        expect(treeOf(many, 'fi')[0]?.below[0]?.below).toHaveLength(5_000)
        expect(matching(many, 'koulu 49')).toHaveLength(111)
    })
})

describe('a day', () => {
    test('is written as the language does, and the last day is the one before the end', () => {
        expect(dayIn('2026-08-01', 'fi')).toBe('1.8.2026')
        expect(dayIn('2026-08-01', 'en')).toBe('01/08/2026')
        expect([lastDay('2027-08-01'), lastDay('2028-03-01'), lastDay('2027-01-01')]).toEqual(['2027-07-31', '2028-02-29', '2026-12-31'])
    })
})

test('an import of nothing new is the same, and of one withdrawn agreement is not', () => {
    const nothing: Imported = { added: [], changed: [], left: [], agreements: [], withdrawn: [], problems: [], more_problems: 0 }
    expect(isSame(nothing)).toBe(true)
    expect(isSame({ ...nothing, withdrawn: ALL.agreements })).toBe(false)
})
