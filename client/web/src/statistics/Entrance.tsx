/** The frame of everything before somebody is in. */
import type { ComponentChildren } from 'preact'
import type { DeskLanguage } from '../console/languages'
import { Lantern } from '../ui/parts/Lantern'
import { useWords } from '../ui/parts/words'
import { ViewerLanguage } from './ViewerLanguage'

interface EntranceProps {
    readonly view: string
    readonly step?: string
    readonly onLanguage: (language: DeskLanguage) => void
    readonly children: ComponentChildren
}

export function Entrance({ view, step, onLanguage, children }: EntranceProps) {
    const { t } = useWords()
    return (
        <main class="sign-in join" data-view={view} data-step={step}>
            <div class="card stack">
                <div class="sign-in-top not-printed">
                    <div class="brand"><Lantern /><p><strong>{t('app.name')}</strong><br /><span class="soft small">{t('viewer.title')}</span></p></div>
                    <ViewerLanguage onLanguage={onLanguage} />
                </div>
                {children}
            </div>
        </main>
    )
}
