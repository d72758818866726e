/** The two numbers a child in danger can call, as large as anything on the page. The helpline's depends on the language. */
import { telOf } from './Linked'
import { useWords } from './words'

export function HelpNumbers() {
    const { t } = useWords()
    return (
        <ul class="numbers">
            <li>
                <a class="number grave" href="tel:112" data-action="call-112">
                    <strong>{t('danger.call112')}</strong>
                    <span>{t('danger.call112Text')}</span>
                </a>
            </li>
            <li>
                <a class="number" href={telOf(t('danger.callHelpline'))} data-action="call-helpline">
                    <strong>{t('danger.callHelpline')}</strong>
                    <span>{t('danger.callHelplineText')}</span>
                </a>
            </li>
        </ul>
    )
}
