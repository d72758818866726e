/**
 * How the page is left: at once when the person says so, never by accident.
 *
 * Back must not restore the page and what was typed, so the exit takes the place of this visit's first entry in the
 * browser's history, and the page is blank before anything else happens.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { BEHIND, showBehind } from './quietExit'

const PRESSES_TO_EXIT = 3
const PRESSES_WITHIN_MS = 5_000
/** If the browser does not go back through its history by then, it leaves from where it is. */
const HISTORY_PATIENCE_MS = 150

let exiting = false

/** From the press of the exit on: nothing may be added to the browser's history any more. */
export const isExiting = (): boolean => exiting

/** Blanks the page, lets `forget` wipe what is in memory, and lands on a page that says nothing of this one. */
export function exitNow(depth: number, forget: () => void): void {
    exiting = true
    document.body.replaceChildren()
    try {
        forget()
    } finally {
        // Without the page at hand the network has to bring it.
        const depart = showBehind() ? () => history.replaceState(null, '', BEHIND) : () => location.replace(BEHIND)
        if (depth > 0) {
            // Not at once: inside popstate Firefox adds an entry instead of replacing the one it has come to.
            addEventListener('popstate', () => setTimeout(depart), { once: true })
            setTimeout(depart, HISTORY_PATIENCE_MS)
            history.go(-depth)
        } else {
            depart()
        }
    }
}

/** Asks before the tab is closed or reloaded while something would be lost. */
export function useCloseGuard(on: boolean): void {
    // Before the next paint: the tab may be closed right after the first letter.
    useLayoutEffect(() => {
        if (!on) return
        const ask = (event: BeforeUnloadEvent) => { if (!exiting) event.preventDefault() }
        addEventListener('beforeunload', ask)
        return () => removeEventListener('beforeunload', ask)
    }, [on])
}

/** Counts presses of Shift alone; a Shift that makes a capital letter does not count. Returns the count so far. */
export function useShiftExit(exit: () => void): number {
    const [presses, setPresses] = useState(0)
    const leave = useRef(exit)
    leave.current = exit
    useEffect(() => {
        let count = 0
        let alone = false
        let timer: ReturnType<typeof setTimeout> | undefined
        const set = (next: number) => { count = next; setPresses(next) }
        const onDown = (event: KeyboardEvent) => {
            if (event.repeat) return
            alone = event.key === 'Shift'
            if (!alone && count > 0) set(0)
        }
        const onUp = (event: KeyboardEvent) => {
            if (event.key !== 'Shift' || !alone) return
            alone = false
            if (count === 0) {
                clearTimeout(timer)
                timer = setTimeout(() => set(0), PRESSES_WITHIN_MS)
            }
            if (count + 1 < PRESSES_TO_EXIT) set(count + 1)
            else leave.current()
        }
        addEventListener('keydown', onDown, true)
        addEventListener('keyup', onUp, true)
        return () => {
            clearTimeout(timer)
            removeEventListener('keydown', onDown, true)
            removeEventListener('keyup', onUp, true)
        }
    }, [])
    return presses
}
