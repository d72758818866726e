/** Fetching a file of a page and giving it to the browser; one at a time. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useState } from 'preact/hooks'
import { useWords } from '../../ui/parts/words'
import { save } from '../save'

export interface Saving {
    readonly save: (name: string) => void
    readonly said: string
    readonly failed: ErrorCode | null
}

/** `saved`: the name under which it is kept. */
export function useSaving(fetchFile: (name: string) => Promise<Blob>, saved: (name: string) => string, codeOf: (error: unknown) => ErrorCode): Saving {
    const { t } = useWords()
    const [isBusy, setBusy] = useState(false)
    const [said, setSaid] = useState('')
    const [failed, setFailed] = useState<ErrorCode | null>(null)
    const start = async (name: string): Promise<void> => {
        if (isBusy) return
        setBusy(true)
        setFailed(null)
        setSaid(t('figures.saving'))
        try {
            save(await fetchFile(name), saved(name))
            setSaid(t('figures.saved', { name: saved(name) }))
        } catch (error) {
            setSaid('')
            setFailed(codeOf(error))
        } finally {
            setBusy(false)
        }
    }
    return { save: (name) => void start(name), said, failed }
}
