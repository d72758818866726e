/** The figures of one body: until the first ones are out, when that will be and what they will say. */
import type { SeenOrganisation } from '../console/api-types'
import { Heading } from '../ui/parts/Heading'
import { useWords } from '../ui/parts/words'

const WHAT = ['cases', 'topics', 'promise', 'year'] as const

export function Figures({ organisation }: { organisation: SeenOrganisation }) {
    const { t } = useWords()
    return (
        <article class="stack" data-organisation={organisation.id}>
            <Heading>{organisation.name}</Heading>
            <p>{t(organisation.kind === 'school' ? 'viewer.figures.school' : 'viewer.figures.above')}</p>
            <section class="card stack tight">
                <h2>{t('viewer.figures.what')}</h2>
                <ul>{WHAT.map((each) => <li key={each}>{t(`viewer.figures.${each}`)}</li>)}</ul>
            </section>
            <section class="card stack tight">
                <h2>{t('viewer.figures.never')}</h2>
                <p>{t('viewer.figures.neverText')}</p>
            </section>
        </article>
    )
}
