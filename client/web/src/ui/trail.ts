/**
 * The browser's Back button between views, without a trace of them.
 *
 * Every entry of the browser's history has the same address and title; its state is only a number. Which view a number
 * stands for is known in memory alone.
 */
import { useLayoutEffect, useRef } from 'preact/hooks'
import { isExiting } from './leaving'
import type { View } from './state'

/** Views that take the place of the one before: Back does not lead to a finished step. */
const REPLACING: readonly View[] = ['sending', 'sent', 'case', 'erased', 'stop']

export interface Trail {
    /** One view back, by the browser's own history when that is what lies there. */
    readonly back: (to: View) => void
    /** How many entries this visit has added before the current one. */
    readonly depth: () => number
}

export function useTrail(view: View, go: (to: View) => void, popped: (to: View) => void): Trail {
    const views = useRef<View[]>(['home'])
    const at = useRef(0)
    const shown = useRef(view)
    const poppedAt = useRef<number | null>(null)
    const handler = useRef(popped)
    handler.current = popped

    useLayoutEffect(() => {
        history.replaceState({ at: 0 }, '')
        const onPop = (event: PopStateEvent) => {
            const to: unknown = event.state?.at
            at.current = typeof to === 'number' ? to : 0
            poppedAt.current = at.current
            handler.current(views.current[at.current] ?? 'home')
        }
        addEventListener('popstate', onPop)
        return () => removeEventListener('popstate', onPop)
    }, [])

    // After every render: the browser's entry and the view agree again.
    useLayoutEffect(() => {
        // Wiping the screens would add an entry, and Firefox then gives up walking back through the others.
        if (isExiting()) return
        const wasPop = poppedAt.current !== null
        const before = shown.current
        poppedAt.current = null
        shown.current = view
        if (views.current[at.current] === view) return
        const refused = wasPop && before === view
        if (!refused && (wasPop || REPLACING.includes(view))) {
            views.current[at.current] = view
            return
        }
        at.current += 1
        views.current = [...views.current.slice(0, at.current), view]
        history.pushState({ at: at.current }, '')
    })

    return {
        back: (to) => (views.current[at.current - 1] === to ? history.back() : go(to)),
        depth: () => at.current,
    }
}
