/** Three friendly questions: a wrong answer gets a kind reason and another try. */
import { useState } from 'preact/hooks'
import { Announcer } from '../parts/Announcer'
import { Button } from '../parts/Button'
import { Choice } from '../parts/Choice'
import { Heading } from '../parts/Heading'
import { Lights } from '../parts/Lights'
import { useWords } from '../parts/words'
import type { View } from '../state'
import type { LessonName } from './Lesson'

type Answer = 'right' | 'wrong1' | 'wrong2'

/** The right answer stands in another place each time. */
const QUESTIONS: readonly { readonly number: 1 | 2 | 3; readonly answers: readonly Answer[] }[] = [
    { number: 1, answers: ['wrong1', 'right', 'wrong2'] },
    { number: 2, answers: ['right', 'wrong1', 'wrong2'] },
    { number: 3, answers: ['wrong1', 'wrong2', 'right'] },
]

export function Quiz({ lesson, onBack, go }: { lesson: LessonName; onBack: () => void; go: (to: View) => void }) {
    const { t } = useWords()
    const [at, setAt] = useState(0)
    const [answer, setAnswer] = useState<Answer | null>(null)
    const question = QUESTIONS[at]
    if (question === undefined) return <LessonEnd go={go} />
    const { number, answers } = question
    const next = () => { setAnswer(null); setAt(at + 1) }
    return (
        <div class="stack step" key={number}>
            <div class="step-where">
                <Lights lit={number} of={QUESTIONS.length} />
                <p class="soft small">{t('lesson.quiz.questionOf', { number, total: QUESTIONS.length })}</p>
            </div>
            <Heading>{t('lesson.quiz.title')}</Heading>
            {at === 0 && <p class="soft">{t('lesson.quiz.intro')}</p>}
            <Choice
                legend={t(`lesson.${lesson}.quiz.${number}.question`)}
                options={answers.map((value) => ({ value, label: t(`lesson.${lesson}.quiz.${number}.${value}`) }))}
                chosen={answer === null ? [] : [answer]}
                onChoose={setAnswer}
            />
            <Announcer shown>
                {answer !== null && (
                    <div class={`card ${answer === 'right' ? 'good' : 'lit'} stack tight`}>
                        <p><strong>{t(`lesson.${lesson}.quiz.${number}.${answer}Feedback`)}</strong></p>
                        {answer !== 'right' && <p>{t('lesson.quiz.tryAgain')}</p>}
                    </div>
                )}
            </Announcer>
            <div class="actions">
                {answer === 'right' && (
                    <Button action="next" kind="lead" large onPress={next}>{t(at + 1 < QUESTIONS.length ? 'lesson.quiz.next' : 'lesson.finish')}</Button>
                )}
                <Button action="back" kind="quiet" onPress={() => { setAnswer(null); if (at === 0) onBack(); else setAt(at - 1) }}>{t('common.back')}</Button>
            </div>
        </div>
    )
}

function LessonEnd({ go }: { go: (to: View) => void }) {
    const { t } = useWords()
    return (
        <div class="stack step">
            <Heading>{t('lesson.quiz.done')}</Heading>
            <ToRehearsal go={go} />
            <div class="card lit stack">
                <h2>{t('lesson.end.title')}</h2>
                <p>{t('lesson.end.text')}</p>
                <div class="actions">
                    <Button action="lesson-ask" kind="lead" large onPress={() => go('device')}>{t('nav.askForHelp')}</Button>
                    <Button action="to-home" kind="quiet" onPress={() => go('home')}>{t('nav.home')}</Button>
                </div>
            </div>
        </div>
    )
}

/** Where a class goes on together. */
export function ToRehearsal({ go }: { go: (to: View) => void }) {
    const { t } = useWords()
    return (
        <div class="card stack tight">
            <h2>{t('rehearsal.title')}</h2>
            <p>{t('rehearsal.invite')}</p>
            <div><Button action="to-rehearsal" onPress={() => go('rehearsal')}>{t('rehearsal.go')}</Button></div>
        </div>
    )
}
