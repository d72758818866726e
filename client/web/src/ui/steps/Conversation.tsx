/** The messages, own ones at the end side. A row is drawn only when it changes, never while somebody types. */
import type { ComponentChild } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { tagOf, type Translate } from '../../i18n/text'
import type { ShownMessage } from '../../session/types'
import { consentIn } from '../consents'
import { daysIn, isSameDay } from '../days'
import { Button } from '../parts/Button'
import { MessageRow, type RowActs } from '../parts/MessageRow'
import { useWords } from '../parts/words'
import { useKeptPlace, useNewestInSight, useNewLine, useSight } from '../sight'

/** Messages of one author within this time stand together. */
const TOGETHER_S = 300

interface ConversationProps {
    readonly messages: readonly ShownMessage[]
    /** What can be done about an own message; none where nobody's own page is shown. */
    readonly acts?: RowActs
    /** Whether the newest message is before somebody's eyes. */
    readonly onSeen?: (isSeen: boolean) => void
}

export function Conversation({ messages, acts, onSeen }: ConversationProps) {
    const { t } = useWords()
    const list = useRef<HTMLOListElement>(null)
    const inSight = useSight(messages, list, onSeen)
    const line = useNewLine(messages, inSight)
    useKeptPlace(messages, list)
    useNewestInSight(messages, list, inSight, line)
    const rows = useRows(messages, line, acts)
    const news = messages.filter(({ isNew }) => isNew).length
    return (
        <section aria-label={t('case.conversation')}>
            <News messages={messages} />
            <ol class="messages" ref={list}>{rows}</ol>
            {!inSight && (
                <Button action="to-newest" kind={news > 0 ? 'lead' : 'plain'} className="to-newest" onPress={() => list.current?.lastElementChild?.scrollIntoView({ block: 'start' })}>
                    {news > 0 ? t('case.toNew', { count: news }) : t('case.toNewest')} <span aria-hidden="true">↓</span>
                </Button>
            )}
        </section>
    )
}

interface DrawnRow {
    readonly from: readonly unknown[]
    readonly row: ComponentChild
}

/** The same row object as before while nothing in it has changed: then nothing is compared or drawn. */
function useRows(messages: readonly ShownMessage[], line: string | null, acts: RowActs | undefined): ComponentChild[] {
    const { language } = useWords()
    const today = new Date().toDateString()
    const days = useMemo(() => daysIn(tagOf(language), Date.now() / 1_000), [language, today])
    const drawn = useRef<ReadonlyMap<string, DrawnRow>>(new Map())
    return useMemo(() => {
        const rows = new Map<string, DrawnRow>()
        messages.forEach((message, nth) => {
            const before = messages[nth - 1]
            const startsDay = before === undefined || !isSameDay(before.at, message.at)
            const startsNew = message.key === line
            const follows = before !== undefined && !startsDay && !startsNew && isTogether(before, message)
            const from = [message, days, startsDay, follows, startsNew, acts]
            const known = drawn.current.get(message.key)
            rows.set(message.key, known?.from.every((one, at) => one === from[at])
                ? known
                : { from, row: <MessageRow key={message.key} {...{ message, days, startsDay, follows, startsNew, acts }} /> })
        })
        drawn.current = rows
        return [...rows.values()].map(({ row }) => row)
    }, [messages, line, days, acts])
}

const isTogether = (before: ShownMessage, message: ShownMessage): boolean =>
    before.author === message.author && before.expertName === message.expertName && message.content.type === 'chat'
    && before.content.type !== 'answer' && before.content.type !== 'turn' && before.content.type !== 'ask' && message.at - before.at < TOGETHER_S

function readOut(t: Translate, content: ShownMessage['content']): string {
    switch (content.type) {
        case 'answer':
            return t('answer.title')
        case 'turn':
            return t('case.newKey')
        case 'ask':
            return `${t('ask.title', { who: t(`ask.${content.profession}`) })} ${content.text}`
        case 'consent':
            return consentIn(t, content.what, content.profession)
        default:
            return content.text
    }
}

/** What experts write while the page is open is read out, once. */
function News({ messages }: { messages: readonly ShownMessage[] }) {
    const { t } = useWords()
    const heard = useRef(messages.at(-1)?.key)
    const [news, setNews] = useState<readonly ShownMessage[]>([])
    useEffect(() => {
        const known = messages.findIndex(({ key }) => key === heard.current)
        heard.current = messages.at(-1)?.key
        const fresh = known < 0 ? [] : messages.slice(known + 1).filter(({ author, content }) => author === 'expert' && content.type !== 'turn')
        if (fresh.length > 0) setNews(fresh)
    }, [messages])
    return (
        <div class="only-heard" role="log" aria-live="polite" aria-label={t('case.newMessages')}>
            {news.map(({ key, profession, content }) => (
                <p key={key}>{t(profession === null ? 'case.expert' : `case.${profession}`)}: {readOut(t, content)}</p>
            ))}
        </div>
    )
}
