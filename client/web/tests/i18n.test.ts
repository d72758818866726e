/**
 * Holds the catalogs to each other and to the plain-language rule.
 *
 * What a screen may say is decided in `src/i18n/*.json`; this file only decides when those words are incomplete,
 * out of step between the languages, or too hard for a child.
 */
import { CLIENT_CODES, SERVER_CODES } from '@lyhty/crypto/codes.ts'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

type Catalog = Readonly<Record<string, string>>

const LANGUAGES = ['fi-simple', 'fi', 'sv', 'en'] as const
type Language = (typeof LANGUAGES)[number]

const TOPICS = [
    'bullying', 'threats', 'picture-shared', 'blackmail', 'adult-contact', 'fake-profile',
    'account-taken', 'scam', 'disturbing', 'left-out', 'other',
]
const SERVICES = [
    'tiktok', 'snapchat', 'whatsapp', 'instagram', 'discord', 'roblox', 'youtube',
    'telegram', 'fortnite', 'minecraft', 'steam', 'jodel', 'wilma', 'other',
]
const ANSWER_PARTS = ['did-right', 'legal', 'now', 'protect', 'first-aid', 'tell', 'look-again']
const ERROR_CODES = [...SERVER_CODES.map(([, code]) => code), ...CLIENT_CODES]
const ERROR_SENTENCES = ['what', 'safe', 'now']

/** Topics in which a nude picture of a minor may be what the person holds. */
const TOPICS_WITH_PICTURES = ['picture-shared', 'blackmail', 'adult-contact', 'other']
const NUDE: Readonly<Record<Language, RegExp>> = {
    'fi-simple': /älä [^.]*alastonku/i,
    fi: /älä [^.]*(alastonku|tallenna tai lähetä)/i,
    sv: /inte [^.]*(nakenbild|skicka den)/i,
    en: /(do not|not) [^.]*(nude|save or send)/i,
}

/** Selkosuomi aims at nine words; twelve is where a sentence has to be cut. */
const MAX_WORDS_PER_SIMPLE_SENTENCE = 12

const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/** Of the first load, of what follows it, and the console's, which no pupil fetches. */
const FOLDERS = ['', 'later/', 'console/']

const fileTexts = (language: Language): string[] =>
    FOLDERS.map((folder) => readFileSync(new URL(`../src/i18n/${folder}${language}.json`, import.meta.url), 'utf8'))

const catalogs = new Map<Language, Catalog>(
    LANGUAGES.map((language) => [
        language,
        Object.assign({}, ...fileTexts(language).map((text) => JSON.parse(text) as Catalog)) as Catalog,
    ]),
)
const catalogOf = (language: Language): Catalog => catalogs.get(language) ?? {}
const keysOf = (language: Language): string[] => Object.keys(catalogOf(language))

const placeables = (text: string): string[] => (text.match(/\{\{[^}]*\}\}/g) ?? []).sort()

const sentences = (text: string): string[] => text.split(/(?<=[.!?…])\s+|\n/).filter((part) => part !== '')

const wordCount = (sentence: string): number => sentence.trim().split(/\s+/).length

const idsWithoutText = (language: Language, keys: readonly string[]): string[] =>
    keys.filter((key) => catalogOf(language)[key] === undefined)

describe.each(LANGUAGES)('the %s catalog', (language) => {
    test('holds the same keys in the same order as plain Finnish', () => {
        expect(keysOf(language)).toEqual(keysOf('fi-simple'))
    })

    test('holds no key twice', () => {
        const written = [...fileTexts(language).join('').matchAll(/^\s*"([^"]+)":/gm)].map((match) => match[1])
        expect(written).toEqual([...new Set(written)])
    })

    test('keeps the keys of one area together, areas in alphabetical order', () => {
        for (const text of fileTexts(language)) {
            const areas = Object.keys(JSON.parse(text) as Catalog).map((key) => key.split('.')[0] ?? '')
            expect(areas).toEqual([...areas].sort())
        }
    })

    test('uses the placeables that plain Finnish uses', () => {
        const simple = catalogOf('fi-simple')
        const differing = Object.entries(catalogOf(language)).filter(
            ([key, text]) => placeables(text).join() !== placeables(simple[key] ?? '').join(),
        )
        expect(differing).toEqual([])
    })

    test('writes every placeable as two braces around a plain name', () => {
        const malformed = Object.entries(catalogOf(language)).filter(([, text]) =>
            /[{}]/.test(text.replace(/\{\{[a-z][A-Za-z]*\}\}/g, '')),
        )
        expect(malformed).toEqual([])
    })

    test('has both plural forms wherever it has one', () => {
        const stems = keysOf(language)
            .filter((key) => /_(one|other)$/.test(key))
            .map((key) => key.replace(/_(one|other)$/, ''))
        const lonely = stems.flatMap((stem) => idsWithoutText(language, [`${stem}_one`, `${stem}_other`]))
        expect(stems).not.toEqual([])
        expect(lonely).toEqual([])
    })

    test('has no empty or untrimmed text', () => {
        const blank = Object.entries(catalogOf(language)).filter(([, text]) => text === '' || text !== text.trim())
        expect(blank).toEqual([])
    })

    test('has no bidirectional control character', () => {
        const hidden = Object.entries(catalogOf(language)).filter(([, text]) => BIDI_CONTROLS.test(text))
        expect(hidden).toEqual([])
    })

    test.each(ERROR_CODES)('says what happened, what is safe and what now for %s', (code) => {
        expect(idsWithoutText(language, ERROR_SENTENCES.map((part) => `errors.${code}.${part}`))).toEqual([])
    })

    test.each(TOPICS)('names the topic %s and gives its four first steps', (topic) => {
        const steps = [1, 2, 3, 4].map((number) => `steps.${topic}.${number}`)
        expect(idsWithoutText(language, [`topics.${topic}`, ...steps])).toEqual([])
    })

    test('names every service', () => {
        expect(idsWithoutText(language, SERVICES.map((service) => `services.${service}`))).toEqual([])
    })

    test('names every answer part to the reporter and to the expert', () => {
        const keys = ANSWER_PARTS.flatMap((part) => [
            `answer.part.${part}`, `console.editor.part.${part}.label`, `console.editor.part.${part}.hint`,
        ])
        expect(idsWithoutText(language, keys)).toEqual([])
    })

    test.each(TOPICS_WITH_PICTURES)('tells not to save or send nude pictures in the steps for %s', (topic) => {
        const steps = [1, 2, 3, 4].map((number) => catalogOf(language)[`steps.${topic}.${number}`]).join('\n')
        expect(steps).toMatch(NUDE[language])
    })

    test('shows 112 and the helpline in the own language where danger is asked about', () => {
        const catalog = catalogOf(language)
        expect(catalog['danger.call112']).toContain('112')
        expect(catalog['danger.callHelpline']).toContain(language === 'sv' ? '0800 96 116' : '116 111')
    })
})

test('the page a person flees to says nothing about Lyhty', () => {
    const page = readFileSync(new URL('../public/bye.html', import.meta.url), 'utf8')
    expect(page).not.toMatch(/lyhty|kuvasan|picture word|apua|\bhelp/i)
})

test('plain Finnish has no sentence longer than twelve words', () => {
    const long = Object.entries(catalogOf('fi-simple')).flatMap(([key, text]) =>
        sentences(text)
            .filter((sentence) => wordCount(sentence) > MAX_WORDS_PER_SIMPLE_SENTENCE)
            .map((sentence) => `${key}: ${sentence}`),
    )
    expect(long).toEqual([])
})
