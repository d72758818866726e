/** The left pane: the lists as tabs, a search, and the cards of the chosen list. */
import { useEffect } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import { countOf, isOwnList, listOf, tabsOf } from '../questions'
import { QUEUE_OF, type ConsoleState } from '../state'
import { askedOfMe, showAdvice } from './Beside'
import { Rows } from './Rows'
import { SearchResults } from './SearchResults'
import { useConsole } from './console-context'
import { drawnFrom } from './drawn-from'

const SHOWN = [
    'me', 'names', 'queues', 'read', 'waitingIn', 'closed', 'late', 'cards', 'cases', 'tab', 'sought', 'selected', 'unread', 'drafted', 'here', 'beside', 'nowS',
    'warned', 'uncovered', 'hours',
] as const

interface PaneProps { readonly state: ConsoleState }

export const QueuePane = drawnFrom(SHOWN, ({ state }: PaneProps) => {
    const { t } = useWords()
    const { tell } = useConsole()
    if (state.me === null) return null
    const advice = askedOfMe(state).length
    return (
        <nav class="queue-pane" aria-label={t('console.queues.label')}>
            <Tabs state={state} />
            {advice > 0 && (
                <button type="button" class="tab advice" data-action="advice" aria-pressed={state.beside.advising} onClick={() => showAdvice(tell)}>{t('console.advice.row', { count: advice })}</button>
            )}
            <Search sought={state.sought} />
            <div class="queue-list">
                {state.sought.trim() !== '' ? <SearchResults state={state} /> : <List key={state.tab} state={state} />}
            </div>
        </nav>
    )
})

function Tabs({ state }: PaneProps) {
    const { t } = useWords()
    const { tell } = useConsole()
    return (
        <div class="tabs" role="group" aria-label={t('console.queues.label')}>
            {(state.me === null ? [] : tabsOf(state.me)).map((tab) => {
                const count = countOf(state, tab)
                return (
                    <button key={tab} type="button" class="tab" data-action={`tab-${tab}`} aria-pressed={state.tab === tab} onClick={() => tell({ type: 'tab', tab })}>
                        {t(`console.queues.${tab}`)}
                        {count !== null && <span class="count"><span aria-hidden="true">{count}</span><span class="only-heard">{t('console.queues.count', { count })}</span></span>}
                    </button>
                )
            })}
        </div>
    )
}

function Search({ sought }: { readonly sought: string }) {
    const { t } = useWords()
    const { tell } = useConsole()
    return (
        <div class="search" role="search">
            <input
                {...PRIVATE_FIELD} class="input" type="text" data-field="search" aria-label={t('console.search.label')} placeholder={t('console.search.label')}
                value={sought} onInput={(event) => tell({ type: 'sought', words: event.currentTarget.value })}
            />
            {sought !== '' && (
                <Button action="clear-search" kind="quiet" label={t('console.search.clear')} onPress={() => { tell({ type: 'sought', words: '' }); focusSearch() }}>
                    <span aria-hidden="true">✕</span>
                </Button>
            )}
        </div>
    )
}

export function focusSearch(): void {
    document.querySelector<HTMLInputElement>('[data-field="search"]')?.focus()
}

function List({ state }: PaneProps) {
    const { tab } = state
    if (tab === 'closed') return <Closed state={state} />
    return isOwnList(tab) ? <Own state={state} tab={tab} /> : <Queue state={state} queue={QUEUE_OF[tab]} />
}

function Queue({ state, queue }: PaneProps & { readonly queue: number }) {
    const { t } = useWords()
    const places = listOf(state)
    const waiting = places.filter((place) => place.state === 'waiting')
    const all = state.waitingIn.get(queue) ?? 0
    if (!state.read.has(queue)) return <p class="soft empty">{t('console.queues.loading')}</p>
    return (
        <>
            {waiting.length === 0 && <p class="empty calm">{t('console.empty.queue')}</p>}
            {all > waiting.length && <p class="soft small partly">{t('console.queues.partly', { count: all })}</p>}
            <Rows places={waiting} state={state} />
            {waiting.length < places.length && <h2 class="group">{t('console.queues.held')}</h2>}
            <Rows places={places.filter((place) => place.state !== 'waiting')} state={state} />
        </>
    )
}

function Own({ state, tab }: PaneProps & { readonly tab: 'mine' | 'awaiting' | 'snoozed' }) {
    const { t } = useWords()
    const places = listOf(state)
    if (!state.me?.queues.every((queue) => state.read.has(queue))) return <p class="soft empty">{t('console.queues.loading')}</p>
    return places.length === 0 ? <p class="empty calm">{t(`console.empty.${tab}`)}</p> : <Rows places={places} state={state} />
}

function Closed({ state }: PaneProps) {
    const { t } = useWords()
    const { work } = useConsole()
    const { hasMore, isRead, places } = state.closed
    useEffect(() => { if (!isRead) void work.readClosed() }, [isRead])
    if (!isRead) return <p class="soft empty" role="status">{t('console.queues.loading')}</p>
    return (
        <>
            {places.size === 0 && <p class="empty calm">{t('console.empty.closed')}</p>}
            <Rows places={listOf(state)} state={state} />
            {hasMore && <div class="more"><Button action="more-closed" onPress={() => void work.readClosed()}>{t('console.queues.more')}</Button></div>}
        </>
    )
}
