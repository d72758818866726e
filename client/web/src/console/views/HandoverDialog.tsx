/** Asks the reporter whether another profession may help: whom, and why in their words. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Choice } from '../../ui/parts/Choice'
import { Dialog } from '../../ui/parts/Dialog'
import { Problem } from '../../ui/parts/Problem'
import { TextField } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import type { Profession } from '../../session/types'
import { QUEUE_OF } from '../state'

interface HandoverProps {
    /** Who has no part in the case yet. */
    readonly choices: readonly Profession[]
    readonly onShut: () => void
    readonly onAsk: (queue: number, text: string) => Promise<ErrorCode | null>
}

export function HandoverDialog({ choices, onShut, onAsk }: HandoverProps) {
    const { t } = useWords()
    const [to, setTo] = useState<Profession | null>(choices.length === 1 ? (choices[0] ?? null) : null)
    const [text, setText] = useState('')
    const [busy, setBusy] = useState(false)
    const [problem, setProblem] = useState<ErrorCode | null>(null)
    const ask = async (): Promise<void> => {
        if (to === null) return
        setBusy(true)
        const code = await onAsk(QUEUE_OF[to], text.trim())
        setBusy(false)
        setProblem(code)
        if (code !== null) return
        onShut()
        // The button that opened this is gone with the question.
        requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-heading="case"]')?.focus({ preventScroll: true }))
    }
    return (
        <Dialog name="handover" title={t('console.handover.title')} onCancel={onShut}>
            <p>{t('console.handover.text')}</p>
            <Choice legend={t('console.handover.to')} options={choices.map((who) => ({ value: who, label: t(`console.handover.${who}`) }))} chosen={to === null ? [] : [to]} onChoose={setTo} />
            <TextField name="handover" many rows={3} label={t('console.handover.why')} hint={t('console.handover.hint')} value={text} onInput={setText} />
            <p class="small soft">{t('console.handover.choices')}</p>
            {problem !== null && <Problem code={problem} gentle />}
            <div class="actions">
                <Button action="cancel" onPress={onShut}>{t('common.cancel')}</Button>
                <Button action="confirm" kind="lead" off={busy || to === null || text.trim() === ''} onPress={() => void ask()}>{t(busy ? 'console.handover.asking' : 'console.handover.ask')}</Button>
            </div>
        </Dialog>
    )
}
