/**
 * The eight picture words in reading order. Printed, they are a card for the wallet that does not say what it is for,
 * with the code that opens its first half on another device.
 */
import { NamedPicture } from './Picture'
import { useLink } from './link'
import { QrCode } from './QrCode'
import { useWords } from './words'

export function PhraseCard({ phrase }: { phrase: readonly number[] }) {
    const { t } = useWords()
    const linkOf = useLink()
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
            {linkOf && <div class="wallet-code only-printed"><QrCode text={linkOf(phrase)} label={t('phrase.otherDeviceCode')} /></div>}
            <p class="wallet-note only-printed">{t('phrase.order')} {t('phrase.printNote')}</p>
        </div>
    )
}
