/**
 * The report leaves, slot by slot. A lost connection is not an error here: what was written is safe in memory, and the
 * same sealed bytes are sent again. Only the session's word that it is stored leads on.
 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Progress } from '../../session/types'
import { codeOf, PASSING } from '../codeOf'
import { Announcer } from '../parts/Announcer'
import { Button } from '../parts/Button'
import { Heading } from '../parts/Heading'
import { Lights } from '../parts/Lights'
import { Problem } from '../parts/Problem'
import { Scene } from '../parts/Landscape'
import { useWords } from '../parts/words'
import type { StepProps } from './flow'

const PAUSE_OPEN_MS = 2_000
const PAUSE_LOST_MS = 6_000
const OWN_WORDS: readonly ErrorCode[] = ['message-empty', 'message-too-long', 'message-forbidden-character', 'too-large']

export function Sending({ state, session, dispatch, go }: StepProps) {
    const { t } = useWords()
    const [progress, setProgress] = useState<Progress | null>(null)
    const [trouble, setTrouble] = useState<ErrorCode | null>(null)
    const [round, setRound] = useState(0)
    const draft = useRef(state.draft)
    // Until the page's start has read the directory, the session says that it is missing; if it really is, the page stops.
    const isPassing = trouble !== null && (PASSING.includes(trouble) || trouble === 'directory-missing')
    // Said as soon as the line is gone; the session gives up much later.
    const heldUp = state.connection === 'full' || trouble === 'busy' ? 'sending.full'
        : trouble === 'storage-failed' ? 'sending.notStored'
        : isPassing || state.connection === 'lost' ? 'sending.retrying' : null

    useEffect(() => {
        let here = true
        session.sendReport(draft.current, state.phrase ?? [], (now) => { if (here) { setTrouble(null); setProgress(now) } }).then(
            () => { if (here) dispatch({ type: 'sent' }) },
            (error: unknown) => { if (here) setTrouble(codeOf(error)) },
        )
        return () => { here = false }
    }, [round])

    // The session reconnects by itself; the report follows soon after the line is open.
    useEffect(() => {
        if (!isPassing) return
        const again = () => setRound((one) => one + 1)
        const timer = setTimeout(again, (state.connection === 'open' ? PAUSE_OPEN_MS : PAUSE_LOST_MS) * (1 + Math.random()))
        return () => clearTimeout(timer)
    }, [isPassing, round, state.connection])

    if (trouble !== null && !isPassing) {
        return (
            <div class="stack step">
                <Heading>{t('sending.title')}</Heading>
                <Problem code={trouble}>
                    {OWN_WORDS.includes(trouble)
                        ? <Button action="back" kind="lead" onPress={() => go('what')}>{t('common.back')}</Button>
                        : <Button action="retry" kind="lead" onPress={() => { setTrouble(null); setRound(round + 1) }}>{t('sending.retry')}</Button>}
                </Problem>
            </div>
        )
    }
    return (
        <div class="stack step">
            <Scene><Heading>{t('sending.title')}</Heading></Scene>
            <div class="card sending stack">
                <Lights lit={progress?.stage === 'sending' ? progress.done : 0} of={progress?.stage === 'sending' ? progress.total : 6} />
                <Announcer shown>
                    {heldUp !== null ? <p class="lead-text">{t(heldUp)}</p> : <ProgressWords progress={progress} slotMs={session.slotMs()} />}
                </Announcer>
                <p>{t('sending.keepOpen')}</p>
                {isPassing && <div><Button action="retry" onPress={() => setRound(round + 1)}>{t('sending.retry')}</Button></div>}
            </div>
            <p class="soft">{t('sending.why')}</p>
        </div>
    )
}

function ProgressWords({ progress, slotMs }: { progress: Progress | null; slotMs: number }) {
    const { t } = useWords()
    if (progress?.stage === 'working') return <p class="lead-text">{t('sending.working', { done: progress.done, total: progress.total })}</p>
    if (progress === null || progress.stage !== 'sending') return <p class="lead-text">{t('sending.preparing')}</p>
    const { done, total } = progress
    if (done >= total) return <p class="lead-text">{t('sending.confirming')}</p>
    const count = Math.max(1, Math.ceil(((total - done) * slotMs) / 1_000))
    return <p class="lead-text">{t('sending.progress', { done, total })}<br />{t('sending.secondsLeft', { count })}</p>
}
