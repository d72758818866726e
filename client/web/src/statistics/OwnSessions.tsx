/** Where a viewer is signed in, for who wants to know. SPEC 12.2 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useState } from 'preact/hooks'
import { SessionList } from '../console/views/SessionList'
import { useWords } from '../ui/parts/words'
import type { ViewersDoor } from './viewers-door'

export function OwnSessions({ door, onOut }: { door: ViewersDoor; onOut: (code: ErrorCode) => void }) {
    const { t } = useWords()
    /** Asked anew whenever it is opened. */
    const [isOpen, setOpen] = useState(false)
    return (
        <details class="opens whose-box not-printed" data-part="sessions" onToggle={(event) => setOpen(event.currentTarget.open)}>
            <summary>{t('console.sessions.title')}</summary>
            <div class="stack tight">{isOpen && <SessionList access={door} onOut={onOut} />}</div>
        </details>
    )
}
