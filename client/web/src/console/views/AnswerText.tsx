/** A sent answer as its writers read it again: the top layer, the parts, and the law it speaks of. */
import type { AnswerContent } from '@lyhty/crypto/contents'
import { useWords } from '../../ui/parts/words'

export function AnswerText({ answer }: { answer: Pick<AnswerContent, 'assessment' | 'parts' | 'plain' | 'ticks'> }) {
    const { t } = useWords()
    const { plain, ticks, parts, assessment } = answer
    return (
        <>
            {plain.length > 0 && <Lines title={t('console.editor.plain.label')} lines={plain} />}
            {ticks.length > 0 && <Lines title={t('console.editor.ticks.label')} lines={ticks} />}
            {parts.map(({ part, text }) => (
                <section key={part}>
                    <h3>{t(`console.editor.part.${part}.label`)}</h3>
                    <p class="own-words" dir="auto">{text}</p>
                </section>
            ))}
            {assessment.length > 0 && (
                <section>
                    <h3>{t('console.law.title')}</h3>
                    {assessment.map((row) => (
                        <p key={row.law} class="own-words" dir="auto" data-law={row.law}>
                            <strong>{row.name}</strong> ({row.section}): {t(`console.law.likely.${row.likely}`)}{row.words !== null && `\n${row.words}`}
                        </p>
                    ))}
                </section>
            )}
        </>
    )
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
    return (
        <section>
            <h3>{title}</h3>
            <ul class="plain-lines">{lines.map((line, nth) => <li key={nth} class="own-words" dir="auto">{line}</li>)}</ul>
        </section>
    )
}
