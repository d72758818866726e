/** Signing in and devices: where one is signed in, one's passkeys, and another device. */
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { useWords } from '../../ui/parts/words'
import { useConsole } from './console-context'
import { AddDevice } from './AddDevice'
import { PasskeyList } from './PasskeyList'
import { SessionList } from './SessionList'

export function Security({ onShut, onPassword }: { onShut: () => void; onPassword: () => void }) {
    const { t } = useWords()
    const { work } = useConsole()
    return (
        <Dialog name="security" title={t('console.security.title')} onCancel={onShut}>
            <section class="stack tight" data-part="sessions">
                <h3>{t('console.sessions.title')}</h3>
                {/* Where somebody has ended this one, the next call of the desk says so. */}
                <SessionList access={work.access} onOut={() => void work.readAll()} />
            </section>
            <section class="stack tight" data-part="password">
                <h3>{t('console.signIn.password')}</h3>
                <p>{t('console.password.text')}</p>
                <div><Button action="change-password" onPress={onPassword}>{t('console.password.title')}</Button></div>
            </section>
            <PasskeyList />
            <AddDevice />
            <div class="actions"><Button action="cancel" onPress={onShut}>{t('common.close')}</Button></div>
        </Dialog>
    )
}
