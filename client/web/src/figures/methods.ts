/** How the figures are made, as the server says it: its numbers stand there once, where the figures are made. */
import type { Chapter, Grid, MethodsPage, Passage } from '../console/api-types'
import { list, object, orNull, text, UnreadableAnswerError, type Read } from '../net/reading'

export type { Chapter, Grid, MethodsPage }

const anyGrid = object<Grid>({ caption: text, columns: list(text), rows: list(list(text)) })
const grid: Read<Grid> = (value, name) => {
    const read = anyGrid(value, name)
    if (read.rows.some((row) => row.length !== read.columns.length)) throw new UnreadableAnswerError(`${name} has a row that does not fit`)
    return read
}
const passage = object<Passage>({ id: text, title: text, paragraphs: list(text), grid: orNull(grid) })

export const methodsPage: Read<MethodsPage> = object<MethodsPage>({ language: text, title: text, chapters: list(object<Chapter>({ id: text, title: text, passages: list(passage) })) })
