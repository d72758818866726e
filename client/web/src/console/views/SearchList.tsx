/** A field one types into and a list below it: arrows choose, Enter takes, Escape leaves. The focus stays in the field. */
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'

export interface Found {
    readonly id: string
    readonly title: string
    readonly text: string
    readonly mark?: ComponentChildren
}

interface SearchListProps {
    readonly name: string
    readonly label: string
    readonly hint: string
    readonly search: (words: string) => readonly Found[]
    /** `more`: with Shift held. */
    readonly onTake: (id: string, more: boolean) => void
    readonly onLeave: (typed: string) => void
    /** Whether it was opened to be typed into at once. */
    readonly atOnce?: boolean
}

export function SearchList({ name, label, hint, search, onTake, onLeave, atOnce = false }: SearchListProps) {
    const { t } = useWords()
    const id = useId()
    const field = useRef<HTMLInputElement>(null)
    const list = useRef<HTMLUListElement>(null)
    const [words, setWords] = useState('')
    const [at, setAt] = useState(0)
    const found = search(words)
    const chosen = Math.min(at, found.length - 1)
    useLayoutEffect(() => {
        if (!atOnce) return
        field.current?.focus({ preventScroll: true })
        field.current?.closest('.search-list')?.scrollIntoView({ block: 'nearest' })
    }, [])
    useLayoutEffect(() => { list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' }) }, [chosen, words])
    const take = (nth: number, more: boolean): void => {
        const taken = found[nth]
        if (taken === undefined) return
        setWords('')
        setAt(0)
        onTake(taken.id, more)
    }
    const onKeyDown = (event: KeyboardEvent): void => {
        if (event.isComposing) return
        const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }
        const step = steps[event.key]
        if (step !== undefined) setAt((Math.max(chosen, 0) + step + found.length) % Math.max(found.length, 1))
        else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) take(chosen, event.shiftKey)
        else if (event.key === 'Escape') onLeave('')
        // A second slash was meant as one.
        else if (event.key === '/' && words === '') onLeave('/')
        else return
        event.preventDefault()
        event.stopPropagation()
    }
    return (
        <div class="search-list" data-search={name}>
            <label class="small" for={id}>{label}</label>
            <input
                {...PRIVATE_FIELD} ref={field} id={id} class="input" type="text" role="combobox" autocapitalize="none"
                aria-expanded="true" aria-controls={`${id}-list`} aria-autocomplete="list" aria-describedby={`${id}-hint`}
                aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
                value={words} onInput={(event) => { setWords(event.currentTarget.value); setAt(0) }} onKeyDown={onKeyDown}
            />
            <p class="soft small" id={`${id}-hint`}>{hint}</p>
            <ul ref={list} id={`${id}-list`} role="listbox" aria-label={label} tabIndex={-1}>
                {found.map((each, nth) => (
                    <li
                        key={each.id} id={`${id}-${nth}`} role="option" aria-selected={nth === chosen} data-found={each.id}
                        // The field keeps the focus.
                        onMouseDown={(event) => event.preventDefault()} onClick={(event) => take(nth, event.shiftKey)}
                    >
                        <strong>{each.title}</strong> {each.mark}
                        <span class="found-text small">{each.text}</span>
                    </li>
                ))}
            </ul>
            <p class="small soft" role="status">{found.length === 0 ? t('console.search.nothing') : ''}</p>
        </div>
    )
}
