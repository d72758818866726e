/** How the figures are made, as the server says it: its numbers stand there once, where the figures are made. */
import { list, object, orNull, text, UnreadableAnswerError, type Read } from '../net/reading'

export interface Grid { readonly caption: string; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
export interface Passage { readonly id: string; readonly title: string; readonly paragraphs: readonly string[]; readonly grid: Grid | null }
export interface Chapter { readonly id: string; readonly title: string; readonly passages: readonly Passage[] }
export interface MethodsPage { readonly language: string; readonly title: string; readonly chapters: readonly Chapter[] }

const anyGrid = object<Grid>({ caption: text, columns: list(text), rows: list(list(text)) })
const grid: Read<Grid> = (value, name) => {
    const read = anyGrid(value, name)
    if (read.rows.some((row) => row.length !== read.columns.length)) throw new UnreadableAnswerError(`${name} has a row that does not fit`)
    return read
}
const passage = object<Passage>({ id: text, title: text, paragraphs: list(text), grid: orNull(grid) })

export const methodsPage = object<MethodsPage>({ language: text, title: text, chapters: list(object<Chapter>({ id: text, title: text, passages: list(passage) })) })
