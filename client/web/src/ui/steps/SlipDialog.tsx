/** A name or a number for one role alone: what, to whom, once more as they will see it; and what was given, to take back. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useState } from 'preact/hooks'
import type { CaseView, Place, Profession, ReporterSession, Slip } from '../../session/types'
import { codeOf } from '../codeOf'
import { Button } from '../parts/Button'
import { Choice } from '../parts/Choice'
import { Dialog } from '../parts/Dialog'
import { Problem } from '../parts/Problem'
import { TextField } from '../parts/TextField'
import { useWords } from '../parts/words'

interface SlipDialogProps {
    readonly session: ReporterSession
    readonly view: CaseView
    readonly onShut: () => void
}

const QUEUE_OF: Readonly<Record<Profession, number>> = { lawyer: 1, psychologist: 2 }
const isOpen = ({ state }: Place): boolean => state !== 'closed'

export function SlipDialog({ session, view, onShut }: SlipDialogProps) {
    const { t } = useWords()
    const choices = view.places.filter(isOpen).map(({ profession }) => profession)
    const [given, setGiven] = useState<readonly Slip[] | null>(null)
    const [text, setText] = useState('')
    const [to, setTo] = useState<Profession | null>(choices.length === 1 ? (choices[0] ?? null) : null)
    const [step, setStep] = useState<'write' | 'look'>('write')
    const [busy, setBusy] = useState(false)
    const [problem, setProblem] = useState<ErrorCode | null>(null)
    const nameOf = (who: Profession): string => t(who === 'lawyer' ? 'slip.lawyer' : 'slip.psychologist')
    const professionOf = (queue: number): Profession => (queue === QUEUE_OF.lawyer ? 'lawyer' : 'psychologist')

    const during = (work: Promise<void>): void => {
        setProblem(null)
        setBusy(true)
        work.then(() => session.slips()).then(setGiven).catch((error: unknown) => setProblem(codeOf(error))).finally(() => setBusy(false))
    }
    useEffect(() => during(Promise.resolve()), [])
    const give = (): void => {
        if (to === null) return
        during(session.giveSlip(text, QUEUE_OF[to]).then(() => { setText(''); setStep('write') }))
    }

    return (
        <Dialog name="slip" title={t('slip.title')} onCancel={onShut}>
            {problem !== null && <Problem code={problem} />}
            {given === null && problem === null && <p class="soft" role="status">{t('common.loading')}</p>}
            {given !== null && given.length > 0 && (
                <section class="stack tight" data-part="given">
                    <h3>{t('slip.given')}</h3>
                    {given.map(({ id, queue, text: words }) => (
                        <div class="card stack tight" key={id} data-slip={professionOf(queue)}>
                            <p class="message-text" dir="auto">{words}</p>
                            <p class="small soft">{t('slip.seenBy', { who: nameOf(professionOf(queue)) })}</p>
                            <Button action="slip-take-back" off={busy} onPress={() => during(session.takeBackSlip(id))}>{t('slip.takeBack')}</Button>
                        </div>
                    ))}
                    <p class="small soft">{t('slip.seenStays')}</p>
                </section>
            )}
            {choices.length > 0 && step === 'write' && (
                <>
                    <p>{t('slip.about')}</p>
                    <TextField name="slip" label={t('slip.what')} hint={t('slip.hint')} value={text} onInput={setText} />
                    {choices.length > 1 && (
                        <Choice legend={t('slip.toWhom')} options={choices.map((who) => ({ value: who, label: nameOf(who) }))} chosen={to === null ? [] : [to]} onChoose={setTo} />
                    )}
                    <div class="actions">
                        <Button action="slip-cancel" kind="lead" onPress={onShut}>{t('slip.cancel')}</Button>
                        <Button action="slip-look" off={text.trim() === '' || to === null || given === null} onPress={() => setStep('look')}>{t('slip.next')}</Button>
                    </div>
                </>
            )}
            {step === 'look' && to !== null && (
                <>
                    <p>{t('slip.onlySees', { who: nameOf(to) })}</p>
                    <p class="card message-text" dir="auto">{text.trim()}</p>
                    <p>{t('slip.mayTakeBack')}</p>
                    <div class="actions">
                        <Button action="slip-back" kind="lead" off={busy} onPress={() => setStep('write')}>{t('slip.back')}</Button>
                        <Button action="slip-give" off={busy} onPress={give}>{t(busy ? 'slip.giving' : 'slip.give')}</Button>
                    </div>
                </>
            )}
            {choices.length === 0 && <div class="actions"><Button action="slip-cancel" kind="lead" onPress={onShut}>{t('slip.cancel')}</Button></div>}
        </Dialog>
    )
}
