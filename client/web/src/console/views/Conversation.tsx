/** The messages of an opened case, oldest first. Redrawn when a message comes, never for a key press. */
import { memo } from 'preact/compat'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { useWords } from '../../ui/parts/words'
import type { DeskMessage } from '../conversation'
import { clock, moment } from './times'

export const Conversation = memo(({ messages }: { messages: readonly DeskMessage[] }) => {
    const { t } = useWords()
    const end = useRef<HTMLLIElement>(null)
    const count = useRef(0)
    useLayoutEffect(() => {
        // The first view starts at the report; afterwards what is new comes into sight.
        if (count.current > 0 && messages.length > count.current) {
            end.current?.scrollIntoView({ block: 'nearest' })
            // The field that was sent from may be gone.
            if (document.activeElement === document.body) end.current?.closest<HTMLElement>('.reading')?.focus({ preventScroll: true })
        }
        count.current = messages.length
    }, [messages])
    return (
        <ol class="conversation" aria-label={t('console.case.messages')}>
            {messages.map((message, index) => (
                <li key={message.key} ref={index === messages.length - 1 ? end : null} class={`bubble ${message.author} ${message.state}`} data-message={message.content.type} data-state={message.state}>
                    <Message message={message} />
                </li>
            ))}
        </ol>
    )
})

function Message({ message }: { message: DeskMessage }) {
    const { t, language } = useWords()
    const { content } = message
    const who = message.author === 'reporter' ? t('console.case.reporter')
        : message.state !== 'received' ? t('console.case.you') : t('console.case.expert', { name: message.expertName ?? '' })
    return (
        <article>
            <p class="bubble-top"><strong>{who}</strong> <time dateTime={moment(message.at).toISOString()}>{clock(message.at, language)}</time>{message.state === 'sent' && ` · ${t('case.message.sent')}`}</p>
            {content.type === 'answer'
                ? content.parts.map(({ part, text }) => (
                    <section key={part}>
                        <h3>{t(`console.editor.part.${part}.label`)}</h3>
                        <p class="own-words" dir="auto">{text}</p>
                    </section>
                ))
                : <p class="own-words" dir="auto">{content.text}</p>}
        </article>
    )
}
