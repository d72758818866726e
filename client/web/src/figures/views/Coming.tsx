/** Until the first figures are out: when that will be and what they will say. */
import { useWords } from '../../ui/parts/words'

const WHAT = ['cases', 'topics', 'promise', 'year'] as const

export function Coming({ lead, isSchool }: { lead: string; isSchool: boolean }) {
    const { t } = useWords()
    return (
        <>
            <section class="card lit stack tight" aria-labelledby="empty" data-part="empty">
                <h2 id="empty">{t('figures.emptyTitle')}</h2>
                <p>{lead}</p>
                <p>{t(isSchool ? 'viewer.figures.school' : 'viewer.figures.above')}</p>
            </section>
            <section class="card stack tight" aria-labelledby="what">
                <h2 id="what">{t('viewer.figures.what')}</h2>
                <ul class="points">{WHAT.map((each) => <li key={each}>{t(`viewer.figures.${each}`)}</li>)}</ul>
            </section>
            <section class="card stack tight" aria-labelledby="never">
                <h2 id="never">{t('viewer.figures.never')}</h2>
                <p>{t('viewer.figures.neverText')}</p>
            </section>
        </>
    )
}
