/** The desk: the bar on top, the queues on the left, the case on the right; on a narrow screen one of the two. */
import { flushSync } from 'preact/compat'
import { useEffect, useRef } from 'preact/hooks'
import { Announcer } from '../../ui/parts/Announcer'
import { Button } from '../../ui/parts/Button'
import { Lantern } from '../../ui/parts/Lantern'
import { Problem } from '../../ui/parts/Problem'
import { tagOf } from '../../i18n/text'
import { useWords } from '../../ui/parts/words'
import { isCovered, isOnBreak } from '../care'
import { actionFor, focusOf } from '../keys'
import type { PlaceKey } from '../places'
import { canJoin, isMine, isSnoozed, nextTab, selectedPlace, stepFrom, tabsOf } from '../questions'
import type { ConsoleState, DialogName, News } from '../state'
import { AuditAlarm } from './AuditAlarm'
import { CasePane } from './CasePane'
import { useConsole, type ConsoleTools } from './console-context'
import { Dialogs } from './Dialogs'
import { drawnFrom } from './drawn-from'
import { focusSelected } from './focus'
import { KeysReminder } from './KeysReminder'
import { LanguageSwitch } from './LanguageSwitch'
import { focusSearch, QueuePane } from './QueuePane'
import { Menu, signOut } from './Menu'
import { sendFrom } from './sending'
import { toggleBeside, toReply } from './Beside'
import { PeopleNews } from './PeopleNews'
import { Requests } from './Requests'
import { Turning } from './Turning'

export function DeskView({ state }: { state: ConsoleState }) {
    const { t } = useWords()
    const tools = useConsole()
    useKeys(tools)
    useOnePaneFocus(state)
    useFocusAfterClosing(state.selected)
    return (
        <div class="desk" data-view="desk" data-pane={state.pane} data-break={isOnBreak(state) ? 'true' : undefined}>
            <Bar state={state} />
            <DirectoryEnds state={state} />
            <AuditAlarm state={state} />
            {state.dialog !== 'people' && <Turning state={state} />}
            <PeopleNews state={state} />
            <KeysReminder state={state} />
            <Requests state={state} />
            <main class="panes">
                {state.error !== null && (
                    <div class="desk-error">
                        <Problem code={state.error}><Button action="retry" onPress={() => tools.work.readAll()}>{t('common.retry')}</Button></Problem>
                    </div>
                )}
                <QueuePane state={state} />
                <CasePane state={state} />
            </main>
            <Announcer><span key={state.news.turn}>{isOnBreak(state) ? '' : newsText(state.news.what)}</span></Announcer>
            <Dialogs state={state} />
        </div>
    )

    function newsText(what: News | null): string {
        switch (what) {
            case null: return ''
            case 'arrived': return t('console.queues.newCases', { count: 1 })
            case 'message': return t('console.case.newMessage')
            case 'sent': return t('console.editor.sent')
            case 'undone': return t('console.outgoing.undone')
            default: return t(`console.action.${what}`)
        }
    }
}

const Bar = drawnFrom(['me', 'connection', 'bellOn'], ({ state }: { readonly state: ConsoleState }) => {
    const { t } = useWords()
    const tools = useConsole()
    const { work, tell } = tools
    return (
        <header class="bar">
            <div class="brand"><Lantern /><h1>{t('app.name')} <span class="soft">{t('console.title')}</span></h1></div>
            <p class={`connection ${state.connection}`} role="status">{t(`console.connection.${state.connection}`)}</p>
            <div class="bar-end">
                <span class="who">{state.me?.name}</span>
                <LanguageSwitch />
                <Button action="bell" className="icon" pressed={state.bellOn} label={t('console.bell.label')} onPress={() => tell({ type: 'bell', on: !state.bellOn })}><Bell on={state.bellOn} /></Button>
                <Button action="break" className="icon" label={t('console.break.label')} onPress={() => tell({ type: 'dialog', dialog: 'break' })}><Cup /></Button>
                <Button action="duty" className="icon" label={t('console.onCall.title')} onPress={() => tell({ type: 'dialog', dialog: 'duty' })}><Clock /></Button>
                <Button action="help" className="icon" label={t('console.keys.title')} onPress={() => tell({ type: 'dialog', dialog: 'help' })}><span aria-hidden="true">?</span></Button>
                <Button action="lock-now" className="icon only-wide" label={t('console.lock.now')} onPress={() => work.doors.lock()}><Padlock /></Button>
                {state.me !== null && <Menu me={state.me} />}
                <Button action="sign-out" className="not-narrow" onPress={() => signOut(tools)}>{t('console.signOut')}</Button>
            </div>
        </header>
    )
})

function Clock() {
    return (
        <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
            <circle cx="12" cy="12" r="8.500" /><path d="M12 7v5l3.500 2" />
        </svg>
    )
}

const WARNED_S = 7 * 86_400

/** Nobody can write to anybody once the directory has run out: said a week before, to all. */
function DirectoryEnds({ state: { directory, nowS, me } }: { state: ConsoleState }) {
    const { t, language } = useWords()
    if (directory === null || directory.expires - nowS >= WARNED_S) return null
    const day = new Intl.DateTimeFormat(tagOf(language), { weekday: 'long', day: 'numeric', month: 'numeric' }).format(directory.expires * 1_000)
    return <p class="directory-ends" role="status" data-part="directory-ends">{t(me?.coordinator === true ? 'console.directory.endsHere' : 'console.directory.ends', { day })}</p>
}

function Padlock() {
    return (
        <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
            <path d="M6.500 11h11v8.500h-11zM9 11V8a3 3 0 0 1 6 0v3" />
        </svg>
    )
}

function Bell({ on }: { on: boolean }) {
    return (
        <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
            <path d="M6 17V11a6 6 0 0 1 12 0v6l1.500 1.500h-15zM10 21h4" />
            {!on && <path d="M4 3l17 18" />}
        </svg>
    )
}

function Cup() {
    return (
        <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
            <path d="M4 10h13v5a5 5 0 0 1-5 5H9a5 5 0 0 1-5-5zM17 11h1.500a2.500 2.500 0 0 1 0 5H17M8 3v3M12 3v3" />
        </svg>
    )
}

/** The keyboard map at work. What a key cannot do right now, it does not do. */
function useKeys({ work, tell, current }: ConsoleTools): void {
    useEffect(() => {
        const step = (by: 1 | -1): void => {
            const key = stepFrom(current(), by)
            if (key === null) return
            // At once: an Enter right behind it would else press the card that had the focus before.
            flushSync(() => work.select(key, 'list'))
            focusSelected()
        }
        const act = (event: KeyboardEvent): void => {
            const state = current()
            const place = selectedPlace(state)
            const action = actionFor(event, { focus: focusOf(document.activeElement), dialogOpen: state.dialog !== null, lettersOn: state.lettersOn })
            if (action === null) return
            event.preventDefault()
            const mine = place !== null && isMine(state, place)
            const ask = (dialog: DialogName): void => void (mine && !state.busy.has(place.key) && tell({ type: 'dialog', dialog }))
            switch (action) {
                case 'next': return step(1)
                case 'previous': return step(-1)
                case 'list': return tell({ type: 'tab', tab: nextTab(state) })
                case 'to-queue': {
                    const [first] = state.me === null ? [] : tabsOf(state.me)
                    return void (first && tell({ type: 'tab', tab: first }))
                }
                case 'to-mine': return tell({ type: 'tab', tab: 'mine' })
                case 'to-awaiting': return tell({ type: 'tab', tab: 'awaiting' })
                case 'to-snoozed': return tell({ type: 'tab', tab: 'snoozed' })
                case 'to-closed': return tell({ type: 'tab', tab: 'closed' })
                case 'search':
                case 'find':
                    flushSync(() => tell({ type: 'to-list' }))
                    return focusSearch()
                case 'open': return void (place && work.select(place.key))
                case 'claim': return void (place?.state === 'waiting' && work.claim(place.key))
                case 'reply': return toReply({ tell })
                case 'preview': return void (mine && tell({ type: 'preview', on: !state.preview }))
                case 'beside': return void (mine && toggleBeside({ work, tell, current }, place))
                case 'send': return void (mine && sendFrom(work, place.key))
                case 'undo': return void (place && work.leaving.undo(place.key))
                case 'release': return ask('release')
                case 'snooze': return place !== null && mine && isSnoozed(place, state.nowS) ? work.lists.snooze(place.key, null) : ask('snooze')
                case 'handover': return place !== null && canJoin(state, place.key).length > 0 ? ask('handover') : undefined
                case 'close': return ask('close')
                case 'uncover': return void (place && isCovered(state, place) && work.uncover(place.key))
                case 'break': return tell({ type: 'dialog', dialog: 'break' })
                case 'help': return tell({ type: 'dialog', dialog: 'help' })
                case 'lock': return work.doors.lock()
                case 'back':
                    flushSync(() => { tell({ type: 'sought', words: '' }); tell({ type: 'to-list' }) })
                    focusSelected()
            }
        }
        document.addEventListener('keydown', act)
        return () => document.removeEventListener('keydown', act)
    }, [work, tell, current])
}

/** Where one pane replaces the other, the focus goes along; else it would fall to the top of the page. */
function useOnePaneFocus({ pane, selected, onePane }: ConsoleState): void {
    const isFirst = useRef(true)
    useEffect(() => {
        const isOpening = isFirst.current
        isFirst.current = false
        if (isOpening || !onePane) return
        // A conversation has brought its newest message into sight.
        if (pane === 'list' || document.querySelector('.conversation > li + li') === null) scrollTo(0, 0)
        if (pane === 'case') document.querySelector<HTMLElement>('[data-heading="case"]')?.focus({ preventScroll: true })
        else focusSelected()
    }, [pane, selected])
}

/** A closed case is gone with everything that could have had the focus. */
function useFocusAfterClosing(selected: PlaceKey | null): void {
    const before = useRef(selected)
    useEffect(() => {
        if (before.current !== null && selected === null) document.querySelector<HTMLElement>('.queue-pane .tab[aria-pressed="true"]')?.focus()
        before.current = selected
    }, [selected])
}
