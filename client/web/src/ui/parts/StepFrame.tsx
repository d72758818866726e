/** The frame of one question: where we are, the heading, the question, and the two ways on. */
import type { ComponentChildren } from 'preact'
import { ASK_STEPS, type AskStep } from '../state'
import { Button } from './Button'
import { Heading } from './Heading'
import { Lights } from './Lights'
import { useWords } from './words'

interface StepFrameProps {
    readonly step: AskStep
    readonly title: string
    readonly intro?: ComponentChildren
    readonly next?: ComponentChildren
    readonly nextOff?: boolean
    readonly onNext?: () => void
    readonly onBack: () => void
    /** Beside the two ways on. */
    readonly beside?: ComponentChildren
    readonly children: ComponentChildren
}

export function StepFrame({ step, title, intro, next, nextOff = false, onNext, onBack, beside, children }: StepFrameProps) {
    const { t } = useWords()
    const number = ASK_STEPS.indexOf(step) + 1
    return (
        <form class="stack step" autocomplete="off" noValidate onSubmit={(event) => { event.preventDefault(); if (!nextOff) onNext?.() }}>
            <div class="step-where">
                <Lights lit={number} of={ASK_STEPS.length} />
                <p class="soft small">{t('nav.stepOf', { number, total: ASK_STEPS.length })}</p>
            </div>
            <Heading>{title}</Heading>
            {intro && <p class="lead-text">{intro}</p>}
            {children}
            <div class="actions">
                {onNext && <Button action="next" kind="lead" large submits off={nextOff}>{next ?? t('common.next')}</Button>}
                <Button action="back" kind="quiet" onPress={onBack}>{t('common.back')}</Button>
                {beside}
            </div>
        </form>
    )
}
