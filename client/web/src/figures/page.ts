/** A page of figures as the server sends it, in one language and with nothing left to work out (SPEC 12.5). */
import { decimal, list, object, orNull, text, truth, UnreadableAnswerError, type Read } from '../net/reading'
import { drawing, type Shape } from './drawing'

export interface Figure {
    /** As it is shown. */
    readonly text: string
    /** Null where it is not told (`<5`) or not known (`–`). */
    readonly value: number | null
    readonly low: number | null
    readonly high: number | null
}
export interface Row { readonly id: string; readonly title: string; readonly cells: readonly Figure[]; readonly note: string }
export interface Table {
    readonly caption: string
    readonly head: string
    readonly columns: readonly { readonly id: string; readonly title: string }[]
    readonly rows: readonly Row[]
    readonly total: Row | null
}
/** `drawing` is null where the picture holds what no picture holds: the page then says so, and the table stays. */
export interface Chart { readonly title: string; readonly description: string; readonly drawing: Shape | null }
/** Why something is not there, or not as one might expect. */
export interface Reason { readonly why: string; readonly title: string; readonly text: string }
export interface Section {
    readonly id: string
    readonly title: string
    readonly whose: string
    readonly intro: string
    readonly facts: readonly string[]
    readonly how: string
    readonly table: Table | null
    readonly chart: Chart | null
    readonly notes: readonly Reason[]
    readonly withheld: Reason | null
}
export interface Summary {
    readonly title: string
    readonly lead: string
    readonly parts: readonly { readonly id: string; readonly title: string; readonly texts: readonly string[] }[]
}
export interface Named { readonly id: string; readonly kind: string; readonly name: string; readonly seen: boolean }
export interface Period { readonly name: string; readonly title: string }
export interface FileName { readonly name: string; readonly format: string; readonly title: string }
export interface FiguresPage {
    readonly language: string
    readonly title: string
    readonly organisation: Named
    readonly whose: string
    readonly period: Period
    readonly periods: readonly Period[]
    readonly above: readonly Named[]
    readonly below: readonly Named[]
    readonly summary: Summary
    readonly sections: readonly Section[]
    readonly reasons: readonly Reason[]
    readonly method: string
    readonly source: string
    readonly files: readonly FileName[]
}

const figure = object<Figure>({ text, value: orNull(decimal), low: orNull(decimal), high: orNull(decimal) })
const row = object<Row>({ id: text, title: text, cells: list(figure), note: text })
const anyTable = object<Table>({ caption: text, head: text, columns: list(object({ id: text, title: text })), rows: list(row), total: orNull(row) })
const reason = object<Reason>({ why: text, title: text, text })
const named = object<Named>({ id: text, kind: text, name: text, seen: truth })
const period = object<Period>({ name: text, title: text })

/** Each row has a cell under each heading: a figure in the wrong column would be a wrong figure. */
const table: Read<Table> = (value, name) => {
    const read = anyTable(value, name)
    const rows = read.total === null ? read.rows : [...read.rows, read.total]
    if (rows.some(({ cells }) => cells.length !== read.columns.length)) throw new UnreadableAnswerError(`${name} has a row that does not fit`)
    return read
}

const chart: Read<Chart> = object<Chart>({
    title: text,
    description: text,
    drawing: (value, name) => {
        try {
            return drawing(value, name)
        } catch (error) {
            if (error instanceof UnreadableAnswerError) return null
            throw error
        }
    },
})
const section = object<Section>({
    id: text, title: text, whose: text, intro: text, facts: list(text), how: text, table: orNull(table), chart: orNull(chart), notes: list(reason), withheld: orNull(reason),
})
const summary = object<Summary>({ title: text, lead: text, parts: list(object({ id: text, title: text, texts: list(text) })) })

export const figuresPage: Read<FiguresPage> = object<FiguresPage>({
    language: text, title: text, organisation: named, whose: text, period, periods: list(period), above: list(named), below: list(named), summary,
    sections: list(section), reasons: list(reason), method: text, source: text, files: list(object({ name: text, format: text, title: text })),
})

/** Where many files lie together, their names tell them apart. */
export function savedAs({ organisation, period, language }: FiguresPage, file: string): string {
    return `lyhty-${organisation.id}-${period.name}-${language}-${file}`
}
