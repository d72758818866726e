/** Bringing schools in by a file: first what would change or what is wrong, then, on a second word, all of it. SPEC 12.1 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import type { Imported } from '../api-types'
import { codeOf } from '../code-of'
import { isSame, MAX_IMPORT_BYTES } from '../organisations'
import { useConsole } from './console-context'

const NAMES_SHOWN = 5

type Standing =
    | { readonly is: 'nothing' | 'busy' | 'too-large' | 'done' }
    | { readonly is: 'read'; readonly file: File; readonly told: Imported }
    | { readonly is: 'failed'; readonly code: ErrorCode }

export function ImportSchools({ onStored }: { onStored: () => void }) {
    const { t } = useWords()
    const { work } = useConsole()
    const [standing, setStanding] = useState<Standing>({ is: 'nothing' })
    const ask = async (call: () => Promise<Standing>): Promise<void> => {
        setStanding({ is: 'busy' })
        try {
            setStanding(await call())
        } catch (error) {
            setStanding({ is: 'failed', code: codeOf(error) })
        }
    }
    const choose = async (file: File | undefined): Promise<void> => {
        if (file === undefined) return
        if (file.size > MAX_IMPORT_BYTES) return setStanding({ is: 'too-large' })
        await ask(async () => ({ is: 'read', file, told: await work.organisations.check(file) }))
    }
    const store = (file: File): Promise<void> => ask(async () => {
        const told = await work.organisations.bringIn(file)
        // Somebody else has changed something meanwhile, and it does not fit any more.
        if (told.problems.length > 0) return { is: 'read', file, told }
        onStored()
        return { is: 'done' }
    })
    return (
        <section class="card stack tight" data-part="import" data-is={standing.is}>
            <h3>{t('console.organisations.import')}</h3>
            <p>{t('console.organisations.importWhat')}</p>
            <div>
                <label class="button plain file-button">
                    <input
                        type="file" accept=".csv,.xlsx" class="only-heard" data-field="import-file" autocomplete="off"
                        onChange={(event) => {
                            const field = event.currentTarget
                            void choose(field.files?.[0])
                            // The same file, corrected, may be chosen again.
                            field.value = ''
                        }}
                    />
                    {t('console.organisations.choose')}
                </label>
            </div>
            {standing.is === 'failed' && <Problem code={standing.code} />}
            {standing.is === 'too-large' && <p role="alert"><strong>{t('console.organisations.tooLarge')}</strong></p>}
            <p role="status" class={standing.is === 'busy' || standing.is === 'done' ? '' : 'only-heard'}>
                {standing.is === 'busy' ? t('console.organisations.checking') : standing.is === 'done' ? t('console.organisations.done') : ''}
            </p>
            {standing.is === 'read' && (standing.told.problems.length > 0
                ? <Problems told={standing.told} name={standing.file.name} />
                : <Changes told={standing.told} name={standing.file.name} onStore={() => void store(standing.file)} onDismiss={() => setStanding({ is: 'nothing' })} />)}
        </section>
    )
}

function Problems({ told: { problems, more_problems }, name }: { told: Imported; name: string }) {
    const { t } = useWords()
    return (
        <div class="stack tight" data-part="import-problems">
            <p role="alert"><strong>{t('console.organisations.problems')}</strong> <span class="soft">{name}</span></p>
            <ul class="problems">
                {problems.map(({ row, column, code, value }, nth) => (
                    <li key={nth} data-fault={code}>
                        <p class="small"><strong>{row === 0 ? t('console.organisations.file') : t('console.organisations.row', { row })}</strong>{column !== null && `, ${t(`console.organisations.columns.${column}`)}`}{value !== '' && <>{': '}<q>{value}</q></>}</p>
                        <p>{t(`console.organisations.faults.${code}`)}</p>
                    </li>
                ))}
            </ul>
            {more_problems > 0 && <p>{t('console.organisations.moreProblems', { count: more_problems })}</p>}
        </div>
    )
}

interface ChangesProps {
    readonly told: Imported
    readonly name: string
    readonly onStore: () => void
    readonly onDismiss: () => void
}

function Changes({ told, name, onStore, onDismiss }: ChangesProps) {
    const { t } = useWords()
    if (isSame(told)) return <p role="status" data-part="import-same">{t('console.organisations.same')}</p>
    const bodies = (['added', 'changed', 'left'] as const).filter((what) => told[what].length > 0)
    const agreements = (['agreements', 'withdrawn'] as const).filter((what) => told[what].length > 0)
    return (
        <div class="stack tight" data-part="import-changes">
            <p role="status"><strong>{t('console.organisations.would')}</strong> <span class="soft">{name}</span></p>
            <ul class="problems">
                {bodies.map((what) => (
                    <li key={what} data-change={what}>
                        <p><strong>{t(`console.organisations.${what}`, { count: told[what].length })}</strong></p>
                        <p class="small">{named(told[what])}</p>
                    </li>
                ))}
                {agreements.map((what) => <li key={what} data-change={what}><p><strong>{t(`console.organisations.${what}`, { count: told[what].length })}</strong></p></li>)}
            </ul>
            <div class="actions">
                <Button action="import-dismiss" onPress={onDismiss}>{t('console.organisations.dismiss')}</Button>
                <Button action="import-store" kind="lead" onPress={onStore}>{t('console.organisations.confirm')}</Button>
            </div>
        </div>
    )
}

const named = (bodies: Imported['added']): string =>
    bodies.slice(0, NAMES_SHOWN).map(({ name }) => name).join(', ') + (bodies.length > NAMES_SHOWN ? ' …' : '')
