/**
 * Signing in: name, password and the device code of the recovery sheet.
 *
 * The code is written to this device only when its owner says that the device is theirs to work on.
 */
import { Button } from '../../ui/parts/Button'
import { Heading } from '../../ui/parts/Heading'
import { Lantern } from '../../ui/parts/Lantern'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import type { DeviceCode } from '../device-code'
import { hasUnsent } from '../questions'
import type { ConsoleState } from '../state'
import { useConsole } from './console-context'
import { ByPasskey } from './ByPasskey'
import { CredentialFields, useCredentials } from './Credentials'
import { LanguageSwitch } from './LanguageSwitch'
import { SignInProgress } from './SignInProgress'

export function SignIn({ state, device }: { state: ConsoleState; device: DeviceCode }) {
    const { t } = useWords()
    const { work, tell } = useConsole()
    const credentials = useCredentials(device)
    const { working, error, left } = state.signIn
    const signIn = (): void => {
        if (working) return
        const typed = credentials.typed()
        if (typed === null) return tell({ type: 'sign-in-failed', code: 'device-secret-missing' })
        void work.signIn({ ...typed, withPasskey: error === 'second-factor-needed' })
    }
    return (
        <main class="sign-in" data-view="sign-in">
            <form class="card stack" onSubmit={(event) => { event.preventDefault(); signIn() }}>
                <div class="sign-in-top">
                    <div class="brand"><Lantern /><p><strong>{t('app.name')}</strong><br /><span class="soft small">{t('console.title')}</span></p></div>
                    <LanguageSwitch />
                </div>
                <Heading>{t('console.signIn.title')}</Heading>
                {left && <p role="status">{t('console.signedOut')}</p>}
                {error !== null && <Problem code={error} />}
                {hasUnsent(state) && <p role="status">{t('console.signIn.unsentKept')}</p>}
                <CredentialFields of={credentials} working={working} />
                <Button action="sign-in" kind="lead" large submits off={working}>{t(working ? 'console.signIn.working' : 'console.signIn.button')}</Button>
                <ByPasskey off={working} text="console.passkeys.signIn" />
                <SignInProgress state={state} />
            </form>
        </main>
    )
}
