/** The audit log, newest first: in which hour who did what. Nobody's days are counted up. SPEC 9.10 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import type { AuditRow } from '../audit'
import { codeOf } from '../code-of'
import type { ConsoleState } from '../state'
import { useConsole } from './console-context'
import { hourIn } from './times'

const SHOWN_AT_ONCE = 100

export function AuditDialog({ state, onShut }: { state: ConsoleState; onShut: () => void }) {
    const { t, language } = useWords()
    const { work } = useConsole()
    const [rows, setRows] = useState<readonly AuditRow[] | null>(null)
    const [shown, setShown] = useState(SHOWN_AT_ONCE)
    const [error, setError] = useState<ErrorCode | null>(null)
    const show = (read: () => Promise<readonly AuditRow[]>): void => {
        setError(null)
        read().then(setRows, (failure: unknown) => {
            const code = codeOf(failure)
            // The token has run out: the next call of the desk says so.
            if (code === 'not-signed-in') return void work.readAll()
            setError(code)
        })
    }
    useEffect(() => show(() => work.audit.read()), [])
    const mayForget = state.audit.is === 'broken' && (state.audit.breach === 'shorter' || state.audit.breach === 'changed')
    return (
        <Dialog name="audit" title={t('console.audit.title')} onCancel={onShut}>
            <p>{t('console.audit.what')}</p>
            <Standing state={state} />
            {error !== null && <Problem code={error}><Button action="retry" onPress={() => show(() => work.audit.read())}>{t('common.retry')}</Button></Problem>}
            {rows !== null && rows.length > 0 && (
                <table class="audit">
                    <caption class="only-heard">{t('console.audit.title')}</caption>
                    <thead><tr><th scope="col">{t('console.audit.hour')}</th><th scope="col">{t('console.audit.who')}</th><th scope="col">{t('console.audit.act')}</th></tr></thead>
                    <tbody>
                        {rows.slice(0, shown).map(({ seq, hour, author, kind }) => (
                            <tr key={seq} data-entry={kind}>
                                <td>{hourIn(hour, language)}</td>
                                <td>{state.names.get(author) ?? t('console.state.unknownExpert')}</td>
                                <td>{t(`console.audit.kind.${kind}`)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            )}
            {rows !== null && rows.length > shown && <div><Button action="more" onPress={() => setShown(shown + SHOWN_AT_ONCE)}>{t('console.audit.older')}</Button></div>}
            {mayForget && (
                <section class="stack tight" data-part="audit-forget">
                    <p>{t('console.audit.forgetWhen')}</p>
                    <div><Button action="audit-forget" onPress={() => show(() => work.audit.forget())}>{t('console.audit.forget')}</Button></div>
                </section>
            )}
            <div class="actions"><Button action="cancel" onPress={onShut}>{t('common.close')}</Button></div>
        </Dialog>
    )
}

function Standing({ state: { audit } }: { state: Pick<ConsoleState, 'audit'> }) {
    const { t } = useWords()
    switch (audit.is) {
        case 'unread':
            return <p role="status" class="soft" data-part="audit-standing">{t('common.loading')}</p>
        case 'reading':
            return <p role="status" class="soft" data-part="audit-standing">{t('console.audit.reading', { count: audit.count })}</p>
        case 'whole':
            return <p role="status" data-part="audit-standing" data-is="whole"><strong>{t('console.audit.whole', { count: audit.count })}</strong></p>
        case 'broken':
            return (
                <div role="alert" class="card problem alarm stack tight" data-part="audit-standing" data-is="broken">
                    <p><strong>{t('console.audit.alarm')}</strong></p>
                    <p>{t(`console.audit.breach.${audit.breach}`)}{audit.seq > 0 && ` ${t('console.audit.where', { seq: audit.seq })}`}</p>
                    <p>{t('console.audit.whatNow')}</p>
                </div>
            )
    }
}
