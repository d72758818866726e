/** Where one is signed in, and ending it: of an expert, and of a viewer of figures. */
import { useEffect, useState } from 'preact/hooks'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { Button } from '../../ui/parts/Button'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import type { Access, SignedInHere } from '../access'
import { codeOf } from '../code-of'
import { clock } from './times'

const HOUR_S = 3_600

type Sessions = Pick<Access, 'sessions' | 'endSession' | 'endOthers'>

export function SessionList({ access, onOut }: { access: Sessions; onOut: (code: ErrorCode) => void }) {
    const { t, language } = useWords()
    const [sessions, setSessions] = useState<readonly SignedInHere[] | null>(null)
    const [error, setError] = useState<ErrorCode | null>(null)
    const after = (act: () => Promise<void>): void => {
        setError(null)
        act().catch((failure: unknown) => {
            const code = codeOf(failure)
            if (code === 'not-signed-in') return onOut(code)
            if (code !== 'session-unknown') setError(code)
        }).finally(() => void access.sessions().then(setSessions, () => undefined))
    }
    useEffect(() => after(() => Promise.resolve()), [])
    const others = sessions?.filter((session) => !session.this) ?? []
    return (
        <>
            {error !== null && <Problem code={error} />}
            {sessions === null && error === null && <p class="soft">{t('common.loading')}</p>}
            <ul class="plain-rows">
                {sessions?.map((session) => {
                    const since = t('console.sessions.since', { time: clock(session.begun_hour * HOUR_S, language) })
                    return (
                        <li key={session.session} data-session={session.this ? 'this' : 'other'}>
                            <span><strong>{t(session.this ? 'console.sessions.this' : 'console.sessions.other')}</strong><br /><span class="soft">{since}</span></span>
                            {!session.this && (
                                <Button action="end-session" label={`${t('console.sessions.end')}: ${since}`} onPress={() => after(() => access.endSession(session.session))}>{t('console.sessions.end')}</Button>
                            )}
                        </li>
                    )
                })}
            </ul>
            {sessions !== null && others.length === 0 && <p class="soft">{t('console.sessions.onlyThis')}</p>}
            {others.length > 1 && <div><Button action="end-others" onPress={() => after(() => access.endOthers())}>{t('console.sessions.endOthers')}</Button></div>}
        </>
    )
}
