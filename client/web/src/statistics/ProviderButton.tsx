/** The way in with a municipal account, where the service has one. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useState } from 'preact/hooks'
import { Button } from '../ui/parts/Button'
import { useWords } from '../ui/parts/words'

interface ProviderButtonProps {
    readonly onProvider: (() => Promise<ErrorCode | null>) | null
    readonly onFailed: (code: ErrorCode) => void
}

export function ProviderButton({ onProvider, onFailed }: ProviderButtonProps) {
    const { t } = useWords()
    const [isLeaving, setLeaving] = useState(false)
    if (onProvider === null) return null
    const leave = async (): Promise<void> => {
        setLeaving(true)
        const failed = await onProvider()
        if (failed === null) return
        setLeaving(false)
        onFailed(failed)
    }
    return (
        <div class="stack tight provider">
            <Button action="provider" large off={isLeaving} onPress={() => void leave()}>{t(isLeaving ? 'viewer.provider.leaving' : 'viewer.provider.button')}</Button>
            <p class="soft small or">{t('viewer.provider.or')}</p>
        </div>
    )
}
