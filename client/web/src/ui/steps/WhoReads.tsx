/** Who will read this, and what the law asks of them, before anything is sent. */
import { LAWYER, PSYCHOLOGIST } from '@lyhty/crypto/ids'
import { queuesFor } from '../../session/queues'
import { StepFrame } from '../parts/StepFrame'
import { useWords } from '../parts/words'
import type { StepProps } from './flow'

export function WhoReads({ state, onNext, onBack }: StepProps) {
    const { t } = useWords()
    const queues = queuesFor(state.draft.help, state.draft.topic, [LAWYER, PSYCHOLOGIST])
    const who = queues.length > 1 ? 'both' : queues.includes(LAWYER) ? 'lawyer' : 'psychologist'
    return (
        <StepFrame step="who-reads" title={t('whoReads.title')} onBack={onBack} onNext={onNext} next={t('whoReads.next')}>
            <div class="card stack tight" data-readers={who}>
                <p class="lead-text"><strong>{t(`whoReads.${who}`)}</strong></p>
                <p>{t('whoReads.others')}</p>
            </div>
            <div class="card stack tight">
                <h2>{t('whoReads.dutyTitle')}</h2>
                <p>{t('whoReads.dutyChildWelfare')}</p>
                <p>{t('whoReads.dutyPolice')}</p>
                <p class="card good">{t('whoReads.anonymous')} {t('whoReads.talkFirst')}</p>
                <p class="soft small">{t('whoReads.lawSource')}</p>
            </div>
            {state.draft.role !== 'pupil' && (
                <div class="card plain stack tight">
                    <h2>{t('whoReads.staffTitle')}</h2>
                    <p>{t('whoReads.staffDuty')}</p>
                </div>
            )}
        </StepFrame>
    )
}
