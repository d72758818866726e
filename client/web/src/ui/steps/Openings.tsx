/** Who has opened the conversation, by role and hour. Only what an expert's own signature vouches for stands here. SPEC 4.6 */
import { memo } from 'preact/compat'
import { tagOf } from '../../i18n/text'
import { HOUR_S, type Opening } from '../../session/openings'
import { daysIn } from '../days'
import { useWords } from '../parts/words'

interface OpeningsProps {
    readonly openings: readonly Opening[]
    /** Older ones may still come. */
    readonly isWhole: boolean
}

export const Openings = memo(({ openings, isWhole }: OpeningsProps) => {
    const { t, language } = useWords()
    const days = daysIn(tagOf(language), Date.now() / 1_000)
    return (
        <details class="card openings" data-part="openings">
            <summary>
                {t('case.openings.title')} {openings.length > 0 && <span class="soft">{t('case.openings.count', { count: openings.length })}</span>}
            </summary>
            <div class="stack tight">
                {openings.length === 0 && isWhole && <p>{t('case.openings.none')}</p>}
                {openings.length > 0 && (
                    <ol class="opening-list">
                        {openings.map(({ key, profession, hour }) => (
                            <li key={key} data-opening={hour}>
                                <strong>{t(`case.${profession}`)}</strong>, {days.day(hour * HOUR_S)}{' '}
                                <span class="opening-hours">{t('case.openings.hours', { from: days.time(hour * HOUR_S), to: days.time((hour + 1) * HOUR_S) })}</span>
                            </li>
                        ))}
                    </ol>
                )}
                {!isWhole && <p class="soft">{t('case.openings.older')}</p>}
                <p class="soft small">{t('case.openings.text')}</p>
            </div>
        </details>
    )
}, (before, after) => before.isWhole === after.isWhole && before.openings.length === after.openings.length)
