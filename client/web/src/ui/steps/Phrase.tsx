/** The eight picture words: the only way back. Copying is for the person's own device. */
import { useEffect, useState } from 'preact/hooks'
import { Announcer } from '../parts/Announcer'
import { Button } from '../parts/Button'
import { useLink } from '../parts/link'
import { OtherDevice } from '../parts/OtherDevice'
import { PhraseCard } from '../parts/PhraseCard'
import { StepFrame } from '../parts/StepFrame'
import { useWords } from '../parts/words'
import { wordOf } from '../pictures'
import type { StepProps } from './flow'

export function Phrase({ state, session, dispatch, onNext, onBack }: StepProps) {
    const { t, language } = useWords()
    const [copied, setCopied] = useState<boolean | null>(null)
    const { phrase } = state
    const canTakeAlong = useLink() !== null
    useEffect(() => {
        if (phrase === null) dispatch({ type: 'draw', phrase: session.drawPhrase() })
    }, [phrase])
    const copy = () => {
        const words = (phrase ?? []).map((index) => wordOf(index, language)).join(' ')
        navigator.clipboard.writeText(words).then(() => setCopied(true), () => setCopied(false))
    }
    const isOwn = state.draft.device === 'own'
    return (
        <StepFrame
            step="phrase" title={t('phrase.title')} intro={t('phrase.intro')} next={t('phrase.saved')} onBack={onBack}
            onNext={() => { dispatch({ type: 'save' }); onNext() }}
        >
            {phrase !== null && <PhraseCard phrase={phrase} />}
            <div class="card lit stack tight">
                <p><strong>{t('phrase.onlyWay')}</strong></p>
                <p>{t('phrase.howToKeep')} {t('phrase.order')}</p>
            </div>
            <div class="row">
                {isOwn && canTakeAlong && <Button action="copy" onPress={copy}>{t('phrase.copy')}</Button>}
                {canTakeAlong && <Button action="print" onPress={() => print()}>{t('phrase.print')}</Button>}
            </div>
            {phrase !== null && <OtherDevice phrase={phrase} />}
            {!isOwn && canTakeAlong && <p class="soft small">{t('phrase.copyHidden')}</p>}
            <Announcer shown>{copied !== null && <p>{t(copied ? 'phrase.copied' : 'phrase.copyFailed')}</p>}</Announcer>
        </StepFrame>
    )
}
