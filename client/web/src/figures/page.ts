/** A page of figures as the server sends it, in one language and with nothing left to work out (SPEC 12.5). */
import type * as Wire from '../console/api-types'
import { decimal, list, object, orNull, text, truth, UnreadableAnswerError, type Read } from '../net/reading'
import { drawing, type Shape } from './drawing'

/** Every field is sent, those with a usual value too. */
type Whole<T> = T extends readonly (infer One)[] ? readonly Whole<One>[] : T extends object ? { readonly [Name in keyof T]-?: Whole<T[Name]> } : T

export type Figure = Whole<Wire.Shown>
export type Row = Whole<Wire.TableRow>
export type Table = Whole<Wire.Table>
export type Reason = Whole<Wire.Reason>
export type Summary = Whole<Wire.Summary>
export type Named = Whole<Wire.Named>
export type Period = Whole<Wire.PeriodName>
export type FileName = Whole<Wire.FileName>
/** `drawing` is null where the picture holds what no picture holds: the page then says so, and the table stays. */
export type Chart = Omit<Whole<Wire.Chart>, 'drawing'> & { readonly drawing: Shape | null }
export type Section = Omit<Whole<Wire.Section>, 'chart'> & { readonly chart: Chart | null }
/** Without the words of the files' own columns. */
export type FiguresPage = Omit<Whole<Wire.FiguresPage>, 'sections' | 'measures'> & { readonly sections: readonly Section[] }

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
