/** The right pane: the card before the claim; afterwards the conversation, and beside it the place to answer. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import { isCovered } from '../care'
import { LAWYER, type Place } from '../places'
import { canJoin, isClosedByMe, isMine, isSnoozed, selectedPlace } from '../questions'
import { NO_DRAFT, type ConsoleState } from '../state'
import { Composer } from './Composer'
import { Conversation } from './Conversation'
import { Cover } from './Cover'
import { DutyList } from './DutyList'
import { Facts, named } from './Facts'
import { Advice, Beside, Slips, toggleBeside, toReply } from './Beside'
import { useConsole } from './console-context'
import { drawnFrom } from './drawn-from'
import { Due, dueOf } from './Due'
import { isOutgoing, Outgoing } from './Outgoing'
import { ago, clock } from './times'

interface PlaceProps { readonly state: ConsoleState; readonly place: Place }

/** Nothing is wrong: somebody was faster, or a field is still empty. */
const GENTLE: ReadonlySet<ErrorCode> = new Set(['capacity-reached', 'case-already-claimed', 'answer-empty', 'message-empty'])

export function CasePane({ state }: { state: ConsoleState }) {
    const { t } = useWords()
    const { tell } = useConsole()
    const place = selectedPlace(state)
    const back = <Button action="to-list" kind="quiet" className="to-list" onPress={() => tell({ type: 'to-list' })}>{t('console.action.toList')}</Button>
    if (state.beside.advising) return <Advice state={state} back={back} />
    if (place === null) {
        return (
            <section class="case-pane nothing" aria-label={t('console.case.title')}>
                {back}
                <p class="soft" role="status">{t(state.loss === 'erased' ? 'console.case.erased' : 'console.empty.selection')}</p>
            </section>
        )
    }
    return (
        <section class="case-pane" aria-label={t('console.case.title')} data-open={isMine(state, place)}>
            {back}
            <CaseHead state={state} place={place} />
            <Notices state={state} place={place} />
            {isMine(state, place) || isClosedByMe(state, place) ? <Opened state={state} place={place} /> : <Unclaimed state={state} place={place} />}
        </section>
    )
}

const CaseHead = drawnFrom(['me', 'names', 'cards', 'cases', 'shown', 'busy', 'here', 'answering', 'beside', 'nowS', 'hours'], ({ state, place }: PlaceProps) => {
    const { t, language } = useWords()
    const tools = useConsole()
    const { work, tell } = tools
    const heading = useRef<HTMLHeadingElement>(null)
    const facts = state.cards.get(place.key)?.facts ?? null
    const view = state.shown === place.key ? state.cases.get(place.key) : undefined
    const report = view?.messages.find((message) => message.content.type === 'report')?.content
    const busy = state.busy.get(place.key)
    const mine = isMine(state, place)
    const dueS = dueOf(place, state.hours)
    const answering = state.answering.get(place.case)
    useEffect(() => {
        // The button that was pressed is gone once the case is ours; the focus must not fall to the top of the page.
        if (mine && (document.activeElement === null || document.activeElement === document.body)) heading.current?.focus({ preventScroll: true })
    }, [mine])
    return (
        <header class="case-head">
            <div class="case-title">
                <h2 ref={heading} tabIndex={-1} data-heading="case">
                    {facts?.topic ? named(t, 'topics', facts.topic) : t('console.case.title')}
                    {place.urgent && <span class="urgent">{t('console.card.urgent')}</span>}
                    {mine && state.here.has(place.case) && <span class="here" data-part="here">{t('console.case.here')}</span>}
                </h2>
            </div>
            {mine && (
                <div class="case-actions">
                    <Button action="reply" onPress={() => toReply(tools)}>{t('console.action.reply')} <kbd>R</kbd></Button>
                    <Button action="beside" pressed={state.beside.open} onPress={() => toggleBeside(tools, place)}>{t('console.beside.open')} <kbd>N</kbd></Button>
                    {isSnoozed(place, state.nowS)
                        ? <Button action="wake" off={busy !== undefined} onPress={() => work.lists.snooze(place.key, null)}>{t('console.action.wake')} <kbd>S</kbd></Button>
                        : (
                            <Button action="snooze" off={busy !== undefined} onPress={() => tell({ type: 'dialog', dialog: 'snooze' })}>
                                {t(busy === 'snoozing' ? 'console.action.snoozing' : 'console.action.snooze')} <kbd>S</kbd>
                            </Button>
                        )}
                    {view !== undefined && canJoin(state, place.key).length > 0 && (
                        <Button action="handover" off={busy !== undefined} onPress={() => tell({ type: 'dialog', dialog: 'handover' })}>
                            {t(busy === 'asking' ? 'console.handover.asking' : 'console.handover.open')}
                        </Button>
                    )}
                    <Button action="release" off={busy !== undefined} onPress={() => tell({ type: 'dialog', dialog: 'release' })}>{t('console.action.release')}</Button>
                    <Button action="close" off={busy !== undefined} onPress={() => tell({ type: 'dialog', dialog: 'close' })}>
                        {t(busy === 'closing' ? 'console.action.closing' : 'console.action.close')} <kbd>E</kbd>
                    </Button>
                </div>
            )}
            {isClosedByMe(state, place) && (
                <div class="case-actions">
                    <Button action="reopen" off={busy !== undefined} onPress={() => work.lists.reopen(place.key)}>
                        {t(busy === 'reopening' ? 'console.action.reopening' : 'console.action.reopen')}
                    </Button>
                </div>
            )}
            {!mine && place.state === 'waiting' && (
                <div class="case-actions">
                    <Button action="claim" kind="lead" off={busy !== undefined} onPress={() => work.claim(place.key)}>
                        {t(busy === 'claiming' ? 'console.action.claiming' : 'console.action.claim')} <kbd>C</kbd>
                    </Button>
                </div>
            )}
            <p class="case-meta soft small">
                {t('console.card.arrived', { ago: ago(place.openedHour, state.nowS, language) })}
                {state.hours !== null && dueS !== null && <> · <Due dueS={dueS} hours={state.hours} nowS={state.nowS} /></>}
                {mine && place.snooze !== null && isSnoozed(place, state.nowS) && ` · ${t('console.state.snoozedUntil', { time: clock(place.snooze.until, language) })}`}
                {mine && place.leaseUntil !== null && ` · ${t('console.case.heldUntil', { time: clock(place.leaseUntil, language) })}`}
                {place.closedHour !== null && ` · ${t('console.state.closedAgo', { ago: ago(place.closedHour, state.nowS, language) })}`}
                {!mine && place.holder !== null && ` · ${t('console.state.heldByOther', { name: state.names.get(place.holder) ?? t('console.state.unknownExpert') })}`}
            </p>
            {view?.beginsLater === true && <p class="card lit" data-part="begins-later">{t('console.handover.beginsLater')}</p>}
            {mine && answering !== undefined && answering !== place.queue && (
                <p class="answering" role="status" data-part="answering">
                    {t(answering === LAWYER ? 'console.case.answeringLawyer' : 'console.case.answeringPsychologist')}
                </p>
            )}
            {facts && <Facts card={facts} {...(report?.type === 'report' ? { help: report.help, device: report.device } : {})} />}
        </header>
    )
})

/** What went wrong with this case, and what does not add up in it. */
function Notices({ state, place }: PlaceProps) {
    const { t } = useWords()
    const { tell, work } = useConsole()
    const error = state.errors.get(place.key)
    const card = state.cards.get(place.key)
    const alarms = new Set<ErrorCode>([...(card?.alarm ? [card.alarm] : []), ...(state.cases.get(place.key)?.alarms ?? [])])
    if (error === undefined && alarms.size === 0 && state.loss !== 'lapsed') return null
    return (
        <div class="notices">
            {state.loss === 'lapsed' && <p class="card lit" role="status">{t('console.case.leaseLapsed')}</p>}
            {error !== undefined && (
                <Problem code={error} gentle={GENTLE.has(error)}>
                    {(isMine(state, place) || isClosedByMe(state, place)) && !state.cases.has(place.key) && <Button action="retry" onPress={() => work.select(place.key)}>{t('common.retry')}</Button>}
                    <Button action="seen-error" onPress={() => tell({ type: 'seen-error', key: place.key })}>{t('common.ok')}</Button>
                </Problem>
            )}
            {[...alarms].filter((code) => code !== error).map((code) => <Problem key={code} code={code}><strong>{t('console.alarm.tellCoordinator')}</strong></Problem>)}
        </div>
    )
}

function Unclaimed({ state, place }: PlaceProps) {
    const { t } = useWords()
    const facts = state.cards.get(place.key)?.facts ?? null
    return (
        <div class="unclaimed">
            <h3>{t('console.card.firstWords')}</h3>
            {isCovered(state, place) ? <Cover state={state} place={place} /> : <blockquote class="own-words" dir="auto">{facts?.firstWords ?? t('console.card.unreadable')}</blockquote>}
            {place.state === 'waiting' && <p class="soft">{t('console.case.claimToRead')}</p>}
            {place.state === 'waiting' && place.lapses > 0 && <p class="soft">{t('console.case.cameBack')}</p>}
            {place.state === 'closed' && <p class="soft">{t('console.case.closedByOther')}</p>}
        </div>
    )
}

/** The conversation of a case I hold, with a place to answer; or of one I have closed, to be read. */
function Opened({ state, place }: PlaceProps) {
    const { t } = useWords()
    const view = state.cases.get(place.key)
    if (view === undefined) return state.errors.has(place.key) ? null : <p class="soft opening" role="status">{t('console.case.opening')}</p>
    if (isCovered(state, place)) return <Cover state={state} place={place} />
    const { mode } = state.drafts.get(place.key) ?? NO_DRAFT
    const leaves = isOutgoing(state, place.key)
    // Behind the list nothing can be brought into sight; so it is drawn when it comes to the front.
    const isShown = !state.onePane || state.pane === 'case'
    if (!isMine(state, place)) {
        return (
            <div class="held" data-writes="nothing">
                <div class="reading" tabIndex={0} role="region" aria-label={t('console.case.messages')}>
                    <p class="card" data-part="read-only">{t('console.case.readOnly')}</p>
                    {view.older !== null && <Older percent={view.older} />}
                    {isShown && <Conversation key={place.key} messages={view.messages} unread={0} />}
                </div>
            </div>
        )
    }
    return (
        <div class="held" data-writes={leaves ? 'nothing' : state.beside.open ? 'beside' : mode} data-preview={!leaves && !state.beside.open && mode === 'answer' && state.preview}>
            <div class="reading" tabIndex={0} role="region" aria-label={t('console.case.messages')}>
                {state.shown === place.key
                    ? (
                        <>
                            <Slips state={state} place={place} />
                            {view.older !== null && <Older percent={view.older} />}
                            {isShown && <Conversation key={place.key} messages={view.messages} unread={view.unread} />}
                            {leaves && <Outgoing key={`${place.key} outgoing`} state={state} place={place} />}
                        </>
                    )
                    : <NotRecorded state={state} place={place} />}
                <DutyList state={state} place={place} />
            </div>
            {!leaves && (state.beside.open ? <Beside state={state} place={place} /> : <Composer state={state} place={place} />)}
        </div>
    )
}

/** SPEC 4.6: the reporter will see that the case was opened; until that is stored, nobody sees the case. */
function NotRecorded({ state, place }: PlaceProps) {
    const { t } = useWords()
    const { work } = useConsole()
    const isLost = state.connection === 'lost'
    return (
        <div class="stack tight recording" data-part="not-recorded">
            <p class="soft" role="status">{t(isLost ? 'console.case.notRecorded' : 'console.case.recording')}</p>
            <div><Button action="record" onPress={() => work.looked(place.key)}>{t('common.retry')}</Button></div>
        </div>
    )
}

function Older({ percent }: { percent: number }) {
    const { t } = useWords()
    const words = t('console.case.older', { percent })
    return (
        <div class="small soft older" data-part="older">
            <p role="status">{words}</p>
            <progress max={100} value={percent} aria-label={words} />
        </div>
    )
}
