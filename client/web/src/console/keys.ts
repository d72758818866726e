/**
 * The keyboard map of the console: which key asks for what.
 *
 * Single letters are off while somebody writes, while a dialog is open, and when they have been switched off
 * (WCAG 2.1.4); what needs Ctrl works everywhere.
 */
export type KeyAction = 'next' | 'previous' | 'open' | 'claim' | 'reply' | 'close' | 'help' | 'send'

export interface KeyPress {
    readonly key: string
    readonly ctrlKey: boolean
    readonly metaKey: boolean
    readonly altKey: boolean
    readonly isComposing: boolean
}

export interface KeyPlace {
    /** What has the focus: a field takes letters itself, a button or a link takes Enter itself. */
    readonly focus: 'field' | 'control' | 'nothing'
    readonly dialogOpen: boolean
    readonly lettersOn: boolean
}

export const LETTERS: readonly { readonly key: string; readonly action: KeyAction }[] = [
    { key: 'j', action: 'next' },
    { key: 'k', action: 'previous' },
    { key: 'c', action: 'claim' },
    { key: 'r', action: 'reply' },
    { key: 'e', action: 'close' },
    { key: '?', action: 'help' },
]

export function actionFor(press: KeyPress, place: KeyPlace): KeyAction | null {
    if (press.isComposing || place.dialogOpen || press.altKey) return null
    if (press.key === 'Enter') {
        if (press.ctrlKey || press.metaKey) return 'send'
        return place.focus === 'nothing' ? 'open' : null
    }
    if (press.ctrlKey || press.metaKey || place.focus === 'field' || !place.lettersOn) return null
    return LETTERS.find(({ key }) => key === press.key.toLowerCase())?.action ?? null
}

export function focusOf(element: Element | null): KeyPlace['focus'] {
    if (element === null) return 'nothing'
    if (element.matches('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]')) return 'field'
    return element.matches('button, a, summary, input, [tabindex]:not([tabindex="-1"])') ? 'control' : 'nothing'
}
