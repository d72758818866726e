/** What an expert has to know of a row of the law before they rely on it. */
import { hasText } from '../../i18n/text'
import { useWords } from '../../ui/parts/words'
import { namedIn, needsCheck, type LawRow } from '../answering/law'

export function LawFacts({ row, nowS }: { row: LawRow; nowS: number }) {
    const { t, language } = useWords()
    const named = (area: 'decides' | 'evidence', ids: readonly string[]): string =>
        ids.map((id) => { const key = `console.law.${area}.${id}`; return hasText(key) ? t(key) : id }).join(', ')
    return (
        <div class="law-facts small">
            {needsCheck(row, nowS) && <p class="check" data-part="needs-check"><strong>{t('console.law.needsCheck')}</strong></p>}
            <p>{t(`console.law.complainant.${row.complainant ?? 'unknown'}`)}</p>
            {row.note !== null && <p>{row.note[namedIn(language)]}</p>}
            <p>{t('console.law.who', { who: named('decides', row.decides) })}</p>
            {row.evidence.length > 0 && <p>{t('console.law.helps', { what: named('evidence', row.evidence) })}</p>}
            <p class="soft">
                {row.wording === null ? t('console.law.wordingUnknown') : t('console.law.wording', { day: row.wording.from, act: row.wording.act })}{' '}
                {row.last_checked === null ? t('console.law.neverChecked') : t('console.law.checked', { day: row.last_checked, where: row.read_in ?? row.source })}
            </p>
        </div>
    )
}
