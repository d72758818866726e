/** The left pane: the queues as tabs, and the cards of the chosen one. */
import type { Hours } from '@lyhty/crypto/hours'
import { memo } from 'preact/compat'
import { useWords } from '../../ui/parts/words'
import type { CardView } from '../cards'
import { isCovered } from '../care'
import type { Place } from '../places'
import { countOf, isMine, listOf, tabsOf } from '../questions'
import { QUEUE_OF, type ConsoleState } from '../state'
import { askedOfMe, showAdvice } from './Beside'
import { factLine, named } from './Facts'
import { useConsole } from './console-context'
import { drawnFrom } from './drawn-from'
import { Due, dueOf } from './Due'
import { ago } from './times'

const SHOWN = ['me', 'names', 'queues', 'read', 'cards', 'tab', 'selected', 'unread', 'drafted', 'here', 'beside', 'nowS', 'hours', 'warned', 'uncovered'] as const

export const QueuePane = drawnFrom(SHOWN, ({ state }: { readonly state: ConsoleState }) => {
    const { t } = useWords()
    const { tell } = useConsole()
    if (state.me === null) return null
    const places = listOf(state)
    const advice = askedOfMe(state).length
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
            {advice > 0 && (
                <button type="button" class="tab advice" data-action="advice" aria-pressed={state.beside.advising} onClick={() => showAdvice(tell)}>{t('console.advice.row', { count: advice })}</button>
            )}
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
            {places.map((place) => <li key={place.key}><Row {...propsOf(place, state)} /></li>)}
        </ul>
    )
}

function propsOf(place: Place, state: ConsoleState): RowProps {
    const { key } = place
    const mine = isMine(state, place)
    return {
        place, mine, card: state.cards.get(key), covered: isCovered(state, place), selected: state.selected === key, unread: state.unread.get(key) ?? 0, drafted: state.drafted.has(key),
        here: mine && state.here.has(place.case), holder: state.names.get(place.holder ?? ''), nowS: state.nowS, hours: state.hours,
    }
}

interface RowProps {
    readonly place: Place
    readonly card: CardView | undefined
    readonly covered: boolean
    readonly mine: boolean
    readonly selected: boolean
    readonly unread: number
    readonly drafted: boolean
    readonly here: boolean
    readonly holder: string | undefined
    readonly nowS: number
    readonly hours: Hours | null
}

/** Among hundreds, only the rows that changed are drawn again. */
const Row = memo(({ place, card, covered, mine, selected, unread, drafted, here, holder, nowS, hours }: RowProps) => {
    const { t, language } = useWords()
    const { work } = useConsole()
    const facts = card?.facts ?? null
    const dueS = dueOf(place, hours)
    return (
        <button
            type="button" class={`place${mine ? ' mine' : ''}`} data-case={place.case} data-state={place.state}
            aria-current={selected ? 'true' : undefined} onClick={() => work.select(place.key)}
        >
            <span class="place-top">
                <strong>{titleOf(card)}</strong>
                {place.urgent && <span class="urgent">{t('console.card.urgent')}</span>}
            </span>
            {facts && <span class="place-facts">{factLine(t, facts)}</span>}
            {facts && facts.firstWords !== '' && <span class={`place-words${covered ? ' covered' : ''}`} dir="auto" aria-hidden={covered ? 'true' : undefined}>{facts.firstWords}</span>}
            {covered && <span class="only-heard">{t('console.cover.words')}</span>}
            <span class="place-foot">
                <span>{t('console.card.arrived', { ago: ago(place.openedHour, nowS, language) })}</span>
                <span class="place-state">{stateText(place)}</span>
                {hours !== null && dueS !== null && <Due dueS={dueS} hours={hours} nowS={nowS} />}
                {here && <span class="here">{t('console.case.here')}</span>}
                {unread > 0 && <span class="new" data-unread={unread}>{t('console.queues.unread', { count: unread })}</span>}
                {drafted && <span class="drafted">{t('console.card.draft')}</span>}
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
        return t('console.state.heldByOther', { name: holder ?? t('console.state.unknownExpert') })
    }
})
