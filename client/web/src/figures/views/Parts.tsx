/** The summary, a section, and what is missing. */
import { useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import type { FileName, FiguresPage, Reason, Section, Summary, Table } from '../page'
import { Chart } from './Chart'
import { FiguresTable } from './FiguresTable'
import type { Saving } from './saving'

/** Pictures whose marks stand side by side: where they are many, a phone's width has no room for their names. */
const STANDING: readonly string[] = ['cases', 'history']
const MANY = 6
/** Months to come are in the table, and not in the picture. */
const drawnRows = ({ rows }: Table): number => rows.filter(({ cells: [count] }) => count !== undefined && count.low !== null).length
/** The same width as in figures.css: reading help stands beside a picture. */
const BESIDE = '(min-width: 60em)'

export function InShort({ summary }: { summary: Summary }) {
    return (
        <section class="card lit stack in-short" aria-labelledby="in-short">
            <h2 id="in-short">{summary.title}</h2>
            <p class="in-short-lead">{summary.lead}</p>
            <div class="in-short-parts">
                {summary.parts.filter(({ texts }) => texts.length > 0).map(({ id, title, texts }) => (
                    <div key={id} class="stack tight" data-part={id}>
                        <h3>{title}</h3>
                        <ul class="points">{texts.map((text) => <li key={text}>{text}</li>)}</ul>
                    </div>
                ))}
            </div>
        </section>
    )
}

/** Where on the page things are. Fragments are taken: they say whose page it is. */
export function Contents({ sections }: { sections: readonly Section[] }) {
    const { t } = useWords()
    const entries = [...sections.map(({ id, title }) => ({ id, title })), { id: 'missing', title: t('figures.missing') }, { id: 'files', title: t('figures.files') }]
    const show = (id: string): void => {
        const heading = document.getElementById(`section-${id}`)
        heading?.scrollIntoView()
        heading?.focus({ preventScroll: true })
    }
    return (
        <nav class="contents not-printed" aria-label={t('figures.contents')}>
            <ul>{entries.map(({ id, title }) => <li key={id}><Button action={`show-${id}`} kind="quiet" onPress={() => show(id)}>{title}</Button></li>)}</ul>
        </nav>
    )
}

interface OneSectionProps {
    readonly section: Section
    /** Whose the whole page is: said again only where it differs. */
    readonly whose: string
    /** Its pictures are read as those of a section before: on paper that is said once. */
    readonly isReadAsBefore: boolean
    readonly saving: Saving
    /** Of this section alone. */
    readonly files: readonly FileName[]
}

export function OneSection({ section: { id, title, whose, intro, facts, how, table, chart, notes }, whose: ofPage, isReadAsBefore, saving, files }: OneSectionProps) {
    const { t } = useWords()
    const [hasRoom] = useState(() => matchMedia(BESIDE).matches)
    if (table === null) return null
    return (
        <section class="card stack one-section" aria-labelledby={`section-${id}`} data-section={id}>
            <div class="section-head">
                <h2 id={`section-${id}`} tabIndex={-1}>{title}</h2>
                {whose !== ofPage && <p class="whose">{whose}</p>}
                <p class="soft">{intro}</p>
            </div>
            <div class="section-body">
                {chart === null ? <div><FiguresTable table={table} /></div> : <Chart of={id} chart={chart} stands={STANDING.includes(id) && drawnRows(table) > MANY} />}
                <div class="stack tight section-side">
                    {facts.map((fact) => <p key={fact} class="fact">{fact}</p>)}
                    {how !== '' && (
                        <details class={`opens${isReadAsBefore ? ' not-printed' : ''}`} open={hasRoom && !isReadAsBefore} data-part="how">
                            <summary>{t('figures.how')}</summary>
                            <p>{how}</p>
                        </details>
                    )}
                    {notes.map((note) => <Note key={note.why} note={note} />)}
                </div>
            </div>
            {chart !== null && (
                <details class="opens" data-part="table">
                    <summary>{t('figures.asTable')}</summary>
                    <FiguresTable table={table} />
                </details>
            )}
            {files.length > 0 && (
                <p class="section-files not-printed">
                    <span class="soft">{t('figures.saveThis')}</span>
                    {files.map(({ name, format }) => {
                        const what = t(format === 'svg' ? 'figures.savePicture' : 'figures.saveTable')
                        return <Button key={name} action={`save-${name}`} kind="quiet" label={`${what}: ${title}`} onPress={() => saving.save(name)}>{what}</Button>
                    })}
                </p>
            )}
        </section>
    )
}

function Note({ note: { why, title, text } }: { note: Reason }) {
    return <p class="note" data-note={why}><strong>{title}.</strong> {text}</p>
}

/** Everything that somebody might look for in vain; what is missing for one reason stands together. */
export function Missing({ page }: { page: FiguresPage }) {
    const { t } = useWords()
    const withheld = page.sections.flatMap(({ title, withheld: why }) => (why === null ? [] : [{ title, why }]))
    const texts = [...new Set(withheld.map(({ why }) => why.text))]
    return (
        <section class="card plain stack" aria-labelledby="section-missing" data-section="missing">
            <h2 id="section-missing" tabIndex={-1}>{t('figures.missing')}</h2>
            <ul class="missing">
                {texts.map((text) => {
                    const ones = withheld.filter(({ why }) => why.text === text)
                    return (
                        <li key={text} data-withheld={ones[0]?.why.why}>
                            <h3>{ones.map(({ title }) => title).join(' · ')}</h3>
                            <p><strong>{t('figures.why')} {ones[0]?.why.title}.</strong> {text}</p>
                        </li>
                    )
                })}
                {page.reasons.map(({ why, title, text }) => <li key={why} data-withheld={why}><h3>{title}</h3><p>{text}</p></li>)}
            </ul>
        </section>
    )
}
