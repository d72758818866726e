/** Where the reader stands in the conversation: what is in sight, and that it stays where it is. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ShownMessage } from '../session/types'

interface Keyed {
    readonly key: string
}

type List = { readonly current: HTMLOListElement | null }

/** Below this much of the window stands the field to write in. */
const FOOT_PX = 96

const isInSight = (row: Element | null | undefined): boolean => {
    const box = row?.getBoundingClientRect()
    return box !== undefined && box.top < innerHeight - FOOT_PX && box.bottom > 0
}

/**
 * Whether the newest message is in sight. `onSeen` hears whether it is also before somebody's eyes, as far as a page can
 * know: whenever that changes.
 */
export function useSight(messages: readonly ShownMessage[], list: List, onSeen: ((isSeen: boolean) => void) | undefined): boolean {
    const [inSight, setInSight] = useState(true)
    const told = useRef<string | null>(null)
    const look = useRef(() => undefined as void)
    look.current = () => {
        const now = isInSight(list.current?.lastElementChild)
        setInSight(now)
        const seen = now && document.visibilityState === 'visible' ? messages.at(-1)?.key ?? null : null
        if (seen === told.current) return
        told.current = seen
        onSeen?.(seen !== null)
    }
    useEffect(() => { look.current() }, [messages])
    useEffect(() => {
        const again = () => look.current()
        const places = [[window, 'scroll'], [window, 'resize'], [document, 'visibilitychange']] as const
        for (const [target, name] of places) target.addEventListener(name, again, { passive: true })
        return () => {
            for (const [target, name] of places) target.removeEventListener(name, again)
            if (told.current !== null) onSeen?.(false)
        }
    }, [])
    return inSight
}

/** The box that scrolls with this list in it, or the window. */
function scrollerOf(list: Element | null): Element | Window {
    for (let box = list?.parentElement ?? null; box !== null; box = box.parentElement) {
        if (box.scrollHeight > box.clientHeight && ['auto', 'scroll'].includes(getComputedStyle(box).overflowY)) return box
    }
    return window
}

/** When older messages come in above, what is being read stays where it is. */
export function useKeptPlace(messages: readonly Keyed[], list: List): void {
    const first = useRef(messages[0]?.key)
    const kept = useRef<{ readonly row: Element; readonly top: number } | null>(null)
    if (first.current !== messages[0]?.key) {
        // While this is drawn, the page still shows what was before.
        const scroller = scrollerOf(list.current)
        const edge = scroller instanceof Element ? scroller.getBoundingClientRect().top : 0
        const row = [...list.current?.children ?? []].find((one) => one.getBoundingClientRect().bottom > edge)
        kept.current = row === undefined ? null : { row, top: row.getBoundingClientRect().top }
        first.current = messages[0]?.key
    }
    useLayoutEffect(() => {
        if (kept.current === null) return
        const { row, top } = kept.current
        kept.current = null
        const moved = row.getBoundingClientRect().top - top
        if (moved !== 0) scrollerOf(list.current).scrollBy({ top: moved, behavior: 'instant' })
    }, [messages])
}

/**
 * The newest comes into sight from its first line on: on opening (or then the first that is new), after an own message,
 * and when it follows what was in sight. Who reads further up is not moved.
 */
export function useNewestInSight(messages: readonly ShownMessage[], list: List, wasInSight: boolean, line: string | null): void {
    const newest = messages.at(-1)
    const isFirst = useRef(true)
    useEffect(() => {
        const follows = isFirst.current || newest?.author === 'reporter' || (wasInSight && document.visibilityState === 'visible')
        const nth = isFirst.current && line !== null ? messages.findIndex(({ key }) => key === line) : messages.length - 1
        isFirst.current = false
        if (messages.length > 1 && follows) list.current?.children[nth]?.scrollIntoView({ block: 'start' })
    }, [newest?.key])
}

/** The first message that is new since somebody last looked; it keeps its line until the next ones, or an own message. */
export function useNewLine(messages: readonly ShownMessage[], wasInSight: boolean): string | null {
    const line = useRef<string | null>(null)
    const isFirst = useRef(true)
    const firstNew = messages.find(({ isNew }) => isNew)?.key
    const isStillNew = messages.some(({ key, isNew }) => isNew && key === line.current)
    if (messages.at(-1)?.author === 'reporter') line.current = null
    else if (firstNew !== undefined && !isStillNew && (isFirst.current || !wasInSight || document.visibilityState !== 'visible')) line.current = firstNew
    useEffect(() => { isFirst.current = false }, [])
    return line.current
}
