/** How far the open cases have come to their next keys; for coordinators. SPEC 9.7 */
import { Button } from '../../ui/parts/Button'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import type { ConsoleState } from '../state'
import { useConsole } from './console-context'

export function Turning({ state: { turning } }: { state: Pick<ConsoleState, 'turning'> }) {
    const { t } = useWords()
    const { work, tell } = useConsole()
    if (turning === null) return null
    const { done, total, failed, stopped } = turning
    const isOver = stopped === null && done + failed === total
    const words = t(isOver ? 'console.turning.over' : stopped === null ? 'console.turning.going' : 'console.turning.stopped', { done, total })
    return (
        <div class="turning card lit stack tight" data-part="turning" data-over={isOver}>
            <p role="status"><strong>{words}</strong></p>
            {!isOver && <progress max={total} value={done + failed} aria-label={words} />}
            {!isOver && stopped === null && <p class="soft">{t('console.turning.meanwhile')}</p>}
            {stopped !== null && <Problem code={stopped} />}
            {failed > 0 && <p>{t('console.turning.failed', { count: failed })}</p>}
            <div class="actions">
                {stopped !== null && <Button action="turn-on" kind="lead" onPress={() => void work.people.turnAll('departure')}>{t('console.turning.goOn')}</Button>}
                {isOver && <Button action="turned" onPress={() => tell({ type: 'turning', turning: null })}>{t('common.ok')}</Button>}
            </div>
        </div>
    )
}
