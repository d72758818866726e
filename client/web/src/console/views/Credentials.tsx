/** What everybody types who signs in, to work or to see figures: name, password and device code. */
import { useEffect, useId, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import { isDeviceCode, type DeviceCode } from '../device-code'

interface Credentials {
    readonly name: string
    readonly password: string
    readonly deviceCode: string
}

export function useCredentials(device: DeviceCode) {
    const [name, setName] = useState('')
    const [password, setPassword] = useState('')
    const [code, setCode] = useState(device.known ?? '')
    const [isKnown, setKnown] = useState(device.known !== null)
    const [remember, setRemember] = useState(device.isRemembered)
    useEffect(() => device.onArrival((arrived) => { setCode(arrived); setKnown(true); setRemember(false) }), [device])
    /** Null if the device code is none. What the device keeps from now on is what its owner has said. */
    const typed = (): Credentials | null => {
        const deviceCode = code.trim()
        if (!isDeviceCode(deviceCode)) return null
        if (remember) device.remember(deviceCode)
        else device.forget()
        return { name, password, deviceCode }
    }
    return { name, setName, password, setPassword, code, setCode, isKnown, setKnown, remember, setRemember, typed }
}

export function CredentialFields({ of: { name, setName, password, setPassword, code, setCode, isKnown, setKnown, remember, setRemember }, working }: { of: ReturnType<typeof useCredentials>; working: boolean }) {
    const { t } = useWords()
    const id = useId()
    return (
        <>
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
        </>
    )
}
