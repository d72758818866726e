/** Signing in to see figures: as at the experts' desk, or with a municipal account. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useState } from 'preact/hooks'
import type { Me } from '../console/api-types'
import { codeOf } from '../console/code-of'
import type { DeviceCode } from '../console/device-code'
import type { DeskLanguage } from '../console/languages'
import { CredentialFields, useCredentials } from '../console/views/Credentials'
import { Button } from '../ui/parts/Button'
import { Heading } from '../ui/parts/Heading'
import { Problem } from '../ui/parts/Problem'
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
    const credentials = useCredentials(device)
    const [working, setWorking] = useState(false)
    const [percent, setPercent] = useState<number | null>(null)
    const [failed, setFailed] = useState(first)
    const signIn = async (): Promise<void> => {
        if (working) return
        const typed = credentials.typed()
        if (typed === null) return setFailed('device-secret-missing')
        setWorking(true)
        setFailed(null)
        try {
            onIn(await door.signIn(typed, setPercent))
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
                <CredentialFields of={credentials} working={working} />
                <Button action="sign-in" kind="lead" large submits off={working}>{t('console.signIn.button')}</Button>
                {percent !== null && <p class="soft" data-part="work" aria-hidden="true">{t('console.signIn.work', { percent })}</p>}
                <p class={working ? 'soft' : 'only-heard'} role="status">{working ? t('viewer.signingIn') : ''}</p>
            </form>
        </Entrance>
    )
}
