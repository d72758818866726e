/** The top layer of an answer: what a child reads first, a line each, and what they can tick. */
import { MAX_LINES } from '@lyhty/crypto/contents'
import { memo } from 'preact/compat'
import { useId } from 'preact/hooks'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import { linesIn } from '../replies'
import { Unfilled } from './Unfilled'

export type TopName = 'plain' | 'ticks'

interface TopFieldProps {
    readonly name: TopName
    readonly value: string
    readonly onInput: (name: TopName, text: string) => void
}

export const TopField = memo(({ name, value, onInput }: TopFieldProps) => {
    const { t } = useWords()
    const id = useId()
    const count = linesIn(value).length
    return (
        <div class="part top-field">
            <label for={id}>
                <strong>{t(`console.editor.${name}.label`)}</strong>
                {count > 0 && <span class={count > MAX_LINES ? 'warned' : 'written'}>{t('console.editor.lines', { count, most: MAX_LINES })}</span>}
            </label>
            <p class="soft small" id={`${id}-hint`}>{t(`console.editor.${name}.hint`)}</p>
            <textarea
                {...PRIVATE_FIELD} id={id} class="input" rows={2} data-top={name} aria-describedby={`${id}-hint`} aria-invalid={count > MAX_LINES ? 'true' : undefined}
                value={value} onInput={(event) => onInput(name, event.currentTarget.value)}
            />
            <Unfilled text={value} fieldOf={(button) => button.closest('.part')?.querySelector('textarea') ?? null} />
        </div>
    )
})
