/** Are you in danger right now? Shows whom to call, and never blocks the way. */
import { Announcer } from '../parts/Announcer'
import { Choice } from '../parts/Choice'
import { HelpNumbers } from '../parts/HelpNumbers'
import { StepFrame } from '../parts/StepFrame'
import { useWords } from '../parts/words'
import type { StepProps } from './flow'

const ANSWERS = [['yes', 'danger.yes'], ['no', 'danger.no'], ['not-sure', 'danger.notSure']] as const

export function Danger({ state, dispatch, onNext, onBack }: StepProps) {
    const { t } = useWords()
    const { inDanger } = state.draft
    const showNumbers = inDanger === 'yes' || inDanger === 'not-sure'
    return (
        <StepFrame
            step="danger" title={t('danger.title')} intro={t('danger.intro')} onBack={onBack} onNext={onNext}
            next={t(showNumbers ? 'danger.goOn' : 'common.next')}
        >
            <Choice
                legend={t('danger.title')} legendHidden chosen={inDanger === null ? [] : [inDanger]}
                options={ANSWERS.map(([value, key]) => ({ value, label: <strong>{t(key)}</strong> }))}
                onChoose={(value) => dispatch({ type: 'fill', part: { inDanger: value } })}
            />
            <Announcer shown>
                {showNumbers && (
                    <div class="card stack">
                        <h2>{t('danger.helpTitle')}</h2>
                        <HelpNumbers />
                        <p>{t('danger.cannotSendHelp')}</p>
                        <p>{t('danger.youCanWrite')}</p>
                    </div>
                )}
            </Announcer>
        </StepFrame>
    )
}
