/** The way in that needs no name, no password and no device code. */
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import { hasPasskeys } from '../passkeys'
import { useConsole } from './console-context'

export function ByPasskey({ off, lead = false }: { off: boolean; lead?: boolean }) {
    const { t } = useWords()
    const { work } = useConsole()
    if (!hasPasskeys()) return null
    return <Button action="by-passkey" kind={lead ? 'lead' : 'plain'} large={lead} off={off} onPress={() => void work.signInByPasskey()}>{t('console.passkeys.signIn')}</Button>
}
