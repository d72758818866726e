/** A school's papers, made by the server on the spot and kept by nobody. SPEC 12.6 */
import type { Kit, Paper } from './api-types'
import type { Desk } from './desk'

export type PaperLanguage = Paper['languages'][number]
export type PaperFormat = Paper['formats'][number]

/** So long the browser may take to write a file down before its address is taken back. */
const KEPT_FOR_MS = 60_000

/** In the order of the kit, each once. */
export const languagesOf = ({ papers }: Kit): readonly PaperLanguage[] => [...new Set(papers.flatMap(({ languages }) => languages))]

export const papersIn = ({ papers }: Kit, language: PaperLanguage): readonly Paper[] => papers.filter(({ languages }) => languages.includes(language))

/** As it is kept in a folder, among those of other schools. */
export const fileName = (school: string, { paper }: Paper, language: PaperLanguage, format: PaperFormat): string =>
    `lyhty-${school}-${paper}-${language}.${format}`

export class Kits {
    readonly #desk: Desk

    constructor(desk: Desk) {
        this.#desk = desk
    }

    read(school: string): Promise<Kit> {
        return this.#desk.kit(school)
    }

    /** To the folder where the browser puts what somebody saves. */
    async save(school: string, paper: Paper, language: PaperLanguage, format: PaperFormat): Promise<void> {
        const url = URL.createObjectURL(await this.#desk.paper(school, paper.paper, language, format))
        const link = document.createElement('a')
        link.href = url
        link.download = fileName(school, paper, language, format)
        link.click()
        setTimeout(() => URL.revokeObjectURL(url), KEPT_FOR_MS)
    }
}
