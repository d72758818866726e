/** Going on elsewhere: a code that another device's camera reads, with what it holds and what it leaves there. */
import { useState } from 'preact/hooks'
import { Button } from './Button'
import { useLink } from './link'
import { QrCode } from './QrCode'
import { useWords } from './words'

export function OtherDevice({ phrase }: { phrase: readonly number[] }) {
    const { t } = useWords()
    const linkOf = useLink()
    const [shown, setShown] = useState(false)
    if (linkOf === null) return null
    return (
        <div class="stack tight">
            <div><Button action="other-device" pressed={shown} onPress={() => setShown(!shown)}>{t('phrase.otherDevice')}</Button></div>
            {shown && (
                <div class="card other-device">
                    <QrCode text={linkOf(phrase)} label={t('phrase.otherDeviceCode')} />
                    <div class="stack tight">
                        <p>{t('phrase.otherDeviceText')}</p>
                        <p class="soft small">{t('phrase.otherDeviceTrace')}</p>
                    </div>
                </div>
            )}
        </div>
    )
}
