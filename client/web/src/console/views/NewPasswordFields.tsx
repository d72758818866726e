/** A new password, twice: the same rules for who joins and for who changes theirs. */
import { useId } from 'preact/hooks'
import type { TextKey } from '../../i18n/text'
import { useWords } from '../../ui/parts/words'

const LEAST_LETTERS = 12

export type WrongPassword = 'short' | 'differ'

export const problemOfPassword = (password: string, again: string): WrongPassword | null =>
    password.length < LEAST_LETTERS ? 'short' : password !== again ? 'differ' : null

interface NewPasswordFieldsProps {
    readonly labels: { readonly password: TextKey; readonly again: TextKey }
    readonly password: string
    readonly again: string
    readonly wrong: string | null
    readonly onPassword: (typed: string) => void
    readonly onAgain: (typed: string) => void
}

export function NewPasswordFields({ labels, password, again, wrong, onPassword, onAgain }: NewPasswordFieldsProps) {
    const { t } = useWords()
    const id = useId()
    return (
        <>
            <div class="field">
                <label for={`${id}-password`}>{t(labels.password)}</label>
                <p class="soft small" id={`${id}-password-hint`}>{t('console.join.passwordHint')}</p>
                <input id={`${id}-password`} class="input" data-field="password" type="password" autocomplete="new-password" aria-describedby={`${id}-password-hint`} aria-invalid={wrong === 'short' || wrong === 'same'} value={password} onInput={(event) => onPassword(event.currentTarget.value)} />
            </div>
            <div class="field">
                <label for={`${id}-again`}>{t(labels.again)}</label>
                <input id={`${id}-again`} class="input" data-field="again" type="password" autocomplete="new-password" aria-invalid={wrong === 'differ'} value={again} onInput={(event) => onAgain(event.currentTarget.value)} />
            </div>
        </>
    )
}
