/** Whether the answer helped: one tap inside it, that can be changed until it leaves, and left altogether. SPEC 4.8 */
import { HELPED } from '@lyhty/crypto/contents'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { HelpedView } from '../../session/types'
import { Announcer } from './Announcer'
import { Choice } from './Choice'
import { useWords } from './words'

interface Helped {
    readonly view: HelpedView
    readonly isClosed: boolean
    readonly say: (answer: NonNullable<HelpedView['answer']>) => void
}

/** Beside the list of messages, so that a tap draws no row anew. */
export const HelpedContext = createContext<Helped | null>(null)

/** `answerId`: of the answer it stands in. */
export function HelpedQuestion({ answerId }: { answerId: string }) {
    const { t } = useWords()
    const helped = useContext(HelpedContext)
    if (helped?.view.answerId !== answerId) return null
    const { asked, answer, state } = helped.view
    const isSaid = state === 'sending' || state === 'sent'
    return (
        <section class="card plain stack tight" data-asked={asked} data-helped-state={state}>
            {!isSaid && (
                <>
                    <Choice
                        legend={t(`helped.${asked}`)} hint={t('helped.why')} options={HELPED.map((value) => ({ value: `helped-${value}` as const, label: t(`helped.${value}`) }))}
                        chosen={answer === null ? [] : [`helped-${answer}`]} onChoose={(value) => helped.say(HELPED.find((one) => value === `helped-${one}`) ?? 'no')}
                    />
                    {state === 'failed' && <p class="problem-line" role="alert">{t('helped.failed')}</p>}
                </>
            )}
            <Announcer shown>
                {isSaid && answer !== null && <p><strong>{t('helped.thanks', { answer: t(`helped.${answer}`) })}</strong></p>}
                {state === 'leaving' && <p class="small">{t('helped.change')}</p>}
                {(isSaid || state === 'leaving') && answer === 'no' && <p>{t(helped.isClosed ? 'helped.askAgain' : 'helped.tellMore')}</p>}
            </Announcer>
        </section>
    )
}
