/** Who can help? Not knowing is a fine answer: then the topic chooses. */
import type { Help as HelpKind } from '../../session/types'
import { Choice } from '../parts/Choice'
import { StepFrame } from '../parts/StepFrame'
import { useWords } from '../parts/words'
import type { StepProps } from './flow'

const KINDS: readonly HelpKind[] = ['lawyer', 'psychologist', 'both', 'unknown']

export function Help({ state, dispatch, onNext, onBack }: StepProps) {
    const { t } = useWords()
    const { help } = state.draft
    const next = () => {
        if (help === null) dispatch({ type: 'fill', part: { help: 'unknown' } })
        onNext()
    }
    return (
        <StepFrame step="help" title={t('help.title')} intro={t('help.intro')} onBack={onBack} onNext={next}>
            <Choice
                legend={t('help.title')} legendHidden chosen={help === null ? [] : [help]}
                options={KINDS.map((value) => ({
                    value, label: <><strong>{t(`help.${value}`)}</strong><br /><span class="soft small">{t(`help.${value}Hint`)}</span></>,
                }))}
                onChoose={(value) => dispatch({ type: 'fill', part: { help: value } })}
            />
        </StepFrame>
    )
}
