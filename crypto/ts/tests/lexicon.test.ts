/** The picture lexicon answers in TypeScript as it does in Python: the same vectors. */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import shipped from '../../lyhty_crypto/lexicon/pictures.json' with { type: 'json' }
import vectors from '../../vectors/lexicon.json' with { type: 'json' }
import { editDistance, LANGUAGES, Lexicon, LEXICON, matchWord, pictureIndex, spell, splitPhrase } from '../lexicon.ts'
import type { Language, Match } from '../lexicon.ts'

/** A match in the words of the vectors, which name pictures and not their numbers. */
function everydayAnswer(meant: Match): unknown {
    switch (meant.kind) {
        case 'exact':
            return { kind: 'exact', picture: LEXICON.pictures[meant.index] }
        case 'corrected':
            return { kind: 'corrected', picture: LEXICON.pictures[meant.index], word: meant.word }
        case 'ask':
            return { kind: 'ask', candidates: meant.candidates.map(([index, word]) => [LEXICON.pictures[index], word]) }
        case 'unknown':
            return { kind: 'unknown' }
    }
}

describe('the pictures', () => {
    test('are one for each byte', () => {
        expect(LEXICON.pictures).toHaveLength(256)
        expect(new Set(LEXICON.pictures).size).toBe(256)
    })

    test('stand in the frozen order', () => {
        const digest = createHash('sha256').update(LEXICON.pictures.join('')).digest('hex')
        expect(digest).toBe('eb849eb4c51a50e1101943648789d90fb71de9aaed6f636decaa2efeb78cb3ef')
        expect(shipped.sha256).toBe(digest)
    })

    test.each(LEXICON.pictures)('%s is drawn as a picture without a style mark', (picture) => {
        expect(picture).toMatch(/^\p{Emoji_Presentation}$/u)
    })

    test('stand in groups that follow each other', () => {
        expect(LEXICON.groups.map((group) => group.start)).toEqual([0, ...LEXICON.groups.map((group) => group.end).slice(0, -1)])
        expect(LEXICON.groups.at(-1)?.end).toBe(256)
    })

    test('are found by themselves', () => {
        expect(LEXICON.pictures.map(pictureIndex)).toEqual([...LEXICON.pictures.keys()])
    })

    test.each(['', '👻', '🐶🐱', 'koira'])('do not include %j', (notListed) => {
        expect(pictureIndex(notListed)).toBeUndefined()
    })
})

describe('a typed word', () => {
    test.each(vectors.match_word)('$name', ({ typed, language, expect: expected }) => {
        expect(everydayAnswer(matchWord(typed, language as Language))).toEqual(expected)
    })

    test.each(LANGUAGES)('of the list %s is understood whatever the language of the page', (language) => {
        for (const preferred of LANGUAGES) {
            const understood = LEXICON.words.get(language)?.map((word) => matchWord(word, preferred))
            expect(understood).toEqual(LEXICON.pictures.map((_, index) => ({ kind: 'exact', index })))
        }
    })

    test('that names two pictures in two languages is asked about', () => {
        const clash = new Lexicon(['🎁', '🤢'], new Map<Language, string[]>([['en', ['gift', 'sick']], ['sv', ['present', 'gift']]]))
        expect(matchWord('gift', 'sv', clash)).toEqual({ kind: 'ask', candidates: [[1, 'gift'], [0, 'gift']] })
        expect(matchWord('gift', 'en', clash)).toEqual({ kind: 'ask', candidates: [[0, 'gift'], [1, 'gift']] })
    })

    test('is met with at most four pictures', () => {
        const rhymes = new Lexicon(['1', '2', '3', '4', '5'], new Map<Language, string[]>([['en', ['bat', 'cat', 'hat', 'mat', 'rat']]]))
        expect(matchWord('xat', 'en', rhymes)).toEqual({ kind: 'ask', candidates: [[0, 'bat'], [1, 'cat'], [2, 'hat'], [3, 'mat']] })
    })

    test.each([['', '', 0], ['abc', '', 3], ['ab', 'ba', 1], ['ca', 'abc', 3]])('%j is counted against %j as %i errors', (a, b, errors) => {
        expect(editDistance([...a], [...b])).toBe(errors)
    })
})

describe('a pasted phrase', () => {
    test.each(vectors.split_phrase)('$name', ({ text, parts }) => {
        expect(splitPhrase(text)).toEqual(parts)
    })
})

describe('a phrase', () => {
    test.each(vectors.spell)('is spelled: $name', ({ phrase, words }) => {
        const bytes = Uint8Array.from(Buffer.from(phrase, 'hex'))
        expect(Object.fromEntries(LANGUAGES.map((language) => [language, spell(bytes, language)]))).toEqual(words)
    })

    test.each(LANGUAGES)('spelled in %s is read back as the same bytes', (language) => {
        const phrase = [7, 0, 255, 128, 7, 64, 31, 200]
        const typed = splitPhrase(spell(phrase, language).join(', '))
        expect(typed.map((word) => matchWord(word, language))).toEqual(phrase.map((index) => ({ kind: 'exact', index })))
    })

    test.each([-1, 256, 1.5])('has no picture %d', (index) => {
        expect(() => spell([index], 'fi')).toThrow(RangeError)
    })
})
