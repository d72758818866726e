/**
 * A lesson's rehearsal: the real views around a case that is made up, with a band on each that says so. Its state and its
 * session are its own, and go with it; what is true begins elsewhere, and takes no words along unasked.
 */
import { PHRASE_BYTES } from '@lyhty/crypto/passphrase'
import { draw } from '@lyhty/crypto/randomness'
import type { Hours } from '@lyhty/crypto/hours'
import type { ComponentType } from 'preact'
import { useEffect, useReducer, useState } from 'preact/hooks'
import { LANGUAGES, translator, type Translate } from '../../i18n/text'
import { Rehearsal as MadeUpSession } from '../../session/rehearsal'
import type { ShownAnswer } from '../../session/types'
import type { CurrentViewProps } from '../App'
import '../../style/rehearsal.css'
import { Announcer } from '../parts/Announcer'
import { Button } from '../parts/Button'
import { MarkContext } from '../parts/Dialog'
import { Heading } from '../parts/Heading'
import type { Later } from '../parts/later'
import { LeaveDialog } from '../parts/LeaveDialog'
import { LinkContext } from '../parts/link'
import { PhraseCard } from '../parts/PhraseCard'
import { useWords } from '../parts/words'
import type { LaterViews } from '../later'
import { stageOf } from '../rehearsalStages'
import { begin, reduce, unsaved, type View } from '../state'

interface RehearsalProps {
    readonly hours: () => Hours | null
    readonly later: Later<LaterViews>
    /** The view of a state, as everywhere. */
    readonly views: ComponentType<CurrentViewProps>
    /** Now it is true; `text` comes along if the person wants. */
    readonly onReal: (text: string | null) => void
    readonly onEnd: () => void
}

const PARTS = ['did-right', 'now', 'protect', 'tell', 'look-again'] as const
const NTHS = [1, 2, 3] as const

const answerIn = (t: Translate): ShownAnswer => ({
    type: 'answer',
    plain: NTHS.map((nth) => t(`rehearsal.answer.plain${nth}`)),
    ticks: NTHS.map((nth) => t(`rehearsal.answer.tick${nth}`)),
    parts: PARTS.map((part) => ({ part, text: t(`rehearsal.answer.${part}`) })),
    assessment: [],
})

const isMadeUp = (text: string): boolean =>
    text.trim() === '' || LANGUAGES.some((language) => translator(language)('rehearsal.story') === text.trim())

export function Rehearsal({ hours, later, views: CurrentView, onReal, onEnd }: RehearsalProps) {
    const { t, language } = useWords()
    const [session] = useState(() => new MadeUpSession({
        hours,
        nowMs: () => Date.now(),
        after: (delayMs, task) => {
            const timer = setTimeout(task, delayMs)
            return () => clearTimeout(timer)
        },
        drawPhrase: () => [...draw(PHRASE_BYTES)],
    }))
    const [state, dispatch] = useReducer(reduce, { ...begin(language), connection: 'open' })
    const [hasComeBack, setComeBack] = useState(false)
    const [, look] = useReducer((count: number) => count + 1, 0)
    useEffect(() => session.onCase(() => look(undefined)), [])
    useEffect(() => () => session.forget(), [])
    useEffect(() => dispatch({ type: 'fill', part: { language } }), [language])
    useEffect(() => { if (state.view === 'continue') setComeBack(true) }, [state.view])

    const { view, draft } = state
    const { isAnswered, isFollowedUp, phrase } = session
    const stage = stageOf(view, { isThere: phrase !== null, isAnswered, isFollowedUp, hasComeBack })
    const go = (to: View) => dispatch({ type: 'go', to })
    const start = () => {
        go('what')
        dispatch({ type: 'fill', part: { text: t('rehearsal.story'), device: 'school', inDanger: 'no', role: 'pupil' } })
    }
    const tomorrow = () => session.answer(answerIn(t), { expertName: t('rehearsal.expert'), reply: t('rehearsal.reply') })
    const isOwnWords = !isMadeUp(draft.text)
    const mark = <p class="rehearsal-mark">{t('rehearsal.band')}</p>
    return (
        <MarkContext value={mark}><LinkContext value={null}>
            {mark}
            <aside class="rehearsal-band stack tight" data-part="rehearsal" data-stage={stage} aria-label={t('rehearsal.title')}>
                {stage !== 'intro' && <Announcer shown><p>{t(`rehearsal.stage.${stage}`)}</p></Announcer>}
                {stage === 'wait' && <div><Button action="rehearsal-tomorrow" kind="lead" onPress={tomorrow}>{t('rehearsal.tomorrow')}</Button></div>}
                {stage === 'leave' && <div><Button action="rehearsal-leave" kind="lead" onPress={() => go('continue')}>{t('rehearsal.leave')}</Button></div>}
                {stage === 'back' && phrase !== null && <Pictures phrase={phrase} />}
                {isOwnWords && <p data-part="rehearsal-real"><strong>{t('rehearsal.isItTrue')}</strong></p>}
                <div class="row">
                    {stage !== 'end' && <Button action="rehearsal-real" onPress={() => onReal(null)}>{t('rehearsal.real')}</Button>}
                    {isOwnWords && <Button action="rehearsal-take" onPress={() => onReal(draft.text)}>{t('rehearsal.take')}</Button>}
                    {stage !== 'end' && <Button action="rehearsal-end" kind="quiet" label={t('rehearsal.end')} onPress={onEnd}>{t('rehearsal.stop')}</Button>}
                </div>
            </aside>
            {stage === 'intro' && <Intro onStart={start} />}
            {stage === 'end' && <End onReal={() => onReal(null)} onEnd={onEnd} />}
            {view === 'home' && stage === 'back' && <Shut onBack={() => go('continue')} />}
            {view !== 'home' && view !== 'erased' && (
                <CurrentView
                    state={view === 'case' ? { ...state, draft: { ...draft, device: 'school' } } : state}
                    later={later} session={session} dispatch={dispatch} go={go} back={go}
                />
            )}
            {state.leavingFor !== null && (
                <LeaveDialog loss={unsaved(state) ?? 'case'} onStay={() => dispatch({ type: 'stay' })} onLeave={() => dispatch({ type: 'leave' })} />
            )}
        </LinkContext></MarkContext>
    )
}

/** What a lesson can show and the service cannot. */
function Pictures({ phrase }: { phrase: readonly number[] }) {
    const { t } = useWords()
    const [shown, setShown] = useState(false)
    return (
        <div class="stack tight">
            <div><Button action="rehearsal-pictures" expanded={shown} onPress={() => setShown(!shown)}>{t(shown ? 'rehearsal.hidePictures' : 'rehearsal.pictures')}</Button></div>
            {shown && <><PhraseCard phrase={phrase} /><p class="small">{t('rehearsal.onlyHere')}</p></>}
        </div>
    )
}

const STEPS = [1, 2, 3, 4, 5] as const

function Intro({ onStart }: { onStart: () => void }) {
    const { t } = useWords()
    return (
        <div class="stack step">
            <Heading>{t('rehearsal.title')}</Heading>
            <p class="lead-text">{t('rehearsal.intro')}</p>
            <section class="card stack tight">
                <h2>{t('rehearsal.whatTitle')}</h2>
                <ol class="first-steps">{STEPS.map((step) => <li key={step}>{t(`rehearsal.step${step}`)}</li>)}</ol>
            </section>
            <div class="card lit stack tight">
                <p>{t('rehearsal.privacy')}</p>
                <p>{t('rehearsal.care')}</p>
            </div>
            <div class="actions"><Button action="rehearsal-start" kind="lead" large onPress={onStart}>{t('rehearsal.start')}</Button></div>
        </div>
    )
}

function Shut({ onBack }: { onBack: () => void }) {
    const { t } = useWords()
    return (
        <div class="stack step">
            <Heading>{t('rehearsal.shutTitle')}</Heading>
            <p class="lead-text">{t('rehearsal.shut')}</p>
            <div class="actions"><Button action="rehearsal-back" kind="lead" large onPress={onBack}>{t('rehearsal.byPictures')}</Button></div>
        </div>
    )
}

function End({ onReal, onEnd }: { onReal: () => void; onEnd: () => void }) {
    const { t } = useWords()
    return (
        <div class="stack step">
            <Heading>{t('rehearsal.doneTitle')}</Heading>
            <p class="card good">{t('rehearsal.done')}</p>
            <section class="card stack tight">
                <h2>{t('rehearsal.talkTitle')}</h2>
                <ul class="facts">{NTHS.map((nth) => <li key={nth}>{t(`rehearsal.talk${nth}`)}</li>)}</ul>
            </section>
            <div class="actions">
                <Button action="rehearsal-end" kind="lead" large onPress={onEnd}>{t('rehearsal.end')}</Button>
                <Button action="rehearsal-real" onPress={onReal}>{t('rehearsal.real')}</Button>
            </div>
        </div>
    )
}

