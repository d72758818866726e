/** Where an answer is written: its top layer, seven parts in a fixed order and the law; or a short message below the conversation. */
import { useCallback, useEffect, useId, useMemo, useRef } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import type { AnswerPart } from '../../session/types'
import { useWords } from '../../ui/parts/words'
import { templatesFor, withTemplate, type Template } from '../answering/templates'
import { ANSWER_PARTS } from '../conversation'
import type { Place } from '../places'
import { isWritten, professionOf } from '../questions'
import { readersLanguage, valuesFor } from '../reader'
import { offered } from '../shelf'
import { NO_DRAFT, type ConsoleState, type ReplyDraft, type ReplyMode } from '../state'
import { Assessment } from './Assessment'
import { useBooks } from './books-context'
import { useConsole } from './console-context'
import { PartField } from './PartField'
import { Preview } from './Preview'
import { sendFrom } from './sending'
import { TopField, type TopName } from './TopFields'
import { Unfilled } from './Unfilled'

const MODES: readonly (readonly [ReplyMode, 'console.editor.tab.answer' | 'console.editor.tab.message'])[] = [
    ['answer', 'console.editor.tab.answer'], ['chat', 'console.editor.tab.message'],
]

/** Its parts stand in the grid of `.held`, beside or below the conversation. */
export function Composer({ state, place }: { state: ConsoleState; place: Place }) {
    const { t } = useWords()
    const { work, tell, current } = useConsole()
    const draft = state.drafts.get(place.key) ?? NO_DRAFT
    const form = useRef<HTMLFormElement>(null)
    // The words are back: so is whoever took them back.
    useEffect(() => {
        const isNowhere = document.activeElement === null || document.activeElement === document.body
        const written = [...form.current?.querySelectorAll('textarea') ?? []].find(({ value }) => value !== '')
        if (state.news.what === 'undone' && isNowhere) written?.focus()
    }, [])
    const write = useCallback((change: (draft: ReplyDraft) => Partial<ReplyDraft>): void => {
        const written = current().drafts.get(place.key) ?? NO_DRAFT
        tell({ type: 'draft', key: place.key, draft: { ...written, ...change(written) } })
    }, [place.key, tell, current])
    return (
        <form class="composer" ref={form} aria-label={t('console.action.reply')} onSubmit={(event) => { event.preventDefault(); sendFrom(work, place.key) }}>
            <div class="modes">
                <div class="tabs" role="group" aria-label={t('console.editor.tabs')}>
                    {MODES.map(([mode, label]) => (
                        <button key={mode} type="button" class="tab" data-mode={mode} aria-pressed={draft.mode === mode} onClick={() => write(() => ({ mode }))}>
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
                    ? <AnswerFields state={state} place={place} draft={draft} write={write} />
                    : <ChatField value={draft.chat} onInput={(chat) => write(() => ({ chat }))} />}
            </div>
            {draft.mode === 'answer' && state.preview && <Preview state={state} place={place} />}
            <div class="composer-foot">
                {isWritten(draft) && <p class="soft small" data-part="kept">{keptText()}</p>}
                <Button action="send" kind="lead" submits off={state.shown !== place.key}>
                    {t('console.editor.send')} <kbd>Ctrl + Enter</kbd>
                </Button>
            </div>
        </form>
    )

    function keptText(): string {
        if (!state.keeps) return t('console.editor.notKept')
        return state.kept.get(place.key) === draft ? t('console.editor.kept') : ''
    }
}

interface AnswerFieldsProps {
    readonly state: ConsoleState
    readonly place: Place
    readonly draft: ReplyDraft
    readonly write: (change: (draft: ReplyDraft) => Partial<ReplyDraft>) => void
}

function AnswerFields({ state, place, draft, write }: AnswerFieldsProps) {
    const { t } = useWords()
    const { current } = useConsole()
    const books = useBooks()
    const profession = professionOf(place)
    const reader = readersLanguage(state, place)
    const topic = state.cards.get(place.key)?.facts?.topic ?? null
    const shelf = state.beside.shelves.get(place.queue)
    const templates = useMemo(
        () => (books === null || profession === null ? null : [...offered(shelf, reader), ...templatesFor(books.TEMPLATES, profession, reader, state.language)]),
        [books, profession, reader, state.language, shelf],
    )
    const writeTop = useCallback((name: TopName, text: string) => write(() => ({ [name]: text })), [write])
    const writePart = useCallback((part: AnswerPart, text: string) => write(({ parts }) => ({ parts: { ...parts, [part]: text } })), [write])
    const takeTemplate = useCallback((part: AnswerPart, template: Template, whole: boolean) => {
        write((written) => withTemplate(written, template, part, valuesFor(current(), place), whole))
    }, [write, current, place.key])
    return (
        <>
            <p class="soft small">{t('console.editor.intro')} {t('console.templates.how')}</p>
            {(['plain', 'ticks'] as const).map((name) => (
                <TopField key={name} name={name} value={draft[name]} onInput={writeTop} />
            ))}
            {ANSWER_PARTS.map((part) => (
                <PartField
                    key={part} part={part} value={draft.parts[part] ?? ''} topic={topic} templates={templates}
                    onInput={writePart} onTemplate={takeTemplate}
                />
            ))}
            {profession === 'lawyer' && (
                <Assessment
                    rows={draft.assessment} topic={topic} reader={reader} nowS={state.nowS}
                    onChange={(assessment) => write(() => ({ assessment }))}
                />
            )}
        </>
    )
}

interface ChatProps { readonly value: string; readonly onInput: (text: string) => void }

function ChatField({ value, onInput }: ChatProps) {
    const { t } = useWords()
    const id = useId()
    return (
        <div class="field">
            <label class="only-heard" for={id}>{t('console.editor.messageLabel')}</label>
            <textarea
                {...PRIVATE_FIELD} id={id} class="input" rows={2} data-field="chat" placeholder={t('console.editor.messageLabel')}
                value={value} onInput={(event) => onInput(event.currentTarget.value)}
            />
            <Unfilled text={value} fieldOf={(button) => button.closest('.field')?.querySelector('textarea') ?? null} />
        </div>
    )
}
