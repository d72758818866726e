/** The legal assessment: rows of the law that are looked for by typing, each with how likely it applies and own words. */
import { LIKELIHOODS, type Likelihood, type Provision } from '@lyhty/crypto/contents'
import { useId, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import type { Language } from '../../session/types'
import { citation, mayAdd, namedIn, needsCheck, provisionOf, searchLaw, type LawData } from '../answering/law'
import { useBooks } from './books-context'
import { LawFacts } from './LawFacts'
import { SearchList } from './SearchList'
import { Unfilled } from './Unfilled'

interface AssessmentProps {
    readonly rows: readonly Provision[]
    readonly topic: string | null
    readonly reader: Language
    readonly nowS: number
    readonly onChange: (rows: readonly Provision[]) => void
}

export function Assessment({ rows, topic, reader, nowS, onChange }: AssessmentProps) {
    const { t } = useWords()
    const books = useBooks()
    const [adding, setAdding] = useState(false)
    const id = useId()
    const change = (law: string, to: Partial<Provision>): void => onChange(rows.map((row) => (row.law === law ? { ...row, ...to } : row)))
    return (
        <section class="assessment" aria-labelledby={id}>
            <h3 id={id}>{t('console.law.title')}</h3>
            <p class="soft small">{t('console.law.intro')}</p>
            {rows.map((row) => (
                <Row
                    key={row.law} row={row} data={books?.LAW ?? null} nowS={nowS} onChange={(to) => change(row.law, to)}
                    onDrop={() => onChange(rows.filter(({ law }) => law !== row.law))}
                />
            ))}
            {adding && books !== null
                ? <Adding data={books.LAW} rows={rows} topic={topic} reader={reader} nowS={nowS} onTake={(row) => { setAdding(false); onChange([...rows, row]) }} onLeave={() => setAdding(false)} />
                : <Button action="add-law" off={books === null} onPress={() => setAdding(true)}>{t('console.law.add')}</Button>}
        </section>
    )
}

interface AddingProps {
    readonly data: LawData
    readonly rows: readonly Provision[]
    readonly topic: string | null
    readonly reader: Language
    readonly nowS: number
    readonly onTake: (row: Provision) => void
    readonly onLeave: () => void
}

function Adding({ data, rows, topic, reader, nowS, onTake, onLeave }: AddingProps) {
    const { t, language } = useWords()
    const desk = namedIn(language)
    const take = (id: string): void => {
        const row = data.provisions.find((each) => each.id === id)
        if (row === undefined || !mayAdd(rows, id)) return onLeave()
        onTake(provisionOf(data, row, reader))
        requestAnimationFrame(() => document.querySelector<HTMLElement>(`.assessment [data-law="${id}"] select`)?.focus())
    }
    return (
        <SearchList
            name="law" label={t('console.law.search')} hint={t('console.law.searchHint')} atOnce onTake={take}
            onLeave={() => { onLeave(); requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-action="add-law"]')?.focus()) }}
            search={(words) => searchLaw(data, words, topic, desk).filter(({ id }) => mayAdd(rows, id)).map((row) => ({
                id: row.id, title: row.name[desk], text: `${citation(data, row, language)}. ${row.explained[desk]}`,
                mark: needsCheck(row, nowS) && <span class="check-mark">{t('console.law.needsCheckShort')}</span>,
            }))}
        />
    )
}

interface RowProps {
    readonly row: Provision
    readonly data: LawData | null
    readonly nowS: number
    readonly onChange: (to: Partial<Provision>) => void
    readonly onDrop: () => void
}

function Row({ row, data, nowS, onChange, onDrop }: RowProps) {
    const { t } = useWords()
    const id = useId()
    const known = data?.provisions.find((each) => each.id === row.law)
    return (
        <article class="law" data-law={row.law} aria-labelledby={`${id}-name`}>
            <p id={`${id}-name`}><strong dir="auto">{row.name}</strong> <span class="soft" dir="auto">{row.section}</span></p>
            <p class="small" dir="auto">{row.explained}</p>
            {known && <LawFacts row={known} nowS={nowS} />}
            <div class="law-fields">
                <label for={`${id}-likely`}>{t('console.law.likely.label')}</label>
                <select id={`${id}-likely`} class="input" autocomplete="off" value={row.likely} onChange={(event) => onChange({ likely: event.currentTarget.value as Likelihood })}>
                    {LIKELIHOODS.map((likely) => <option key={likely} value={likely}>{t(`console.law.likely.${likely}`)}</option>)}
                </select>
                <Button action="drop-law" kind="quiet" onPress={onDrop}>{t('console.law.drop')}</Button>
            </div>
            <label class="small" for={`${id}-words`}>{t('console.law.words')}</label>
            <textarea {...PRIVATE_FIELD} id={`${id}-words`} class="input" rows={2} data-field="law-words" value={row.words ?? ''} onInput={(event) => onChange({ words: event.currentTarget.value })} />
            <Unfilled text={row.words ?? ''} fieldOf={(button) => button.closest('.law')?.querySelector('textarea') ?? null} />
        </article>
    )
}
