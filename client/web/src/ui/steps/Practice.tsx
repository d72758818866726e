/** Two of the eight are asked back, so that nobody sends without having the words. Skipping is possible, after a warning. */
import { useMemo, useState } from 'preact/hooks'
import { Announcer } from '../parts/Announcer'
import { Button } from '../parts/Button'
import { Dialog } from '../parts/Dialog'
import { NamedPicture } from '../parts/Picture'
import { StepFrame } from '../parts/StepFrame'
import { useWords } from '../parts/words'
import { PICTURES } from '../pictures'
import { drawQuestions } from '../practice'
import type { StepProps } from './flow'

const drawBelow = (below: number): number => (crypto.getRandomValues(new Uint32Array(1))[0] as number) % below

export function Practice({ state, go, onBack }: StepProps) {
    const { t } = useWords()
    const phrase = state.phrase ?? []
    const questions = useMemo(() => drawQuestions(phrase, PICTURES, drawBelow), [state.phrase])
    const [solved, setSolved] = useState(0)
    const [tapped, setTapped] = useState<number | null>(null)
    const [skipping, setSkipping] = useState(false)
    const question = questions[solved]

    const tap = (index: number) => {
        const right = question !== undefined && phrase[question.position] === index
        setTapped(right ? null : index)
        if (right) setSolved(solved + 1)
    }
    return (
        <StepFrame
            step="practice" title={t('practice.title')} intro={t('practice.intro')} onBack={onBack}
            {...(question === undefined ? { next: t('practice.next'), onNext: () => go('sending') } : {})}
            beside={question !== undefined && <Button action="skip" kind="quiet" onPress={() => setSkipping(true)}>{t('practice.skip')}</Button>}
        >
            {question !== undefined && (
                <div class="card stack" role="group" aria-labelledby="practice-question" key={solved}>
                    <h2 id="practice-question">{t('practice.ask', { number: question.position + 1 })}</h2>
                    <div class="picture-grid large" data-question={question.position}>
                        {question.choices.map((index) => (
                            <button type="button" key={index} class={tapped === index ? 'tile wrong' : 'tile'} data-action="pick" onClick={() => tap(index)}>
                                <NamedPicture index={index} />
                            </button>
                        ))}
                    </div>
                </div>
            )}
            <Announcer shown>
                {tapped !== null && (
                    <div class="card lit stack tight">
                        <p>{t('practice.wrong')}</p>
                        <div><Button action="see-again" onPress={onBack}>{t('practice.seeAgain')}</Button></div>
                    </div>
                )}
                {tapped === null && solved > 0 && <p class="card good"><strong>{t(question === undefined ? 'practice.done' : 'practice.right')}</strong></p>}
            </Announcer>
            {skipping && (
                <Dialog name="skip" title={t('practice.skipTitle')} onCancel={() => setSkipping(false)}>
                    <p>{t('practice.skipWarning')}</p>
                    <div class="actions">
                        <Button action="skip-back" kind="lead" onPress={onBack}>{t('practice.skipBack')}</Button>
                        <Button action="skip-anyway" kind="grave" onPress={() => go('sending')}>{t('practice.skipAnyway')}</Button>
                    </div>
                </Dialog>
            )}
        </StepFrame>
    )
}
