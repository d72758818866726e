/** The language of the page of figures. */
import { DESK_LANGUAGES, type DeskLanguage } from '../console/languages'
import { useWords } from '../ui/parts/words'

export function ViewerLanguage({ onLanguage }: { onLanguage: (language: DeskLanguage) => void }) {
    const { t, language } = useWords()
    return (
        <label class="language">
            <span class="only-heard">{t('language.label')}</span>
            <select class="input" data-action="language" autocomplete="off" value={language} onChange={(event) => onLanguage(event.currentTarget.value as DeskLanguage)}>
                {DESK_LANGUAGES.map((choice) => <option key={choice} value={choice} lang={choice}>{t(`language.${choice}`)}</option>)}
            </select>
        </label>
    )
}
