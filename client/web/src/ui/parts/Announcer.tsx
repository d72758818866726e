/** A polite live region: what it holds is read out when it changes, without moving the focus. */
import type { ComponentChildren } from 'preact'

export function Announcer({ children, shown = false }: { children: ComponentChildren; shown?: boolean }) {
    return <div role="status" aria-live="polite" class={shown ? '' : 'only-heard'}>{children}</div>
}
