/** It has arrived: when an answer comes, what to do at once, and the words once more. */
import { useState } from 'preact/hooks'
import { isUrgent } from '../../session/queues'
import { Button } from '../parts/Button'
import { FirstClock } from '../parts/Clock'
import { Heading } from '../parts/Heading'
import { Scene } from '../parts/Landscape'
import { OtherDevice } from '../parts/OtherDevice'
import { PhraseCard } from '../parts/PhraseCard'
import { useWords } from '../parts/words'
import type { StepProps } from './flow'

const STEPS = [1, 2, 3, 4] as const

export function Sent({ state, session, go }: StepProps) {
    const { t } = useWords()
    const [shown, setShown] = useState(false)
    const topic = state.draft.topic ?? 'other'
    return (
        <div class="stack step">
            <Scene><Heading>{t('sent.title')}</Heading></Scene>
            <div class="card good stack tight">
                <p class="lead-text"><strong>{t('sent.thanks')}</strong></p>
                <FirstClock urgent={isUrgent(state.draft)} hours={session.hours()} />
                <p>{t('sent.comeBack')}</p>
            </div>
            <section class="card stack">
                <h2>{t('sent.stepsTitle')}</h2>
                <ol class="first-steps">{STEPS.map((step) => <li key={step}>{t(`steps.${topic}.${step}`)}</li>)}</ol>
            </section>
            {shown && state.phrase !== null && <><PhraseCard phrase={state.phrase} /><OtherDevice phrase={state.phrase} /></>}
            <div class="actions">
                <Button action="to-case" kind="lead" large onPress={() => go('case')}>{t('sent.toCase')}</Button>
                {state.phrase !== null && (
                    <Button action="show-phrase" onPress={() => setShown(!shown)}>{t(shown ? 'sent.hidePhrase' : 'sent.phraseAgain')}</Button>
                )}
            </div>
        </div>
    )
}
