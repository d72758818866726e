/** The questions and the help above the desk. Escape is always the safe answer. */
import type { ComponentChildren } from 'preact'
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { useWords } from '../../ui/parts/words'
import { KEYS, nameOf } from '../keys'
import { canJoin, hasUnsent, isWritten } from '../questions'
import { NO_DRAFT, type ConsoleState } from '../state'
import { AuditDialog } from './AuditDialog'
import { Break, Warnings } from './Care'
import { useConsole } from './console-context'
import { DutyDialog } from './DutyDialog'
import { useFocusInDialog } from './focus'
import { HandoverDialog } from './HandoverDialog'
import { LanguageSwitch } from './LanguageSwitch'
import { OpenDuties } from './DutyList'
import { SnoozeDialog } from './SnoozeDialog'
import { NewPassword } from './NewPassword'
import { OrganisationsDialog } from './OrganisationsDialog'
import { People } from './People'
import { Releases } from './Releases'
import { Security } from './Security'
import { Shelf } from './Shelf'
import { ViewersDialog } from './ViewersDialog'

export function Dialogs({ state }: { state: ConsoleState }) {
    const { t } = useWords()
    const { work, tell } = useConsole()
    const shut = (): void => tell({ type: 'dialog', dialog: null })
    const key = state.selected
    useFocusInDialog(state.dialog)
    switch (state.dialog) {
        case 'help':
            return <KeysHelp state={state} onShut={shut} />
        case 'duty':
            return <DutyDialog state={state} onShut={shut} />
        case 'close': {
            const answered = key !== null && state.cases.get(key)?.messages.some((message) => message.state === 'sent')
            return (
                <Question name="close" title={t('console.action.closeTitle')} confirm={t('console.action.closeConfirm')} cancel={t('console.action.closeCancel')} onShut={shut} onConfirm={() => key && work.close(key)}>
                    {!answered && <p><strong>{t('console.action.closeUnanswered')}</strong></p>}
                    <p>{t('console.action.closeText')}</p>
                    {key !== null && <OpenDuties state={state} place={key} onShut={shut} />}
                    {key !== null && isWritten(state.drafts.get(key) ?? NO_DRAFT) && <p>{t('console.signOutText')}</p>}
                </Question>
            )
        }
        case 'release':
            return (
                <Question name="release" title={t('console.action.releaseTitle')} confirm={t('console.action.release')} cancel={t('common.cancel')} onShut={shut} onConfirm={() => key && work.release(key)}>
                    <p>{t('console.action.releaseText')}</p>
                </Question>
            )
        case 'snooze':
            return key === null ? null : <SnoozeDialog nowS={state.nowS} onShut={shut} onChoose={(until) => { shut(); work.lists.snooze(key, until) }} />
        case 'handover':
            return key === null ? null : <HandoverDialog choices={canJoin(state, key)} onShut={shut} onAsk={(queue, text) => work.askHandover(key, queue, text)} />
        case 'sign-out':
            return (
                <Question name="sign-out" title={t('console.signOutTitle')} confirm={t('console.signOut')} cancel={t('common.cancel')} onShut={shut} onConfirm={() => work.signOut()}>
                    {hasUnsent(state) && <p>{t('console.signOutText')}</p>}
                </Question>
            )
        case 'break':
            return <Break onBack={shut} />
        case 'people':
            return <People state={state} onShut={shut} />
        case 'shelf':
            return <Shelf state={state} onShut={shut} />
        case 'audit':
            return <AuditDialog state={state} onShut={shut} />
        case 'organisations':
            return <OrganisationsDialog onShut={shut} />
        case 'releases':
            return <Releases nowS={state.nowS} onShut={shut} />
        case 'viewers':
            return <ViewersDialog onShut={shut} />
        case 'security':
            return <Security onShut={shut} onPassword={() => tell({ type: 'dialog', dialog: 'password' })} />
        case 'password':
            return <NewPassword onShut={shut} />
        case null:
            return null
    }
}

interface QuestionProps {
    readonly name: string
    readonly title: string
    readonly confirm: string
    readonly cancel: string
    readonly onShut: () => void
    readonly onConfirm: () => void
    readonly children: ComponentChildren
}

function Question({ name, title, confirm, cancel, onShut, onConfirm, children }: QuestionProps) {
    return (
        <Dialog name={name} title={title} onCancel={onShut}>
            {children}
            <div class="actions">
                <Button action="cancel" onPress={onShut}>{cancel}</Button>
                <Button action="confirm" kind="grave" onPress={() => { onShut(); onConfirm() }}>{confirm}</Button>
            </div>
        </Dialog>
    )
}

function KeysHelp({ state, onShut }: { state: ConsoleState; onShut: () => void }) {
    const { t } = useWords()
    const { tell } = useConsole()
    return (
        <Dialog name="help" title={t('console.keys.title')} onCancel={onShut}>
            <table class="keys">
                <thead><tr><th scope="col">{t('console.keys.key')}</th><th scope="col">{t('console.keys.action')}</th></tr></thead>
                <tbody>
                    {KEYS.map((row) => (
                        <tr key={row.action} data-key={row.action}><td><kbd>{nameOf(row)}</kbd></td><td>{t(`console.keys.${row.action}`)}</td></tr>
                    ))}
                </tbody>
            </table>
            <p class="soft small">{t('console.keys.notInFields')}</p>
            <div class="only-narrow"><LanguageSwitch /></div>
            <label class="choice">
                <input type="checkbox" data-action="ringing" autocomplete="off" checked={state.bellOn} onChange={(event) => tell({ type: 'bell', on: event.currentTarget.checked })} />
                <span><span>{t('console.bell.label')}</span></span>
            </label>
            <label class="choice">
                <input type="checkbox" data-action="letters" autocomplete="off" checked={state.lettersOn} onChange={(event) => tell({ type: 'letters', on: event.currentTarget.checked })} />
                <span><span>{t('console.keys.switch')}</span></span>
            </label>
            <Warnings warned={state.warned} />
            <div class="actions"><Button action="cancel" onPress={onShut}>{t('common.close')}</Button></div>
        </Dialog>
    )
}
