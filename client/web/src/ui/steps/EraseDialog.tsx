/** Erasing is for ever, so it is asked once more. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useState } from 'preact/hooks'
import type { ReporterSession } from '../../session/types'
import { codeOf } from '../codeOf'
import { Button } from '../parts/Button'
import { Dialog } from '../parts/Dialog'
import { Problem } from '../parts/Problem'
import { useWords } from '../parts/words'

interface EraseDialogProps {
    readonly session: ReporterSession
    readonly answered: boolean
    readonly onErased: () => void
    readonly onCancel: () => void
}

export function EraseDialog({ session, answered, onErased, onCancel }: EraseDialogProps) {
    const { t } = useWords()
    const [erasing, setErasing] = useState(false)
    const [problem, setProblem] = useState<ErrorCode | null>(null)
    const erase = () => {
        setProblem(null)
        setErasing(true)
        session.erase().then(onErased, (error: unknown) => { setErasing(false); setProblem(codeOf(error)) })
    }
    return (
        <Dialog name="erase" title={t('case.eraseTitle')} onCancel={onCancel}>
            <p>{t('case.eraseText')}</p>
            {!answered && <p>{t('case.eraseTextUnanswered')}</p>}
            {problem !== null && <Problem code={problem} />}
            <div class="actions">
                <Button action="erase-cancel" kind="lead" off={erasing} onPress={onCancel}>{t('case.eraseCancel')}</Button>
                <Button action="erase-confirm" kind="grave" off={erasing} onPress={erase}>{t(erasing ? 'case.erasing' : 'case.eraseConfirm')}</Button>
            </div>
        </Dialog>
    )
}
