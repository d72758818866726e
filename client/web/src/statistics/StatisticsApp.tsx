/** The page of figures: who comes how, and what they see then. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useState } from 'preact/hooks'
import type { Me } from '../console/api-types'
import { codeOf } from '../console/code-of'
import type { DeviceCode } from '../console/device-code'
import type { DeskLanguage } from '../console/languages'
import { InLanguage, useWords } from '../ui/parts/words'
import { invitationIn, type Arrival } from './arrival'
import { Entrance } from './Entrance'
import { JoinViewer } from './JoinViewer'
import { Seen } from './Seen'
import { SignInViewer } from './SignInViewer'
import type { ViewersDoor } from './viewers-door'

export interface StatisticsAppProps {
    readonly door: ViewersDoor
    readonly device: DeviceCode
    readonly arrival: Arrival
    readonly language: DeskLanguage
}

export function StatisticsApp({ language: first, ...rest }: StatisticsAppProps) {
    const [language, setLanguage] = useState(first)
    return <InLanguage language={language}><Views {...rest} onLanguage={setLanguage} /></InLanguage>
}

type Shown =
    | { readonly view: 'coming-back' }
    | { readonly view: 'join'; readonly secret: string; readonly failed: ErrorCode | null }
    | { readonly view: 'sign-in'; readonly failed: ErrorCode | null; readonly left: boolean }
    | { readonly view: 'seen'; readonly me: Me }

/** After the provider has refused, the link that somebody came by is still there to be used. */
const entrance = (secret: string | null, failed: ErrorCode | null): Shown =>
    secret === null ? { view: 'sign-in', failed, left: false } : { view: 'join', secret, failed }

function begin(arrival: Arrival): Shown {
    switch (arrival.by) {
        case 'itself': return entrance(null, null)
        case 'invitation': return entrance(arrival.secret, null)
        case 'provider-refusal': return entrance(arrival.secret, 'provider-refused')
        case 'provider': return { view: 'coming-back' }
    }
}

type ViewsProps = Omit<StatisticsAppProps, 'language'> & { readonly onLanguage: (language: DeskLanguage) => void }

function Views({ door, device, arrival, onLanguage }: ViewsProps) {
    const { t } = useWords()
    const [shown, setShown] = useState<Shown>(() => begin(arrival))
    const [hasProvider, setProvider] = useState(false)
    useEffect(() => { door.hasProvider().then(setProvider, () => undefined) }, [door])
    useEffect(() => {
        if (arrival.by !== 'provider') return
        door.comeBack(arrival).then((me) => setShown({ view: 'seen', me }), (error: unknown) => setShown(entrance(arrival.secret, codeOf(error))))
    }, [arrival])
    useEffect(() => {
        // A link that is pasted into the open page. Its secret is out of the address already: the event has it.
        const hear = ({ newURL }: HashChangeEvent): void => {
            const secret = invitationIn(new URL(newURL).hash)
            if (secret === null) return
            door.signOut()
            setShown(entrance(secret, null))
        }
        addEventListener('hashchange', hear)
        return () => removeEventListener('hashchange', hear)
    }, [door])
    const toProvider = async (secret: string | null): Promise<ErrorCode | null> => {
        try {
            location.assign(await door.setOut(secret))
            return null
        } catch (error) {
            return codeOf(error)
        }
    }
    const out = (failed: ErrorCode | null): void => {
        door.signOut()
        setShown({ view: 'sign-in', failed, left: failed === null })
    }
    switch (shown.view) {
        case 'coming-back':
            return <Entrance view="coming-back" onLanguage={onLanguage}><p role="status">{t('viewer.comingBack')}</p></Entrance>
        case 'join':
            return (
                <JoinViewer
                    key={shown.secret} door={door} secret={shown.secret} failed={shown.failed} onLanguage={onLanguage}
                    onProvider={hasProvider ? () => toProvider(shown.secret) : null}
                    onDone={(code) => { device.bring(code); setShown(entrance(null, null)) }}
                />
            )
        case 'sign-in':
            return (
                <SignInViewer
                    door={door} device={device} failed={shown.failed} left={shown.left} onLanguage={onLanguage}
                    onProvider={hasProvider ? () => toProvider(null) : null} onIn={(me) => setShown({ view: 'seen', me })}
                />
            )
        case 'seen':
            return <Seen door={door} me={shown.me} onLanguage={onLanguage} onOut={out} />
    }
}
