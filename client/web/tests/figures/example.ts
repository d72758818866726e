/** Pages as the real server makes them: tests/server/figures/examples.py writes them, and a Python test holds them true. */
import { readFileSync } from 'node:fs'

import type { Shape } from '../../src/figures/drawing.ts'
import type { FiguresPage } from '../../src/figures/page.ts'

type Loose<T> = T extends object ? { -readonly [Name in keyof T]: Loose<T[Name]> } : T
export type LoosePage = Loose<FiguresPage>
export type LooseShape = Loose<Shape>
export const NAMES = ['municipality-year-fi', 'small-school-term-en'] as const

export function example(name: (typeof NAMES)[number] = 'municipality-year-fi'): LoosePage {
    return JSON.parse(readFileSync(new URL(`../../../../tests/server/figures/examples/${name}.json`, import.meta.url), 'utf8')) as LoosePage
}

/** Every shape of a drawing, the drawing first. */
export function* shapesOf(shape: LooseShape): Generator<LooseShape> {
    yield shape
    for (const child of shape.children) yield* shapesOf(child)
}
