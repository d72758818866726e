/** Something that must hold does not: nothing is sent from here, and the person is told whom to call instead. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { hasText } from '../../i18n/text'
import { Button } from '../parts/Button'
import { Heading } from '../parts/Heading'
import { HelpNumbers } from '../parts/HelpNumbers'
import { Problem } from '../parts/Problem'
import { useWords } from '../parts/words'

export function Stop({ code }: { code: ErrorCode }) {
    const { t } = useWords()
    const [title, text, now] = [`stop.${code}.title`, `stop.${code}.text`, `stop.${code}.now`]
    const ownWords = hasText(title) && hasText(text) && hasText(now)
    return (
        <div class="stack step">
            <Heading>{t(ownWords ? title : 'stop.heading')}</Heading>
            {ownWords
                ? (
                    <div class="card alarm stack tight" role="alert" data-problem={code}>
                        <p>{t(text)}</p>
                        <p><strong>{t('stop.nothingSent')}</strong></p>
                        <p>{t(now)}</p>
                    </div>
                )
                : <Problem code={code} />}
            <div class="card stack">
                <p>{t('stop.danger')} {t('stop.talk')}</p>
                <HelpNumbers />
            </div>
            <div class="actions">
                <Button action="retry" onPress={() => location.reload()}>{t('common.retry')}</Button>
            </div>
            <p class="soft small">{t('stop.code', { code })}</p>
        </div>
    )
}
