/** Writing into the open case. Enter makes a new line; the button or Ctrl+Enter sends. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../parts/Button'
import { TextField } from '../parts/TextField'
import { useWords } from '../parts/words'
import { TEXT_CODE_POINTS } from '../state'

interface ComposerProps {
    readonly offline: boolean
    /** A text that could not be sent, or was taken back, comes back here. */
    readonly returned: string
    readonly onReturnedTaken: () => void
    readonly onTyping: (text: string) => void
    readonly onSend: (text: string) => void
}

export function Composer({ offline, returned, onReturnedTaken, onTyping, onSend }: ComposerProps) {
    const { t } = useWords()
    const [text, setText] = useState('')
    const [problem, setProblem] = useState<'composer.empty' | 'composer.tooLong' | null>(null)
    const field = useRef<HTMLElement | null>(null)
    const typed = text.trim() !== ''

    // Before the next paint: the tab may be closed right after the first letter.
    useLayoutEffect(() => onTyping(text), [text])
    useEffect(() => {
        if (returned === '') return
        setText((newer) => (newer.trim() === '' ? returned : `${returned}\n${newer}`))
        onReturnedTaken()
        field.current?.focus()
    }, [returned])

    const send = () => {
        const found = !typed ? 'composer.empty' : [...text].length > TEXT_CODE_POINTS ? 'composer.tooLong' : null
        setProblem(found)
        if (found !== null) return
        onSend(text)
        setText('')
    }
    const onKeyDown = (event: KeyboardEvent) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
        event.preventDefault()
        send()
    }
    return (
        <form class="composer" autocomplete="off" noValidate onSubmit={(event) => { event.preventDefault(); send() }}>
            {offline && <p class="small composer-note" role="status">{t('composer.offline')}</p>}
            {problem !== null && <p class="problem-line composer-note" role="alert">{t(problem)}</p>}
            <div class="composer-row">
                <TextField
                    name="message" label={t('composer.label')} labelHidden placeholder={t('composer.placeholder')} many rows={1} value={text} fieldRef={field}
                    invalid={problem !== null} onKeyDown={onKeyDown} onInput={(value) => { setProblem(null); setText(value) }}
                />
                <Button action="send" kind="lead" submits>{t('composer.send')}</Button>
            </div>
        </form>
    )
}
