/**
 * A field for the person's own words.
 *
 * Browsers write typed text to the disk for session restore, and send it to spelling and writing services, unless
 * every field says otherwise.
 */
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

export const PRIVATE_FIELD = {
    autocomplete: 'off', autocorrect: 'off', spellcheck: false, writingsuggestions: 'false', dir: 'auto',
} as const

interface TextFieldProps {
    readonly name: string
    readonly label: ComponentChildren
    readonly labelHidden?: boolean
    readonly hint?: ComponentChildren
    readonly value: string
    readonly onInput: (value: string) => void
    readonly onKeyDown?: (event: KeyboardEvent) => void
    readonly many?: boolean
    readonly rows?: number
    readonly invalid?: boolean
    readonly placeholder?: string
    readonly type?: 'text' | 'password'
    readonly capitalize?: boolean
    readonly fieldRef?: { current: HTMLElement | null }
}

export function TextField({ name, label, labelHidden = false, hint, value, onInput, onKeyDown, many = false, rows = 5, invalid = false, placeholder, type = 'text', capitalize = many, fieldRef }: TextFieldProps) {
    const id = useId()
    const shared = {
        ...PRIVATE_FIELD,
        id, value, placeholder, onKeyDown,
        class: 'input',
        'data-field': name,
        ref: (element: HTMLElement | null) => { if (fieldRef) fieldRef.current = element },
        autocapitalize: capitalize ? 'sentences' as const : 'none' as const,
        'aria-invalid': invalid ? 'true' as const : undefined,
        'aria-describedby': hint ? `${id}-hint` : undefined,
    }
    const onTyped = (event: { currentTarget: { value: string } }) => onInput(event.currentTarget.value)
    return (
        <div class="field">
            <label for={id} class={labelHidden ? 'only-heard' : ''}>{label}</label>
            {hint && <p class="soft small" id={`${id}-hint`}>{hint}</p>}
            {many
                ? <textarea {...shared} rows={rows} onInput={onTyped} />
                : type === 'password'
                    ? <input {...shared} type="password" onInput={onTyped} />
                    : <input {...shared} type="text" onInput={onTyped} />}
        </div>
    )
}
