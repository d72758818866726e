/** The reporter's pages: which view is shown, and what the session is told when the person moves. */
import { useCallback, useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { halfOf, linkFragment, schoolOf } from '../session/link'
import type { Language, ReporterSession } from '../session/types'
import { codeOf, PASSING } from './codeOf'
import { exitNow, useCloseGuard, useShiftExit } from './leaving'
import { Button } from './parts/Button'
import { ComingSoon } from './parts/ComingSoon'
import { ExitContext } from './parts/Exit'
import { LeaveDialog } from './parts/LeaveDialog'
import { useLater, type Later } from './parts/later'
import { LinkContext, type LinkOf } from './parts/link'
import type { LaterViews } from './later'
import { Shell } from './parts/Shell'
import { InLanguage, useWords } from './parts/words'
import { begin, isAskStep, reduce, stepFrom, unsaved, type Action, type State, type View } from './state'
import { Danger } from './steps/Danger'
import { Device } from './steps/Device'
import { Help } from './steps/Help'
import { Home } from './steps/Home'
import { Sending } from './steps/Sending'
import { Stop } from './steps/Stop'
import { What } from './steps/What'
import { WhoReads } from './steps/WhoReads'
import type { StepProps } from './steps/flow'
import { useTrail } from './trail'

const STEPS = {
    device: Device, danger: Danger, what: What, help: Help, 'who-reads': WhoReads,
} as const

const fetchLaterViews = () => import('./later')

interface AppProps {
    readonly session: ReporterSession
    /** The address's, taken out of it. */
    readonly fragment: string
    readonly language: Language
    /** Takes the screens away, and the workers with them. */
    readonly onLeave: () => void
}

export function App({ session, fragment, language, onLeave }: AppProps) {
    const [state, dispatch] = useReducer(reduce, begin(language, halfOf(fragment), schoolOf(fragment), fragment === '#practice'))
    const linkOf = useCallback<LinkOf>((phrase) => `${location.origin}/${linkFragment(phrase, fragment)}`, [fragment])
    const go = (to: View) => dispatch({ type: 'go', to })
    const trail = useTrail(state.view, go, (to) => dispatch({ type: 'pop', to }))
    const later = useLater(fetchLaterViews)
    const loss = unsaved(state)
    const exit = () => exitNow(trail.depth(), () => { session.forget(); onLeave() })
    const presses = useShiftExit(exit)

    useCloseGuard(loss !== null)
    useSession(session, dispatch)
    useForgetting(session, state)

    return (
        <InLanguage language={state.draft.language}>
            <ExitContext value={exit}><LinkContext value={linkOf}>
                <Shell
                    view={state.view} presses={presses} onExit={exit} go={go}
                    onLanguage={(next) => dispatch({ type: 'fill', part: { language: next } })}
                    notice={state.clockOff && <ClockNotice />}
                >
                    <CurrentView state={state} later={later} session={session} dispatch={dispatch} go={go} back={trail.back} />
                </Shell>
                {state.leavingFor !== null && (
                    <LeaveDialog
                        loss={loss ?? (state.view === 'sending' ? 'text' : 'case')}
                        onStay={() => dispatch({ type: 'stay' })} onLeave={() => dispatch({ type: 'leave' })}
                    />
                )}
            </LinkContext></ExitContext>
        </InLanguage>
    )
}

export interface CurrentViewProps {
    readonly state: State
    readonly later: Later<LaterViews>
    readonly session: ReporterSession
    readonly dispatch: (action: Action) => void
    readonly go: (to: View) => void
    readonly back: (to: View) => void
}

function CurrentView({ state, later, session, dispatch, go, back }: CurrentViewProps) {
    const { view } = state
    const { others } = useWords()
    const first = useRef(true)
    useEffect(() => { first.current = false }, [])
    const step: StepProps = {
        state, session, later: later.part, dispatch, go,
        onNext: () => { if (isAskStep(view)) go(stepFrom(view, 1)) },
        onBack: () => { if (isAskStep(view)) back(stepFrom(view, -1)) },
    }
    if (isAskStep(view) && view !== 'phrase' && view !== 'practice') {
        const Step = STEPS[view]
        return <Step key={view} {...step} />
    }
    switch (view) {
        case 'home': return <Home first={first.current} go={go} />
        case 'sending': return <Sending {...step} />
        case 'stop': return <Stop code={state.stopCode ?? 'internal'} />
    }
    if (later.part === null || others.part === null) return <ComingSoon failed={later.failed || others.failed} />
    const { Case, Continue, Erased, Lesson, OpenCopy, Phrase, Practice, Rehearsal, Sent } = later.part
    switch (view) {
        case 'lesson-pictures': return <Lesson key={view} lesson="pictures" go={go} />
        case 'lesson-bullying': return <Lesson key={view} lesson="bullying" go={go} />
        case 'phrase': return <Phrase key={view} {...step} />
        case 'practice': return <Practice key={view} {...step} />
        case 'sent': return <Sent {...step} />
        case 'case': return <Case session={session} connection={state.connection} device={state.draft.device} dispatch={dispatch} go={go} />
        case 'continue': return <Continue linked={state.linked} session={session} dispatch={dispatch} go={go} />
        case 'copy': return <OpenCopy session={session} go={go} />
        case 'erased': return <Erased go={go} />
        case 'rehearsal': return <Rehearsal hours={session.hours} later={later} views={CurrentView} onReal={(text) => { go('device'); dispatch({ type: 'fill', part: { text: text ?? '' } }) }} onEnd={() => go('home')} />
    }
}

const START_AGAIN_MS = 4_000

/** Everybody's page opens the channel at once, whatever they came for, and tries again in the same rhythm. */
function useSession(session: ReporterSession, dispatch: (action: Action) => void): void {
    useEffect(() => {
        const ends = [
            session.onConnection((connection) => dispatch({ type: 'connection', connection })),
            session.onClockOff(() => dispatch({ type: 'clock-off' })),
        ]
        let timer: ReturnType<typeof setTimeout> | undefined
        const start = () => {
            session.start().catch((error: unknown) => {
                const code = codeOf(error)
                if (PASSING.includes(code)) timer = setTimeout(start, START_AGAIN_MS)
                else dispatch({ type: 'stop', code })
            })
        }
        start()
        return () => {
            clearTimeout(timer)
            ends.forEach((end) => end())
        }
    }, [])
}

/** When the screens forget a phrase or a case, the session does too. */
function useForgetting(session: ReporterSession, state: State): void {
    const holds = state.phrase !== null || state.caseOpen
    const held = useRef(false)
    useEffect(() => {
        if (held.current && !holds) session.forget()
        held.current = holds
    }, [holds])
}

function ClockNotice() {
    const { t } = useWords()
    const [closed, setClosed] = useState(false)
    if (closed) return null
    return (
        <div class="card lit stack tight notice" role="status" data-notice="clock-off">
            <p><strong>{t('clockNotice.title')}</strong></p>
            <p>{t('clockNotice.text')} {t('clockNotice.safe')}</p>
            <div><Button action="close-notice" kind="quiet" onPress={() => setClosed(true)}>{t('common.close')}</Button></div>
        </div>
    )
}
