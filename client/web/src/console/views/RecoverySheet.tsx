/** The half of the credential that is not in the head, on paper: as characters and as a code for a camera. SPEC 2.3 */
import { useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Heading } from '../../ui/parts/Heading'
import { QrCode } from '../../ui/parts/QrCode'
import { useWords } from '../../ui/parts/words'
import type { Made } from '../joining'

export function RecoverySheet({ made, working, onKept }: { made: Made; working: boolean; onKept: () => void }) {
    const { t } = useWords()
    const [isKept, setKept] = useState(false)
    const [isAsked, setAsked] = useState(false)
    const link = `${location.origin}/console#device=${made.deviceCode}`
    return (
        <>
            <Heading>{t('console.join.sheet')}</Heading>
            <p class="not-printed">{t('console.join.sheetText')}</p>
            <div class="sheet stack tight" data-part="sheet">
                <p><strong>{t('console.join.sheetTitle')}</strong></p>
                <p>{t('console.join.sheetName', { name: made.name })}</p>
                <p class="code" data-part="device-code">{made.deviceCode}</p>
                <QrCode text={link} label={t('console.join.sheetCode')} />
                <p class="small">{t('console.join.sheetKeep')}</p>
            </div>
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
