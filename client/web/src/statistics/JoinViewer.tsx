/** Coming by an invitation: with a municipal account, or a name, a password and the sheet with the device code. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useId, useState } from 'preact/hooks'
import type { Welcome } from '../console/api-types'
import { codeOf } from '../console/code-of'
import type { DeskLanguage } from '../console/languages'
import { NewPasswordFields, problemOfPassword, type WrongPassword } from '../console/views/NewPasswordFields'
import { RecoverySheet } from '../console/views/RecoverySheet'
import { Button } from '../ui/parts/Button'
import { Heading } from '../ui/parts/Heading'
import { Problem } from '../ui/parts/Problem'
import { useWords } from '../ui/parts/words'
import { Entrance } from './Entrance'
import { ProviderButton } from './ProviderButton'
import type { MadeEntry, ViewersDoor } from './viewers-door'

type Step =
    | { readonly at: 'opening' | 'form' | 'making' }
    | { readonly at: 'stopped'; readonly code: ErrorCode }
    | { readonly at: 'sheet' | 'joining' | 'done'; readonly made: MadeEntry }

interface JoinViewerProps {
    readonly door: ViewersDoor
    readonly secret: string
    readonly failed: ErrorCode | null
    readonly onLanguage: (language: DeskLanguage) => void
    readonly onProvider: (() => Promise<ErrorCode | null>) | null
    /** To the sign-in, with the code of the sheet. */
    readonly onDone: (deviceCode: string) => void
}

export function JoinViewer({ door, secret, failed: first, onLanguage, onProvider, onDone }: JoinViewerProps) {
    const { t } = useWords()
    const [step, setStep] = useState<Step>({ at: 'opening' })
    const [welcome, setWelcome] = useState<Welcome | null>(null)
    const [failed, setFailed] = useState(first)
    useEffect(() => {
        door.welcome(secret).then(
            (told) => { setWelcome(told); setStep({ at: 'form' }) },
            (error: unknown) => setStep({ at: 'stopped', code: codeOf(error) }),
        )
    }, [door, secret])
    const make = (name: string, password: string): void => {
        setFailed(null)
        setStep({ at: 'making' })
        door.make(name, password).then((made) => setStep({ at: 'sheet', made }), (error: unknown) => setStep({ at: 'stopped', code: codeOf(error) }))
    }
    const join = (made: MadeEntry): void => {
        setFailed(null)
        setStep({ at: 'joining', made })
        door.join(secret, made).then(() => setStep({ at: 'done', made }), (error: unknown) => {
            const code = codeOf(error)
            if (code === 'invitation-unknown') return setStep({ at: 'stopped', code })
            setFailed(code)
            setStep(code === 'object-conflict' ? { at: 'form' } : { at: 'sheet', made })
        })
    }
    return (
        <Entrance view="join" step={step.at} onLanguage={onLanguage}>
            {step.at === 'opening' && <p role="status">{t('console.join.opening')}</p>}
            {step.at === 'stopped' && <><Heading>{t('console.join.stopped')}</Heading><Problem code={step.code} /></>}
            {step.at === 'form' && welcome !== null && (
                <>
                    <Heading>{t('console.join.welcome', { name: welcome.name })}</Heading>
                    <p>{t('viewer.join.whose', { organisation: welcome.organisation.name })}</p>
                    {failed === 'object-conflict' ? <p role="alert" class="card alarm">{t('viewer.join.taken')}</p> : failed !== null && <Problem code={failed} />}
                    <ProviderButton onProvider={onProvider} onFailed={setFailed} />
                    <EntryForm onMake={make} />
                </>
            )}
            {step.at === 'making' && <><Heading>{t('viewer.join.makingTitle')}</Heading><p role="status">{t('viewer.join.making')}</p></>}
            {(step.at === 'sheet' || step.at === 'joining') && (
                <>
                    {failed !== null && <Problem code={failed} />}
                    <Heading>{t('console.join.sheet')}</Heading>
                    <RecoverySheet made={step.made} working={step.at === 'joining'} page="/figures" onKept={() => join(step.made)} />
                </>
            )}
            {step.at === 'done' && (
                <>
                    <Heading>{t('console.join.done')}</Heading>
                    <p>{t('viewer.join.done', { name: step.made.name })}</p>
                    <Button action="to-sign-in" kind="lead" large onPress={() => onDone(step.made.deviceCode)}>{t('console.signIn.button')}</Button>
                </>
            )}
        </Entrance>
    )
}

function EntryForm({ onMake }: { onMake: (name: string, password: string) => void }) {
    const { t } = useWords()
    const [name, setName] = useState('')
    const [password, setPassword] = useState('')
    const [again, setAgain] = useState('')
    const [wrong, setWrong] = useState<'name' | WrongPassword | null>(null)
    const id = useId()
    const submit = (): void => {
        const found = name.trim() === '' ? 'name' : problemOfPassword(password, again)
        setWrong(found)
        if (found === null) onMake(name, password)
    }
    return (
        <form class="stack" onSubmit={(event) => { event.preventDefault(); submit() }}>
            <div class="field">
                <label for={`${id}-name`}>{t('console.join.name')}</label>
                <p class="soft small" id={`${id}-name-hint`}>{t('console.join.nameHint')}</p>
                <input id={`${id}-name`} class="input" data-field="name" autocomplete="username" autocapitalize="none" spellcheck={false} maxLength={200} aria-describedby={`${id}-name-hint`} aria-invalid={wrong === 'name'} value={name} onInput={(event) => setName(event.currentTarget.value)} />
            </div>
            <NewPasswordFields labels={{ password: 'console.join.password', again: 'console.join.again' }} password={password} again={again} wrong={wrong} onPassword={setPassword} onAgain={setAgain} />
            {wrong !== null && <p role="alert">{t(`console.join.wrong.${wrong}`)}</p>}
            <Button action="make" kind="lead" large submits>{t('viewer.join.make')}</Button>
        </form>
    )
}
