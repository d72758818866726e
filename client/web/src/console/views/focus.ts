/** Where the focus goes when what had it is gone; else it would fall to the top of the page. */
import { useEffect } from 'preact/hooks'
import type { DialogName } from '../state'

export function focusSelected(): void {
    // A case may have gone to another list by what was done to it.
    (document.querySelector<HTMLElement>('.place[aria-current]') ?? document.querySelector<HTMLElement>('.queue-pane .tab[aria-pressed="true"]'))?.focus()
}

/** A line that was removed, a form that was saved: the dialog's heading is next. */
export function useFocusInDialog(name: DialogName | null): void {
    useEffect(() => {
        const dialog = document.querySelector('dialog[open]')
        if (dialog === null) return undefined
        const kept = new MutationObserver(() => {
            if (!dialog.contains(document.activeElement)) dialog.querySelector('h2')?.focus({ preventScroll: true })
        })
        kept.observe(dialog, { childList: true, subtree: true })
        return () => kept.disconnect()
    }, [name])
}
