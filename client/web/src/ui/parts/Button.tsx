/** A button. `action` is its stable name for tests; it never submits a form unless asked to. */
import type { ComponentChildren } from 'preact'

export interface ButtonProps {
    readonly action: string
    readonly onPress?: () => void
    readonly kind?: 'plain' | 'lead' | 'quiet' | 'grave'
    readonly large?: boolean
    readonly submits?: boolean
    /** Stays focusable and says that it is off; a press does nothing. */
    readonly off?: boolean
    readonly label?: string
    readonly pressed?: boolean
    readonly expanded?: boolean
    readonly className?: string
    readonly children: ComponentChildren
}

export function Button({ action, onPress, kind = 'plain', large = false, submits = false, off = false, label, pressed, expanded, className = '', children }: ButtonProps) {
    return (
        <button
            type={submits && !off ? 'submit' : 'button'}
            class={`button ${kind}${large ? ' large' : ''} ${className}`}
            data-action={action}
            aria-disabled={off ? 'true' : undefined}
            aria-label={label}
            aria-pressed={pressed}
            aria-expanded={expanded}
            onClick={off ? undefined : onPress}
        >
            {children}
        </button>
    )
}
