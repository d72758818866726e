/** Asked once more, where the button was: what will happen, and the answers. The focus comes along, and goes back. */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

interface AskingProps {
    readonly part: string
    readonly label: string
    /** The action of the button that was pressed. */
    readonly opener: string
    readonly children: ComponentChildren
}

export function Asking({ part, label, opener, children }: AskingProps) {
    const group = useRef<HTMLDivElement>(null)
    useLayoutEffect(() => {
        const around = group.current?.parentElement
        group.current?.focus()
        return () => void requestAnimationFrame(() => around?.querySelector<HTMLElement>(`[data-action="${opener}"]`)?.focus())
    }, [])
    return <div class="stack tight" role="group" tabIndex={-1} aria-label={label} data-part={part} ref={group}>{children}</div>
}
