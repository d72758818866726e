/** The language of the desk. Nothing that was typed is touched. */
import { DESK_LANGUAGES, type DeskLanguage } from '../languages'
import { useWords } from '../../ui/parts/words'
import { useConsole } from './console-context'

export function LanguageSwitch() {
    const { t, language } = useWords()
    const { tell } = useConsole()
    return (
        <label class="language">
            <span class="only-heard">{t('language.label')}</span>
            <select class="input" data-action="language" autocomplete="off" value={language} onChange={(event) => tell({ type: 'language', language: event.currentTarget.value as DeskLanguage })}>
                {DESK_LANGUAGES.map((choice) => <option key={choice} value={choice} lang={choice}>{t(`language.${choice}`)}</option>)}
            </select>
        </label>
    )
}
