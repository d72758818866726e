/** What a search found, in place of the list: while it is being typed, with the words marked. */
import { useMemo } from 'preact/hooks'
import { useWords } from '../../ui/parts/words'
import { isCovered } from '../care'
import { isMine } from '../questions'
import { HITS_AT_MOST, search, type Hit } from '../search'
import type { ConsoleState } from '../state'
import { factLine, titleOf } from './Facts'
import { useConsole } from './console-context'

export function SearchResults({ state }: { readonly state: ConsoleState }) {
    const { t } = useWords()
    const { queues, cards, cases, sought, selected } = state
    const hits = useMemo(
        () => search(state, sought, ({ key }) => {
            const card = cards.get(key)
            return card?.facts ? [titleOf(t, card), factLine(t, card.facts)] : []
        }),
        [queues.places, cards, cases, sought, t],
    )
    const isReading = [...queues.places.values()].some((place) => isMine(state, place) && cases.get(place.key)?.older !== null)
    return (
        <div class="found" data-part="found">
            <p class="soft small" role="status">{hits.length === 0 ? t('console.search.none') : t('console.search.found', { count: hits.length })}</p>
            <ul class="rows">
                {hits.slice(0, HITS_AT_MOST).map((hit) => <li key={hit.place.key}><Found hit={hit} isCovered={isCovered(state, hit.place)} title={titleOf(t, cards.get(hit.place.key))} isSelected={hit.place.key === selected} /></li>)}
            </ul>
            <p class="soft small">{t('console.search.hint')} {isReading && t('console.search.reading')}</p>
        </div>
    )
}

interface FoundProps { readonly hit: Hit; readonly title: string; readonly isSelected: boolean; readonly isCovered: boolean }

function Found({ hit, title, isSelected, isCovered: covered }: FoundProps) {
    const { t } = useWords()
    const { work } = useConsole()
    const { place, passage } = hit
    return (
        <button type="button" class="place" data-case={place.case} data-state={place.state} aria-current={isSelected ? 'true' : undefined} onClick={() => work.select(place.key)}>
            <span class="place-top">
                <strong>{title}</strong>
                {place.urgent && <span class="urgent">{t('console.card.urgent')}</span>}
            </span>
            {covered ? <span class="soft">{t('console.cover.words')}</span> : <span dir="auto">{passage.before}<mark>{passage.words}</mark>{passage.after}</span>}
        </button>
    )
}
