/** A device code as another device takes it: as characters, and as a code for its camera. SPEC 2.3 */
import type { ComponentChildren } from 'preact'
import { QrCode } from '../../ui/parts/QrCode'
import { useWords } from '../../ui/parts/words'
import { addressWith } from '../device-code'

interface DeviceSheetProps { readonly title: string; readonly name: string; readonly code: string; readonly page?: string; readonly children: ComponentChildren }

export function DeviceSheet({ title, name, code, page = '/console', children }: DeviceSheetProps) {
    const { t } = useWords()
    return (
        <div class="sheet stack tight" data-part="sheet">
            <p><strong>{title}</strong></p>
            <p>{t('console.join.sheetName', { name })}</p>
            <p class="code" data-part="device-code">{code}</p>
            <QrCode text={addressWith(code, page)} label={t('console.join.sheetCode')} />
            {children}
        </div>
    )
}
