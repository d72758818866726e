/** Whose figures, and of which time. */
import { useId, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import type { Translate } from '../../i18n/text'
import { byKind, FEW, found, SHOWN_AT_ONCE, type Mine } from '../choosing'
import type { Named, Period } from '../page'

interface WhoseProps {
    readonly mine: readonly Mine[]
    readonly chosen: string
    readonly onChoose: (organisation: string) => void
}

/** A thousand schools want a field that narrows them down. */
export function Whose(props: WhoseProps) {
    if (props.mine.length < 2) return null
    return props.mine.length <= FEW ? <AmongFew {...props} /> : <AmongMany {...props} />
}

function AmongFew({ mine, chosen, onChoose }: WhoseProps) {
    const { t } = useWords()
    const id = useId()
    return (
        <div class="field">
            <label for={id}>{t('viewer.whose')}</label>
            <select id={id} class="input" data-field="organisation" autocomplete="off" value={mine.some((one) => one.id === chosen) ? chosen : ''} onChange={(event) => onChoose(event.currentTarget.value)}>
                {!mine.some((one) => one.id === chosen) && <option value="">{t('viewer.choose')}</option>}
                {[...byKind(mine)].map(([kind, ones]) => (
                    <optgroup key={kind} label={kindName(kind, t)}>
                        {ones.map(({ id: value, name }) => <option key={value} value={value}>{name}</option>)}
                    </optgroup>
                ))}
            </select>
        </div>
    )
}

function AmongMany({ mine, chosen, onChoose }: WhoseProps) {
    const { t } = useWords()
    const [typed, setTyped] = useState('')
    const [isOpen, setOpen] = useState(false)
    const [field, list] = [useId(), useId()]
    const fitting = found(mine, typed)
    const shown = fitting.slice(0, SHOWN_AT_ONCE)
    const choose = (id: string): void => { setOpen(false); setTyped(''); onChoose(id) }
    return (
        <details class="opens whose-box" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)} data-part="whose">
            <summary>{t('figures.choose')}</summary>
            <div class="stack">
                <div class="field">
                    <label for={field}>{t('figures.search')}</label>
                    <input id={field} class="input" type="search" autocomplete="off" data-field="organisation-search" aria-describedby={list} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
                </div>
                <p id={list} class="soft small" role="status">
                    {fitting.length === 0 ? t('figures.nobodyFound') : fitting.length > shown.length ? t('figures.someShown', { shown: shown.length, all: fitting.length }) : ''}
                </p>
                {[...byKind(shown)].map(([kind, ones]) => (
                    <div key={kind} class="stack tight">
                        <h2 class="kind">{kindName(kind, t)}</h2>
                        <ul class="whose-list">
                            {ones.map(({ id, name }) => (
                                <li key={id}><button type="button" class="tab" data-choose={id} aria-current={id === chosen ? 'true' : undefined} onClick={() => choose(id)}>{name}</button></li>
                            ))}
                        </ul>
                    </div>
                ))}
            </div>
        </details>
    )
}

const KINDS = ['county', 'municipality', 'school'] as const

function kindName(kind: string, t: Translate): string {
    const known = KINDS.find((one) => one === kind)
    return known === undefined ? kind : t(`viewer.kind.${known}`)
}

export function When({ periods, chosen, onChoose }: { periods: readonly Period[]; chosen: Period; onChoose: (period: string) => void }) {
    const { t } = useWords()
    const id = useId()
    const all = periods.some(({ name }) => name === chosen.name) ? periods : [chosen, ...periods]
    return (
        <div class="field">
            <label for={id}>{t('figures.period')}</label>
            <select id={id} class="input" data-field="period" autocomplete="off" value={chosen.name} onChange={(event) => onChoose(event.currentTarget.value)}>
                {all.map(({ name, title }) => <option key={name} value={name}>{title}</option>)}
            </select>
        </div>
    )
}

/** Upwards, as far as the viewer may look. */
export function Ways({ above, onChoose }: { above: readonly Named[]; onChoose: (organisation: string) => void }) {
    const { t } = useWords()
    const open = above.filter(({ seen }) => seen)
    if (open.length === 0) return null
    return (
        <nav class="ways not-printed" aria-label={t('figures.above')}>
            <ol>
                {open.reverse().map(({ id, name }) => (
                    <li key={id}><Button action={`to-${id}`} kind="quiet" onPress={() => onChoose(id)}>{name}</Button></li>
                ))}
            </ol>
        </nav>
    )
}
