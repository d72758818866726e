/** Signing in on another device of one's own: this one shows it the device code, once it is asked to. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import { useConsole } from './console-context'
import { DeviceSheet } from './DeviceSheet'

export function AddDevice() {
    const { t } = useWords()
    const { work } = useConsole()
    const [shown, setShown] = useState(false)
    const sheet = useRef<HTMLDivElement>(null)
    useEffect(() => sheet.current?.scrollIntoView({ block: 'nearest' }), [shown])
    const { owner } = work.doors
    return (
        <section class="stack tight" data-part="add-device">
            <h3>{t('console.device.title')}</h3>
            <p>{t(owner === null ? 'console.device.notHere' : 'console.device.text')}</p>
            {owner !== null && <div><Button action="add-device" pressed={shown} onPress={() => setShown(!shown)}>{t('console.device.add')}</Button></div>}
            {owner !== null && shown && (
                <div ref={sheet}>
                    <DeviceSheet title={t('console.device.scan')} name={owner.name} code={owner.deviceCode}>
                        <p class="small">{t('console.device.ownOnly')}</p>
                    </DeviceSheet>
                </div>
            )}
        </section>
    )
}
