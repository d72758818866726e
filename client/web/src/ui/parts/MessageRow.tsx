/** One message: whose, what, when, and how far an own one has come, in words and a small sign. */
import type { TextKey } from '../../i18n/text'
import type { Consent, ShownMessage } from '../../session/types'
import { consentIn } from '../consents'
import type { Days } from '../days'
import { AnswerPage } from '../steps/AnswerPage'
import { AskCard } from './AskCard'
import { HelpedQuestion } from './HelpedQuestion'
import { LeavesSoon } from './LeavesSoon'
import { useWords } from './words'

/** By the key of a message. */
export interface RowActs {
    readonly undo: (key: string) => void
    readonly sendNow: (key: string) => void
    readonly answer: (question: string, what: Consent) => Promise<void>
}

interface MessageRowProps {
    readonly message: ShownMessage
    readonly days: Days
    readonly startsDay: boolean
    /** The author is named once in a row of messages. */
    readonly follows: boolean
    readonly startsNew: boolean
    readonly acts: RowActs | undefined
}

const WAYS: { readonly [State in ShownMessage['state']]: readonly [sign: string, words: TextKey] | null } = {
    leaving: null,
    waiting: ['○', 'case.message.waiting'],
    'held-up': ['!', 'case.message.heldUp'],
    sending: ['○', 'case.message.sending'],
    sent: ['✓', 'case.message.sent'],
    delivered: ['✓✓', 'case.message.delivered'],
    read: ['✓✓', 'case.message.read'],
    received: null,
}

function Content({ id, content, acts }: { id: string; content: Exclude<ShownMessage['content'], { type: 'turn' }>; acts: RowActs | undefined }) {
    const { t } = useWords()
    switch (content.type) {
        case 'answer':
            return <><AnswerPage answer={content} /><HelpedQuestion answerId={id} /></>
        case 'ask':
            return <AskCard ask={content} onAnswer={acts && ((what) => acts.answer(content.question, what))} />
        case 'consent':
            return <p class="message-text" data-part="consent" data-what={content.what}>{consentIn(t, content.what, content.profession)}</p>
        default:
            return <p class="message-text" dir="auto">{content.text}</p>
    }
}

export function MessageRow({ message, days, startsDay, follows, startsNew, acts }: MessageRowProps) {
    const { t } = useWords()
    const { author, content, left, state } = message
    const way = WAYS[state]
    if (content.type === 'turn') {
        return (
            <li class="message turn" data-message={message.key} data-message-state={state}>
                {startsDay && <p class="message-day">{days.day(message.at)}</p>}
                <p class="message-key">{t('case.newKey')}</p>
            </li>
        )
    }
    return (
        <li class={`message ${author} ${content.type}${follows ? ' follows' : ''}`} data-message={message.key} data-message-state={state}>
            {startsDay && <p class="message-day">{days.day(message.at)}</p>}
            {startsNew && <p class="message-new">{t('case.newMessages')}</p>}
            <article class="bubble">
                <p class={follows ? 'only-heard' : 'message-author'}>
                    <strong>{author === 'reporter' ? t('case.you') : t(message.profession === null ? 'case.expert' : `case.${message.profession}`)}</strong>
                    {message.expertName !== null && <span dir="auto"> {message.expertName}</span>}
                </p>
                <Content id={message.key} content={content} acts={acts} />
                <p class="message-foot">
                    <time dateTime={new Date(message.at * 1_000).toISOString()}>{days.time(message.at)}</time>
                    {way !== null && (
                        <span class="message-way">
                            <span aria-hidden="true">{way[0]} </span>
                            {left !== null && state === 'sending' ? t('case.message.leaving', { ...left }) : t(way[1])}
                        </span>
                    )}
                </p>
            </article>
            {message.leavesAtMs !== null && acts && <LeavesSoon atMs={message.leavesAtMs} undo={() => acts.undo(message.key)} sendNow={() => acts.sendNow(message.key)} />}
        </li>
    )
}
