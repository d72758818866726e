/** The starting templates: enough of them, whole in every language, correct in what they promise, and short. */
import { ANSWER_PARTS, encodeContent, MAX_LINE_CODE_POINTS, MAX_LINES } from '@lyhty/crypto/contents.ts'
import { describe, expect, test } from 'vitest'
import { LAW, TEMPLATES } from '../../src/console/answering/books.ts'
import { provisionOf } from '../../src/console/answering/law.ts'
import { searchTemplates, TEMPLATE_TOPICS, templatesFor, withTemplate, type Template } from '../../src/console/answering/templates.ts'
import { contentOf } from '../../src/console/replies.ts'
import { NO_DRAFT } from '../../src/console/state.ts'
import { unfilledIn, VARIABLES, type Variable } from '../../src/console/variables.ts'
import { isLong, wordsOf } from '../wiio.ts'

const LANGUAGES = ['fi-simple', 'fi', 'sv', 'en'] as const
const PROFESSIONS = ['lawyer', 'psychologist'] as const
/** The numbers Lyhty shows elsewhere, and those of crisis and victim support lines. */
const NUMBERS = new Set(['112', '116 111', '116 006', '09 2525 0111', '0800 96 116'])
const KNOWN = new Set<string>(VARIABLES.map((name) => `{${name}}`))
const NUDE_TOPICS = ['sexual-image-shared', 'sextortion', 'grooming', 'ai-image']
const NOT_TO_KEEP = { 'fi-simple': /Älä (tallenna|ota kuvaa)/i, fi: /Älä (tallenna|ota kuvakaappausta|itse kuvaa)|älä itse kuvaa/i, sv: /(Spara inte|Ta inte|inte själva bilden)/i, en: /(Do not (save|take)|not the picture itself)/i }

const all = LANGUAGES.flatMap((language) => Object.entries(TEMPLATES[language]).map(([id, template]) => [language, id, template] as const))
const textsOf = ({ plain, ticks, parts }: Pick<Template, 'plain' | 'ticks' | 'parts'>): string[] => [...plain.split('\n'), ...ticks.split('\n'), ...Object.values(parts)]
const offered = LANGUAGES.flatMap((language) => PROFESSIONS.flatMap((profession) =>
    templatesFor(TEMPLATES, profession, language, 'fi').map((template) => [language, profession, template.id, template] as const)))
const first = (id: string, profession: (typeof PROFESSIONS)[number] = 'lawyer'): Template =>
    templatesFor(TEMPLATES, profession, 'fi', 'fi').find((template) => template.id === id) as Template
const everything = new Map<Variable, string>(VARIABLES.map((name) => [name, 'TikTok, Snapchat ja Instagram']))

test('there are at least twelve, the same ones in every language, each for a topic', () => {
    const ids = Object.keys(TEMPLATES.fi)
    expect(ids.length).toBeGreaterThanOrEqual(12)
    for (const language of LANGUAGES) expect(Object.keys(TEMPLATES[language])).toEqual(ids)
    expect(Object.keys(TEMPLATE_TOPICS).sort()).toEqual([...ids].sort())
})

describe.each(all)('in %s the template %s', (language, id, { title, plain, ticks, parts, psychologist }) => {
    test('has a title, a top layer that fits, and the parts that matter', () => {
        expect(title).toMatch(/^\S/)
        for (const lines of [plain, ticks]) {
            expect(lines.length).toBeGreaterThan(1)
            expect(lines.length).toBeLessThanOrEqual(MAX_LINES)
            for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(MAX_LINE_CODE_POINTS / 2)
        }
        expect(ANSWER_PARTS.filter((part) => parts[part] === undefined)).toEqual(id === 'self-harm' ? ['protect'] : [])
        expect(psychologist['first-aid']).not.toBe(parts['first-aid'])
        expect(psychologist['first-aid']).toMatch(/\S/)
    })

    const texts = [...plain, ...ticks, ...Object.values(parts), ...Object.values(psychologist)]

    test('asks only for variables that are known', () => {
        expect(texts.flatMap(unfilledIn).filter((variable) => !KNOWN.has(variable))).toEqual([])
        expect(unfilledIn(parts['look-again'] ?? '')).toEqual(['{date}'])
    })

    test('names no telephone number but those that are known to be right', () => {
        const found = texts.join('\n').match(/\b\d[\d ]{1,}\d\b/g) ?? []
        expect(found.filter((number) => !NUMBERS.has(number) && !/^1[0-9]$/.test(number))).toEqual([])
    })

    test('has no markup, no doubled spaces and no straight quotes', () => {
        expect(texts.filter((text) => /<|>|["']|  |\.\.\./.test(text))).toEqual([])
    })

    if (NUDE_TOPICS.includes(id)) test('tells not to keep or send on a nude picture', () => {
        expect(texts.join('\n')).toMatch(NOT_TO_KEEP[language])
    })

    if (language === 'fi-simple') test('speaks plain Finnish: short sentences, few long words', () => {
        for (const sentence of texts.flatMap((text) => text.split(/(?<=[.!?:])\s+|\n/))) {
            expect(wordsOf(sentence).length, sentence).toBeLessThanOrEqual(12)
            expect(wordsOf(sentence).filter(isLong).length, sentence).toBeLessThanOrEqual(2)
        }
    })
})

describe('thoughts of self-harm', () => {
    test.each(LANGUAGES)('lead to 112 and to somebody to talk to, on top and first of what to do, in %s', (language) => {
        const { plain, ticks, parts } = TEMPLATES[language]['self-harm'] as (typeof TEMPLATES)['fi'][string]
        for (const text of [plain.join(' '), ticks[0], parts.now?.split('\n')[0]]) expect(text).toContain('112')
        expect(parts.now).toMatch(/116 111|0800 96 116/)
    })
})

describe('for a profession', () => {
    test('a psychologist’s answer gets no legal assessment and has own words for the mind', () => {
        expect(first('sextortion', 'psychologist').parts.legal).toBeUndefined()
        expect(first('sextortion', 'lawyer').parts.legal).toMatch(/kiristyks/)
        expect(first('sextortion', 'psychologist').parts['first-aid']).not.toBe(first('sextortion', 'lawyer').parts['first-aid'])
    })

    test('the title is in the desk’s language, the text in the reader’s', () => {
        const [template] = templatesFor(TEMPLATES, 'lawyer', 'sv', 'en')
        expect(template).toMatchObject({ title: 'Sexual image shared', plain: expect.stringContaining('Du har inte gjort') })
    })
})

describe('searching', () => {
    const templates = templatesFor(TEMPLATES, 'lawyer', 'fi', 'fi')

    test('shows those of the topic first', () => {
        expect(searchTemplates(templates, 'now', '', 'scam')[0]?.id).toBe('scam')
    })

    test('finds by other words than the title’s', () => {
        expect(searchTemplates(templates, 'now', 'sextortion', null).map(({ id }) => id)).toEqual(['sextortion'])
    })

    test('offers nothing for a part that the template leaves out', () => {
        expect(searchTemplates(templates, 'protect', 'itsemurha', null)).toEqual([])
        expect(searchTemplates(templates, 'now', 'itsemurha', null)).toHaveLength(1)
    })
})

describe('inserting', () => {
    const values = new Map<Variable, string>([['service', 'TikTok']])

    test('puts the text before what is written, with what is known filled in', () => {
        const draft = { ...NO_DRAFT, parts: { protect: 'Oma lause.' } }
        const after = withTemplate(draft, first('hate'), 'now', values, false)
        expect(after.parts.now).toContain('TikTok')
        expect(withTemplate(draft, first('hate'), 'protect', values, false).parts.protect).toMatch(/^Rajaa[^]*\nOma lause\.$/)
        expect(after).toMatchObject({ plain: '', parts: { protect: 'Oma lause.' } })
    })

    test('of the whole answer fills what is empty and leaves what is written', () => {
        const draft = { ...NO_DRAFT, ticks: 'Oma rivi', parts: { tell: 'Oma lause.' } }
        const after = withTemplate(draft, first('hate'), 'now', values, true)
        expect(after).toMatchObject({ ticks: 'Oma rivi', parts: { tell: 'Oma lause.' } })
        expect(after.plain.split('\n')).toHaveLength(4)
        expect(Object.keys(after.parts)).toHaveLength(7)
    })

    test('leaves a day to be promised open, and nothing is sent until somebody fills it in', () => {
        const whole = withTemplate(NO_DRAFT, first('hate'), 'now', everything, true)
        expect(() => contentOf(withTemplate(NO_DRAFT, first('hate'), 'now', values, true), 'lawyer', 0)).toThrow(expect.objectContaining({ code: 'variable-unfilled' }))
        expect(contentOf(whole, 'lawyer', 0)).toMatchObject({ type: 'answer' })
    })
})

describe('a whole answer from a template', () => {
    const longest = (language: (typeof LANGUAGES)[number]) =>
        LAW.provisions.map((row) => ({ ...provisionOf(LAW, row, language), words: 'ä'.repeat(300) }))
            .sort((one, other) => JSON.stringify(other).length - JSON.stringify(one).length).slice(0, 5)

    test.each(offered)('in %s for a %s, %s, with the five longest laws fits an envelope of 16 KiB', (language, profession, _, template) => {
        const draft = withTemplate(NO_DRAFT, template, 'now', everything, true)
        expect(textsOf(template).length).toBeGreaterThan(8)
        const content = contentOf({ ...draft, assessment: longest(language) }, profession, 1_800_000_000)
        expect(encodeContent(content).length).toBeLessThanOrEqual(16_384 - 196 - 68 * 8)
    })
})
