/** The two numbers a child in danger can call, as large as anything on the page. */
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
                <a class="number" href="tel:116111" data-action="call-116111">
                    <strong>{t('danger.call116111')}</strong>
                    <span>{t('danger.call116111Text')}</span>
                </a>
            </li>
        </ul>
    )
}
