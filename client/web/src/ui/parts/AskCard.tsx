/** Whether another profession may help: who would join, why, what they would see, and three answers of one weight. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useRef, useState } from 'preact/hooks'
import type { Consent, ShownAsk } from '../../session/types'
import { codeOf } from '../codeOf'
import { Button } from './Button'
import { Choice } from './Choice'
import { Problem } from './Problem'
import { useWords } from './words'

interface AskCardProps {
    readonly ask: ShownAsk
    /** None where nobody can answer. */
    readonly onAnswer: ((what: Consent) => Promise<void>) | undefined
}

const CONSENTS: readonly Consent[] = ['all', 'from-here', 'no']

export function AskCard({ ask: { answer, canAnswer, profession, text }, onAnswer }: AskCardProps) {
    const { t } = useWords()
    const [isOpen, setOpen] = useState(answer === null)
    const [chosen, setChosen] = useState<Consent | null>(null)
    const [busy, setBusy] = useState(false)
    const [problem, setProblem] = useState<ErrorCode | null>(null)
    const title = useRef<HTMLHeadingElement>(null)
    const who = t(`ask.${profession}`)
    const choices = CONSENTS.filter((what) => what !== answer)
    const send = (): void => {
        if (chosen === null || onAnswer === undefined) return
        setProblem(null)
        setBusy(true)
        onAnswer(chosen).then(() => shows(false), (error: unknown) => setProblem(codeOf(error))).finally(() => setBusy(false))
    }
    /** The button that was pressed goes. */
    const shows = (open: boolean): void => {
        setChosen(null)
        setOpen(open)
        title.current?.focus({ preventScroll: true })
    }
    return (
        <div class="stack tight" data-part="ask" data-answer={answer ?? 'none'}>
            <h3 ref={title} tabIndex={-1}>{t('ask.title', { who })}</h3>
            <p class="message-text" dir="auto">{text}</p>
            {canAnswer && onAnswer && (isOpen ? (
                <>
                    <p>{t('ask.yours')}</p>
                    <Choice
                        legend={t('ask.legend', { who })}
                        options={choices.map((what) => ({ value: what, label: <><strong>{t(`ask.choice.${what}`)}</strong><br /><span class="small">{t(`ask.means.${what}`, { who })}</span></> }))}
                        chosen={chosen === null ? [] : [chosen]}
                        onChoose={setChosen}
                    />
                    <p>{answer === null && `${t('ask.rules')} `}<strong>{t('ask.noUndo')}</strong></p>
                    {problem !== null && <Problem code={problem} gentle />}
                    <div class="actions"><Button action="ask-answer" kind="lead" off={chosen === null || busy} onPress={send}>{t(busy ? 'ask.sending' : 'ask.send')}</Button></div>
                </>
            ) : (
                <div class="actions"><Button action="ask-change" kind="quiet" onPress={() => shows(true)}>{t('ask.change')}</Button></div>
            ))}
        </div>
    )
}
