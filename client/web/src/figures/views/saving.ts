/** Fetching files of a page and giving them to the browser: one after another, and none twice at a time. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useRef, useState } from 'preact/hooks'
import { useWords } from '../../ui/parts/words'
import { save } from '../save'

/** Chromium drops what comes after ten files in a second, without a word to the page or the person. */
const BETWEEN_FILES_MS = 120

interface Making { readonly all: number; readonly left: number }

export interface Saving {
    readonly save: (name: string) => void
    readonly said: string
    /** Of a file that is still being made: seconds in all, and left. */
    readonly making: Making | null
    readonly failed: ErrorCode | null
}

/** `saved`: the name under which it is kept. */
export function useSaving(fetchFile: (name: string, onLeft: (seconds: number) => void) => Promise<Blob>, saved: (name: string) => string, codeOf: (error: unknown) => ErrorCode): Saving {
    const { t } = useWords()
    const turn = useRef(Promise.resolve())
    const wanted = useRef(new Set<string>())
    const [said, setSaid] = useState('')
    const [making, setMaking] = useState<Making | null>(null)
    const [failed, setFailed] = useState<ErrorCode | null>(null)
    const tellLeft = (left: number): void => setMaking((before) => ({ all: Math.max(left, before?.all ?? 0), left }))
    const start = async (name: string): Promise<void> => {
        setFailed(null)
        setSaid(t('figures.saving'))
        try {
            save(await fetchFile(name, tellLeft), saved(name))
            setSaid(t('figures.saved', { name: saved(name) }))
        } catch (error) {
            setSaid('')
            setFailed(codeOf(error))
        } finally {
            setMaking(null)
            wanted.current.delete(name)
        }
    }
    const saveInTurn = (name: string): void => {
        if (wanted.current.has(name)) return
        wanted.current.add(name)
        turn.current = turn.current.then(() => start(name)).then(() => new Promise((resolve) => { setTimeout(resolve, BETWEEN_FILES_MS) }))
    }
    return { save: saveInTurn, said, making, failed }
}
