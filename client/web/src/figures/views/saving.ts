/** Fetching files of a page and giving them to the browser: one after another, and none twice at a time. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useRef, useState } from 'preact/hooks'
import { useWords } from '../../ui/parts/words'
import { save } from '../save'

/** Chromium drops what comes after ten files in a second, without a word to the page or the person. */
const BETWEEN_FILES_MS = 120

export interface Saving {
    readonly save: (name: string) => void
    readonly said: string
    readonly failed: ErrorCode | null
}

/** `saved`: the name under which it is kept. */
export function useSaving(fetchFile: (name: string) => Promise<Blob>, saved: (name: string) => string, codeOf: (error: unknown) => ErrorCode): Saving {
    const { t } = useWords()
    const turn = useRef(Promise.resolve())
    const wanted = useRef(new Set<string>())
    const [said, setSaid] = useState('')
    const [failed, setFailed] = useState<ErrorCode | null>(null)
    const start = async (name: string): Promise<void> => {
        setFailed(null)
        setSaid(t('figures.saving'))
        try {
            save(await fetchFile(name), saved(name))
            setSaid(t('figures.saved', { name: saved(name) }))
        } catch (error) {
            setSaid('')
            setFailed(codeOf(error))
        } finally {
            wanted.current.delete(name)
        }
    }
    const saveInTurn = (name: string): void => {
        if (wanted.current.has(name)) return
        wanted.current.add(name)
        turn.current = turn.current.then(() => start(name)).then(() => new Promise((resolve) => { setTimeout(resolve, BETWEEN_FILES_MS) }))
    }
    return { save: saveInTurn, said, failed }
}
