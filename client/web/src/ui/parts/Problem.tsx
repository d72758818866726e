/** One error as three sentences: what happened, is what I wrote safe, what now. The code itself is never shown. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { ComponentChildren } from 'preact'
import { hasText, type TextKey } from '../../i18n/text'
import { Linked } from './Linked'
import { useWords } from './words'

const sentence = (code: string, part: 'what' | 'safe' | 'now'): TextKey => {
    const key = `errors.${code}.${part}`
    return hasText(key) ? key : `errors.internal.${part}`
}

export function Problem({ code, gentle = false, children }: { code: ErrorCode; gentle?: boolean; children?: ComponentChildren }) {
    const { t } = useWords()
    return (
        <div class={`card problem stack tight ${gentle ? 'lit' : 'alarm'}`} role={gentle ? 'status' : 'alert'} data-problem={code}>
            <p><strong>{t(sentence(code, 'what'))}</strong></p>
            <p>{t(sentence(code, 'safe'))}</p>
            <p><Linked text={t(sentence(code, 'now'))} /></p>
            {children && <div class="actions">{children}</div>}
        </div>
    )
}
