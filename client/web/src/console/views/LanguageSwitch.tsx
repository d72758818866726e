/** Finnish, Swedish or English: the languages the desk speaks. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Language } from '../../session/types'
import { useWords } from '../../ui/parts/words'

export const DESK_LANGUAGES = ['fi', 'sv', 'en'] as const satisfies readonly Language[]
export type DeskLanguage = (typeof DESK_LANGUAGES)[number]

export const ChooseLanguage = createContext<(language: DeskLanguage) => void>(() => undefined)

export function LanguageSwitch() {
    const { t, language } = useWords()
    const choose = useContext(ChooseLanguage)
    return (
        <div class="languages" role="group" aria-label={t('language.label')}>
            {DESK_LANGUAGES.map((choice) => (
                <button key={choice} type="button" class="tab" lang={choice} data-action={`language-${choice}`} aria-pressed={language === choice} onClick={() => choose(choice)}>
                    {t(`language.${choice}`)}
                </button>
            ))}
        </div>
    )
}
