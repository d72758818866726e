/** How the figures are made: in plain words, and for a statistician. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import type { Asked, FiguresDesk } from '../desk'
import type { Chapter, MethodsPage } from '../methods'
import { SavingNews } from './Files'
import { GridTable } from './GridTable'
import { useSaving } from './saving'

interface MethodsProps {
    readonly page: MethodsPage
    readonly asked: Asked
    readonly desk: FiguresDesk
    readonly codeOf: (error: unknown) => ErrorCode
    readonly onBack: () => void
}

export function Methods({ page, asked, desk, codeOf, onBack }: MethodsProps) {
    const { t } = useWords()
    const saving = useSaving((name, onLeft) => desk.file(asked, name, onLeft), (name) => `lyhty-${page.language}-${name}`, codeOf)
    return (
        <>
            <p class="soft">{t('figures.methodsLead')}</p>
            <div class="actions not-printed">
                <Button action="figures" onPress={onBack}>{t('figures.backToFigures')}</Button>
                <Button action="save-methods.pdf" kind="quiet" onPress={() => saving.save('methods.pdf')}>{t('figures.methodsFile')}</Button>
            </div>
            <SavingNews {...saving} />
            {page.chapters.map((chapter) => <OneChapter key={chapter.id} chapter={chapter} />)}
        </>
    )
}

function OneChapter({ chapter: { id, title, passages } }: { chapter: Chapter }) {
    return (
        <section class="card stack chapter" aria-labelledby={`chapter-${id}`} data-chapter={id}>
            <h2 id={`chapter-${id}`} tabIndex={-1}>{title}</h2>
            {passages.map((passage) => (
                <div key={passage.id} class="stack tight" data-passage={passage.id}>
                    <h3>{passage.title}</h3>
                    {passage.paragraphs.map((paragraph) => <p key={paragraph}>{paragraph}</p>)}
                    {passage.grid && <GridTable grid={passage.grid} />}
                </div>
            ))}
        </section>
    )
}
