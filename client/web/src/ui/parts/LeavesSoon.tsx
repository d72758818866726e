/** Under words that were said and have not left: how long they can be taken back, and what becomes of them otherwise. */
import { useEffect, useState } from 'preact/hooks'
import { Button } from './Button'
import { useWords } from './words'

const TICK_MS = 250

interface LeavesSoonProps {
    readonly atMs: number
    readonly undo: () => void
    readonly sendNow: () => void
}

export function LeavesSoon({ atMs, undo, sendNow }: LeavesSoonProps) {
    const { t } = useWords()
    const seconds = useSecondsUntil(atMs)
    return (
        <div class="leaves-soon" data-part="leaves-soon">
            <p class="small"><strong>{t('case.message.leavesIn', { seconds })}</strong> {t('case.message.leavesOnlyHere')}</p>
            <div class="actions">
                <Button action="undo-send" onPress={undo}>{t('case.message.undo')}</Button>
                <Button action="send-now" kind="quiet" onPress={sendNow}>{t('case.message.sendNow')}</Button>
            </div>
        </div>
    )
}

/** Whole seconds that are left, never less than one: what comes after says itself. */
export function useSecondsUntil(atMs: number): number {
    const left = (): number => Math.max(1, Math.ceil((atMs - Date.now()) / 1_000))
    const [seconds, setSeconds] = useState(left)
    useEffect(() => {
        const timer = setInterval(() => setSeconds(left()), TICK_MS)
        return () => clearInterval(timer)
    }, [atMs])
    return seconds
}
