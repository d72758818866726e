/** What happened, in own words. Only the words are needed; the taps below help, and may be left. */
import { useRef, useState } from 'preact/hooks'
import type { Age, Role, Service, Topic } from '../../session/types'
import { Choice } from '../parts/Choice'
import { StepFrame } from '../parts/StepFrame'
import { TextField } from '../parts/TextField'
import { useWords } from '../parts/words'
import { TEXT_CODE_POINTS } from '../state'
import type { StepProps } from './flow'

const TOPICS: readonly Topic[] = ['bullying', 'threats', 'picture-shared', 'blackmail', 'adult-contact', 'fake-profile', 'account-taken', 'scam', 'disturbing', 'left-out', 'other']
const SERVICES: readonly Service[] = ['tiktok', 'snapchat', 'whatsapp', 'instagram', 'discord', 'roblox', 'youtube', 'telegram', 'fortnite', 'minecraft', 'steam', 'jodel', 'wilma', 'other']
const ROLES: readonly Role[] = ['pupil', 'staff']
const AGES: readonly Age[] = ['7-9', '10-12', '13-15', '16-18', 'adult']
const SHOW_LEFT_FROM = 500

export function What({ state, later, dispatch, onNext, onBack }: StepProps) {
    const { t } = useWords()
    const { text, topic, services, role, age } = state.draft
    const [problem, setProblem] = useState<'what.empty' | 'what.tooLong' | null>(null)
    const field = useRef<HTMLElement>(null)
    const left = TEXT_CODE_POINTS - [...text].length

    const check = () => {
        const found = text.trim() === '' ? 'what.empty' : left < 0 ? 'what.tooLong' : null
        setProblem(found)
        if (found === null) onNext()
        else field.current?.focus()
    }
    return (
        <StepFrame step="what" title={t('what.title')} intro={t('what.intro')} onBack={onBack} onNext={check}>
            <div class="card stack tight">
                <TextField
                    name="text" label={t('what.label')} hint={t('what.hint')} value={text} many rows={7} fieldRef={field} invalid={problem !== null}
                    onInput={(value) => { setProblem(null); dispatch({ type: 'fill', part: { text: value } }) }}
                />
                {problem !== null && <p class="problem-line" role="alert">{t(problem)}</p>}
                {left <= SHOW_LEFT_FROM && left >= 0 && <p class="soft small">{t('what.charactersLeft', { count: left })}</p>}
                <p class="soft small">{t('what.notSavedHere')}</p>
            </div>
            {later && <later.SchoolNote school={state.draft.school} onTakeAway={() => dispatch({ type: 'fill', part: { school: null } })} />}
            <div class="card stack wide-gap">
                <p class="soft">{t('what.optional')}</p>
                <Choice
                    chips legend={t('what.topicsTitle')} options={TOPICS.map((value) => ({ value, label: t(`topics.${value}`) }))}
                    chosen={topic === null ? [] : [topic]} onChoose={(value) => dispatch({ type: 'fill', part: { topic: value } })}
                />
                <Choice
                    chips many legend={t('what.servicesTitle')} options={SERVICES.map((value) => ({ value, label: t(`services.${value}`) }))}
                    chosen={services} onChoose={(service, chosen) => dispatch({ type: 'service', service, chosen })}
                />
                <Choice
                    chips legend={t('what.roleTitle')} options={ROLES.map((value) => ({ value, label: t(`roles.${value}`) }))}
                    chosen={role === null ? [] : [role]} onChoose={(value) => dispatch({ type: 'fill', part: { role: value } })}
                />
                <Choice
                    chips legend={t('what.ageTitle')} options={AGES.map((value) => ({ value, label: t(`ages.${value}`) }))}
                    chosen={age === null ? [] : [age]} onChoose={(value) => dispatch({ type: 'fill', part: { age: value } })}
                />
            </div>
        </StepFrame>
    )
}
