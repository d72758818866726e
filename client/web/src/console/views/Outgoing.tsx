/** What was sent and is not stored yet, at the end of the conversation: how long it can be taken back, and where it is. */
import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { useSecondsUntil } from '../../ui/parts/LeavesSoon'
import { useWords } from '../../ui/parts/words'
import type { Place, PlaceKey } from '../places'
import { linesIn, writtenParts } from '../replies'
import { NO_DRAFT, type ConsoleState } from '../state'
import { AnswerText } from './AnswerText'
import { useConsole } from './console-context'

export function isOutgoing(state: ConsoleState, key: PlaceKey): boolean {
    const busy = state.busy.get(key)
    return busy === 'leaving' || busy === 'sending'
}

export function Outgoing({ state, place }: { state: ConsoleState; place: Place }) {
    const { t } = useWords()
    const entry = useRef<HTMLDivElement>(null)
    const leavesAtMs = state.leaving.get(place.key)
    const draft = state.drafts.get(place.key) ?? NO_DRAFT
    // The field that was written in is gone; whoever listens hears what comes of the words, and how to take them back.
    useEffect(() => entry.current?.focus(), [])
    return (
        <div class="entry expert outgoing" data-part="outgoing" data-state={state.busy.get(place.key)} role="group" aria-label={t('console.outgoing.title')} tabIndex={-1} ref={entry}>
            <article>
                <p class="entry-top"><strong>{t('console.case.you')}</strong></p>
                {draft.mode === 'answer'
                    ? <AnswerText answer={{ assessment: draft.assessment, parts: writtenParts(draft), plain: linesIn(draft.plain), ticks: linesIn(draft.ticks) }} />
                    : <p class="own-words" dir="auto">{draft.chat.trim()}</p>}
                {leavesAtMs !== undefined
                    ? <Leaves atMs={leavesAtMs} place={place} keeps={state.keeps} />
                    : <p class="reach" role="status">{t(state.connection === 'lost' ? 'console.editor.waiting' : 'console.editor.sending')}</p>}
            </article>
        </div>
    )
}

interface LeavesProps { readonly atMs: number; readonly place: Place; readonly keeps: boolean }

function Leaves({ atMs, place, keeps }: LeavesProps) {
    const { t } = useWords()
    const { work } = useConsole()
    const seconds = useSecondsUntil(atMs)
    return (
        <div class="leaves-soon">
            <p class="small"><strong>{t('console.outgoing.leavesIn', { seconds })}</strong> {t(keeps ? 'console.outgoing.keeps' : 'console.outgoing.loses')}</p>
            <div class="actions">
                <Button action="undo-send" onPress={() => work.leaving.undo(place.key)}>{t('console.outgoing.undo')} <kbd>Z</kbd></Button>
                <Button action="send-now" kind="quiet" onPress={() => work.leaving.sendNow(place.key)}>{t('console.outgoing.sendNow')}</Button>
            </div>
        </div>
    )
}
