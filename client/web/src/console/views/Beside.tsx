/** What experts write for one another beside the case: notes of one profession, and questions to colleagues. */
import { flushSync, memo } from 'preact/compat'
import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Problem } from '../../ui/parts/Problem'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import { namedIn } from '../answering/law'
import { answersTo } from '../answering/second-pair'
import { LAWYER, PSYCHOLOGIST, type Place } from '../places'
import type { RoomNote, RoomView } from '../room'
import type { AsideKey } from '../rooms'
import { isMine } from '../questions'
import { PROFESSIONS, QUEUE_OF, type ConsoleState } from '../state'
import { useBooks } from './books-context'
import { useConsole, type ConsoleTools } from './console-context'
import { day, timeOfDay } from './times'

export function Beside({ state, place }: { readonly state: ConsoleState; readonly place: Place }) {
    const { t } = useWords()
    const { work } = useConsole()
    const rooms = state.beside.rooms.get(place.case)
    const notes = rooms?.filter(({ kind, queues }) => kind === 'notes' && isOf(queues, place)) ?? []
    const consultations = rooms?.filter(({ kind }) => kind === 'consultation') ?? []
    return (
        <section class="composer beside" aria-label={t('console.beside.title')}>
            <div class="composer-fields">
                <h3>{t('console.beside.notes')}</h3>
                <p class="soft small">{t(place.queue === LAWYER ? 'console.beside.notesLawyers' : 'console.beside.notesPsychologists')}</p>
                {rooms === undefined
                    ? <p class="soft" role="status">{t('common.loading')}</p>
                    : <Notes notes={notes.flatMap((room) => room.notes)} alarmed={notes.some((room) => room.alarms.length > 0)} />}
                <Words state={state} aside={`${place.case}/notes`} label={t('console.beside.newNote')} action={t('console.beside.save')} name="save-note" onSend={() => work.asides.note(place)} />
                <h3>{t('console.beside.consultations')}</h3>
                <p class="soft small">{t('console.beside.consultationsAbout')}</p>
                {consultations.map((room) => <Consultation key={room.id} state={state} room={room} mayEnd />)}
                <Ask state={state} place={place} />
            </div>
        </section>
    )
}

/** What cannot be read says of no queue what it is; it is told everywhere. */
const isOf = (queues: readonly number[], place: Place): boolean => queues.length === 0 || queues.includes(place.queue)

/** From the notes to where the reporter is answered. */
export function toReply({ tell }: Pick<ConsoleTools, 'tell'>): void {
    flushSync(() => tell({ type: 'beside', open: false }))
    document.querySelector<HTMLElement>('.composer textarea')?.focus()
}

/** A name or a number that the reporter gave to this profession alone. */
export function Slips({ state, place }: { readonly state: ConsoleState; readonly place: Place }) {
    const { t } = useWords()
    const slips = state.beside.rooms.get(place.case)?.filter(({ kind, queues }) => kind === 'slip' && isOf(queues, place)) ?? []
    if (slips.length === 0) return null
    return (
        <section class="card lit slips" data-part="slips">
            <h3>{t('console.beside.slips')}</h3>
            <Notes notes={slips.flatMap((room) => room.notes)} alarmed={slips.some((room) => room.alarms.length > 0)} />
            <p class="soft small">{t('console.beside.slipsAbout')}</p>
        </section>
    )
}

/** The notes in the reply's place, and back. */
export function toggleBeside({ work, tell, current }: Pick<ConsoleTools, 'work' | 'tell' | 'current'>, place: Place): void {
    const open = !current().beside.open
    flushSync(() => tell({ type: 'beside', open }))
    if (open) work.asides.read(place.case)
    document.querySelector<HTMLElement>('.composer textarea')?.focus()
}

/** Where others ask our queues; what we ask ourselves stands beside the case. */
export function askedOfMe(state: ConsoleState): readonly RoomView[] {
    const own = new Set([...state.queues.places.values()].filter((place) => isMine(state, place)).map((place) => place.case))
    return state.beside.advice.filter((room) => !own.has(room.case))
}

export function showAdvice(tell: ConsoleTools['tell']): void {
    flushSync(() => tell({ type: 'advising', on: true }))
    document.querySelector<HTMLElement>('[data-heading="advice"]')?.focus()
}

export function Advice({ state, back }: { readonly state: ConsoleState; readonly back: ComponentChildren }) {
    const { t } = useWords()
    const rooms = askedOfMe(state)
    return (
        <section class="case-pane advice" aria-label={t('console.advice.title')}>
            {back}
            <div class="asked">
                <h2 tabIndex={-1} data-heading="advice">{t('console.advice.title')}</h2>
                <p class="soft">{t('console.advice.about')}</p>
                {rooms.length === 0 && <p class="soft" role="status">{t('console.beside.nothing')}</p>}
                {rooms.map((room) => <Consultation key={room.id} state={state} room={room} mayEnd={false} />)}
            </div>
        </section>
    )
}

/** A consultation as both sides see it. */
export function Consultation({ state, room, mayEnd }: { readonly state: ConsoleState; readonly room: RoomView; readonly mayEnd: boolean }) {
    const { t } = useWords()
    const { work } = useConsole()
    const who = room.queues.map((queue) => t(queue === PSYCHOLOGIST ? 'console.beside.psychologists' : 'console.beside.lawyers')).join(', ')
    return (
        <article class="card consultation" data-room={room.id} data-ended={room.ended}>
            <p class="soft small">{t('console.beside.askedOf', { who })}</p>
            <Notices state={state} room={room} />
            {(room.notes.length > 0 || room.alarms.length > 0) && <Notes notes={room.notes} alarmed={room.alarms.length > 0} />}
            {room.isOpen
                ? <Words state={state} aside={`room/${room.id}`} label={t('console.beside.reply')} action={t('console.beside.send')} name="reply-room" onSend={() => work.asides.reply(room.id, room.case)} />
                : <p class="soft small" role="status">{t(room.ended ? 'console.beside.ended' : 'console.beside.otherKeys')}</p>}
            {mayEnd && room.isOpen && (
                <Button action="end-room" kind="quiet" off={state.beside.busy.has(`room/${room.id}`)} onPress={() => work.asides.end(room.id, room.case)}>{t('console.beside.end')}</Button>
            )}
        </article>
    )
}

/** A second pair of eyes is asked for: everybody but who asks may answer. SPEC 3.7 */
function Notices({ state, room }: { readonly state: ConsoleState; readonly room: RoomView }) {
    const { t, language } = useWords()
    const { work } = useConsole()
    const books = useBooks()
    const named = (id: string): string => books?.DUTIES.duties.find((duty) => duty.id === id)?.name[namedIn(language)] ?? id
    return (
        <>
            {room.marks.map((mark) => {
                const { content, head, isOwn, name, at } = mark
                if (content.type !== 'notice') return null
                const answers = answersTo(mark, room.marks)
                return (
                    <section key={head} class="stack tight" data-notice={content.duty}>
                        <p><strong>{t(isOwn ? 'console.pair.youAsked' : 'console.pair.isAsked', { name, duty: named(content.duty) })}</strong> <span class="soft small">{day(at, language)} {timeOfDay(at, language)}</span></p>
                        <p class="own-words" dir="auto">{content.reason}</p>
                        {[...answers].map(([author, one]) => (
                            <p key={author} class="aside own-words" dir="auto" data-agrees={one.reason === null}>
                                <strong>{one.name}</strong>{': '}{one.reason === null ? t('console.pair.agrees') : `${t('console.pair.agreesNot')} ${one.reason}`}
                            </p>
                        ))}
                        {!isOwn && room.isOpen && room.alarms.length === 0 && (
                            <>
                                <div class="actions"><Button action="agree" off={state.beside.busy.has(`${room.id}/notice/no`)} onPress={() => work.asides.agree(room.id, room.case, head)}>{t('console.pair.agree')}</Button></div>
                                <Words state={state} aside={`${room.id}/notice/no`} label={t('console.pair.whyNot')} action={t('console.pair.disagree')} name="disagree" onSend={() => work.asides.disagree(room.id, room.case, head)} />
                            </>
                        )}
                    </section>
                )
            })}
        </>
    )
}

function Ask({ state, place }: { readonly state: ConsoleState; readonly place: Place }) {
    const { t } = useWords()
    const { work } = useConsole()
    const [chosen, choose] = useState<ReadonlySet<number>>(new Set([place.queue]))
    const toggle = (queue: number): void => {
        const changed = new Set(chosen)
        if (!changed.delete(queue)) changed.add(queue)
        choose(changed)
    }
    return (
        <fieldset class="ask">
            <legend>{t('console.beside.askWhom')}</legend>
            <div class="ask-whom">
                {PROFESSIONS.map((profession) => (
                    <label key={profession} class="tick">
                        <input type="checkbox" data-ask={profession} checked={chosen.has(QUEUE_OF[profession])} disabled={QUEUE_OF[profession] === place.queue} onChange={() => toggle(QUEUE_OF[profession])} />
                        {t(profession === 'lawyer' ? 'console.beside.lawyers' : 'console.beside.psychologists')}
                    </label>
                ))}
            </div>
            <p class="soft small">{t('console.beside.askOwnWords')}</p>
            <Words state={state} aside={`${place.case}/ask`} label={t('console.beside.question')} action={t('console.beside.ask')} name="ask" onSend={() => work.asides.ask(place, [...chosen])} />
        </fieldset>
    )
}

const Notes = memo(({ notes, alarmed }: { readonly notes: readonly RoomNote[]; readonly alarmed: boolean }) => {
    const { t, language } = useWords()
    const shown = notes.toSorted((one, other) => one.at - other.at)
    return (
        <>
            {alarmed && <Problem code="history-gap"><strong>{t('console.alarm.tellCoordinator')}</strong></Problem>}
            {shown.length === 0 && !alarmed && <p class="soft small">{t('console.beside.nothing')}</p>}
            {shown.length > 0 && (
                <ul class="asides">
                    {shown.map(({ key, at, author, name, text }) => (
                        <li key={key} class={`aside ${author}`}>
                            <p class="entry-top"><strong>{author === 'you' ? t('console.case.you') : (name ?? t('console.case.reporter'))}</strong> <span class="soft small">{day(at, language)} {timeOfDay(at, language)}</span></p>
                            <p class="own-words" dir="auto">{text}</p>
                        </li>
                    ))}
                </ul>
            )}
        </>
    )
})

interface WordsProps {
    readonly state: ConsoleState
    readonly aside: AsideKey
    readonly label: string
    readonly action: string
    readonly name: string
    readonly onSend: () => void
}

export function Words({ state, aside, label, action, name, onSend }: WordsProps) {
    const { t } = useWords()
    const { tell } = useConsole()
    const id = useId()
    const busy = state.beside.busy.has(aside)
    const error = state.beside.errors.get(aside)
    return (
        <form class="aside-words" onSubmit={(event) => { event.preventDefault(); onSend() }}>
            <label for={id}>{label}</label>
            <textarea
                {...PRIVATE_FIELD} id={id} class="input" rows={2} dir="auto" data-aside={name} maxLength={10_000} readOnly={busy}
                value={state.beside.words.get(aside) ?? ''} onInput={(event) => tell({ type: 'aside-words', key: aside, text: event.currentTarget.value })}
            />
            {error !== undefined && <Problem code={error} gentle={error === 'message-empty'} />}
            <Button action={name} submits off={busy}>{busy ? t('console.beside.saving') : action}</Button>
        </form>
    )
}
