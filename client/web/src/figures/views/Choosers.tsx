/** Whose figures, and of which time. */
import { useId, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import { hasText, type Translate } from '../../i18n/text'
import { byKind, found, SHOWN_AT_ONCE, type Mine } from '../choosing'
import type { Period } from '../page'

interface WhoseProps {
    readonly mine: readonly Mine[]
    readonly chosen: string
    readonly onChoose: (organisation: string) => void
}

/** A list to choose from; a long one with a field that narrows it. */
export function Whose({ mine, chosen, onChoose }: WhoseProps) {
    const { t } = useWords()
    const [typed, setTyped] = useState('')
    const [isOpen, setOpen] = useState(false)
    const [field, list] = [useId(), useId()]
    if (mine.length < 2) return null
    const fitting = found(mine, typed)
    const shown = fitting.slice(0, SHOWN_AT_ONCE)
    const choose = (id: string): void => { setOpen(false); setTyped(''); onChoose(id) }
    return (
        <details class="opens whose-box not-on-paper" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)} data-part="whose">
            <summary>{t('figures.choose')}</summary>
            <div class="stack">
                {mine.length > SHOWN_AT_ONCE && (
                    <div class="field">
                        <label for={field}>{t('figures.search')}</label>
                        <input id={field} class="input" type="search" autocomplete="off" data-field="search" aria-describedby={list} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
                    </div>
                )}
                <p id={list} class="soft small" role="status">
                    {fitting.length === 0 ? t('figures.nobodyFound') : fitting.length > shown.length ? t('figures.someShown', { shown: shown.length, all: fitting.length }) : ''}
                </p>
                {[...byKind(shown)].map(([kind, ones]) => (
                    <div key={kind} class="stack tight">
                        <h3>{kindName(kind, t)}</h3>
                        <ul class="whose-list">
                            {ones.map(({ id, name }) => (
                                <li key={id}><button type="button" class="tab" data-organisation={id} aria-current={id === chosen ? 'true' : undefined} onClick={() => choose(id)}>{name}</button></li>
                            ))}
                        </ul>
                    </div>
                ))}
            </div>
        </details>
    )
}

function kindName(kind: string, t: Translate): string {
    const key = `figures.kind.${kind}`
    return hasText(key) ? t(key) : kind
}

export function When({ periods, chosen, onChoose }: { periods: readonly Period[]; chosen: Period; onChoose: (period: string) => void }) {
    const { t } = useWords()
    const id = useId()
    const all = periods.some(({ name }) => name === chosen.name) ? periods : [chosen, ...periods]
    return (
        <div class="field when not-on-paper">
            <label for={id}>{t('figures.period')}</label>
            <select id={id} class="input" data-field="period" autocomplete="off" value={chosen.name} onChange={(event) => onChoose(event.currentTarget.value)}>
                {all.map(({ name, title }) => <option key={name} value={name}>{title}</option>)}
            </select>
        </div>
    )
}

export function Ways({ above, onChoose }: { above: readonly { readonly id: string; readonly name: string; readonly seen: boolean }[]; onChoose: (organisation: string) => void }) {
    const { t } = useWords()
    if (above.length === 0) return null
    return (
        <nav class="ways not-on-paper" aria-label={t('figures.above')}>
            <ol>
                {[...above].reverse().map(({ id, name, seen }) => (
                    <li key={id}>{seen ? <Button action={`to-${id}`} kind="quiet" onPress={() => onChoose(id)}>{name}</Button> : <span class="soft">{name}</span>}</li>
                ))}
            </ol>
        </nav>
    )
}
