/** What figures go out when, what that costs, and how a coordinator publishes them: never from this page. SPEC 12.4 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useState } from 'preact/hooks'
import { GridTable } from '../../figures/views/GridTable'
import { tagOf, type Translate } from '../../i18n/text'
import type { Language } from '../../session/types'
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import { codeOf } from '../code-of'
import type { DeskLanguage } from '../languages'
import { dayIn } from '../organisations'
import { dayInHelsinki, dueIn, type Period, type SchoolYear } from '../release-calendar'
import type { ReleasesView } from '../releases'
import { useConsole } from './console-context'

export function Releases({ nowS, onShut }: { nowS: number; onShut: () => void }) {
    const { t, language } = useWords()
    const { work } = useConsole()
    const [view, setView] = useState<ReleasesView | null>(null)
    const [failed, setFailed] = useState<ErrorCode | null>(null)
    const read = (): void => {
        setFailed(null)
        work.releases.read(language as DeskLanguage, dayInHelsinki(nowS)).then(setView, (error: unknown) => {
            const code = codeOf(error)
            // The token has run out: the next call of the desk says so.
            if (code === 'not-signed-in') return void work.readAll()
            setFailed(code)
        })
    }
    useEffect(read, [language])
    return (
        <Dialog name="releases" title={t('console.releases.title')} onCancel={onShut}>
            <p>{t('console.releases.what')}</p>
            {failed !== null && <Problem code={failed}><Button action="retry" onPress={read}>{t('common.retry')}</Button></Problem>}
            {view === null && failed === null && <p role="status" class="soft">{t('common.loading')}</p>}
            {view !== null && <Told view={view} />}
            <div class="actions"><Button action="cancel" onPress={onShut}>{t('common.close')}</Button></div>
        </Dialog>
    )
}

function Told({ view: { years, budget, address } }: { view: ReleasesView }) {
    const { t } = useWords()
    const { work } = useConsole()
    const account = work.doors.owner?.name ?? t('console.releases.account')
    const command = `lyhty stats release '${address}' --name '${account}'`
    return (
        <>
            <Standing years={years} />
            <section class="stack tight">
                <h3>{t('console.releases.how')}</h3>
                <p>{t('console.releases.where')}</p>
                <Command text={`${command} --dry-run`} label={t('console.releases.tryFirst')} action="copy-dry-run" />
                <Command text={`${command} --publish`} label={t('console.releases.publish')} action="copy-publish" />
                <p class="soft">{t('console.releases.once')}</p>
            </section>
            <Cost budget={budget} />
            {years.map((year, nth) => <Year key={year.name} year={year} isOpen={nth === 0} />)}
        </>
    )
}

function Standing({ years }: { years: readonly SchoolYear[] }) {
    const { t, language } = useWords()
    const due = dueIn(years)
    const next = years[0]?.slots.filter(({ is }) => is === 'coming').toSorted((one, other) => one.published.localeCompare(other.published))[0]
    if (years.length === 0) return <p class="card plain" data-part="standing" data-is="not-begun">{t('console.releases.notBegun')}</p>
    if (due.length === 0) {
        return (
            <p class="card good" role="status" data-part="standing" data-is="whole">
                <strong>{t('console.releases.nothingDue')}</strong> {next && t('console.releases.next', { period: namedWithin(next, t, language), day: dayIn(next.published, language) })}
            </p>
        )
    }
    return (
        <div class="card alarm stack tight" role="status" data-part="standing" data-is="due">
            <p><strong>{t('console.releases.due', { count: due.length })}</strong></p>
            <ul>{due.map((one) => <li key={one.name} data-due={one.name}>{t('console.releases.since', { period: named(one, t, language), day: dayIn(one.published, language) })}</li>)}</ul>
        </div>
    )
}

function Command({ text, label, action }: { text: string; label: string; action: string }) {
    const { t } = useWords()
    const [isCopied, setCopied] = useState(false)
    const copy = (): void => void navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false))
    return (
        <div class="stack tight">
            <p>{label}</p>
            <code class="card plain command" data-part={action}>{text.split(' ').flatMap((word) => [<span key={word}>{word}</span>, ' '])}</code>
            <div><Button action={action} label={`${t('console.releases.copy')}: ${label}`} onPress={copy}>{t(isCopied ? 'console.people.copied' : 'console.releases.copy')}</Button></div>
        </div>
    )
}

/** In words, then table by table as the server says it: no number stands here a second time. */
function Cost({ budget }: { budget: ReleasesView['budget'] }) {
    const { t, language } = useWords()
    const epsilon = budget.rows.at(-1)?.at(-1) ?? ''
    const surer = new Intl.NumberFormat(tagOf(language), { maximumFractionDigits: 0 }).format(Math.exp(Number(epsilon.replace(',', '.'))))
    return (
        <section class="stack tight" data-part="cost">
            <h3>{t('console.releases.cost')}</h3>
            <p>{t('console.releases.epsilon', { epsilon })}</p>
            <p>{t('console.releases.surer', { surer })}</p>
            <p>{t('console.releases.noMore')}</p>
            <GridTable grid={budget} />
        </section>
    )
}

function Year({ year: { name, slots }, isOpen }: { year: SchoolYear; isOpen: boolean }) {
    const { t, language } = useWords()
    return (
        <details class="opens" open={isOpen} data-year={name}>
            <summary>{t('console.releases.year', { name })}</summary>
            <table class="audit">
                <caption class="only-heard">{t('console.releases.year', { name })}</caption>
                <thead><tr><th scope="col">{t('console.releases.period')}</th><th scope="col">{t('console.releases.earliest')}</th><th scope="col">{t('console.releases.state')}</th></tr></thead>
                <tbody>
                    {slots.map((slot) => (
                        <tr key={slot.name} data-period={slot.name} data-is={slot.is}>
                            <th scope="row">{named(slot, t, language)}</th>
                            <td>{dayIn(slot.published, language)}</td>
                            <td>{slot.is === 'due' ? <strong>{t('console.releases.is.due')}</strong> : t(`console.releases.is.${slot.is}`)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </details>
    )
}

function named({ name, span, first }: Period, t: Translate, language: Language): string {
    const year = first.slice(0, 4)
    switch (span) {
        case 'month': {
            const month = new Intl.DateTimeFormat(tagOf(language), { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(first))
            return month.charAt(0).toLocaleUpperCase(tagOf(language)) + month.slice(1)
        }
        case 'term':
            return t(name.endsWith('autumn') ? 'console.releases.autumn' : 'console.releases.spring', { year })
        case 'year':
            return t('console.releases.year', { name: name.replace('-', '–') })
    }
}

/** In the middle of a sentence. English months are names. */
function namedWithin(period: Period, t: Translate, language: Language): string {
    const name = named(period, t, language)
    return language === 'en' && period.span === 'month' ? name : name.charAt(0).toLocaleLowerCase(tagOf(language)) + name.slice(1)
}
