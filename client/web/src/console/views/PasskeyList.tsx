/** One's own passkeys: adding one on this device, and removing any. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import type { Passkey } from '../access'
import { codeOf } from '../code-of'
import { hasPasskeys, PasskeyKnownError } from '../passkeys'
import { useConsole } from './console-context'
import { clock } from './times'

const HOUR_S = 3_600

export function PasskeyList() {
    const { t, language } = useWords()
    const { work } = useConsole()
    const [passkeys, setPasskeys] = useState<readonly Passkey[] | null>(null)
    const [error, setError] = useState<ErrorCode | null>(null)
    const [adding, setAdding] = useState(false)
    const [isKnown, setKnown] = useState(false)
    const shows = (act: () => Promise<readonly Passkey[]>): Promise<void> => {
        setError(null)
        setKnown(false)
        return act().then(setPasskeys, (failure: unknown) => {
            if (failure instanceof PasskeyKnownError) return setKnown(true)
            const code = codeOf(failure)
            if (code === 'not-signed-in') void work.readAll()
            else setError(code)
        })
    }
    const add = (): void => {
        setAdding(true)
        void shows(() => work.access.addPasskey()).finally(() => setAdding(false))
    }
    useEffect(() => void shows(() => work.access.passkeys()), [])
    return (
        <section class="stack tight" data-part="passkeys">
            <h3>{t('console.passkeys.title')}</h3>
            <p>{t(hasPasskeys() ? 'console.passkeys.text' : 'console.passkeys.notHere')}</p>
            {error !== null && <Problem code={error} />}
            {isKnown && <p class="card lit" role="status">{t('console.passkeys.already')}</p>}
            <ul class="plain-rows" data-read={passkeys !== null}>
                {passkeys?.map(({ credential, added_hour }) => {
                    const since = t('console.passkeys.since', { time: clock(added_hour * HOUR_S, language) })
                    return (
                        <li key={credential} data-passkey={credential}>
                            <span>{since}</span>
                            <Button action="remove-passkey" label={`${t('console.passkeys.remove')}: ${since}`} onPress={() => void shows(() => work.access.removePasskey(credential))}>{t('console.passkeys.remove')}</Button>
                        </li>
                    )
                })}
            </ul>
            {hasPasskeys() && <div><Button action="add-passkey" off={adding} onPress={add}>{t(adding ? 'console.passkeys.adding' : 'console.passkeys.add')}</Button></div>}
        </section>
    )
}
