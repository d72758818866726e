/** Somebody asks for the shares of a queue: every expert sees who, since when and what for, and may stop it. SPEC 9.9 */
import { useState } from 'preact/hooks'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { Button } from '../../ui/parts/Button'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import { codeOf } from '../code-of'
import type { RequestView } from '../recovery-view'
import type { ConsoleState } from '../state'
import { useConsole } from './console-context'
import { Asking } from './Asking'
import { focusSelected } from './focus'
import { queueKey } from './queue-names'
import { clock } from './times'

export function Requests({ state: { recovery, names, nowS } }: { state: ConsoleState }) {
    return <>{recovery?.requests.map((one) => <Request key={one.hash} one={one} names={names} nowS={nowS} />)}</>
}

interface RequestProps { readonly one: RequestView; readonly names: ReadonlyMap<string, string>; readonly nowS: number }

function Request({ one, names, nowS }: RequestProps) {
    const { t, language } = useWords()
    const { work } = useConsole()
    const [failed, setFailed] = useState<ErrorCode | null>(null)
    const [isBusy, setBusy] = useState(false)
    const [isGiving, setGiving] = useState(false)
    const nameOf = (id: string): string => names.get(id) ?? t('console.state.unknownExpert')
    const { hash, queue, isMine, endedBy } = one
    const words = { name: nameOf(one.asker), queue: t(queueKey(queue)) }
    const act = (task: () => Promise<void>): void => {
        if (isBusy) return
        setFailed(null)
        setBusy(true)
        task().catch((error: unknown) => setFailed(codeOf(error))).finally(() => setBusy(false))
    }
    if (endedBy !== null) {
        const said = endedBy === one.asker ? t('console.recovery.finished', words) : t('console.recovery.stopped', { ...words, by: nameOf(endedBy) })
        return (
            <section class="notice card stack tight" data-part="request" data-ended="true">
                <p role="status"><strong>{said}</strong></p>
                <div class="actions"><Button action="request-read" onPress={() => { work.recovery.seen(hash); focusSelected() }}>{t('common.ok')}</Button></div>
            </section>
        )
    }
    const isTime = one.from !== null && nowS >= one.from
    return (
        <section class="notice card lit stack tight" data-part="request" data-ended="false" aria-label={t('console.recovery.request', words)}>
            <p role="status"><strong>{isMine ? t('console.recovery.mine', words) : t('console.recovery.request', words)}</strong></p>
            <p>
                {t('console.recovery.since', { time: clock(one.at, language) })}{' '}
                {t('console.recovery.count', { given: one.givers.length, needed: one.needed })}{' '}
                {one.givers.length > 0 && `${t('console.recovery.givers', { names: one.givers.map(nameOf).join(', ') })} `}
                {t(isMine ? 'console.recovery.othersWait' : 'console.recovery.abuse', words)}
            </p>
            {one.gave && <p>{t('console.recovery.gave')}</p>}
            {one.canGive && !one.gave && one.from === null && <p>{t('console.recovery.forgetful')}</p>}
            {one.canGive && !one.gave && one.from !== null && !isTime && <p data-part="earliest">{t('console.recovery.from', { time: clock(one.from, language) })}</p>}
            {failed !== null && <Problem code={failed} />}
            {isGiving && (
                <Asking part="giving" label={t('console.recovery.give')} opener="give">
                    <ul class="plain-lines">
                        {(['call', 'reads', 'doubt'] as const).map((line) => <li key={line}>{t(`console.recovery.give.${line}`, words)}</li>)}
                    </ul>
                    <div class="actions">
                        <Button action="give-not" onPress={() => setGiving(false)}>{t('common.cancel')}</Button>
                        <Button action="give-now" kind="lead" off={isBusy} onPress={() => { setGiving(false); act(() => work.recovery.give(hash)) }}>{t('console.recovery.giveNow')}</Button>
                    </div>
                </Asking>
            )}
            <div class="actions">
                <Button action="stop-request" off={isBusy} onPress={() => act(() => work.recovery.stop(queue, hash))}>{t(isMine ? 'console.recovery.withdraw' : 'console.recovery.stop')}</Button>
                {one.canGive && !one.gave && isTime && !isGiving && <Button action="give" onPress={() => setGiving(true)}>{t('console.recovery.give')}</Button>}
                {one.isEnough && one.givers.length > 0 && <Button action="open-queue" kind="lead" off={isBusy} onPress={() => act(() => work.recovery.open(hash))}>{t('console.recovery.open')}</Button>}
            </div>
        </section>
    )
}
