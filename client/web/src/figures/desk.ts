/** Where the pages and files of figures are asked for (SPEC 12.5). The token stays with who makes the calls. */
import { UnreadableAnswerError } from '../net/reading'
import { methodsPage, type MethodsPage } from './methods'
import { figuresPage, type FiguresPage } from './page'

/** Answers of 200 only; every other one is thrown as an error with its code. */
type Call = (path: string) => Promise<Response>

/** What is asked for; no period: the newest. */
export interface Asked { readonly organisation: string; readonly period: string | null; readonly language: string }

export class FiguresDesk {
    readonly #call: Call

    constructor(call: Call) {
        this.#call = call
    }

    async page(asked: Asked): Promise<FiguresPage> {
        const response = await this.#call(pathOf(asked))
        const page = figuresPage(await response.json().catch(() => null), 'page')
        // The figures of somebody else under this name would be believed.
        if (page.organisation.id !== asked.organisation || (asked.period !== null && page.period.name !== asked.period)) {
            throw new UnreadableAnswerError('another page than was asked for')
        }
        return page
    }

    async methods(language: string): Promise<MethodsPage> {
        const response = await this.#call(`/api/figures/methods?language=${language}`)
        return methodsPage(await response.json().catch(() => null), 'methods')
    }

    async file(asked: Asked, name: string): Promise<Blob> {
        return (await this.#call(pathOf(asked, `/files/${encodeURIComponent(name)}`))).blob()
    }
}

function pathOf({ organisation, period, language }: Asked, below = ''): string {
    const query = new URLSearchParams({ language, ...(period === null ? {} : { period }) })
    return `/api/figures/${encodeURIComponent(organisation)}${below}?${query}`
}
