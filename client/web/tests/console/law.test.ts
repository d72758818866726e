/** The law data: a closed shape, nothing invented where something is not known, and words that a child understands. */
import { MAX_LINE_CODE_POINTS } from '@lyhty/crypto/contents.ts'
import { encodeContent } from '@lyhty/crypto/contents.ts'
import { describe, expect, test } from 'vitest'
import { LAW } from '../../src/console/answering/books.ts'
import { citation, mayAdd, needsCheck, provisionOf, searchLaw, type LawRow } from '../../src/console/answering/law.ts'
import english from '../../src/i18n/console/en.json' with { type: 'json' }
import { isLong, wordsOf } from '../wiio.ts'

const LANGUAGES = ['fi-simple', 'fi', 'sv', 'en'] as const
const DESK = ['fi', 'sv', 'en'] as const
const TOPICS = ['bullying', 'threats', 'picture-shared', 'blackmail', 'adult-contact', 'fake-profile', 'account-taken', 'scam', 'disturbing', 'left-out', 'other']
const DAY = /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const NUMBER = /^(\d{1,4}\/(18|19|20)\d\d|\(EU\) 20\d\d\/\d{3,4})$/
const ROW_FIELDS = [
    'article', 'chapter', 'complainant', 'decides', 'evidence', 'explained', 'id', 'kind', 'last_checked', 'name', 'needs_check', 'note',
    'read_in', 'section', 'source', 'statute', 'topics', 'wording',
]
const NOW = Date.parse('2026-11-27T12:00:00Z') / 1_000
const YEAR_LATER = NOW + 366 * 86_400
const words = new Set(Object.keys(english))
const rowOf = (id: string): LawRow => LAW.provisions.find((row) => row.id === id) as LawRow

test('the law data has a version, and statutes with the number they are published under', () => {
    expect(LAW.version).toMatch(DAY)
    for (const { number, name } of Object.values(LAW.statutes)) {
        expect(number).toMatch(NUMBER)
        expect(Object.keys(name)).toEqual(DESK)
    }
})

test('no two rows have one id', () => {
    const ids = LAW.provisions.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThan(40)
})

test('there is law for every topic a reporter can name', () => {
    expect(TOPICS.filter((topic) => !LAW.provisions.some((row) => row.topics.includes(topic)))).toEqual([])
})

describe.each(LAW.provisions.map((row) => [row.id, row] as const))('the row %s', (id, row) => {
    test('has just the fields of a row', () => {
        expect(Object.keys(row).sort()).toEqual(ROW_FIELDS)
        expect(id).toMatch(/^[a-z0-9-]{1,32}$/)
        expect(['crime', 'right', 'duty', 'age']).toContain(row.kind)
        expect(row.topics.length).toBeGreaterThan(0)
        expect(row.topics.filter((topic) => !TOPICS.includes(topic))).toEqual([])
    })

    test('is named in three languages and explained in four', () => {
        expect(Object.keys(row.name)).toEqual(DESK)
        expect(Object.keys(row.explained)).toEqual(LANGUAGES)
        for (const text of [...Object.values(row.name), ...Object.values(row.explained)]) expect(text).toMatch(/^\S.*\S$/)
        for (const text of Object.values(row.explained)) expect(text).toMatch(/[.!?]$/)
    })

    test('names its statute and place as its source', () => {
        expect(Object.keys(LAW.statutes)).toContain(row.statute)
        expect(row.source).toBe(citation(LAW, row, 'fi'))
        for (const language of LANGUAGES) expect(citation(LAW, row, language).length).toBeLessThanOrEqual(MAX_LINE_CODE_POINTS)
    })

    test('leaves open what is not known, and then says that it has to be checked', () => {
        const unknown = [row.complainant, row.last_checked, row.section ?? row.article].some((value) => value === null)
        expect(!unknown || row.needs_check).toBe(true)
        for (const day of [row.last_checked, row.wording?.from ?? null]) expect(day === null || DAY.test(day)).toBe(true)
        expect(row.last_checked === null).toBe(row.read_in === null)
    })

    test('says whether the victim has to demand punishment exactly when it is about a crime', () => {
        expect(row.complainant === 'not-a-crime').toBe(row.kind !== 'crime' && row.complainant !== null)
        expect(['yes', 'no', 'partly', 'not-a-crime', null]).toContain(row.complainant)
    })

    test('names in words of the console who decides and what helps', () => {
        expect(row.decides.length).toBeGreaterThan(0)
        const keys = [...row.decides.map((who) => `console.law.decides.${who}`), ...row.evidence.map((what) => `console.law.evidence.${what}`)]
        expect(keys.filter((key) => !words.has(key))).toEqual([])
    })

    test('is explained in plain Finnish: short sentences, few long words', () => {
        for (const sentence of row.explained['fi-simple'].split(/(?<=[.!?])\s+/)) {
            expect(wordsOf(sentence).length, sentence).toBeLessThanOrEqual(12)
            expect(wordsOf(sentence).filter(isLong).length, sentence).toBeLessThanOrEqual(2)
        }
    })

    test.each(LANGUAGES)('can be sent in an answer to somebody who reads %s', (language) => {
        const parts = [{ part: 'legal', text: 'x' }] as const
        expect(encodeContent({ type: 'answer', at: 0, profession: 'lawyer', parts, plain: [], ticks: [], assessment: [provisionOf(LAW, row, language)] }).length).toBeLessThan(2_000)
    })
})

describe('evidence', () => {
    test('is never a copy of a sexual picture: every row about such pictures says so', () => {
        const aboutPictures = LAW.provisions.filter(({ name }) => /kuvan|kuvaa|houkuttel|Seksuaali/.test(name.fi))
        expect(aboutPictures.length).toBeGreaterThan(6)
        expect(aboutPictures.filter(({ statute, chapter, evidence }) => statute === 'rl' && chapter === 20 && !evidence.includes('no-nude-copies'))).toEqual([])
    })
})

describe('a row needs a lawyer’s check', () => {
    const checked: LawRow = { ...rowOf('defamation'), needs_check: false, last_checked: '2026-11-27' }

    test('when it is marked', () => expect(needsCheck({ ...checked, needs_check: true }, NOW)).toBe(true))
    test('when nobody has ever compared it with its source', () => expect(needsCheck({ ...checked, last_checked: null }, NOW)).toBe(true))
    test('when that is more than a year ago', () => expect(needsCheck(checked, YEAR_LATER)).toBe(true))
    test('not within the year', () => expect(needsCheck(checked, NOW)).toBe(false))
})

describe('searching the law', () => {
    test('shows what fits the topic first', () => {
        expect(searchLaw(LAW, '', 'blackmail', 'fi').slice(0, 8).every(({ topics }) => topics.includes('blackmail'))).toBe(true)
    })

    test.each([['kunnia', 'fi'], ['ärekränk', 'sv'], ['defam', 'en'], ['arekrankning', 'sv'], ['24 luku 9', 'en']] as const)('finds defamation by %s', (typed, language) => {
        expect(searchLaw(LAW, typed, null, language).map(({ id }) => id)).toContain('defamation')
    })

    test('finds nothing for words that stand nowhere', () => {
        expect(searchLaw(LAW, 'kunnianloukkaus zzz', null, 'fi')).toEqual([])
    })
})

describe('a row in an answer', () => {
    test('speaks the reader’s language, and names the law as Finnish does in plain Finnish', () => {
        expect(provisionOf(LAW, rowOf('defamation'), 'sv')).toMatchObject({ name: 'Ärekränkning', section: 'Strafflagen 39/1889, 24 kap. 9 §' })
        expect(provisionOf(LAW, rowOf('defamation'), 'en').section).toBe('Criminal Code 39/1889, chapter 24, section 9')
        expect(provisionOf(LAW, rowOf('defamation'), 'fi-simple')).toMatchObject({ name: 'Kunnianloukkaus', explained: rowOf('defamation').explained['fi-simple'] })
    })

    test('says that nothing can be told until its writer says more', () => {
        expect(provisionOf(LAW, rowOf('defamation'), 'fi')).toMatchObject({ likely: 'cannot-tell', words: null, version: LAW.version })
    })

    test('can be added once, and eight in all', () => {
        const rows = LAW.provisions.slice(0, 8).map((row) => provisionOf(LAW, row, 'fi'))
        expect(mayAdd(rows.slice(0, 7), rows[0]?.law ?? '')).toBe(false)
        expect(mayAdd(rows.slice(0, 7), 'another')).toBe(true)
        expect(mayAdd(rows, 'another')).toBe(false)
    })
})
