/** The answer templates that a team writes for itself: read, written, changed, removed and put back. SPEC 3.6 */
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { draw } from '@lyhty/crypto/randomness'
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { Problem } from '../../ui/parts/Problem'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import { LANGUAGES } from '../../i18n/text'
import { ALL_TOPICS } from '../care'
import { codeOf } from '../code-of'
import { ANSWER_PARTS } from '../conversation'
import { LAWYER } from '../places'
import { draftOf, keptDraft, lacks, newTemplate, type ShelfView, type TeamTemplate, type TemplateDraft } from '../shelf'
import type { ConsoleState } from '../state'
import { unfilledIn, VARIABLES } from '../variables'
import { useConsole } from './console-context'
import { named } from './Facts'
import { day } from './times'

const KNOWN = new Set<string>(VARIABLES.map((name) => `{${name}}`))
/** A day to come back on is the writer's to promise. */
const OWN = 'date'
const FILLED = VARIABLES.filter((name) => name !== OWN)

export function Shelf({ state, onShut }: { state: ConsoleState; onShut: () => void }) {
    const { t } = useWords()
    const { work, tell } = useConsole()
    const [said, setSaid] = useState('')
    /** Removed just now. */
    const [gone, setGone] = useState<string | null>(null)
    const draft = keptDraft(state.beside.words.get('shelf'))
    const busy = state.beside.busy.has('shelf')
    const error = state.beside.errors.get('shelf')
    const write = (changed: TemplateDraft | null): void => {
        setSaid('')
        setGone(null)
        tell({ type: 'aside-words', key: 'shelf', text: changed === null ? '' : JSON.stringify(changed) })
    }
    const act = async (task: () => Promise<void>, done: string): Promise<void> => {
        if (busy) return
        setSaid('')
        setGone(null)
        tell({ type: 'aside-busy', key: 'shelf' })
        try {
            await task()
            tell({ type: 'aside-sent', key: 'shelf' })
            setSaid(done)
        } catch (failure) {
            tell({ type: 'aside-failed', key: 'shelf', code: codeOf(failure) })
        }
    }
    const remove = (one: TeamTemplate): void =>
        void act(() => work.shelves.save({ ...draftOf(one), removed: !one.removed }), t(one.removed ? 'console.shelf.putBack' : 'console.shelf.removed', { title: one.title }))
            .then(() => setGone(one.removed ? null : one.id))
    const undone = [...state.beside.shelves.values()].flatMap(({ templates }) => templates).find(({ id, removed }) => id === gone && removed)
    const queues = state.me?.queues ?? []
    const newest = draft === null ? undefined : state.beside.shelves.get(draft.queue)?.templates.find(({ id }) => id === draft.id)
    return (
        <Dialog name="shelf" title={t('console.shelf.title')} onCancel={onShut}>
            <p class="soft">{t('console.shelf.about')}</p>
            {error !== undefined && <Problem code={error} />}
            <p role="status" class={said === '' ? 'only-heard' : 'card lit'}>{busy ? t('console.people.working') : said}</p>
            {undone !== undefined && <div class="actions"><Button action="undo" off={busy} onPress={() => remove(undone)}>{t('console.shelf.undo')}</Button></div>}
            {draft === null
                ? queues.map((queue) => (
                    <Queue
                        key={queue} queue={queue} isOnly={queues.length === 1} view={state.beside.shelves.get(queue)} busy={busy}
                        onWrite={write}
                        onGoOn={() => void act(() => work.shelves.goOn(queue), t('console.shelf.wentOn'))}
                        onRemove={remove}
                    />
                ))
                : (
                    <Form
                        key={draft.id} draft={draft} busy={busy} onChange={write} onLeave={() => write(null)}
                        other={newest !== undefined && newest.version > draft.version ? newest : null}
                        onSave={() => void act(() => work.shelves.save(draft), t('console.shelf.saved', { title: draft.title }))}
                    />
                )}
            <div class="actions"><Button action="cancel" onPress={onShut}>{t('common.close')}</Button></div>
        </Dialog>
    )
}

interface QueueProps {
    readonly queue: number
    readonly isOnly: boolean
    readonly view: ShelfView | undefined
    readonly busy: boolean
    readonly onWrite: (draft: TemplateDraft) => void
    readonly onRemove: (one: TeamTemplate) => void
    readonly onGoOn: () => void
}

function Queue({ queue, isOnly, view, busy, onWrite, onRemove, onGoOn }: QueueProps) {
    const { t, language } = useWords()
    const all = (view?.templates ?? []).toSorted((one, other) => one.title.localeCompare(other.title))
    const [shown, removed] = [all.filter((one) => !one.removed), all.filter((one) => one.removed)]
    const alarm = view?.unreadable ?? view?.alarms[0]
    return (
        <section class="stack tight" data-shelf={queue}>
            {!isOnly && <h3>{t(queue === LAWYER ? 'console.beside.lawyers' : 'console.beside.psychologists')}</h3>}
            {alarm !== undefined && (
                <>
                    <Problem code={alarm}><strong>{t('console.alarm.tellCoordinator')}</strong></Problem>
                    <p>{t('console.shelf.alarm')}</p>
                    <div class="actions"><Button action="go-on" off={busy} onPress={onGoOn}>{t('console.shelf.goOn')}</Button></div>
                </>
            )}
            {view === undefined && <p class="soft" role="status">{t('common.loading')}</p>}
            {view !== undefined && shown.length === 0 && <p class="soft">{t('console.shelf.nothing')}</p>}
            <ul class="people">
                {shown.map((one) => (
                    <li key={one.id} class="card stack tight" data-template={one.title}>
                        <About one={one} />
                        <div class="actions">
                            <Button action="change" off={busy} onPress={() => onWrite(draftOf(one))}>{t('console.shelf.change')}</Button>
                            <Button action="remove" kind="quiet" off={busy} onPress={() => onRemove(one)}>{t('console.shelf.remove')}</Button>
                        </div>
                    </li>
                ))}
            </ul>
            {removed.length > 0 && (
                <details data-part="removed">
                    <summary>{t('console.shelf.removedOnes', { count: removed.length })}</summary>
                    <ul class="people">
                        {removed.map((one) => (
                            <li key={one.id} class="card stack tight" data-template={one.title}>
                                <About one={one} />
                                <div class="actions"><Button action="put-back" off={busy} onPress={() => onRemove(one)}>{t('console.shelf.undo')}</Button></div>
                            </li>
                        ))}
                    </ul>
                </details>
            )}
            {view?.unreadable === null && (
                <div class="actions"><Button action="write" kind="lead" off={busy} onPress={() => onWrite(newTemplate(draw(16), queue, language))}>{t('console.shelf.write')}</Button></div>
            )}
        </section>
    )
}

function About({ one }: { one: TeamTemplate }) {
    const { t, language } = useWords()
    const [first] = Object.values(one.parts)
    return (
        <div>
            <strong dir="auto">{one.title}</strong>
            <p class="soft small">{[t(`language.${one.language}`), ...(one.topic === null ? [] : [named(t, 'topics', one.topic)]), t('console.shelf.by', { name: one.writer, day: day(one.at, language) })].join(' · ')}</p>
            <p class="small found-text" dir="auto">{first}</p>
        </div>
    )
}

interface FormProps {
    readonly draft: TemplateDraft
    /** What somebody else has written of it meanwhile. */
    readonly other: TeamTemplate | null
    readonly busy: boolean
    readonly onChange: (draft: TemplateDraft) => void
    readonly onSave: () => void
    readonly onLeave: () => void
}

function Form({ draft, other, busy, onChange, onSave, onLeave }: FormProps) {
    const { t } = useWords()
    const id = useId()
    const [tried, setTried] = useState(false)
    const form = useRef<HTMLFormElement>(null)
    useLayoutEffect(() => form.current?.querySelector<HTMLElement>('[data-field="title"]')?.focus(), [])
    const lacking = tried ? lacks(draft) : null
    const unknown = unfilledIn([draft.plain, draft.ticks, ...Object.values(draft.parts)].join('\n')).filter((variable) => !KNOWN.has(variable))
    const save = (): void => {
        setTried(true)
        const missing = lacks(draft)
        if (missing === null) return onSave()
        form.current?.querySelector<HTMLElement>(missing === 'title' ? '[data-field="title"]' : '[data-part]')?.focus()
    }
    return (
        <form ref={form} class="stack tight" data-part="template" onSubmit={(event) => { event.preventDefault(); save() }}>
            <h3>{t(draft.version === 0 ? 'console.shelf.write' : 'console.shelf.change')}</h3>
            {other !== null && (
                <section class="card lit stack tight" role="alert" data-part="other">
                    <p>{t('console.shelf.changedMeanwhile', { name: other.writer })}</p>
                    {other.removed && <p>{t('console.shelf.removed', { title: other.title })}</p>}
                    {ANSWER_PARTS.filter((part) => other.parts[part] !== undefined).map((part) => (
                        <p key={part} class="own-words" dir="auto"><strong>{t(`console.editor.part.${part}.label`)}</strong>{'\n'}{other.parts[part]}</p>
                    ))}
                    <div class="actions">
                        <Button action="theirs" onPress={() => onChange(draftOf(other))}>{t('console.shelf.takeTheirs')}</Button>
                        <Button action="mine" onPress={() => onChange({ ...draft, version: other.version })}>{t('console.shelf.keepMine')}</Button>
                    </div>
                </section>
            )}
            <div class="field">
                <label for={`${id}-title`}>{t('console.shelf.name')}</label>
                <input {...PRIVATE_FIELD} id={`${id}-title`} class="input" data-field="title" maxLength={120} aria-invalid={lacking === 'title'} value={draft.title} onInput={(event) => onChange({ ...draft, title: event.currentTarget.value })} />
                {lacking === 'title' && <p role="alert">{t('console.shelf.noTitle')}</p>}
            </div>
            <div class="field">
                <label for={`${id}-language`}>{t('console.shelf.language')}</label>
                <select id={`${id}-language`} class="input" autocomplete="off" data-field="language" value={draft.language} onChange={(event) => onChange({ ...draft, language: LANGUAGES.find((one) => one === event.currentTarget.value) ?? draft.language })}>
                    {LANGUAGES.map((one) => <option key={one} value={one}>{t(`language.${one}`)}</option>)}
                </select>
            </div>
            <div class="field">
                <label for={`${id}-topic`}>{t('console.shelf.topic')}</label>
                <select id={`${id}-topic`} class="input" autocomplete="off" data-field="topic" value={draft.topic ?? ''} onChange={(event) => onChange({ ...draft, topic: event.currentTarget.value === '' ? null : event.currentTarget.value })}>
                    <option value="">{t('console.shelf.anyTopic')}</option>
                    {ALL_TOPICS.map((one) => <option key={one} value={one}>{named(t, 'topics', one)}</option>)}
                </select>
            </div>
            <p class="soft small">{t('console.shelf.noCase')}</p>
            <p class="soft small">{t('console.shelf.variables', { names: FILLED.map((name) => `{${name}} = ${t(`console.shelf.variable.${name}`)}`).join(', '), own: `{${OWN}}` })}</p>
            {(['plain', 'ticks'] as const).map((top) => (
                <div key={top} class="field">
                    <label for={`${id}-${top}`}>{t(`console.editor.${top}.label`)}</label>
                    <textarea {...PRIVATE_FIELD} id={`${id}-${top}`} class="input" rows={2} data-top={top} value={draft[top]} onInput={(event) => onChange({ ...draft, [top]: event.currentTarget.value })} />
                </div>
            ))}
            {lacking === 'parts' && <p role="alert">{t('console.shelf.noParts')}</p>}
            {ANSWER_PARTS.map((part) => (
                <div key={part} class="field">
                    <label for={`${id}-${part}`}>{t(`console.editor.part.${part}.label`)}</label>
                    <textarea {...PRIVATE_FIELD} id={`${id}-${part}`} class="input" rows={2} data-part={part} maxLength={10_000} aria-invalid={lacking === 'parts'} value={draft.parts[part] ?? ''} onInput={(event) => onChange({ ...draft, parts: { ...draft.parts, [part]: event.currentTarget.value } })} />
                </div>
            ))}
            {unknown.length > 0 && <p role="status">{t('console.shelf.unknown', { names: unknown.join(' ') })}</p>}
            <div class="actions">
                <Button action="save-template" kind="lead" submits off={busy || other !== null}>{t('console.shelf.save')}</Button>
                <Button action="leave-template" onPress={onLeave}>{t('console.shelf.leave')}</Button>
            </div>
        </form>
    )
}
