/** The measure of plain Finnish itself. */
import { expect, test } from 'vitest'
import { grade, isLong, syllables } from './wiio.ts'

test.each([
    ['apu', 2], ['maa', 1], ['tie', 1], ['yö', 1], ['koulu', 2], ['auttaa', 2], ['viesti', 2], ['keskustelu', 4], ['kirjoittaa', 3], ['vastaus', 3],
    ['palauttaa', 3], ['pysäyttää', 3], ['asia', 3], ['asioita', 4], ['kopioida', 4], ['psykologi', 4], ['aikuinen', 3], ['uudelleen', 3],
    ['hiljainen', 3], ['rohkea', 3], ['kuvakaappaus', 5], ['laki|mies', 3], ['tietokone', 4], ['leijona', 3], ['etana', 3], ['neljä', 2],
])('%s has %i syllables', (word, count) => {
    expect(syllables(word)).toBe(count)
})

test('a word is judged by its base form', () => {
    expect(['sovelluksessa', 'lakimiehelle', 'keskustelusi'].filter(isLong)).toEqual(['keskustelusi'])
})

test('a text without long words is for the third grade', () => {
    expect(grade(['Kerro siitä meille.', 'Autamme sinua.'])).toBe(2.7)
})

test('ten long words in a hundred make three grades', () => {
    expect(grade([`${'keskustelu '.repeat(10)}${'apu '.repeat(90)}`])).toBeCloseTo(5.7)
})
