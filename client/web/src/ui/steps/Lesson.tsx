/** A lesson: six short parts, one at a time, then three questions. What was answered is kept nowhere. */
import { useState } from 'preact/hooks'
import { Button } from '../parts/Button'
import { Heading } from '../parts/Heading'
import { Lights } from '../parts/Lights'
import { useWords } from '../parts/words'
import type { LESSONS, View } from '../state'
import { Quiz, ToRehearsal } from './Quiz'

export type LessonName = (typeof LESSONS)[number]

const PARTS = [1, 2, 3, 4, 5, 6] as const
const LINES = [1, 2, 3, 4] as const

export function Lesson({ lesson, go }: { lesson: LessonName; go: (to: View) => void }) {
    const { t } = useWords()
    const [page, setPage] = useState(0)
    const part = PARTS[page]
    if (part === undefined) return <Quiz lesson={lesson} onBack={() => setPage(PARTS.length - 1)} go={go} />
    return (
        <div class="stack step" key={part}>
            <div class="step-where">
                <Lights lit={part} of={PARTS.length} />
                <p class="soft small">{t('lesson.sectionOf', { number: part, total: PARTS.length })}</p>
            </div>
            {page === 0 && <p class="lesson-name">{t(`lesson.${lesson}.title`)}</p>}
            <Heading>{t(`lesson.${lesson}.${part}.title`)}</Heading>
            {page === 0 && <p class="lead-text">{t('lesson.intro')}</p>}
            <ul class="card lesson-lines">
                {LINES.map((line) => <li key={line}>{t(`lesson.${lesson}.${part}.text${line}`)}</li>)}
            </ul>
            <div class="actions">
                <Button action="next" kind="lead" large onPress={() => setPage(page + 1)}>
                    {t(page + 1 < PARTS.length ? 'common.next' : 'lesson.toQuiz')}
                </Button>
                <Button action="back" kind="quiet" onPress={() => (page === 0 ? go('home') : setPage(page - 1))}>{t('common.back')}</Button>
            </div>
            {page === 0 && <ToRehearsal go={go} />}
        </div>
    )
}
