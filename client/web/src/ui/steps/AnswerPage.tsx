/**
 * An expert's answer as a calm page in two layers: a few plain lines and boxes to tick on top, the whole text behind one
 * button. An answer without a top layer is shown whole.
 */
import { ANSWER_PARTS } from '@lyhty/crypto/contents'
import { useId, useMemo, useState } from 'preact/hooks'
import type { AnswerPart, ShownAnswer } from '../../session/types'
import { linesOf, type Line } from '../answerLines'
import { Button } from '../parts/Button'
import { LawRows } from '../parts/LawRows'
import { Ticks } from '../parts/Ticks'
import { useWords } from '../parts/words'

interface Section { readonly part: AnswerPart; readonly lines: readonly Line[] }

/** The ticks live in memory only, and go with the page. SPEC 4.4 */
export function AnswerPage({ answer }: { answer: ShownAnswer }) {
    const { t } = useWords()
    const id = useId()
    const [isWhole, setWhole] = useState(false)
    const [done, setDone] = useState<ReadonlySet<string>>(new Set())
    const sections = useMemo(() => sectionsOf(answer), [answer])
    const { plain, ticks } = answer
    const hasTop = plain.length + ticks.length > 0
    const total = ticks.length || sections.flatMap(({ lines }) => lines).filter(({ type }) => type === 'action').length
    const tick = (key: string, on: boolean) => setDone((before) => {
        const next = new Set(before)
        if (on) next.add(key)
        else next.delete(key)
        return next
    })
    return (
        <div class="answer stack">
            <h2>{t('answer.title')}</h2>
            {hasTop && (
                <div class="answer-top stack tight" data-part="top">
                    {plain.length > 0 && <ul class="plain-lines">{plain.map((line, nth) => <li key={nth} dir="auto">{line}</li>)}</ul>}
                    {ticks.length > 0 && <h3>{t('answer.part.now')}</h3>}
                    <Ticks name="top" lines={ticks} done={done} onTick={tick} />
                </div>
            )}
            {total > 0 && <p class="soft small">{t('answer.tickHint')} {t('answer.noHurry')}</p>}
            {hasTop && howMany()}
            {hasTop && (
                <Button action="whole-answer" className="whole-answer" expanded={isWhole} onPress={() => setWhole(!isWhole)}>
                    {t(isWhole ? 'answer.top.less' : 'answer.top.whole')}
                </Button>
            )}
            {(!hasTop || isWhole) && sections.map(({ part, lines }) => (
                <section key={part} class={`answer-part ${part}`} data-part={part} aria-labelledby={`${id}-${part}`}>
                    <h3 id={`${id}-${part}`}>{t(`answer.part.${part}`)}</h3>
                    {drawn(part, lines)}
                    {part === 'legal' && <LawRows rows={answer.assessment} />}
                </section>
            ))}
            {!hasTop && howMany()}
        </div>
    )

    function howMany() {
        return total > 0 && <p class="soft small" role="status">{t('answer.doneOf', { done: done.size, total })}</p>
    }

    /** What is to be ticked on top is not ticked a second time below. */
    function drawn(part: AnswerPart, lines: readonly Line[]) {
        return lines.map(({ type, text }, nth) => (
            type === 'action' && ticks.length === 0
                ? <Ticks key={nth} name={`${part}-${nth}`} lines={[text]} done={done} onTick={tick} />
                : <p key={nth} class={type === 'action' ? 'to-do' : ''} dir="auto">{text}</p>
        ))
    }
}

/** The parts in their order; the law has its place even when nothing else is said about it. */
function sectionsOf({ parts, assessment }: ShownAnswer): readonly Section[] {
    const texts = new Map(parts.map(({ part, text }) => [part, text]))
    return ANSWER_PARTS.filter((part) => texts.has(part) || (part === 'legal' && assessment.length > 0))
        .map((part) => ({ part, lines: linesOf(part, texts.get(part) ?? '') }))
}
