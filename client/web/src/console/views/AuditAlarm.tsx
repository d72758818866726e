/** The audit log does not hold: said on every coordinator's desk until it does. SPEC 9.10 */
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import type { ConsoleState } from '../state'
import { useConsole } from './console-context'

export function AuditAlarm({ state: { audit } }: { state: Pick<ConsoleState, 'audit'> }) {
    const { t } = useWords()
    const { tell } = useConsole()
    if (audit.is !== 'broken') return null
    return (
        <div class="audit-alarm card problem alarm stack tight" role="alert" data-part="audit-alarm" data-breach={audit.breach}>
            <p><strong>{t('console.audit.alarm')}</strong></p>
            <p>{t(`console.audit.breach.${audit.breach}`)}</p>
            <p>{t('console.audit.whatNow')}</p>
            <div class="actions"><Button action="audit" onPress={() => tell({ type: 'dialog', dialog: 'audit' })}>{t('console.audit.show')}</Button></div>
        </div>
    )
}
