/** What a viewer sees once they are in: a bar, and the figures of the body that the address names. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useState } from 'preact/hooks'
import type { Me } from '../console/api-types'
import { codeOf } from '../console/code-of'
import type { DeskLanguage } from '../console/languages'
import { FiguresView } from '../figures/views/FiguresView'
import { Button } from '../ui/parts/Button'
import { Lantern } from '../ui/parts/Lantern'
import { Problem } from '../ui/parts/Problem'
import { useWords } from '../ui/parts/words'
import { OwnSessions } from './OwnSessions'
import { ReportLetters } from './ReportLetters'
import { ViewerLanguage } from './ViewerLanguage'
import type { ViewersDoor } from './viewers-door'

interface SeenProps {
    readonly door: ViewersDoor
    readonly me: Me
    readonly onLanguage: (language: DeskLanguage) => void
    /** Null: because they wanted to. */
    readonly onOut: (failed: ErrorCode | null) => void
}

export function Seen({ door, me: first, onLanguage, onOut }: SeenProps) {
    const { t } = useWords()
    const [me, setMe] = useState(first)
    const [failed, setFailed] = useState<ErrorCode | null>(null)
    // Looked up anew each time: who sees another body now is told at once.
    const look = (): void => void door.me().then(
        (now) => { setMe(now); setFailed(null) },
        (error: unknown) => {
            const code = codeOf(error)
            if (code === 'not-signed-in') return onOut(code)
            setFailed(code)
        },
    )
    useEffect(() => {
        addEventListener('hashchange', look)
        return () => removeEventListener('hashchange', look)
    }, [door])
    return (
        <div class="figures" data-view="figures">
            <header class="bar not-printed">
                <Lantern />
                <p><strong>{t('app.name')}</strong> <span class="soft">{t('viewer.title')}</span></p>
                <div class="bar-end">
                    <span class="who">{me.name}</span>
                    <ViewerLanguage onLanguage={onLanguage} />
                    <Button action="sign-out" kind="quiet" onPress={() => onOut(null)}>{t('console.signOut')}</Button>
                </div>
            </header>
            <main class="stack">
                {failed !== null && <Problem code={failed} />}
                <FiguresView desk={door.figures} mine={me.organisations} codeOf={codeOf} onOut={onOut} />
                <ReportLetters door={door} onOut={onOut} />
                <OwnSessions door={door} onOut={onOut} />
            </main>
        </div>
    )
}
