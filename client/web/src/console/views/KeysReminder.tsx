/** Keys that are older than a year: their expert is asked kindly to make new ones, and may do it another day. */
import { useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import { areKeysOld } from '../own-password'
import type { ConsoleState } from '../state'
import { useConsole } from './console-context'

export function KeysReminder({ state: { me, nowS } }: { state: Pick<ConsoleState, 'me' | 'nowS'> }) {
    const { t } = useWords()
    const { tell } = useConsole()
    const [isLater, setLater] = useState(false)
    if (isLater || !areKeysOld(me?.keysHour ?? null, nowS)) return null
    return (
        <section class="notice card stack tight" data-part="keys-reminder">
            <p role="status"><strong>{t('console.password.old')}</strong></p>
            <p>{t('console.password.oldText')}</p>
            <div class="actions">
                <Button action="keys-later" onPress={() => setLater(true)}>{t('console.password.later')}</Button>
                <Button action="renew-keys" kind="lead" onPress={() => { setLater(true); tell({ type: 'dialog', dialog: 'password' }) }}>{t('console.password.renewNow')}</Button>
            </div>
        </section>
    )
}
