/** What the desk offers besides cases: one list, to which every view adds its line. */
import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import type { TextKey } from '../../i18n/text'
import { hasUnsent } from '../questions'
import type { Me } from '../state'
import { useConsole, type ConsoleTools } from './console-context'

interface MenuEntry {
    readonly action: string
    readonly text: TextKey
    readonly isFor?: (me: Me) => boolean
    /** Elsewhere it has a place in the bar. */
    readonly onlyNarrow?: true
    readonly choose: (tools: ConsoleTools) => void
}

const ENTRIES: readonly MenuEntry[] = [
    { action: 'people', text: 'console.people.title', choose: ({ tell }) => tell({ type: 'dialog', dialog: 'people' }) },
    { action: 'shelf', text: 'console.shelf.title', choose: ({ tell }) => tell({ type: 'dialog', dialog: 'shelf' }) },
    { action: 'audit', text: 'console.audit.title', isFor: (me) => me.coordinator === true, choose: ({ tell }) => tell({ type: 'dialog', dialog: 'audit' }) },
    { action: 'organisations', text: 'console.organisations.title', isFor: (me) => me.coordinator === true, choose: ({ tell }) => tell({ type: 'dialog', dialog: 'organisations' }) },
    { action: 'releases', text: 'console.releases.title', isFor: (me) => me.coordinator === true, choose: ({ tell }) => tell({ type: 'dialog', dialog: 'releases' }) },
    { action: 'viewers', text: 'console.viewers.title', isFor: (me) => me.coordinator === true, choose: ({ tell }) => tell({ type: 'dialog', dialog: 'viewers' }) },
    { action: 'lock', text: 'console.lock.now', choose: ({ work }) => work.doors.lock() },
    { action: 'security', text: 'console.security.title', choose: ({ tell }) => tell({ type: 'dialog', dialog: 'security' }) },
    { action: 'sign-out-here', text: 'console.signOut', onlyNarrow: true, choose: signOut },
]

/** Asks first where something is unsent. */
export function signOut({ work, tell, current }: ConsoleTools): void {
    if (hasUnsent(current())) tell({ type: 'dialog', dialog: 'sign-out' })
    else work.signOut()
}

export function Menu({ me }: { me: Me }) {
    const { t } = useWords()
    const tools = useConsole()
    const menu = useRef<HTMLDetailsElement>(null)
    const shut = (): void => menu.current?.removeAttribute('open')
    /** Where a dialog returns the focus to when it shuts. */
    const back = (): void => {
        shut()
        menu.current?.querySelector('summary')?.focus()
    }
    useEffect(() => {
        const elsewhere = (event: Event): void => {
            if (event.target instanceof Node && !menu.current?.contains(event.target)) shut()
        }
        const events = ['pointerdown', 'focusin'] as const
        events.forEach((event) => document.addEventListener(event, elsewhere))
        return () => events.forEach((event) => document.removeEventListener(event, elsewhere))
    }, [])
    const onKeyDown = (event: KeyboardEvent): void => {
        if (event.key !== 'Escape' || !menu.current?.open) return
        event.stopPropagation()
        back()
    }
    return (
        <details class="menu" ref={menu} onKeyDown={onKeyDown}>
            <summary class="button icon" data-action="menu" aria-label={t('console.menu')}><Lines /></summary>
            <ul>
                {ENTRIES.filter(({ isFor }) => isFor === undefined || isFor(me)).map(({ action, text, onlyNarrow, choose }) => (
                    <li key={action} class={onlyNarrow && 'only-narrow'}><Button action={action} kind="quiet" onPress={() => { back(); choose(tools) }}>{t(text)}</Button></li>
                ))}
            </ul>
        </details>
    )
}

function Lines() {
    return (
        <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round">
            <path d="M4 7h16M4 12h16M4 17h16" />
        </svg>
    )
}
