/**
 * Holds the catalogs to each other and to the plain-language rule.
 *
 * What a screen may say is decided in `src/i18n/*.json`; this file only decides when those words are incomplete,
 * out of step between the languages, or too hard for a child.
 */
import { CLIENT_CODES, SERVER_CODES } from '@lyhty/crypto/codes.ts'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { tagOf } from '../src/i18n/text.ts'
import { grade, isLong, SAMPLE_WORDS, wordsOf } from './wiio.ts'

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
/** Wiio's measure, in school grades. */
const HARDEST_GRADE = 4

const PLURAL = /_(zero|one|two|few|many|other)$/

/** What has slipped in, and what would frighten or sound like a machine. */
const NOT_IN_A_TEXT: Readonly<Record<string, RegExp>> = {
    'nothing in it': /^$/,
    'a space at an end': /^\s|\s$/,
    'two spaces together': /\s\s/,
    'markup': /<|>|&\w+;/,
    'straight quotes': /["']/,
    'three dots': /\.\.\./,
    'the language of machines': /virhekoodi|felkod|error code|epäonnistu|misslyckades|invalid|ogiltig|virheellinen/i,
}

/** About what one line of a large button holds where the screen is 320 px wide. The console is for desks. */
const BUTTON_LETTERS = 28
/** Below this even twice the Finnish is short. */
const SHORT_BUTTON_LETTERS = 16

const sources = (folder: URL): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.tsx?$/.test(name))
        .map((name) => readFileSync(new URL(name, folder), 'utf8'))
const CODE = sources(new URL('../src/', import.meta.url)).join('\n')
/** Keys written out, and keys put together from identifiers: `steps.${topic}.${step}`. */
const NAMED = new Set([...CODE.matchAll(/['`"]([a-z][\w-]*(?:\.[\w-]+)+)['`"]/g)].map((match) => match[1]))
const PATTERNS = [...CODE.matchAll(/`([a-z][\w-]*\.[^`\s]*\$\{[^`]*)`/g)].map(
    (match) => new RegExp(`^${(match[1] ?? '').replace(/[.]/g, '\\.').replace(/\$\{.*?\}/g, '[\\w-]+')}$`),
)
const BUTTONS = [...new Set(
    [...CODE.matchAll(/<Button\b[^]*?<\/Button>/g)].flatMap((button) =>
        [...button[0].slice(button[0].lastIndexOf('>', button[0].length - 10)).matchAll(/'([a-z]\w*(?:\.[\w-]+)+)'/g)].map((match) => match[1] ?? ''),
    ).filter((key) => !key.startsWith('console.')),
)]
const lengthOf = (language: Language, key: string): number => catalogOf(language)[key]?.length ?? 0

const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/** Of the first load, of what follows it, and those that no pupil fetches. */
const FOR_GROWN_UPS = ['console/', 'viewers/']
const FOLDERS = ['', 'later/', ...FOR_GROWN_UPS]

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

    test('has just the plural forms that its language tells apart', () => {
        const forms = new Intl.PluralRules(tagOf(language)).resolvedOptions().pluralCategories
        const stems = new Set(keysOf(language).filter((key) => PLURAL.test(key)).map((key) => key.replace(PLURAL, '')))
        const expected = [...stems].flatMap((stem) => forms.map((form) => `${stem}_${form}`))
        expect(stems.size).toBeGreaterThan(0)
        expect(keysOf(language).filter((key) => PLURAL.test(key)).sort()).toEqual(expected.sort())
    })

    test.each(Object.entries(NOT_IN_A_TEXT))('has no text with %s', (_, pattern) => {
        expect(Object.entries(catalogOf(language)).filter(([, text]) => pattern.test(text))).toEqual([])
    })

    test('keeps every button short enough for a narrow phone', () => {
        const long = BUTTONS.filter((key) => lengthOf(language, key) > BUTTON_LETTERS)
        expect(BUTTONS.length).toBeGreaterThan(20)
        expect(long.map((key) => `${key}: ${catalogOf(language)[key]}`)).toEqual([])
    })

    test('gives no button more than 1.6 times the room it has in Finnish', () => {
        const wide = BUTTONS.filter((key) => lengthOf(language, key) > Math.max(SHORT_BUTTON_LETTERS, 1.6 * lengthOf('fi', key)))
        expect(wide.map((key) => `${key}: ${catalogOf(language)[key]}`)).toEqual([])
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

test('every word in the catalogs is said by some screen', () => {
    const silent = keysOf('fi')
        .map((key) => key.replace(PLURAL, ''))
        .filter((key) => !NAMED.has(key) && !PATTERNS.some((pattern) => pattern.test(key)))
    expect(silent).toEqual([])
})

describe('plain Finnish', () => {
    /** The experts' console and the page of figures speak to grown-ups. */
    const spoken = fileTexts('fi-simple').filter((_, nth) => !FOR_GROWN_UPS.includes(FOLDERS[nth] ?? '')).map((text) => JSON.parse(text) as Catalog)
    const simple = spoken.flatMap((catalog) => Object.entries(catalog))
    const byArea = new Map<string, string[]>()
    for (const [key, text] of simple) {
        const area = /^lesson\.(pictures|bullying)|^[^.]+/.exec(key)?.[0] ?? ''
        // Names of services are as they are.
        if (area !== 'services') byArea.set(area, [...(byArea.get(area) ?? []), text])
    }
    /** Wiio measures a hundred words: one long word in twenty would say nothing. So small neighbors are read together. */
    const samples: { name: string; texts: string[] }[] = []
    for (const [area, texts] of byArea) {
        const last = samples.at(-1)
        if (last !== undefined && last.texts.flatMap(wordsOf).length < SAMPLE_WORDS) {
            last.name += ` ${area}`
            last.texts.push(...texts)
        } else {
            samples.push({ name: area, texts: [...texts] })
        }
    }

    test.each(samples)('is for the fourth grade at most in $name', ({ texts }) => {
        expect(grade(texts)).toBeLessThanOrEqual(HARDEST_GRADE)
    })

    test('has no sentence of more than twelve words', () => {
        const long = simple.flatMap(([key, text]) =>
            sentences(text)
                .filter((sentence) => wordCount(sentence) > MAX_WORDS_PER_SIMPLE_SENTENCE)
                .map((sentence) => `${key}: ${sentence}`),
        )
        expect(long).toEqual([])
    })

    test('has no more than two long words in a sentence', () => {
        const dense = simple.flatMap(([key, text]) =>
            sentences(text).filter((sentence) => wordsOf(sentence).filter(isLong).length > 2).map((sentence) => `${key}: ${sentence}`),
        )
        expect(dense).toEqual([])
    })
})
