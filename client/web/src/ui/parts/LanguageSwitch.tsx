/** Changes the language at any moment; nothing that was typed is touched. */
import { LANGUAGES, tagOf } from '../../i18n/text'
import type { Language } from '../../session/types'
import { useWords } from './words'

export function LanguageSwitch({ onChange }: { onChange: (language: Language) => void }) {
    const { language, t } = useWords()
    return (
        <label class="language">
            <span class="only-heard">{t('language.label')}</span>
            <svg class="language-globe" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
                <path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3.500 9.500h17M3.500 14.500h17M12 3c2.600 2.400 3.800 5.400 3.800 9s-1.200 6.600-3.800 9c-2.600-2.400-3.800-5.400-3.800-9S9.400 5.400 12 3z" fill="none" stroke="currentColor" stroke-width="1.600" />
            </svg>
            <select
                class="input" data-action="language" autocomplete="off" value={language}
                onChange={(event) => onChange(event.currentTarget.value as Language)}
            >
                {LANGUAGES.map((one) => (
                    <option key={one} value={one} lang={tagOf(one)}>{t(`language.${one}`)}</option>
                ))}
            </select>
        </label>
    )
}
