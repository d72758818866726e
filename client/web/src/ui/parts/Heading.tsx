/** The heading of a view. It takes the focus when the view opens, so that a screen reader starts there. */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

export function Heading({ children, quiet = false }: { children: ComponentChildren; quiet?: boolean }) {
    const heading = useRef<HTMLHeadingElement>(null)
    useLayoutEffect(() => {
        window.scrollTo(0, 0)
        if (!quiet) heading.current?.focus({ preventScroll: true })
    }, [])
    return <h1 tabIndex={-1} ref={heading}>{children}</h1>
}
