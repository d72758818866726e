/** The way in that needs no name, no password and no device code. */
import type { TextKey } from '../../i18n/text'
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import { hasPasskeys } from '../passkeys'
import { useConsole } from './console-context'

interface ByPasskeyProps { readonly off: boolean; readonly text: TextKey; readonly lead?: boolean }

export function ByPasskey({ off, text, lead = false }: ByPasskeyProps) {
    const { t } = useWords()
    const { work } = useConsole()
    if (!hasPasskeys()) return null
    return <Button action="by-passkey" kind={lead ? 'lead' : 'plain'} large={lead} off={off} onPress={() => void work.signInByPasskey()}>{t(text)}</Button>
}
