/** For coordinators: who could open a queue again whose members have all lost their keys, and asking for it. SPEC 9.9 */
import { useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import type { QueueRecovery } from '../recovery-view'
import type { ConsoleState } from '../state'
import { Asking } from './Asking'
import { queueKey } from './queue-names'
import { clock } from './times'

interface RecoveryProps {
    readonly state: Pick<ConsoleState, 'recovery' | 'directory' | 'names'>
    readonly onAsk: (queue: number) => void
}

export function Recovery({ state: { recovery, directory, names }, onAsk }: RecoveryProps) {
    const { t } = useWords()
    const isPossible = (directory?.experts.filter(({ coordinator }) => coordinator).length ?? 0) >= 2
    return (
        <section class="stack tight" data-part="recovery">
            <h3>{t('console.recovery.title')}</h3>
            <p>{t('console.recovery.what')}</p>
            {!isPossible && <p class="card lit" data-part="no-recovery">{t('console.recovery.alone')}</p>}
            {recovery === null ? <p class="soft">{t('common.loading')}</p> : (
                <ul class="people">
                    {recovery.queues.filter(({ covered }) => isPossible || covered > 0).map((one) => (
                        <li key={one.queue} class="card stack tight" data-recovery={one.queue}><OfQueue one={one} names={names} onAsk={() => onAsk(one.queue)} /></li>
                    ))}
                </ul>
            )}
            {isPossible && <p class="soft small">{t('console.recovery.monthly')}</p>}
        </section>
    )
}

function OfQueue({ one, names, onAsk }: { one: QueueRecovery; names: ReadonlyMap<string, string>; onAsk: () => void }) {
    const { t, language } = useWords()
    const [isAsked, setAsked] = useState(false)
    const { queue, holders, needed, covered, since, total, canAsk, isForged } = one
    return (
        <>
            <strong>{t(queueKey(queue))}</strong>
            {isForged && <p class="card alarm" data-part="forged">{t('console.recovery.forged')}</p>}
            {covered > 0 && <p>{t('console.recovery.holders', { names: holders.map((id) => names.get(id) ?? t('console.state.unknownExpert')).toSorted((a, b) => a.localeCompare(b)).join(', ') })} {t('console.recovery.needed', { needed, count: holders.length })}</p>}
            <p class="soft">{since !== null && `${t('console.recovery.splitAt', { time: clock(since, language) })} `}{t('console.recovery.covered', { covered, total })}{covered < total && ` ${t('console.recovery.waits')}`}</p>
            {canAsk && !isAsked && <div class="actions"><Button action="ask-shares" onPress={() => setAsked(true)}>{t('console.recovery.ask')}</Button></div>}
            {canAsk && isAsked && (
                <Asking part="asking-shares" label={t('console.recovery.ask')} opener="ask-shares">
                    <ul class="plain-lines">
                        {(['why', 'all', 'wait', 'read'] as const).map((line) => <li key={line}>{t(`console.recovery.ask.${line}`, { needed })}</li>)}
                    </ul>
                    <div class="actions">
                        <Button action="ask-not" onPress={() => setAsked(false)}>{t('common.cancel')}</Button>
                        <Button action="ask-shares-now" kind="lead" onPress={() => { setAsked(false); onAsk() }}>{t('console.recovery.askNow')}</Button>
                    </div>
                </Asking>
            )}
        </>
    )
}
