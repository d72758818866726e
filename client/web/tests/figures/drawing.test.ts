/** Pictures from the server: what is drawn is what was sent, and nothing but shapes can be drawn. */
import { readFileSync } from 'node:fs'
import type { VNode } from 'preact'
import { describe, expect, test } from 'vitest'
import { ATTRIBUTES, drawing, TAGS } from '../../src/figures/drawing.ts'
import { drawn } from '../../src/figures/views/Chart.tsx'
import { figuresPage } from '../../src/figures/page.ts'
import { example, NAMES, shapesOf, type LooseShape } from './example.ts'

const drawings = NAMES.flatMap((name) => example(name).sections.flatMap(({ chart }) => (chart?.drawing ? [chart.drawing] : [])))
const first = (): LooseShape => structuredClone(drawings[0]) as LooseShape

function setAt(tag: string, name: string, value: string): LooseShape {
    const whole = first()
    const one = [...shapesOf(whole)].find((shape) => shape.tag === tag)
    if (one !== undefined) one.attributes[name] = value
    return whole
}

function asSvg(node: VNode<Record<string, unknown>>): unknown {
    const { children, ...attributes } = node.props
    return [node.type, attributes, [children].flat().filter((child) => child !== undefined).map((child) => (typeof child === 'object' ? asSvg(child as typeof node) : child))]
}

const sent = ({ tag, attributes, text, children }: LooseShape): unknown => [tag, attributes, [...(text === '' ? [] : [text]), ...children.map(sent)]]

test('what the page may draw is what the server may draw', () => {
    const python = readFileSync(new URL('../../../../server/lyhty_server/figures/shapes.py', import.meta.url), 'utf8')
    const named = (name: string): string[] => [...(new RegExp(`${name}: Final = frozenset\\(\\s*\\(([^)]*)\\)`).exec(python)?.[1] ?? '').matchAll(/"([^"]+)"/g)].map(([, one]) => one ?? '')
    expect([...TAGS].sort()).toEqual(named('TAGS').sort())
    expect(Object.keys(ATTRIBUTES).sort()).toEqual(named('ATTRIBUTES').sort())
})

test('every drawing of the examples is drawn tag for tag, attribute for attribute', () => {
    expect(drawings.length).toBeGreaterThan(8)
    for (const one of drawings) expect(asSvg(drawn(drawing(one, 'drawing')) as VNode<Record<string, unknown>>)).toEqual(sent(one))
})

describe('no drawing', () => {
    test.each([
        ['a tag that loads something', { tag: 'image', attributes: {}, children: [], text: '' }],
        ['a script', { tag: 'script', attributes: {}, children: [], text: 'alert(1)' }],
        ['another page', { tag: 'foreignObject', attributes: {}, children: [], text: '' }],
        ['a second drawing', { tag: 'svg', attributes: {}, children: [], text: '' }],
        ['a name of every object', { tag: 'constructor', attributes: {}, children: [], text: '' }],
    ])('holds %s', (_, shape) => {
        const whole = first()
        whole.children.push(shape as LooseShape)
        expect(() => drawing(whole, 'drawing')).toThrow('no drawing has')
    })

    test.each([
        ['rect', 'onclick', 'alert(1)'], ['svg', 'onload', 'alert(1)'], ['rect', 'href', 'https://example.org'], ['rect', 'style', 'fill: red'],
        ['rect', 'fill', 'url(https://example.org/#a)'], ['rect', 'stroke', 'URL(#a)'], ['g', 'font-family', 'url(x)'], ['rect', 'width', '1e9'],
        ['rect', 'x', '0 0'], ['path', 'd', 'M0 0 A'], ['svg', 'viewBox', '0 0 480'.repeat(2) + 'x'], ['text', 'class', 'c-text"><script>'], ['rect', '__proto__', 'x'],
        ['rect', 'toString', 'x'], ['rect', 'dangerouslySetInnerHTML', 'x'], ['rect', 'key', 'x'], ['rect', 'ref', 'x'],
    ])('has <%s %s="%s">', (tag, name, value) => {
        const whole = setAt(tag, 'x-none', '1')
        expect(() => drawing(whole, 'drawing')).toThrow('no drawing has')
        const wrong = name === '__proto__' ? (JSON.parse(JSON.stringify(whole).replace('x-none', '__proto__')) as LooseShape) : setAt(tag, name, value)
        expect(() => drawing(wrong, 'drawing')).toThrow('no drawing has')
    })

    test('is deeper than drawings are', () => {
        const deep = (depth: number): unknown => ({ tag: depth === 0 ? 'svg' : 'g', attributes: {}, children: depth < 20 ? [deep(depth + 1)] : [], text: '' })
        expect(() => drawing(deep(0), 'drawing')).toThrow('too deep')
    })
})

test('a picture that is none leaves the page and its table', () => {
    const page = example()
    const chart = page.sections[0]?.chart
    if (chart?.drawing) chart.drawing.attributes['onload'] = 'alert(1)'
    const read = figuresPage(page, 'page').sections[0]
    expect(read?.chart?.drawing).toBeNull()
    expect(read?.table?.rows.length).toBe(12)
})
