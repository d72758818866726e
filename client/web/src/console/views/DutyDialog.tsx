/** Opening hours, who is on call, and where one wants to be told of work. SPEC 9.5, 9.6 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { isOpen, opensAt } from '@lyhty/crypto/hours'
import { useEffect, useState } from 'preact/hooks'
import { tagOf } from '../../i18n/text'
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { Problem } from '../../ui/parts/Problem'
import { TextField } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import { when } from '../../ui/when'
import type { NoticeWish, Shift } from '../api-types'
import { DeskError } from '../desk'
import { isAddress, minutesOf, timeOf, withoutShift, withShift, type DutyView } from '../duty'
import type { ConsoleState } from '../state'
import { useConsole } from './console-context'

const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const
/** A Monday. */
const MONDAY_MS = Date.UTC(2026, 10, 30, 12)
const DAY_MS = 86_400_000

type Ask = (work: () => Promise<DutyView>) => Promise<boolean>

export function DutyDialog({ state, onShut }: { state: ConsoleState; onShut: () => void }) {
    const { t } = useWords()
    const { duty } = useConsole()
    const [view, setView] = useState<DutyView | null>(null)
    const [problem, setProblem] = useState<ErrorCode | null>(null)
    const ask: Ask = async (work) => {
        setProblem(null)
        try {
            setView(await work())
            return true
        } catch (error) {
            if (!(error instanceof DeskError)) throw error
            setProblem(error.code)
            return false
        }
    }
    useEffect(() => void ask(() => duty.read()), [])
    return (
        <Dialog name="duty" title={t('console.onCall.title')} onCancel={onShut}>
            <OpenNow state={state} />
            {problem !== null && <Problem code={problem} />}
            {view === null && problem === null && <p class="soft" role="status">{t('common.loading')}</p>}
            {view !== null && <OnCallList state={state} view={view} ask={ask} />}
            {view !== null && <Wish view={view} ask={ask} />}
            <div class="actions"><Button action="cancel" onPress={onShut}>{t('common.close')}</Button></div>
        </Dialog>
    )
}

function OpenNow({ state: { hours, nowS } }: { state: ConsoleState }) {
    const { t, language } = useWords()
    if (hours === null) return null
    const say = (atS: number): string => when(atS, nowS, { t, language, zone: hours.zone })
    const closes = hours.openings.find(([from, to]) => from <= nowS && nowS < to)?.[1]
    const opens = opensAt(hours, nowS)
    return (
        <p data-part="open-now">
            {isOpen(hours, nowS) && closes !== undefined ? t('console.onCall.open', { when: say(closes) }) : opens !== null && t('console.onCall.closed', { when: say(opens) })}{' '}
            {t('console.onCall.promise', { usual: hours.promiseS / 3_600, urgent: hours.urgentS / 3_600 })}
        </p>
    )
}

interface PartProps { readonly view: DutyView; readonly ask: Ask }

function OnCallList({ state, view, ask }: PartProps & { state: ConsoleState }) {
    const { t, language } = useWords()
    const { duty } = useConsole()
    const { shifts, now } = view.onCall
    const mayChange = state.me?.coordinator === true
    const put = (changed: readonly Shift[]) => ask(async () => ({ ...view, onCall: await duty.putOnCall(changed) }))
    const nameOf = (expert: string): string => state.names.get(expert) ?? t('console.state.unknownExpert')
    return (
        <section class="stack tight" data-part="on-call">
            <h3>{t('console.onCall.list')}</h3>
            <p class="soft small">{t('console.onCall.what')}</p>
            <p role="status">{now.length > 0 ? t('console.onCall.now', { names: now.map(nameOf).join(', ') }) : t('console.onCall.nobodyNow')}</p>
            {shifts.length > 0 && (
                <ul class="plain-rows">
                    {shifts.map((shift) => {
                        const line = `${weekdayIn(language, shift.weekday)} ${timeOf(shift.from_min)}–${timeOf(shift.to_min)} ${nameOf(shift.expert)}`
                        return (
                            <li key={`${shift.expert} ${shift.weekday} ${shift.from_min}`} data-shift>
                                <span>{line}</span>
                                {mayChange && <Button action="remove-shift" label={`${t('console.onCall.remove')}: ${line}`} onPress={() => put(withoutShift(shifts, shift))}>{t('console.onCall.remove')}</Button>}
                            </li>
                        )
                    })}
                </ul>
            )}
            {mayChange && <NewShift state={state} onAdd={(shift) => put(withShift(shifts, shift))} />}
        </section>
    )
}

function NewShift({ state, onAdd }: { state: ConsoleState; onAdd: (shift: Shift) => Promise<boolean> }) {
    const { t, language } = useWords()
    const [expert, setExpert] = useState(state.me?.expert ?? '')
    const [weekday, setWeekday] = useState(0)
    const [from, setFrom] = useState('08:00')
    const [to, setTo] = useState('16:00')
    const [from_min, to_min] = [minutesOf(from), minutesOf(to)]
    const isLegal = from_min !== null && to_min !== null && from_min < to_min
    const add = (): void => {
        if (from_min !== null && to_min !== null && isLegal) void onAdd({ expert, weekday, from_min, to_min })
    }
    return (
        <div class="new-shift">
            <label class="field">
                <span>{t('console.onCall.who')}</span>
                <select class="input" data-field="shift-expert" autocomplete="off" value={expert} onChange={(event) => setExpert(event.currentTarget.value)}>
                    {[...state.names].map(([id, name]) => <option key={id} value={id}>{name}</option>)}
                </select>
            </label>
            <label class="field">
                <span>{t('console.onCall.weekday')}</span>
                <select class="input" data-field="shift-weekday" autocomplete="off" value={weekday} onChange={(event) => setWeekday(Number(event.currentTarget.value))}>
                    {WEEKDAYS.map((nth) => <option key={nth} value={nth}>{weekdayIn(language, nth)}</option>)}
                </select>
            </label>
            <TextField name="shift-from" label={t('console.onCall.from')} value={from} invalid={!isLegal} onInput={setFrom} />
            <TextField name="shift-to" label={t('console.onCall.to')} value={to} invalid={!isLegal} onInput={setTo} />
            <Button action="add-shift" off={!isLegal} onPress={add}>{t('console.onCall.add')}</Button>
        </div>
    )
}

const WISHES = ['new_case', 'wrote', 'missed'] as const

function Wish({ view, ask }: PartProps) {
    const { t } = useWords()
    const { duty } = useConsole()
    const { wish, sends } = view.notices
    const [address, setAddress] = useState(wish.address ?? '')
    const [wants, setWants] = useState({ new_case: wish.new_case, wrote: wish.wrote, missed: wish.missed })
    const [saved, setSaved] = useState(false)
    const [isWrong, setWrong] = useState(false)
    const typed = address.trim()
    const put = async (): Promise<void> => {
        const changed: NoticeWish = { ...wants, address: typed === '' ? null : typed }
        const wrong = changed.address !== null && !isAddress(changed.address)
        setSaved(false)
        setWrong(wrong)
        if (!wrong) setSaved(await ask(async () => ({ ...view, notices: await duty.putNotices(changed) })))
    }
    if (!sends) return <section class="stack tight" data-part="notices"><h3>{t('console.notices.title')}</h3><p>{t('console.notices.none')}</p></section>
    return (
        <section class="stack tight" data-part="notices">
            <h3>{t('console.notices.title')}</h3>
            <p class="soft small">{t('console.notices.what')}</p>
            <TextField name="notice-address" label={t('console.notices.address')} value={address} invalid={isWrong} onInput={(text) => { setSaved(false); setWrong(false); setAddress(text) }} />
            {isWrong && <p role="alert">{t('console.notices.wrong')}</p>}
            {WISHES.map((kind) => (
                <label class="choice" key={kind}>
                    <input
                        type="checkbox" data-action={`notice-${kind}`} autocomplete="off" checked={wants[kind]}
                        onChange={(event) => { setSaved(false); setWants({ ...wants, [kind]: event.currentTarget.checked }) }}
                    />
                    <span><span>{t(`console.notices.${kind}`)}</span></span>
                </label>
            ))}
            <div class="actions">
                <Button action="save-notices" kind="lead" onPress={() => void put()}>{t('console.notices.save')}</Button>
            </div>
            <p role="status">{saved && t(wish.address === null ? 'console.notices.off' : 'console.notices.saved')}</p>
        </section>
    )
}

const weekdayIn = (language: Parameters<typeof tagOf>[0], weekday: number): string =>
    new Intl.DateTimeFormat(tagOf(language), { weekday: 'long', timeZone: 'UTC' }).format(MONDAY_MS + weekday * DAY_MS)
