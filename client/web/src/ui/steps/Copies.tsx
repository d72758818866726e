/**
 * A copy of the whole conversation for its reporter: on paper, or as a locked file. Only on a device of their own, and only
 * once all of it is here.
 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useState } from 'preact/hooks'
import { sealCopy } from '../../session/copies'
import type { Device, ReporterSession } from '../../session/types'
import { codeOf } from '../codeOf'
import { Announcer } from '../parts/Announcer'
import { Button } from '../parts/Button'
import { Choice } from '../parts/Choice'
import { Problem } from '../parts/Problem'
import { TextField } from '../parts/TextField'
import { useWords } from '../parts/words'

export const LEAST_PASSWORD_LETTERS = 12
const DEVICES: readonly Device[] = ['own', 'school', 'shared']
/** Until the browser has taken the file. */
const KEPT_FOR_MS = 60_000

interface CopiesProps {
    readonly session: ReporterSession
    /** Null: who came back has not said. */
    readonly device: Device | null
    /** Whether all of the conversation is here. */
    readonly isWhole: boolean
    readonly onBinder: () => void
}

export function Copies({ session, device, isWhole, onBinder }: CopiesProps) {
    const { t } = useWords()
    const [said, setSaid] = useState<Device | null>(device)
    return (
        <details class="card openings" data-part="copies">
            <summary>{t('copies.title')}</summary>
            <div class="stack">
                {device === null && (
                    <Choice
                        legend={t('device.title')} options={DEVICES.map((value) => ({ value, label: t(`device.${value}`) }))}
                        chosen={said === null ? [] : [said]} onChoose={setSaid}
                    />
                )}
                {said !== null && said !== 'own' && <p class="card lit" data-part="copies-not-here">{t('copies.notHere')}</p>}
                {said === 'own' && (
                    <>
                        <p class="card lit">{t('copies.warning')}</p>
                        {isWhole ? null : <p role="status">{t('copies.loading')}</p>}
                        <div><Button action="binder" off={!isWhole} onPress={onBinder}>{t('copies.binder')}</Button></div>
                        <LockedFile session={session} isWhole={isWhole} />
                    </>
                )}
            </div>
        </details>
    )
}

function LockedFile({ session, isWhole }: Pick<CopiesProps, 'session' | 'isWhole'>) {
    const { t } = useWords()
    const [lock, setLock] = useState<'phrase' | 'password'>('phrase')
    const [password, setPassword] = useState('')
    const [isShort, setShort] = useState(false)
    const [state, setState] = useState<'saving' | 'saved' | null>(null)
    const [problem, setProblem] = useState<ErrorCode | null>(null)
    const save = async () => {
        const tooShort = lock === 'password' && [...password].length < LEAST_PASSWORD_LETTERS
        setShort(tooShort)
        setProblem(null)
        if (tooShort) return
        setState('saving')
        try {
            handOut(await sealCopy(await session.copying(), lock === 'password' ? password : null))
            setPassword('')
            setState('saved')
        } catch (error) {
            setState(null)
            setProblem(codeOf(error))
        }
    }
    return (
        <form class="stack" autocomplete="off" noValidate onSubmit={(event) => { event.preventDefault(); if (isWhole && state !== 'saving') void save() }}>
            <Choice
                legend={t('copies.lock')} chosen={[lock]} onChoose={(value) => { setLock(value); setShort(false) }}
                options={[{ value: 'phrase', label: t('copies.byPhrase') }, { value: 'password', label: t('copies.byPassword') }]}
            />
            {lock === 'password' && (
                <TextField name="copy-password" label={t('copies.password')} hint={t('copies.passwordHint')} type="password" value={password} invalid={isShort} onInput={(typed) => { setPassword(typed); setShort(false) }} />
            )}
            {isShort && <p class="problem-line" role="alert">{t('copies.passwordHint')}</p>}
            {problem !== null && <Problem code={problem} />}
            <div><Button action="save-copy" submits off={!isWhole || state === 'saving'}>{t('copies.save')}</Button></div>
            <Announcer shown>{state !== null && <p>{t(state === 'saving' ? 'copies.saving' : 'copies.saved')}</p>}</Announcer>
        </form>
    )
}

/** To the folder where the browser puts what somebody saves. Nothing goes over the network. */
function handOut(file: Uint8Array): void {
    const url = URL.createObjectURL(new Blob([file as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `${new Date().toISOString().slice(0, 10)}.lyhty`
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), KEPT_FOR_MS)
}
