/** A question above the page. Escape means the same as the first, safe answer. */
import type { ComponentChildren } from 'preact'
import { createContext } from 'preact'
import { useContext, useId, useLayoutEffect, useRef } from 'preact/hooks'
import { DialogExit } from './Exit'

/** What marks every dialog of a part of the page. */
export const MarkContext = createContext<ComponentChildren>(null)

interface DialogProps {
    readonly name: string
    readonly title: string
    readonly onCancel: () => void
    readonly children: ComponentChildren
}

export function Dialog({ name, title, onCancel, children }: DialogProps) {
    const dialog = useRef<HTMLDialogElement>(null)
    const heading = useRef<HTMLHeadingElement>(null)
    const id = useId()
    useLayoutEffect(() => {
        const element = dialog.current
        element?.showModal()
        // Not the first button: a key pressed too early must not decide anything.
        heading.current?.focus()
        return () => element?.close()
    }, [])
    return (
        <dialog class="dialog" ref={dialog} aria-labelledby={id} data-dialog={name} onCancel={(event) => { event.preventDefault(); onCancel() }}>
            <div class="stack">
                <DialogExit />
                {useContext(MarkContext)}
                <h2 id={id} tabIndex={-1} ref={heading}>{title}</h2>
                {children}
            </div>
        </dialog>
    )
}
