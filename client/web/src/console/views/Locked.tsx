/** A locked desk: nothing of anybody's case is in the page; whoever locked it opens it again. */
import { useId, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Heading } from '../../ui/parts/Heading'
import { Lantern } from '../../ui/parts/Lantern'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import type { ConsoleState } from '../state'
import { useConsole } from './console-context'
import { ByPasskey } from './ByPasskey'
import { LanguageSwitch } from './LanguageSwitch'
import { SignInProgress } from './SignInProgress'

interface LockedProps { readonly state: ConsoleState; readonly owner: NonNullable<ConsoleState['locked']> }

export function Locked({ state, owner: { name, byPassword } }: LockedProps) {
    const { t } = useWords()
    const { work } = useConsole()
    const [password, setPassword] = useState('')
    const { working, error } = state.signIn
    const id = useId()
    const unlock = (): void => {
        if (working) return
        void work.doors.unlock(password, error === 'second-factor-needed')
        setPassword('')
    }
    return (
        <main class="sign-in" data-view="locked">
            <form class="card stack" onSubmit={(event) => { event.preventDefault(); unlock() }}>
                <div class="sign-in-top">
                    <div class="brand"><Lantern /><p><strong>{t('app.name')}</strong><br /><span class="soft small">{t('console.title')}</span></p></div>
                    <LanguageSwitch />
                </div>
                <Heading>{t('console.lock.title')}</Heading>
                <p>{t(byPassword ? 'console.lock.text' : 'console.lock.textPasskey', { name })}</p>
                {!state.keeps && <p role="status">{t('console.lock.stayHere')}</p>}
                {error !== null && <Problem code={error} />}
                {byPassword && (
                    <>
                        <div class="field">
                            <label for={`${id}-password`}>{t('console.signIn.password')}</label>
                            <input
                                id={`${id}-password`} class="input" data-field="password" type="password" autocomplete="current-password" required
                                readOnly={working} value={password} onInput={(event) => setPassword(event.currentTarget.value)}
                            />
                        </div>
                        <Button action="unlock" kind="lead" large submits off={working}>{t(working ? 'console.signIn.working' : 'console.lock.unlock')}</Button>
                    </>
                )}
                <ByPasskey off={working} text="console.lock.byPasskey" lead={!byPassword} />
                <SignInProgress state={state} />
                <div><Button action="leave" kind="quiet" off={working} onPress={() => work.doors.leave()}>{t('console.lock.leave')}</Button></div>
            </form>
        </main>
    )
}
