/** The texts on a school's papers are as plain as those of the pages, and say nothing that the pages do not say. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { grade, isLong, wordsOf } from './wiio.ts'

type Told = string | readonly Told[] | { readonly [key: string]: Told }

const LANGUAGES = ['fi-simple', 'fi', 'sv', 'en'] as const
/** As for the catalogs (i18n.test.ts). */
const MAX_WORDS_PER_SIMPLE_SENTENCE = 12
const HARDEST_GRADE = 4
/** What a pupil may have read at school by the ninth grade; the paper is for their parents. */
const HARDEST_GRADE_AT_HOME = 9
/** LIX (Björnsson 1968): up to 30 is for children, up to 40 plain prose. */
const HARDEST_LIX = { children: 32, homes: 45 }

const papers = (language: string): Record<string, Told> =>
    JSON.parse(readFileSync(new URL(`../../../server/lyhty_server/kits/texts/${language}.json`, import.meta.url), 'utf8')) as Record<string, Told>

const lines = (told: Told): string[] =>
    typeof told === 'string' ? [told.replaceAll(/\{\w+\}/g, '')] : (Array.isArray(told) ? told : Object.values(told)).flatMap((each: Told) => lines(each))

const of = (language: string, paper: string): string[] => lines(papers(language)[paper] ?? [])
const sentences = (text: string): string[] => text.split(/[.!?:]\s+|[.!?:]$/).filter((sentence) => wordsOf(sentence).length > 0)

function lix(texts: readonly string[]): number {
    const words = texts.flatMap(wordsOf)
    const long = words.filter((word) => [...word].length > 6).length
    return words.length / texts.flatMap(sentences).length + (long / words.length) * 100
}

describe('plain Finnish', () => {
    const spoken = ['poster', 'letter', 'message'].flatMap((paper) => of('fi-simple', paper))

    test.each(['poster', 'letter', 'message'])('is for the fourth grade at most in the %s', (paper) => {
        expect(grade(of('fi-simple', paper))).toBeLessThanOrEqual(HARDEST_GRADE)
    })

    test('has no sentence of more than twelve words', () => {
        expect(spoken.flatMap(sentences).filter((sentence) => wordsOf(sentence).length > MAX_WORDS_PER_SIMPLE_SENTENCE)).toEqual([])
    })

    test('has no more than two long words in a sentence', () => {
        expect(spoken.flatMap(sentences).filter((sentence) => wordsOf(sentence).filter(isLong).length > 2)).toEqual([])
    })
})

test.each(['letter', 'message'])('whoever left school after the ninth grade can read the %s in Finnish', (paper) => {
    expect(grade(of('fi', paper))).toBeLessThanOrEqual(HARDEST_GRADE_AT_HOME)
})

test.each(['sv', 'en'])('the papers for children and homes are easy in %s', (language) => {
    expect(lix(of(language, 'poster'))).toBeLessThanOrEqual(HARDEST_LIX.children)
    for (const paper of ['letter', 'message']) expect(lix(of(language, paper))).toBeLessThanOrEqual(HARDEST_LIX.homes)
})

test.each(LANGUAGES)('posters ask what the first page asks, in the same words, in %s', (language) => {
    const page = JSON.parse(readFileSync(new URL(`../src/i18n/${language}.json`, import.meta.url), 'utf8')) as Record<string, string>
    const poster = of(language, 'poster')
    for (const key of ['home.title', 'home.noName', 'home.danger']) expect(poster).toContain(page[key])
})
