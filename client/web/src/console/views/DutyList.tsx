/** The duties that may apply in a case, each with its source and its steps; and what of them is still open. */
import { Button } from '../../ui/parts/Button'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import { answerId, dutiesIn, NO_ANSWERS, openDuties, openSteps, toggled, type Duty, type DutyAnswer, type DutyAnswers, type Situation, type Step } from '../answering/duties'
import { namedIn } from '../answering/law'
import { needsTwo, owesSecond, secondPair, sharedAnswers, type SharedAnswer } from '../answering/second-pair'
import type { Place, PlaceKey } from '../places'
import { professionOf } from '../questions'
import type { ConsoleState } from '../state'
import { Words } from './Beside'
import { useBooks } from './books-context'
import { useConsole } from './console-context'
import { day, timeOfDay } from './times'

const ANSWERS = ['yes', 'no'] as const

/** What its holders have answered, and above it what was said here and is not stored yet. */
function answersOf(state: ConsoleState, key: PlaceKey): { readonly answers: DutyAnswers; readonly shared: ReadonlyMap<string, SharedAnswer>; readonly owes: (duty: Duty) => boolean } {
    const rooms = state.beside.rooms.get(key.slice(0, key.lastIndexOf('/'))) ?? []
    const shared = sharedAnswers(rooms)
    const stored = Object.fromEntries([...shared].map(([id, { answer }]) => [id, answer]))
    const answers = { ...stored, ...(state.duties.get(key) ?? NO_ANSWERS) }
    return { answers, shared, owes: (duty) => owesSecond(duty, answers[answerId(duty, 'notified')], secondPair(duty.id, rooms)) }
}

const situationOf = (state: ConsoleState, key: PlaceKey): Situation => {
    const facts = state.cards.get(key)?.facts
    return { role: facts?.role ?? null, topic: facts?.topic ?? null }
}

export function DutyList({ state, place }: { state: ConsoleState; place: Place }) {
    const { t } = useWords()
    const books = useBooks()
    const { answers, shared, owes } = answersOf(state, place.key)
    const situation = situationOf(state, place.key)
    const open = books === null ? 0 : openDuties(books.DUTIES, situation, answers, owes).length
    const error = state.beside.errors.get(`${place.case}/duties`)
    return (
        <details class="duty">
            <summary>{t('console.duty.title')} {open > 0 && <span class="drafted" data-open-duties={open}>{t('console.duty.open', { count: open })}</span>}</summary>
            <p class="small">{t('console.duty.text')}</p>
            {error !== undefined && <Problem code={error} />}
            {books !== null && dutiesIn(books.DUTIES, situation).map((duty) => (
                <DutyRow key={duty.id} state={state} duty={duty} answers={answers} shared={shared} isOwed={owes(duty)} place={place} />
            ))}
            <p class="soft small">{t('console.duty.kept')}</p>
        </details>
    )
}

interface DutyProps {
    readonly state: ConsoleState
    readonly duty: Duty
    readonly answers: DutyAnswers
    readonly shared: ReadonlyMap<string, SharedAnswer>
    readonly place: Place
}

function DutyRow({ isOwed, ...props }: DutyProps & { readonly isOwed: boolean }) {
    const { t, language } = useWords()
    const { duty, answers, place } = props
    const desk = namedIn(language)
    const profession = professionOf(place)
    const open = openSteps(duty, answers)
    const hasConcern = answers[answerId(duty, 'concern')] === 'yes'
    return (
        <section class="duty-row" data-duty={duty.id} data-done={open.length === 0 && !isOwed}>
            <h3>{duty.name[desk]}</h3>
            <p class="small">{duty.when[desk]}</p>
            <p class="small">{duty.who[desk]} {profession !== null && duty.professions[profession] === 'depends' && <strong>{t('console.duty.depends')}</strong>}</p>
            <p class="soft small">{duty.source}{duty.needs_check && ` · ${t('console.law.needsCheck')}`}</p>
            {duty.steps.filter((step) => step === 'concern' || hasConcern).map((step) => (
                step === 'notified' && needsTwo(duty) ? <NoticeRow key={step} {...props} /> : <StepRow key={step} step={step} {...props} />
            ))}
        </section>
    )
}

function StepRow({ duty, step, answers, shared, place }: DutyProps & { readonly step: Step }) {
    const { t } = useWords()
    const id = answerId(duty, step)
    const question = t(`console.duty.step.${step}`)
    return (
        <div class="duty-step" role="group" aria-label={question} data-step={id}>
            <span class="small">{question} <SaidBy shared={shared.get(id)} /></span>
            {ANSWERS.map((answer) => <AnswerButton key={answer} id={id} answer={answer} before={answers[id]} place={place} label={t(`console.duty.${answer}`)} />)}
        </div>
    )
}

function AnswerButton({ id, answer, before, place, label, off = false }: { readonly id: string; readonly answer: DutyAnswer; readonly before: DutyAnswer | null | undefined; readonly place: Place; readonly label: string; readonly off?: boolean }) {
    const { work } = useConsole()
    return (
        <button type="button" class="tab" data-answer={answer} aria-pressed={before === answer} disabled={off} onClick={() => work.asides.duty(place, id, toggled(before, answer))}>
            {label}
        </button>
    )
}

/** Who has answered, where it was not oneself. */
function SaidBy({ shared }: { readonly shared: SharedAnswer | undefined }) {
    const { t, language } = useWords()
    if (shared === undefined || shared.isOwn || shared.answer === null) return null
    return <span class="soft">{t('console.pair.saidBy', { name: shared.name, when: `${day(shared.at, language)} ${timeOfDay(shared.at, language)}` })}</span>
}

/** A notice to an authority: two have seen it before it is made, or, when somebody is in danger, afterwards. Help comes first. */
function NoticeRow({ state, duty, answers, shared, place }: DutyProps) {
    const { t } = useWords()
    const { work } = useConsole()
    const id = answerId(duty, 'notified')
    const question = t('console.duty.step.notified')
    const { eyes, request, answers: seen } = secondPair(duty.id, state.beside.rooms.get(place.case) ?? [])
    const made = answers[id] ?? null
    const isMade = made === 'yes' || made === 'at-once'
    const names = seen.filter(({ reason }) => reason === null).map(({ name }) => name).join(', ')
    return (
        <div class="duty-notice stack tight" role="group" aria-label={question} data-step={id} data-eyes={eyes} data-made={made ?? 'none'}>
            <p class="small"><strong>{question}</strong> <SaidBy shared={shared.get(id)} /></p>
            <p class="small" role="status">
                {t(eyes === 'agreed' ? 'console.pair.agreed' : eyes === 'refused' ? 'console.pair.refused' : eyes === 'asked' ? 'console.pair.asked' : 'console.pair.needed', { name: names })}
                {isMade && eyes !== 'agreed' && <strong class="warned"> {t('console.pair.owed')}</strong>}
            </p>
            {seen.filter(({ reason }) => reason !== null).map(({ name, reason }) => <p key={name} class="small own-words" dir="auto"><strong>{name}</strong>{': '}{reason}</p>)}
            {request !== null && <p class="small soft own-words" dir="auto">{t('console.pair.reasonWas', { name: request.name })}{' '}{request.reason}</p>}
            <div class="duty-step">
                <AnswerButton id={id} answer="yes" before={made} place={place} off={eyes !== 'agreed' && made !== 'yes'} label={t('console.pair.made')} />
                <AnswerButton id={id} answer="at-once" before={made} place={place} label={t('console.pair.atOnce')} />
                <AnswerButton id={id} answer="no" before={made} place={place} label={t('console.pair.notMade')} />
            </div>
            {eyes !== 'agreed' && made !== 'no' && (
                <details key={request?.at ?? 0} class="ask-to-see" data-part="ask-to-see">
                    <summary>{t(eyes === 'not-asked' ? 'console.pair.ask' : 'console.pair.askAgain')}</summary>
                    <p class="soft small">{t('console.beside.askOwnWords')}</p>
                    <Words state={state} aside={`${place.case}/notice/${duty.id}`} label={t('console.pair.why')} action={t('console.pair.ask')} name="ask-to-see" onSend={() => work.asides.askToSee(place, duty.id)} />
                </details>
            )}
        </div>
    )
}

/** Asked before a case is closed; closing stays possible, for the expert knows more than a list. */
export function OpenDuties({ state, place, onShut }: { state: ConsoleState; place: PlaceKey; onShut: () => void }) {
    const { t, language } = useWords()
    const books = useBooks()
    const { answers, owes } = answersOf(state, place)
    const open = books === null ? [] : openDuties(books.DUTIES, situationOf(state, place), answers, owes)
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
