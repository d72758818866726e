/** Joining by a link, alone and without knowing what a key is: name and password, the sheet, the six pictures, done. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { Offer } from '@lyhty/crypto/invitations'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Heading } from '../../ui/parts/Heading'
import { Lantern } from '../../ui/parts/Lantern'
import { NamedPicture } from '../../ui/parts/Picture'
import { Problem } from '../../ui/parts/Problem'
import { InLanguage, useWords } from '../../ui/parts/words'
import { codeOf } from '../code-of'
import type { Arrival, Made } from '../joining'
import { DESK_LANGUAGES, type DeskLanguage } from '../languages'
import { JoinForm } from './JoinForm'
import { RecoverySheet } from './RecoverySheet'

const LOOK_AGAIN_MS = 4_000

type Step =
    | { readonly at: 'opening' }
    | { readonly at: 'stopped'; readonly code: ErrorCode }
    | { readonly at: 'form'; readonly nameTaken: boolean }
    | { readonly at: 'making' }
    | { readonly at: 'sheet' | 'applying' | 'pictures' | 'done' | 'gone'; readonly made: Made }

interface JoinProps {
    readonly joining: Arrival
    readonly language: DeskLanguage
    /** To the sign-in, with the code of the sheet. */
    readonly onDone: (deviceCode: string) => void
}

export function Join({ joining, language: first, onDone }: JoinProps) {
    const [language, setLanguage] = useState(first)
    return <InLanguage language={language}><Steps joining={joining} onDone={onDone} onLanguage={setLanguage} /></InLanguage>
}

function Steps({ joining, onDone, onLanguage }: Pick<JoinProps, 'joining' | 'onDone'> & { onLanguage: (language: DeskLanguage) => void }) {
    const { t } = useWords()
    const [step, setStep] = useState<Step>({ at: 'opening' })
    const [offer, setOffer] = useState<Offer | null>(null)
    const [failed, setFailed] = useState<ErrorCode | null>(null)
    useEffect(() => {
        joining.open().then(
            ({ offer: opened, applied }) => {
                setOffer(opened)
                setStep(applied ? { at: 'stopped', code: 'invitation-unknown' } : { at: 'form', nameTaken: false })
            },
            (error: unknown) => setStep({ at: 'stopped', code: codeOf(error) }),
        )
    }, [joining])
    const made = 'made' in step ? step.made : null
    useEffect(() => {
        if (step.at !== 'pictures') return undefined
        const look = (): void => void joining.look(step.made).then(
            (standing) => { if (standing !== 'waiting') setStep({ at: standing === 'certified' ? 'done' : 'gone', made: step.made }) },
            () => undefined, // the next look may come through
        )
        const again = setInterval(look, LOOK_AGAIN_MS)
        return () => clearInterval(again)
    }, [step.at])
    useEffect(() => {
        if (made === null || step.at === 'done') return undefined
        const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
        addEventListener('beforeunload', ask)
        return () => removeEventListener('beforeunload', ask)
    }, [made, step.at])
    const make = (name: string, password: string): void => {
        setStep({ at: 'making' })
        joining.make(name, password).then((all) => setStep({ at: 'sheet', made: all }), (error: unknown) => setStep({ at: 'stopped', code: codeOf(error) }))
    }
    const apply = (all: Made): void => {
        setFailed(null)
        setStep({ at: 'applying', made: all })
        joining.apply(all).then(() => setStep({ at: joining.isFounding ? 'done' : 'pictures', made: all }), (error: unknown) => {
            const code = codeOf(error)
            if (code === 'object-conflict') return setStep({ at: 'form', nameTaken: true })
            if (code === 'invitation-unknown') return setStep({ at: 'stopped', code })
            setFailed(code)
            setStep({ at: 'sheet', made: all })
        })
    }
    return (
        <Frame step={step.at} onLanguage={onLanguage}>
            {step.at === 'opening' && <p role="status">{t('console.join.opening')}</p>}
            {step.at === 'stopped' && <><Heading>{t('console.join.stopped')}</Heading><Problem code={step.code} /></>}
            {step.at === 'form' && offer !== null && <JoinForm offer={offer} nameTaken={step.nameTaken} onMake={make} />}
            {step.at === 'making' && <><Heading>{t('console.join.making')}</Heading><p role="status">{t('console.join.makingText')}</p></>}
            {(step.at === 'sheet' || step.at === 'applying') && (
                <>
                    {failed !== null && <Problem code={failed} />}
                    <Heading>{t('console.join.sheet')}</Heading>
                    <RecoverySheet made={step.made} working={step.at === 'applying'} onKept={() => apply(step.made)} />
                </>
            )}
            {step.at === 'pictures' && (
                <>
                    <Heading>{t('console.join.compare')}</Heading>
                    <p>{t('console.join.compareText')}</p>
                    <ol class="six" aria-label={t('console.people.pictures')}>
                        {step.made.pictures.map((index, position) => <li key={position}><NamedPicture index={index} /></li>)}
                    </ol>
                    <p role="status" class="soft">{t('console.join.waiting')}</p>
                </>
            )}
            {step.at === 'done' && (
                <>
                    <Heading>{t('console.join.done')}</Heading>
                    <p>{t('console.join.doneText', { name: step.made.name })}</p>
                    <Button action="to-sign-in" kind="lead" large onPress={() => onDone(step.made.deviceCode)}>{t('console.signIn.button')}</Button>
                </>
            )}
            {step.at === 'gone' && <><Heading>{t('console.join.stopped')}</Heading><p>{t('console.join.gone')}</p></>}
        </Frame>
    )
}

function Frame({ step, onLanguage, children }: { step: string; onLanguage: (language: DeskLanguage) => void; children: ComponentChildren }) {
    const { t, language } = useWords()
    return (
        <main class="sign-in join" data-view="join" data-step={step}>
            <div class="card stack">
                <div class="sign-in-top not-printed">
                    <div class="brand"><Lantern /><p><strong>{t('app.name')}</strong><br /><span class="soft small">{t('console.join.title')}</span></p></div>
                    <label class="language">
                        <span class="only-heard">{t('language.label')}</span>
                        <select class="input" data-action="language" autocomplete="off" value={language} onChange={(event) => onLanguage(event.currentTarget.value as DeskLanguage)}>
                            {DESK_LANGUAGES.map((choice) => <option key={choice} value={choice} lang={choice}>{t(`language.${choice}`)}</option>)}
                        </select>
                    </label>
                </div>
                {children}
            </div>
        </main>
    )
}
