/** What is folded on the screen is open on paper, and folded again afterwards. */
import { useEffect } from 'preact/hooks'

export function useOpenOnPaper(): void {
    useEffect(() => {
        let opened: HTMLDetailsElement[] = []
        const open = (): void => {
            opened = [...document.querySelectorAll<HTMLDetailsElement>('details.opens:not([open], .not-printed)')]
            for (const one of opened) one.open = true
        }
        const shut = (): void => {
            for (const one of opened) one.open = false
            opened = []
        }
        addEventListener('beforeprint', open)
        addEventListener('afterprint', shut)
        return () => {
            removeEventListener('beforeprint', open)
            removeEventListener('afterprint', shut)
        }
    }, [])
}
