/** Typing and pasting the phrase. */
import { describe, expect, test } from 'vitest'
import { phraseOf, readWords, withWord } from '../../src/ui/entry.ts'
import { match } from '../../src/ui/matching.ts'
import { pictureAt, wordOf } from '../../src/ui/pictures.ts'

const PHRASE = [5, 61, 140, 200, 77, 33, 250, 12]
const read = (typed: string) => readWords(typed, (word) => match(word, 'fi-simple'))
const spelled = PHRASE.map((index) => wordOf(index, 'fi-simple'))

describe('a phrase is read', () => {
    test('from eight words', () => {
        expect(phraseOf(read(spelled.join(' ')))).toEqual({ phrase: PHRASE })
    })

    test('from eight English words on a Finnish page', () => {
        expect(phraseOf(read(PHRASE.map((index) => wordOf(index, 'en')).join('\n')))).toEqual({ phrase: PHRASE })
    })

    test('from a numbered list', () => {
        expect(phraseOf(read(spelled.map((word, nth) => `${nth + 1}. ${word}`).join('\n')))).toEqual({ phrase: PHRASE })
    })

    test('from eight pictures', () => {
        expect(phraseOf(read(PHRASE.map(pictureAt).join('')))).toEqual({ phrase: PHRASE })
    })

    test('with one wrong letter', () => {
        expect(phraseOf(read(spelled.join(' ').replace('karhu', 'karhy')))).toEqual({ phrase: PHRASE })
    })
})

describe('what is not a phrase', () => {
    test('seven words are too few', () => {
        expect(phraseOf(read(spelled.slice(1).join(' ')))).toEqual({ code: 'phrase-incomplete' })
    })

    test('nine words are too many', () => {
        expect(phraseOf(read([...spelled, 'karhu'].join(' ')))).toEqual({ code: 'phrase-incomplete' })
    })

    test('a word that no list holds', () => {
        expect(phraseOf(read([...spelled.slice(1), 'xyzzyq'].join(' ')))).toEqual({ code: 'phrase-word-unknown' })
    })
})

test('a word that is still being typed is not called wrong', () => {
    expect(read('karhu xyz').map(({ ended }) => ended)).toEqual([true, false])
})

test('a space ends a word', () => {
    expect(read('karhu xyz ').at(-1)?.ended).toBe(true)
})

test('the answer to a doubtful word takes its place', () => {
    expect(withWord(read('karhu xyzzyq kala'), 1, 'kuu')).toBe('karhu kuu kala ')
})

test('a word that is taken away leaves the others', () => {
    expect(withWord(read('karhu kuu kala'), 1, null)).toBe('karhu kala ')
})
