/** In the place of a view that is still on its way. */
import { Announcer } from './Announcer'
import { Heading } from './Heading'
import { useWords } from './words'

export function ComingSoon({ failed }: { failed: boolean }) {
    const { t } = useWords()
    return (
        <div class="stack step">
            <Heading>{t('common.loading')}</Heading>
            <Announcer shown>{failed && <p class="card lit">{t('common.loadingFailed')}</p>}</Announcer>
        </div>
    )
}
