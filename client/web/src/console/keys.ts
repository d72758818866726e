/**
 * The keyboard of the console as one table: the desk acts by it, and the help shows it.
 *
 * Single keys are off while somebody writes, while a dialog is open, and when they have been switched off
 * (WCAG 2.1.4); what needs Ctrl works everywhere.
 */
export type KeyAction =
    | 'next' | 'previous' | 'open' | 'list' | ListAction | 'search' | 'find' | 'claim' | 'reply' | 'preview' | 'beside' | 'send' | 'undo' | 'release' | 'snooze' | 'handover' | 'close'
    | 'back' | 'uncover' | 'break' | 'lock' | 'help'
/** To one list at once, instead of one after another. */
export type ListAction = 'to-queue' | 'to-mine' | 'to-awaiting' | 'to-snoozed' | 'to-closed'

/** `letter`: a single key that types something. `plain`: one that types nothing. */
type Kind = 'letter' | 'plain' | 'ctrl'

export interface KeyRow { readonly key: string; readonly kind: Kind; readonly action: KeyAction }

export const KEYS: readonly KeyRow[] = [
    { key: 'j', kind: 'letter', action: 'next' },
    { key: 'k', kind: 'letter', action: 'previous' },
    { key: 'l', kind: 'letter', action: 'list' },
    { key: '1', kind: 'letter', action: 'to-queue' },
    { key: '2', kind: 'letter', action: 'to-mine' },
    { key: '3', kind: 'letter', action: 'to-awaiting' },
    { key: '4', kind: 'letter', action: 'to-snoozed' },
    { key: '5', kind: 'letter', action: 'to-closed' },
    { key: 'f', kind: 'letter', action: 'search' },
    { key: 'k', kind: 'ctrl', action: 'find' },
    { key: 'Enter', kind: 'plain', action: 'open' },
    { key: 'c', kind: 'letter', action: 'claim' },
    { key: 'r', kind: 'letter', action: 'reply' },
    { key: 'p', kind: 'letter', action: 'preview' },
    { key: 'n', kind: 'letter', action: 'beside' },
    { key: 'Enter', kind: 'ctrl', action: 'send' },
    { key: 'z', kind: 'letter', action: 'undo' },
    { key: 'u', kind: 'letter', action: 'release' },
    { key: 's', kind: 'letter', action: 'snooze' },
    { key: 'h', kind: 'letter', action: 'handover' },
    { key: 'e', kind: 'letter', action: 'close' },
    { key: 'Escape', kind: 'plain', action: 'back' },
    { key: 'v', kind: 'letter', action: 'uncover' },
    { key: 'b', kind: 'letter', action: 'break' },
    { key: 'q', kind: 'letter', action: 'lock' },
    { key: '?', kind: 'letter', action: 'help' },
]

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

export function actionFor(press: KeyPress, place: KeyPlace): KeyAction | null {
    if (press.isComposing || place.dialogOpen || press.altKey) return null
    const withCtrl = press.ctrlKey || press.metaKey
    const pressed = press.key.toLowerCase()
    const row = KEYS.find(({ key, kind }) => key.toLowerCase() === pressed && (kind === 'ctrl') === withCtrl)
    if (row === undefined) return null
    if (row.kind === 'letter' && (place.focus === 'field' || !place.lettersOn)) return null
    return row.action === 'open' && place.focus !== 'nothing' ? null : row.action
}

/** As it is printed on the key. */
export function nameOf({ key, kind }: KeyRow): string {
    const name = key === 'Escape' ? 'Esc' : key.length === 1 ? key.toUpperCase() : key
    return kind === 'ctrl' ? `Ctrl + ${name}` : name
}

export function focusOf(element: Element | null): KeyPlace['focus'] {
    if (element === null) return 'nothing'
    if (element.matches('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]')) return 'field'
    return element.matches('button, a, summary, input, [tabindex]:not([tabindex="-1"])') ? 'control' : 'nothing'
}
