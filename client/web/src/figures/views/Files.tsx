/** The same page as files, and on paper. */
import { Button } from '../../ui/parts/Button'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import { hasText, type Translate } from '../../i18n/text'
import type { FileName } from '../page'
import type { Saving } from './saving'

interface FilesProps { readonly files: readonly FileName[]; readonly whose: string; readonly saving: Saving }

export function Files({ files, whose, saving }: FilesProps) {
    const { t } = useWords()
    const reports = files.filter(({ name }) => name.startsWith('report.'))
    return (
        <section class="card stack not-printed" aria-labelledby="section-files" data-section="files">
            <h2 id="section-files" tabIndex={-1}>{t('figures.files')}</h2>
            <p class="soft">{t('figures.filesText')}</p>
            <ul class="files">
                {files.filter(({ name }) => name.startsWith('figures.')).map(({ name, format, title }) => (
                    <li key={name}>
                        <Button action={`save-${name}`} onPress={() => saving.save(name)}>{title}</Button>
                        <span class="soft small">{fileFor(format, t)}</span>
                    </li>
                ))}
                <li><Button action="print" onPress={() => print()}>{t('figures.print')}</Button><span class="soft small">{t('figures.printFor')}</span></li>
            </ul>
            {reports.length > 0 && (
                <>
                    <h3>{t('figures.report')}</h3>
                    <p class="soft">{t('figures.reportText', { name: whose })}</p>
                    <ul class="files">
                        {reports.map(({ name, title }) => <li key={name}><Button action={`save-${name}`} onPress={() => saving.save(name)}>{title}</Button></li>)}
                    </ul>
                </>
            )}
        </section>
    )
}

function fileFor(format: string, t: Translate): string {
    const key = `figures.fileFor.${format}`
    return hasText(key) ? t(key) : ''
}

/** What came of the last button: told in one place, which stays in sight. */
export function SavingNews({ failed, said, making }: Omit<Saving, 'save'>) {
    const { t } = useWords()
    // Said once: whoever hears it need not hear every second that passes.
    const news = making === null ? said : t('figures.printing', { seconds: Math.max(2, making.all) })
    return (
        <div class="saving-news not-printed">
            <div class={news === '' ? 'only-heard' : 'card good'}>
                <p role="status">{news}</p>
                {making !== null && <progress aria-label={t('figures.saving')} max={making.all} value={making.all - making.left} />}
            </div>
            {failed !== null && <Problem code={failed} />}
        </div>
    )
}
