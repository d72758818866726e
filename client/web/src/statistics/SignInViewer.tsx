/** Signing in to see figures: as at the experts' desk, or with a municipal account. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useId, useState } from 'preact/hooks'
import type { Me } from '../console/api-types'
import { codeOf } from '../console/code-of'
import { isDeviceCode, type DeviceCode } from '../console/device-code'
import type { DeskLanguage } from '../console/languages'
import { Button } from '../ui/parts/Button'
import { Heading } from '../ui/parts/Heading'
import { Problem } from '../ui/parts/Problem'
import { PRIVATE_FIELD } from '../ui/parts/TextField'
import { useWords } from '../ui/parts/words'
import { Entrance } from './Entrance'
import { ProviderButton } from './ProviderButton'
import type { ViewersDoor } from './viewers-door'

interface SignInViewerProps {
    readonly door: ViewersDoor
    readonly device: DeviceCode
    readonly failed: ErrorCode | null
    /** Somebody has just signed out. */
    readonly left: boolean
    readonly onLanguage: (language: DeskLanguage) => void
    readonly onProvider: (() => Promise<ErrorCode | null>) | null
    readonly onIn: (me: Me) => void
}

export function SignInViewer({ door, device, failed: first, left, onLanguage, onProvider, onIn }: SignInViewerProps) {
    const { t } = useWords()
    const [name, setName] = useState('')
    const [password, setPassword] = useState('')
    const [code, setCode] = useState(device.known ?? '')
    const [isKnown, setKnown] = useState(device.known !== null)
    const [remember, setRemember] = useState(device.isRemembered)
    const [working, setWorking] = useState(false)
    const [percent, setPercent] = useState<number | null>(null)
    const [failed, setFailed] = useState(first)
    const id = useId()
    useEffect(() => device.onArrival((arrived) => { setCode(arrived); setKnown(true); setRemember(false) }), [device])
    const signIn = async (): Promise<void> => {
        if (working) return
        const deviceCode = code.trim()
        if (!isDeviceCode(deviceCode)) return setFailed('device-secret-missing')
        if (remember) device.remember(deviceCode)
        else device.forget()
        setWorking(true)
        setFailed(null)
        try {
            onIn(await door.signIn({ name, password, deviceCode }, setPercent))
        } catch (error) {
            setFailed(codeOf(error))
            setWorking(false)
            setPercent(null)
        }
    }
    return (
        <Entrance view="sign-in" onLanguage={onLanguage}>
            <form class="stack" onSubmit={(event) => { event.preventDefault(); void signIn() }}>
                <Heading>{t('viewer.signIn')}</Heading>
                {left && failed === null && <p role="status">{t('console.signedOut')}</p>}
                {failed !== null && <Problem code={failed} />}
                <ProviderButton onProvider={onProvider} onFailed={setFailed} />
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
                <Button action="sign-in" kind="lead" large submits off={working}>{t('console.signIn.button')}</Button>
                {percent !== null && <p class="soft" data-part="work" aria-hidden="true">{t('console.signIn.work', { percent })}</p>}
                <p class={working ? 'soft' : 'only-heard'} role="status">{working ? t('viewer.signingIn') : ''}</p>
            </form>
        </Entrance>
    )
}
