/**
 * The pictures that the server draws, as trees of shapes: these tags, attributes and kinds of values and no others
 * (SPEC 12.5; `lyhty_server/figures/shapes.py` writes the same).
 */
import { list, object, record, text, UnreadableAnswerError, type Read } from '../net/reading'

export const TAGS = ['svg', 'g', 'title', 'desc', 'rect', 'line', 'path', 'circle', 'text'] as const
export type Tag = (typeof TAGS)[number]

const NUMBER = /^-?\d{1,6}(\.\d{1,4})?$/
const NUMBERS = /^-?\d{1,6}(\.\d{1,4})?( -?\d{1,6}(\.\d{1,4})?)*$/
const WORD = /^[a-z][a-z-]{0,31}$/
const WORDS = /^[a-z][a-z-]{0,31}( [a-z][a-z-]{0,31})*$/
/** No `url(...)`: a color is all that fills or draws. */
const COLOR = /^(none|#[0-9a-f]{3}|#[0-9a-f]{6})$/

export const ATTRIBUTES: Readonly<Record<string, RegExp>> = {
    'aria-hidden': /^(true|false)$/,
    'aria-labelledby': WORDS,
    class: WORDS,
    cx: NUMBER,
    cy: NUMBER,
    d: /^[MLHVZmlhvz0-9. -]*$/,
    'dominant-baseline': WORD,
    fill: COLOR,
    'fill-opacity': NUMBER,
    'font-family': /^[A-Za-z, -]+$/,
    'font-size': NUMBER,
    'font-weight': /^(bold|normal|\d{3})$/,
    height: NUMBER,
    id: WORD,
    r: NUMBER,
    role: /^img$/,
    stroke: COLOR,
    'stroke-dasharray': NUMBERS,
    'stroke-linecap': WORD,
    'stroke-linejoin': WORD,
    'stroke-width': NUMBER,
    'text-anchor': WORD,
    viewBox: NUMBERS,
    width: NUMBER,
    x: NUMBER,
    x1: NUMBER,
    x2: NUMBER,
    y: NUMBER,
    y1: NUMBER,
    y2: NUMBER,
}

export interface Shape {
    readonly tag: Tag
    readonly attributes: Readonly<Record<string, string>>
    readonly children: readonly Shape[]
    readonly text: string
}

const DEEPEST = 8

const isTag = (name: string): name is Tag => TAGS.some((tag) => tag === name)

const attributes: Read<Shape['attributes']> = (value, name) => {
    const found = Object.entries(record(value, name)).map(([key, of]): [string, string] => [key, text(of, key)])
    const wrong = found.find(([key, of]) => !Object.hasOwn(ATTRIBUTES, key) || !ATTRIBUTES[key]?.test(of))
    if (wrong !== undefined) throw new UnreadableAnswerError(`no drawing has ${wrong[0]}="${wrong[1]}"`)
    return Object.fromEntries(found)
}

const shape = (depth: number): Read<Shape> => (value, name) => {
    if (depth > DEEPEST) throw new UnreadableAnswerError(`${name} is too deep`)
    const read = object<Omit<Shape, 'tag'> & { readonly tag: string }>({
        tag: text, attributes, children: list(shape(depth + 1)), text,
    })(value, name)
    if (!isTag(read.tag) || (read.tag === 'svg') !== (depth === 0)) throw new UnreadableAnswerError(`no drawing has <${read.tag}> there`)
    return { ...read, tag: read.tag }
}

/** A whole drawing, as a page draws it. */
export const drawing: Read<Shape> = shape(0)
