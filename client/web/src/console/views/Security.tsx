/** Signing in and devices: where one is signed in, one's passkeys, and another device. */
import { useEffect, useState } from 'preact/hooks'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import type { SignedInHere } from '../access'
import { codeOf } from '../code-of'
import { useConsole } from './console-context'
import { AddDevice } from './AddDevice'
import { PasskeyList } from './PasskeyList'
import { clock } from './times'

const HOUR_S = 3_600

export function Security({ onShut, onPassword }: { onShut: () => void; onPassword: () => void }) {
    const { t } = useWords()
    return (
        <Dialog name="security" title={t('console.security.title')} onCancel={onShut}>
            <SessionList />
            <section class="stack tight" data-part="password">
                <h3>{t('console.signIn.password')}</h3>
                <p>{t('console.password.text')}</p>
                <div><Button action="change-password" onPress={onPassword}>{t('console.password.title')}</Button></div>
            </section>
            <PasskeyList />
            <AddDevice />
            <div class="actions"><Button action="cancel" onPress={onShut}>{t('common.close')}</Button></div>
        </Dialog>
    )
}

function SessionList() {
    const { t, language } = useWords()
    const { work } = useConsole()
    const [sessions, setSessions] = useState<readonly SignedInHere[] | null>(null)
    const [error, setError] = useState<ErrorCode | null>(null)
    const after = (act: () => Promise<void>): void => {
        setError(null)
        act().catch((failure: unknown) => {
            const code = codeOf(failure)
            // Somebody has ended this one: the next call of the desk says so.
            if (code === 'not-signed-in') return void work.readAll()
            if (code !== 'session-unknown') setError(code)
        }).finally(() => void work.access.sessions().then(setSessions, () => undefined))
    }
    useEffect(() => after(() => Promise.resolve()), [])
    const others = sessions?.filter((session) => !session.this) ?? []
    return (
        <section class="stack tight" data-part="sessions">
            <h3>{t('console.sessions.title')}</h3>
            {error !== null && <Problem code={error} />}
            {sessions === null && error === null && <p class="soft">{t('common.loading')}</p>}
            <ul class="plain-rows">
                {sessions?.map((session) => {
                    const since = t('console.sessions.since', { time: clock(session.begun_hour * HOUR_S, language) })
                    return (
                        <li key={session.session} data-session={session.this ? 'this' : 'other'}>
                            <span><strong>{t(session.this ? 'console.sessions.this' : 'console.sessions.other')}</strong><br /><span class="soft">{since}</span></span>
                            {!session.this && (
                                <Button action="end-session" label={`${t('console.sessions.end')}: ${since}`} onPress={() => after(() => work.access.endSession(session.session))}>{t('console.sessions.end')}</Button>
                            )}
                        </li>
                    )
                })}
            </ul>
            {sessions !== null && others.length === 0 && <p class="soft">{t('console.sessions.onlyThis')}</p>}
            {others.length > 1 && <div><Button action="end-others" onPress={() => after(() => work.access.endOthers())}>{t('console.sessions.endOthers')}</Button></div>}
        </section>
    )
}
