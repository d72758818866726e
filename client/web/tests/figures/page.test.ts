/** A page of figures at the border: whole, or not at all. */
import { describe, expect, test } from 'vitest'
import { FiguresDesk } from '../../src/figures/desk.ts'
import { figuresPage, savedAs } from '../../src/figures/page.ts'
import { UnreadableAnswerError } from '../../src/net/reading.ts'
import { example, NAMES, type LoosePage } from './example.ts'

/** What a viewer's page has no use for: the files' own columns. */
const UNREAD = ['measures']

test.each(NAMES)('%s is read as it was sent', (name) => {
    const sent = example(name)
    for (const field of UNREAD) Reflect.deleteProperty(sent, field)
    expect(figuresPage(sent, 'page')).toEqual(sent)
})

type Path = readonly (string | number)[]

function* pathsOf(value: unknown, path: Path = []): Generator<Path> {
    if (path.includes('drawing') || path.some((step) => typeof step === 'number' && step > 0)) return
    if (path.length > 0) yield path
    if (typeof value === 'object' && value !== null) {
        for (const [name, inner] of Object.entries(value)) yield* pathsOf(inner, [...path, Array.isArray(value) ? Number(name) : name])
    }
}

const PATHS = [...pathsOf(example())].filter((path) => !UNREAD.includes(String(path[0])))

const changed = (path: Path, change: (at: Record<string | number, unknown>, name: string | number) => void): LoosePage => {
    const page = example()
    const at = path.slice(0, -1).reduce<Record<string | number, unknown>>((inner, step) => inner[step] as Record<string, unknown>, page as unknown as Record<string, unknown>)
    change(at, path.at(-1) ?? '')
    return page
}

test('the examples have every kind of field', () => expect(PATHS.length).toBeGreaterThan(60))

test.each(PATHS.filter((path) => typeof path.at(-1) === 'string').map((path) => [path.join('.'), path] as const))('a page without %s is not shown', (_, path) => {
    expect(() => figuresPage(changed(path, (at, name) => Reflect.deleteProperty(at, name)), 'page')).toThrow(UnreadableAnswerError)
})

test.each(PATHS.map((path) => [path.join('.'), path] as const))('a page with something else as %s is not shown', (_, path) => {
    expect(() => figuresPage(changed(path, (at, name) => { at[name] = typeof at[name] === 'boolean' ? 'true' : true }), 'page')).toThrow(UnreadableAnswerError)
})

test('a table with a row that has a cell too few is not shown, for the others would stand in wrong columns', () => {
    const page = example()
    page.sections[0]?.table?.rows[3]?.cells.pop()
    expect(() => figuresPage(page, 'page')).toThrow('does not fit')
    const total = example()
    total.sections[0]?.table?.total?.cells.pop()
    expect(() => figuresPage(total, 'page')).toThrow('does not fit')
})

describe('the desk of figures', () => {
    const desk = (asked: string[] = []): FiguresDesk => new FiguresDesk((path) => {
        asked.push(path)
        return Promise.resolve(new Response(JSON.stringify(example())))
    })

    test('asks for a body, a period and a language', async () => {
        const asked: string[] = []
        await desk(asked).page({ organisation: '837', period: '2026-2027', language: 'fi' })
        await desk(asked).page({ organisation: '837', period: null, language: 'fi' })
        await desk(asked).file({ organisation: '8/3?', period: '2026-2027', language: 'fi' }, 'a/b.csv', () => undefined)
        expect(asked).toEqual([
            '/api/figures/837?language=fi&period=2026-2027', '/api/figures/837?language=fi', '/api/figures/8%2F3%3F/files/a%2Fb.csv?language=fi&period=2026-2027',
        ])
    })

    test('shows nobody\'s figures as somebody else\'s, nor those of another time', async () => {
        await expect(desk().page({ organisation: '980', period: null, language: 'fi' })).rejects.toThrow('another page')
        await expect(desk().page({ organisation: '837', period: '2025-2026', language: 'fi' })).rejects.toThrow('another page')
    })

    test('does not read what is no JSON', async () => {
        const broken = new FiguresDesk(() => Promise.resolve(new Response('<html>')))
        await expect(broken.page({ organisation: '837', period: null, language: 'fi' })).rejects.toThrow(UnreadableAnswerError)
    })
})

test('a saved file is told by its name from another school\'s, time\'s and language\'s', () => {
    expect(savedAs(figuresPage(example(), 'page'), 'figures.csv')).toBe('lyhty-837-2026-2027-fi-figures.csv')
})
