/** The duties that may apply in a case, each with its source and its steps; and what of them is still open. */
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import { answerId, dutiesIn, NO_ANSWERS, openDuties, openSteps, type Duty, type DutyAnswers, type Situation, type Step } from '../answering/duties'
import { namedIn } from '../answering/law'
import type { Place, PlaceKey } from '../places'
import { professionOf } from '../questions'
import type { ConsoleState } from '../state'
import { useBooks } from './books-context'
import { useConsole } from './console-context'

const ANSWERS = ['yes', 'no'] as const

const situationOf = (state: ConsoleState, key: PlaceKey): Situation => {
    const facts = state.cards.get(key)?.facts
    return { role: facts?.role ?? null, topic: facts?.topic ?? null }
}

export function DutyList({ state, place }: { state: ConsoleState; place: Place }) {
    const { t } = useWords()
    const books = useBooks()
    const answers = state.duties.get(place.key) ?? NO_ANSWERS
    const situation = situationOf(state, place.key)
    const open = books === null ? 0 : openDuties(books.DUTIES, situation, answers).length
    return (
        <details class="duty">
            <summary>{t('console.duty.title')} {open > 0 && <span class="drafted" data-open-duties={open}>{t('console.duty.open', { count: open })}</span>}</summary>
            <p class="small">{t('console.duty.text')}</p>
            {books !== null && dutiesIn(books.DUTIES, situation).map((duty) => (
                <DutyRow key={duty.id} duty={duty} answers={answers} place={place} />
            ))}
            <p class="soft small">{t('console.duty.kept')}</p>
        </details>
    )
}

function DutyRow({ duty, answers, place }: { duty: Duty; answers: DutyAnswers; place: Place }) {
    const { t, language } = useWords()
    const desk = namedIn(language)
    const profession = professionOf(place)
    const open = openSteps(duty, answers)
    const hasConcern = answers[answerId(duty, 'concern')] === 'yes'
    return (
        <section class="duty-row" data-duty={duty.id} data-done={open.length === 0}>
            <h3>{duty.name[desk]}</h3>
            <p class="small">{duty.when[desk]}</p>
            <p class="small">{duty.who[desk]} {profession !== null && duty.professions[profession] === 'depends' && <strong>{t('console.duty.depends')}</strong>}</p>
            <p class="soft small">{duty.source}{duty.needs_check && ` · ${t('console.law.needsCheck')}`}</p>
            {duty.steps.filter((step) => step === 'concern' || hasConcern).map((step) => (
                <StepRow key={step} duty={duty} step={step} answers={answers} place={place} />
            ))}
        </section>
    )
}

function StepRow({ duty, step, answers, place }: { duty: Duty; step: Step; answers: DutyAnswers; place: Place }) {
    const { t } = useWords()
    const { tell } = useConsole()
    const id = answerId(duty, step)
    const question = t(`console.duty.step.${step}`)
    return (
        <div class="duty-step" role="group" aria-label={question} data-step={id}>
            <span class="small">{question}</span>
            {ANSWERS.map((answer) => (
                <button
                    key={answer} type="button" class="tab" data-answer={answer} aria-pressed={answers[id] === answer}
                    onClick={() => tell({ type: 'duty', key: place.key, id, answer })}
                >
                    {t(`console.duty.${answer}`)}
                </button>
            ))}
        </div>
    )
}

/** Asked before a case is closed; closing stays possible, for the expert knows more than a list. */
export function OpenDuties({ state, place, onShut }: { state: ConsoleState; place: PlaceKey; onShut: () => void }) {
    const { t, language } = useWords()
    const books = useBooks()
    const open = books === null ? [] : openDuties(books.DUTIES, situationOf(state, place), state.duties.get(place) ?? NO_ANSWERS)
    if (open.length === 0) return null
    const show = (): void => {
        onShut()
        requestAnimationFrame(() => {
            const list = document.querySelector<HTMLDetailsElement>('details.duty')
            if (list === null) return
            list.open = true
            list.querySelector('summary')?.focus()
            list.scrollIntoView({ block: 'start' })
        })
    }
    return (
        <div class="card lit stack tight" data-part="open-duties">
            <p><strong>{t('console.duty.beforeClosing')}</strong></p>
            <ul class="plain-lines">{open.map((duty) => <li key={duty.id}>{duty.name[namedIn(language)]}</li>)}</ul>
            <div><Button action="to-duties" onPress={show}>{t('console.duty.toList')}</Button></div>
        </div>
    )
}
