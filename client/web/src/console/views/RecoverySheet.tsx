/** The half of the credential that is not in the head, on paper: as characters and as a code for a camera. SPEC 2.3 */
import { useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import type { Made } from '../joining'
import { DeviceSheet } from './DeviceSheet'

interface RecoverySheetProps {
    readonly made: Pick<Made, 'name' | 'deviceCode'>
    readonly working: boolean
    /** Where the code is taken to. */
    readonly page?: string
    readonly onKept: () => void
}

export function RecoverySheet({ made, working, page = '/console', onKept }: RecoverySheetProps) {
    const { t } = useWords()
    const [isKept, setKept] = useState(false)
    const [isAsked, setAsked] = useState(false)
    return (
        <>
            <p class="not-printed">{t('console.join.sheetText')}</p>
            <DeviceSheet title={t('console.join.sheetTitle')} name={made.name} code={made.deviceCode} page={page}>
                <p class="small">{t('console.join.sheetKeep')}</p>
            </DeviceSheet>
            <div class="actions not-printed"><Button action="print" onPress={() => print()}>{t('console.join.print')}</Button></div>
            <label class="choice not-printed">
                <input type="checkbox" autocomplete="off" data-field="kept" checked={isKept} onChange={(event) => setKept(event.currentTarget.checked)} />
                <span><span>{t('console.join.kept')}</span></span>
            </label>
            {isAsked && !isKept && <p role="alert" class="not-printed">{t('console.join.keepFirst')}</p>}
            <div class="not-printed"><Button action="kept" kind="lead" large off={working} onPress={() => (isKept ? onKept() : setAsked(true))}>{t(working ? 'console.join.sending' : 'console.join.goOn')}</Button></div>
        </>
    )
}
