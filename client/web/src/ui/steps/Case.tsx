/** The open case: where it stands, the conversation, and a place to write more. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { CaseView, Connection, ReporterSession } from '../../session/types'
import { codeOf } from '../codeOf'
import { Announcer } from '../parts/Announcer'
import { Button } from '../parts/Button'
import { Heading } from '../parts/Heading'
import { Linked } from '../parts/Linked'
import { Problem } from '../parts/Problem'
import { useWords } from '../parts/words'
import type { Action, View } from '../state'
import { isLate, stateLine } from '../waiting'
import { Composer } from './Composer'
import { Conversation } from './Conversation'
import { EraseDialog } from './EraseDialog'

interface CaseProps {
    readonly session: ReporterSession
    readonly connection: Connection
    readonly dispatch: (action: Action) => void
    readonly go: (to: View) => void
}

export function Case({ session, connection, dispatch, go }: CaseProps) {
    const { t } = useWords()
    const [view, setView] = useState<CaseView | null>(null)
    const [erasing, setErasing] = useState(false)
    const [problem, setProblem] = useState<ErrorCode | null>(null)
    const [returned, setReturned] = useState('')
    const unsent = useRef({ text: '', leaving: 0 })

    useEffect(() => session.onCase(setView), [])
    useOlderMessages(session, connection)

    const hasTyped = () => unsent.current.text.trim() !== ''
    const tell = () => dispatch({ type: 'writing', on: hasTyped() || unsent.current.leaving > 0 })
    const onTyping = useCallback((text: string) => {
        const before = hasTyped()
        unsent.current.text = text
        if (before !== hasTyped()) tell()
    }, [])
    const send = useCallback((text: string) => {
        setProblem(null)
        unsent.current.leaving += 1
        tell()
        session.sendChat(text).then(
            () => undefined,
            (error: unknown) => { setReturned(text); setProblem(codeOf(error)) },
        ).finally(() => { unsent.current.leaving -= 1; tell() })
    }, [])
    const messages = view?.messages
    const list = useMemo(() => messages && <Conversation messages={messages} />, [messages])

    if (view === null) return <div class="stack step"><Heading>{t('case.title')}</Heading><p>{t('common.loading')}</p></div>
    return (
        <div class="stack case">
            <Heading>{t('case.title')}</Heading>
            <div class={`card state-line ${view.state}`} data-state={view.state}>
                <Announcer shown><p><strong>{t(stateLine(view))}</strong></p></Announcer>
                {view.state !== 'closed' && view.messages.every(({ author }) => author === 'reporter') && (
                    <p><Linked text={t(isLate(view, Date.now() / 1_000) ? 'case.late' : 'case.promise')} /></p>
                )}
                {view.state === 'closed' && <p>{t('case.closedText')}</p>}
                <div class="case-ways">
                    <Button action="leave" kind="quiet" onPress={() => go('home')}>{t('case.leave')}</Button>
                    <Button action="erase" kind="quiet" onPress={() => setErasing(true)}>{t('case.erase')}</Button>
                </div>
            </div>
            {view.alarms.map((code) => <Problem key={code} code={code} gentle />)}
            {list}
            {problem !== null && <Problem code={problem} />}
            {view.state === 'closed' && <Unsent texts={[returned, unsent.current.text]} told={problem === 'case-closed'} />}
            {view.state === 'closed'
                ? <div class="actions"><Button action="ask-again" kind="lead" onPress={() => go('device')}>{t('case.askAgain')}</Button></div>
                : <Composer offline={connection === 'lost'} returned={returned} onReturnedTaken={() => setReturned('')} onTyping={onTyping} onSend={send} />}
            {erasing && <EraseDialog session={session} answered={view.messages.some(({ author }) => author === 'expert')} onErased={() => dispatch({ type: 'erased' })} onCancel={() => setErasing(false)} />}
        </div>
    )
}

/** Words that the closing of the case caught in the composer: they cannot be sent any more, but they are not lost. */
function Unsent({ texts, told }: { texts: readonly string[]; told: boolean }) {
    const { t } = useWords()
    const kept = texts.filter((text) => text.trim() !== '').join('\n')
    if (kept === '') return null
    return (
        <div class="stack">
            {!told && <Problem code="case-closed" gentle />}
            <section class="card stack tight" data-part="unsent">
                <h2>{t('what.label')}</h2>
                <p class="message-text" dir="auto">{kept}</p>
            </section>
        </div>
    )
}

/** The newest messages come first; the older ones follow by themselves, as the slots allow. */
function useOlderMessages(session: ReporterSession, connection: Connection): void {
    useEffect(() => {
        let here = true
        const load = async () => {
            while (here && await session.loadOlder()) { /* the list grows through onCase */ }
        }
        // A lost line is told by the connection; when it is open again, this runs again.
        load().catch(codeOf)
        return () => { here = false }
    }, [connection])
}
