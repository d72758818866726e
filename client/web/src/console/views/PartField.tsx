/** One part of an answer. A slash at its beginning offers templates. */
import { memo } from 'preact/compat'
import { useId, useRef, useState } from 'preact/hooks'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import type { AnswerPart } from '../../session/types'
import { searchTemplates, type Template } from '../answering/templates'
import { SearchList } from './SearchList'
import { day } from './times'
import { focusUnfilled, Unfilled } from './Unfilled'

interface PartProps {
    readonly part: AnswerPart
    readonly value: string
    readonly topic: string | null
    /** Null until they are here. */
    readonly templates: readonly Template[] | null
    readonly onInput: (part: AnswerPart, text: string) => void
    readonly onTemplate: (part: AnswerPart, template: Template, whole: boolean) => void
}

/** Writing in one part does not draw the other six. */
export const PartField = memo(({ part, value, topic, templates, onInput, onTemplate }: PartProps) => {
    const { t } = useWords()
    const id = useId()
    const field = useRef<HTMLTextAreaElement>(null)
    const [picking, setPicking] = useState(false)
    const onKeyDown = (event: KeyboardEvent): void => {
        const { current } = field
        if (event.key !== '/' || event.isComposing || event.ctrlKey || event.metaKey || templates === null || current === null) return
        // Only where the part begins: further on a slash is a slash.
        if (current.selectionEnd > 0 && current.value.slice(0, current.selectionStart).trim() !== '') return
        event.preventDefault()
        setPicking(true)
    }
    const take = (taken: string, whole: boolean): void => {
        const template = templates?.find((each) => each.id === taken)
        setPicking(false)
        if (template === undefined) return
        onTemplate(part, template, whole)
        requestAnimationFrame(() => {
            if (focusUnfilled(field.current?.closest('.part')) === null) field.current?.focus()
        })
    }
    const leave = (typed: string): void => {
        setPicking(false)
        if (typed !== '') onInput(part, typed + value)
        field.current?.focus()
    }
    return (
        <details class="part" open>
            <summary>
                <span id={`${id}-label`}>{t(`console.editor.part.${part}.label`)}</span>
                {value.trim() !== '' && <span class="written">{t('console.editor.written')}</span>}
            </summary>
            <p class="soft small" id={`${id}-hint`}>{t(`console.editor.part.${part}.hint`)}</p>
            <textarea
                {...PRIVATE_FIELD} ref={field} class="input" rows={2} data-part={part} aria-labelledby={`${id}-label`} aria-describedby={`${id}-hint`}
                value={value} onInput={(event) => onInput(part, event.currentTarget.value)} onKeyDown={onKeyDown}
            />
            {picking && templates !== null && (
                <SearchList
                    name="templates" label={t('console.templates.label')} hint={t('console.templates.hint')} atOnce onTake={take} onLeave={leave}
                    search={(words) => searchTemplates(templates, part, words, topic).map(({ id: found, title, parts, team }) => ({ id: found, title, text: parts[part] ?? '', mark: team && <TeamMark {...team} /> }))}
                />
            )}
            <Unfilled text={value} fieldOf={() => field.current} />
        </details>
    )
})

function TeamMark({ writer, at }: NonNullable<Template['team']>) {
    const { t, language } = useWords()
    return <span class="soft small" data-mark="team">{t('console.shelf.ofTeam')} · {t('console.shelf.by', { name: writer, day: day(at, language) })}</span>
}
