/**
 * Signing in: name, password and the device code of the recovery sheet.
 *
 * The code is written to this device only when its owner says that the device is theirs to work on.
 */
import { useEffect, useId, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Heading } from '../../ui/parts/Heading'
import { Lantern } from '../../ui/parts/Lantern'
import { Problem } from '../../ui/parts/Problem'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import { isDeviceCode, type DeviceCode } from '../device-code'
import { hasUnsent } from '../questions'
import type { ConsoleState } from '../state'
import { useConsole } from './console-context'
import { ByPasskey } from './ByPasskey'
import { LanguageSwitch } from './LanguageSwitch'
import { SignInProgress } from './SignInProgress'

export function SignIn({ state, device }: { state: ConsoleState; device: DeviceCode }) {
    const { t } = useWords()
    const { work, tell } = useConsole()
    const [name, setName] = useState('')
    const [password, setPassword] = useState('')
    const [code, setCode] = useState(device.known ?? '')
    const [isKnown, setKnown] = useState(device.known !== null)
    const [remember, setRemember] = useState(device.isRemembered)
    const { working, error, left } = state.signIn
    const id = useId()
    useEffect(() => device.onArrival((arrived) => { setCode(arrived); setKnown(true); setRemember(false) }), [device])
    const signIn = (): void => {
        if (working) return
        if (!isDeviceCode(code.trim())) return tell({ type: 'sign-in-failed', code: 'device-secret-missing' })
        if (remember) device.remember(code.trim())
        else device.forget()
        void work.signIn({ name, password, deviceCode: code.trim(), withPasskey: error === 'second-factor-needed' })
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
                <div class="field">
                    <label for={`${id}-name`}>{t('console.signIn.name')}</label>
                    <input
                        id={`${id}-name`} class="input" data-field="name" autocomplete="username" autocapitalize="none" spellcheck={false} required
                        readOnly={working} value={name} onInput={(event) => setName(event.currentTarget.value)}
                    />
                </div>
                <div class="field">
                    <label for={`${id}-password`}>{t('console.signIn.password')}</label>
                    <input
                        id={`${id}-password`} class="input" data-field="password" type="password" autocomplete="current-password" required
                        aria-describedby={`${id}-stays`} readOnly={working} value={password} onInput={(event) => setPassword(event.currentTarget.value)}
                    />
                    <p class="soft small" id={`${id}-stays`}>{t('console.signIn.passwordStays')}</p>
                </div>
                {isKnown
                    ? (
                        <p class="row known" data-part="device-known">
                            <span>{t('console.signIn.deviceCodeKnown')}</span>
                            <Button action="other-device-code" kind="quiet" onPress={() => { setKnown(false); setCode('') }}>{t('console.signIn.deviceCodeOther')}</Button>
                        </p>
                    )
                    : (
                        <div class="field">
                            <label for={`${id}-code`}>{t('console.signIn.deviceCode')}</label>
                            <input
                                {...PRIVATE_FIELD} id={`${id}-code`} class="input code" data-field="device" autocapitalize="none" maxLength={64} required
                                aria-describedby={`${id}-code-hint`} readOnly={working} value={code} onInput={(event) => setCode(event.currentTarget.value)}
                            />
                            <p class="soft small" id={`${id}-code-hint`}>{t('console.signIn.deviceCodeHint')}</p>
                        </div>
                    )}
                <label class="choice">
                    <input type="checkbox" data-field="remember" autocomplete="off" checked={remember} onChange={(event) => setRemember(event.currentTarget.checked)} />
                    <span><span>{t('console.signIn.remember')}</span></span>
                </label>
                <Button action="sign-in" kind="lead" large submits off={working}>{t(working ? 'console.signIn.working' : 'console.signIn.button')}</Button>
                <ByPasskey off={working} text="console.passkeys.signIn" />
                <SignInProgress state={state} />
            </form>
        </main>
    )
}
