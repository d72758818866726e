/** Where the pages and files of figures are asked for (SPEC 12.5). The token stays with who makes the calls. */
import type { ReportReady } from '../console/api-types'
import { decimal, object, UnreadableAnswerError } from '../net/reading'
import { methodsPage, type MethodsPage } from './methods'
import { figuresPage, type FiguresPage } from './page'

const REPORT = 'report.pdf'
const ASKED_AGAIN_AFTER_MS = 1000
const ready = object<ReportReady>({ left_s: decimal })

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

    /** `onLeft` is told about how many seconds are left of a report that is still being made. */
    async file(asked: Asked, name: string, onLeft: (seconds: number) => void): Promise<Blob> {
        if (name === REPORT) await this.#untilMade(asked, onLeft)
        return (await this.#call(pathOf(asked, `/files/${encodeURIComponent(name)}`))).blob()
    }

    async #untilMade(asked: Asked, onLeft: (seconds: number) => void): Promise<void> {
        for (;;) {
            const response = await this.#call(pathOf(asked, '/report'))
            const { left_s: left } = ready(await response.json().catch(() => null), 'report')
            if (left <= 0) return
            onLeft(left)
            await new Promise((resolve) => { setTimeout(resolve, ASKED_AGAIN_AFTER_MS) })
        }
    }
}

function pathOf({ organisation, period, language }: Asked, below = ''): string {
    const query = new URLSearchParams({ language, ...(period === null ? {} : { period }) })
    return `/api/figures/${encodeURIComponent(organisation)}${below}?${query}`
}
