/** What the state line of a case says, and by when an answer is promised: pure. */
import { promisedUntil } from '@lyhty/crypto/hours'
import type { Hours } from '@lyhty/crypto/hours'
import type { TextKey } from '../i18n/text'
import type { CaseView, Profession, ShownMessage } from '../session/types'

/** A question is no answer, and a new key says nothing. */
const isAnswer = ({ author, content }: ShownMessage): boolean =>
    author === 'expert' && (content.type === 'chat' || content.type === 'answer')

const lastIsAnswer = ({ messages }: CaseView): boolean => {
    const last = messages.findLast(({ content }) => content.type !== 'ask' && content.type !== 'turn')
    return last !== undefined && isAnswer(last)
}

export interface Promised {
    readonly untilS: number
    readonly isLate: boolean
    /** Who alone still owes it; null: nobody has written yet. */
    readonly by: Profession | null
}

/** The promise that is still open, or null: kept, given by nobody, or not known while older messages are on their way. */
export function promiseOf(view: CaseView, hours: Hours | null, nowS: number): Promised | null {
    if (hours === null || view.opened === null || view.older !== null) return null
    const wrote = new Set(view.messages.filter(isAnswer).map(({ profession }) => profession))
    const open = view.places.filter(({ state }) => state !== 'closed')
    const one = open.find(({ profession }) => !wrote.has(profession))
    if (one === undefined) return null
    const untilS = promisedUntil(hours, hourOf(view, one.profession) ?? view.opened.hour, view.opened.urgent)
    return untilS === null ? null : { untilS, isLate: untilS <= nowS, by: wrote.size > 0 ? one.profession : null }
}

/** In which hour the person let this profession in, if later than the others. SPEC 9.5 */
function hourOf({ messages }: CaseView, profession: Profession): number | null {
    const yes = messages.find(({ content }) => content.type === 'consent' && content.what !== 'no' && content.profession === profession)
    return yes === undefined ? null : Math.floor(yes.at / 3_600)
}

/** Whether somebody had the case and could not go on, and nobody else has it yet. */
export const hasComeBack = (view: CaseView): boolean => view.places.some(({ state }) => state === 'waiting-again')

export function stateLine(view: CaseView): TextKey {
    if (view.state === 'closed') return 'case.state.closed'
    if (lastIsAnswer(view)) return 'case.state.answered'
    const held = view.places.find((place) => place.state === 'held')
    if (held) return held.profession === 'lawyer' ? 'case.state.heldLawyer' : 'case.state.heldPsychologist'
    const waiting = view.places.filter(({ state }) => state === 'waiting' || state === 'waiting-again')
    const [only] = waiting
    if (only === undefined || waiting.length > 1) return 'case.state.waiting'
    return only.profession === 'lawyer' ? 'case.state.waitingLawyer' : 'case.state.waitingPsychologist'
}

/** Till when it is kept at least: a week before the days are over that begin with the newest writing. SPEC 8.1 */
export const keptUntilS = ({ messages }: Pick<CaseView, 'messages'>, { keepDays }: Hours): number | null =>
    messages.length === 0 ? null : Math.max(...messages.map(({ at }) => at)) + (keepDays - 7) * 86_400
