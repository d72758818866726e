/** An expert's answer as a calm page: a heading for each part, and boxes to tick for what there is to do. */
import { useId, useMemo, useState } from 'preact/hooks'
import type { AnswerPart } from '../../session/types'
import { linesOf } from '../answerLines'
import { useWords } from '../parts/words'

interface Part {
    readonly part: AnswerPart
    readonly text: string
}

/** The ticks live in memory only, and go with the page. */
export function AnswerPage({ parts }: { parts: readonly Part[] }) {
    const { t } = useWords()
    const id = useId()
    const [done, setDone] = useState<ReadonlySet<string>>(new Set())
    const read = useMemo(() => parts.map(({ part, text }) => ({ part, lines: linesOf(part, text) })), [parts])
    const total = read.flatMap(({ lines }) => lines).filter(({ type }) => type === 'action').length
    const tick = (key: string, on: boolean) => {
        const next = new Set(done)
        if (on) next.add(key)
        else next.delete(key)
        setDone(next)
    }
    return (
        <div class="answer stack">
            <h2>{t('answer.title')}</h2>
            {total > 0 && <p class="soft small">{t('answer.tickHint')} {t('answer.noHurry')}</p>}
            {read.map(({ part, lines }) => (
                <section key={part} class={`answer-part ${part}`} data-part={part} aria-labelledby={`${id}-${part}`}>
                    <h3 id={`${id}-${part}`}>{t(`answer.part.${part}`)}</h3>
                    {lines.map(({ type, text }, nth) => (
                        type === 'paragraph'
                            ? <p key={nth} dir="auto">{text}</p>
                            : (
                                <label key={nth} class="choice tick">
                                    <input type="checkbox" autocomplete="off" checked={done.has(`${part}-${nth}`)} onChange={(event) => tick(`${part}-${nth}`, event.currentTarget.checked)} />
                                    <span><span dir="auto">{text}</span></span>
                                </label>
                            )
                    ))}
                </section>
            ))}
            {total > 0 && <p class="soft small" role="status">{t('answer.doneOf', { done: done.size, total })}</p>}
        </div>
    )
}
