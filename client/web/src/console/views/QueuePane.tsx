/** The left pane: the queues as tabs, and the cards of the chosen one. */
import { useWords } from '../../ui/parts/words'
import type { CardView } from '../cards'
import type { Place } from '../places'
import { countOf, isMine, listOf, tabsOf, QUEUE_OF, type ConsoleState } from '../state'
import { factLine, named } from './Facts'
import { useConsole } from './console-context'
import { drawnFrom } from './drawn-from'
import { ago } from './times'

const SHOWN = ['me', 'names', 'queues', 'read', 'cards', 'tab', 'selected', 'unread', 'drafted', 'nowS'] as const

export const QueuePane = drawnFrom(SHOWN, ({ state }: { readonly state: ConsoleState }) => {
    const { t } = useWords()
    const { tell } = useConsole()
    if (state.me === null) return null
    const places = listOf(state)
    const waiting = places.filter((place) => place.state === 'waiting')
    const isRead = state.tab === 'mine' ? state.me.queues.every((queue) => state.read.has(queue)) : state.read.has(QUEUE_OF[state.tab])
    return (
        <nav class="queue-pane" aria-label={t('console.queues.label')}>
            <div class="tabs" role="group" aria-label={t('console.queues.label')}>
                {tabsOf(state.me).map((tab) => (
                    <button key={tab} type="button" class="tab" data-action={`tab-${tab}`} aria-pressed={state.tab === tab} onClick={() => tell({ type: 'tab', tab })}>
                        {t(`console.queues.${tab}`)}
                        <span class="count"><span aria-hidden="true">{countOf(state, tab)}</span><span class="only-heard">{t('console.queues.count', { count: countOf(state, tab) })}</span></span>
                    </button>
                ))}
            </div>
            <div class="queue-list">
                {!isRead && <p class="soft empty">{t('console.queues.loading')}</p>}
                {isRead && state.tab !== 'mine' && waiting.length === 0 && <p class="empty calm">{t('console.empty.queue')}</p>}
                {isRead && state.tab === 'mine' && places.length === 0 && <p class="empty calm">{t('console.empty.mine')}</p>}
                {state.tab === 'mine'
                    ? <Rows places={places} state={state} />
                    : (
                        <>
                            <Rows places={waiting} state={state} />
                            {waiting.length < places.length && <h2 class="group">{t('console.queues.held')}</h2>}
                            <Rows places={places.filter((place) => place.state !== 'waiting')} state={state} />
                        </>
                    )}
            </div>
        </nav>
    )
})

function Rows({ places, state }: { places: readonly Place[]; state: ConsoleState }) {
    if (places.length === 0) return null
    return (
        <ul class="rows">
            {places.map((place) => <li key={place.key}><Row place={place} state={state} /></li>)}
        </ul>
    )
}

function Row({ place, state }: { place: Place; state: ConsoleState }) {
    const { t, language } = useWords()
    const { work } = useConsole()
    const card: CardView | undefined = state.cards.get(place.key)
    const facts = card?.facts ?? null
    const mine = isMine(state, place)
    const unread = state.unread.get(place.key) ?? 0
    return (
        <button
            type="button" class={`place${mine ? ' mine' : ''}`} data-case={place.case} data-state={place.state}
            aria-current={state.selected === place.key ? 'true' : undefined} onClick={() => work.select(place.key)}
        >
            <span class="place-top">
                <strong>{titleOf(card)}</strong>
                {place.urgent && <span class="urgent">{t('console.card.urgent')}</span>}
            </span>
            {facts && <span class="place-facts">{factLine(t, facts)}</span>}
            {facts && facts.firstWords !== '' && <span class="place-words" dir="auto">{facts.firstWords}</span>}
            <span class="place-foot">
                <span>{t('console.card.arrived', { ago: ago(place.openedHour, state.nowS, language) })}</span>
                <span class="place-state">{stateText(place)}</span>
                {unread > 0 && <span class="new" data-unread={unread}>{t('console.queues.unread', { count: unread })}</span>}
                {state.drafted.has(place.key) && <span class="drafted">{t('console.card.draft')}</span>}
                {card?.alarm && <span class="warned">{t('console.alarm.title')}</span>}
            </span>
        </button>
    )

    function titleOf(of: CardView | undefined): string {
        if (of === undefined) return t('common.loading')
        if (of.facts === null) return t('console.card.unreadable')
        return of.facts.topic === null ? t('console.case.title') : named(t, 'topics', of.facts.topic)
    }

    function stateText(of: Place): string {
        if (of.state === 'waiting') return t('console.state.waiting')
        if (mine) return t('console.state.heldByYou')
        return t('console.state.heldByOther', { name: state.names.get(of.holder ?? '') ?? t('console.state.unknownExpert') })
    }
}
