/** Leaving would lose something: the person decides. */
import { Button } from './Button'
import { Dialog } from './Dialog'
import { useWords } from './words'
import type { Loss } from '../state'

const REASON = { text: 'leave.notSent', phrase: 'leave.notSaved', case: 'case.leaveHint' } as const

export function LeaveDialog({ loss, onStay, onLeave }: { loss: Loss; onStay: () => void; onLeave: () => void }) {
    const { t } = useWords()
    return (
        <Dialog name="leave" title={t('leave.title')} onCancel={onStay}>
            <p>{t(REASON[loss])}</p>
            <div class="actions">
                <Button action="stay" kind="lead" onPress={onStay}>{t('leave.stay')}</Button>
                <Button action="leave-anyway" kind="grave" onPress={onLeave}>{t('leave.anyway')}</Button>
            </div>
        </Dialog>
    )
}
