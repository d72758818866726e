/** Where an answer is written: seven parts in a fixed order, or a short message below the conversation. */
import { memo } from 'preact/compat'
import { useCallback, useId } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import type { AnswerPart } from '../../session/types'
import { useWords } from '../../ui/parts/words'
import { ANSWER_PARTS } from '../conversation'
import type { Place } from '../places'
import { isWritten } from '../questions'
import { NO_DRAFT, type ConsoleState, type ReplyDraft, type ReplyMode } from '../state'
import { useConsole } from './console-context'
import { Preview } from './Preview'

const MODES: readonly (readonly [ReplyMode, 'console.editor.tab.answer' | 'console.editor.tab.message'])[] = [
    ['answer', 'console.editor.tab.answer'], ['chat', 'console.editor.tab.message'],
]

/** Its parts stand in the grid of `.held`, beside or below the conversation. */
export function Composer({ state, place }: { state: ConsoleState; place: Place }) {
    const { t } = useWords()
    const { work, tell, current } = useConsole()
    const draft = state.drafts.get(place.key) ?? NO_DRAFT
    const sending = state.busy.get(place.key) === 'sending'
    const write = useCallback((change: (draft: ReplyDraft) => Partial<ReplyDraft>): void => {
        const written = current().drafts.get(place.key) ?? NO_DRAFT
        tell({ type: 'draft', key: place.key, draft: { ...written, ...change(written) } })
    }, [place.key, tell, current])
    const writePart = useCallback((part: AnswerPart, text: string) => write(({ parts }) => ({ parts: { ...parts, [part]: text } })), [write])
    return (
        <form class="composer" aria-label={t('console.action.reply')} onSubmit={(event) => { event.preventDefault(); work.send(place.key) }}>
            <div class="modes">
                <div class="tabs" role="group" aria-label={t('console.editor.tabs')}>
                    {MODES.map(([mode, label]) => (
                        <button key={mode} type="button" class="tab" data-mode={mode} aria-pressed={draft.mode === mode} aria-disabled={sending ? 'true' : undefined} onClick={() => sending || write(() => ({ mode }))}>
                            {t(label)}
                        </button>
                    ))}
                </div>
                {draft.mode === 'answer' && (
                    <button type="button" class="tab see" data-action="preview" aria-pressed={state.preview} onClick={() => tell({ type: 'preview', on: !state.preview })}>
                        {t('console.preview.title')} <kbd>P</kbd>
                    </button>
                )}
            </div>
            <div class="composer-fields">
                {draft.mode === 'answer'
                    ? (
                        <>
                            <p class="soft small">{t('console.editor.intro')}</p>
                            {ANSWER_PARTS.map((part) => (
                                <PartField key={part} part={part} value={draft.parts[part] ?? ''} locked={sending} onInput={writePart} />
                            ))}
                        </>
                    )
                    : <ChatField value={draft.chat} locked={sending} onInput={(chat) => write(() => ({ chat }))} />}
            </div>
            {draft.mode === 'answer' && state.preview && <Preview state={state} place={place} />}
            <div class="composer-foot">
                <p class="soft small" role="status">{sending && state.connection === 'lost' && t('console.editor.waiting')}</p>
                {!sending && isWritten(draft) && <p class="soft small" data-part="kept">{keptText()}</p>}
                <Button action="send" kind="lead" submits off={sending}>
                    {sending ? t('console.editor.sending') : t('console.editor.send')} <kbd>Ctrl + Enter</kbd>
                </Button>
            </div>
        </form>
    )

    function keptText(): string {
        if (!state.keeps) return t('console.editor.notKept')
        return state.kept.get(place.key) === draft ? t('console.editor.kept') : ''
    }
}

interface PartProps {
    readonly part: AnswerPart
    readonly value: string
    readonly locked: boolean
    readonly onInput: (part: AnswerPart, text: string) => void
}

/** Writing in one part does not draw the other six. */
const PartField = memo(({ part, value, locked, onInput }: PartProps) => {
    const { t } = useWords()
    const id = useId()
    return (
        <details class="part" open>
            <summary>
                <span id={`${id}-label`}>{t(`console.editor.part.${part}.label`)}</span>
                {value.trim() !== '' && <span class="written">{t('console.editor.written')}</span>}
            </summary>
            <p class="soft small" id={`${id}-hint`}>{t(`console.editor.part.${part}.hint`)}</p>
            <textarea
                {...PRIVATE_FIELD} class="input" rows={2} data-part={part} aria-labelledby={`${id}-label`} aria-describedby={`${id}-hint`}
                value={value} readOnly={locked} onInput={(event) => onInput(part, event.currentTarget.value)}
            />
        </details>
    )
})

interface ChatProps { readonly value: string; readonly locked: boolean; readonly onInput: (text: string) => void }

function ChatField({ value, locked, onInput }: ChatProps) {
    const { t } = useWords()
    const id = useId()
    return (
        <div class="field">
            <label class="only-heard" for={id}>{t('console.editor.messageLabel')}</label>
            <textarea
                {...PRIVATE_FIELD} id={id} class="input" rows={2} data-field="chat" placeholder={t('console.editor.messageLabel')}
                value={value} readOnly={locked} onInput={(event) => onInput(event.currentTarget.value)}
            />
        </div>
    )
}
