/** What stands around every view: the name, the exit, the two ways in, the language. */
import type { ComponentChildren } from 'preact'
import type { Language } from '../../session/types'
import type { View } from '../state'
import { Button } from './Button'
import { Exit } from './Exit'
import { LanguageSwitch } from './LanguageSwitch'
import { Lantern } from './Lantern'
import { useWords } from './words'

interface ShellProps {
    readonly view: View
    readonly presses: number
    readonly onExit: () => void
    readonly onLanguage: (language: Language) => void
    readonly go: (to: View) => void
    readonly notice?: ComponentChildren
    readonly children: ComponentChildren
}

export function Shell({ view, presses, onExit, onLanguage, go, notice, children }: ShellProps) {
    const { t } = useWords()
    const stopped = view === 'stop'
    return (
        <>
            <a class="skip-link" href="#content" onClick={(event) => { event.preventDefault(); document.getElementById('content')?.focus() }}>{t('app.skipToContent')}</a>
            <header class="bar">
                <button type="button" class="brand" data-action="home" disabled={stopped} onClick={() => go('home')}>
                    <Lantern />
                    <span>{t('app.name')}</span>
                </button>
                <Exit presses={presses} onExit={onExit} />
            </header>
            <div class="page">
                <nav class="under-bar" aria-label={t('nav.label')}>
                    {!stopped && view !== 'home' && view !== 'rehearsal' && (
                        <div class="ways">
                            <Button action="ask" kind="quiet" onPress={() => go('device')}>{t('nav.askForHelp')}</Button>
                            <Button action="continue" kind="quiet" onPress={() => go('continue')}>{t('nav.continue')}</Button>
                        </div>
                    )}
                    <LanguageSwitch onChange={onLanguage} />
                </nav>
                {notice}
                <main id="content" tabIndex={-1} data-view={view}>{children}</main>
            </div>
        </>
    )
}
