/** Care for the expert: a break, and what they want to be warned of before they read. */
import { useLayoutEffect } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { useWords } from '../../ui/parts/words'
import { ALL_TOPICS } from '../care'
import { useConsole } from './console-context'

/** Seen by nobody else: nothing is sent, and nothing is kept of it. The same key ends it. */
export function Break({ onBack }: { onBack: () => void }) {
    const { t } = useWords()
    const { current } = useConsole()
    // At once: the key that began it may be pressed again before anything is painted.
    useLayoutEffect(() => {
        const back = (event: KeyboardEvent): void => {
            if (event.key.toLowerCase() === 'b' && current().lettersOn && !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat) onBack()
        }
        document.addEventListener('keydown', back)
        return () => document.removeEventListener('keydown', back)
    }, [])
    return (
        <Dialog name="break" title={t('console.break.title')} onCancel={onBack}>
            <p>{t('console.break.text')}</p>
            <p class="soft">{t('console.break.idea')}</p>
            <div class="actions"><Button action="back" kind="lead" onPress={onBack}>{t('console.break.back')}</Button></div>
        </Dialog>
    )
}

export function Warnings({ warned }: { warned: ReadonlySet<string> }) {
    const { t } = useWords()
    const { tell } = useConsole()
    return (
        <details class="warnings">
            <summary>{t('console.cover.settings')}</summary>
            <p class="soft small">{t('console.cover.settingsText')}</p>
            {ALL_TOPICS.map((topic) => (
                <label key={topic} class="choice">
                    <input type="checkbox" data-warn={topic} autocomplete="off" checked={warned.has(topic)} onChange={(event) => tell({ type: 'warn', topic, on: event.currentTarget.checked })} />
                    <span><span>{t(`topics.${topic}`)}</span></span>
                </label>
            ))}
        </details>
    )
}
