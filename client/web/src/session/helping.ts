/** Whether the answer helped: what is to be asked, and what was tapped until it has left. SPEC 4.8 */
import type { ASKED, HELPED, HelpedContent } from '@lyhty/crypto/contents'
import { hex } from '@lyhty/crypto/bytes'
import type { History, ReadMessage } from './history.ts'
import { UNDO_MS } from './leaving.ts'
import type { HelpedView } from './types.ts'

export type Asked = (typeof ASKED)[number]
export type Helped = (typeof HELPED)[number]

/** The second question comes this long after the first answer, when the person happens to be here. */
export const LATER_S = 14 * 86_400

interface Question {
    readonly asked: Asked
    /** The object id of the answer under which it stands: the newest. */
    readonly answerId: string
    /** What was said to it: the first word counts. */
    readonly said: Helped | null
}

const isAnswer = ({ opened }: ReadMessage): boolean => opened.content.type === 'answer'

/** Null before an answer has come, and while older messages are still to be read. `nowS`: seconds since 1970. */
export function questionIn({ messages, more }: Pick<History, 'messages' | 'more'>, nowS: number): Question | null {
    const first = messages.find(isAnswer)?.opened.content
    const newest = messages.findLast(isAnswer)
    if (first === undefined || newest === undefined || more) return null
    const asked = nowS - first.at >= LATER_S ? 'later' : 'impact'
    const taps = messages.map(({ opened }) => opened.content).filter((content) => content.type === 'helped')
    const said = taps.find((tap) => tap.asked === asked)?.answer ?? null
    return { asked, answerId: hex(newest.opened.header.objectId), said }
}

interface Tap {
    readonly asked: Asked
    readonly answer: Helped
    readonly state: 'leaving' | 'sending' | 'failed'
}

interface Tools {
    readonly after: (delayMs: number, task: () => void) => () => void
    readonly nowS: () => number
}

export class Helping {
    readonly #tools: Tools
    readonly #question: () => Question | null
    readonly #send: (tap: Pick<HelpedContent, 'asked' | 'answer'>) => Promise<void>
    readonly #changed: () => void
    #tap: Tap | null = null
    #stop: (() => void) | null = null

    constructor(
        tools: Tools,
        question: () => Question | null,
        send: (tap: Pick<HelpedContent, 'asked' | 'answer'>) => Promise<void>,
        changed: () => void,
    ) {
        this.#tools = tools
        this.#question = question
        this.#send = send
        this.#changed = changed
    }

    view(): HelpedView | null {
        const question = this.#question()
        if (question === null) return null
        const { asked, answerId, said } = question
        if (said !== null) return { asked, answerId, answer: said, state: 'sent' }
        const tap = this.#tap?.asked === asked ? this.#tap : null
        return { asked, answerId, answer: tap?.answer ?? null, state: tap?.state ?? 'open' }
    }

    /** It leaves after the time to change it. */
    say(answer: Helped): void {
        const question = this.#question()
        if (question === null || question.said !== null || this.#tap?.state === 'sending') return
        this.#stop?.()
        this.#become({ asked: question.asked, answer, state: 'leaving' })
        this.#stop = this.#tools.after(UNDO_MS, () => void this.#leave())
    }

    async #leave(): Promise<void> {
        const tap = this.#tap
        if (tap === null) return
        this.#become({ ...tap, state: 'sending' })
        try {
            await this.#send({ asked: tap.asked, answer: tap.answer })
            this.#become(null)
        } catch {
            // Nobody's words: it may be tapped once more.
            if (this.#tap !== null) this.#become({ ...tap, state: 'failed' })
        }
    }

    #become(tap: Tap | null): void {
        this.#tap = tap
        this.#changed()
    }

    forget(): void {
        this.#stop?.()
        this.#tap = null
    }
}
