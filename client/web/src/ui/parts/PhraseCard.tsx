/** The eight picture words in reading order. Printed, it is a card for the wallet that does not say what it is for. */
import { NamedPicture } from './Picture'
import { useWords } from './words'

export function PhraseCard({ phrase }: { phrase: readonly number[] }) {
    const { t } = useWords()
    return (
        <div class="wallet">
            <p class="wallet-title only-printed">{t('phrase.printTitle')}</p>
            <ol class="phrase" aria-label={t('phrase.list')}>
                {phrase.map((index, position) => (
                    <li key={position}>
                        <span class="phrase-number" aria-hidden="true">{position + 1}</span>
                        <NamedPicture index={index} />
                    </li>
                ))}
            </ol>
            <p class="only-printed">{t('phrase.order')} {t('phrase.printNote')}</p>
        </div>
    )
}
