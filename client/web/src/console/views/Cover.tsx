/** What stands before a heavy text until somebody wants to read it. */
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import type { Place } from '../places'
import { isMine } from '../questions'
import type { ConsoleState } from '../state'
import { useConsole } from './console-context'
import { named } from './Facts'

export function Cover({ state, place }: { state: ConsoleState; place: Place }) {
    const { t } = useWords()
    const { tell, work } = useConsole()
    const topic = state.cards.get(place.key)?.facts?.topic ?? 'other'
    return (
        <div class="cover card lit stack tight" data-part="cover">
            <p><strong>{t('console.cover.title', { topic: named(t, 'topics', topic) })}</strong></p>
            <p>{t('console.cover.text')}</p>
            {isMine(state, place) && <p>{t('console.cover.recorded')}</p>}
            <div class="row">
                <Button action="uncover" onPress={() => work.uncover(place.key)}>{t('console.cover.show')} <kbd>V</kbd></Button>
                <Button action="cover-break" kind="quiet" onPress={() => tell({ type: 'dialog', dialog: 'break' })}>{t('console.cover.break')}</Button>
            </div>
        </div>
    )
}
