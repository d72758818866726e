/** The messages of an opened case, day by day, the newest in sight. Redrawn when a message comes, never for a key press. */
import { memo } from 'preact/compat'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useWords } from '../../ui/parts/words'
import { useKeptPlace } from '../../ui/sight'
import type { TurnContent } from '@lyhty/crypto/contents'
import { professionOf } from '../../session/openings'
import type { DeskMessage } from '../conversation'
import { AnswerText } from './AnswerText'
import { day, dayOf, moment, timeOfDay } from './times'

interface ConversationProps {
    readonly messages: readonly DeskMessage[]
    /** How many of the last ones were new when the case came to the screen. */
    readonly unread: number
}

export const Conversation = memo(({ messages, unread }: ConversationProps) => {
    const { t } = useWords()
    const list = useRef<HTMLOListElement>(null)
    const newest = messages.at(-1)?.key
    const known = useRef<string | undefined>(undefined)
    const [firstNew] = useState(() => (unread < messages.length ? messages[messages.length - unread]?.key : undefined))
    useKeptPlace(messages, list)
    useLayoutEffect(() => {
        const isOpening = known.current === undefined
        if (isOpening) showFirst(list.current, messages.length)
        // A new message is read from its first line on.
        else list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' })
        // The field that was sent from may be gone.
        if (!isOpening && document.activeElement === document.body) list.current?.closest<HTMLElement>('.reading')?.focus({ preventScroll: true })
        known.current = newest
    }, [newest])
    return (
        <ol class="conversation" ref={list} aria-label={t('console.case.messages')}>
            {messages.map((message, nth) => (
                <Entry key={message.key} message={message} isFirstNew={message.key === firstNew} newDay={dayOf(messages[nth - 1]?.at) !== dayOf(message.at)} />
            ))}
        </ol>
    )
})

/** Where reading goes on: at the first new message, or the last one. A report alone stays below its case's facts. */
function showFirst(list: HTMLElement | null, count: number): void {
    const target = list?.querySelector('.entry-new') ?? list?.lastElementChild
    const aim = (): void => target?.scrollIntoView({ block: count > 1 ? 'start' : 'nearest' })
    aim()
    // Only what comes near the window takes its true height: until then, a row above may stand higher than it is.
    requestAnimationFrame(() => requestAnimationFrame(aim))
}

function Words({ content }: { content: Exclude<DeskMessage['content'], TurnContent> }) {
    const { t } = useWords()
    switch (content.type) {
        case 'answer':
            return <AnswerText answer={content} />
        case 'ask':
            return (
                <>
                    <p>{t(`console.handover.asked.${professionOf(content.queue)}`)}</p>
                    <p class="own-words" dir="auto">{content.text}</p>
                </>
            )
        case 'consent':
            return <p data-part="consent" data-what={content.what}><strong>{t(`console.handover.said.${content.what}`)}</strong> {t(`console.handover.next.${content.what}`)}</p>
        default:
            return <p class="own-words" dir="auto">{content.text}</p>
    }
}

interface EntryProps { readonly message: DeskMessage; readonly newDay: boolean; readonly isFirstNew: boolean }

const Entry = memo(({ message, newDay, isFirstNew }: EntryProps) => {
    const { t, language } = useWords()
    const { content } = message
    if (content.type === 'turn') {
        return (
            <li class="entry turn" data-message={content.type}>
                {newDay && <p class="entry-day">{day(message.at, language)}</p>}
                <p class="entry-key">{t('console.case.newKey')}</p>
            </li>
        )
    }
    const who = message.author === 'reporter' ? t('console.case.reporter')
        : message.state !== 'received' ? t('console.case.you') : t('console.case.expert', { name: message.expertName ?? '' })
    return (
        <li class={`entry ${message.author} ${message.state}`} data-message={content.type} data-state={message.state}>
            {newDay && <p class="entry-day">{day(message.at, language)}</p>}
            {isFirstNew && <p class="entry-new">{t('console.case.newFromHere')}</p>}
            <article>
                <p class="entry-top">
                    <strong>{who}</strong> <time dateTime={moment(message.at).toISOString()}>{timeOfDay(message.at, language)}</time>
                </p>
                <Words content={content} />
                {message.reach !== null && <p class={`reach ${message.reach}`} data-reach={message.reach}>{t(`console.reach.${message.reach}`)}</p>}
            </article>
        </li>
    )
})
