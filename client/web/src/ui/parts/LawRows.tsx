/** The law in words a child knows: what it is called and what it means come first, the section stands below in small. */
import type { Provision } from '@lyhty/crypto/contents'
import { tagOf } from '../../i18n/text'
import { useWords } from './words'

export function LawRows({ rows }: { rows: readonly Provision[] }) {
    const { t, language } = useWords()
    if (rows.length === 0) return null
    return (
        <>
            {rows.map(({ law, name, section, explained, likely, wording, words }) => (
                <div key={law} class="law-row stack tight" data-law={law} data-likely={likely}>
                    <p><strong dir="auto">{name}</strong></p>
                    <p dir="auto">{explained}</p>
                    <p class="likely">{t(`answer.law.${likely}`)}</p>
                    {words !== null && <p class="message-text" dir="auto">{words}</p>}
                    <p class="soft small">
                        <span dir="auto">{section}</span>
                        {wording !== null && ` · ${t('answer.law.since', { day: dayIn(wording, tagOf(language)) })}`}
                    </p>
                </div>
            ))}
            <p class="soft small">{t('answer.law.note')}</p>
        </>
    )
}

/** A day that is none is shown as it was written. */
function dayIn(day: string, tag: string): string {
    const at = new Date(`${day}T12:00:00Z`)
    return Number.isNaN(at.getTime()) ? day : new Intl.DateTimeFormat(tag, { timeZone: 'UTC' }).format(at)
}
