/**
 * The answer as its reader will see it, while it is being written: drawn by the reporter's own page, with its style, at
 * the width of a phone and in the reporter's language.
 */
import type { ShownMessage } from '../../session/types'
import { PartInLanguage, useWords } from '../../ui/parts/words'
import { Conversation } from '../../ui/steps/Conversation'
import type { Place } from '../places'
import { linesIn, writtenParts } from '../replies'
import { professionOf } from '../questions'
import { readersLanguage } from '../reader'
import { NO_DRAFT, type ConsoleState } from '../state'

export function Preview({ state, place }: { state: ConsoleState; place: Place }) {
    const { t } = useWords()
    const message = previewed(state, place)
    return (
        <section class="preview" aria-label={t('console.preview.title')} data-part="preview">
            <p class="soft small">{t('console.preview.text')}</p>
            <div class="child-page">
                {message === null
                    ? <p class="soft">{t('console.preview.empty')}</p>
                    : <PartInLanguage language={readersLanguage(state, place)}><Conversation messages={[message]} /></PartInLanguage>}
            </div>
        </section>
    )
}

/** What sending the answer now would give them; null while nothing is written. */
function previewed(state: ConsoleState, place: Place): ShownMessage | null {
    const draft = state.drafts.get(place.key) ?? NO_DRAFT
    const [parts, plain, ticks] = [writtenParts(draft), linesIn(draft.plain), linesIn(draft.ticks)]
    const { assessment } = draft
    if (parts.length + plain.length + ticks.length + assessment.length === 0) return null
    return {
        key: 'preview', author: 'expert', expertName: state.me?.name ?? null, profession: professionOf(place),
        at: state.nowS, state: 'received', leavesAtMs: null, left: null, isNew: false, content: { type: 'answer', parts, plain, ticks, assessment },
    }
}
