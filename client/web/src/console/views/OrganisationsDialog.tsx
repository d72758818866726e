/** The service's schools, municipalities and counties: who they are, how large, and who pays. SPEC 12.1 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { Problem } from '../../ui/parts/Problem'
import { TextField } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import type { Agreement, Organisation, Organisations } from '../api-types'
import { codeOf } from '../code-of'
import { agreementsOf, dayIn, lastDay, matching, treeOf, type Branch } from '../organisations'
import { useConsole } from './console-context'
import { ImportSchools } from './ImportSchools'
import { SchoolPapers } from './KitList'

/** With so few nobody has to open or to search. */
const FEW = 20
const SHOWN_AT_ONCE = 50

export function OrganisationsDialog({ onShut }: { onShut: () => void }) {
    const { t } = useWords()
    const { work } = useConsole()
    const [all, setAll] = useState<Organisations | null>(null)
    const [error, setError] = useState<ErrorCode | null>(null)
    const read = async (): Promise<void> => {
        setError(null)
        try {
            setAll(await work.organisations.read())
        } catch (failure) {
            const code = codeOf(failure)
            // The token has run out: the next call of the desk says so.
            if (code === 'not-signed-in') return void work.readAll()
            setError(code)
        }
    }
    useEffect(() => void read(), [])
    return (
        <Dialog name="organisations" title={t('console.organisations.title')} onCancel={onShut}>
            <p>{t('console.organisations.what')}</p>
            {error !== null && <Problem code={error}><Button action="retry" onPress={() => void read()}>{t('common.retry')}</Button></Problem>}
            {all === null && error === null && <p role="status" class="soft">{t('common.loading')}</p>}
            {all !== null && <ImportSchools onStored={() => void read()} />}
            {all !== null && (all.organisations.length === 0 ? <p><strong>{t('console.organisations.none')}</strong></p> : <Book all={all} />)}
            <div class="actions"><Button action="cancel" onPress={onShut}>{t('common.close')}</Button></div>
        </Dialog>
    )
}

function Book({ all }: { all: Organisations }) {
    const { t, language } = useWords()
    const [typed, setTyped] = useState('')
    const agreements = useMemo(() => agreementsOf(all), [all])
    const tree = useMemo(() => treeOf(all, language), [all, language])
    const names = useMemo(() => new Map(all.organisations.map(({ id, name }) => [id, name])), [all])
    const count = (kind: Organisation['kind']): number => all.organisations.filter((body) => body.kind === kind).length
    const isFew = all.organisations.length <= FEW
    const line = (body: Organisation) => <Facts body={body} agreements={agreements.get(body.id) ?? []} names={names} />
    return (
        <section class="stack tight organisations">
            <p class="soft small" data-part="organisations-sum">{t('console.organisations.sum', { schools: count('school'), municipalities: count('municipality') })}</p>
            {!isFew && <TextField name="organisation-search" label={t('console.organisations.search')} value={typed} onInput={setTyped} />}
            {typed.trim() === ''
                ? tree.map((county) => <County key={county.body.id} county={county} isOpen={isFew} line={line} />)
                : <Found key={typed} found={matching(all, typed)} line={line} />}
        </section>
    )
}

type Line = (body: Organisation) => preact.JSX.Element

function County({ county, isOpen, line }: { county: Branch; isOpen: boolean; line: Line }) {
    return (
        <section class="stack tight">
            <h3>{county.body.name}</h3>
            {line(county.body)}
            {county.below.map((municipality) => <Municipality key={municipality.body.id} municipality={municipality} isOpen={isOpen} line={line} />)}
        </section>
    )
}

/** Its schools are drawn when somebody looks at them: there may be hundreds. */
function Municipality({ municipality: { body, below }, isOpen, line }: { municipality: Branch; isOpen: boolean; line: Line }) {
    const { t } = useWords()
    const [open, setOpen] = useState(isOpen)
    return (
        <details class="municipality" open={open} data-organisation={body.id} onToggle={(event) => setOpen(event.currentTarget.open)}>
            <summary>{body.name} <span class="soft small">{t('console.organisations.schools', { count: below.length })}</span></summary>
            {open && line(body)}
            {open && <ul class="schools">{below.map((school) => <li key={school.body.id} data-organisation={school.body.id}><strong>{school.body.name}</strong>{line(school.body)}</li>)}</ul>}
        </details>
    )
}

function Found({ found, line }: { found: readonly Organisation[]; line: Line }) {
    const { t } = useWords()
    const [shown, setShown] = useState(SHOWN_AT_ONCE)
    return (
        <>
            <p role="status" data-part="organisations-found">{t('console.organisations.found', { count: found.length })}</p>
            <ul class="schools">{found.slice(0, shown).map((body) => <li key={body.id} data-organisation={body.id}><strong>{body.name}</strong>{line(body)}</li>)}</ul>
            {found.length > shown && <div><Button action="more" onPress={() => setShown(shown + SHOWN_AT_ONCE)}>{t('console.organisations.more')}</Button></div>}
        </>
    )
}

function Facts({ body, agreements, names }: { body: Organisation; agreements: readonly Agreement[]; names: ReadonlyMap<string, string> }) {
    const { t, language } = useWords()
    const facts = [body.id]
    if (body.pupils != null) facts.push(t('console.organisations.pupils', { count: body.pupils }))
    if (body.grades != null) facts.push(t('console.organisations.grades', { first: body.grades[0], last: body.grades[1] }))
    if (body.joined != null) facts.push(t('console.organisations.from', { day: dayIn(body.joined, language) }))
    if (body.left != null) facts.push(t('console.organisations.until', { day: dayIn(lastDay(body.left), language) }))
    const paid = agreements.map(({ funder, percent, begins, ends }) => {
        const said = { name: names.get(funder) ?? funder, percent, from: dayIn(begins, language) }
        return ends == null ? t('console.organisations.payer', said) : t('console.organisations.payerUntil', { ...said, to: dayIn(lastDay(ends), language) })
    })
    return (
        <>
            <p class="soft small">{facts.join(' · ')}</p>
            {paid.length > 0 && <p class="small" data-part="paid">{t('console.organisations.pays')}: {paid.join('; ')}</p>}
            {body.kind === 'school' && <SchoolPapers school={body.id} />}
        </>
    )
}
