/** Somebody leaves, or a device of theirs is lost: what a coordinator can do about it. SPEC 9.4, 9.7, 9.9 */
import type { Expert } from '@lyhty/crypto/directories'
import { useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import type { Loss } from '../losses'
import { Asking } from './Asking'
import { queueKey } from './queue-names'

interface LetGoProps {
    readonly expert: Expert
    readonly losses: readonly Loss[]
    readonly onSignOut: () => void
    readonly onDepart: () => void
}

export function LetGo({ expert: { name, coordinator }, losses, onSignOut, onDepart }: LetGoProps) {
    const { t } = useWords()
    const [isAsked, setAsked] = useState(false)
    if (!isAsked) {
        return (
            <div class="actions">
                <Button action="sign-out-everywhere" kind="quiet" label={`${t('console.people.signOut')}: ${name}`} onPress={onSignOut}>{t('console.people.signOut')}</Button>
                <Button action="depart" kind="quiet" label={`${t('console.people.depart')}: ${name}`} onPress={() => setAsked(true)}>{t('console.people.depart')}</Button>
            </div>
        )
    }
    return (
        <Asking part="departing" label={t('console.people.departTitle', { name })} opener="depart">
            <p><strong>{t('console.people.departTitle', { name })}</strong></p>
            <ul class="plain-lines">
                {(['now', 'locks', 'before'] as const).map((one) => <li key={one}>{t(`console.people.depart.${one}`, { name })}</li>)}
                {coordinator && <li data-part="directory-key">{t('console.people.depart.directoryKey', { name })}</li>}
            </ul>
            {losses.length > 0 && (
                <div class="card alarm stack tight" data-part="losses">
                    {losses.map(({ queue, what }) => <p key={`${queue} ${what}`}>{t(`console.people.loss.${what}`, { name, queue: t(queueKey(queue)) })}</p>)}
                </div>
            )}
            <p class="soft">{t('console.people.departBack', { name })}</p>
            <div class="actions">
                <Button action="stay" onPress={() => setAsked(false)}>{t('common.cancel')}</Button>
                <Button action="depart-now" kind={losses.length > 0 ? 'grave' : 'lead'} onPress={() => { setAsked(false); onDepart() }}>{t(losses.length > 0 ? 'console.people.departAnyway' : 'console.people.departNow')}</Button>
            </div>
        </Asking>
    )
}
