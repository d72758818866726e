/** What is still open in a text, `{date}`: named, and one press away. */
import { useWords } from '../../ui/parts/words'
import { firstUnfilled, unfilledIn } from '../variables'

interface UnfilledProps {
    readonly text: string
    /** The field the text stands in. */
    readonly fieldOf: (button: HTMLElement) => HTMLTextAreaElement | null
}

export function Unfilled({ text, fieldOf }: UnfilledProps) {
    const { t } = useWords()
    const open = unfilledIn(text)
    if (open.length === 0) return null
    return (
        <p class="unfilled small" data-part="unfilled">
            <span>{t('console.editor.unfilled')}</span>
            {open.map((variable) => (
                <button
                    key={variable} type="button" class="variable" data-variable={variable}
                    onClick={(event) => select(fieldOf(event.currentTarget), variable)}
                >
                    {variable}
                </button>
            ))}
        </p>
    )
}

function select(field: HTMLTextAreaElement | null, variable: string): void {
    if (field === null) return
    const start = field.value.indexOf(variable)
    field.focus()
    field.setSelectionRange(start, start + variable.length)
}

/** Selects the first open place of the composer, so that typing fills it; null when there is none. */
export function focusUnfilled(within: ParentNode | null = document.querySelector('.composer')): HTMLTextAreaElement | null {
    for (const field of within?.querySelectorAll('textarea') ?? []) {
        const open = firstUnfilled(field.value)
        if (open === null) continue
        field.focus()
        field.setSelectionRange(open.start, open.end)
        return field
    }
    return null
}
