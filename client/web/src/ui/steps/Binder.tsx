/**
 * A case on paper: every message with its time, its author and its hashes, and what they prove to whoever is shown it.
 * Drawn to be read on a screen too.
 */
import type { AnswerContent } from '@lyhty/crypto/contents'
import { tagOf, type Translate } from '../../i18n/text'
import type { Author, Evidence, Exhibit } from '../../session/evidence'
import { HOUR_S, professionOf } from '../../session/openings'
import { consentIn } from '../consents'
import { daysIn, type Days } from '../days'
import { Button } from '../parts/Button'
import { Heading } from '../parts/Heading'
import { LawRows } from '../parts/LawRows'
import { Problem } from '../parts/Problem'
import { useWords } from '../parts/words'

const EXPLAINED = [1, 2, 3, 4, 5, 6] as const

interface BinderProps {
    readonly evidence: Evidence
    readonly onBack: () => void
}

export function Binder({ evidence, onBack }: BinderProps) {
    const { t, language } = useWords()
    // Whole dates everywhere: paper does not know what "today" was.
    const days = daysIn(tagOf(language), 0)
    const { alarms, caseId, chains, exhibits, instance, made, openings } = evidence
    return (
        <div class="stack binder" data-part="binder">
            <div class="actions not-printed">
                <Button action="print-binder" kind="lead" onPress={() => print()}>{t('binder.print')}</Button>
                <Button action="binder-back" onPress={onBack}>{t('common.back')}</Button>
            </div>
            <p class="card lit not-printed">{t('copies.warning')}</p>
            <div class="binder-sheet">
                <div class="binder-margin" aria-hidden="true"><div /></div>
                <div class="binder-body">
                    <Heading>{t('binder.title')}</Heading>
                    <p>{t('binder.made', { day: days.day(made), time: days.time(made), count: exhibits.length })}</p>
                    {alarms.map((code) => <Problem key={code} code={code} gentle />)}
                    <ol class="exhibits">
                        {exhibits.map((exhibit) => <ExhibitRow key={exhibit.seq} exhibit={exhibit} days={days} />)}
                    </ol>
                    <h2>{t('case.openings.title')}</h2>
                    {openings.length === 0
                        ? <p>{t('case.openings.none')}</p>
                        : (
                            <ul>
                                {openings.map(({ key, profession, hour }) => (
                                    <li key={key}>
                                        {t(`case.${profession}`)}, {days.day(hour * HOUR_S)}{' '}
                                        {t('case.openings.hours', { from: days.time(hour * HOUR_S), to: days.time((hour + 1) * HOUR_S) })}
                                    </li>
                                ))}
                            </ul>
                        )}
                    <h2>{t('binder.explain.title')}</h2>
                    {EXPLAINED.map((nth) => <p key={nth}>{t(`binder.explain.${nth}`)}</p>)}
                    <h2>{t('binder.ends')}</h2>
                    <dl class="hashes">
                        <dt>{t('binder.case')}</dt><dd>{caseId}</dd>
                        <dt>{t('binder.instance')}</dt><dd>{instance}</dd>
                        {chains.map(({ author, count, head, key }) => (
                            <div key={key}><dt>{named(t, author)}: {t('binder.chain', { count })}</dt><dd>{head}<br />{t('binder.key')} {key}</dd></div>
                        ))}
                    </dl>
                </div>
            </div>
        </div>
    )
}

/** Nothing folded away: paper has no buttons. */
function WholeAnswer({ answer: { assessment, parts, plain, ticks } }: { answer: AnswerContent }) {
    const { t } = useWords()
    return (
        <>
            {plain.length > 0 && <ul>{plain.map((line, nth) => <li key={nth} dir="auto">{line}</li>)}</ul>}
            {ticks.length > 0 && <ul class="to-tick">{ticks.map((line, nth) => <li key={nth} dir="auto">☐ {line}</li>)}</ul>}
            {parts.map(({ part, text }) => (
                <section key={part}>
                    <h3>{t(`answer.part.${part}`)}</h3>
                    <p class="message-text" dir="auto">{text}</p>
                </section>
            ))}
            <LawRows rows={assessment} />
        </>
    )
}

const named = (t: Translate, { name, profession }: Author): string =>
    profession === null ? t('binder.reporter') : `${t(`case.${profession}`)}${name === null ? '' : ` ${name}`}`

function wordsOf(t: Translate, content: Exclude<Exhibit['content'], AnswerContent>): string {
    if (content.type === 'consent') return consentIn(t, content.what, null)
    if (content.type === 'ask') return `${t('ask.title', { who: t(`ask.${professionOf(content.queue)}`) })} ${content.text}`
    return content.text
}

function ExhibitRow({ exhibit: { at, author, content, head, sealed, seq }, days }: { exhibit: Exhibit; days: Days }) {
    const { t } = useWords()
    return (
        <li class="exhibit" data-exhibit={seq}>
            <p class="exhibit-top">{seq}. <strong>{named(t, author)}</strong>, <time dateTime={new Date(at * 1_000).toISOString()}>{days.day(at)} {days.time(at)}</time></p>
            {content.type === 'answer'
                ? <WholeAnswer answer={content} />
                : <p class="message-text" dir="auto">{wordsOf(t, content)}</p>}
            <dl class="hashes">
                <dt>{t('binder.sealed')}</dt><dd>{sealed}</dd>
                <dt>{t('binder.head')}</dt><dd>{head}</dd>
            </dl>
        </li>
    )
}
