/** The messages, own ones at the end side. It is drawn only when a message changes, never while somebody types. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { tagOf } from '../../i18n/text'
import type { ShownMessage } from '../../session/types'
import { Announcer } from '../parts/Announcer'
import { useWords } from '../parts/words'
import { AnswerPage } from './AnswerPage'

const dayOf = (at: number): string => new Date(at * 1_000).toDateString()

export function Conversation({ messages }: { messages: readonly ShownMessage[] }) {
    const { t, language } = useWords()
    const news = useNews(messages)
    const list = useRef<HTMLOListElement>(null)
    useNewestInSight(messages, list)
    const day = new Intl.DateTimeFormat(tagOf(language), { weekday: 'long', day: 'numeric', month: 'long' })
    const time = new Intl.DateTimeFormat(tagOf(language), { hour: 'numeric', minute: '2-digit' })
    return (
        <section aria-label={t('case.conversation')}>
            <Announcer>{news > 0 ? t('case.newMessage') : ''}</Announcer>
            <ol class="messages" ref={list}>
                {messages.map((message, nth) => {
                    const at = new Date(message.at * 1_000)
                    const before = messages[nth - 1]
                    return (
                        <li key={message.key} class={`message ${message.author} ${message.content.type}`} data-message={message.key} data-message-state={message.state}>
                            {(before === undefined || dayOf(before.at) !== dayOf(message.at)) && <p class="message-day">{day.format(at)}</p>}
                            <article class="bubble">
                                <p class="message-author">
                                    <strong>{message.author === 'reporter' ? t('case.you') : t(message.profession === null ? 'case.expert' : `case.${message.profession}`)}</strong>
                                    {message.expertName !== null && <span dir="auto"> {message.expertName}</span>}
                                </p>
                                {message.content.type === 'answer'
                                    ? <AnswerPage parts={message.content.parts} />
                                    : <p class="message-text" dir="auto">{message.content.text}</p>}
                                <p class="message-foot">
                                    <time dateTime={at.toISOString()}>{time.format(at)}</time>
                                    {message.author === 'reporter' && <span>{t(message.state === 'sending' ? 'case.message.sending' : 'case.message.sent')}</span>}
                                </p>
                            </article>
                        </li>
                    )
                })}
            </ol>
        </section>
    )
}

/** How many messages of others have come since the page was opened. */
function useNews(messages: readonly ShownMessage[]): number {
    const newest = useRef(messages.findLast(({ author }) => author === 'expert')?.key)
    const [news, setNews] = useState(0)
    useEffect(() => {
        const key = messages.findLast(({ author }) => author === 'expert')?.key
        if (key === newest.current) return
        newest.current = key
        setNews((count) => count + 1)
    }, [messages])
    return news
}

/** A new message comes into sight from its first line on; on opening, so does the newest. Older ones arrive unnoticed. */
function useNewestInSight(messages: readonly ShownMessage[], list: { readonly current: HTMLOListElement | null }): void {
    const newest = messages.at(-1)?.key
    useEffect(() => {
        if (messages.length > 1) list.current?.lastElementChild?.scrollIntoView({ block: 'start' })
    }, [newest])
}
