/** What a viewer sees once they are in: whose figures, and the figures of the body that the address names. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useId, useState } from 'preact/hooks'
import type { Me, SeenOrganisation } from '../console/api-types'
import { codeOf } from '../console/code-of'
import type { DeskLanguage } from '../console/languages'
import { Button } from '../ui/parts/Button'
import { Heading } from '../ui/parts/Heading'
import { Lantern } from '../ui/parts/Lantern'
import { Problem } from '../ui/parts/Problem'
import { useWords } from '../ui/parts/words'
import { organisationIn } from './arrival'
import { Figures } from './Figures'
import { ViewerLanguage } from './ViewerLanguage'
import type { ViewersDoor } from './viewers-door'

interface SeenProps {
    readonly door: ViewersDoor
    readonly me: Me
    readonly onLanguage: (language: DeskLanguage) => void
    /** Null: because they wanted to. */
    readonly onOut: (failed: ErrorCode | null) => void
}

const KINDS: readonly SeenOrganisation['kind'][] = ['county', 'municipality', 'school']

export function Seen({ door, me: first, onLanguage, onOut }: SeenProps) {
    const { t } = useWords()
    const [me, setMe] = useState(first)
    const [asked, setAsked] = useState(() => organisationIn(location.hash))
    const [failed, setFailed] = useState<ErrorCode | null>(null)
    const id = useId()
    // Looked up anew each time: who has been removed, or sees another body now, is told at once.
    const look = (): void => void door.me().then(
        (now) => { setMe(now); setFailed(null) },
        (error: unknown) => {
            const code = codeOf(error)
            if (code === 'not-signed-in') return onOut(code)
            setFailed(code)
        },
    )
    useEffect(() => {
        const hear = (): void => { setAsked(organisationIn(location.hash)); look() }
        addEventListener('hashchange', hear)
        return () => removeEventListener('hashchange', hear)
    }, [door])
    const [own] = me.organisations
    const chosen = asked === null ? own : me.organisations.find((one) => one.id === asked)
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
                {me.organisations.length > 1 && (
                    <div class="field whose not-printed">
                        <label for={`${id}-whose`}>{t('viewer.whose')}</label>
                        <select id={`${id}-whose`} class="input" data-field="organisation" autocomplete="off" value={chosen?.id ?? ''} onChange={(event) => { location.hash = `o=${event.currentTarget.value}` }}>
                            {chosen === undefined && <option value="">{t('viewer.choose')}</option>}
                            {KINDS.map((kind) => <Options key={kind} kind={kind} organisations={me.organisations} />)}
                        </select>
                    </div>
                )}
                {failed !== null && <Problem code={failed} />}
                {chosen === undefined
                    ? <><Heading>{t('viewer.notSeen')}</Heading><Problem code="organisation-unknown" /></>
                    : <Figures key={chosen.id} organisation={chosen} />}
            </main>
        </div>
    )
}

function Options({ kind, organisations }: { kind: SeenOrganisation['kind']; organisations: readonly SeenOrganisation[] }) {
    const { t } = useWords()
    const those = organisations.filter((one) => one.kind === kind)
    if (those.length === 0) return null
    return (
        <optgroup label={t(`viewer.kind.${kind}`)}>
            {those.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
        </optgroup>
    )
}
