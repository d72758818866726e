/** The open case: where it stands, the conversation, and a place to write more. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { evidenceIn } from '../../session/copies'
import type { Evidence } from '../../session/evidence'
import type { CaseView, Connection, Device, HelpedView, ReporterSession } from '../../session/types'
import { Bell } from '../bell'
import { codeOf } from '../codeOf'
import { Announcer } from '../parts/Announcer'
import { Button } from '../parts/Button'
import { CaseClock, KeptUntil } from '../parts/Clock'
import { Heading } from '../parts/Heading'
import { HelpedContext } from '../parts/HelpedQuestion'
import { Problem } from '../parts/Problem'
import { useWords } from '../parts/words'
import type { Action, View } from '../state'
import { hasComeBack, stateLine } from '../waiting'
import { Binder } from './Binder'
import { Composer } from './Composer'
import { Conversation } from './Conversation'
import { Copies } from './Copies'
import { EraseDialog } from './EraseDialog'
import { Openings } from './Openings'
import type { RowActs } from '../parts/MessageRow'
import { SlipDialog } from './SlipDialog'

interface CaseProps {
    readonly session: ReporterSession
    readonly connection: Connection
    /** As the person said when asking; null for who has come back. */
    readonly device: Device | null
    readonly dispatch: (action: Action) => void
    readonly go: (to: View) => void
}

export function Case({ session, connection, device, dispatch, go }: CaseProps) {
    const { t } = useWords()
    const [view, setView] = useState<CaseView | null>(null)
    const [erasing, setErasing] = useState(false)
    const [giving, setGiving] = useState(false)
    const [problem, setProblem] = useState<ErrorCode | null>(null)
    const [returned, setReturned] = useState('')
    const [binder, setBinder] = useState<Evidence | null>(null)
    const bell = useBell(view, device === 'own')
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
            (error: unknown) => {
                setReturned(text)
                setProblem(codeOf(error))
            },
        ).finally(() => { unsent.current.leaving -= 1; tell() })
    }, [])
    const acts = useMemo<RowActs>(() => ({
        undo: (key) => setReturned(session.undo(key) ?? ''),
        sendNow: (key) => session.sendNow(key),
        answer: (question, what) => session.answerAsk(question, what),
    }), [])
    const seen = useCallback((isSeen: boolean) => session.onScreen(isSeen), [])
    const showBinder = () => { session.copying().then((copying) => setBinder(evidenceIn(copying)), (error: unknown) => setProblem(codeOf(error))) }
    const messages = view?.messages
    const asks = view?.helped ?? null
    const isClosed = view?.state === 'closed'
    const helped = useMemo(
        () => asks && { view: asks, isClosed, say: (answer: NonNullable<HelpedView['answer']>) => session.sayHelped(answer) },
        [asks, isClosed],
    )
    const list = useMemo(() => messages && <Conversation messages={messages} acts={acts} onSeen={seen} />, [messages])

    if (view === null) return <div class="stack step"><Heading>{t('case.title')}</Heading><p>{t('common.loading')}</p></div>
    if (binder !== null) return <Binder evidence={binder} onBack={() => setBinder(null)} />
    return (
        <div class="stack case">
            <Heading>{t('case.title')}</Heading>
            <div class={`card state-line ${view.state}`} data-state={view.state}>
                <Announcer shown>
                    <p><strong>{t(stateLine(view))}</strong></p>
                    {hasComeBack(view) && <p data-part="came-back">{t('case.cameBack')}</p>}
                    {connection === 'open' && view.here.map((who) => (
                        <p key={who} class="here" data-part="here">{t(who === 'lawyer' ? 'case.hereLawyer' : 'case.herePsychologist')}</p>
                    ))}
                </Announcer>
                <CaseClock view={view} hours={session.hours()} />
                <KeptUntil view={view} hours={session.hours()} />
                {view.state === 'closed' ? <p>{t('case.closedText')}</p> : <p class="small soft">{t('case.hereHint')}</p>}
                <div class="case-ways">
                    {view.state !== 'closed' && <Button action="bell" kind="quiet" pressed={bell.isOn} onPress={bell.turn}>{t('case.bell')}</Button>}
                    <Button action="slip" kind="quiet" onPress={() => setGiving(true)}>{t('slip.open')}</Button>
                    <Button action="leave" kind="quiet" onPress={() => go('home')}>{t('case.leave')}</Button>
                    <Button action="erase" kind="quiet" onPress={() => setErasing(true)}>{t('case.erase')}</Button>
                </div>
            </div>
            <Openings openings={view.openings} isWhole={view.older === null} />
            <Copies session={session} device={device} isWhole={view.older === null} onBinder={showBinder} />
            {view.alarms.filter((code) => code !== problem).map((code) => <Problem key={code} code={code} gentle />)}
            {view.older !== null && <Older {...view.older} />}
            <HelpedContext value={helped}>{list}</HelpedContext>
            <Announcer>{view.messages.some(({ state }) => state === 'leaving') && t('case.message.canUndo')}</Announcer>
            {problem !== null && <Problem code={problem} />}
            {view.state === 'closed' && <Unsent texts={[returned, unsent.current.text]} told={problem === 'case-closed'} />}
            {view.state === 'closed'
                ? <div class="actions"><Button action="ask-again" kind="lead" onPress={() => go('device')}>{t('case.askAgain')}</Button></div>
                : <Composer offline={connection === 'lost' || connection === 'full'} returned={returned} onReturnedTaken={() => setReturned('')} onTyping={onTyping} onSend={send} />}
            {giving && <SlipDialog session={session} view={view} onShut={() => setGiving(false)} />}
            {erasing && <EraseDialog session={session} answered={view.messages.some(({ author }) => author === 'expert')} onErased={() => dispatch({ type: 'erased' })} onCancel={() => setErasing(false)} />}
        </div>
    )
}

/** What is shown was verified one by one; that nothing is missing is known when all of it is here. */
function Older({ percent, secondsLeft }: { percent: number; secondsLeft: number }) {
    const { t } = useWords()
    const minutes = Math.round(secondsLeft / 60)
    return (
        <div class="small soft stack tight" data-part="older">
            <p>
                {t('case.older', { percent })}{' '}
                {minutes > 1 ? t('case.olderMinutes', { count: minutes }) : t('case.olderSeconds', { count: Math.max(5, Math.ceil(secondsLeft / 5) * 5) })}{' '}
                {t('case.olderCheck')}
            </p>
            <progress class="older-bar" max={100} value={percent} aria-label={t('case.older', { percent })} />
        </div>
    )
}

/** The bell rings for what experts write while the page is open. On a device that others use it is off unless wanted. */
function useBell(view: CaseView | null, wanted: boolean): { readonly isOn: boolean; readonly turn: () => void } {
    const [bell] = useState(() => new Bell())
    const [isOn, setOn] = useState(wanted)
    const newest = view?.messages.findLast(({ author }) => author === 'expert')?.key
    const known = useRef(newest)
    const isShown = useRef(false)
    useEffect(() => { bell.turn(isOn) }, [isOn])
    useEffect(() => () => bell.turn(false), [])
    useEffect(() => {
        if (isShown.current && newest !== known.current) bell.ring()
        isShown.current = view !== null
        known.current = newest
    }, [newest, view === null])
    return { isOn, turn: () => setOn(!isOn) }
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
