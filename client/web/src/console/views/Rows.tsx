/**
 * The rows of a list. Of thousands only those near the window are made; the rest is a space of about their height, so
 * that the scroll bar tells the truth.
 */
import type { Hours } from '@lyhty/crypto/hours'
import { memo } from 'preact/compat'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useWords } from '../../ui/parts/words'
import type { CardView } from '../cards'
import { isCovered } from '../care'
import type { Place } from '../places'
import { isMine, isSnoozed } from '../questions'
import type { ConsoleState } from '../state'
import { factLine, titleOf } from './Facts'
import { useConsole } from './console-context'
import { Due, dueOf } from './Due'
import { ago, clock } from './times'

/** More than fill the tallest screen. */
const AT_FIRST = 30
const MORE = 60
/** Before the last row that is made comes into sight, more are. */
const AHEAD = 15
const ROW_REM = 8

export function Rows({ places, state }: { readonly places: readonly Place[]; readonly state: ConsoleState }) {
    const [wanted, setWanted] = useState(AT_FIRST)
    const list = useRef<HTMLUListElement>(null)
    const selected = places.findIndex(({ key }) => key === state.selected)
    const made = Math.min(places.length, Math.max(wanted, selected + 1 + AHEAD))
    const left = places.length - made
    useEffect(() => {
        const [ahead, rest] = [list.current?.children[made - AHEAD], list.current?.querySelector('.rest')]
        if (left === 0 || !ahead || !rest) return undefined
        const observer = new IntersectionObserver((seen) => {
            if (!seen.some(({ isIntersecting }) => isIntersecting)) return
            // Who drags the scroll bar far down has passed many at once.
            const { blockPx, passedPx } = { blockPx: rest.getBoundingClientRect().height / left, passedPx: innerHeight - rest.getBoundingClientRect().top }
            setWanted(made + MORE + Math.max(0, Math.ceil(passedPx / blockPx)))
        })
        observer.observe(ahead)
        observer.observe(rest)
        return () => observer.disconnect()
    }, [made, left])
    if (places.length === 0) return null
    return (
        <ul class="rows" ref={list}>
            {places.slice(0, made).map((place) => <li key={place.key}><Row {...propsOf(place, state)} /></li>)}
            {left > 0 && <li class="rest" aria-hidden="true" style={{ blockSize: `${left * ROW_REM}rem` }} />}
        </ul>
    )
}

function propsOf(place: Place, state: ConsoleState): RowProps {
    const { key } = place
    const mine = isMine(state, place)
    return {
        place, mine, card: state.cards.get(key), covered: isCovered(state, place), selected: state.selected === key, unread: state.unread.get(key) ?? 0, drafted: state.drafted.has(key), late: state.late.has(key),
        here: mine && state.here.has(place.case), holder: state.names.get(place.holder ?? place.closer ?? ''), nowS: state.nowS,
        hours: state.hours,
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
    readonly late: boolean
    readonly here: boolean
    readonly holder: string | undefined
    readonly nowS: number
    readonly hours: Hours | null
}

/** Among hundreds, only the rows that changed are drawn again. */
const Row = memo(({ place, card, covered, mine, selected, unread, drafted, late, here, holder, nowS, hours }: RowProps) => {
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
                <strong>{titleOf(t, card)}</strong>
                {place.urgent && <span class="urgent">{t('console.card.urgent')}</span>}
            </span>
            {facts && <span class="place-facts">{factLine(t, facts)}</span>}
            {facts && facts.firstWords !== '' && <span class={`place-words${covered ? ' covered' : ''}`} dir="auto" aria-hidden={covered ? 'true' : undefined}>{facts.firstWords}</span>}
            {covered && <span class="only-heard">{t('console.cover.words')}</span>}
            <span class="place-foot">
                <span>{t('console.card.arrived', { ago: ago(place.openedHour, nowS, language) })}</span>
                <span class="place-state">{stateText()}</span>
                {hours !== null && dueS !== null && <Due dueS={dueS} hours={hours} nowS={nowS} />}
                {here && <span class="here">{t('console.case.here')}</span>}
                {unread > 0 && <span class="new" data-unread={unread}>{t('console.queues.unread', { count: unread })}</span>}
                {late && <span class="new" data-part="late">{t('console.state.late')}</span>}
                {drafted && <span class="drafted">{t('console.card.draft')}</span>}
                {place.lapses > 0 && place.state === 'waiting' && <span class="came-back" data-part="came-back">{t('console.state.cameBack')}</span>}
                {card?.alarm && <span class="warned">{t('console.alarm.title')}</span>}
            </span>
        </button>
    )

    function stateText(): string {
        switch (place.state) {
            case 'waiting': return t('console.state.waiting')
            case 'closed': return place.closedHour === null ? t('console.state.closed') : t('console.state.closedAgo', { ago: ago(place.closedHour, nowS, language) })
            case 'held':
                if (!mine) return t('console.state.heldByOther', { name: holder ?? t('console.state.unknownExpert') })
                return place.snooze !== null && isSnoozed(place, nowS)
                    ? t('console.state.snoozedUntil', { time: clock(place.snooze.until, language) }) : t('console.state.heldByYou')
        }
    }
})
