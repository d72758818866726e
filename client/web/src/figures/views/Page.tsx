/** The figures of one body in one period: words first, then pictures with their tables, then files. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import type { Asked, FiguresDesk } from '../desk'
import { savedAs, type FiguresPage } from '../page'
import { Coming } from './Coming'
import { Files, SavingNews } from './Files'
import { Contents, InShort, Missing, OneSection } from './Parts'
import { useSaving } from './saving'

interface PageProps {
    readonly page: FiguresPage
    readonly asked: Asked
    readonly desk: FiguresDesk
    readonly codeOf: (error: unknown) => ErrorCode
    readonly onMethods: () => void
}

export function Page({ page, asked, desk, codeOf, onMethods }: PageProps) {
    const { t } = useWords()
    const saving = useSaving((name, onLeft) => desk.file(asked, name, onLeft), (name) => savedAs(page, name), codeOf)
    const shown = page.sections.filter(({ table }) => table !== null)
    const methods = <div class="not-printed"><Button action="methods" kind="quiet" onPress={onMethods}>{t('figures.methods')}</Button></div>
    if (shown.length === 0) {
        return (
            <>
                <Coming lead={page.summary.lead} isSchool={page.organisation.kind === 'school'} />
                <Missing page={page} />
                {methods}
            </>
        )
    }
    const hows = shown.map(({ how }) => how)
    return (
        <>
            <InShort summary={page.summary} />
            <Contents sections={shown} />
            <SavingNews {...saving} />
            {shown.map((section, nth) => (
                <OneSection
                    key={section.id}
                    section={section}
                    whose={page.whose}
                    isReadAsBefore={hows.indexOf(section.how) < nth}
                    saving={saving}
                    files={page.files.filter(({ name }) => name.startsWith(`${section.id}.`))}
                />
            ))}
            <Missing page={page} />
            <Files files={page.files} whose={page.organisation.name} saving={saving} />
            <footer class="figures-end soft small stack tight">
                <p>{page.method}</p>
                <p>{page.source}</p>
                {methods}
            </footer>
        </>
    )
}
