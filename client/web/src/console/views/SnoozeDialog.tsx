/** When a case that is put aside comes back. */
import { useId, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { useWords } from '../../ui/parts/words'
import { asFieldTime, fromFieldTime, isSnooze, snoozeChoices } from '../snooze-times'
import { clock } from './times'

interface SnoozeProps { readonly nowS: number; readonly onShut: () => void; readonly onChoose: (until: number) => void }

export function SnoozeDialog({ nowS, onShut, onChoose }: SnoozeProps) {
    const { t, language } = useWords()
    const choices = snoozeChoices(nowS)
    const [own, setOwn] = useState(() => asFieldTime(choices.at(-1)?.until ?? nowS))
    const [isWrong, setWrong] = useState(false)
    const id = useId()
    const chooseOwn = (): void => {
        const until = fromFieldTime(own)
        if (until !== null && isSnooze(until, nowS)) onChoose(until)
        else setWrong(true)
    }
    return (
        <Dialog name="snooze" title={t('console.snooze.title')} onCancel={onShut}>
            <p>{t('console.snooze.text')}</p>
            <div class="stack tight snooze">
                {choices.map(({ name, until }) => (
                    <Button key={name} action={`snooze-${name}`} onPress={() => onChoose(until)}>
                        {t(`console.snooze.${name}`)} <span class="soft">{clock(until, language)}</span>
                    </Button>
                ))}
            </div>
            <div class="field snooze">
                <label for={id}>{t('console.snooze.own')}</label>
                <input
                    id={id} class="input" type="datetime-local" data-field="snooze-own" autocomplete="off" min={asFieldTime(nowS)} value={own}
                    aria-describedby={isWrong ? `${id}-wrong` : undefined} aria-invalid={isWrong} onInput={(event) => setOwn(event.currentTarget.value)}
                />
                {isWrong && <p id={`${id}-wrong`} role="alert">{t('console.snooze.wrong')}</p>}
            </div>
            <div class="actions">
                <Button action="cancel" onPress={onShut}>{t('common.cancel')}</Button>
                <Button action="snooze-own" kind="lead" onPress={chooseOwn}>{t('console.snooze.ownButton')}</Button>
            </div>
        </Dialog>
    )
}
